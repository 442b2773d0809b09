"""Recorded runs of the original MetaDJ Soundscape, and the symbols that stand for its prompts."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph import Prompt
from nodegraph.themes import shipped
from nodes._soundscape_looks import LOOKS, Look, worded
from nodes._soundscape_words import (
    BRIGHTNESS_WORDS,
    INTENSITY_WORDS,
    PACE_WORDS,
    TEMPO_WORDS,
    TEXTURE_WORDS,
    Bands,
    reactive,
)

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
GOLDEN = SHARED / "bench" / "soundscape-golden"
ACCENT = "test accent"

golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recorded runs do not lie beside us")


def recorded(kind: str, name: str) -> dict[str, Any]:
    with gzip.open(GOLDEN / kind / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


WORDED = {id: worded(look, shipped()[id]) for id, look in LOOKS.items()}
"""The presets as they play."""


def column(values: Sequence[Any]) -> np.ndarray:
    """float64[ticks]. What is not a number there is 0 here."""
    return np.nan_to_num(np.array([0.0 if x is None else x for x in values], np.float64))


def symbols(look: Look) -> dict[str, str]:
    """What the recorded traces call the texts of a look."""
    tables = (INTENSITY_WORDS, BRIGHTNESS_WORDS, TEXTURE_WORDS, TEMPO_WORDS, PACE_WORDS)
    axes = [list(table) for table in tables]
    named = {look.text: "B", ACCENT: f"A:{ACCENT}"}
    named |= {text: f"V{i}" for i, text in enumerate(look.variations)}
    for *places, pace in itertools.product(*(range(len(axis)) for axis in axes)):
        bands = "/".join(axis[i] for axis, i in zip(axes, (*places, pace), strict=True))
        named[reactive(look.text, Bands(*places), axes[-1][pace])] = f"R:{bands}"
    return named


def spoken(prompts: Sequence[Prompt], names: Mapping[str, str]) -> list[list[object]]:
    """Prompts with symbols for texts, weights to 12 digits."""
    return [[names[text], round(weight, 12)] for text, weight in prompts]


def rounded(prompts: Sequence[Sequence[Any]]) -> list[list[object]]:
    return [[symbol, round(weight, 12)] for symbol, weight in prompts]
