"""What is touched next is what a node listens to from then on; or a sentence says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editor.editing_kit import edited, pumped
from editor.shell_kit import shell_on
from kit import patch
from numpy.typing import NDArray
from show_kit import run

from nodegraph import MidiEvent
from nodegraph.editor import learning
from nodegraph.editor.learning import KEY, KNOB, PAD, Learner
from nodegraph.editor.played import Played
from nodegraph.errors import Problem
from nodegraph.graph import Edit, Patch, Port
from nodes.midi import Fader, Notes, cc, note

MADE = patch(
    {
        "filter": ("audio.filter", {"frequency": 200.0}),
        "auto": "theme.auto",
        "song": "audio.file",
        "old": ("midi.note", {"low": 40, "high": 40}),
    }
)
CC = "value", "moved", "hand", "seen", "seen_channel", "touched"
NOTE = "hit", "note", "velocity", "held"


class Hands:
    """What an engine shows of nodes that hear MIDI, tick by tick."""

    def __init__(self) -> None:
        self.ticks = 1000
        self.columns: dict[str, list[float]] = {}

    def plays(self, id: str, *events: Sequence[MidiEvent]) -> None:
        """A node hears these, a tick each."""
        function, names = (cc, CC) if id == "cc" else (note, NOTE)
        state: Any = Fader() if id == "cc" else Notes()
        for heard in events:
            state, *values = function(state, tuple(heard))
            for name, value in zip(names, values, strict=True):
                self.columns.setdefault(f"{id}.{name}", []).append(float(value))
        self.ticks += len(events)

    def newest(self, port: str) -> float:
        return self.columns.get(port, [nan])[-1]

    def history(self, port: str) -> NDArray[np.float64]:
        return np.asarray(self.columns.get(port, []))


class Desk:
    """An editor's model whose edits are taken at once."""

    def __init__(self, made: Patch = MADE) -> None:
        self.editing = shell_on(made).editing
        self.editing.watching = self.hands = Hands()
        self.editing.address.side_effect = lambda port: port
        self.editing.problems_of.return_value = ()
        self.editing.do.side_effect = self._do
        self.editing.type_of.side_effect = lambda id: self.editing.types.get(
            self.editing.patch.nodes[id].type
        )
        self.editing.param.side_effect = lambda id, name: self.node(id).get(
            name, self.editing.type_of(id).params[name].default
        )
        self.learner = Learner(self.editing)

    def _do(self, edit: Edit, label: str, gesture: str) -> bool:
        before, self.editing.patch = self.editing.patch, edit.apply(self.editing.patch)
        return before != self.editing.patch

    def node(self, id: str) -> Mapping[str, Any]:
        return dict(self.editing.patch.nodes[id].params)

    @property
    def wires(self) -> list[str]:
        return [str(wire) for wire in self.editing.patch.wires]

    @property
    def gestures(self) -> set[object]:
        return {call.args[2] for call in self.editing.do.call_args_list}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def turned(channel: int, number: int, value: int) -> MidiEvent:
    return MidiEvent(0.0, "cc", channel, number, value)


def struck(number: int) -> MidiEvent:
    return MidiEvent(0.0, "note", 10, number, 100)


def test_a_knob_goes_through_the_octaves_of_a_param_from_where_that_stands(desk: Desk) -> None:
    frequency = desk.editing.types["audio.filter"].params["frequency"]
    assert desk.learner.drive(Port("filter", "frequency"), KNOB)
    assert desk.wires == ["cc.value -> remap.value", "remap.out -> filter.frequency"]
    remap = desk.editing.types["shape.remap"]
    given = {name: param.default for name, param in remap.params.items()} | desk.node("remap")

    def at(knob: float) -> float:
        return float(remap.function(knob, **given))

    assert at(desk.node("cc")["start"]) == pytest.approx(200.0)
    assert (at(0.0), at(1.0)) == (frequency.low, frequency.high)
    assert log2(at(0.5)) == pytest.approx((log2(frequency.low) + log2(frequency.high)) / 2)
    assert not desk.learner.tick()
    desk.hands.plays("cc", (), (), (turned(3, 21, 5), turned(3, 53, 9)), (turned(1, 7, 0),))
    assert desk.learner.tick()
    assert desk.node("cc") | {"start": 0} == {"start": 0, "number": 21, "channel": 3}
    assert len(desk.gestures) == 1, "one step of undo"
    desk.hands.plays("cc", (turned(1, 8, 1),))
    assert not desk.learner.tick(), "it learns once"


def test_a_param_that_a_file_has_out_of_its_range_is_driven_from_the_end_of_it() -> None:
    desk = Desk(patch({"filter": ("audio.filter", {"frequency": 1e9})}))
    assert desk.learner.drive(Port("filter", "frequency"), KNOB)
    assert desk.node("cc") == {"start": 1.0}


def test_a_knob_drives_an_inlet_as_it_is() -> None:
    desk = Desk(patch({"mix": "flow.mix"}))
    assert desk.learner.drive(Port("mix", "a"), KNOB)
    assert desk.wires == ["cc.value -> mix.a"]


def test_a_pad_strikes_and_a_switch_is_held(desk: Desk) -> None:
    assert desk.learner.drive(Port("auto", "next"), PAD)
    desk.hands.plays("note", (struck(38),), ())
    assert desk.learner.tick()
    assert desk.node("note") == {"low": 38, "high": 38}
    assert desk.learner.drive(Port("song", "loop"), PAD)
    assert desk.wires == ["note.hit -> auto.next", "note_2.held -> song.loop"]


def test_a_node_that_learns_anew_hears_everything_meanwhile(desk: Desk) -> None:
    desk.hands.plays("old", (struck(40),))
    desk.learner.teach("old")
    assert desk.node("old") == {}
    assert not desk.learner.tick(), "what was struck before does not count"
    desk.hands.plays("old", (struck(41),))
    assert desk.learner.tick()
    assert desk.node("old") == {"low": 41, "high": 41}


def test_a_key_is_heard_by_the_window(desk: Desk) -> None:
    assert not desk.learner.press("j")
    assert desk.learner.drive(Port("auto", "next"), KEY)
    assert not desk.learner.tick()
    assert not desk.learner.press("escape")
    assert not desk.learner.press("ctrl+j")
    assert desk.learner.press("j")
    assert not desk.learner.press("k")
    assert desk.wires == ["key.press -> auto.next"]
    assert desk.node("key") == {"key": "j"}


def test_who_gives_up_has_all_as_it_was(desk: Desk) -> None:
    desk.learner.leave()
    desk.editing.undo.assert_not_called()
    desk.learner.drive(Port("auto", "next"), PAD)
    desk.learner.leave()
    desk.editing.undo.assert_called_once_with()
    desk.hands.plays("note", (struck(38),))
    assert not desk.learner.tick()
    desk.editing.patch = patch({"key": "control.key"})
    desk.learner.teach("key")
    desk.learner.leave()
    desk.editing.undo.assert_called_once_with()  # nothing had been changed


def test_what_can_never_be_heard_ends_it_with_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.learner.drive(Port("auto", "next"), PAD)
    desk.editing.problems_of.return_value = (Problem("this machine has no MIDI", node="note"),)
    assert desk.learner.tick()
    desk.editing.problems_of.return_value = ()
    desk.editing.patch = MADE
    desk.learner.drive(Port("auto", "next"), PAD)
    assert not desk.learner.tick()
    now = learning.time.monotonic()
    monkeypatch.setattr(learning.time, "monotonic", lambda: now + 4.0)
    assert desk.learner.tick()
    assert [call.args for call in desk.editing.note.call_args_list] == [
        ("note: this machine has no MIDI", "problem"),
        ("note does not run, so it hears nothing", "problem"),
    ]
    assert desk.editing.undo.call_count == 2


def test_keys_that_nodes_listen_for_play_in_a_real_show(tmp_path: Path) -> None:
    made = patch(
        {"next": ("control.key", {"key": "J"}), "see": "flow.probe"}, ["next.on -> see.value"]
    )

    async def story() -> None:
        async with edited(made, tmp_path) as (_, editing):
            played, value = Played(editing), editing.watching.newest
            await pumped(editing, lambda: value("next.held") == 0.0)
            assert not played.press("k")
            assert played.press("j")
            assert played.press("j"), "it repeats"
            played.tick({"j", "k"})
            await pumped(editing, lambda: value("next.held") == 1.0)
            played.tick(set())
            await pumped(editing, lambda: value("next.held") == 0.0)
            assert value("see.out") == 1.0
            assert editing.watching.fired("next.press") == 1

    run(story())
