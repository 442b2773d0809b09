"""Scope's HTTP endpoints, each a method that returns a typed answer or raises a `ScopeError`.

A status of 200 proves nothing: a server with its web page built answers every unknown GET with
that page. So an answer counts only when it is JSON of the expected shape.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import NamedTuple, Self, TypedDict, Unpack

import httpx

from nodegraph.scope import answers
from nodegraph.scope.address import is_nearby, normalise, spoken
from nodegraph.scope.answers import (
    Asset,
    Hardware,
    Health,
    IceServer,
    Json,
    LoraFile,
    ModelStatus,
    PipelineStatus,
    PluginInfo,
    Schema,
)
from nodegraph.scope.errors import NotScope, ScopeRefused, ScopeSilent, ScopeUnreachable

OFFER_TIMEOUT = 20.0  # an offer takes 5 s when the server's own STUN server does not answer
UPLOAD_TIMEOUT = 120.0
GATEWAY = (502, 503, 504)


class _Options(TypedDict, total=False):
    params: Mapping[str, str | int]
    json: object
    content: bytes
    headers: Mapping[str, str]
    timeout: float


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to believe on the web: to read that takes longer than a frame lasts."""
    return httpx.create_ssl_context()


class Answer(NamedTuple):
    """The answer to an offer."""

    sdp: str
    type: str
    session_id: str


class Log(NamedTuple):
    """The newest lines of the server's log, and where to read on."""

    lines: tuple[str, ...]
    offset: int


class ScopeRest:
    """One server's endpoints. `url` as a person types it; see `address.normalise`.

    `transport` replaces the network (tests). Use as `async with`, or call `aclose`.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 5.0,
    ) -> None:
        self.address = normalise(url)
        """With the name and password that it may hold."""
        self.url = spoken(self.address)
        """The same for anybody to read."""
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_trusted(),
            timeout=timeout,
            follow_redirects=True,
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

    async def health(self) -> Health:
        """Whether it is Scope and alive; the one question that tells `NotScope` for sure."""
        stranger = NotScope(
            f"{self.url}/health answers, but not as Scope does; "
            "check that the address and the port are those of a Scope server."
        )
        try:
            body = await self._object("GET", "/health")
        except ScopeRefused as error:
            if error.status != 404:
                raise
            raise stranger from error
        if not isinstance(body.get("status"), str):
            raise stranger
        return Health.from_json(body)

    async def hardware(self) -> Hardware:
        """GPU memory and the ways to share video."""
        return Hardware.from_json(await self._object("GET", "/api/v1/hardware/info"))

    async def schemas(self) -> dict[str, Schema]:
        """Every pipeline the server has, by id."""
        body = await self._object("GET", "/api/v1/pipelines/schemas")
        pipelines = answers.mapping(body, "pipelines")
        return {
            id: Schema.from_json(id, one) for id, one in pipelines.items() if isinstance(one, dict)
        }

    async def pipeline_status(self) -> PipelineStatus:
        """What is loaded. An `error` is told to one reader only, so let nothing else poll."""
        return PipelineStatus.from_json(await self._object("GET", "/api/v1/pipeline/status"))

    async def load_pipeline(self, ids: Sequence[str], load_params: Json | None = None) -> None:
        """Ask for these pipelines, and for all others to go. Returns at once; see `loading`."""
        body = {"pipeline_ids": list(ids), "load_params": dict(load_params or {})}
        await self._object("POST", "/api/v1/pipeline/load", json=body)

    async def models_status(self, pipeline_id: str) -> ModelStatus:
        """Whether the pipeline's model files are on the server."""
        query = {"pipeline_id": pipeline_id}
        body = await self._object("GET", "/api/v1/models/status", params=query)
        return ModelStatus.from_json(body)

    async def loras(self) -> list[LoraFile]:
        """The LoRA files on the server; up to 0.1.4 they are listed under another path."""
        try:
            body = await self._object("GET", "/api/v1/loras")
        except (NotScope, ScopeRefused):
            body = await self._object("GET", "/api/v1/lora/list")
        return [LoraFile.from_json(one) for one in answers.mappings(body, "lora_files")]

    async def plugins(self) -> list[PluginInfo]:
        """The server's own plugins."""
        body = await self._object("GET", "/api/v1/plugins")
        return [PluginInfo.from_json(one) for one in answers.mappings(body, "plugins")]

    async def ice_servers(self) -> list[IceServer]:
        """STUN and TURN servers for a session from afar."""
        body = await self._object("GET", "/api/v1/webrtc/ice-servers")
        servers = (IceServer.from_json(one) for one in answers.mappings(body, "iceServers"))
        return [server for server in servers if server.urls]

    async def offer(self, sdp: str, type: str, initial_parameters: Json) -> Answer:
        """Exchange the session descriptions; the parameters must name `pipeline_ids`."""
        body = {"sdp": sdp, "type": type, "initialParameters": initial_parameters}
        path = "/api/v1/webrtc/offer"
        answer = await self._object("POST", path, json=body, timeout=OFFER_TIMEOUT)
        sdp_, type_, session = (answers.text(answer, key) for key in ("sdp", "type", "sessionId"))
        if not (sdp_ and type_ and session):
            raise NotScope(f"{self.url} answered an offer without sdp, type or sessionId.")
        return Answer(sdp_, type_, session)

    async def add_candidates(self, session_id: str, candidates: Sequence[Json]) -> None:
        """Send ICE candidates that an offer did not hold yet."""
        body = {"candidates": list(candidates)}
        await self._request("PATCH", f"/api/v1/webrtc/offer/{session_id}", json=body)

    async def delete_session(self, session_id: str) -> None:
        """End a session; one that is unknown is no error."""
        await self._request("DELETE", f"/api/v1/webrtc/offer/{session_id}")

    async def session_metrics(self) -> Json:
        """Frame counts and rates of the first session; `{}` when there is none."""
        sessions = answers.mapping(await self._object("GET", "/api/v1/session/metrics"), "sessions")
        return next((one for one in sessions.values() if isinstance(one, dict)), {})

    async def session_parameters(self) -> Json:
        """The parameters that the server accepted last; no proof that a pipeline used them."""
        body = await self._object("GET", "/api/v1/session/parameters")
        return answers.mapping(body, "parameters")

    async def logs_tail(self, lines: int = 200, since_offset: int = 0) -> Log:
        """The newest log lines: the only place where Scope tells of errors in a pipeline."""
        query = {"lines": lines, "since_offset": since_offset}
        body = await self._object("GET", "/api/v1/logs/tail", params=query)
        return Log(answers.strings(body, "lines"), int(answers.number(body, "offset") or 0))

    async def assets(self, type: str | None = None) -> list[Asset]:
        """Files on the server, newest first; `type` is image, video or audio."""
        body = await self._object("GET", "/api/v1/assets", params={"type": type} if type else {})
        return [Asset.from_json(one) for one in answers.mappings(body, "assets")]

    async def upload_asset(self, filename: str, content: bytes) -> Asset:
        """Store a file on the server; one of the same name is replaced."""
        return Asset.from_json(
            await self._object(
                "POST",
                "/api/v1/assets",
                params={"filename": filename},
                content=content,
                headers={"content-type": "application/octet-stream"},
                timeout=UPLOAD_TIMEOUT,
            )
        )

    async def _object(self, method: str, path: str, **options: Unpack[_Options]) -> Json:
        """The JSON object that the endpoint answers with."""
        response = await self._request(method, path, **options)
        body = _json(response)
        if not isinstance(body, dict):
            kind = response.headers.get("content-type", "no content type")
            raise NotScope(
                f"{self.url}{path} answered with {kind} instead of JSON from Scope; "
                "check that the address and the port are those of a Scope server, "
                "and that it is new enough to have this endpoint."
            )
        return body

    async def _request(self, method: str, path: str, **options: Unpack[_Options]) -> httpx.Response:
        try:
            response = await self._client.request(method, self.address + path, **options)
        except httpx.TimeoutException as error:
            raise ScopeSilent(
                f"{self.url}{path} did not answer in time; check that Scope runs there "
                "and is not busy, and that no firewall is between."
            ) from error
        except httpx.HTTPError as error:
            raise ScopeUnreachable(
                f"Nothing answers at {self.url} ({str(error) or type(error).__name__}); "
                "start Scope there, or give another address."
            ) from error
        if response.is_success:
            return response
        raise self._refusal(method, path, response)

    def _refusal(
        self, method: str, path: str, response: httpx.Response
    ) -> ScopeRefused | ScopeUnreachable:
        status = response.status_code
        body = _json(response)
        if body is None and status in GATEWAY:
            return ScopeUnreachable(
                f"A gateway answers at {self.url} ({status}), but Scope behind it does not; "
                "start Scope on that machine, or wait until it is up."
            )
        detail = _detail(body) or response.reason_phrase or "no reason given"
        return ScopeRefused(f"Scope refused {method} {path} ({status}): {detail}", status, detail)


def _json(response: httpx.Response) -> object:
    """The body, or None where it is not JSON."""
    try:
        body: object = response.json()
    except (ValueError, RecursionError):
        return None
    return body


def _detail(body: object) -> str:
    """One line out of the three shapes of `detail`: a text, a list of faults, an object."""
    detail = body.get("detail") if isinstance(body, dict) else None
    if isinstance(detail, str):
        return detail
    if isinstance(detail, dict):
        return answers.text(detail, "message") or str(detail)
    if isinstance(detail, list):
        faults = (one for one in detail if isinstance(one, dict))
        return "; ".join(
            f"{'.'.join(map(str, answers.items(one, 'loc')))}: {answers.text(one, 'msg')}"
            for one in faults
        )
    return ""
