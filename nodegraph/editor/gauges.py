"""How the show did in the last minute, and what of it is worth a look. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nodegraph.editor.serving import link_of, sessions
from nodegraph.words import plural

SPAN: Final = 60.0
"""Seconds that are kept."""

_MOST_NODES: Final = 3
_LOSS: Final = 0.01  # the share of the stream from which its loss is worth a look


@dataclass(frozen=True)
class Gauge:
    """One thing that is measured. `value` is in words, `past` 0..1 of `most` over the last minute;
    `tone` is "", "good", "warning" or "problem"."""

    name: str
    value: str
    tone: str
    past: tuple[float, ...]


@dataclass(frozen=True)
class _Moment:
    at: float
    load: float
    late: float
    fps: float
    delay: float
    rate: float


class Gauges:
    """Hears of every status and keeps what moves."""

    def __init__(self) -> None:
        self._past: deque[_Moment] = deque()
        self._status: Mapping[str, Any] = {}
        self._counted: deque[tuple[float, int, int]] = deque()

    def hear(self, status: Mapping[str, Any], now: float) -> bool:
        """Take in how the show stands, at a time in seconds; whether it is news."""
        if status is self._status or not status:
            return False
        self._status = status
        link = link_of(status) or {}
        ticks, overruns = int(status.get("ticks", 0)), int(status.get("overruns", 0))
        if self._counted and ticks < self._counted[-1][1]:
            self._counted.clear()  # another show
        self._counted.append((now, ticks, overruns))
        while now - self._counted[0][0] > SPAN:
            self._counted.popleft()
        before = self._counted[-2] if len(self._counted) > 1 else self._counted[-1]
        went, late = ticks - before[1], overruns - before[2]
        self._past.append(
            _Moment(
                now,
                float(status.get("load", 0.0)),
                late / went if went > 0 else 0.0,
                float(link.get("fps", 0.0)),
                float(link.get("latency", 0.0)),
                float(link.get("bitrate", 0.0)),
            )
        )
        while now - self._past[0].at > SPAN:
            self._past.popleft()
        return True

    def all(self) -> list[Gauge]:
        """What there is to see."""
        status, past = self._status, self._past
        link = link_of(status)
        load = float(status.get("load", 0.0))
        late = self._counted[-1][2] - self._counted[0][2] if self._counted else 0
        found = [
            Gauge(
                "Engine",
                f"{load:.0%} of its time",
                "good" if load < 0.5 else "warning" if load < 0.9 else "problem",
                _shares([one.load for one in past], 1.0),
            ),
            Gauge(
                "Late ticks",
                f"{late} in the last minute" if late else "none in the last minute",
                "warning" if late else "good",
                _shares([one.late for one in past], 0.1),
            ),
        ]
        if link is not None:
            fps = float(link.get("fps", 0.0))
            live = link.get("state") == "live"
            most = max((one.fps for one in past), default=0.0)
            fastest = max((one.rate for one in past), default=0.0)
            found += [
                Gauge(
                    "Pictures",
                    f"{fps:.0f} a second",
                    "good" if live else "problem",
                    _shares([one.fps for one in past], max(most, 10.0)),
                ),
                Gauge(
                    "Delay",
                    f"about {float(link.get('latency', 0.0)):.1f} s",
                    "good" if live else "warning",
                    _shares([one.delay for one in past], 4.0),
                ),
                Gauge(
                    "Stream",
                    f"{float(link.get('bitrate', 0.0)) / 1e6:.1f} Mbit/s",
                    "good" if float(link.get("loss", 0.0)) < _LOSS else "warning",
                    _shares([one.rate for one in past], max(fastest, 1e5)),
                ),
            ]
        return found

    def words(self) -> list[tuple[str, str]]:
        """What is counted, as pairs of words, with a tone for what is not well."""
        status = self._status
        if not status:
            return []
        restarts, overruns = int(status.get("restarts", 0)), int(status.get("overruns", 0))
        told = [
            (f"{int(status.get('ticks', 0)):,} ticks".replace(",", " "), ""),
            (f"{overruns} late in all", "warning" if overruns else ""),
            (_restarts(restarts), "warning" if restarts else ""),
            (f"{int(status.get('messages', 0))} messages made", ""),
        ]
        slow = sorted((status.get("slowest") or {}).items(), key=lambda each: -each[1])
        for node, count in slow[:_MOST_NODES]:
            told.append((f"{node} was the slowest in {plural(count, 'late tick')}", "warning"))
        if (link := link_of(status)) is not None:
            told += [
                (f"{plural(link.get('sent', 0), 'message')} sent to Scope", ""),
                (f"{link.get('merged', 0)} changes merged, {link.get('waiting', 0)} waiting", ""),
                (f"{link.get('frames', 0)} pictures in {sessions(link)}", ""),
                _arrived(link),
            ]
        return told

    def problems(self) -> list[str]:
        """What is wrong with the show as a whole, in sentences."""
        return [str(each.get("text", "")) for each in self._status.get("problems") or ()]


def _arrived(link: Mapping[str, Any]) -> tuple[str, str]:
    """What was lost on the way."""
    damaged, loss = int(link.get("dropped", 0)), float(link.get("loss", 0.0))
    tone = "warning" if damaged or loss >= _LOSS else ""
    return f"{damaged} damaged, {loss:.1%} of the stream lost", tone


def _restarts(count: int) -> str:
    if not count:
        return "the engine was never restarted"
    return "the engine was restarted once" if count == 1 else f"{count} restarts of the engine"


def _shares(values: list[float], most: float) -> tuple[float, ...]:
    return tuple(min(max(value / most, 0.0), 1.0) for value in values)
