"""What a show wants of its engine, whichever runs: enough to bring a new one where the last was."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field

from nodegraph.compiler import Plan
from nodegraph.host.engine.protocol import (
    DECKS,
    Begin,
    Checkpoint,
    Fade,
    Install,
    Installed,
    SetParams,
    ToEngine,
    Watch,
)
from nodegraph.host.engine.transport import Transport
from nodegraph.runtime.shipping import Packer

Address = tuple[str, str]
"""A node and a param of it."""


@dataclass
class Order:
    """What is wanted on one deck. `plans` are all that may be running on it, by serial; `first` is
    the serial of the first of this patch. The checkpoint is `owed` to an engine that was told of no
    plan yet, as it has not the node types of the newest."""

    deck: str
    serial: int = 0
    folder: str = ""
    first: int = 0
    installed: int = 0
    params: dict[Address, object] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    state: bytes | None = None
    sounds: bytes = b""
    paused: set[str] = field(default_factory=set)
    watched: tuple[str, ...] = ()
    quarantined: dict[str, str] = field(default_factory=dict)
    owed: bool = False
    plans: dict[int, Plan] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The newest."""
        return self.plans[self.serial]

    def words(self, packer: Packer, types: Container[str]) -> Iterator[ToEngine]:
        """What brings a new engine, which has these node types, to where this deck was."""
        self.owed = bool(self.serial) and any(
            step.type.id not in types for step in self.plan.all_steps
        )
        if self.serial and not self.owed:
            yield Install(
                self.deck,
                self.serial,
                packer.pack(self.plan),
                self.folder,
                fresh=sorted(self.fresh),
                params=[(*address, value) for address, value in self.params.items()],
                state=self.state,
                quarantined=self.quarantined,
                sounds=self.sounds,
            )
            for node in sorted(self.paused):
                yield Transport(self.deck, node, paused=True)
        if self.watched:
            yield Watch(self.deck, self.watched)


class Wanted:
    """The orders of all decks, the fader, and the last checkpoint. It says what to send of each
    change to an engine that runs; `words` is for one that has just begun."""

    def __init__(self) -> None:
        self.orders = {deck: Order(deck) for deck in DECKS}
        self.mixer: bytes | None = None
        self._serial = 0
        self._fade = (0.0, 0.0, 0.0, 0.0)  # from, to, begun at, seconds

    def install(
        self,
        deck: str,
        plan: Plan,
        folder: str,
        when: str,
        slew: float,
        anew: bool,
        fresh: Collection[str],
    ) -> Install:
        """Another plan, yet to be packed. Nodes in quarantine that it changes run again."""
        order = self.orders[deck]
        self._serial += 1
        if anew:
            order.state, order.sounds, order.fresh = None, b"", frozenset()
            order.quarantined.clear()
            order.paused.clear()
            order.first = self._serial
        elif order.serial:
            changed = _changed(order.plan, plan)
            for id in [id for id in order.quarantined if id in changed or id in fresh]:
                del order.quarantined[id]
        order.paused &= {need.node for need in plan.sources}
        order.serial, order.folder = self._serial, folder
        order.fresh |= frozenset(fresh)
        order.params.clear()
        order.plans[self._serial] = plan
        owed, order.owed = order.owed and not anew, False
        return Install(
            deck,
            order.serial,
            b"",
            folder,
            when,
            slew,
            anew,
            sorted(order.fresh if owed else fresh),
            state=order.state if owed else None,
            quarantined=dict(order.quarantined),
            sounds=order.sounds if owed else b"",
        )

    def set(self, deck: str, params: Mapping[Address, object]) -> SetParams:
        """Other values of params. A node in quarantine whose param is set runs again."""
        order = self.orders[deck]
        order.params |= params
        for node, _ in params:
            order.quarantined.pop(node, None)
        return SetParams(deck, [(*address, value) for address, value in params.items()])

    def transport(self, deck: str, node: str, at: float | None, paused: bool | None) -> Transport:
        """A source goes somewhere, which its bookmarks tell of from then on, or is paused."""
        if paused is not None:
            (set.add if paused else set.discard)(self.orders[deck].paused, node)
        return Transport(deck, node, at, paused)

    def move(self, position: float, seconds: float) -> Fade:
        """The fader goes to a position within so many seconds."""
        self._fade = (self.position, position, time.monotonic(), seconds)
        return Fade(position, seconds)

    @property
    def position(self) -> float:
        """Where the fader is now."""
        start, goal, begun, seconds = self._fade
        done = min(1.0, (time.monotonic() - begun) / seconds) if seconds > 0 else 1.0
        return start + (goal - start) * done

    def installed(self, word: Installed) -> None:
        """A plan runs: those before it do not."""
        order = self.orders[word.deck]
        order.installed = word.serial
        order.plans = {serial: it for serial, it in order.plans.items() if serial >= word.serial}

    def checkpoint(self, word: Checkpoint) -> None:
        """Where the engine was. What began anew before it has begun."""
        self.mixer = word.mixer
        for deck, state in word.states.items():
            order = self.orders[deck]
            if word.serials[deck] == order.serial:
                order.fresh = frozenset()
            if word.serials[deck] >= order.first:
                order.state, order.sounds = state, word.sounds[deck]

    def watch(self, deck: str, ports: Collection[str]) -> Watch:
        """Other vector outlets to be told of."""
        self.orders[deck].watched = tuple(sorted(ports))
        return Watch(deck, self.orders[deck].watched)

    def quarantine(self, deck: str, node: str, why: str) -> None:
        """A node is not to run until it is edited."""
        self.orders[deck].quarantined[node] = why

    def running(self, serial: Callable[[str], int]) -> dict[str, Plan]:
        """The plans that run, by deck, given what tells their serials."""
        plans = {deck: order.plans.get(serial(deck)) for deck, order in self.orders.items()}
        return {deck: plan for deck, plan in plans.items() if plan is not None}

    @property
    def complete(self) -> bool:
        """Whether every deck that plays something has been installed on the present engine."""
        return all(order.installed or not order.serial for order in self.orders.values())

    def words(self, begin: Begin, packer: Packer, types: Container[str]) -> Iterator[ToEngine]:
        """All that a new engine has to be told, which has these node types."""
        yield begin
        _, goal, begun, seconds = self._fade
        left = max(0.0, begun + seconds - time.monotonic())
        yield Fade(goal, left, start=self.position)
        for order in self.orders.values():
            order.installed = 0
            yield from order.words(packer, types)


def _changed(before: Plan, after: Plan) -> set[str]:
    """Nodes whose type, params or wires are not what they were."""
    known = {step.id: (step.type, step.params, step.feeds) for step in before.all_steps}
    return {
        step.id
        for step in after.all_steps
        if known.get(step.id) != (step.type, step.params, step.feeds)
    }
