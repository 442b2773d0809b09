"""The shapes of what is no usual box: notes, ghosts of types that are missing, knots in wires."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import Final

from nodegraph.editor.canvas.lettering import fitted
from nodegraph.editor.canvas.markdown import lines_of
from nodegraph.editor.canvas.shape import (
    CORNER,
    HEAD,
    INSET,
    NARROW,
    PAD,
    ROW,
    TEXT,
    TITLE,
    Kinds,
    Mark,
    Shape,
)
from nodegraph.nodetype import ANY

NOTE: Final = "flow.note"
DOT: Final = "flow.reroute"

DOT_SIZE: Final = 16.0
"""How wide and high a knot is."""

NOTE_LINE: Final = 18.0
"""The height of a line of a note."""

_NOTE_WIDTH = 240.0


@lru_cache(maxsize=1024)
def ghost_of(id: str, type_id: str, ins: tuple[str, ...], outs: tuple[str, ...]) -> Shape:
    """The box of a node whose type is not there, with the ports that its wires speak of."""
    wide = NARROW
    marks: list[Mark] = []
    y = HEAD + ROW
    for arriving, leaving in zip_longest(ins, outs):
        if arriving:
            marks.append(Mark(arriving, "in", "", 0.0, y + ROW / 2, arriving))
        if leaving:
            marks.append(Mark(leaving, "out", "", wide, y + ROW / 2, leaving))
        y += ROW
    title = fitted(id, wide - INSET - CORNER, TITLE, True)
    family = type_id.partition(".")[0]
    missing = fitted(type_id, wide - 2 * INSET, TEXT)
    return Shape(wide, y + PAD, title, family, missing, tuple(marks))


@lru_cache(maxsize=256)
def note_of(id: str, text: str) -> Shape:
    """The box of a note: its Markdown, laid out."""
    words = text or "An empty note: double click to write."
    lines = lines_of(words, _NOTE_WIDTH - 2 * INSET, TEXT)
    return Shape(_NOTE_WIDTH, len(lines) * NOTE_LINE + 2 * PAD + 4.0, id, "flow", note=lines)


@lru_cache(maxsize=256)
def dot_of(id: str, kinds: Kinds) -> Shape:
    """The knot of a node that only leads a wire; its two ports are its left and its right."""
    carried, middle = dict(kinds), DOT_SIZE / 2
    marks = (
        Mark("value", "in", carried.get("value", ANY), 0.0, middle),
        Mark("out", "out", carried.get("out", ANY), DOT_SIZE, middle),
    )
    return Shape(DOT_SIZE, DOT_SIZE, id, "flow", marks=marks, dot=True)
