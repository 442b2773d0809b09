"""One WebRTC session with Scope: frames come in, messages go out, and it ends in bounded time.

What a real server needs, or it answers 200 and never shows a frame: `pipeline_ids` in the initial
parameters, and a video line that is offered both ways although nothing is sent on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import ParamSpec, Self

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from nodegraph.scope.address import is_nearby
from nodegraph.scope.answers import Json
from nodegraph.scope.errors import ScopeError, SessionError
from nodegraph.scope.loopback import offer_loopback
from nodegraph.scope.protocol import dumps
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.serverlog import mark, telling_line

P = ParamSpec("P")
OnFrame = Callable[[VideoFrame, float], None]
OnMessage = Callable[[Json], None]

log = logging.getLogger(__name__)

CLOSE_WITHIN = 3.0
SETTLE_WITHIN = 1.5
FPS_WINDOW = 2.0  # seconds


def guarded(callback: Callable[P, None] | None) -> Callable[P, None]:
    """The callback, so that what it raises is logged (once) and ends nothing."""
    logged = False

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal logged
        if callback is None:
            return
        try:
            callback(*args, **kwargs)
        except Exception:
            if not logged:
                log.exception("a callback of the Scope session failed; it will be called again")
            logged = True

    return call


async def ice_servers(rest: ScopeRest) -> list[RTCIceServer]:
    """None for a server nearby: asking a STUN server without internet would cost seconds."""
    if is_nearby(rest.url):
        return []
    return [
        RTCIceServer(list(one.urls), username=one.username, credential=one.credential)
        for one in await rest.ice_servers()
    ]


async def _finish(task: asyncio.Task[None], within: float) -> None:
    """Wait for the task, then cancel it; what it raised has been dealt with elsewhere."""
    await asyncio.wait([task], timeout=within)
    task.cancel()
    await asyncio.wait([task], timeout=CLOSE_WITHIN)
    if task.done() and not task.cancelled():
        task.exception()


class Session:
    """Pictures from the pipelines `pipeline_ids`, which must be loaded, as they arrive.

    `on_frame` gets each frame and the `time.monotonic()` of its arrival, `on_message` each JSON
    object the server sends; both are called on the event loop and must be quick. Use as
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
        first_frame_within: float = 30.0,
    ) -> None:
        self.id: str | None = None
        self.newest: VideoFrame | None = None
        self.frames = 0
        self.ended: str | None = None
        """Why no more frames will come, once that is known."""
        self._rest = rest
        self._initial = {**parameters, "pipeline_ids": list(pipeline_ids)}
        self._on_frame = guarded(on_frame)
        self._on_message = guarded(on_message)
        self._patience = first_frame_within
        self._pc: RTCPeerConnection | None = None
        self._channel: RTCDataChannel | None = None
        self._log_mark = 0
        self._arrivals: deque[float] = deque(maxlen=256)
        self._woken = asyncio.Event()  # the first frame is here, or the session has ended
        self._reader: asyncio.Task[None] | None = None
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
            await _finish(connecting, SETTLE_WITHIN)
            await self.close()
            raise

    async def _connect(self) -> None:
        offer_loopback()
        self._log_mark = await mark(self._rest)
        pc = RTCPeerConnection(RTCConfiguration(iceServers=await ice_servers(self._rest)))
        self._pc = pc
        self._channel = pc.createDataChannel("parameters", ordered=True)
        self._channel.on("message", self._hear)
        pc.addTransceiver("video", direction="sendrecv")
        pc.on("track", self._watch)
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
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._patience)
        if self.newest is None:
            raise SessionError(await self._why_no_frames())

    async def _why_no_frames(self) -> str:
        """The best reason that can be had: the server tells nothing on the channel."""
        if self.ended:
            return f"The session with Scope ended before its first frame: {self.ended}."
        if self.state != "connected":
            return (
                f"WebRTC did not connect within {self._patience:g} s (it is {self.state}); "
                "a firewall may block UDP, or neither machine has a network address "
                "that the other can reach."
            )
        what = f"Scope sent no frame within {self._patience:g} s"
        if told := await telling_line(self._rest, self._log_mark):
            return f"{what}; its log says: {told}"
        try:
            status = await self._rest.pipeline_status()
        except ScopeError as error:
            return f"{what}, and then: {error}"
        if status.state != "loaded":
            return f"{what}: its pipeline is {status.state.replace('_', ' ')}; load it again."
        return (
            f"{what} although {status.pipeline_id} is loaded; "
            "the first chunk may still be coming, or the pipeline waits for video input."
        )

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

    def fps(self, now: float) -> float:
        """Frames per second over the last two seconds before `now` (monotonic)."""
        recent = sum(1 for arrived in self._arrivals if now - arrived <= FPS_WINDOW)
        return recent / FPS_WINDOW

    def age(self, now: float) -> float | None:
        """Seconds since the newest frame arrived; None before the first."""
        return now - self._arrivals[-1] if self._arrivals else None

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
            await asyncio.wait_for(pc.close(), CLOSE_WITHIN)
        if self._reader:
            await _finish(self._reader, 0.0)
        if self.id is not None:
            with contextlib.suppress(ScopeError, TimeoutError):
                await asyncio.wait_for(self._rest.delete_session(self.id), CLOSE_WITHIN)

    def _end(self, why: str) -> None:
        self.ended = self.ended or why
        self._woken.set()

    def _watch(self, track: MediaStreamTrack) -> None:
        if track.kind == "video" and self._reader is None:
            self._reader = asyncio.create_task(self._read(track), name="scope frames")

    async def _read(self, track: MediaStreamTrack) -> None:
        """Take every frame at once, so that none waits; keep the newest."""
        try:
            while True:
                frame = await track.recv()
                if not isinstance(frame, VideoFrame):
                    continue
                arrived = time.monotonic()
                self.newest = frame
                self.frames += 1
                self._arrivals.append(arrived)
                self._woken.set()
                self._on_frame(frame, arrived)
        except MediaStreamError:
            self._end("the video track ended")

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
        if self.state in ("failed", "closed"):
            self._end(f"the connection is {self.state}")
