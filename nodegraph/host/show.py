"""The host of a show: documents, engine, Scope and clients, joined on one event loop.

    async with Show(ScopeLink("127.0.0.1:8000")) as show:
        await show.open("main", Document.open("show.json"))
        await show.play()

Nothing that a node does reaches this process: node types are known here as declarations, and what
they do happens in the engine. Everything belongs to the event loop, but for `stop`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

from nodegraph.compiler import compile_patch
from nodegraph.errors import EditError, FaultError, Problem
from nodegraph.host.deck import Deck
from nodegraph.host.document import Document
from nodegraph.host.engine.events import Calm, Died, Event, Restarted
from nodegraph.host.engine.protocol import (
    DECKS,
    Begin,
    Installed,
    Problems,
    Refused,
    Sent,
    Started,
    Stats,
    Unset,
    Values,
)
from nodegraph.host.known import Known
from nodegraph.host.meters import Meters
from nodegraph.host.outgoing import Outgoing
from nodegraph.host.plugin_watch import PluginWatch
from nodegraph.host.scratch import scratch, scratch_path
from nodegraph.host.session import Session
from nodegraph.host.status import Status, Summary, Tally
from nodegraph.host.supervisor import Supervisor
from nodegraph.host.tending import tend
from nodegraph.host.upgrades import Upgrades
from nodegraph.nodetype import NodeType
from nodegraph.runtime.budget import Policy
from nodegraph.scope.link import ScopeLink


class Show:
    """A show from its first moment to its last. `listeners` hear of everything that happens, with
    the name of the deck that it happens to: what the engine tells, a `Change` of a document, or
    None for any other news.

    `audio` replaces the sound of all sources, `slow` says what is done about slow nodes; `plugins`
    are folders with plugins; `state` is where the journal lies. With `strict`, `play` raises
    `FaultError` at the first fault.
    """

    def __init__(
        self,
        link: ScopeLink | None = None,
        *,
        plugins: Sequence[Path] = (),
        audio: str | None = None,
        rate: int = 48_000,
        block: int = 512,
        seed: int = 0,
        slow: Policy = "warn",
        strict: bool = False,
        state: Path | None = None,
        spare: bool = True,
    ) -> None:
        self.outgoing = Outgoing(link, lambda: tuple(it.folder for it in self.decks.values()))
        self.links: Mapping[str, ScopeLink] = self.outgoing.links
        self.tally = Tally()
        self.folder = scratch_path()
        self.session = Session(state)
        self.begin = Begin(rate, block, seed, instead=audio, slow=slow)
        self.engine = Supervisor(self.folder, self._take, self.begin, plugins=plugins, spare=spare)
        self.plugins = PluginWatch(plugins, self.engine.reload)
        upgrades = Upgrades(self.engine.upgrade)
        self.known = Known(upgrades)
        self.types: Mapping[str, NodeType] = self.known.types
        self.decks = {
            name: Deck(name, self.engine, self.types, upgrades, partial(self._tell, name))
            for name in DECKS
        }
        self.meters = {name: Meters(self.folder) for name in DECKS}
        self.listeners: list[Callable[[str, object], None]] = []
        self._strict = strict
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def link(self) -> ScopeLink | None:
        """The way to the Scope server, if there is one."""
        return self.outgoing.link

    async def __aenter__(self) -> Self:
        """Start the engine. Raises `NodegraphError` if it does not start."""
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            stack.enter_context(scratch(self.folder))
            stack.callback(self.session.end)
            stack.push_async_callback(self.engine.stop)
            await self.engine.start()
            decks = self.decks.values()
            for tending in (tend(self.session, self.outgoing, decks), self.plugins.run()):
                stack.push_async_callback(_ended, asyncio.create_task(tending))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for deck in self.decks.values():
            await deck.settle()
        await self._stack.aclose()

    def stop(self) -> None:
        """End `play` soon. Any thread and any signal handler may call this."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    # What a performer does.

    async def open(self, deck: str, document: Document) -> None:
        """Put a document on a deck, and play it from its beginning. Raises `EditError`."""
        if deck not in self.decks:
            raise EditError(f"there is no deck {deck!r}; there are: {', '.join(self.decks)}")
        self.session.open(deck, document)
        await self.decks[deck].open(document)

    async def rehearse(self, document: Document) -> None:
        """Find out what a document would tell Scope in silence, and tell that."""
        plan = await asyncio.to_thread(compile_patch, document.patch, dict(self.types))
        self.outgoing.calm = await self.engine.rehearse(plan)
        self.outgoing.rest()

    def close(self, deck: str) -> None:
        """Take a deck's document away. Raises `EditError` if nothing lies there."""
        found = self.deck(deck)
        self.session.close(deck)
        found.close()

    def deck(self, name: str) -> Deck:
        """The deck of this name. Raises `EditError` if nothing lies there."""
        if name not in self.decks or self.decks[name].document is None:
            there = [each.name for each in self.decks.values() if each.document]
            told = f"there is something on: {', '.join(there) or 'none'}"
            raise EditError(f"nothing lies on a deck called {name!r}; {told}")
        return self.decks[name]

    def move(self, position: float, seconds: float = 0.0) -> None:
        """Move the fader: 0 is all of "main", 1 all of "next"."""
        self.engine.move(position, seconds)
        self.session.note({"fade": position})

    # What the engine tells.

    def _take(self, event: Event) -> None:
        match event:
            case Started():
                if self.known.learn(event):
                    for deck in self.decks.values():
                        deck.renew()
            case Installed():
                self.decks[event.deck].take(event)
                self.meters[event.deck].installed(event, self.decks[event.deck].plan)
            case Problems() | Refused() | Unset():
                self.decks[event.deck].take(event)
            case Values():
                self.meters[event.deck].values(event.values)
            case Sent():
                self.outgoing.deliver(event)
            case Stats():
                self.tally.add(event)
                for deck in self.decks.values():
                    deck.take(event)
            case Died() | Restarted():
                self.tally.accident(event)
            case Calm():
                self.outgoing.rest()
        self._tell(getattr(event, "deck", ""), event)

    def _tell(self, deck: str, event: object) -> None:
        for listener in self.listeners:
            listener(deck, event)

    # How it stands.

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong right now, with nodes and with what they send."""
        found = self.tally.accidents
        if self.session.complaint:
            found.append(Problem(self.session.complaint))
        if self.known.declarations is not None:
            found += self.plugins.problems(self.known.declarations.problems)
        found += (problem for deck in self.decks.values() for problem in deck.problems)
        return (*found, *self.outgoing.problems)

    def status(self, deck: str = "main") -> Status:
        """How the show stands, seen from a deck."""
        seconds, duration, _ = self.tally.heard(deck)
        return Status(
            **vars(self.meters[deck].look()),
            names={each.name: each.document.name for each in self.decks.values() if each.document},
            fade=self.tally.fade,
            seconds=seconds,
            duration=duration,
            ticks=self.tally.ticks,
            overruns=self.tally.overruns,
            load=self.tally.load,
            restarts=self.tally.restarts,
            sent=dict(self.outgoing.sent),
            messages=self.outgoing.messages,
            link=self.link.stats if self.link else None,
            links={name: link.stats for name, link in self.links.items() if name},
            problems=self.problems,
        )

    def _summary(self, seconds: float) -> Summary:
        return Summary(
            seconds=seconds,
            ticks=self.tally.ticks,
            overruns=self.tally.overruns,
            worst_ms=self.tally.worst * 1e3,
            restarts=self.tally.restarts,
            messages=self.outgoing.messages,
            link=self.link.stats if self.link else None,
            problems=self.problems,
        )

    async def play(
        self,
        *,
        duration: float | None = None,
        report: Callable[[Status], None] | None = None,
        every: float = 0.1,
        stay: bool = False,
    ) -> Summary:
        """Play until the sound of all decks ends (with `stay` beyond that), for `duration` seconds,
        or until `stop`.

        `report` is called each `every` seconds, with how the show stands seen from the deck that
        is heard most. Raises `FaultError` if strict and a node fails.
        """
        main, begun = self.decks["main"], inf
        while not self._stopped.is_set():
            if heard := self.tally.heard("main")[0]:
                begun = min(begun, time.monotonic() - heard)  # a patch that is opened starts anew
            if (self._over and not stay) or time.monotonic() - begun >= (duration or inf):
                break
            if self._strict and main.problems:
                raise FaultError("\n".join(map(str, main.problems)))
            if report is not None:
                report(self.status("next" if self.tally.fade > 0.5 else "main"))
            try:
                async with asyncio.timeout(every):
                    await self._stopped.wait()
            except TimeoutError:
                continue
        return self._summary(max(0.0, time.monotonic() - begun))

    @property
    def _over(self) -> bool:
        """Whether something was there to be heard, and nothing of it is left on any deck."""
        there = [deck.name for deck in self.decks.values() if deck.document]
        return bool(there) and all(self.tally.heard(name)[2] for name in there)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
