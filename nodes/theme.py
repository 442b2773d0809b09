"""Themes: a look with its variations, and how far the music may push it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, floor, sqrt
from typing import NamedTuple

from nodegraph import Prompt, Prompts, Range, Theme, Trigger, inlet, node, outlet, param
from nodes._numbers import clamp
from nodes._presets import PRESETS
from nodes._prompts import lines

_NOISE = "noise_scale"
_CURVES: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "exponential": lambda x: x * x,
    "logarithmic": sqrt,
}


@lru_cache(maxsize=64)
def _looks(theme: Theme) -> tuple[Prompts, ...]:
    """The prompts of a theme: its own, then its variations, each with the style words."""
    texts = (theme.text, *(", ".join((words, *theme.style)) for words in theme.variations))
    return tuple((Prompt(text),) if text.strip(", ") else () for text in texts)


_ALL = tuple(PRESETS.values())


@node("theme.preset", outlets="theme", aliases="Theme, Preset, Look, Scene, Style")
def preset(
    index: float = inlet(0.0, help="how many themes further on, round and round"),
    theme: str = param("astral", choices=tuple(PRESETS), help="which one, or the first of many"),
) -> Theme:
    """Give one of the themes that come along.

    A whole look in one node: what to paint, two or three variations of it, and how the noise may
    follow the music.
    """
    return _ALL[(_ALL.index(PRESETS[theme]) + floor(index + 1e-9)) % len(_ALL)]


@node("theme.custom", outlets="theme", aliases="Theme, Own Theme, Look")
def custom(
    name: str = param("Mine", help="what you call it"),
    prompt: str = param("", help="what to paint"),
    style: str = param("", help="style words, separated by commas, added to every prompt"),
    variations: str = param("", help="what to paint when the music grows, one per line"),
    noise_low: float = param(0.48, "", 0.0, 1.0, help="noise at rest"),
    noise_high: float = param(0.68, "", 0.0, 1.0, help="noise at full energy"),
    curve: str = param("linear", choices=tuple(_CURVES), help="how noise follows energy"),
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
    return Theme("custom", name, prompt.strip(), words, lines(variations), (noise,))


@node(
    "theme.read",
    outlets=[
        outlet("prompts", help="the theme's own prompt"),
        outlet("variation", help="the variation chosen by index"),
        outlet("noise_low", help="noise at rest"),
        outlet("noise_high", help="noise at full energy"),
        outlet("name", help="what the theme is called"),
    ],
    aliases="Theme Info, Unpack Theme, Get",
)
def read(
    theme: Theme = inlet(help="the theme to read"),
    index: float = inlet(0.0, help="which variation, from 0, round and round"),
) -> tuple[Prompts, Prompts, float, float, str]:
    """Take a theme apart.

    For patches that steer by themselves and only want a theme's words and ranges.
    """
    own, *others = _looks(theme)
    variation = others[floor(index + 1e-9) % len(others)] if others else ()
    noise = theme.range(_NOISE)
    return own, variation, float(noise.low), float(noise.high), theme.name


class Course(NamedTuple):
    """Where a steered theme stands: its look, seconds of it, smoothed energy, the beat's push."""

    theme: Theme
    look: int
    age: float
    energy: float
    push: float = 0.0


@node(
    "theme.steer",
    outlets=[
        "prompts",
        outlet("noise_scale", "", 0.0, 1.0, help="within the theme's range"),
        outlet("transition", help="the prompt changes"),
        outlet("look", help="0 is the theme's own prompt, then its variations"),
    ],
    state=None,
    aliases="Soundscape, Theme Player, Reactive Prompt, Energy Bands",
)
def steer(
    state: Course | None,
    dt: float,
    theme: Theme = inlet(help="the theme to steer"),
    energy: float = inlet(0.0, "", 0.0, 1.0, help="how much the music gives right now"),
    beat: Trigger = inlet(False, help="pushes the noise up"),
    smooth: float = param(0.5, "s", 0.01, 30.0, curve="log", help="how slowly energy is followed"),
    hold: float = param(8.0, "s", 0.0, 120.0, help="no prompt changes sooner"),
    hysteresis: float = param(
        0.15, "", 0.0, 1.0, help="parts of a look's share of energy before it is left"
    ),
    push: float = param(0.4, "", 0.0, 1.0, help="share of the noise range kept for beats"),
    fade: float = param(0.25, "s", 0.01, 5.0, curve="log", help="how long a beat is seen"),
) -> tuple[Course, Prompts, float, Trigger, float]:
    """Play a theme with the music.

    The quick way to a whole show: energy and beat in, prompts and noise out. Energy is smoothed by
    one pole and divided evenly among the looks: calm is the theme's own prompt, more energy calls
    its variations. Noise follows the theme's range along its curve, up to what is kept for beats;
    each beat adds that share, which fades as exp(-t / fade), so that a beat is seen however loud
    the music is. Another theme comes in at once.
    """
    looks = _looks(theme)
    energy = clamp(energy, 0.0, 1.0)
    if state is None:
        state = Course(theme, min(int(energy * len(looks)), len(looks) - 1), 0.0, energy)
    energy += (state.energy - energy) * exp(-dt / smooth)
    age = state.age + dt
    at = energy * len(looks)
    wanted = min(int(at), len(looks) - 1)
    stays = -hysteresis <= at - state.look < 1.0 + hysteresis or age < hold - 1e-9
    changed = theme != state.theme or not (stays or wanted == state.look)
    look = wanted if changed else state.look
    pushed = 1.0 if beat else state.push * exp(-dt / fade)
    noise = theme.range(_NOISE)
    level = (1.0 - push) * _CURVES.get(noise.curve, _CURVES["linear"])(energy) + push * pushed
    course = Course(theme, look, 0.0 if changed else age, energy, pushed)
    return course, looks[look], noise.low + (noise.high - noise.low) * level, changed, float(look)


NODES = (preset, custom, read, steer)
