"""Small things the routes share: exact methods, request bodies, refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nodegraph.scope.simulator.validate import Check, InvalidError, checked

API = "/api/v1"
_LARGEST = 16 << 20  # bytes of a JSON body

Endpoint = Callable[[Request], Awaitable[Response]]


def exact(method: str, path: str, endpoint: Endpoint) -> Route:
    """Make a route for one method only: unlike Starlette's, a GET does not answer HEAD."""
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}
    return route


def constant(body: Any) -> Endpoint:
    """Make an endpoint that always answers the same."""

    async def endpoint(request: Request) -> Response:
        return JSONResponse(body)

    return endpoint


def events(listen: Callable[[], AsyncIterator[str]]) -> Endpoint:
    """Make an endpoint that answers with a stream of events (Server-Sent Events)."""

    async def endpoint(request: Request) -> Response:
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        return StreamingResponse(listen(), media_type="text/event-stream", headers=headers)

    return endpoint


async def read(request: Request, check: Check) -> Any:
    """Read and check a JSON body.

    Raises:
        InvalidError: it is not JSON, or does not fit.
        HTTPException: 413, it is larger than any that makes sense.
    """
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > _LARGEST:
            raise HTTPException(413, "Request body too large")
    if not data:
        raise InvalidError([_missing("body", None)])
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        return checked(check, data.decode("utf-8", "replace"))
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        place = getattr(error, "pos", 0)
        reason = getattr(error, "msg", str(error))
        wrong = {"type": "json_invalid", "loc": ["body", place], "msg": "JSON decode error"}
        raise InvalidError([wrong | {"input": {}, "ctx": {"error": reason}}]) from error
    return checked(check, body)


def query(request: Request, key: str) -> str:
    """Return a query parameter that must be there.

    Raises:
        InvalidError: it is not.
    """
    if (value := request.query_params.get(key)) is None:
        raise InvalidError([_missing("query", key)])
    return value


def whole(request: Request, key: str, default: int, low: int, high: int | None = None) -> int:
    """Return a query parameter that is an integer in a range.

    Raises:
        InvalidError: it is not.
    """
    text = request.query_params.get(key)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise InvalidError([_wrong("int_parsing", key, message, text)]) from None
    if value < low:
        message = f"Input should be greater than or equal to {low}"
        wrong = _wrong("greater_than_equal", key, message, text)
        raise InvalidError([{**wrong, "ctx": {"ge": low}}])
    if high is not None and value > high:
        message = f"Input should be less than or equal to {high}"
        raise InvalidError([{**_wrong("less_than_equal", key, message, text), "ctx": {"le": high}}])
    return value


def _wrong(kind: str, key: str, message: str, value: str) -> dict[str, Any]:
    return {"type": kind, "loc": ["query", key], "msg": message, "input": value}


def _missing(place: str, key: str | None) -> dict[str, Any]:
    loc = [place] if key is None else [place, key]
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}
