"""The boxes of all node types, sliders, and the width of letters."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from editor.drawn import built_in
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

import nodegraph.editor.look
from nodegraph.editor.canvas.lettering import (
    ELLIPSIS,
    fitted,
    folded,
    poured,
    unfolded,
    width,
    wrapped,
)
from nodegraph.editor.canvas.odd import ghost_of, note_of
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import (
    HEAD,
    MOST_FIELDS,
    TEXT,
    shape_of,
    shown_params,
)
from nodegraph.editor.canvas.turning import is_slider, live, step, value_at
from nodegraph.editor.numbers import share
from nodegraph.nodetype import NodeType, Param

TYPES = built_in()
SLIDERS = [p for t in TYPES.values() for p in t.params.values() if is_slider(p)]
INTER = Path(nodegraph.editor.look.__file__).parent / "fonts" / "Inter-Regular.otf"


@pytest.mark.parametrize("type_", TYPES.values(), ids=str)
@pytest.mark.parametrize("opened", [False, True])
def test_a_box_has_a_place_for_everything(type_: NodeType, opened: bool) -> None:
    names, hidden = shown_params(type_, (), opened)
    shape = shape_of("some_name", type_, (), names, hidden)
    whole = Rect(0.0, 0.0, shape.width, shape.height)
    ins = {mark.port for mark in shape.marks if mark.side == "in"}
    assert ins == {*type_.inlets, *names}
    assert {mark.port for mark in shape.marks if mark.side == "out"} == {*type_.outlets}
    assert len(names) + hidden == len(type_.params)
    places = [(mark.x, mark.y) for mark in shape.marks]
    assert len(set(places)) == len(places)
    parts = [field.area for field in shape.fields]
    parts += [each for each in (shape.more, shape.curve) if each]
    for above, below in itertools.pairwise(parts):
        assert above.bottom <= below.top
    for part in parts:
        assert part.top >= HEAD
        assert whole.holds(part.left, part.top)
        assert whole.holds(part.right, part.bottom)
    for mark in shape.marks:
        assert HEAD < mark.y < shape.height
        if mark.chip is not None:
            label = INSET_OF_LABEL + width(mark.label, TEXT)
            assert mark.chip.right <= shape.width - label
            beside = [m for m in shape.marks if m.side == "in" and m.y == mark.y]
            assert all(INSET_OF_LABEL + width(m.label, TEXT) <= mark.chip.left for m in beside)


INSET_OF_LABEL = 12.0


def test_a_box_hides_params_but_none_that_is_set_or_driven() -> None:
    many = max(TYPES.values(), key=lambda type_: len(type_.params))
    last = [*many.params][-1]
    names, hidden = shown_params(many, (), opened=False)
    assert len(names) == MOST_FIELDS
    assert last not in names
    more, fewer = shown_params(many, {last}, opened=False)
    assert more == (*names, last)
    assert fewer == hidden - 1
    assert shape_of("a", many, (), *shown_params(many, (), opened=True)).more is not None


def test_notes_and_ghosts_have_boxes_too() -> None:
    note = note_of("note", "one two three " * 30)
    assert len(note.note) > 5
    assert all(width(line.text, TEXT) <= note.width for line in note.note)
    marked = note_of("note", "# Hear\n- **bass** opens `gate_1`\n*slowly*")
    assert [line.text for line in marked.note] == ["Hear", "• bass opens gate_1", "slowly"]
    ghost = ghost_of("lost", "acme.gone", ("a", "b"), ("out",))
    assert ghost.mark("b", "in") is not None
    assert ghost.mark("out", "out") is not None
    assert ghost.place("unknown", "in") == (0.0, HEAD / 2)


@pytest.mark.parametrize("param", SLIDERS, ids=lambda param: param.name)
def test_a_slider_gives_back_what_it_shows(param: Param) -> None:
    assert param.low is not None
    assert param.high is not None
    assert value_at(param, 0.0) == pytest.approx(param.low, rel=0.01, abs=1e-9)
    assert value_at(param, 1.0) == pytest.approx(param.high, rel=0.01)
    before = -1.0
    for hundredth in range(101):
        value = value_at(param, hundredth / 100)
        assert param.low <= value <= param.high
        assert not param.integer or value == round(value)
        again = share(value, param)
        coarse = 0.51 / (param.high - param.low) if param.integer else 0.006
        assert again == pytest.approx(hundredth / 100, abs=max(coarse, 0.006))
        assert again >= before
        before = again


def test_drags_are_fine_and_coarse() -> None:
    usual = step(10.0, 100.0, fine=False, coarse=False)
    assert usual == pytest.approx(0.1)
    assert step(10.0, 100.0, fine=True, coarse=False) < usual / 5
    assert step(10.0, 100.0, fine=False, coarse=True) > usual * 2


@given(st.floats(-1e9, 1e9))
def test_live_numbers_have_room(value: float) -> None:
    assert width(live(value), 13.0) <= 46.0


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_letters_are_as_wide_as_the_font_says(text: str) -> None:
    """Pillow gives the size of the em square, Dear ImGui that from ascent to descent."""
    font = ImageFont.truetype(str(INTER), 1000, layout_engine=ImageFont.Layout.BASIC)
    ascent, descent = font.getmetrics()
    exact = sum(font.getlength(character) for character in text) * 100 / (ascent + descent)
    assert width(text, 100.0) == pytest.approx(exact, rel=0.01, abs=1.0)


@given(st.text(max_size=60), st.floats(20, 300))
def test_a_text_is_cut_to_its_room(text: str, room: float) -> None:
    cut = fitted(text, room, 14.0)
    assert cut == ELLIPSIS or width(cut, 14.0) <= room
    lines = wrapped(text, room, 14.0, most=5)
    assert len(lines) <= 5
    assert all(line == ELLIPSIS or width(line, 14.0) <= room for line in lines)


@given(st.text("ab  .\n"), st.floats(20, 200))
def test_a_text_that_is_folded_for_a_field_comes_back_from_it(text: str, room: float) -> None:
    text = re.sub(r" +(?=\n|$)", "", text)  # what nobody sees at the end of a line is not kept
    folds = folded(text, room, 14.0)
    assert unfolded(folds) == text
    for line in folds.split("\n"):
        assert width(line.rstrip(" "), 14.0) <= room or " " not in line.strip(" ")


def test_lines_of_a_paragraph_are_poured_together() -> None:
    text = "One that\nwas broken.\n\nTwo:\n- first\n2. second\nas well"
    assert poured(text) == "One that was broken.\n\nTwo:\n- first\n2. second as well"
