"""How a question reaches the server and an answer comes back: once, in bounded time and space.

Time-outs, in seconds, are of a whole exchange where it is short, and of each step (one piece sent
or received) where a file is moved:

    ANSWER    5      what a server knows at once; another may be given to `ScopeRest`
    OFFER     20     an offer takes 5 s when the server's own STUN server does not answer
    MOVE      60     one step of an upload or download
    EVENTS    90     between two events; a server that has none says so each 30 s
    INSTALL   1800   until a LoRA or a plugin is on the server, which answers only then

A question is asked a second time only if asking twice cannot do harm: the connection broke, and
the question is a GET that changes nothing, a PUT or a DELETE. A time-out is not repeated.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from types import TracebackType
from typing import NamedTuple, Self, TypedDict, Unpack

import httpx

from nodegraph.scope.address import is_nearby, normalise, spoken
from nodegraph.scope.answers import Json
from nodegraph.scope.errors import InTheClear, NotScope, ScopeError, ScopeSilent, ScopeUnreachable
from nodegraph.scope.rest.refusals import refusal
from nodegraph.scope.secret import Secret

ANSWER, OFFER, MOVE, EVENTS, INSTALL = 5.0, 20.0, 60.0, 90.0, 1800.0
LARGEST = 8 << 20  # bytes of an answer that is read into memory
IDLE = 2.0  # seconds that a connection is kept: uvicorn closes its end after 5
ABSENT = (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol)
BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError)
TWICE = ("GET", "PUT", "DELETE")

Query = Mapping[str, str | int]


class Question(TypedDict, total=False):
    """What is asked beside method and path."""

    params: Query
    json: object
    content: AsyncIterator[bytes] | bytes
    headers: Mapping[str, str]
    timeout: float
    once: bool
    """It changes something although it is a GET: never ask twice."""
    moves: bool
    """A file goes with it: the time-out is of each step."""
    secret: Secret | None
    """It is in the body: nothing that is said of this exchange may hold it."""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: httpx.Headers
    content: bytes

    def body(self) -> object:
        """The content as JSON, or None where it is none."""
        try:
            read: object = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return read


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to believe on the web: to read that takes longer than a frame lasts."""
    return httpx.create_ssl_context()


class Transport:
    """One server. `url` is as a person types it; see `address.normalise`.

    `transport` replaces the network (tests). Use as `async with`, or call `aclose`.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = ANSWER,
    ) -> None:
        self.address = normalise(url)
        """With the name and password that it may hold."""
        self.url = spoken(self.address)
        """The same for anybody to read."""
        full = httpx.URL(self.address)
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            auth=(full.username, full.password) if full.userinfo else None,
            transport=transport,
            verify=_trusted(),
            limits=httpx.Limits(keepalive_expiry=IDLE),
            trust_env=not is_nearby(self.url),  # a proxy for the web is no way to this machine
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _object(self, method: str, path: str, **asked: Unpack[Question]) -> Json:
        """The JSON object that the endpoint answers with."""
        reply = await self._reply(method, path, **asked)
        body = reply.body()
        if not isinstance(body, dict):
            kind = reply.headers.get("content-type", "no content type")
            raise NotScope(
                f"{self.url}{path} answered with {kind:.80}, not with an object of JSON "
                "as Scope does; check that the address and the port are those of a Scope server, "
                "and that it is new enough to have this endpoint."
            )
        return body

    async def _reply(self, method: str, path: str, **asked: Unpack[Question]) -> Reply:
        """The answer, if it is one of success and comes in time."""
        again = method in TWICE and not asked.get("once", False)
        try:
            whole = None if asked.get("moves") else asked.get("timeout", self._timeout)
            async with asyncio.timeout(whole):
                return await self._try(method, path, again, **asked)
        except TimeoutError as error:
            raise self._silent(path) from error

    async def _try(self, method: str, path: str, again: bool, **asked: Unpack[Question]) -> Reply:
        try:
            async with self._opened(method, path, **asked) as response:
                return await self._finished(response)
        except ScopeUnreachable as error:
            if again and isinstance(error.__cause__, BROKEN):
                return await self._try(method, path, False, **asked)
            raise

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, **asked: Unpack[Question]
    ) -> AsyncIterator[httpx.Response]:
        """The beginning of an answer of success; the time-out is that of each step."""
        secret = asked.get("secret")
        elsewhere = secret is None  # a redirect would carry it there
        if self._client.is_closed:
            raise ScopeUnreachable(f"{self.url} has been let go of; nothing more is asked there.")
        request = self._built(method, path, **asked)
        try:
            response = await self._client.send(request, stream=True, follow_redirects=elsewhere)
            try:
                if not response.is_success:
                    reply = await self._finished(response)
                    raise refusal(self.url, method, path, reply.status, reply.body(), secret)
                yield response
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            raise self._silent(path) from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            if isinstance(error, ABSENT):
                told = f"Nothing answers at {self.url} ({why}); start Scope there, or give another"
                raise ScopeUnreachable(f"{told} address.") from error
            told = f"What {self.url} says broke off ({why}); check that Scope still runs there."
            raise ScopeUnreachable(told) from error

    def _built(self, method: str, path: str, **asked: Unpack[Question]) -> httpx.Request:
        try:
            if not {".", ".."}.isdisjoint(path.split("/")):
                raise ValueError("a name in it leads to another endpoint")
            return self._client.build_request(
                method,
                self.url + path,
                params=asked.get("params"),
                json=asked.get("json"),
                content=asked.get("content"),
                headers=asked.get("headers"),
                timeout=asked.get("timeout", self._timeout),
            )
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise ScopeError(f"That cannot be said to {self.url}{path:.80}: {error}.") from error

    async def _finished(self, response: httpx.Response) -> Reply:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > LARGEST:
                raise NotScope(
                    f"{self.url} answers with more than {LARGEST >> 20} MB where Scope says a few "
                    "words; check that the address and the port are those of a Scope server."
                )
        return Reply(response.status_code, response.headers, bytes(content))

    def _private(self, secret: Secret | None) -> None:
        """Raise InTheClear if anybody on the way could read it."""
        if secret is not None and self.url.startswith("http://") and not is_nearby(self.url):
            raise InTheClear(
                f"A key is not sent to {self.url}, because everybody on the way could read it; "
                "use the server's https address, or set the key on its machine."
            )

    def _silent(self, path: str) -> ScopeSilent:
        return ScopeSilent(
            f"{self.url}{path} did not answer in time; check that Scope runs there "
            "and is not busy, and that no firewall is between."
        )
