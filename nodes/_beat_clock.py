"""A steady clock that follows a filter's guesses, and the decision whether there is a beat."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from nodes._bar_pointer import STEP, Reading

_PHASE_GAIN, _PERIOD_GAIN = 0.15, 0.1
_NEAR_PHASE, _NEAR_PERIOD = 0.15, 0.15
_PATIENCE = 40.0
"""Steps for which a filter that is sure may contradict before the clock jumps."""


class Pace(NamedTuple):
    """The clock: beats counted, steps per beat, and how long the filter has contradicted."""

    beats: float = 0.0
    period: float = 43.0
    doubt: float = 0.0

    def back(self, beats: int) -> Pace:
        """The same place in the beat, counted as many beats less."""
        return self._replace(beats=self.beats - beats)


def follow(pace: Pace, reading: Reading, locked: bool) -> Pace:
    """Move on by one step and lean towards the reading; jump when it insists."""
    beats = pace.beats + 1.0 / pace.period
    error = (reading.phase - beats + 0.5) % 1.0 - 0.5
    near = abs(reading.period / pace.period - 1.0) < _NEAR_PERIOD and abs(error) < _NEAR_PHASE
    if near:
        return Pace(
            beats + _PHASE_GAIN * reading.sureness * error,
            pace.period + _PERIOD_GAIN * reading.sureness * (reading.period - pace.period),
            max(0.0, pace.doubt - 1.0),
        )
    doubt = pace.doubt + reading.sureness
    if locked and doubt <= _PATIENCE:
        return Pace(beats, pace.period, doubt)
    return Pace(beats + error, reading.period, 0.0)


_KEEP = exp(-STEP / 3.0)
_ENOUGH, _TOO_LITTLE = 0.012, 0.004
"""Evidence of a beat that begins it, and that lets it go on."""
_SURE = 0.2
_SILENCE, _SILENCE_TIME = 1e-4, 1.2


class Gate(NamedTuple):
    """Whether there is a beat. Evidence is the mean of the last seconds of how much better the
    filter's beat explains what is heard than no beat does; times are in seconds. `sounding` is the
    time since the first sound after a silence, or None if it was never silent."""

    evidence: float = 0.0
    locked: bool = False
    since: float = 0.0
    unsure: float = 0.0
    quiet: float = 0.0
    sounding: float | None = None

    @property
    def silent(self) -> bool:
        """Whether it has been silent for so long that the beat is over."""
        return self.quiet > _SILENCE_TIME


def decide(gate: Gate, better: float, sureness: float, loudness: float, hold: float) -> Gate:
    """The gate one step later.

    A beat goes on for `hold` seconds without evidence, but for no longer than there was some.
    """
    evidence = better + (gate.evidence - better) * _KEEP
    quiet = gate.quiet + STEP if loudness < _SILENCE else 0.0
    if quiet > _SILENCE_TIME:
        return Gate(quiet=quiet, sounding=0.0)
    sounding = gate.sounding
    if quiet and not sounding:  # nothing has sounded yet
        sounding = 0.0
    elif sounding is not None:
        sounding += STEP
    if not gate.locked:
        locked = evidence > _ENOUGH and sureness > _SURE
        return Gate(evidence, locked, quiet=quiet, sounding=sounding)
    since = gate.since + STEP
    unsure = gate.unsure + STEP if evidence < _TOO_LITTLE else 0.0
    locked = unsure < max(1.0, min(hold, since - unsure))
    return Gate(evidence, locked, since, unsure, quiet, sounding)
