"""Remembered views: each under a number, by the patch's file, through a settings file and back."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.bookmarks import NUMBERS, Spot, Spots, marked, read
from nodegraph.editor.settings import Settings, load, save

NUMBER = st.floats(-1e6, 1e6)
PATH = st.lists(st.text(), max_size=3).map(tuple)
SPOTS = st.builds(Spot, NUMBER, NUMBER, st.floats(0.1, 4.0), PATH)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each) | st.dictionaries(st.sampled_from("xy1") | st.text(), each),
)


def test_a_number_is_taken_again_and_others_stay() -> None:
    first, second = Spot(1.0, 2.0, 1.0), Spot(3.0, 4.0, 0.5, ("voice",))
    spots = marked(marked({}, "a.json", 1, first), "b.json", 1, first)
    spots = marked(marked(spots, "a.json", 2, first), "a.json", 1, second)
    assert spots == {"b.json": {"1": first}, "a.json": {"1": second, "2": first}}


def test_files_that_were_marked_long_ago_are_forgotten() -> None:
    spots: Spots = {}
    for number in range(100):
        spots = marked(spots, f"{number}.json", 1, Spot(0.0, 0.0, 1.0))
    assert 20 < len(spots) < 100
    assert [*spots][-1] == "99.json"


@given(st.dictionaries(st.text(min_size=1), st.dictionaries(st.sampled_from(NUMBERS), SPOTS)))
def test_what_is_remembered_is_there_when_the_editor_opens_again(
    told: dict[str, dict[int, Spot]],
) -> None:
    spots: Spots = {}
    for file, own in told.items():
        for number, spot in own.items():
            spots = marked(spots, file, number, spot)
    assert read(plain(spots)) == spots


def plain(spots: Spots) -> object:
    """As a settings file has it."""
    return {
        file: {n: {"x": s.x, "y": s.y, "zoom": s.zoom, "path": [*s.path]} for n, s in own.items()}
        for file, own in spots.items()
    }


@given(JSON)
def test_whatever_the_file_says_is_a_view_or_nothing(told: object) -> None:
    for own in read({"a.json": {"1": told}, "b.json": told}).values():
        assert all(spot.zoom > 0.0 for spot in own.values())


def test_settings_keep_them_but_not_those_of_a_patch_without_a_file(tmp_path: Path) -> None:
    spot, file = Spot(10.0, -20.0, 0.75, ("voice",)), tmp_path / "editor.json"
    spots = marked(marked({}, "song.json", 3, spot), "", 1, spot)
    assert save(Settings(spots=spots), file) == ""
    kept, complaint = load(file)
    assert complaint == ""
    assert kept.spots == {"song.json": {"3": spot}}
