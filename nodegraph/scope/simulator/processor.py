"""Feed one pipeline of one session: a queue of eight messages, one taken per chunk.

No threads and no clock: `put` and `step` are called by others, so a test can go chunk by chunk.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from nodegraph.scope.simulator.frames import Frames
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import GUIDE, Model, Paint
from nodegraph.scope.simulator.rhythm import Rhythm

QUEUE = 8
ONE_SHOT = ("vace_ref_images", "images", "first_frame_image", "last_frame_image", "lora_scales")


@dataclass(frozen=True)
class Chunk:
    """What one step decided."""

    frames: list[Paint]
    number: int
    """The number of the last message applied."""
    params: Mapping[str, object]
    flush: bool
    """Whether frames still waiting to be sent are void."""


class Processor:
    """The parameter path of one pipeline, as Scope 0.2.4 has it.

    A full queue drops the message that comes, not one that waits. A message is merged into what
    is in effect key by key. One-shot keys live for one chunk. A value the pipeline cannot use
    fails every chunk until another replaces it, and only the log tells. `guided` says that its
    video guides what is painted (VACE) and is not painted over.
    """

    def __init__(
        self,
        node_id: str,
        model: Model,
        params: Mapping[str, object],
        log: Log,
        *,
        text_only: bool,
        rhythm: Rhythm | None = None,
        guided: bool = False,
    ) -> None:
        self.node_id = node_id
        self.model = model
        self.params: dict[str, object] = {}
        self.paused = False
        self.received = self.applied = self.dropped = self.chunks = 0
        self._number = 0
        self._waiting: deque[tuple[int, Mapping[str, object]]] = deque()
        self._lock = threading.Lock()
        self._log = log
        self._rhythm = rhythm
        self._text_only = text_only
        self._guided = guided
        self._mode: str | None = None
        self._merge(params)

    def put(self, number: int, message: Mapping[str, object]) -> bool:
        """Queue a message, also an empty one; False if it was dropped because the queue is full."""
        with self._lock:
            self.received += 1
            if len(self._waiting) < QUEUE:
                self._waiting.append((number, message))
                return True
            self.dropped += 1
        self._log.info(
            "pipeline_processor",
            f"Parameter queue full for {self.node_id}, dropping parameter update",
        )
        return False

    def step(self, frames: Frames | None) -> Chunk | None:
        """Take at most one message, then decide one chunk; None if there was nothing to generate.

        That is so while paused, while video is awaited, and while the pipeline fails.
        """
        self._take()
        if self.paused:
            return None
        mode = self._effective_mode()
        count = self.model.needs(mode)
        video = (frames.take(count) if frames else None) if count else []
        if video is None:
            return None
        flush = bool(self.params.pop("reset_cache", False))
        call = self.params | ({GUIDE: True} if self._guided and video else {})
        for key in ONE_SHOT:
            self.params.pop(key, None)
        fresh = flush or mode != self._mode
        if self._rhythm is not None:
            call, emptied = self._rhythm.chunk(self.node_id, call)
            fresh = fresh or emptied
        try:
            decided = self.model.generate(call, fresh, video)
        except Exception as error:  # as the real one: whatever a pipeline raises is only logged
            self._log.error("pipeline_processor", f"Error processing chunk: {error}")
            return None
        self._mode = mode
        self.chunks += 1
        if self.model.transition_done():
            self.params.pop("transition", None)
        return Chunk(decided, self._number, call, flush)

    def _effective_mode(self) -> str:
        asked = "video" if self.params.get("input_mode") == "video" else "text"
        return "text" if self._text_only else asked

    def _take(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            self._number, message = self._waiting.popleft()
            self.applied += 1
        self._merge(message)

    def _merge(self, message: Mapping[str, object]) -> None:
        """Merge one message; prompts that come without a transition end the one that runs."""
        if "prompts" in message and "transition" not in message:
            self.params.pop("transition", None)
        self.params.update(message)
        paused = self.params.pop("paused", None)
        if paused is not None:
            self.paused = bool(paused)
