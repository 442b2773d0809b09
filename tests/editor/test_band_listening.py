"""Ears that are not disturbed: what is heard of a node is fitted, or a sentence says why not."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
import pytest
from editor.shell_kit import shell_on
from kit import patch
from numpy.typing import NDArray

from nodegraph.editor import band_listening
from nodegraph.editor.band import Setting, band_of
from nodegraph.editor.band_listening import Listener, setting_of
from nodegraph.editor.editing import View
from nodegraph.graph import Port

PATCH = patch(
    {
        "swing": "generate.lfo",
        "bass": ("audio.band_level", {"low": 35.0, "threshold": 0.2}),
        "driven": "audio.band_level",
    },
    ["swing.out -> driven.threshold"],
)
RATE = 93.75  # ticks a second


class Values:
    """A level that is struck twice a second, and what else there is to read."""

    def __init__(self, now: Mapping[str, float]) -> None:
        self.now, self.ticks, self.loud = now, 0, 0.4

    def newest(self, port: str) -> float:
        return self.now.get(port, nan)

    def history(self, port: str) -> NDArray[np.float64]:
        times = np.arange(max(self.ticks - 511, 0), self.ticks) / RATE
        return np.asarray(self.loud * np.exp(-(times % 0.5) / 0.05) + 1e-6)


class Clock:
    """Time as a test wants it."""

    def __init__(self) -> None:
        self.now = 50.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(band_listening, "time", clock)
    return clock


@pytest.fixture
def editing() -> Any:
    editing = shell_on(PATCH).editing
    editing.watching = Values({"bass.level": 0.1, "driven.level": 0.1, "swing.out": 0.7})
    editing.address.side_effect = lambda port: port
    editing.brings.side_effect = lambda at: "swing.out" if at == Port("driven", "threshold") else ""
    editing.param.side_effect = lambda id, name: PATCH.nodes[id].params.get(
        name, editing.types["audio.band_level"].params[name].default
    )
    return editing


def band(editing: Any) -> Any:
    return band_of(editing.types["audio.band_level"])


def play(editing: Any, listener: Listener, clock: Clock, seconds: float) -> None:
    for _ in range(round(seconds * 30)):
        clock.now += 1 / 30
        editing.watching.ticks = int((clock.now - 50.0) * RATE)
        listener.tick()


def notes(editing: Any) -> list[str]:
    return [call.args[0] for call in editing.note.call_args_list]


def test_what_acts_is_what_is_set_or_what_a_wire_brings(editing: Any) -> None:
    assert setting_of(editing, "bass", band(editing)) == Setting(35.0, 150.0, 0.2, 0.3, 0.1)
    assert setting_of(editing, "driven", band(editing)).threshold == 0.7
    editing.watching.now = {"swing.out": 55.0}
    assert setting_of(editing, "driven", band(editing)).threshold == 1.0
    editing.watching.now = {}
    assert setting_of(editing, "driven", band(editing)).threshold == 0.05


def test_it_sets_the_threshold_once_and_says_what_it_found(editing: Any, clock: Clock) -> None:
    listener = Listener(editing)
    assert listener.words("bass") == "Listen 8 s and fit"
    listener.press("bass", band(editing))
    play(editing, listener, clock, 4.0)
    assert listener.hears("bass")
    assert not listener.hears("driven")
    assert listener.words("bass") == "Listening, 50%. Stop"
    assert listener.words("driven") == "Listen 8 s and fit"
    play(editing, listener, clock, 6.0)
    assert not listener.hears("bass")
    editing.set_param.assert_called_once()
    id, param, value = editing.set_param.call_args.args
    assert (id, param) == ("bass", "threshold")
    assert 0.0001 < value < 0.4
    (note,) = notes(editing)
    assert "bass: threshold" in note
    assert "16 hits in 8 s" in note or "17 hits in 8 s" in note  # it may begin within one


def test_silence_changes_nothing(editing: Any, clock: Clock) -> None:
    listener = Listener(editing)
    editing.watching.loud = 0.0
    listener.press("bass", band(editing))
    play(editing, listener, clock, 9.0)
    editing.set_param.assert_not_called()
    assert notes(editing) == [
        "Nothing stands out of bass in 8 s: the threshold is left as it is",
    ]


def test_a_second_press_ends_it(editing: Any, clock: Clock) -> None:
    listener = Listener(editing)
    listener.press("bass", band(editing))
    listener.press("bass", band(editing))
    play(editing, listener, clock, 9.0)
    editing.set_param.assert_not_called()
    assert notes(editing) == []


def test_it_ends_when_one_enters_another_patch(editing: Any, clock: Clock) -> None:
    listener = Listener(editing)
    listener.press("bass", band(editing))
    editing.view = View("next")
    play(editing, listener, clock, 9.0)
    editing.set_param.assert_not_called()
    assert notes(editing) == ["No longer listening to bass: it is out of sight"]


def test_it_says_why_it_does_not_begin(editing: Any) -> None:
    listener = Listener(editing)
    listener.press("driven", band(editing))
    editing.watching.now = {}
    listener.press("bass", band(editing))
    assert not listener.hears("bass")
    told = notes(editing)
    assert ["driven by a wire" in told[0], "is not running" in told[1]] == [True, True]
