"""The colours of the editor, dark and light, and the marks that tell port kinds apart.

Port kinds are told apart three times: by hue, by lightness and by shape, so that nobody needs to
see a hue. The hues of the dark theme begin with those of Okabe and Ito ("Color universal design",
2008), lifted to stand on black; the light theme darkens the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from nodegraph.nodetype import ANY

Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0..255 each, as Dear PyGui takes them."""

CLEAR: Final[Colour] = (0, 0, 0, 0)
"""No colour at all: what has no edge, or no ground."""

Shape = Literal[
    "circle", "square", "triangle", "diamond", "pentagon", "hexagon", "star", "bar", "cross", "drop"
]


def colour(text: str, opacity: int = 255) -> Colour:
    """`#rrggbb` as a colour."""
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16), opacity)


def written(parts: Sequence[float]) -> str:
    """Red, green and blue, 0..1 each, as `#rrggbb`."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts[:3])


def faded(of: Colour, opacity: float) -> Colour:
    """The same colour, so much less opaque (0..1)."""
    return (*of[:3], round(of[3] * opacity))


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """The colour between two, `share` of the way from `a` to `b`."""
    red, green, blue, opacity = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return (red, green, blue, opacity)


@dataclass(frozen=True)
class Colours:
    """A theme. From back to front: canvas, panel, raised (fields, boxes), hover, line."""

    name: Literal["dark", "light"]
    canvas: Colour
    grid: Colour
    panel: Colour
    raised: Colour
    hover: Colour
    pressed: Colour
    line: Colour
    text: Colour
    dim: Colour
    faint: Colour
    accent: Colour
    on_accent: Colour
    good: Colour
    warning: Colour
    problem: Colour
    shadow: Colour
    kinds: Mapping[str, Colour]
    families: Mapping[str, Colour]
    strange: tuple[Colour, ...]

    def kind(self, name: str) -> Colour:
        """The colour of a port kind."""
        return self.kinds.get(name, self.dim)

    def family(self, name: str) -> Colour:
        """The colour of a family of node types; one of a plugin keeps the one it got by name."""
        found = self.families.get(name)
        return found or self.strange[sum(name.encode()) % len(self.strange)]


SHAPES: Final[Mapping[str, Shape]] = {
    "number": "circle",
    "boolean": "square",
    "trigger": "triangle",
    "string": "bar",
    "audio": "hexagon",
    "vector": "diamond",
    "clock": "pentagon",
    "prompts": "star",
    "theme": "drop",
    "message": "cross",
    ANY: "circle",
}
"""The shape of a port by its kind."""

_KINDS = {
    "number": "#5AB8F0",
    "boolean": "#27B98B",
    "trigger": "#F5A524",
    "string": "#C9C3B8",
    "audio": "#EF6A3A",
    "vector": "#6E8BFF",
    "clock": "#E77FB8",
    "prompts": "#F2E36B",
    "theme": "#B48CF2",
    "message": "#FF5C7A",
    ANY: "#8E8C90",
}
_KINDS_LIGHT = {
    "number": "#1B7DB8",
    "boolean": "#20885B",
    "trigger": "#AA7602",
    "string": "#5F5B54",
    "audio": "#B83A0A",
    "vector": "#3835CB",
    "clock": "#B03A7E",
    "prompts": "#5D6F10",
    "theme": "#A732DD",
    "message": "#D1203F",
    ANY: "#77757A",
}
_FAMILIES = {
    "audio": "#D9683F",
    "bands": "#D98B4A",
    "spectrum": "#C9764F",
    "onset": "#D9A441",
    "beat": "#CC74A6",
    "generate": "#4FA8C4",
    "shape": "#4C93D0",
    "logic": "#36A283",
    "flow": "#8B8A8F",
    "vector": "#6C82D6",
    "prompt": "#C9BB52",
    "story": "#B5A86A",
    "theme": "#9E7BD1",
    "scope": "#D65872",
    "soundscape": "#5FA85C",
    "control": "#8FA6B8",
    "midi": "#5F9EA0",
    "osc": "#7D97A8",
    "link": "#6FA08F",
    "speech": "#A08FB8",
    "subpatch": "#A9A6A0",
}
_STRANGE = ("#5E9C9C", "#9C7A5E", "#7F9C5E", "#8A6FA8", "#A86F86", "#6F86A8")


def _table(texts: Mapping[str, str], towards: Colour, share: float = 0.0) -> dict[str, Colour]:
    return {name: mixed(colour(text), towards, share) for name, text in texts.items()}


_BLACK, _WHITE = colour("#000000"), colour("#FFFFFF")

DARK: Final = Colours(
    name="dark",
    canvas=colour("#121214"),
    grid=colour("#FFFFFF", 13),
    panel=colour("#19191C"),
    raised=colour("#242428"),
    hover=colour("#303036"),
    pressed=colour("#3B3B42"),
    line=colour("#2C2C31"),
    text=colour("#ECEAE6"),
    dim=colour("#A3A1A5"),
    faint=colour("#6E6C72"),
    accent=colour("#C8F051"),
    on_accent=colour("#15170C"),
    good=colour("#59C98B"),
    warning=colour("#F2B33D"),
    problem=colour("#FF6257"),
    shadow=colour("#000000", 110),
    kinds=_table(_KINDS, _WHITE),
    families=_table(_FAMILIES, _WHITE),
    strange=tuple(map(colour, _STRANGE)),
)

LIGHT: Final = Colours(
    name="light",
    canvas=colour("#F1F0ED"),
    grid=colour("#000000", 16),
    panel=colour("#FAF9F7"),
    raised=colour("#E9E7E3"),
    hover=colour("#DEDBD5"),
    pressed=colour("#D0CCC4"),
    line=colour("#D9D6D0"),
    text=colour("#1C1B1E"),
    dim=colour("#5C5A60"),
    faint=colour("#8C898F"),
    accent=colour("#4F7A00"),
    on_accent=colour("#FFFFFF"),
    good=colour("#1F8A53"),
    warning=colour("#A86A00"),
    problem=colour("#C92A20"),
    shadow=colour("#000000", 40),
    kinds=_table(_KINDS_LIGHT, _WHITE),
    families=_table(_FAMILIES, _BLACK, 0.25),
    strange=tuple(mixed(colour(text), _BLACK, 0.25) for text in _STRANGE),
)

THEMES: Final[Mapping[str, Colours]] = {"dark": DARK, "light": LIGHT}
