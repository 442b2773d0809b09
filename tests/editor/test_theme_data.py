"""What an edit makes of a theme as data, what a slider with two ends does, who plays a theme."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import catalogue, patch

from nodegraph.editor.panels.theme_cards import brief, matching
from nodegraph.editor.span import Held, grip_at, shares
from nodegraph.editor.theme_data import (
    add,
    differences,
    ends,
    faults,
    number_of,
    put,
    take,
    text_at,
    typed,
    value_at,
)
from nodegraph.editor.theme_uses import Use, rename, uses
from nodegraph.errors import EditError
from nodegraph.graph import Patch, SetThemePart
from nodegraph.theme import PARAMETERS
from nodegraph.themes import data_of, load, read, shipped
from nodegraph.themes.library import entries
from nodes.theme import preset

FORGE = data_of(shipped()["forge"])
PLACES = [
    ("prompt",),
    ("motion",),
    ("variations", 0, "text"),
    ("variations", 1, "on"),
    ("ranges", "noise_scale", "low"),
    ("ranges", "vace_context_scale", "high"),
    ("palette", 0),
]


@given(st.sampled_from(PLACES), st.text(min_size=1, max_size=9))
def test_what_is_put_is_there_and_nothing_else_changes(
    place: tuple[str | int, ...], text: str
) -> None:
    made = put(FORGE, place, text)
    assert value_at(made, place) in (text, None)  # None if it is the default
    assert text_at(made, place) == text or value_at(made, place) == text
    assert {name: each for name, each in made.items() if name != place[0]} == {
        name: each for name, each in FORGE.items() if name != place[0]
    }


def test_what_is_as_by_default_is_not_said() -> None:
    assert put({"motion": "calm"}, ("motion",), "steady") == {}
    assert put({"prompt": "a"}, ("prompt",), "") == {}
    assert put({}, ("variations",), ()) == {}
    varied = add({}, "variations", {"text": "a", "on": "drop"})
    assert put(varied, ("variations", 0, "on"), "energy") == {"variations": ({"text": "a"},)}
    assert text_at({}, ("motion",)) == "steady"
    assert text_at({}, ("style",)) == text_at({}, ("prompt",)) == text_at({}, ("name",)) == ""


def test_what_is_taken_is_gone_and_what_is_not_there_is_no_error() -> None:
    two = add(add({}, "palette", "#000000"), "palette", "#ffffff")
    assert take(two, ("palette", 0)) == {"palette": ("#ffffff",)}
    assert take(take(two, ("palette", 0)), ("palette", 0)) == {}
    assert take(two, ("palette", 7)) == put(two, ("palette", 7), "#123456") == two
    ranged = put({}, ("ranges", "noise_scale"), {"low": 0.1, "high": 0.2})
    assert take(ranged, ("ranges", "noise_scale")) == {}
    assert value_at({"palette": 3}, ("palette", 0)) is None


def test_style_is_typed_with_commas() -> None:
    assert typed(("style",), " neon, , wet streets ,") == ("neon", "wet streets")
    assert text_at({"style": ("neon", "wet streets")}, ("style",)) == "neon, wet streets"
    assert typed(("prompt",), " a, b ") == "a, b"


def test_every_planted_mistake_stands_at_a_field_of_its_own() -> None:
    """The files with mistakes of the tests of themes: no sentence is lost, and each is near."""
    places = [(), *((field,) for field in FORGE), ("variations", 0), ("ranges", "noise_scale")]
    files = sorted((Path(__file__).parents[1] / "themes" / "mistakes").glob("*.json"))
    assert files
    for file in files:
        problems = load(file).problems
        told = faults(problems, places)
        assert sum(len(text.splitlines()) for text in told.values()) >= len(problems)
    wrong = {
        "variations": ({"on": "boom"},),
        "ranges": {"noise_scale": {"low": 3.0, "high": 0.5}},
        "motion": "fast",
    }
    told = faults(read("lake", wrong)[1], [("motion",), *places])
    assert told[("motion",)].startswith("there is no motion 'fast'")
    assert told[("ranges", "noise_scale")] == "3 is outside 0 to 1; 1 is used"
    assert set(told[("variations", 0)].splitlines()) == {
        'a variation wants to say what to paint: add "text": "…"',
        "there is no trigger 'boom'; choose one of energy, beat, spike, section, drop, silence",
    }
    assert told[()] == 'a theme wants to say what to paint: add "prompt": "…"'


def test_ends_that_are_no_numbers_stand_at_the_limit() -> None:
    place = ("ranges", "noise_scale")
    assert ends({"ranges": {"noise_scale": {"low": 0.2, "high": "x"}}}, place) == (0.2, 1.0)
    assert ends({}, place) == (0.0, 1.0)


WIDTH = 200.0


@given(
    st.sampled_from(sorted(PARAMETERS)),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, WIDTH),
    st.lists(st.floats(-300, 500), min_size=1, max_size=6),
)
def test_a_drag_keeps_within_the_limits_and_moves_what_it_took(
    name: str, a: float, b: float, x: float, through: list[float]
) -> None:
    param = number_of(("ranges", name))
    assert param.low is not None
    assert param.high is not None
    low, high = (param.low + each * (param.high - param.low) for each in (a, b))
    held = Held(param, (low, high), x, WIDTH)
    for place in through:
        held.move(place, fine=False)
    after = held.ends
    assert all(param.low <= end <= param.high for end in after)
    if held.grip == "low":
        assert after[1] == high
    if held.grip == "high":
        assert after[0] == low
    if held.grip == "both":
        step = 1.0 if param.integer else 0.02
        assert math.isclose(after[1] - after[0], high - low, abs_tol=step)


def test_a_press_takes_the_nearer_end_or_both_in_the_middle() -> None:
    param = number_of(("ranges", "noise_scale"))
    assert shares(param, (0.25, 0.75)) == (0.25, 0.75)
    at = {x: grip_at(param, (0.25, 0.75), x, WIDTH) for x in (0, 45, 100, 145, 200)}
    assert at == {0: "low", 45: "low", 100: "both", 145: "high", 200: "high"}
    assert grip_at(param, (0.75, 0.25), 160, WIDTH) == "low"
    assert [grip_at(param, (0.5, 0.5), x, WIDTH) for x in (95, 105)] == ["low", "high"]
    held = Held(param, (0.25, 0.75), 50.0, WIDTH)
    assert held.move(52.0, fine=False) is None
    assert held.move(70.0, fine=False) == (0.35, 0.75)
    assert held.move(90.0, fine=True) == (0.36, 0.75)


def test_steps_are_whole() -> None:
    held = Held(number_of(("ranges", "denoising_steps")), (2.0, 4.0), 40.0, WIDTH)
    assert held.move(90.0, fine=False) == (3, 4.0)


TYPES = catalogue(preset)
PLAYED = patch({"look": ("theme.preset", {"theme": "lake"}), "other": "theme.preset"}).evolve(
    themes={"lake": {"prompt": "a lake"}},
    subpatches={"deep": patch({"inner": ("theme.preset", {"theme": "lake"})})},
)


def test_who_plays_a_theme_and_what_a_new_name_changes() -> None:
    found = set(uses(PLAYED, TYPES))
    assert found == {
        Use("lake", "", "look", "theme"),
        Use("astral", "", "other", "theme"),
        Use("lake", "deep", "inner", "theme"),
    }
    edit = rename(PLAYED, TYPES, "lake", "pond")
    after = edit.apply(PLAYED)
    assert {use.theme for use in uses(after, TYPES)} == {"pond", "astral"}
    assert after.themes == {"pond": {"prompt": "a lake"}}
    assert edit.inverse(PLAYED).apply(after) == PLAYED
    with pytest.raises(EditError, match="the patch has a theme lake already"):
        rename(PLAYED, TYPES, "lake", "lake")


def test_themes_are_found_by_their_words() -> None:
    found = entries({"lake": {"prompt": "still water at dawn", "style": ["fog"]}}, {})
    assert [entry.theme.id for entry in matching(found, "FOG dawn")] == ["lake"]
    assert len(matching(found, "")) == len(shipped()) + 1
    assert matching(found, "no such words") == []
    assert entries(Patch().themes, {})[0].origin == "shipped"


def test_first_words_end_with_a_word() -> None:
    assert brief("a lake") == "a lake"
    long = brief("word " * 60)
    assert len(long) < 115
    assert long.endswith("word …")


@pytest.mark.parametrize("other", [*shipped()])
def test_edits_of_what_differs_lead_from_one_theme_to_another(other: str) -> None:
    one, two = (data_of(shipped()[id]) for id in ("forge", other))
    found = Patch(themes={"mine": one})
    for place, value in differences(found.themes["mine"], two):
        found = SetThemePart("mine", place, value).apply(found)
    assert found.themes["mine"] == Patch(themes={"mine": two}).themes["mine"]
