"""What a steered theme shows while one look gives way to another: parts that add up to the whole.

A look that comes in gains, and all before it give way in proportion; so another one may come in
the middle of that, and nothing jumps back to what was left.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from nodegraph import Prompts, Range, Theme
from nodes._looks import looks
from nodes._numbers import clamp
from nodes._prompts import blend

_GRAIN = 20
"""Shares are told in twentieths: what is finer no chunk shows, and each is a message."""

_LEAST = 1.0 / _GRAIN
"""Neither a look nor its accent is ever gone altogether, so that with a beat the weights change and
not the list of texts."""

_FAINT = 0.0125
"""A part with less than this share is not shown. Its accent would have too little to be told but on
a beat, and each time it came back it would be a new text."""

_MOST = 6
"""Looks that are shown at once. There are more only if themes are changed in the middle of each
other's fades, and then the weakest has so little that it is not missed."""

_USUAL = {"noise_scale": 0.7, "vace_context_scale": 1.0, "kv_cache_attention_bias": 0.3}
_USUAL_STEPS = 4.0
"""What Scope does by itself."""


class Sheet(NamedTuple):
    """A theme, ready to be played: its looks as prompts, which of them are called by what, and its
    ranges by parameter. The theme's own look, number 0, is the first that energy calls."""

    pictures: tuple[Prompts, ...]
    called: Mapping[str, tuple[int, ...]]
    ranges: Mapping[str, Range]


@lru_cache(maxsize=64)
def sheet(theme: Theme) -> Sheet:
    """A theme as its sheet."""
    called: dict[str, tuple[int, ...]] = {"energy": (0,)}
    for look, variation in enumerate(theme.variations, 1):
        called[variation.on] = (*called.get(variation.on, ()), look)
    return Sheet(looks(theme), called, {each.parameter: each for each in theme.ranges})


class Part(NamedTuple):
    """A look, the look that beats mix into it, its share of all, and the energy at which it came.

    Looks go by their number in the theme; `accent` is None where a theme has one look only.
    """

    theme: Theme
    look: int
    accent: int | None
    share: float
    energy: float


Mixture = tuple[Part, ...]
"""Parts whose shares sum to 1; the last is the one that comes in, or has come."""


def part(theme: Theme, look: int, energy: float, turn: int, share: float = 0.0) -> Part:
    """A look with its accent: the theme's variations for beats, turn by turn; without any the next
    look by energy, or where there is no next the theme's own."""
    called = sheet(theme).called
    beats, ladder = called.get("beat", ()), called["energy"]
    if beats:
        accent: int | None = beats[turn % len(beats)]
    elif look in ladder[:-1]:
        accent = ladder[ladder.index(look) + 1]
    else:
        accent = 0 if look else None
    return Part(theme, look, accent, share, energy)


def towards(mixture: Mixture, new: Part) -> Mixture:
    """The same mixture on its way to another look; one that still fades away turns round."""
    here = [each for each in mixture if (each.theme, each.look) == (new.theme, new.look)]
    others = [each for each in mixture if each not in here]
    while len(others) >= _MOST:
        others.remove(min(others, key=lambda each: each.share))
    return _shared(tuple(others), new, here[0].share if here else 0.0)


def grown(mixture: Mixture, step: float) -> Mixture:
    """The mixture when its last part has gained so much; once that has all, it is alone."""
    if len(mixture) == 1:
        return mixture
    *others, last = mixture
    share = last.share + step
    if share > 1.0 - 1e-9:
        return (last._replace(share=1.0),)
    return _shared(tuple(others), last, share)


def _shared(others: Mixture, last: Part, share: float) -> Mixture:
    """All parts, with what the last one leaves divided among the others as it was."""
    whole = sum(each.share for each in others)
    left = (1.0 - share) / whole if whole else 0.0
    fading = (each._replace(share=each.share * left) for each in others)
    return (*fading, last._replace(share=share))


def edited(mixture: Mixture, theme: Theme) -> Mixture:
    """The mixture with each part of this theme as it is now: an edit needs no crossfade."""
    if all(each.theme is theme for each in mixture):
        return mixture
    end = len(theme.variations)
    return tuple(
        part(theme, min(each.look, end), each.energy, 0, each.share)
        if each.theme != theme and same(each.theme, theme)
        else each
        for each in mixture
    )


def same(one: Theme, other: Theme) -> bool:
    """Whether two are the same theme, which may have been edited in between."""
    return one is other or (one.id, one.name) == (other.id, other.name)


class Shown(NamedTuple):
    """What a mixture comes to: prompts, whose weights sum to 1, and parameters of Scope."""

    prompts: Prompts
    noise_scale: float
    denoising_steps: float
    vace_scale: float
    kv_bias: float


def shown(mixture: Mixture, energy: float, push: float, pulse: float) -> Shown:
    """All parts together, each by its share.

    Accents and ranges have the share `push` to themselves while a beat's `pulse` is 1; energy has
    what is left.
    """
    sheets = [(each, sheet(each.theme)) for each in mixture]
    return Shown(
        _painted(sheets, energy, push, pulse),
        _number(sheets, "noise_scale", energy, push, pulse),
        _steps(*sheets[-1]),
        _number(sheets, "vace_context_scale", energy, push, pulse),
        _number(sheets, "kv_cache_attention_bias", energy, push, pulse),
    )


Sheets = list[tuple[Part, Sheet]]


def _painted(sheets: Sheets, energy: float, push: float, pulse: float) -> Prompts:
    last = sheets[-1][0].share
    coming = _grainy(last)
    going = (1.0 - coming) / (1.0 - last) if last < 1.0 else 0.0
    fading = [each.share * going for each, _ in sheets[:-1]]
    coming += sum(share for share in fading if share < _FAINT)
    shares = [*(share if share >= _FAINT else 0.0 for share in fading), coming]
    mixed: list[tuple[Prompts, float]] = []
    for (each, (pictures, called, _)), share in zip(sheets[::-1], shares[::-1], strict=True):
        accent = 0.0
        if each.accent is not None:
            wanted = (1.0 - push) * _lean(each.look, called["energy"], energy) + push * pulse
            accent = clamp(_grainy(wanted), _LEAST, 1.0 - _LEAST)
        mixed.append((pictures[each.look], share * (1.0 - accent)))
        if each.accent is not None:
            mixed.append((pictures[each.accent], share * accent))
    return _blended(tuple(mixed))


@lru_cache(maxsize=256)
def _blended(mixed: tuple[tuple[Prompts, float], ...]) -> Prompts:
    return blend(mixed, 2 * _MOST)


def _lean(look: int, ladder: tuple[int, ...], energy: float) -> float:
    """How far energy stands in the band of a look: 0 where it begins, 1 where the next does."""
    if look not in ladder[:-1]:
        return 0.0
    return clamp(energy * len(ladder) - ladder.index(look), 0.0, 1.0)


def _grainy(share: float) -> float:
    return round(share * _GRAIN) / _GRAIN


def _number(sheets: Sheets, parameter: str, energy: float, push: float, pulse: float) -> float:
    """A parameter where the theme's range puts it; where Scope has it, if there is none."""
    total = 0.0
    for each, (_, _, ranges) in sheets:
        if range_ := ranges.get(parameter):
            level = (1.0 - push) * range_.curved(energy) + push * pulse
            total += each.share * range_.at(level)
        else:
            total += each.share * _USUAL[parameter]
    return total


def _steps(each: Part, known: Sheet) -> float:
    """How many denoising steps a look is painted with. They are chosen when it comes and then kept,
    for each change of them is a cut where Scope manages its cache."""
    if range_ := known.ranges.get("denoising_steps"):
        return float(round(range_.at(range_.curved(each.energy))))
    return float(len(each.theme.steps) or _USUAL_STEPS)
