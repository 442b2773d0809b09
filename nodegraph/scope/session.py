"""One WebRTC session with Scope: frames come in, messages go out, and it ends in bounded time.

What a real server needs, or it answers 200 and never shows a frame: `pipeline_ids` in the initial
parameters, and a video line that is offered both ways even if nothing is sent on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack
from aiortc.stats import RTCInboundRtpStreamStats, RTCTransportStats

from nodegraph.scope.answers import Json
from nodegraph.scope.decoding import watch_decoders
from nodegraph.scope.errors import ScopeError, SessionError
from nodegraph.scope.faults import Lost
from nodegraph.scope.intake import Counters, Intake, Traffic
from nodegraph.scope.loopback import offer_loopback
from nodegraph.scope.protocol import dumps
from nodegraph.scope.reception import OnFrame, OnSound, Reception, guarded
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.serverlog import mark
from nodegraph.scope.symptoms import never_began
from nodegraph.scope.waiting import finish, within
from nodegraph.scope.ways import ice_servers, no_way

OnMessage = Callable[[Json], None]

log = logging.getLogger(__name__)

CONNECT_WITHIN = 12.0  # seconds from the answer: longer than ICE tries its pairs
CLOSE_WITHIN = 3.0
SETTLE_WITHIN = 1.5


class Session:
    """Pictures from the pipelines `pipeline_ids`, which must be loaded, as they arrive.

    `on_frame` gets each frame and the `time.monotonic()` of its arrival, `on_message` each JSON
    object the server sends; `on_views` get the pictures of further sinks of a graph, in their
    order, `on_sound` the sound of pipelines that make some, which is asked for only if it is given.
    All are called on the event loop and must be quick. `track` is sent as video. Use as
    `async with`, which opens and closes, or call `open` and `close`.
    """

    def __init__(
        self,
        rest: ScopeRest,
        pipeline_ids: Sequence[str],
        parameters: Mapping[str, object],
        *,
        on_frame: OnFrame | None = None,
        on_message: OnMessage | None = None,
        on_views: Sequence[OnFrame] = (),
        on_sound: OnSound | None = None,
        track: MediaStreamTrack | None = None,
        first_frame_within: float = 30.0,
    ) -> None:
        self.id: str | None = None
        self.reception = Reception(on_frame, on_views, on_sound, self._end)
        self.traffic = Traffic()
        self.ended: str | None = None
        """Why no more frames will come, once that is known."""
        self.log_mark = 0
        """Where the server's log stood before the offer."""
        self._rest = rest
        self._initial = {**parameters, "pipeline_ids": list(pipeline_ids)}
        self._on_message = guarded(on_message)
        self._track = track
        self._patience = first_frame_within
        self._servers: list[RTCIceServer] = []
        self._pc: RTCPeerConnection | None = None
        self._channel: RTCDataChannel | None = None
        self._connected = asyncio.Event()  # or over
        self._closed = False

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Exchange offer and answer and wait for the first frame; closes again if none comes."""
        connecting = asyncio.create_task(self._connect(), name="scope session opening")
        try:
            await asyncio.shield(connecting)
            await self._first_frame()
        except BaseException:
            # An offer on its way is waited for: the server would keep a session without an end.
            await finish(connecting, SETTLE_WITHIN)
            await self.close()
            raise

    async def _connect(self) -> None:
        offer_loopback()
        watch_decoders()
        self.log_mark = await mark(self._rest)
        self._servers = await ice_servers(self._rest)
        pc = RTCPeerConnection(RTCConfiguration(iceServers=self._servers))
        self._pc = pc
        self._channel = pc.createDataChannel("parameters", ordered=True)
        self._channel.on("message", self._hear)
        pc.addTransceiver(self._track or "video", direction="sendrecv")
        for _ in range(self.reception.views):
            pc.addTransceiver("video", direction="recvonly")
        if self.reception.wants_sound:
            pc.addTransceiver("audio", direction="recvonly")
        pc.on("track", self.reception.watch)
        pc.on("connectionstatechange", self._state_changed)
        await pc.setLocalDescription(await pc.createOffer())
        local = pc.localDescription
        answer = await self._rest.offer(local.sdp, local.type, self._initial)
        self.id = answer.session_id
        try:
            await pc.setRemoteDescription(RTCSessionDescription(answer.sdp, answer.type))
        except Exception as error:  # a description that is none fails in many ways
            raise SessionError(
                f"Scope's answer to the offer cannot be used ({error}); is it a newer version?"
            ) from error

    async def _first_frame(self) -> None:
        until = time.monotonic() + self._patience
        seconds = min(CONNECT_WITHIN, self._patience)
        await within(self._connected, seconds)
        if self.state == "failed" or (self.state != "connected" and not self.ended):
            what = f"WebRTC did not connect within {seconds:g} s (it is {self.state})"
            offered = self._pc.localDescription.sdp if self._pc else ""
            raise Lost("ice", no_way(what, self._rest.url, self._servers, offered))
        await within(self.reception.first, until - time.monotonic())
        if self.intake.newest is not None:
            return
        if self.ended:
            why = f"The session with Scope ended before its first frame: {self.ended}."
            raise Lost("ice" if self.state == "failed" else "ended", why)
        raise await never_began(self._rest, self.log_mark, self._patience)

    @property
    def intake(self) -> Intake:
        """The frames that have come."""
        return self.reception.intake

    @property
    def ready(self) -> bool:
        """Whether a message can be sent now."""
        return self._channel is not None and self._channel.readyState == "open"

    @property
    def state(self) -> str:
        """The state of the connection in WebRTC's words."""
        return self._pc.connectionState if self._pc else "new"

    @property
    def _coming_up(self) -> bool:
        """Answered, but the data channel, which opens last, is not open yet."""
        return (
            self._pc is not None
            and self._pc.remoteDescription is not None
            and self.state not in ("failed", "closed")
            and self._channel is not None
            and self._channel.readyState == "connecting"
        )

    def send(self, message: Mapping[str, object]) -> None:
        """Send one message to the pipelines; nobody acknowledges it."""
        text = dumps(message)
        if self._channel is None or not self.ready:
            raise SessionError("The data channel to Scope is not open; connect again.")
        self._channel.send(text)

    async def measure(self) -> None:
        """Read what the connection has counted, for `traffic`. To be called about once a second."""
        if self._pc is None or self._closed:
            return
        counted = Counters()
        for each in (await self._pc.getStats()).values():
            match each:
                case RTCTransportStats():
                    counted = replace(counted, bytes=counted.bytes + each.bytesReceived)
                case RTCInboundRtpStreamStats(kind="video"):
                    packets = counted.packets + each.packetsReceived
                    lost = counted.lost + max(0, each.packetsLost)
                    counted = replace(counted, packets=packets, lost=lost)
        self.traffic.read(counted, time.monotonic())

    async def close(self) -> None:
        """End the session on both sides, within a few seconds whatever the server does."""
        if self._closed or self._pc is None:
            return
        self._closed = True
        self._end("it was closed")
        closing = asyncio.create_task(self._close(self._pc), name="scope session closing")
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing  # half closed would leave sockets and tasks behind
            raise

    async def _close(self, pc: RTCPeerConnection) -> None:
        # A connection closed while it comes up leaves tasks of its own behind (aioice 0.13).
        until = time.monotonic() + SETTLE_WITHIN
        while self._coming_up and time.monotonic() < until:
            await asyncio.sleep(0.01)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await pc.close()
        for reader in self.reception.tasks:
            await finish(reader, 0.0)
        if self.id is not None:
            with contextlib.suppress(ScopeError, TimeoutError):
                async with asyncio.timeout(CLOSE_WITHIN):
                    await self._rest.delete_session(self.id)

    def _end(self, why: str) -> None:
        self.ended = self.ended or why
        self.reception.first.set()
        self._connected.set()

    def _hear(self, data: str | bytes) -> None:
        """Unknown types and fields are passed on: later servers say more."""
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        if message.get("type") == "stream_stopped":
            self._end(f"Scope stopped the stream ({message.get('error_message') or 'no reason'})")
        self._on_message(message)

    def _state_changed(self) -> None:
        if self.state == "connected":
            self._connected.set()
        if self.state in ("failed", "closed"):
            self._end(f"the connection is {self.state}")
