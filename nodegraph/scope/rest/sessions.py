"""Sessions: offers and candidates, parameters and counts, and sessions without a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

from nodegraph.scope.answers import (
    Answer,
    Done,
    Headless,
    IceServer,
    Json,
    Metrics,
    mapping,
    mappings,
)
from nodegraph.scope.errors import NotScope
from nodegraph.scope.rest.transport import EVENTS, OFFER, Transport

LOAD = 60.0
"""Seconds a headless start may take, because it loads a graph's pipelines before it answers."""


class SessionsRest(Transport):
    """Endpoints about sessions."""

    async def ice_servers(self) -> list[IceServer]:
        """STUN and TURN servers for a session from afar."""
        body = await self._object("GET", "/api/v1/webrtc/ice-servers")
        servers = (IceServer.from_json(one) for one in mappings(body, "iceServers"))
        return [server for server in servers if server.urls]

    async def offer(self, sdp: str, type: str, initial_parameters: Json) -> Answer:
        """Exchange the session descriptions; the parameters must name `pipeline_ids`."""
        body = {"sdp": sdp, "type": type, "initialParameters": initial_parameters}
        path = "/api/v1/webrtc/offer"
        read = await self._object("POST", path, json=body, timeout=OFFER)
        answer = Answer.from_json(read)
        if not (answer.sdp and answer.type and answer.session_id):
            raise NotScope(f"{self.url} answered an offer without sdp, type or sessionId.")
        return answer

    async def add_candidates(self, session_id: str, candidates: Sequence[Json]) -> None:
        """Send ICE candidates that an offer did not hold yet."""
        await self._reply("PATCH", _session(session_id), json={"candidates": list(candidates)})

    async def delete_session(self, session_id: str) -> None:
        """End a session; one that is unknown is no error."""
        await self._reply("DELETE", _session(session_id))

    async def session_metrics(self) -> Metrics | None:
        """Frame counts and rates of the first session, None when there is none."""
        return next(iter((await self.sessions()).values()), None)

    async def sessions(self) -> dict[str, Metrics]:
        """The same by the session's id, which clients other than its own learn only here.

        A server tells of its first session only.
        """
        told = mapping(await self._object("GET", "/api/v1/session/metrics"), "sessions")
        return {id: Metrics.from_json(one) for id, one in told.items() if isinstance(one, dict)}

    async def session_parameters(self) -> Json:
        """The parameters that the server accepted last; no proof that a pipeline used them."""
        body = await self._object("GET", "/api/v1/session/parameters")
        return mapping(body, "parameters")

    async def set_session_parameters(self, params: Mapping[str, object]) -> Json:
        """Set parameters of all sessions at once; returns what the server took.

        For when there is no data channel: each call also sets `vace_context_scale` to 1 unless it
        says otherwise. Raises ScopeRefused (422) for what is out of range.
        """
        path = "/api/v1/session/parameters"
        body = await self._object("POST", path, json=dict(params))
        return mapping(body, "applied_parameters")

    async def session_frame(self, quality: int = 85, sink: str | None = None) -> bytes:
        """The newest picture as JPEG. Raises ScopeRefused (404) when there is none.

        There is none either of a session with a graph, unless it is headless.
        """
        query: dict[str, str | int] = {"quality": quality}
        if sink is not None:
            query["sink_node_id"] = sink
        reply = await self._reply("GET", "/api/v1/session/frame", params=query)
        if not reply.content.startswith(b"\xff\xd8"):
            raise NotScope(f"{self.url} answered with something else than a JPEG picture.")
        return reply.content

    async def start_session(
        self,
        pipeline_id: str | None = None,
        *,
        graph: Json | None = None,
        input_mode: str = "text",
        prompts: Sequence[Json] | None = None,
        parameters: Json | None = None,
        node_parameters: Mapping[str, Json] | None = None,
        input_source: Json | None = None,
    ) -> Headless:
        """Generate without a client: a loaded pipeline, or a graph, which is loaded here and now.

        A server has one of these; stop the one before first.
        """
        asked = {
            "pipeline_id": pipeline_id,
            "graph": graph,
            "input_mode": input_mode,
            "prompts": None if prompts is None else list(prompts),
            "parameters": parameters,
            "node_parameters": node_parameters,
            "input_source": input_source,
        }
        body = {key: value for key, value in asked.items() if value is not None}
        path = "/api/v1/session/start"
        return Headless.from_json(await self._object("POST", path, json=body, timeout=LOAD))

    async def stop_session(self) -> Done:
        """End the session without a client. Raises ScopeRefused (404) when there is none."""
        return Done.from_json(await self._object("POST", "/api/v1/session/stop"))

    @asynccontextmanager
    async def session_output(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """Its video as MPEG-TS (H.264 at 30 fps), in pieces, while it is read."""
        path = "/api/v1/session/output.ts"
        async with self._opened("GET", path, timeout=EVENTS) as response:
            yield response.aiter_bytes()


def _session(id: str) -> str:
    return f"/api/v1/webrtc/offer/{quote(id, safe='')}"
