"""Run the pipelines of one session: route its messages, generate chunks in worker threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.frames import ClientVideo, FrameQueue, Rate
from nodegraph.scope.simulator.graph import Layout
from nodegraph.scope.simulator.lettering import letter, mark_number
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import Model, Picture
from nodegraph.scope.simulator.processor import Chunk, Frames, Processor

_IDLE = 0.01
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
    """The pipelines of one session in a row. The first takes the client's video, the last shows.

    `models` may be empty: then nothing is ever generated, but messages are still accepted.
    """

    def __init__(
        self,
        layout: Layout,
        models: Mapping[str, Model],
        params: Mapping[str, Any],
        config: Config,
        log: Log,
    ) -> None:
        self.layout = layout
        self.mirror: dict[str, object] = {}
        self.paused = False
        self.video = ClientVideo()
        self.output = FrameQueue()
        self.rate = Rate()
        self.generated = self.sent = self.number = 0
        self.applied: Mapping[str, object] = {}
        self.applied_number = 0
        self._config = config
        self._log = log
        self._stopped = threading.Event()
        self.processors: list[Processor] = []
        start = self._handled(dict(params))
        for key in ("graph", "pipeline_ids"):
            start.pop(key, None)
        self.mirror = dict(start)
        self.paused = bool(start.get("paused"))
        for node_id, model in models.items():
            text_only = not layout.has_source
            self.processors.append(Processor(node_id, model, start, log, text_only=text_only))
        self._threads = [
            threading.Thread(target=self._work, args=place, daemon=True, name=f"chunks-{i}")
            for i, place in enumerate(self._places())
        ]
        for thread in self._threads:
            thread.start()

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
        return list(self.processors[-1].model.settled()) if self.processors else []

    def stop(self) -> None:
        """Stop generating and wait for the threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _handled(self, message: dict[str, object]) -> dict[str, object]:
        for key in _MAPPINGS:
            if key in message and not isinstance(message[key], Mapping):
                raise TypeError(f"{key} must be an object, not {message[key]!r}")
        return {key: value for key, value in message.items() if key not in _HANDLED}

    def _places(self) -> Iterable[tuple[Processor, Frames, FrameQueue]]:
        """Line the processors up: each takes what the one before it puts."""
        source: Frames = self.video
        for i, processor in enumerate(self.processors):
            last = i == len(self.processors) - 1
            target = self.output if last else FrameQueue()
            yield processor, source, target
            source = target

    def _work(self, processor: Processor, source: Frames, target: FrameQueue) -> None:
        """Generate chunk after chunk; frames leave together when their chunk's time is over."""
        last = target is self.output
        while not self._stopped.is_set():
            begun = time.monotonic()
            chunk = processor.step(source)
            if chunk is None:
                self._stopped.wait(_IDLE)
                continue
            if last:
                self.applied, self.applied_number = chunk.params, chunk.number
            pictures = self._generate(chunk, begun, processor.model.chunk_seconds, last)
            if chunk.flush:
                target.clear()
            target.put(pictures)
            if last:
                self.rate.add(len(pictures), time.monotonic() - begun)
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
