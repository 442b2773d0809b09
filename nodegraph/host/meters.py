"""What a performer wants to see of a deck at a glance, read off the values that an engine shows."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler import Plan
from nodegraph.host.engine.protocol import Installed
from nodegraph.runtime.columns import Column
from nodegraph.runtime.publish import Reader, Ring, Rows
from nodegraph.values import NUMERIC, Theme


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


class Meters:
    """Looks at one deck. `folder` is the show's own, where the engine shows its values."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self.reader: Reader | None = None
        self.columns: Mapping[str, Column] = {}
        self._texts: dict[str, object] = {}
        self._next = 0
        self._beats = 0.0
        self._plan: Plan | None = None
        self._clock = self._sound = ""

    def installed(self, event: Installed, plan: Plan) -> None:
        """Another plan runs, and shows its values elsewhere."""
        self._plan = plan
        self.columns = {name: Column(*at) for name, at in event.columns.items()}
        self._clock, self._sound = (_first(plan, kind) for kind in ("clock", "audio"))
        if event.ring != self._name:
            self._name, self._next = event.ring, 0
            with (self._folder / event.ring).open("rb") as file:
                self.reader = Ring.open(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def values(self, changed: Mapping[str, object]) -> None:
        """Values that are no numbers have changed."""
        self._texts |= changed

    def look(self) -> Seen:
        """What is to be seen now, over all ticks since the last look."""
        rows = self.reader.since(self._next) if self.reader is not None else None
        if rows is not None:
            self._next = rows.end
        bpm = self._last(rows, f"{self._clock}.bpm")
        beats = self._last(rows, f"{self._clock}.beats") or 0.0
        fell, self._beats = int(beats) != int(self._beats), beats
        return Seen(
            level=self._last(rows, f"{self._sound}.rms") or 0.0,
            peak=self._highest(rows, f"{self._sound}.peak"),
            bpm=bpm or None,
            phase=beats % 1.0 if bpm else None,
            confidence=self._last(rows, f"{self._clock}.confidence"),
            beat=bool(bpm) and fell,
            theme=self._theme(),
            probes=self._probes(rows),
        )

    def _seen(self, rows: Rows | None, name: str) -> NDArray[np.float64]:
        """All of a column that is new; nothing if there is no such column."""
        column = self.columns.get(name)
        return np.zeros(0) if rows is None or column is None else rows.values[:, column.number]

    def _last(self, rows: Rows | None, name: str) -> float | None:
        values = self._seen(rows, name)
        return float(values[-1]) if len(values) and np.isfinite(values[-1]) else None

    def _highest(self, rows: Rows | None, name: str) -> float:
        return float(np.nanmax(self._seen(rows, name), initial=0.0))

    def _theme(self) -> str | None:
        themes = [value for value in self._texts.values() if isinstance(value, Theme)]
        return themes[0].name if themes else None

    def _probes(self, rows: Rows | None) -> dict[str, object]:
        found: dict[str, object] = {}
        for step in self._plan.all_steps if self._plan is not None else ():
            if not step.type.output:
                continue
            label = str(step.params.get("label") or step.id)
            for outlet, kind in step.outlet_kinds.items():
                port = f"{step.id}.{outlet}"
                if kind in NUMERIC:
                    found[label] = self._last(rows, port) or 0.0
                elif port in self._texts:
                    found[label] = self._texts[port]
        return found


def _first(plan: Plan, kind: str) -> str:
    """The first outlet of a kind, in the order in which the plan runs; empty if there is none."""
    ports = [port for port in plan.slots if plan.kinds[port] == kind]
    return min(ports, key=lambda port: plan.slots[port], default="")
