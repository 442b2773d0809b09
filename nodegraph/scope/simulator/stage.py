"""Run the pipelines of one session: route its messages, generate chunks in worker threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from av import VideoFrame

from nodegraph.scope.footage import open_footage
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.faults import Faults
from nodegraph.scope.simulator.frames import (
    ClientVideo,
    FrameQueue,
    Frames,
    NoVideo,
    Rate,
    ServerVideo,
)
from nodegraph.scope.simulator.graph import Layout, Source
from nodegraph.scope.simulator.lettering import letter, mark_number
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import GUIDE, Model, Picture
from nodegraph.scope.simulator.processor import Chunk, Processor
from nodegraph.scope.simulator.rhythm import Rhythm
from nodegraph.scope.simulator.tempo import Tempo
from nodegraph.scope.video import Video

_IDLE = 0.01
_OPENED_SIZE = 576, 320
_HANDLED = (
    "quantize_mode",
    "lookahead_ms",
    "output_sinks",
    "input_source",
    "modulations",
    "beat_cache_reset_rate",
    "bpm",
    "beat_phase",
    "bar_position",
    "beat_count",
    "is_playing",
    "_quantized",
)
_MAPPINGS = ("output_sinks", "input_source", "modulations")


class Stage:
    """The pipelines of one session, wired as its layout says.

    `models` may be empty: then nothing is ever generated, but messages are still accepted.
    """

    def __init__(
        self,
        layout: Layout,
        models: Mapping[str, Model],
        params: Mapping[str, Any],
        config: Config,
        log: Log,
        tempo: Tempo,
        faults: Faults | None = None,
    ) -> None:
        self.layout = layout
        self.mirror: dict[str, object] = {}
        self.paused = False
        self.frames_in = 0
        self.rates = {id: Rate() for id in models}
        self.generated = self.sent = self.number = 0
        self.applied: Mapping[str, object] = {}
        self.applied_number = 0
        self._config = config
        self._log = log
        self._faults = faults or Faults(log)
        self._stopped = threading.Event()
        self._rhythm = Rhythm(tempo, layout.synced)
        start = self._handled(dict(params))
        for key in ("graph", "pipeline_ids"):
            start.pop(key, None)
        self.mirror = dict(start)
        self.paused = bool(start.get("paused"))
        self.processors = [
            Processor(
                id,
                model,
                start,
                log,
                rhythm=self._rhythm,
                text_only=not layout.has_source,
                guided=layout.inputs.get(id, ("", ""))[0] == GUIDE,
            )
            for id, model in models.items()
        ]
        self._client: dict[str, list[ClientVideo]] = {
            id: [] for id, source in layout.sources.items() if not source.mode
        }
        self._opened: list[ServerVideo] = []
        self._targets: dict[str, list[FrameQueue]] = {id: [] for id in models}
        self.outputs = [self._frames_of(sink.before) for sink in layout.sinks] if models else []
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(processor, self._frames_of(layout.inputs.get(id, ("", None))[1])),
                daemon=True,
                name=f"chunks-{id}",
            )
            for id, processor in zip(models, self.processors, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def output(self) -> Frames:
        """The pictures of the first sink, for whoever sends them."""
        return self.outputs[0] if self.outputs else NoVideo()

    @property
    def shown(self) -> Processor | None:
        """The pipeline whose picture the first track shows."""
        return next((p for p in self.processors if p.node_id == self.layout.shown), None)

    @property
    def rate(self) -> Rate:
        """How fast that one is."""
        return self.rates.get(self.layout.shown) or Rate()

    def take_video(self, number: int, frame: VideoFrame) -> None:
        """A frame of the client's track of that number."""
        self.frames_in += 1
        for each in [*self._client.values()][number : number + 1]:
            for video in each:
                video.put(frame)

    def die(self) -> None:
        """End what paints, as when the GPU's memory is full; the session stays."""
        for processor in self.processors:
            told = f"Non-recoverable error in {processor.node_id}: CUDA out of memory."
            self._log.error("pipeline_processor", told)
        self._stopped.set()

    def update(self, message: Mapping[str, object]) -> None:
        """Take one message of a client; its number counts from 1, also if it is dropped.

        Raises:
            TypeError: a control key has no object as its value; the rest of the message is lost.
        """
        self.number += 1
        if "paused" in message:
            self.paused = bool(message["paused"])
        rest = self._handled(dict(message))
        node_id = rest.pop("node_id", None)
        self.mirror.update(rest)
        addressed = [p for p in self.processors if node_id is None or p.node_id == node_id]
        if node_id is not None and self.processors and not addressed:
            self._log.warning("frame_processor", f"Unknown node_id {node_id}, dropping parameters")
        for processor in addressed:
            processor.put(self.number, rest)

    @property
    def settled(self) -> list[tuple[str, float]]:
        """The prompts that the shown pipeline has arrived at, without a transition under way."""
        return list(self.shown.model.settled()) if self.shown else []

    def stop(self) -> None:
        """Stop generating and wait for the threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for video in self._opened:
            video.close()

    def _handled(self, message: dict[str, object]) -> dict[str, object]:
        for key in _MAPPINGS:
            if key in message and not isinstance(message[key], Mapping):
                raise TypeError(f"{key} must be an object, not {message[key]!r}")
        self._rhythm.take(message)
        return {key: value for key, value in message.items() if key not in _HANDLED}

    def _frames_of(self, before: str | None) -> Frames:
        """What comes out of a node, for one more that takes it."""
        if before is None:
            return NoVideo()
        if before in self._targets:
            self._targets[before].append(queue := FrameQueue())
            return queue
        if before in self._client:
            self._client[before].append(video := ClientVideo())
            return video
        if before in self.layout.sources:
            return self._open(self.layout.sources[before])
        return NoVideo()

    def _open(self, source: Source) -> Frames:
        """Open what the server is to open by itself; only files can be, and only the log tells."""
        if source.mode != "video_file":
            told = f"Failed to connect input source {source.mode}: '{source.name}' not found"
            self._log.error("source_manager", told)
            return NoVideo()
        self._opened.append(ServerVideo(open_footage(Video("file", source.name), _OPENED_SIZE)))
        return self._opened[-1]

    def _work(self, processor: Processor, source: Frames) -> None:
        """Generate chunk after chunk; frames leave together when their chunk's time is over."""
        shown = processor is self.shown
        while not self._stopped.is_set():
            begun = time.monotonic()
            if self._faults.now("stall") or (chunk := processor.step(source)) is None:
                self._stopped.wait(_IDLE)
                continue
            if shown:
                self.applied, self.applied_number = chunk.params, chunk.number
            pictures = self._generate(chunk, begun, processor.model.chunk_seconds, shown)
            for target in self._targets[processor.node_id]:
                if chunk.flush:
                    target.clear()
                target.put(pictures)
            self.rates[processor.node_id].add(len(pictures), time.monotonic() - begun)
            if shown:
                self.generated += len(pictures)

    def _generate(self, chunk: Chunk, begun: float, seconds: float, shown: bool) -> list[Picture]:
        """Paint a chunk, spread evenly over its time so that painting never hogs a core."""
        pictures = []
        for i, frame in enumerate(chunk.frames, start=1):
            pictures.append(self._lettered(frame(), chunk) if shown else frame())
            due = begun + seconds * i / len(chunk.frames)
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                break
        return pictures

    def _lettered(self, picture: Picture, chunk: Chunk) -> Picture:
        if self._config.caption:
            picture = letter(picture, _prompt(chunk.params), _values(chunk.params))
        if self._config.show_numbers:
            picture = mark_number(picture, chunk.number & 0xFFFF)
        return picture


def _prompt(params: Mapping[str, object]) -> str:
    """Return the heaviest prompts in effect, or where a transition leads."""
    transition, prompts = params.get("transition"), params.get("prompts")
    mark = ""
    if isinstance(transition, Mapping) and transition.get("target_prompts"):
        mark = "» " if transition.get("num_steps") else ""
        prompts = transition["target_prompts"]
    if isinstance(prompts, str):
        return mark + prompts
    items = [p for p in prompts if isinstance(p, Mapping)] if isinstance(prompts, list) else []
    items.sort(key=lambda item: -float(item.get("weight", 1.0)))
    return mark + " + ".join(str(item.get("text", "")) for item in items[:3])


def _values(params: Mapping[str, object]) -> str:
    noise, steps = params.get("noise_scale"), params.get("denoising_step_list")
    words = [f"noise {noise:.2f}"] if isinstance(noise, int | float) else []
    if isinstance(steps, list):
        words.append(f"{len(steps)} steps")
    return "  ".join(words)
