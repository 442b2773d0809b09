"""A steady clock that follows a filter's guesses, and the decision whether there is a beat."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from nodes._bar_pointer import STEP, Reading

_PHASE_GAIN, _PERIOD_GAIN = 0.15, 0.1
_NEAR_PHASE, _NEAR_PERIOD = 0.15, 0.15
_PATIENCE, _EARNED = 10.0, 0.02
"""Steps for which a filter that is sure may contradict before the clock jumps: at most, and for
each step since it last did. A beat that was only just found is soon given up for another."""


class Pace(NamedTuple):
    """The clock: beats counted, steps per beat, how long the filter has contradicted, and the steps
    since it last jumped."""

    beats: float = 0.0
    period: float = 43.0
    doubt: float = 0.0
    steady: int = 0

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
            pace.steady + 1,
        )
    doubt = pace.doubt + reading.sureness
    if locked and doubt <= min(_PATIENCE, _EARNED * pace.steady):
        return Pace(beats, pace.period, doubt, pace.steady + 1)
    return Pace(beats + error, reading.period)


_KEEP = exp(-STEP / 3.0)
_ENOUGH, _TOO_LITTLE = 0.012, 0.004
"""Evidence of a beat that begins it, and that lets it go on."""
_PLAIN = 0.0007
"""Plain evidence, times the sureness of the filter, that begins it, too, and sooner."""
_SURE = 0.2
_SILENCE, _SILENCE_TIME = 1e-4, 1.2


class Gate(NamedTuple):
    """Whether there is a beat. Evidence is the mean of the last seconds of how much better the
    filter's beat explains what is heard than no beat does. In `plain` evidence what speaks for the
    beat counts by how likely the network found one: in speech and noise it is not so sure. Times
    are in seconds. `sounding` is the time since the first sound after a silence, 0 before it, or
    None if it was never silent."""

    evidence: float = 0.0
    plain: float = 0.0
    locked: bool = False
    since: float = 0.0
    unsure: float = 0.0
    quiet: float = 0.0
    sounding: float | None = 0.0

    @property
    def silent(self) -> bool:
        """Whether nothing has sounded yet, or for so long that the beat is over."""
        return self.sounding == 0.0

    @property
    def settled(self) -> bool:
        """Whether there is a beat, and as much evidence of it as it takes."""
        return self.locked and self.evidence > _ENOUGH


class Heard(NamedTuple):
    """What speaks for a beat in one step: by how much it explains better what is heard, as a
    logarithm; how likely the network found one, and how sure the filter is of its own (0..1)."""

    better: float
    likely: float
    sureness: float


def decide(gate: Gate, heard: Heard, loudness: float, hold: float) -> Gate:
    """The gate one step later.

    A beat goes on for `hold` seconds without evidence, but for no longer than there was some.
    """
    quiet = gate.quiet + STEP if loudness < _SILENCE else 0.0
    if quiet > _SILENCE_TIME or (quiet and gate.silent):
        return Gate(quiet=quiet)
    sounding = gate.sounding
    if sounding is not None:
        sounding = sounding + STEP if sounding or gate.quiet else None
    better, likely, sureness = heard
    evidence = better + (gate.evidence - better) * _KEEP
    plain = better * likely if better > 0.0 else better
    plain += (gate.plain - plain) * _KEEP
    if not gate.locked:
        locked = sureness > _SURE and (evidence > _ENOUGH or plain * sureness > _PLAIN)
        return Gate(evidence, plain, locked, quiet=quiet, sounding=sounding)
    since = gate.since + STEP
    unsure = gate.unsure + STEP if evidence < _TOO_LITTLE else 0.0
    locked = unsure < max(1.0, min(hold, since - unsure))
    return Gate(evidence, plain, locked, since, unsure, quiet, sounding)
