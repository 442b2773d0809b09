"""Parameters of Scope over time, as shares: of a range, or of all prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Events = Sequence[tuple[float, Mapping[str, Any]]]
"""Seconds, and the parameters that are set then."""


class Track(NamedTuple):
    """One parameter over time: from each second on, shares that sum to 1.

    `times` is float64[n], `shares` float64[n, k]. The shares are those of `texts`; a number has
    two, how far up its range it is and how far down.
    """

    times: Floats
    shares: Floats
    texts: tuple[str, ...] = ()

    def at(self, seconds: Floats) -> Floats:
        """float64[…, k]: what held at those times; before the first, the first."""
        found = np.searchsorted(self.times, seconds, side="right") - 1
        return np.asarray(self.shares[np.maximum(found, 0)])

    def moments(self) -> Floats:
        """The times at which it became another."""
        return self.times[1:][distance(self.shares[1:], self.shares[:-1]) >= 1e-9]

    def leaps(self, least: float, within: float) -> Floats:
        """The times at which it has moved by so much in so many seconds: the first of each move,
        and of those that take each other back, there and back again, the ones that have more rest
        before them than after, all in all."""
        moved = distance(self.shares, self.at(self.times - within - 1e-9))
        times = self.times[moved >= least]
        times = times[np.diff(times, prepend=-np.inf) > within]
        was, now = self.at(times - 1e-9), self.at(times + within)
        back = distance(now[1:], was[:-1]) < distance(now[1:], now[:-1])
        rests = np.diff(times, prepend=self.times[:1]) - np.diff(times, append=self.times[-1:])
        runs = np.split(np.arange(len(times)), 1 + np.flatnonzero(~back))
        ways = ((run[::2], run[1::2] if len(run) > 1 else run) for run in runs)
        hits = [max(way, key=lambda i: rests[i].sum()) for way in ways]
        return np.asarray(times[np.concatenate(hits)])

    def moved(self, moments: Floats, within: float) -> Floats:
        """How far it goes within so many seconds from where it was just before each moment."""
        before = self.at(moments - 0.01)[:, None, :]
        after = self.at(moments[:, None] + np.linspace(0.0, within, 32))
        return np.asarray(distance(before, after).max(axis=1, initial=0.0))

    def used(self, times: Floats) -> float:
        """What lies between the 5th and the 95th percentile of the share that moves most."""
        low, high = np.percentile(self.at(times), (5.0, 95.0), axis=0)
        return float((high - low).max())


def distance(one: Floats, other: Floats) -> Floats:
    """How much of the whole lies elsewhere, 0..1: the total variation distance."""
    return np.asarray(0.5 * np.abs(one - other).sum(axis=-1))


def number_track(name: str, events: Events, low: float, high: float) -> Track | None:
    """A number over time, in its range; None if it was never set."""
    told = [(time, number(body[name])) for time, body in events if name in body]
    if not told:
        return None
    times, values = np.array(told).T
    x = (values - low) / (high - low or 1.0)
    return Track(times, np.stack((x, 1.0 - x), axis=-1))


def number(value: Any) -> float:
    """A number as it is; of a list of denoising steps, how many."""
    return float(len(value) if isinstance(value, list | tuple) else value)


def prompt_track(events: Events) -> Track | None:
    """The prompts over time; None if there were none."""
    told = [(time, dict(pairs(body["prompts"]))) for time, body in events if "prompts" in body]
    if not told:
        return None
    texts = tuple(dict.fromkeys(text for _, prompts in told for text in prompts))
    weights = np.array([[prompts.get(text, 0.0) for text in texts] for _, prompts in told])
    whole = weights.sum(axis=1, keepdims=True)
    return Track(
        np.array([time for time, _ in told]), weights / np.where(whole > 0.0, whole, 1.0), texts
    )


def pairs(prompts: Iterable[Any]) -> Iterable[tuple[str, float]]:
    """Prompts as a patch has them, or as Scope gets them: texts and weights."""
    for each in prompts:
        yield (each["text"], each["weight"]) if isinstance(each, Mapping) else tuple(each)
