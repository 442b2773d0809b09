"""What the look promises: texts that can be read, kinds told apart, glyphs that exist."""

from __future__ import annotations

import ast
from functools import cache
from itertools import combinations
from math import hypot
from pathlib import Path

import pytest
from matplotlib.ft2font import FT2Font

import nodegraph.editor.look
from nodegraph.editor.look.colours import (
    DARK,
    LIGHT,
    SHAPES,
    THEMES,
    Colour,
    Colours,
    colour,
    faded,
    mixed,
)
from nodegraph.editor.look.marks import mark, outline
from nodegraph.nodetype import ANY
from nodegraph.plugins import find
from nodegraph.values import KINDS

FONTS = Path(nodegraph.editor.look.__file__).parent / "fonts"
EDITOR = FONTS.parents[1]

NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
DEUTAN = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
PROTAN = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
"""What is left of linear light where a kind of cone is missing (Machado, Oliveira and Fernandes,
"A physiologically-based model for simulation of color vision deficiency", 2009)."""


def linear(part: float) -> float:
    """The inverse of the transfer curve of sRGB (IEC 61966-2-1)."""
    part /= 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def light(of: Colour) -> tuple[float, ...]:
    return tuple(linear(part) for part in of[:3])


def contrast(a: Colour, b: Colour) -> float:
    """The ratio of WCAG 2.1."""
    red, green, blue = 0.2126, 0.7152, 0.0722
    one, other = sorted(
        sum(w * x for w, x in zip((red, green, blue), light(each), strict=True)) for each in (a, b)
    )
    return (other + 0.05) / (one + 0.05)


def lab(of: Colour, eye: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """CIE L*a*b* under D65, as such an eye has it."""
    seen = [min(max(sum(w * x for w, x in zip(row, light(of), strict=True)), 0), 1) for row in eye]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)
        for t in (
            sum(w * s for w, s in zip(row, seen, strict=True)) / of_white
            for row, of_white in zip(to_xyz, white, strict=True)
        )
    )
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_texts_can_be_read(theme: Colours) -> None:
    for ground in (theme.canvas, theme.panel, theme.raised):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.dim, ground) >= 4.5
        assert contrast(theme.faint, ground) >= 2.5
        for tone in (theme.accent, theme.problem):
            assert contrast(tone, ground) >= 3.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_kind_stands_out_from_the_canvas(theme: Colours) -> None:
    assert theme.kinds.keys() == SHAPES.keys() == {*KINDS, ANY}
    for name in KINDS:
        assert contrast(theme.kind(name), theme.canvas) >= 3, name


@pytest.mark.parametrize("eye", [NORMAL, DEUTAN, PROTAN], ids=["all", "deutan", "protan"])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_kinds_are_told_apart(theme: Colours, eye: tuple[tuple[float, ...], ...]) -> None:
    """By hue or lightness where an eye has all cones, and always by shape."""
    for a, b in combinations(KINDS, 2):
        assert SHAPES[a] != SHAPES[b]
        apart = hypot(
            *(x - y for x, y in zip(lab(theme.kind(a), eye), lab(theme.kind(b), eye), strict=True))
        )
        assert apart >= (18 if eye is NORMAL else 6), f"{a} and {b} look alike"


def test_families_of_built_in_types_have_colours_of_their_own() -> None:
    families = {type_.family for type_ in find().types.values() if type_.file.find("nodes") >= 0}
    strange = families - DARK.families.keys() - {"acme", "motion"}
    assert not strange
    assert DARK.families.keys() == LIGHT.families.keys()
    assert DARK.family("acme") == DARK.family("acme") != DARK.text


def test_marks_are_about_equally_large_and_centred() -> None:
    for shape in set(SHAPES.values()):
        points = outline(shape)
        xs, ys = zip(*points, strict=True)
        assert max(map(abs, (*xs, *ys))) <= 1.5
        assert abs(sum(xs) / len(xs)) < 0.35
        assert abs(sum(ys) / len(ys)) < 0.35
        area = abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs(points))) / 2
        assert 1.6 <= area <= 3.6, shape
    assert len(mark("number", 10, 20, 4)) == len(outline("circle"))
    assert mark("no such kind", 0, 0, 1) == mark("number", 0, 0, 1)


def pairs(points: tuple[tuple[float, float], ...]) -> list[tuple[tuple[float, float], ...]]:
    return list(zip(points, (*points[1:], points[0]), strict=True))


def test_colours_mix_and_fade() -> None:
    black, white = colour("#000000"), colour("#ffffff")
    assert mixed(black, white, 0.5) == (128, 128, 128, 255)
    assert faded(white, 0.5) == (255, 255, 255, 128)
    assert set(THEMES) == {"dark", "light"}


# Fonts.


@cache
def told() -> set[str]:
    """Every character of every text of the editor that is no manual of the code."""
    found: set[str] = set()
    for path in EDITOR.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(node.value if id(node) not in docs else "")
    return found - set("\n\t\x00♯♭")  # the last two are read and never shown


@pytest.mark.parametrize("name", ["Inter-Regular.otf", "Inter-SemiBold.otf"])
def test_the_fonts_have_every_glyph_that_is_used(name: str) -> None:
    glyphs = FT2Font(str(FONTS / name)).get_charmap()
    manuals = {letter for type_ in find().types.values() for letter in type_.doc} - set("\n")
    for letters in (told(), manuals, set("äöüßéñçØŁЖщΩπ€…“”–")):
        assert not {letter for letter in letters if ord(letter) not in glyphs}


@pytest.mark.parametrize("name", ["Inter-Regular.otf", "Inter-SemiBold.otf"])
def test_figures_are_tabular(name: str) -> None:
    font = FT2Font(str(FONTS / name))
    font.set_size(12, 72)
    widths = {font.load_char(ord(figure)).linearHoriAdvance for figure in "0123456789"}
    assert max(widths) < 1.01 * min(widths), "values would dance as they change"


def test_fonts_are_small_and_licensed() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.otf")) < 300_000
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text("utf-8")
