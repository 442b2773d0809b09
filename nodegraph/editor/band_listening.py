"""Listens to a node for some bars, also while one looks elsewhere, and sets its threshold. Pure."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np

from nodegraph.editor.band import Band, Setting
from nodegraph.editor.band_fit import BARS, Fit, Listening, fit
from nodegraph.editor.editing import Editing, View
from nodegraph.editor.numbers import held, show_number
from nodegraph.editor.playback import Music, Ports, music
from nodegraph.graph import Port

_PARAMS = ("low", "high", "threshold", "hysteresis", "cooldown")


def setting_of(editing: Editing, id: str, band: Band) -> Setting:
    """What acts on a node now: of params that are driven, what the wire brings."""
    values = {}
    for name in _PARAMS:
        if (param := band.named(name)) is None:
            continue
        value, driver = editing.param(id, name), editing.brings(Port(id, name))
        brought = editing.watching.newest(driver) if driver else value
        if isinstance(brought, int | float) and isfinite(brought):
            value = brought
        values[name] = held(float(value), param) if isinstance(value, int | float) else 0.0
    return Setting(**values)


def driven(editing: Editing, id: str) -> frozenset[str]:
    """The params and inlets of a node that are wired."""
    return frozenset(wire.target.port for wire in editing.patch.wires_into(id))


class Listener:
    """One pair of ears. `tick` it once a frame; what it finds, and why it does not, is a note."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self._job: _Job | None = None
        self._ports = Ports()

    def hears(self, id: str) -> bool:
        """Whether it listens to a node."""
        return self._job is not None and self._job.id == id

    def words(self, id: str) -> str:
        """What a button should say that begins or ends it."""
        if self._job is None or self._job.id != id:
            return f"Listen {Listening(0.0, 0, self._music()).words} and fit"
        listening = self._job.listening
        if listening.bars:
            return f"Listening, bar {listening.bars} of {BARS}. Stop"
        return f"Listening, {listening.share:.0%}. Stop"

    def press(self, id: str, band: Band) -> None:
        """Begin to listen to a node, or, if that is what it does, stop."""
        editing = self.editing
        if self.hears(id):
            self._job = None
        elif "threshold" in driven(editing, id):
            editing.note(f"{id}.threshold is driven by a wire: there is nothing to fit", "problem")
        elif isnan(editing.watching.newest(editing.address(f"{id}.{band.level}"))):
            editing.note(f"{id} is not running: there is nothing to listen to", "problem")
        else:
            listening = Listening(time.monotonic(), editing.watching.ticks, self._music())
            self._job = _Job(id, editing.view, band, listening)

    def tick(self) -> None:
        """Hear what is new; at the end, set the threshold."""
        job, editing = self._job, self.editing
        if job is None:
            return
        if editing.view != job.view or job.id not in editing.patch.nodes:
            self._job = None
            editing.note(f"No longer listening to {job.id}: it is out of sight")
            return
        watching = editing.watching
        past = watching.history(editing.address(f"{job.id}.{job.band.level}"))
        if job.listening.hear(time.monotonic(), watching.ticks, past, self._music()):
            self._job = None
            self._fit(job)

    def _music(self) -> Music | None:
        clock = self._ports.of(self.editing.deck.columns).clock
        return music(self.editing.watching, clock)

    def _fit(self, job: _Job) -> None:
        editing, threshold = self.editing, job.band.threshold
        setting = setting_of(editing, job.id, job.band)
        levels = np.maximum(job.listening.levels, threshold.low or 0.0)
        found = fit(levels, editing.mirror.tick, setting.hysteresis, setting.cooldown)
        if found is None:
            text = f"Nothing stands out of {job.id} in {job.listening.words}"
            editing.note(f"{text}: the threshold is left as it is", "problem")
            return
        editing.set_param(job.id, "threshold", float(held(found.threshold, threshold)))
        editing.note(_said(job, found))


@dataclass(frozen=True, eq=False)
class _Job:
    """A node that is listened to, where it is, and what was heard."""

    id: str
    view: View
    band: Band
    listening: Listening


def _said(job: _Job, found: Fit) -> str:
    threshold, low, high = (
        show_number(float(f"{level:.2g}"), job.band.threshold)
        for level in (found.threshold, found.low, found.high)
    )
    return (
        f"{job.id}: threshold {threshold}, {found.hits} hits in {job.listening.words}; "
        f"about as many with any from {low} to {high}"
    )
