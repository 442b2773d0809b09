"""A profile as a flame graph upside down: a tick, its families, their nodes, each as wide as long.

After Gregg, "The Flame Graph" (Communications of the ACM 59, 2016), with the root on top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from rich.cells import set_cell_size
from rich.text import Text

from nodegraph.cli.terminal import printable
from nodegraph.runtime.profile import Profile

REST = "everything else"

_PALETTE = (
    "#e8a33d",
    "#5fb3b3",
    "#d9776b",
    "#8fb75c",
    "#9d95d6",
    "#d48fb4",
    "#6ea8dc",
    "#c2b04c",
    "#6fbf8f",
    "#c9956b",
)
_GREY, _PALE = "#8c8c8c", "#d0d0d0"
_WIDTH, _HEIGHT, _HEAD = 1200, 30, 34  # pixels of the picture, of a row, of what is above
_LETTER = 7.0  # pixels


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a row, from `start` to `end` of its length (0..1)."""

    label: str
    start: float
    end: float
    colour: str
    seconds: float


def rows(profile: Profile) -> list[list[Segment]]:
    """The tick, the families below it, their nodes below them; the rest comes last."""
    colour = colours(profile)
    families, nodes = [], []
    at = 0.0
    for family, seconds in profile.families.items():
        members = [node for node in profile.nodes if node.family == family]
        families.append(_segment(family, at, seconds, colour[family], profile))
        for node in members:
            nodes.append(_segment(node.node, at, node.mean, colour[family], profile))
            at += node.mean
    families.append(_segment(REST, at, profile.rest, _GREY, profile))
    return [[Segment("tick", 0.0, 1.0, _PALE, profile.mean)], families, nodes]


def colours(profile: Profile) -> dict[str, str]:
    """A colour for each family; the same as long as the patch has the same families."""
    return {name: _PALETTE[i % len(_PALETTE)] for i, name in enumerate(sorted(profile.families))}


def in_cells(profile: Profile, width: int) -> Iterator[Text]:
    """The rows as lines of a terminal. What is narrower than half a cell is not seen."""
    for row in rows(profile):
        line = Text(no_wrap=True, overflow="crop")
        for segment in row:
            cells = round(segment.end * width) - round(segment.start * width)
            label = set_cell_size("▏" + printable(segment.label), cells) if cells > 0 else ""
            line.append(label, f"#000000 on {segment.colour}")
        yield line


def in_svg(profile: Profile, title: str) -> str:
    """The rows as a picture (SVG 1.1); under the mouse, each piece tells its time."""
    shapes = [
        f'<text x="2" y="22" font-size="15">{escape(printable(title))}</text>',
        *(
            shape
            for number, row in enumerate(rows(profile))
            for segment in row
            for shape in _shape(segment, _HEAD + number * _HEIGHT, profile.mean)
        ),
    ]
    height = _HEAD + 3 * _HEIGHT + 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
            ' font-family="Verdana, DejaVu Sans, sans-serif" font-size="12">',
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            *shapes,
            "</svg>\n",
        ]
    )


def _segment(label: str, at: float, seconds: float, colour: str, profile: Profile) -> Segment:
    whole = profile.mean or 1.0
    return Segment(label, min(at / whole, 1.0), min((at + seconds) / whole, 1.0), colour, seconds)


def _shape(segment: Segment, top: int, whole: float) -> Iterator[str]:
    left, width = segment.start * _WIDTH, (segment.end - segment.start) * _WIDTH
    room = int((width - 8) / _LETTER)
    label = printable(segment.label)
    told = f"{label}: {segment.seconds * 1e6:.2f} µs, {segment.seconds / (whole or 1.0):.1%}"
    yield f"<g><title>{escape(told)}</title>"
    yield (
        f'<rect x="{left:.2f}" y="{top}" width="{max(width, 0.0):.2f}" height="{_HEIGHT - 2}"'
        f' fill="{segment.colour}" stroke="#ffffff" stroke-width="0.5"/>'
    )
    if room > 2:
        shown = label if len(label) <= room else f"{label[: room - 1]}…"
        yield f'<text x="{left + 5:.2f}" y="{top + 19}">{escape(shown)}</text>'
    yield "</g>"
