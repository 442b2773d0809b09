"""Two decks on one fader: their messages to one sink become the messages that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.errors import NodegraphError
from nodegraph.runtime.blending import between, blend, same

REQUESTS = frozenset({"reset_cache", "vace_ref_images", "land"})
"""Parameters that ask for something to be done once, and so are used up by being sent. So are those
of the same name with that of a server and a colon before it."""

LONGEST = 3600.0
"""Seconds of a fade."""

NOTHING: Mapping[str, object] = {}


class Mixer:
    """Takes the bodies that two decks made in each tick of `dt` seconds, and gives one to send.

    `position` says how much of the second deck is on air, 0..1. At an end, that deck's bodies go
    out as they are. In between, each parameter that both decks have set is blended (see
    `blending`); one that only one of them has set is sent while that deck has more than half, and
    then left where it is. `requests` are never blended nor repeated: they pass from the deck that
    has more than half. Only what changes is sent, and on arrival at an end all that the deck there
    has ever set.
    """

    def __init__(
        self,
        dt: float,
        decks: tuple[str, str] = ("main", "next"),
        requests: frozenset[str] = REQUESTS,
    ) -> None:
        self.position = 0.0
        self._dt = dt
        self._decks = decks
        self._requests = requests
        self._begun = self._goal = 0.0
        self._done = self._ticks = 0
        self._last: dict[str, dict[str, object]] = {deck: {} for deck in decks}
        self._sent: dict[str, object] = {}
        self._slew_from: dict[str, object] = {}
        self._slewed = self._slew_ticks = 0
        self._afresh = False

    @property
    def leader(self) -> str:
        """The deck that has more than half; in the very middle, the second."""
        return self._decks[self.position >= 0.5]

    @property
    def resting(self) -> bool:
        """Whether one deck is on air alone, and its bodies go out as they are."""
        moving = self._done < self._ticks or self._slew_from
        return self.position in (0.0, 1.0) and not moving

    def move_to(self, position: float, seconds: float = 0.0) -> None:
        """Move to a position between the decks, at an even pace, in so many seconds; 0 cuts."""
        if not 0.0 <= position <= 1.0:
            raise NodegraphError(f"A fader stands from 0 to 1, not at {position}.")
        self._begun, self._goal = self.position, position
        self._done = 0
        self._ticks = self._ticks_in(seconds) if position != self.position else 0

    def slew(self, seconds: float) -> None:
        """A plan was swapped: ease its numbers from what was last sent to what it says.

        They move along a line and are exact after so many seconds; all else changes at once.
        """
        self._slew_from = dict(self._sent) if seconds > 0.0 else {}
        self._slewed, self._slew_ticks = 0, self._ticks_in(seconds)

    def forget(self, deck: str) -> None:
        """Another patch is on this deck: what the old one has set is no longer its own."""
        self._last[deck].clear()

    def mix(self, bodies: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
        """What to send in this tick, from what each deck said in it."""
        for deck, said in bodies.items():
            if said:
                self._last[deck] |= self._states(said)
        if self.resting and not self._afresh:
            body = bodies.get(self.leader, NOTHING)
            if body:
                self._sent |= self._states(body)
            return body
        everything = self._advance() or self._afresh
        self._afresh = False
        wanted = self._eased(self._blended())
        due = {
            name: value
            for name, value in wanted.items()
            if everything or name not in self._sent or not same(value, self._sent[name])
        }
        self._sent |= due
        asked = bodies.get(self.leader, NOTHING)
        return due | {name: asked[name] for name in asked if self._is_request(name)}

    def state(self) -> dict[str, Any]:
        """All that it remembers, as plain data for a checkpoint."""
        return {
            "position": self.position,
            "fade": [self._begun, self._goal, self._done, self._ticks],
            "last": {deck: dict(values) for deck, values in self._last.items()},
            "sent": dict(self._sent),
            "slew": [dict(self._slew_from), self._slewed, self._slew_ticks],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave.

        What was sent since then is not known, so the next tick sends all that is on air.
        """
        self.position = state["position"]
        self._begun, self._goal, self._done, self._ticks = state["fade"]
        self._last = {deck: dict(state["last"].get(deck, NOTHING)) for deck in self._decks}
        self._sent = dict(state["sent"])
        slew_from, self._slewed, self._slew_ticks = state["slew"]
        self._slew_from = dict(slew_from)
        self._afresh = True

    def _ticks_in(self, seconds: float) -> int:
        return max(1, round(min(LONGEST, max(0.0, seconds)) / self._dt))

    def _states(self, body: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in body.items() if not self._is_request(name)}

    def _is_request(self, name: str) -> bool:
        return name.rpartition(":")[2] in self._requests

    def _advance(self) -> bool:
        """Move by one tick. Whether that was the arrival at a deck."""
        if self._done == self._ticks:
            return False
        self._done += 1
        if self._done < self._ticks:
            way = self._goal - self._begun
            self.position = self._begun + way * (self._done / self._ticks)
            return False
        self.position = self._goal
        return self.position in (0.0, 1.0)

    def _blended(self) -> Mapping[str, object]:
        lead = self._last[self.leader]
        if self.position in (0.0, 1.0):
            return lead
        first, second = (self._last[deck] for deck in self._decks)
        return lead | {
            name: blend(value, second[name], self.position)
            for name, value in first.items()
            if name in second
        }

    def _eased(self, wanted: Mapping[str, object]) -> Mapping[str, object]:
        """What is wanted, with its numbers still on their way there after a swap."""
        if not self._slew_from:
            return wanted
        self._slewed += 1
        if self._slewed >= self._slew_ticks:
            self._slew_from = {}
            return wanted
        eased = dict(wanted)
        for name in wanted.keys() & self._slew_from.keys():
            moved = between(self._slew_from[name], wanted[name], self._slewed / self._slew_ticks)
            if moved is not None:
                eased[name] = moved
        return eased
