"""What to send when: changes merged, at most about one message per chunk, repeated where lost.

Each pipeline of a real server takes one message per generated chunk from a queue of eight and
drops the newest when it is full, without a word. So the sender keeps the state that is desired and
the state that was sent, and lets the difference go as one message per chunk, when `pace` says so.
What has no effect stays here until it has one (`wishes`); what is to be seen on a beat leaves ahead
of it (`cues`). Nothing here reads a clock or waits: time comes in as `now`, in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nodegraph.errors import Problem
from nodegraph.scope.cues import Cues, Landing
from nodegraph.scope.fields import Fields, is_field
from nodegraph.scope.pace import Pace
from nodegraph.scope.parameters import clean
from nodegraph.scope.protocol import MOST_CHUNK_FRAMES, differs, to_wire
from nodegraph.scope.situation import Situation
from nodegraph.scope.wishes import AT_START, FIRST_STATE, Wishes

REPEAT_AFTER = 1.5  # periods of quiet


class Sender:
    """Decides on messages to one session. `chunk_frames` is what its pipeline makes in one go.

    Call `reset` before each offer, `set` with every wish, and `due` often (each 20 ms is plenty).
    `changes` counts the values set, `sent` the messages, `merged` the values that needed no
    message of their own. Messages are for the node `address` of a graph, or for all if it is
    empty; `begun_with` names what a session has from its offer on, and no message can change.
    """

    def __init__(self, chunk_frames: int = MOST_CHUNK_FRAMES) -> None:
        self.pace = Pace(chunk_frames)
        self.wishes = Wishes()
        self.fields = Fields()
        self.address = ""
        self.begun_with = AT_START
        self.changes = self.sent = self.merged = 0
        self._acked = dict(FIRST_STATE)  # as sent: there is no acknowledgement on this channel
        self._cues = Cues()
        self._unrepeated: set[str] = set()
        self._unsent_changes = 0
        self._changed_at = self._sent_at = self._moving_since = float("-inf")
        self._moving_steps = 0
        self._pause_repeats = 0
        self._fields_turn = True

    @property
    def period(self) -> float:
        """Seconds between two messages."""
        return self.pace.period

    @property
    def paused(self) -> bool:
        """Whether the picture is meant to stand still."""
        return self.wishes.desired.get("paused") is True

    @property
    def situation(self) -> Situation | None:
        """What decides which wishes have an effect; None while it is not known."""
        return self.wishes.situation

    @situation.setter
    def situation(self, situation: Situation | None) -> None:
        self.wishes.situation = situation

    @property
    def mode(self) -> str:
        """Whether pictures are made from "text" or from "video"."""
        return self.wishes.mode

    @property
    def waiting(self) -> int:
        """Values that are yet to be sent."""
        return len(self._difference()) + len(self.wishes.once) + len(self._cues) + self._pausing

    @property
    def settled(self) -> bool:
        """Whether everything desired has been sent and repeated."""
        waiting = self.wishes.once or self._cues or self._unrepeated or self._pause_repeats
        return not (waiting or self._difference())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wished for and has no effect as things are, by the name of the parameter."""
        return (*self.wishes.problems, *self.fields.problems)

    def learn(self, chunk_seconds: float) -> None:
        """Take the chunk time from one who knows it (the server's metrics)."""
        self.pace.told(chunk_seconds)

    def heard_frame(self, now: float) -> None:
        """A frame arrived: learn the chunk time from the rate."""
        self.pace.heard(now)

    def set(self, params: Mapping[str, object], now: float) -> list[Problem]:
        """Wish for these values, in the words of `parameters`; what cannot be sent comes back.

        With `land`, some of them wait until they can be seen on a beat.
        """
        for name in filter(is_field, params):
            self.fields.ask(name, params[name])
        cleaned, problems = clean({k: it for k, it in params.items() if not is_field(k)})
        landing = cleaned.pop("land", None)
        if isinstance(landing, Landing):
            held = {name: cleaned.pop(name) for name in landing.names if name in cleaned}
            self._cues.add(held, landing.first(now, now + self.pace.latency))
        self._ask(cleaned, now)
        return problems

    def _ask(self, cleaned: Mapping[str, object], now: float) -> None:
        for name, value in cleaned.items():
            if self.wishes.ask(name, value):
                self.changes += 1
                self._unsent_changes += 1
                self._changed_at = now

    def overruled(self, names: Collection[str]) -> None:
        """Another client has set these parameters: what was sent of them holds no more."""
        for name in names:
            self._acked.pop(name, None)

    def state(self) -> dict[str, object]:
        """The full state for the initial parameters of an offer, in Scope's words."""
        return self.wishes.state()

    def reset(self) -> dict[str, object]:
        """A new session begins: `state()` counts as sent, and is returned for the offer."""
        self._acked = self.wishes.effective()
        self.wishes.went()
        self._unrepeated.clear()
        self._pause_repeats = self._unsent_changes = 0
        self._sent_at = self._moving_since = float("-inf")
        self.pace.restart()
        return self.state()

    def due(self, now: float) -> dict[str, object] | None:
        """The message to send now, in Scope's words, or None. What is returned counts as sent."""
        self._ask(self._cues.due(now + self.pace.latency), now)
        if not self.pace.free(now) or self._place_is_kept(now):
            return None
        if self._pause_repeats or self._pausing:
            return self._due_pause(now)
        self._fields_turn = not self._fields_turn
        if self._fields_turn and (message := self.fields.due()):
            return self._count(message, now, carried=0)
        if message := self._due_changes(now):
            return self._count(message, now, carried=self._unsent_changes)
        if message := self._due_repeats(now) or self.fields.due():
            return self._count(message, now, carried=0)
        return None

    def _place_is_kept(self, now: float) -> bool:
        """Whether what left now would be in the way of something that is for a beat soon."""
        beat = self._cues.next
        if beat is None:
            return False
        return now < beat - self.pace.latency < now + self.period

    @property
    def _pausing(self) -> bool:
        """Whether to pause, or to go on, was wished for and not sent."""
        return self.paused != self._acked.get("paused", False)

    def _due_pause(self, now: float) -> dict[str, object] | None:
        """Pausing goes alone, into a queue that is surely empty, and twice: it could be lost."""
        if self._pause_repeats:
            self._pause_repeats -= 1
        elif now - self._sent_at < 2 * self.period:
            return None
        if self._pausing:
            self._acked["paused"] = self.paused
            self._pause_repeats = 1
        return self._count({"paused": self.paused}, now, carried=min(1, self._unsent_changes))

    def _due_changes(self, now: float) -> dict[str, object] | None:
        difference = self._difference()
        if self._must_wait_for_transition(now):
            difference.pop("prompts", None)
        quiet = now - self._changed_at >= self.period  # nothing is too small then
        worth = any(
            quiet or differs(name, value, self._acked.get(name))
            for name, value in difference.items()
        )
        events = self.wishes.events()
        if not (worth or events):
            return None
        message = self._wire(difference | events, now)
        self._acked |= difference
        self._unrepeated |= difference.keys()
        self.wishes.went()
        return message

    def _due_repeats(self, now: float) -> dict[str, object] | None:
        if now - self._sent_at < REPEAT_AFTER * self.period:
            return None
        names = self._unrepeated & self._acked.keys()
        if self._moving(now):
            names.discard("prompts")
        self._unrepeated -= names
        return to_wire(self._with_transition({name: self._acked[name] for name in names}))

    def _difference(self) -> dict[str, object]:
        """What is desired, acts, and was not sent; `paused` goes its own way."""
        return {
            name: value
            for name, value in self.wishes.desired.items()
            if name != "paused"
            and name not in self.begun_with
            and value != self._acked.get(name)
            and not self.wishes.vain(name, value)
        }

    def _must_wait_for_transition(self, now: float) -> bool:
        """A running transition is left to finish, but a cut may break in."""
        return self._moving(now) and self.wishes.desired["transition_steps"] != 0

    def _moving(self, now: float) -> bool:
        """Whether a transition runs; one chunk longer, as its message waits for the current one."""
        chunks = self._moving_steps + 1 if self._moving_steps else 0
        return now < self._moving_since + chunks * self.period

    def _wire(self, params: dict[str, object], now: float) -> dict[str, object]:
        if "prompts" in params:
            steps = self.wishes.desired["transition_steps"]
            assert isinstance(steps, int)
            self._moving_since, self._moving_steps = now, steps
        return to_wire(self._with_transition(params))

    def _with_transition(self, params: dict[str, object]) -> dict[str, object]:
        if "prompts" not in params:
            return params
        return params | {
            name: self.wishes.desired[name] for name in ("transition_steps", "interpolation")
        }

    def _count(self, message: dict[str, object], now: float, carried: int) -> dict[str, object]:
        """Book the message, which carries so many of the values set."""
        self._sent_at = now
        self.pace.sent(now)
        self.sent += 1
        self.merged += max(0, carried - 1)
        self._unsent_changes -= carried
        if self.address and "paused" not in message:
            return {"node_id": self.address} | message
        return message
