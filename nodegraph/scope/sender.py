"""What to send when: changes merged, at most about one message per chunk, repeated where lost.

Each pipeline of a real server takes one message per generated chunk from a queue of eight and
drops the newest when it is full, without a word. So the sender keeps the state that is desired and
the state that was sent, and lets the difference go as one message per chunk, when `pace` says so.
What has no effect stays here until it has one (`effects`). Nothing here reads a clock or waits:
time comes in as `now`, in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodegraph.errors import Problem
from nodegraph.scope.effects import Situation, mode_of, without_effect
from nodegraph.scope.pace import Pace
from nodegraph.scope.parameters import MOST_LIST, PARAMETERS, clean, size
from nodegraph.scope.protocol import MOST_CHUNK_FRAMES, differs, to_wire

NO_PROMPT = (("", 1.0),)
"""What is asked for until somebody asks: a pipeline without any prompts fails on every chunk."""

FIRST_STATE: dict[str, object] = {
    "input_mode": "text",
    "prompts": NO_PROMPT,
    "transition_steps": 0,
    "interpolation": "linear",
    "blend": "linear",
}
Scales = tuple[tuple[str, float], ...]

REPEAT_AFTER = 1.5  # periods of quiet


class Sender:
    """Decides on messages to one session. `chunk_frames` is what its pipeline makes in one go.

    Call `reset` before each offer, `set` with every wish, and `due` often (each 20 ms is plenty).
    `changes` counts the values set, `sent` the messages, `merged` the values that needed no
    message of their own. `situation` decides what has an effect; what has none is kept, and sent
    when it has.
    """

    def __init__(self, chunk_frames: int = MOST_CHUNK_FRAMES) -> None:
        self.pace = Pace(chunk_frames)
        self.changes = self.sent = self.merged = 0
        self._desired = dict(FIRST_STATE)
        self._acked = dict(FIRST_STATE)  # as sent: there is no acknowledgement on this channel
        self._once: dict[str, object] = {}
        self._past: dict[str, object] = {}  # the events that were sent
        self.situation: Situation | None = None
        self._wished: set[str] = set()
        self._vain_events: dict[str, str] = {}
        self._scales: Scales = ()
        self._unrepeated: set[str] = set()
        self._unsent_changes = 0
        self._changed_at = self._sent_at = self._moving_since = float("-inf")
        self._moving_steps = 0
        self._pause_repeats = 0

    @property
    def period(self) -> float:
        """Seconds between two messages."""
        return self.pace.period

    @property
    def paused(self) -> bool:
        """Whether the picture is meant to stand still."""
        return self._desired.get("paused") is True

    @property
    def mode(self) -> str:
        """Whether pictures are made from "text" or from "video"."""
        return mode_of(self._desired)

    @property
    def waiting(self) -> int:
        """Values that are yet to be sent."""
        return len(self._difference()) + len(self._once) + self._pausing

    @property
    def settled(self) -> bool:
        """Whether everything desired has been sent and repeated."""
        return not (self._once or self._unrepeated or self._pause_repeats or self._difference())

    def learn(self, chunk_seconds: float) -> None:
        """Take the chunk time from one who knows it (the server's metrics)."""
        self.pace.told(chunk_seconds)

    def heard_frame(self, now: float) -> None:
        """A frame arrived: learn the chunk time from the rate."""
        self.pace.heard(now)

    def set(self, params: Mapping[str, object], now: float) -> list[Problem]:
        """Wish for these values, in the words of `parameters`; what cannot be sent comes back."""
        cleaned, problems = clean(params)
        self._wished |= cleaned.keys()
        for name, value in cleaned.items():
            if PARAMETERS[name].how == "once":
                self._request_once(name, value)
            elif value != self._desired.get(name):
                self._desired[name] = value
            else:
                continue
            self.changes += 1
            self._unsent_changes += 1
            self._changed_at = now
        return problems

    def _request_once(self, name: str, value: object) -> None:
        if name == "lora_scales" and isinstance(value, tuple):
            self._scales = _merged_scales(self._scales, value)
            value = _merged_scales(self._once.get(name, ()), value)
        if value:  # `reset_cache: false` asks for nothing
            self._once[name] = value

    def state(self) -> dict[str, object]:
        """The full state for the initial parameters of an offer, in Scope's words.

        Without `paused`, which would keep a session from ever showing a first frame (it follows on
        the channel), and without events, except for the LoRA scales last asked for.
        """
        state = self._effective()
        if self._scales and not self._vain("lora_scales", self._scales):
            state["lora_scales"] = self._scales
        return to_wire({**state, "transition_steps": 0})

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wished for and has no effect as things are, by the name of the parameter."""
        wished = {name: self._desired[name] for name in self._wished if name in self._desired}
        vain = {name: self._vain(name, value) for name, value in wished.items()}
        told = sorted((vain | self._vain_events).items())
        return tuple(Problem(why, field=name) for name, why in told if why)

    def _vain(self, name: str, value: object) -> str | None:
        if self.situation is None:
            return None
        wishes = self._past | self._desired | self._once
        return without_effect(name, value, replace(self.situation, params=wishes))

    def _effective(self) -> dict[str, object]:
        """What is desired and acts; `paused` goes its own way."""
        return {
            name: value
            for name, value in self._desired.items()
            if name != "paused" and not self._vain(name, value)
        }

    def reset(self) -> dict[str, object]:
        """A new session begins: `state()` counts as sent, and is returned for the offer."""
        self._acked = self._effective()
        self._once = {name: one for name, one in self._once.items() if name == "vace_ref_images"}
        self._unrepeated.clear()
        self._pause_repeats = self._unsent_changes = 0
        self._sent_at = self._moving_since = float("-inf")
        self.pace.restart()
        return self.state()

    def due(self, now: float) -> dict[str, object] | None:
        """The message to send now, in Scope's words, or None. What is returned counts as sent."""
        if not self.pace.free(now):
            return None
        if self._pause_repeats or self._pausing:
            return self._due_pause(now)
        if message := self._due_changes(now):
            return self._count(message, now, carried=self._unsent_changes)
        if message := self._due_repeats(now):
            return self._count(message, now, carried=0)
        return None

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
        events = self._events()
        if not (worth or events):
            return None
        message = self._wire(difference | events, now)
        self._acked |= difference
        self._unrepeated |= difference.keys()
        self._past |= events
        self._once.clear()
        return message

    def _due_repeats(self, now: float) -> dict[str, object] | None:
        if now - self._sent_at < REPEAT_AFTER * self.period:
            return None
        names = set(self._unrepeated)
        if self._moving(now):
            names.discard("prompts")
        self._unrepeated -= names
        return to_wire(self._with_transition({name: self._acked[name] for name in names}))

    def _difference(self) -> dict[str, object]:
        """What is desired, acts, and was not sent; `paused` goes its own way."""
        return {
            name: value
            for name, value in self._desired.items()
            if name != "paused" and value != self._acked.get(name) and not self._vain(name, value)
        }

    def _events(self) -> dict[str, object]:
        """The events to send; those without an effect are forgotten, but not in silence."""
        why = {name: self._vain(name, value) for name, value in self._once.items()}
        self._vain_events |= {name: told for name, told in why.items() if told}
        self._once = {name: value for name, value in self._once.items() if not why[name]}
        for name in self._once:
            self._vain_events.pop(name, None)
        return self._once

    def _must_wait_for_transition(self, now: float) -> bool:
        """A running transition is left to finish, but a cut may break in."""
        return self._moving(now) and self._desired["transition_steps"] != 0

    def _moving(self, now: float) -> bool:
        """Whether a transition runs; one chunk longer, as its message waits for the current one."""
        chunks = self._moving_steps + 1 if self._moving_steps else 0
        return now < self._moving_since + chunks * self.period

    def _wire(self, params: dict[str, object], now: float) -> dict[str, object]:
        if "prompts" in params:
            steps = self._desired["transition_steps"]
            assert isinstance(steps, int)
            self._moving_since, self._moving_steps = now, steps
        return to_wire(self._with_transition(params))

    def _with_transition(self, params: dict[str, object]) -> dict[str, object]:
        if "prompts" not in params:
            return params
        return params | {
            name: self._desired[name] for name in ("transition_steps", "interpolation")
        }

    def _count(self, message: dict[str, object], now: float, carried: int) -> dict[str, object]:
        """Book the message, which carries so many of the values set."""
        self._sent_at = now
        self.pace.sent(now)
        self.sent += 1
        self.merged += max(0, carried - 1)
        self._unsent_changes -= carried
        return message


def _merged_scales(earlier: object, newer: Scales) -> Scales:
    """Per path the newer scale; only the newer ones if all of them would be too long to send."""
    both = tuple((dict(earlier if isinstance(earlier, tuple) else ()) | dict(newer)).items())
    return newer if size(to_wire({"lora_scales": both})) > MOST_LIST else both
