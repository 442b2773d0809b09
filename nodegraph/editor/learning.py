"""Learns which knob, pad or key a node is to listen to: the next one that is touched. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.changes_more import drive, modulate
from nodegraph.editor.changes_tuning import set_param
from nodegraph.editor.editing import Editing, View
from nodegraph.errors import EditError
from nodegraph.graph import Batch, ParamValue, Port

KNOB: Final = "midi.cc"
PAD: Final = "midi.note"
KEY: Final = "control.key"

_WHOLE: Final = 1.0  # of a param's range is what a knob goes through
_HIGH: Final = 0.5  # what a trigger has to pass to be on
_PATIENCE: Final = 3.0  # seconds in which a node that can run does


class Way(NamedTuple):
    """How nodes of a type learn. What a person is asked for; the outlet that tells it; params, and
    the outlets whose value each takes then; and how params are while the node hears everything."""

    ask: str
    touched: str = ""
    taken: Mapping[str, str] = {}
    open: Mapping[str, ParamValue] = {}


WAYS: Final[Mapping[str, Way]] = {
    KNOB: Way(
        "Turn a knob or move a fader",
        "touched",
        {"number": "seen", "channel": "seen_channel"},
        {"channel": 0},
    ),
    PAD: Way("Strike a pad", "hit", {"low": "note", "high": "note"}, {"low": 0, "high": 127}),
    KEY: Way("Press a key of the computer"),
}
"""By node type. Keys of the computer are heard by the window, not told by an outlet."""


@dataclass(frozen=True)
class _Job:
    """A node that learns, where it is, and when it began: after how many ticks, and by the clock.
    `edited` says whether anything was changed to that end yet."""

    id: str
    view: View
    gesture: str
    ticks: int
    began: float
    edited: bool


class Learner:
    """Waits for one thing at a time. `tick` it once a frame; what it does is one step of undo."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self._job: _Job | None = None

    def drive(self, target: Port, type_id: str) -> bool:
        """Have a new node drive a port, and learn; False, and a note, if that cannot be."""
        editing, type_ = self.editing, self.editing.types[type_id]
        patch, wiring, owner = editing.patch, editing.wiring, editing.type_of(target.node)
        try:
            if type_id == KNOB and owner and target.port in owner.params:
                added = modulate(patch, wiring, type_, target, _WHOLE)
            else:
                added = drive(patch, wiring, type_, target)
        except EditError as error:
            editing.note(str(error), "problem")
            return False
        gesture = editing.begin_gesture()
        if not editing.do(added.edit, f"Drive {target} by {type_.title}", gesture):
            return False
        editing.select(added.ids)
        self._begin(added.ids[0], gesture, edited=True)
        return True

    def teach(self, id: str) -> None:
        """Have a node that is there learn."""
        editing, type_ = self.editing, self.editing.type_of(id)
        heard = WAYS[editing.patch.nodes[id].type].open.items()
        edits = [
            set_param(type_, id, *each) for each in heard if editing.param(id, each[0]) != each[1]
        ]
        gesture = editing.begin_gesture()
        edited = editing.do(Batch(tuple(edits)), f"Teach {id}", gesture)
        self._begin(id, gesture, edited=edited)

    def leave(self) -> None:
        """Learn nothing, and have all be as it was."""
        job, self._job = self._job, None
        if job is not None and job.edited and self.editing.view == job.view:
            self.editing.undo()

    def press(self, chord: str) -> bool:
        """Take a key of the computer, if that is what is waited for."""
        job = self._job
        if job is None or self._way(job) is not WAYS[KEY] or "+" in chord or chord == "escape":
            return False
        self._learn(job, {"key": chord})
        return True

    def tick(self) -> bool:
        """Whether there is nothing more to wait for: something was touched, or can never be."""
        job = self._job
        way = None if job is None else self._way(job)
        if job is None or way is None or not way.touched:
            return False
        if fault := self._fault(job, way):
            self.editing.note(fault, "problem")
            self.leave()
            return True
        touched = np.flatnonzero(self._since(job, way.touched) > _HIGH)
        if not len(touched):
            return False
        told = {param: self._since(job, outlet) for param, outlet in way.taken.items()}
        self._learn(job, {param: int(past[touched[0]]) for param, past in told.items()})
        return True

    def _begin(self, id: str, gesture: str, *, edited: bool) -> None:
        editing, now = self.editing, time.monotonic()
        self._job = _Job(id, editing.view, gesture, editing.watching.ticks, now, edited)

    def _way(self, job: _Job) -> Way | None:
        """How the node learns; None while it is not there."""
        node = self.editing.patch.nodes.get(job.id) if self.editing.view == job.view else None
        return None if node is None else WAYS.get(node.type)

    def _fault(self, job: _Job, way: Way) -> str:
        """Why nothing will ever be heard; empty if it may."""
        if problems := self.editing.problems_of(job.id):
            return str(problems[0])
        deaf = isnan(self.editing.watching.newest(self.editing.address(f"{job.id}.{way.touched}")))
        late = time.monotonic() - job.began > _PATIENCE
        return f"{job.id} does not run, so it hears nothing" if deaf and late else ""

    def _since(self, job: _Job, outlet: str) -> NDArray[np.float64]:
        """What an outlet gave since the job began, as far as that is known."""
        watching = self.editing.watching
        new = watching.ticks - job.ticks
        past = watching.history(self.editing.address(f"{job.id}.{outlet}"))
        return past[max(0, len(past) - new) :] if new > 0 else past[:0]

    def _learn(self, job: _Job, params: Mapping[str, ParamValue]) -> None:
        self._job, editing, type_ = None, self.editing, self.editing.type_of(job.id)
        edits = tuple(set_param(type_, job.id, *each) for each in params.items())
        editing.do(Batch(edits), f"Teach {job.id}", job.gesture)
        told = ", ".join(f"{param} {value}" for param, value in params.items())
        editing.note(f"{job.id} listens: {told}")
