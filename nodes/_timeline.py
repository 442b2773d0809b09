"""Prompts on a timeline as people write them, a line each: `0:45 (8) calm sea *0.7 | storm *0.3`.

    line     moment [ "(" how ")" ] ( prompt { "|" prompt } | "-" )
    moment   0:45   1:02:03.5   90 s   bar 33   bar 33.3 (its third beat)
    how      a number of chunks or the word cut; linear or slerp
    prompt   text [ " *" weight ]

A line that begins with # is a remark, `-` asks for nothing new, and a backslash takes a character
as it is (`\\n` is a new line).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from nodegraph import Clock, Prompt, Prompts

EXAMPLES = "0:45, 90 s or bar 33"
INTERPOLATIONS = ("slerp", "linear")
MOST_STEPS = 32
WHISKER = 1e-6
"""What rounding may take from a position, in seconds or beats."""

_MOMENT = re.compile(
    r"(?:(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,4}):(?P<rest>[0-5]\d(?:\.\d{1,6})?)"
    r"|(?P<seconds>\d{1,6}(?:\.\d{1,6})?) ?s"
    r"|bar (?P<bar>[1-9]\d{0,5})(?:\.(?P<beat>[1-9]\d?))?)(?=[\s(]|$)",
    re.IGNORECASE | re.ASCII,
)
_HOW = re.compile(r"\s*\(([^()]*)\)")
_PART = re.compile(r"(?:[^\\|]|\\.|\\$)+")
_WEIGHT = re.compile(r"\s\*\s?(\d{1,6}(?:\.\d{1,9})?)$", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Moment(NamedTuple):
    """A place on a timeline, from its beginning: in seconds, or in bars and beats of a clock."""

    unit: str
    bars: float
    rest: float

    def at(self, meter: int) -> float:
        """The same in seconds, or in beats."""
        return self.bars * meter + self.rest


class Entry(NamedTuple):
    """What is painted from a moment on, and how it comes in; None is as the node says."""

    moment: Moment
    prompts: Prompts
    steps: float | None
    interpolation: str | None


class Timeline(NamedTuple):
    """Entries in their order, all in `seconds` or all in `bars`."""

    unit: str = "seconds"
    entries: tuple[Entry, ...] = ()

    def reached(self, position: Position, meter: int) -> int:
        """The number of the last entry whose moment has come; -1 before the first."""
        at = position.at + WHISKER
        return bisect_right(self.entries, at, key=lambda entry: entry.moment.at(meter)) - 1


class Position(NamedTuple):
    """Where somebody is on a timeline: in seconds, or in beats since beat `origin` of a clock."""

    at: float = 0.0
    origin: float = 0.0

    def moved(self, unit: str, dt: float, clock: Clock | None, restart: bool) -> Position:
        """Where it is a tick later. Raises `ValueError` without the clock that bars need.

        A clock that gives way by less than half a beat stands, so that nothing comes twice.
        """
        if unit == "seconds":
            return Position(0.0 if restart else self.at + dt)
        if clock is None:
            raise ValueError("it counts in bars: wire a clock, or write times such as 0:45")
        origin = float(round(clock.beats)) if restart else self.origin
        at = clock.beats - origin
        gives_way = self.at - 0.5 < at < self.at and not restart
        return Position(self.at if gives_way else at, origin)


def moment_at(text: str) -> tuple[Moment, str] | None:
    """The moment that a text begins with, and the text after it."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    if found["bar"]:
        return Moment("bars", int(found["bar"]) - 1.0, int(found["beat"] or 1) - 1.0), rest
    hours, minutes = int(found["hours"] or 0), int(found["minutes"] or 0)
    seconds = float(found["rest"] or found["seconds"])
    return Moment("seconds", 0.0, hours * 3600.0 + minutes * 60.0 + seconds), rest


def prompts_of(text: str) -> Prompts:
    """Weighted texts, of `calm sea *0.7 | storm *0.3`."""
    found = []
    for part in map(str.strip, _PART.findall(text)):
        weighed = _WEIGHT.search(part)
        weight = float(weighed[1]) if weighed else 1.0
        words = part[: weighed.start()] if weighed else part
        words = _ESCAPED.sub(lambda one: "\n" if one[1] == "n" else one[1], words)
        if words.strip() and weight > 0.0:
            found.append(Prompt(words, weight))
    return tuple(found)


@lru_cache(maxsize=32)
def timeline(text: str) -> Timeline:
    """Read a timeline. Raises `ValueError` with every mistake and its line."""
    faults: list[str] = []
    entries: list[Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            try:
                entries.append(_entry(line, entries[-1].moment if entries else None))
            except ValueError as fault:
                faults.append(f"line {number}: {fault}")
    if faults:
        raise ValueError(several(faults))
    return Timeline(entries[0].moment.unit, tuple(entries)) if entries else Timeline()


def _entry(line: str, before: Moment | None) -> Entry:
    found = moment_at(line)
    if found is None:
        raise ValueError(f"{line[:30]!r} does not begin with a time such as {EXAMPLES}")
    moment, rest = found
    if before and before.unit != moment.unit:
        raise ValueError(f"this is in {moment.unit}, the lines above in {before.unit}: keep to one")
    if before and (moment.bars, moment.rest) <= (before.bars, before.rest):
        raise ValueError("this does not come after the line above: put the lines in order")
    how = _HOW.match(rest)
    steps, interpolation = _how(how[1]) if how else (None, None)
    words = (rest[how.end() :] if how else rest).strip()
    prompts = prompts_of(words)
    if not prompts and words != "-":
        raise ValueError(
            "there is nothing to paint: write what, or - to leave the picture as it is"
        )
    return Entry(moment, () if words == "-" else prompts, steps, interpolation)


def _how(text: str) -> tuple[float | None, str | None]:
    """Chunks and interpolation of `8 linear`, `cut`, `slerp`."""
    steps, interpolation = None, None
    for word in text.replace(",", " ").split():
        if word == "cut" or word.isdecimal():
            steps = 0.0 if word == "cut" else float(min(int(word), MOST_STEPS))
        elif word in INTERPOLATIONS:
            interpolation = word
        else:
            raise ValueError(
                f"({text}) is no way to come in: give a number of chunks or cut, linear or slerp; "
                "a text that begins with a bracket is written \\("
            )
    return steps, interpolation


def several(faults: list[str], most: int = 5) -> str:
    """Mistakes as one text; of many the first."""
    more = f"; and {len(faults) - most} more" if len(faults) > most else ""
    return "; ".join(faults[:most]) + more
