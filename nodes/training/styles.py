"""What kinds of music there are: tempo, feel, and patterns, read from `styles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Patterns = tuple[str, ...]
"""Of which one is drawn."""


@dataclass(frozen=True)
class Style:
    """One kind of music. Ranges are drawn from evenly, shares are probabilities."""

    name: str
    weight: float
    tempo: tuple[float, float]
    drums: tuple[Mapping[str, Patterns], ...] = ()
    """Of which one is drawn: the patterns of each drum. None at all: no drums."""
    bass: Patterns = ()
    comp: Patterns = ()
    meter: int = 4
    grid: int = 4
    """Steps per beat of all patterns."""
    swing: tuple[float, float] = (0.5, 0.5)
    """Which share of a pair of steps the first one takes."""
    pair: float = 0.5
    """The length of such a pair in beats."""
    jitter: float = 0.0
    """By how much players miss, s."""
    drift: float = 0.0
    """By how much the tempo wanders, relative."""
    rubato: float = 0.0
    synthetic: float = 0.0
    """The share of songs with a drum kit, bass and chords from our own oscillators."""
    comp_programs: tuple[int, ...] = (0, 4, 16)
    bass_programs: tuple[int, ...] = (33, 34, 38)
    arp: float = 0.2
    pad: float = 0.3
    lead: float = 0.4
    lead_programs: tuple[int, ...] = (80, 81, 73, 65, 56, 11, 0)
    drums_only: float = 0.05
    breakdowns: float = 0.25
    chord_bars: tuple[float, ...] = (1, 2)
    random: bool = False
    """Patterns are drawn, not taken from here."""


def _frozen(value: Any) -> Any:
    """What TOML gives, with lists as tuples."""
    if isinstance(value, list):
        return tuple(_frozen(part) for part in value)
    if isinstance(value, dict):
        return {name: _frozen(part) for name, part in value.items()}
    return value


def _read() -> tuple[Style, ...]:
    with Path(__file__).with_name("styles.toml").open("rb") as file:
        return tuple(Style(**_frozen(style)) for style in tomllib.load(file)["style"])


STYLES = _read()
