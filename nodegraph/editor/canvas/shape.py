"""The box of a node: how large it is, and where in it title, ports, params and curve lie.

All places are seen from the box's left and top. A box shows each port; of many params the first
ones, those that are set and those that are driven by a wire, the rest when it is opened up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from math import ceil
from typing import Final, Literal, NamedTuple, TypeAlias

from nodegraph.editor.canvas.lettering import fitted, width
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.canvas.turning import is_slider
from nodegraph.nodetype import NodeType, Param
from nodegraph.runtime.columns import PARTS, names_of

TITLE, TEXT, SMALL = 15.0, 14.0, 12.0
"""Sizes of letters."""

HEAD, ROW, FIELD, CURVE, PAD = 30.0, 22.0, 26.0, 40.0, 8.0
"""Heights: of the title, a row of ports, a param, the curve; and what is left free below."""

MARK: Final = 5.0
"""The radius of a port's mark."""

INSET: Final = 12.0
"""How far from the sides of a box its contents begin."""

CORNER: Final = 46.0
"""What is left free beside the title for a badge and a tag."""

CHIP: Final = 46.0
"""How wide the number beside an outlet is."""

NARROW: Final = 180.0
"""How wide a box is at least."""

MOST_FIELDS: Final = 6

_WIDE, _STEP = 300.0, 20.0

Side = Literal["in", "out"]
Control = Literal["slider", "switch", "choice", "text"]
Kinds: TypeAlias = tuple[tuple[str, str], ...]

_CHIPPED = {"number", *PARTS}  # switches and triggers light up instead


@dataclass(frozen=True, slots=True)
class Mark:
    """A port: where its mark sits, which kind it has, and its label, empty for a param's port.

    The number beside an outlet ends at `edge`; `low` and `high` are what it is declared to be
    between.
    """

    port: str
    side: Side
    kind: str
    x: float
    y: float
    label: str = ""
    edge: float = 0.0
    low: float | None = None
    high: float | None = None

    @property
    def column(self) -> str:
        """What an outlet's newest number is called, after the node's id and a dot; or nothing."""
        return "" if self.side == "in" else next(iter(names_of(self.port, self.kind)), "")

    @property
    def chip(self) -> Rect | None:
        """Where an outlet's number stands, if it has one."""
        if self.side == "in" or self.kind not in _CHIPPED or not self.edge:
            return None
        return Rect(self.edge - CHIP, self.y - 8.0, self.edge, self.y + 8.0)


@dataclass(frozen=True, slots=True)
class Field:
    """A param as it can be turned in the box."""

    param: Param
    control: Control
    area: Rect

    @property
    def name(self) -> str:
        return self.param.name


Tone = Literal["plain", "strong", "slanted", "code", "link"]


class Run(NamedTuple):
    """Words of one tone on a line, `x` pixels from its left."""

    x: float
    text: str
    tone: Tone = "plain"


class NoteLine(NamedTuple):
    """A line of a note."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """All that it says."""
        return " ".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Shape:
    """A whole box. `subtitle` says the type where the title does not; `note` holds its lines.

    `hidden` counts the params that have no room, `more` is where one opens or closes the box for
    them. `traces` are what the curve shows, as names of columns without the node's id; `spectrum`
    is the outlet whose vector it shows instead. A `dot` is no box: only a knot in a wire.
    """

    width: float
    height: float
    title: str
    family: str
    subtitle: str = ""
    marks: tuple[Mark, ...] = ()
    fields: tuple[Field, ...] = ()
    hidden: int = 0
    more: Rect | None = None
    curve: Rect | None = None
    traces: tuple[str, ...] = ()
    spectrum: str = ""
    note: tuple[NoteLine, ...] = ()
    dot: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it shows neither ports nor params."""
        return self.dot or bool(self.note)

    def mark(self, port: str, side: Side) -> Mark | None:
        """The mark of a port."""
        for mark in self.marks:
            if mark.port == port and mark.side == side:
                return mark
        return None

    def place(self, port: str, side: Side) -> Point:
        """Where a wire meets the box; for a port that is not shown, beside the title."""
        mark = self.mark(port, side)
        if mark is not None:
            return mark.x, mark.y
        return (0.0 if side == "in" else self.width), HEAD / 2


def column_of(port: str, kind: str) -> str:
    """Where the number stands that is shown of an outlet of a kind: in the first of its columns; of
    one that has none, its own name."""
    return next(iter(names_of(port, kind)), port)


def shown_params(
    type_: NodeType, marked: Collection[str], opened: bool
) -> tuple[tuple[str, ...], int]:
    """The params that a box shows, and how many it hides; `marked` are set or driven ones."""
    names = tuple(type_.params)
    if opened or len(names) <= MOST_FIELDS + 1:
        return names, 0
    shown = tuple(name for at, name in enumerate(names) if at < MOST_FIELDS or name in marked)
    return shown, len(names) - len(shown)


def usual_size(id: str, type_: NodeType | None, marked: Collection[str]) -> tuple[float, float]:
    """How large the box of a node is that has not been drawn yet; without a type it is a ghost."""
    if type_ is None:
        return (NARROW, 100.0)
    shape = shape_of(id, type_, (), *shown_params(type_, marked, opened=False))
    return (shape.width, shape.height)


@lru_cache(maxsize=4096)
def shape_of(
    id: str, type_: NodeType, kinds: Kinds = (), shown: tuple[str, ...] = (), hidden: int = 0
) -> Shape:
    """The box of a node. `kinds` has those that its ports of any kind carry, by name."""
    carried = dict(kinds)
    ins = [(name, carried.get(name, inlet.kind)) for name, inlet in type_.inlets.items()]
    outs = [(name, carried.get(name, outlet.kind)) for name, outlet in type_.outlets.items()]
    params = [type_.params[name] for name in shown]
    wide = _width(id, type_, ins, outs, params)
    marks: list[Mark] = []
    labels = [width(name, TEXT) for name, kind in outs if kind in _CHIPPED]
    edge = wide - INSET - max(labels, default=0.0) - 8.0
    y = HEAD + 4.0
    for arriving, leaving in zip_longest(ins, outs):
        middle = y + ROW / 2
        if arriving:
            marks.append(Mark(arriving[0], "in", arriving[1], 0.0, middle, arriving[0]))
        if leaving:
            (name, kind), outlet = leaving, type_.outlets[leaving[0]]
            low, high = outlet.low, outlet.high
            marks.append(Mark(name, "out", kind, wide, middle, name, edge, low, high))
        y += ROW
    fields: list[Field] = []
    for param in params:
        area = Rect(INSET, y + 2.0, wide - INSET, y + FIELD - 2.0)
        fields.append(Field(param, _control(param), area))
        marks.append(Mark(param.name, "in", param.kind, 0.0, y + FIELD / 2))
        y += FIELD
    more = None
    if hidden or len(shown) > MOST_FIELDS + 1:
        more = Rect(INSET, y, wide - INSET, y + ROW - 4.0)
        y += ROW - 2.0
    traces, spectrum = _traces(outs)
    curve = None
    if traces or spectrum:
        curve = Rect(INSET, y + 4.0, wide - INSET, y + 4.0 + CURVE)
        y += CURVE + 4.0
    return Shape(
        wide,
        y + PAD,
        fitted(id, wide - INSET - CORNER, TITLE, True),
        type_.family,
        _subtitle(id, type_, wide),
        tuple(marks),
        tuple(fields),
        hidden,
        more,
        curve,
        traces,
        spectrum,
    )


def _width(
    id: str,
    type_: NodeType,
    ins: list[tuple[str, str]],
    outs: list[tuple[str, str]],
    params: list[Param],
) -> float:
    """As wide as the widest row wants it."""
    wanted = [width(id, TITLE, True) + width(type_.title, SMALL) + INSET + CORNER + 10.0]
    metered = [width(name, TEXT) for name, kind in outs if kind in _CHIPPED]
    chip = CHIP + 8.0 + max(metered) if metered else 0.0
    for arriving, leaving in zip_longest(ins, outs):
        left = width(arriving[0], TEXT) + INSET if arriving else 0.0
        right = width(leaving[0], TEXT) + INSET if leaving else 0.0
        if leaving and leaving[1] in _CHIPPED:
            right = chip + INSET
        wanted.append(left + right + 14.0)
    wanted += [width(param.name, TEXT) + 3 * INSET + 80.0 for param in params]
    return min(max(NARROW, ceil(max(wanted) / _STEP) * _STEP), _WIDE)


def _subtitle(id: str, type_: NodeType, wide: float) -> str:
    """The title of the type, if the node is not called just so and there is room."""
    if type_.title.casefold() == id.replace("_", " ").casefold():
        return ""
    room = wide - INSET - width(id, TITLE, True) - 10.0 - CORNER
    return type_.title if width(type_.title, SMALL) <= room else ""


def _control(param: Param) -> Control:
    if is_slider(param):
        return "slider"
    if param.kind == "boolean":
        return "switch"
    return "choice" if param.choices or param.themes else "text"


def _traces(outs: list[tuple[str, str]]) -> tuple[tuple[str, ...], str]:
    """What the curve shows: two numbers, else the loudness, else switches; or a vector."""
    by_kind: dict[str, list[str]] = {}
    for name, kind in outs:
        by_kind.setdefault(kind, []).append(name)
    if "number" in by_kind:
        return tuple(by_kind["number"][:2]), ""
    if "audio" in by_kind:
        return (column_of(by_kind["audio"][0], "audio"),), ""
    if "vector" in by_kind:
        return (), by_kind["vector"][0]
    return tuple([*by_kind.get("trigger", []), *by_kind.get("boolean", [])][:1]), ""
