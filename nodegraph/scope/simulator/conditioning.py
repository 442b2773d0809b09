"""Decide which embedding is in effect for each chunk: prompts, weights and transitions.

It behaves as the text conditioning and blending of Scope 0.2.4 do, oddities included:

    prompts change, nothing runs                    the new prompts at once
    transition to B over n chunks                   t = linspace(0, 1, n), one per chunk
    n = 1                                           only t = 0: the old prompt stays
    prompts B again, without the transition         falls back to A and stays there
    prompts C, or B with other weights              C, or B as weighted, at once
    the prompts last sent, sent again               ignored
    reset                                           the prompts last sent, whatever was shown
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nodegraph.scope.simulator.words import Embedding, encode

Weighted = tuple[tuple[str, float], ...]

_SAME = 0.01


class ConditioningError(ValueError):
    """A parameter that the pipeline cannot work with; it fails every chunk until corrected."""


@dataclass
class Conditioning:
    """The text state of one loaded pipeline; call `next` once per chunk."""

    shown: Embedding | None = None
    """In effect now."""
    _settled: Embedding | None = None
    """What a cancelled transition falls back to."""
    settled_prompts: Weighted = ()
    _incoming: Weighted = ()
    """The prompts last received, which decide whether new ones count as changed."""
    _encoded: Weighted = ()
    """What counts as already encoded; a transition sets it when it starts, not when it ends."""
    _queue: deque[Embedding] = field(default_factory=deque)

    @property
    def running(self) -> bool:
        """Whether a transition has embeddings left to show."""
        return bool(self._queue)

    def reset(self) -> None:
        """Forget everything: the next chunk starts from the prompts it is given."""
        self.shown = self._settled = None
        self._incoming = self._encoded = self.settled_prompts = ()
        self._queue.clear()

    def next(self, prompts: object, transition: object, spatial: object) -> Embedding:
        """Return the embedding of the next chunk.

        Raises:
            ConditioningError: the prompts or the transition have a shape that cannot be read.
        """
        incoming = _weighted(prompts) or self._incoming
        if not incoming:
            raise ConditioningError("Required input 'prompts' is missing")
        changed = incoming != self._incoming
        self._incoming = incoming
        if self.shown is None:
            self._snap(incoming, spatial)
        target, steps, method = _transition(transition)
        if target:
            self._follow(target, steps, method, spatial)
        elif changed and incoming != self._encoded:
            self._snap(incoming, spatial)
        elif self._queue:
            return self._cancelled(one_more=changed)
        return self._advance()

    def _snap(self, prompts: Weighted, spatial: object) -> None:
        self._queue.clear()
        self.shown = self._settled = blend(prompts, spatial)
        self._encoded = self.settled_prompts = prompts

    def _follow(self, target: Weighted, steps: int, method: object, spatial: object) -> None:
        if target == self._encoded:
            return
        assert self.shown is not None
        goal = blend(target, spatial)
        if steps <= 0:
            self._snap(target, spatial)
        elif float(np.linalg.norm(goal - self.shown)) < _SAME:
            self._queue.clear()
        else:
            moments = np.linspace(0.0, 1.0, steps)
            self._queue = deque(mix(self.shown, goal, float(t), method) for t in moments)
        self._encoded = target

    def _advance(self) -> Embedding:
        if self._queue:
            self.shown = self._queue.popleft()
            if not self._queue:
                self._settled, self.settled_prompts = self.shown, self._encoded
        assert self.shown is not None
        return self.shown

    def _cancelled(self, *, one_more: bool) -> Embedding:
        """Fall back to what was in effect before, at once or after one more step."""
        assert self._settled is not None
        last = self._queue[0] if one_more else self._settled
        self._queue.clear()
        self.shown, self._encoded = self._settled, self.settled_prompts
        return last


def blend(prompts: Weighted, spatial: object) -> Embedding:
    """Blend weighted prompts: a weighted mean, or for exactly two on request along the arc."""
    weights = np.array([weight for _, weight in prompts], np.float64)
    total = float(weights.sum())
    weights = weights / total if total else np.full(len(prompts), 1 / len(prompts))
    texts = [encode(text) for text, _ in prompts]
    if spatial == "slerp" and len(texts) == 2:
        return mix(texts[0], texts[1], float(weights[1]), "slerp")
    return np.asarray(np.tensordot(weights, np.stack(texts), 1), np.float32)


def mix(start: Embedding, goal: Embedding, t: float, method: object) -> Embedding:
    """Go from `start` (t = 0) to `goal` (t = 1): "slerp" along the arc, else straight."""
    lengths = float(np.linalg.norm(start) * np.linalg.norm(goal))
    if method == "slerp" and lengths > 0:
        angle = math.acos(min(1.0, max(-1.0, float(start @ goal) / lengths)))
        if 1e-4 < angle < math.pi - 1e-4:
            near, far = math.sin((1 - t) * angle), math.sin(t * angle)
            return np.asarray((near * start + far * goal) / math.sin(angle), np.float32)
    return np.asarray((1 - t) * start + t * goal, np.float32)


def _weighted(prompts: object) -> Weighted:
    """Read prompts as the pipeline does: a text, texts, or objects with text and weight."""
    if isinstance(prompts, str):
        return ((prompts, 1.0),)
    if not isinstance(prompts, Sequence):
        raise ConditioningError("Required input 'prompts' is missing")
    return tuple(_item(item) for item in prompts)


def _item(item: object) -> tuple[str, float]:
    if isinstance(item, str):
        return item, 1.0
    if not isinstance(item, Mapping):
        raise ConditioningError(f"'{type(item).__name__}' object has no attribute 'get'")
    text, weight = item.get("text", ""), item.get("weight", 1.0)
    if not isinstance(weight, int | float) or not math.isfinite(weight):
        raise ConditioningError(f"prompt weight must be a number, not {weight!r}")
    return str(text), float(weight)


def _transition(transition: object) -> tuple[Weighted, int, object]:
    """Read target, number of steps (missing or unreadable: 0) and method of a transition."""
    if transition is None:
        return (), 0, None
    if not isinstance(transition, Mapping):
        raise ConditioningError(f"'{type(transition).__name__}' object has no attribute 'get'")
    try:
        steps = int(transition.get("num_steps") or 0)
    except (TypeError, ValueError, OverflowError):
        steps = 0
    target = transition.get("target_prompts")
    method = transition.get("temporal_interpolation_method", "linear")
    return (_weighted(target) if target is not None else ()), steps, method
