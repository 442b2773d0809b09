"""Reads off a running plan what a performer wants to see: level, beat, theme, probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodegraph.compiler import Plan
from nodegraph.values import Clock, Theme


@dataclass(frozen=True)
class Seen:
    """What there is to see. `level` is the RMS of the sound heard, `peak` its greatest, 0..1.

    Tempo, phase and confidence are those of the patch's first clock, `theme` its first theme;
    None where it has none. `beat` says whether one fell since the last look.
    """

    level: float
    peak: float
    bpm: float | None
    phase: float | None
    confidence: float | None
    beat: bool
    theme: str | None
    probes: Mapping[str, object]


class Watch:
    """Watches a plan. `see` belongs to the engine's thread, `look` to whoever shows it."""

    def __init__(self, plan: Plan) -> None:
        self._clock = _first(plan, "clock")
        self._theme = _first(plan, "theme")
        self._probes = {
            str(step.params.get("label") or step.id): plan.slots[f"{step.id}.{outlet}"]
            for step in plan.all_steps
            if step.type.output
            for outlet, kind in step.outlet_kinds.items()
            if kind not in ("message", "audio", "vector")
        }
        self._level = self._peak = 0.0
        self._beats = 0
        self._looked_at_beats = 0

    def see(self, values: list[object], brought: Mapping[str, Any]) -> None:
        """Take note of a tick: what was heard, and whether a beat fell."""
        for block in brought.values():
            flat = block.reshape(-1)
            self._level = float(flat.dot(flat) / max(flat.size, 1)) ** 0.5
            self._peak = max(self._peak * 0.95, float(np.abs(flat).max(initial=0.0)))
            break
        if self._clock is not None:
            clock = values[self._clock]
            assert isinstance(clock, Clock)  # the engine checks what leaves a node
            self._beats = int(clock.beats) if clock.bpm else self._beats

    def look(self, values: list[object]) -> Seen:
        """What is to be seen now."""
        clock = values[self._clock] if self._clock is not None else None
        theme = values[self._theme] if self._theme is not None else None
        beat = self._beats != self._looked_at_beats
        self._looked_at_beats = self._beats
        known = isinstance(clock, Clock) and clock.bpm > 0
        return Seen(
            level=self._level,
            peak=self._peak,
            bpm=clock.bpm if isinstance(clock, Clock) and known else None,
            phase=clock.phase if isinstance(clock, Clock) and known else None,
            confidence=clock.confidence if isinstance(clock, Clock) else None,
            beat=beat,
            theme=theme.name if isinstance(theme, Theme) else None,
            probes={label: values[slot] for label, slot in self._probes.items()},
        )


def _first(plan: Plan, kind: str) -> int | None:
    """The slot of the first outlet of a kind, in the order in which the plan runs."""
    return min(
        (place for port, place in plan.slots.items() if plan.kinds[port] == kind), default=None
    )
