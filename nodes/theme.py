"""Themes: a look with its variations, chosen, made and read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import floor

from nodegraph import THEMES, Prompts, Range, Theme, Variation, inlet, node, outlet, param
from nodes._looks import looks
from nodes._prompts import lines

_NOISE = "noise_scale"


@node("theme.preset", outlets="theme", aliases="Theme, Preset, Look, Scene, Style")
def preset(
    themes: Mapping[str, Theme],
    index: float = inlet(0.0, help="how many themes further on, round and round"),
    theme: str = param("astral", choices=THEMES, help="which one, or the first of many"),
) -> Theme:
    """Give a theme: one of the patch's own, or one that comes along.

    A whole look in one node: what to paint, variations of it, and how the picture may follow the
    music. `nodegraph themes` lists those that there are.
    """
    names = list(themes)
    place = names.index(theme) + floor(index + 1e-9)
    return themes[names[place % len(names)]]


@node("theme.custom", outlets="theme", aliases="Theme, Own Theme, Look")
def custom(
    name: str = param("Mine", help="what you call it"),
    prompt: str = param("", help="what to paint"),
    style: str = param("", help="style words, separated by commas, added to every prompt"),
    variations: str = param("", help="what to paint when the music grows, one per line"),
    noise_low: float = param(0.48, "", 0.0, 1.0, help="noise at rest"),
    noise_high: float = param(0.68, "", 0.0, 1.0, help="noise at full energy"),
    curve: str = param(
        "linear", choices=("linear", "exponential", "logarithmic"), help="how noise follows energy"
    ),
) -> Theme:
    """Make a theme of your own.

    The same as a ready one in every way. Exponential (x²) wakes up late, logarithmic (√x) early.
    """
    return _made(name, prompt, style, variations, noise_low, noise_high, curve)


@lru_cache(maxsize=64)
def _made(
    name: str, prompt: str, style: str, variations: str, low: float, high: float, curve: str
) -> Theme:
    words = tuple(word.strip() for word in style.split(",") if word.strip())
    noise = Range(_NOISE, low, high, curve)
    varied = tuple(Variation(text) for text in lines(variations))
    return Theme("custom", name, prompt.strip(), words, varied, (noise,))


@node(
    "theme.read",
    outlets=[
        outlet("prompts", help="the theme's own prompt"),
        outlet("variation", help="the variation chosen by index"),
        outlet("noise_low", help="noise at rest"),
        outlet("noise_high", help="noise at full energy"),
        outlet("name", help="what the theme is called"),
        outlet("reference", help="its picture on the server, for the image of scope.reference"),
    ],
    aliases="Theme Info, Unpack Theme, Get",
)
def read(
    theme: Theme = inlet(help="the theme to read"),
    index: float = inlet(0.0, help="which variation, from 0, round and round"),
) -> tuple[Prompts, Prompts, float, float, str, str]:
    """Take a theme apart.

    For patches that steer by themselves and only want a theme's words and ranges.
    """
    own, *others = looks(theme)
    variation = others[floor(index + 1e-9) % len(others)] if others else ()
    noise = theme.range(_NOISE)
    low, high = float(noise.low), float(noise.high)
    return own, variation, low, high, theme.name, theme.reference


NODES = (preset, custom, read)
