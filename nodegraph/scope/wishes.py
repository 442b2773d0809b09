"""What is wished for of one server, and what of that acts as things are there. Pure.

What has no effect is kept, said to be in vain, and counts as wished for again when it has one. An
event is used up by being sent; one without effect is forgotten, but not in silence.
"""

from __future__ import annotations

from dataclasses import replace

from nodegraph.errors import Problem
from nodegraph.scope.effects import idle, without_effect
from nodegraph.scope.parameters import MOST_LIST, PARAMETERS, size
from nodegraph.scope.protocol import to_wire
from nodegraph.scope.situation import Situation, loaded_lora, mode_of

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

AT_START = frozenset(row.name for row in PARAMETERS.values() if row.how == "session")
"""What a session begins with."""

IMAGES, SCALES = "vace_ref_images", "lora_scales"
"""Events that a server has to be told again when what it painted with is gone."""


class Wishes:
    """The state that is desired and the events that are yet to be sent, by their names in
    `parameters`. `situation` decides what has an effect; until it is known everything has."""

    def __init__(self) -> None:
        self._situation: Situation | None = None
        self.desired = dict(FIRST_STATE)
        self.once: dict[str, object] = {}
        self._past: dict[str, object] = {}  # the events that were sent
        self._known: dict[object, str | None] = {}  # what `vain` has found, as things are
        self._asked: set[str] = set()
        self._vain_events: dict[str, str] = {}

    @property
    def situation(self) -> Situation | None:
        """What decides which wishes have an effect."""
        return self._situation

    @situation.setter
    def situation(self, situation: Situation | None) -> None:
        self._situation = situation
        self._known.clear()

    def ask(self, name: str, value: object) -> bool:
        """Wish for a value, and say whether that is anything new."""
        self._asked.add(name)
        if PARAMETERS[name].how == "once":
            self._ask_once(name, value)
        elif value == self.desired.get(name):
            return False
        else:
            self.desired[name] = value
        self._known.clear()
        return True

    def _ask_once(self, name: str, value: object) -> None:
        if name == SCALES and isinstance(value, tuple):
            self._past[name] = _merged_scales(self._past.get(name), value)
            value = _merged_scales(self.once.get(name), value)
        if value:  # `reset_cache: false` asks for nothing
            self.once[name] = value

    @property
    def mode(self) -> str:
        """Whether pictures are made from "text" or from "video": that takes video."""
        return mode_of(self.effective())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wished for and has no effect as things are, by the name of the parameter."""
        asked = {name: self.desired[name] for name in self._asked if name in self.desired}
        vain = {name: self.vain(name, value) for name, value in asked.items()}
        told = sorted((vain | self._vain_events).items())
        problems = tuple(Problem(why, field=name) for name, why in told if why)
        if self._situation is None:
            return problems
        return (*idle(replace(self._situation, params=self.effective())), *problems)

    def vain(self, name: str, value: object) -> str | None:
        """Why a value does nothing; None if it acts."""
        if self._situation is None:
            return None
        key = name, value
        if key not in self._known:
            self._known[key] = self._find_vain(name, value, self._situation)
        return self._known[key]

    def _find_vain(self, name: str, value: object, situation: Situation) -> str | None:
        wishes = self._past | self.desired | self.once
        video = wishes.get("video")
        if name != "video":
            if video and without_effect("video", video, replace(situation, params=wishes)):
                wishes["video"] = video = ""
            if not video and name != "input_mode":
                wishes["input_mode"] = "text"  # as it is while nothing goes in
        return without_effect(name, value, replace(situation, params=wishes))

    def effective(self) -> dict[str, object]:
        """What is desired and acts; `paused` goes its own way."""
        return {
            name: value
            for name, value in self.desired.items()
            if name != "paused" and not self.vain(name, value)
        }

    def events(self) -> dict[str, object]:
        """The events to send now."""
        why = {name: self.vain(name, value) for name, value in self.once.items()}
        vain = {name: told for name, told in why.items() if told}
        if vain:
            self._vain_events |= vain
            self.once = {name: value for name, value in self.once.items() if name not in vain}
            self._known.clear()
        for name in self.once:
            self._vain_events.pop(name, None)
        return {name: self._as_loaded(name, value) for name, value in self.once.items()}

    def went(self) -> None:
        """The events were sent."""
        self._known.clear()
        self._past |= {name: one for name, one in self.once.items() if name != SCALES}
        self.once = {}

    def state(self) -> dict[str, object]:
        """The full state for the initial parameters of an offer, in Scope's words.

        Without `paused`, which would keep a session from ever showing a first frame (it follows on
        the channel), and without events, except for what a new session has to be told again.
        """
        state = self.effective()
        for name in (IMAGES, SCALES):
            value = self._past.get(name)
            if value and not self.vain(name, value):
                state[name] = self._as_loaded(name, value)
        return to_wire({**state, "transition_steps": 0})

    def _as_loaded(self, name: str, value: object) -> object:
        """LoRA scales by the paths that the server has loaded, for a path is what it goes by."""
        known = self._situation.load_params if self._situation else None
        if name != SCALES or known is None or not isinstance(value, tuple):
            return value
        return tuple((loaded_lora(path, known), scale) for path, scale in value)


def _merged_scales(earlier: object, newer: Scales) -> Scales:
    """Per path the newer scale; only the newer ones if all of them would be too long to send."""
    both = tuple((dict(earlier if isinstance(earlier, tuple) else ()) | dict(newer)).items())
    return newer if size(to_wire({SCALES: both})) > MOST_LIST else both
