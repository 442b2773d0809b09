"""Notes and harmony: how much there is of each of the twelve notes, and which key that is."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Vector, inlet, node, outlet, param
from nodes._recursive import followed
from nodes._tones import KEYS, NOTES, PROFILES, chroma_rows

_NONE = np.zeros(12, np.float32)
_NONE.setflags(write=False)
_ONES = np.ones(12, np.float32)
_ONES.setflags(write=False)
_SILENT = 1e-6


class Tones(NamedTuple):
    """How much of each note was heard lately, float32[12]."""

    heard: Vector = _NONE


def _chromas(
    state: Tones, dt: float, product: Vector, memory: float, **unread: object
) -> tuple[Tones, Vector, Vector, Vector]:
    """`chroma` of many ticks."""
    heard = followed(product, state.heard, exp(-dt / memory) if memory > 0.0 else 0.0)
    most = heard.max(axis=1)[:, None]
    told = np.where(most > _SILENT, heard / most, np.float32(0.0))
    rest = (told.sum(axis=1, dtype=np.float64) - 1.0) / 11.0
    sounds = most[:, 0] > _SILENT
    strongest = np.where(sounds, heard.argmax(axis=1), 0.0)
    return Tones(heard[-1]), told, strongest, np.where(sounds, np.clip(1.0 - rest, 0.0, 1.0), 0.0)


@node(
    "audio.chroma",
    outlets=[
        outlet("chroma", "", 0.0, 1.0, help="C, C#, D … B; the strongest is 1, in silence all 0"),
        outlet("note", "", 0.0, 11.0, help="which is the strongest: 0 is C, 11 is B"),
        outlet("contrast", "", 0.0, 1.0, help="0 where all notes are alike, 1 for a single one"),
    ],
    state=Tones(),
    rows=chroma_rows,
    ahead=_chromas,
    aliases="Pitch Class Profile, HPCP, Chromagram, Notes",
)
def chroma(
    state: Tones,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(help="a spectrum; of 4096 samples and more in the bass"),
    memory: float = param(0.2, "s", 0.0, 10.0, help="Time constant with which notes fade"),
    tuning: float = param(0.0, "cents", -100.0, 100.0, help="How far the music is from A = 440 Hz"),
) -> tuple[Tones, Vector, float, float]:
    """Tell how much there is of each note, whatever its octave.

    Each bin of the spectrum counts for its note in bells a semitone wide, most of all around 880 Hz
    (Ellis, "Chroma feature analysis and synthesis", 2007; after Fujishima's pitch class profile,
    1999). What was heard fades with the time constant `memory`. Contrast is 1 less the mean of
    the other eleven notes, where the strongest is 1. A bass note colours those beside it: in a
    spectrum of 2048 samples notes below 400 Hz run together.
    """
    keep = float(np.float32(exp(-dt / memory))) if memory > 0.0 else 0.0
    heard = product * (1.0 - keep) + state.heard * keep  # a difference would lose what fades slowly
    heard.setflags(write=False)
    strongest = heard.argmax()
    most = heard.item(strongest)
    if most <= _SILENT:
        return Tones(heard), _NONE, 0.0, 0.0
    told: Vector = np.divide(heard, most)
    contrast = 1.0 - (float(told.dot(_ONES)) - 1.0) / 11.0
    return Tones(heard), told, float(strongest), min(1.0, max(0.0, contrast))


@node(
    "audio.key",
    outlets=[
        outlet("key", help="C major, F# minor …; empty while nothing was heard"),
        outlet("tonic", "", 0.0, 11.0, help="0 is C, 11 is B"),
        outlet("minor"),
        outlet("confidence", "", 0.0, 1.0),
    ],
    state=Tones(),
    rows=chroma_rows,
    title="Key",
    aliases="Tonality, Scale, Mode, Key Detection",
)
def key(
    state: Tones,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(help="a spectrum, of 4096 samples at best"),
    memory: float = param(
        8.0, "s", 0.5, 120.0, curve="log", help="How far back it listens; its time constant"
    ),
    profile: str = param("krumhansl", choices=PROFILES, help="whose idea of a key it goes by"),
    tuning: float = param(0.0, "cents", -100.0, 100.0, help="How far the music is from A = 440 Hz"),
) -> tuple[Tones, str, float, bool, float]:
    """Tell the key that the music is in.

    The notes of the last seconds (those of `audio.chroma`, the strongest of each moment as 1) are
    correlated with what each of the 24 keys would have of them: as listeners judged (Krumhansl and
    Kessler, 1982) or as theory has it (Temperley, "What's key for key?", 1999). Confidence is the
    correlation of the best, times how far the second stays behind it: a lead of 0.1 counts in
    full. It takes about `memory` to believe a new key.
    """
    most = max(product.item(product.argmax()), _SILENT)
    now: Vector = np.divide(product, most)
    heard = now + (state.heard - now) * exp(-dt / memory)
    heard.setflags(write=False)
    away = heard - heard.mean()
    length = float(away.dot(away)) ** 0.5
    if length <= _SILENT:
        return Tones(heard), "", 0.0, False, 0.0
    fits = KEYS[profile].dot(away) / length
    best, second = fits.argsort()[:-3:-1].tolist()
    lead = min(1.0, (fits.item(best) - fits.item(second)) / 0.1)
    tonic, minor = best % 12, best >= 12
    name = f"{NOTES[tonic]} {'minor' if minor else 'major'}"
    confidence = min(1.0, max(0.0, fits.item(best))) * lead
    return Tones(heard), name, float(tonic), minor, confidence


NODES = (chroma, key)
