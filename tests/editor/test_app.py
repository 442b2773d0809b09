"""What the window is made of where it needs no window: pace, files, the start screen, a display."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from editor.shell_kit import shell_on
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor import examples
from nodegraph.editor.display import why_no_window
from nodegraph.editor.filing import Filing
from nodegraph.editor.hold import Hold
from nodegraph.editor.opening import open_window
from nodegraph.editor.pace import HAND, LINGERS, REST, SHOW, Pace
from nodegraph.editor.panels.files import listed
from nodegraph.editor.panels.find import places
from nodegraph.editor.panels.manual import paragraphs
from nodegraph.graph import Node, Patch
from nodegraph.nodetype import Param

# Pace.


def test_frames_are_many_for_a_hand_and_few_for_nothing() -> None:
    pace = Pace()
    assert pace.rate(10.0, busy=False, moving=False) == REST
    assert pace.rate(10.0, busy=False, moving=True) == SHOW
    assert pace.rate(11.0, busy=True, moving=False) == HAND
    assert pace.rate(11.0 + LINGERS * 0.9, busy=False, moving=False) == HAND
    assert pace.rate(11.0 + LINGERS * 1.1, busy=False, moving=False) == REST
    assert pace.rate(12.0, busy=False, moving=True) == SHOW
    assert pace.rate(12.0 + LINGERS * 0.9, busy=False, moving=False) == SHOW
    assert pace.rate(12.0 + LINGERS * 1.1, busy=False, moving=False) == REST


@given(late=st.lists(st.floats(0, 0.2), min_size=2, max_size=50))
def test_the_pace_is_kept_and_late_frames_are_not_made_up_for(late: list[float]) -> None:
    pace, now, begun = Pace(), 0.0, list[float]()
    for work in late:
        now += work
        wait = pace.wait(now, busy=True, moving=False)
        assert 0 <= wait <= 1 / HAND + 1e-9
        now += wait
        begun.append(now)
    for i, j in combinations(range(len(begun)), 2):
        assert j - i <= (begun[j] - begun[i]) * HAND + 1 + 1e-6, "too many frames"


def test_work_that_fits_into_a_frame_does_not_slow_it() -> None:
    pace, now = Pace(), 0.0
    for _ in range(600):
        now += 0.004
        now += pace.wait(now, busy=True, moving=False)
    assert now == pytest.approx(10.0, rel=0.01)


# Files.


class Hand:
    """Answers what is asked: with the answer of this label, and with this file."""

    def __init__(self, label: str = "", path: str = "") -> None:
        self.label, self.path = label, path
        self.asked: list[str] = []
        self.chosen: list[dict[str, object]] = []

    def ask(
        self, title: str, text: str, answers: Sequence[tuple[str, Callable[[], object]]]
    ) -> None:
        self.asked.append(title)
        dict(answers).get(self.label, lambda: None)()

    def choose(self, title: str, take: Callable[[str], object], **about: object) -> None:
        self.chosen.append({"title": title, **about})
        if self.path:
            take(self.path)


def filing(hand: Hand, *, dirty: bool = False, path: str = "") -> tuple[Filing, Any, list[str]]:
    editing = shell_on(Patch(), dirty=dirty).editing
    editing.deck.path = path

    def answer(verb: str, then: Any = None, /, **fields: object) -> None:
        if then:
            then({"path": fields.get("path", "")})

    editing.ask.side_effect = answer
    remembered: list[str] = []
    return Filing(editing, hand, hand, remembered.append), editing, remembered


def test_what_is_saved_makes_way_without_a_question() -> None:
    hand = Hand()
    it, editing, remembered = filing(hand)
    it.new()
    it.open_path("a.json")
    editing.new.assert_called_once_with("main")
    editing.open.assert_called_once_with("a.json", "main", copy=False)
    assert remembered == ["a.json"]
    assert hand.asked == []


def test_unsaved_work_is_asked_for_first() -> None:
    hand = Hand()  # it answers nothing
    it, editing, _ = filing(hand, dirty=True)
    for act in (it.new, lambda: it.open_path("a.json"), lambda: it.recover("lost")):
        act()
    assert len(hand.asked) == 3
    assert editing.new.call_count == editing.open.call_count == editing.ask.call_count == 0


def test_unsaved_work_can_be_given_up() -> None:
    it, editing, _ = filing(Hand("Don't save"), dirty=True)
    it.new()
    editing.new.assert_called_once_with("main")


def test_unsaved_work_is_saved_before_another_patch_comes() -> None:
    it, editing, remembered = filing(Hand("Save"), dirty=True, path="mine.json")
    it.open_path("other.json")
    assert [call.args for call in editing.ask.call_args_list] == [("save", *_then(editing))]
    editing.open.assert_called_once_with("other.json", "main", copy=False)
    assert remembered == ["mine.json", "other.json"]


def _then(editing: Any) -> tuple[object, ...]:
    return tuple(editing.ask.call_args.args[1:])


def test_a_patch_without_a_file_has_one_chosen() -> None:
    hand = Hand(path="/here/new.json")
    it, editing, remembered = filing(hand)
    it.save()
    assert hand.chosen[0]["saving"] is True
    assert editing.ask.call_args.kwargs == {"deck": "main", "path": "/here/new.json"}
    assert remembered == ["/here/new.json"]


def test_an_example_is_opened_as_a_copy_and_not_remembered() -> None:
    it, editing, remembered = filing(Hand())
    it.open_path("example.json", copy=True)
    editing.open.assert_called_once_with("example.json", "main", copy=True)
    assert remembered == []


def test_a_folder_shows_what_is_of_use(tmp_path: Path) -> None:
    for name in ("b.json", "A.JSON", "c.txt", ".hidden.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "sub").mkdir()
    assert listed(tmp_path, [".json"]) == (("sub",), ("A.JSON", "b.json"), "")
    assert listed(tmp_path, []).files == ("A.JSON", "b.json", "c.txt")
    assert "cannot be read" in listed(tmp_path / "none", []).complaint


# The start screen.


def test_every_shipped_patch_is_offered_and_the_first_one_is_to_begin_with() -> None:
    offered = examples.examples()
    patches = Path(__file__).parents[2] / "patches"
    assert {Path(each.path).stem for each in offered} == {p.stem for p in patches.glob("*.json")}
    assert Path(offered[0].path).stem == "pulse"
    assert all(each.title and each.text and len(each.text) <= 151 for each in offered)
    assert not any("`" in each.text for each in offered)


def test_the_beginning_of_a_note_ends_where_a_sentence_does() -> None:
    assert examples.opening("Short.\n\nMore.") == "Short."
    assert examples.opening("One. " + "word " * 60) == "One."
    cut = examples.opening("word " * 60)
    assert cut.endswith("word…")
    assert len(cut) <= 151


def test_recent_files_are_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("")
    paths = [str(tmp_path / name) for name in ("a.json", "gone.json")]
    assert examples.recent(paths) == paths[:1]


def test_lost_shows_are_told_by_their_files_and_times() -> None:
    now = 1_700_000_000.0
    deck = {"name": "recovered 21:14", "original": "/songs/night.json"}
    answer = {
        "lost": [
            {"name": "s1", "when": now - 60, "complaint": "", "decks": {"main": deck}},
            {
                "name": "s2",
                "when": now - 10 * 86_400,
                "complaint": "the end is damaged",
                "decks": {"main": {"name": "recovered 09:00", "original": ""}, "next": deck},
            },
        ]
    }
    first, second = examples.lost_shows(answer, now)
    assert (first.name, first.title) == ("s1", "night")
    assert len(first.when) == len("21:14")
    assert second.title == "recovered 09:00 and night"
    assert second.when.split()[1].isalpha()
    assert examples.moment(now - 86_400, now).startswith("yesterday")


# What is found, what is read.


def test_every_node_at_every_level_is_found_once_an_instance() -> None:
    inner = Patch(nodes={"a": Node("shape.lag"), "deep": Node("subpatch.deep")})
    deep = Patch(nodes={"b": Node("shape.lag"), "again": Node("subpatch.voice")})
    patch = Patch(
        nodes={"v": Node("subpatch.voice"), "w": Node("subpatch.voice"), "x": Node("no.such")},
        subpatches={"voice": inner, "deep": deep},
    )
    found = {"/".join([*path, id]) for path, id in places(patch)}
    assert {"v", "w", "x", "v/a", "w/a", "v/deep/b", "w/deep/again"} <= found
    assert not any("again/" in each for each in found), "a subpatch in itself is no way down"


def test_manuals_are_paragraphs() -> None:
    assert paragraphs("One\nline.\n\n    a table\n    of `two`\n\n") == [
        "One line.",
        "    a table\n    of two",
    ]
    assert paragraphs("") == []


# A number that is dragged.


def hold(value: float, **about: object) -> Hold:
    made = Param("x", "number", 0.0, "", 0.0, 1.0, (), "linear", False, "")
    return Hold(replace(made, **about), 100.0, value)  # type: ignore[arg-type]  # fields by name


def test_a_press_that_trembles_is_no_drag() -> None:
    held = hold(0.5)
    assert held.moved(102.0, 200.0, fine=False, coarse=False) is None
    assert not held.is_drag
    assert held.moved(110.0, 200.0, fine=False, coarse=False) == pytest.approx(0.55)
    assert held.is_drag


def test_a_drag_goes_all_the_way_and_no_further() -> None:
    held = hold(0.5)
    assert held.moved(1000.0, 200.0, fine=False, coarse=False) == 1.0
    assert held.moved(2000.0, 200.0, fine=False, coarse=False) is None
    assert held.moved(1900.0, 200.0, fine=False, coarse=False) == 0.5


def test_a_fine_drag_is_a_tenth_of_one() -> None:
    assert hold(0.5).moved(120.0, 200.0, fine=True, coarse=False) == pytest.approx(0.51)


def test_a_number_without_a_range_grows_by_its_own_size() -> None:
    free = {"low": None, "high": None}
    assert hold(50.0, **free).moved(200.0, 80.0, fine=False, coarse=False) == pytest.approx(100.0)
    whole = hold(0.0, integer=True, **free)
    assert whole.moved(140.0, 80.0, fine=False, coarse=False) is None
    assert whole.moved(160.0, 80.0, fine=False, coarse=False) == 1.0


# A display.


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize("display", [None, "", ":54321"])
def test_without_a_display_there_is_a_sentence_and_no_abort(
    display: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    complaint = open_window()
    assert "display" in complaint
    assert complaint == why_no_window()
    assert os.environ.get("DISPLAY") == display


def test_settings_are_json_that_a_person_can_read(tmp_path: Path) -> None:
    from nodegraph.editor.settings import Settings, save

    save(Settings(), tmp_path / "e.json")
    assert json.loads((tmp_path / "e.json").read_text())["theme"] == "dark"
