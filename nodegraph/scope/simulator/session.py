"""Hold one WebRTC session: its peer connection, its data channels and its stage."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.faults import Faults
from nodegraph.scope.simulator.graph import Layout, LayoutError, lay_out
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import Model
from nodegraph.scope.simulator.pipelines import Pipelines
from nodegraph.scope.simulator.quantiser import Quantiser
from nodegraph.scope.simulator.sound import SoundTrack
from nodegraph.scope.simulator.stage import Stage
from nodegraph.scope.simulator.tempo import Tempo
from nodegraph.scope.simulator.track import OutputTrack

_GOODBYE = 0.02
_UNSENT = 1000  # messages that wait for a channel
_MESSAGE_SIZE = re.compile(r"(a=max-message-size:)\d+")
"""Scope's release of aiortc takes 64 KiB; later ones would promise more."""


class CandidateError(ValueError):
    """An ICE candidate cannot be read."""


class Session:
    """One client. `gone` is called once when the connection is over, whoever ended it."""

    def __init__(
        self,
        params: Mapping[str, Any],
        pipelines: Pipelines,
        config: Config,
        log: Log,
        faults: Faults,
        tempo: Tempo,
        gone: Callable[[Session], None],
    ) -> None:
        self.id = str(uuid.uuid4())
        self.began = time.monotonic()
        layout, models = set_up(params, pipelines, log)
        self.stage = Stage(layout, models, params, config, log, tempo, faults)
        self._quantiser = Quantiser(tempo, self._land, self.notify)
        self.tracks = [OutputTrack(self.stage, n) for n in range(max(1, len(layout.sinks)))]
        self.sound = SoundTrack() if models and pipelines.makes_sound else None
        self._faults = faults
        self._videos = 0
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._log = log
        self._gone: Callable[[Session], None] | None = gone
        self._channel: RTCDataChannel | None = None
        self._unsent: deque[str] = deque(maxlen=_UNSENT)
        self._tasks: set[asyncio.Task[None]] = set()
        self.pc.on("track", self._on_track)
        self.pc.on("datachannel", self._on_channel)
        self.pc.on("connectionstatechange", self._on_state)

    @property
    def track(self) -> OutputTrack:
        """The video of the first sink."""
        return self.tracks[0]

    async def answer(self, sdp: str, kind: str) -> RTCSessionDescription:
        """Apply the client's offer and return the answer, with all candidates in it.

        Raises:
            ValueError: the offer has no video, or cannot be read.
        """
        for track in (*self.tracks, *([self.sound] if self.sound else ())):
            self.pc.addTrack(track)
        await self.pc.setRemoteDescription(RTCSessionDescription(self._faults.spoil(sdp), kind))
        answer = await self.pc.createAnswer()
        await self.pc.setLocalDescription(answer)
        self._faults.lose_packets(self.pc)
        local = self.pc.localDescription
        said = self._faults.spoil(_MESSAGE_SIZE.sub(r"\g<1>65536", local.sdp))
        return RTCSessionDescription(said, local.type)

    async def add_candidate(self, init: Mapping[str, Any]) -> None:
        """Add a candidate that the client found late.

        Raises:
            CandidateError: it cannot be read, or does not say which media it is for.
        """
        try:
            candidate = candidate_from_sdp(str(init["candidate"]).removeprefix("candidate:"))
            candidate.sdpMid = init.get("sdpMid")
            candidate.sdpMLineIndex = init.get("sdpMLineIndex")
            await self.pc.addIceCandidate(candidate)
        except (ValueError, AssertionError, IndexError) as error:
            raise CandidateError(f"Invalid ICE candidate: {error}") from error

    def update(self, message: Mapping[str, Any]) -> None:
        """Take what a client sets, over whatever way.

        Raises:
            TypeError: a control key has no object as its value; the rest of the message is lost.
        """
        self._quantiser.take(message)
        self.stage.update(message)

    def notify(self, message: Mapping[str, Any]) -> None:
        """Send a message to the client's latest data channel, now or when it opens."""
        text = json.dumps(message)
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(text)
        else:
            self._unsent.append(text)

    async def close(self) -> None:
        """Stop generating, tell the client, and close the connection."""
        gone, self._gone = self._gone, None
        if gone is None:
            return
        gone(self)
        self._quantiser.cancel()
        await asyncio.to_thread(self.stage.stop)
        if self.pc.connectionState == "connected":
            self.notify({"type": "stream_stopped"})
            await asyncio.sleep(_GOODBYE)
        for track in (*self.tracks, *([self.sound] if self.sound else ())):
            track.stop()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        await self.pc.close()

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self.track.fed = True
            self._spawn(self._receive(track, self._videos))
            self._videos += 1

    def _on_channel(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.on("message", self._on_message)
        while self._unsent:
            channel.send(self._unsent.popleft())

    def _on_message(self, data: str | bytes) -> None:
        """Take one message; whatever is wrong with it goes to the log and nowhere else."""
        try:
            message = json.loads(data)
            if not isinstance(message, dict):
                raise TypeError(f"expected an object, not {type(message).__name__}")
            self._take(message)
        except (ValueError, TypeError, RecursionError) as error:
            self._complain(error)

    def _land(self, message: Mapping[str, Any]) -> None:
        """Take what has waited for the beat."""
        try:
            self.update(message)
        except TypeError as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        self._log.error("webrtc", f"Error handling parameter update: {error}")

    def _take(self, message: dict[str, Any]) -> None:
        if not message.pop("_quantized", False):
            self.update(message)
            return
        if "paused" in message:
            self.stage.paused = bool(message["paused"])  # of all that waits, this does not
        self._quantiser.put(message)

    def _on_state(self) -> None:
        if self.pc.connectionState in ("closed", "failed"):
            self._spawn(self.close())

    async def _receive(self, track: MediaStreamTrack, number: int) -> None:
        """Drain the client's video, which may never start."""
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.stage.take_video(number, frame)
        except MediaStreamError:
            pass

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def set_up(
    params: Mapping[str, Any], pipelines: Pipelines, log: Log
) -> tuple[Layout, dict[str, Model]]:
    """Find the pipelines of an offer; if that fails the session has none and only the log tells."""
    try:
        layout = lay_out(params, pipelines.registered())
        models = {}
        for node_id, pipeline_id in layout.nodes:
            model = pipelines.model(node_id, pipeline_id)
            if model is None:
                raise LayoutError(f"Pipeline setup failed: Pipeline {node_id} not loaded")
            models[node_id] = model
    except LayoutError as error:
        log.error("frame_processor", str(error))
        return Layout(), {}
    return layout, models
