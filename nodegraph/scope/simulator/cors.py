"""Let web pages of any origin in, with exactly the headers Scope 0.2.4 sends."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


class AnyOrigin:
    """The middleware; Starlette's own answers differently from release to release."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(origin, headers)(scope, receive, send)
        else:
            await self._app(scope, receive, _allowing(send))


def _preflight(origin: str, headers: Headers) -> PlainTextResponse:
    allowed = {
        "vary": "Origin",
        "access-control-allow-methods": _METHODS,
        "access-control-max-age": "600",
        "access-control-allow-credentials": "true",
        "access-control-allow-origin": origin,
    }
    if (asked := headers.get("access-control-request-headers")) is not None:
        allowed["access-control-allow-headers"] = asked
    return PlainTextResponse("OK", headers=allowed)


def _allowing(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["access-control-allow-origin"] = "*"
            headers["access-control-allow-credentials"] = "true"
        await send(message)

    return wrapped
