"""What a trace would do to the picture: how often it changes, how far, and whether on the beat.

A trace holds what a patch asks for on every tick. Scope takes one message per chunk, so what it
gets is less: the sender of a show stands in between here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nodegraph.cli.tracks import Events, Floats, Track, number, number_track, pairs, prompt_track
from nodegraph.runtime.trace import Trace
from nodegraph.scope.protocol import CHUNK_FRAMES, MOST_CHUNK_FRAMES
from nodegraph.scope.sender import Sender
from nodegraph.scope.situation import Situation
from nodegraph.theme import Range

_NUMBERS = {
    "noise_scale": "noise_scale",
    "denoising_step_list": "denoising_steps",
    "vace_context_scale": "vace_context_scale",
    "kv_cache_attention_bias": "kv_cache_attention_bias",
}
"""Parameters that are numbers, by what a theme's ranges call them."""

HIT, SUDDEN = 0.2, 0.05
"""The share of its range by which a parameter that is hit moves, and in how many seconds."""

ON_BEAT = 0.1
"""Seconds between a hit and the beat that it answers, at most."""

STILL = 2.0
"""Seconds without any change after which a picture is still."""


MOST_CHANGES = 12.0
"""New prompts a minute at most: each costs the server an encoding of all texts, the eye a scene."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How one parameter moved.

    `used` is the share of its range (of all prompts: the share of one text) between its 5th and its
    95th percentile. A hit is a sudden move that the patch asks for, and not its going: `on_beat` is
    the share of them that answers a beat, and `beat` how far such a one moves what Scope gets, in
    the median.
    """

    name: str
    low: float | None
    high: float | None
    used: float
    changes_per_minute: float
    hits_per_minute: float
    on_beat: float
    beat: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a patch does to the picture over a piece of music, as Scope would get it.

    `busiest_minute` is how many new prompts there are in some minute at the most. `looks` are texts
    with the share of the time in which each is the strongest. `still` is the share of the time in
    which nothing changes for 2 s and more, `longest_still` in seconds. `vain` says what is sent for
    nothing.
    """

    title: str
    seconds: float
    beats: int
    messages_per_minute: float
    prompt_changes_per_minute: float
    busiest_minute: int
    movements: tuple[Movement, ...]
    looks: tuple[tuple[str, float], ...]
    still: float
    longest_still: float
    vain: tuple[str, ...]

    def movement(self, name: str) -> Movement:
        """How a parameter moved, by its name."""
        return next(each for each in self.movements if each.name == name)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the numbers mean where they say little, and what is sent for nothing."""
        told = []
        if not self.beats:
            told.append("no beat is heard in this sound, so nothing can answer one")
        if not self.movements:
            told.append("nothing that acts is sent, so the picture goes its own way")
        if max(self.busiest_minute, self.prompt_changes_per_minute) > MOST_CHANGES:
            told.append(
                f"more than {MOST_CHANGES:.0f} new prompts a minute are no scenes any more: hold "
                "each of them longer"
            )
        return (*told, *self.vain)


def report(
    trace: Trace,
    beats: Floats,
    pipeline: str = "longlive",
    chunk: float = 0.75,
    server: str = "",
) -> Report:
    """The report of a trace on music that has its beats at these seconds.

    `chunk` is the seconds in which the server makes one, `server` its name if there are several.
    """
    asked = [
        (float(trace.times[tick]), _for(server, message.body))
        for tick, message in trace.messages
        if message.sink == "scope"
    ]
    sender = Sender(CHUNK_FRAMES.get(pipeline, MOST_CHUNK_FRAMES))
    sender.situation = Situation(pipeline)
    sender.learn(chunk)
    got = list(_delivered(asked, trace.times, sender))
    movements, changes = [], []
    for name, limits, wanted, had in _tracks(trace, asked, got):
        movements.append(_movement(name, limits, wanted, had, trace, beats, chunk))
        changes.append(had.moments())
    changes.append(_fading(got, chunk))
    moments = np.minimum(np.concatenate([[0.0, trace.duration], *changes]), trace.duration)
    gaps = np.diff(np.sort(moments))
    minutes, prompts = trace.duration / 60.0 or 1.0, prompt_track(got)
    new = _new_texts(got)
    return Report(
        trace.title,
        trace.duration,
        len(beats),
        len(got) / minutes,
        len(new) / minutes,
        int(np.max(np.searchsorted(new, new + 60.0) - np.arange(len(new)), initial=0)),
        tuple(movements),
        _looks(prompts, trace.times) if prompts else (),
        float(gaps[gaps >= STILL].sum()) / (trace.duration or 1.0),
        float(gaps.max()),
        tuple(problem.text for problem in sender.problems),
    )


def _for(server: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a message is for one server, which may have a name before each parameter."""
    parts = ((*name.rpartition(":")[::2], value) for name, value in body.items())
    return {name: value for whose, name, value in parts if whose == server}


def _delivered(
    asked: Events, times: Floats, sender: Sender
) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """The messages that a server would get, with their seconds."""
    wishes = iter(asked)
    wish = next(wishes, None)
    for now in times.tolist():
        while wish is not None and wish[0] <= now:
            sender.set(wish[1], now)
            wish = next(wishes, None)
        if message := sender.due(now):
            yield now, message


Limits = tuple[float, float] | None
"""The range of a number; prompts have none."""


def _tracks(trace: Trace, asked: Events, got: Events) -> Iterator[tuple[str, Limits, Track, Track]]:
    """What was sent of each parameter: its name and range, as it was asked for and as it came."""
    wanted, had = prompt_track(asked), prompt_track(got)
    if wanted and had:
        yield "prompts", None, wanted, had
    for name, word in _NUMBERS.items():
        low, high = _limits(name, word, trace, asked)
        wanted, had = (number_track(name, events, low, high) for events in (asked, got))
        if wanted and had:
            yield name, (low, high), wanted, had


def _limits(name: str, word: str, trace: Trace, asked: Events) -> tuple[float, float]:
    """A number's range: what the themes that were played say, or else all that was asked for."""
    told = [each for each in _ranges(trace) if each.parameter == word]
    if told:
        return min(each.low for each in told), max(each.high for each in told)
    values = [number(body[name]) for _, body in asked if name in body]
    return min(values, default=0.0), max(values, default=1.0)


def _ranges(trace: Trace) -> Iterable[Range]:
    for port, kind in trace.kinds.items():
        if kind == "theme" and port in trace:
            for theme in set(trace[port]):
                yield from theme.ranges


def _movement(
    name: str,
    limits: Limits,
    asked: Track,
    got: Track,
    trace: Trace,
    beats: Floats,
    chunk: float,
) -> Movement:
    low, high = limits or (None, None)
    minutes = trace.duration / 60.0 or 1.0
    hits = asked.leaps(HIT, SUDDEN)
    answers = hits[_apart(hits, beats) <= ON_BEAT]
    return Movement(
        name,
        low,
        high,
        got.used(trace.times),
        len(got.moments()) / minutes,
        len(hits) / minutes,
        len(answers) / len(hits) if len(hits) else 0.0,
        float(np.median(got.moved(answers, 1.5 * chunk))) if len(answers) else 0.0,
    )


def _apart(moments: Floats, beats: Floats) -> Floats:
    """Seconds from each moment to the nearest beat."""
    edged = np.concatenate(([-np.inf], beats, [np.inf]))
    after = np.searchsorted(edged, moments)
    return np.asarray(np.minimum(moments - edged[after - 1], edged[after] - moments))


def _new_texts(got: Events) -> Floats:
    """The seconds at which a message brings a text that was not in the one before."""
    told = [(now, body["prompts"]) for now, body in got if "prompts" in body]
    listed = [(now, {text for text, _ in pairs(prompts)}) for now, prompts in told]
    return np.array(
        [now for (_, before), (now, after) in pairwise(listed) if not after <= before], np.float64
    )


def _fading(got: Events, chunk: float) -> Floats:
    """The seconds at which a transition goes on: one for each chunk that it takes."""
    told = [(now, body) for now, body in got if "prompts" in body]
    moments = []
    for (_, before), (now, body) in pairwise([(0.0, {"prompts": ()}), *told]):
        steps = body.get("transition", {}).get("num_steps", 0)
        if body["prompts"] != before["prompts"]:  # what is only said again changes nothing
            moments += [now + chunk * step for step in range(1, steps + 1)]
    return np.array(moments, np.float64)


def _looks(prompts: Track, times: Floats) -> tuple[tuple[str, float], ...]:
    """Texts with the share of the time in which each is the strongest, the longest first."""
    strongest = np.bincount(prompts.at(times).argmax(axis=1), minlength=len(prompts.texts))
    shares = (strongest / max(1, len(times))).tolist()
    found = zip(prompts.texts, shares, strict=True)
    return tuple(sorted((each for each in found if each[1] > 0.0), key=lambda each: -each[1]))
