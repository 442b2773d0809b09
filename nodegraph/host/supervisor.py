"""Keeps an engine running for a show: starts it, watches it, and starts another when it dies.

What is wanted of the engine (plans, params, the fader) is kept here with its last checkpoint, and
a new engine is brought to where the last one was. A second process, which has imported everything,
stands by. Node code runs in engines only: nothing that it does reaches the host.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nodegraph.compiler import Plan, compile_patch
from nodegraph.errors import NodegraphError, Problem
from nodegraph.graph import Patch
from nodegraph.host.engine.end import End
from nodegraph.host.engine.events import Calm, Died, Event, Restarted
from nodegraph.host.engine.inquest import Inquest
from nodegraph.host.engine.inquiry import (
    OldNode,
    Question,
    Rehearse,
    Rehearsed,
    Reload,
    Reloaded,
    Upgrade,
    Upgraded,
)
from nodegraph.host.engine.protocol import (
    Begin,
    Checkpoint,
    Installed,
    Started,
    Stats,
    ToEngine,
)
from nodegraph.host.engine.questions import Questions
from nodegraph.host.engine.starter import Starter
from nodegraph.host.engine.transport import Press
from nodegraph.host.engine.understudy import Understudy
from nodegraph.host.engine.vigil import watch
from nodegraph.host.engine.wanted import Address, Wanted
from nodegraph.host.engine.worker import Worker
from nodegraph.remote.errors import FramingError

log = logging.getLogger(__name__)

PATIENCE = 0.7
"""Seconds without a tick after which an engine hangs."""

MOST_MEMORY = 4 << 30
"""Bytes that an engine may hold; more would make the machine swap."""

_CALM = 5.0
"""Seconds without an engine after which the picture should calm down."""

_LAST_WORDS = 0.2
"""Seconds in which a dead engine's last words are read; a child of its may hold the socket."""


class Supervisor:
    """One for each show. `folder` is the show's own and private; `tell` is called on the event
    loop with all that happens.

    `begin` says how an engine is to run, `plugins` are folders to look for plugins in.
    All but `start` and `stop` return at once; while there is no engine, it is done by the next.
    """

    def __init__(
        self,
        folder: Path,
        tell: Callable[[Event], None],
        begin: Begin = Begin(),
        *,
        plugins: Sequence[Path] = (),
        spare: bool = True,
        memory: int = MOST_MEMORY,
    ) -> None:
        self._starter = Starter(folder, plugins)
        self._tell = tell
        self._begin = begin
        self._memory = memory
        self._wanted = Wanted()
        self._inquest = Inquest(self._wanted)
        self._questions = Questions()
        self._worker: Worker | None = None
        self._understudy = Understudy(self._starter, spare)
        self._keeping: asyncio.Task[None] | None = None
        self._calm: asyncio.TimerHandle | None = None
        self._died_at: float | None = None
        self._story = ""

    async def start(self) -> Started:
        """Start the engine; gives what it can do. Raises `NodegraphError` if it does not start."""
        try:
            worker = await self._starter.start()
        except (OSError, NodegraphError) as error:
            raise NodegraphError(f"the engine does not start: {error}") from error
        self._employ(worker)
        self._keeping = asyncio.create_task(self._keep(worker))
        return worker.started

    async def stop(self) -> None:
        """End the engine, and the one that stands by."""
        if self._calm is not None:
            self._calm.cancel()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self._understudy.end()
        if self._worker:
            await self._worker.dismiss()
            self._worker = None

    def install(
        self,
        deck: str,
        plan: Plan,
        when: str = "now",
        slew: float = 0.0,
        fresh: Collection[str] = (),
        *,
        anew: bool = False,
        folder: Path | None = None,
    ) -> int:
        """Run a plan on a deck: "now", on its next "beat" or its next "bar"; gives its serial.

        Numbers that are sent move over in `slew` seconds. `fresh` nodes inherit nothing, and none
        does from another patch (`anew`). Paths in the patch start from `folder`.
        """
        place = str((folder or Path()).absolute())
        word = self._wanted.install(deck, plan, place, when, slew, anew, fresh)
        if self._worker:
            self._worker.send(replace(word, plan=self._worker.packer.pack(plan)))
        return word.serial

    async def rehearse(self, plan: Plan) -> Mapping[str, object]:
        """What a plan sends to Scope in silence; nothing if the engine does not tell."""

        def ask(number: int) -> Question:
            packed = self._worker.packer.pack(plan) if self._worker else b""
            return Rehearse(number, packed)

        answer = await self._questions.ask(ask, self._send)
        return answer.body if isinstance(answer, Rehearsed) else {}

    async def upgrade(self, nodes: Sequence[OldNode]) -> Sequence[tuple[str, str]]:
        """Have params carried over from older versions; nothing if the engine does not tell."""
        answer = await self._questions.ask(lambda number: Upgrade(number, nodes), self._send)
        return answer.made if isinstance(answer, Upgraded) else ()

    async def reload(self, places: Collection[str]) -> Sequence[Problem]:
        """Import the plugins at these places anew: first where it may hang or crash, by an engine
        that stands by from then on, and then in the one that plays. `Started` tells what came of
        it. If they are not sound, nothing changes, and this gives what is wrong.

        Raises `NodegraphError` if no engine starts to try it.
        """
        try:
            wrong = await self._understudy.learn(places)
        except (OSError, NodegraphError) as error:
            raise NodegraphError(f"plugins cannot be imported anew: {error}") from error
        if wrong:
            return wrong
        left_out = self._starter.left_out
        answer = await self._questions.ask(
            lambda number: Reload(number, sorted(places), left_out), self._send
        )
        return answer.problems if isinstance(answer, Reloaded) else ()

    def clear(self, deck: str) -> int:
        """Take what a deck plays away."""
        return self.install(deck, compile_patch(Patch(), {}), anew=True)

    def set(self, deck: str, params: Mapping[Address, object]) -> None:
        """Set params by node and name, between two ticks."""
        self._send(self._wanted.set(deck, params))

    def move(self, position: float, seconds: float = 0.0) -> None:
        """Move the fader: 0 is all of "main", 1 all of "next"."""
        self._send(self._wanted.move(position, seconds))

    def transport(self, deck: str, node: str, at: float | None, paused: bool | None) -> None:
        """Move a source, of which nothing comes while there is no engine, or pause it."""
        self._send(self._wanted.transport(deck, node, at, paused))

    def press(self, key: str, down: bool) -> None:
        """A key of the computer went down or up."""
        self._send(Press(key, down))

    def watch(self, deck: str, ports: Collection[str]) -> None:
        """Have the values of these vector outlets told, too."""
        self._send(self._wanted.watch(deck, ports))

    def _send(self, word: ToEngine) -> None:
        if self._worker:
            self._worker.send(word)

    def _employ(self, worker: Worker) -> None:
        """Bring an engine to where the last one was."""
        self._happened(worker.started)
        self._worker = worker
        types = {str(data["id"]) for data in worker.started.types}
        for word in self._wanted.words(self._begin, worker.packer, types):
            try:
                worker.send(word)
            except FramingError:  # whoever asked for it was told
                log.exception("the new engine goes without something")

    async def _keep(self, worker: Worker) -> None:
        """Have an engine run, for ever."""
        while True:
            reading = asyncio.create_task(self._read(worker))
            end = await watch(worker, reading, PATIENCE, self._memory)
            self._worker = None
            await asyncio.wait([reading], timeout=_LAST_WORDS)
            reading.cancel()
            self._died(worker, end)
            await worker.bury()
            worker = await self._another()
            self._employ(worker)

    async def _read(self, worker: Worker) -> None:
        async for word in worker.words():
            self._happened(word)
            match word:
                case Rehearsed() | Upgraded() | Reloaded():
                    self._questions.answered(word)
                case Installed():
                    self._wanted.installed(word)
                    self._back()
                case Checkpoint():
                    self._wanted.checkpoint(word)
                case Stats():
                    self._back()

    def _back(self) -> None:
        """There is word from the engine: if all decks play again, the outage is over."""
        if not self._wanted.complete:
            return
        self._understudy.soon()
        if self._died_at is not None:
            seconds, self._died_at = time.monotonic() - self._died_at, None
            text = f"{self._story}: the engine was restarted in {seconds:.1f} s"
            log.warning("%s", text)
            self._happened(Restarted(text, seconds))
        if self._calm:
            self._calm.cancel()
            self._calm = None

    def _died(self, worker: Worker, end: End) -> None:
        self._understudy.not_yet()
        self._died_at = self._died_at or time.monotonic()
        if self._calm is None:
            self._calm = asyncio.get_running_loop().call_later(_CALM, self._happened, Calm())
        self._begin = replace(self._begin, wary=True, mixer=self._wanted.mixer)
        died = self._inquest.hold(worker, end)
        self._story = died.text
        self._happened(died)

    async def _another(self) -> Worker:
        """The engine that stands by, or a new one, however often it takes."""
        while True:
            await self._pause()
            try:
                worker = await self._understudy.take()
                if worker.process.returncode is None:
                    return worker
                await worker.bury()
            except (OSError, NodegraphError) as error:
                log.warning("an engine does not start: %s", error)
                self._inquest.unsolved.add()

    async def _pause(self) -> None:
        """Wait before the next engine is started, if nobody knows why so many die."""
        unsolved = self._inquest.unsolved
        if seconds := unsolved.pause():
            text = (
                f"{self._story}; it has ended {unsolved.count} times and nobody knows why: "
                f"it is started again in {seconds:.0f} s"
            )
            log.error("%s", text)
            self._happened(Died(text, None, ()))
            await asyncio.sleep(seconds)

    def _happened(self, event: Event) -> None:
        """Tell, whatever comes of it: an error there must not end the supervision."""
        try:
            self._tell(event)
        except Exception:
            log.exception("what the engine said was not taken well")
