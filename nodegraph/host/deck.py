"""One deck of a show: its document, what of it the engine plays, and what is wrong with it.

The document is what the performer sees, and changes at once. What plays follows: the newest state
of the document is compared with what the engine was told last, and the difference is sent. A plan
that fails in its first second is taken back; the document keeps the edit, and the deck says why it
does not play.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from nodegraph.compiler import Plan, compile_patch
from nodegraph.compiler.flatten import flatten
from nodegraph.errors import Problem
from nodegraph.graph import Edit, Patch
from nodegraph.host.difference import difference
from nodegraph.host.document import Change, Document, Gesture
from nodegraph.host.engine.protocol import Installed, Problems, Refused, Stats, Unset
from nodegraph.host.opening import setting
from nodegraph.host.probation import Probation, overran
from nodegraph.host.reload import FileWatch
from nodegraph.host.supervisor import Supervisor
from nodegraph.host.upgrades import Upgrades
from nodegraph.nodetype import NodeType

log = logging.getLogger(__name__)

NOTHING = compile_patch(Patch(), {})


@dataclass(frozen=True, slots=True)
class Timing:
    """When an edit is heard ("now", on the next "beat" or "bar"), and in how many seconds what is
    sent moves over."""

    when: str = "now"
    slew: float = 0.0


AT_ONCE = Timing()


@dataclass
class Deck:
    """`tell` is called with each change of the document, and with None for any other news."""

    name: str
    engine: Supervisor
    types: Mapping[str, NodeType]
    upgrades: Upgrades
    tell: Callable[[object], None]
    document: Document | None = None
    plan: Plan = NOTHING
    installed: Installed | None = None
    heard: tuple[Problem, ...] = ()
    held_back: Problem | None = None

    def __post_init__(self) -> None:
        self._told: Patch | None = None  # the flat patch that the engine plays
        self._timing = AT_ONCE
        self._fresh: set[str] = set()
        self._following: asyncio.Task[None] | None = None
        self._opening: Document | None = None
        self._probation: Probation | None = None
        self._overran = 0.0
        self._serial = -1  # of the plan that the engine was told of last
        self._outdated = False  # what plays was made for node types of before
        self._watch: FileWatch | None = None
        self._outside: tuple[Problem, ...] = ()

    @property
    def _document(self) -> Document:
        assert self.document is not None  # whoever edits has asked
        return self.document

    @property
    def _busy(self) -> bool:
        """Whether a plan is being made, which will be followed by all that is left to be told."""
        if self._opening is not None:
            return True
        return self._following is not None and not self._following.done()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the patch, what the engine found among it."""
        held = (self.held_back,) if self.held_back else ()
        return tuple(dict.fromkeys((*held, *self._outside, *self.plan.problems, *self.heard)))

    @property
    def folder(self) -> Path:
        """Where the paths in the patch start from."""
        return self.document.folder if self.document else Path()

    async def open(self, document: Document) -> None:
        """Play another patch from its beginning; nothing goes on from the one before."""
        await self.settle()
        self.document, self._told, self._fresh = document, None, set()
        self._watch, self._outside = FileWatch(document), ()
        self._probation, self.held_back, self._outdated = None, None, False
        self._opening, patch = document, document.patch
        try:
            await self.upgrades.fetch(patch, self.types)
            plan = await asyncio.to_thread(compile_patch, patch, dict(self.types))
        finally:
            if self._opening is document:
                self._opening = None
        if self.document is not document:
            return  # another took its place meanwhile
        self._install(patch, plan, AT_ONCE, anew=True)
        self._catch_up()  # it was edited meanwhile

    def renew(self) -> None:
        """Node types are other ones: have what plays follow. What was before cannot come back."""
        self._outdated, self._probation = True, None
        if self.document is not None and not self._busy:
            self._catch_up()

    def close(self) -> None:
        """Play nothing."""
        self.document = self._told = self._watch = self._probation = self.held_back = None
        self.plan, self.heard = NOTHING, ()
        self.engine.clear(self.name)

    def do(
        self, edit: Edit, label: str, gesture: Gesture = None, timing: Timing = AT_ONCE
    ) -> Change:
        """Edit the document, and have what plays follow. Raises `EditError`."""
        return self._follow_up(self._document.do(edit, label, gesture), timing)

    def set(self, params: Mapping[str, object], timing: Timing = AT_ONCE) -> Change:
        """Set params by address, each of which has to fit. Raises `PatchError`."""
        edit = setting(self._document.patch, params, self.types)
        return self.do(edit, f"Set {', '.join(params)}", timing=timing)

    def undo(self, timing: Timing = AT_ONCE) -> Change:
        """Take back the last gesture. Raises `EditError`."""
        return self._follow_up(self._document.undo(), timing)

    def redo(self, timing: Timing = AT_ONCE) -> Change:
        """Do again what was undone last. Raises `EditError`."""
        return self._follow_up(self._document.redo(), timing)

    def go_to(self, done: int, timing: Timing = AT_ONCE) -> None:
        """Undo or redo until so many gestures are done. Raises `EditError` where there are none."""
        while steps := done - len(self._document.labels()[0]):
            self.redo(timing) if steps > 0 else self.undo(timing)

    def save(self, path: str | None = None) -> Path:
        """Save the document, to another file if a path is given. Raises `PatchError`."""
        saved = self._document.save(path)
        self.tell(None)
        return saved

    def look_at_file(self) -> None:
        """Take over what another program saved, if one did."""
        if self._watch is None or (outside := self._watch.poll()) is None:
            return
        self._outside = outside.problems
        if outside.patch is not None:
            self._follow_up(self._document.reload(outside.patch), AT_ONCE)
        self.tell(None)

    def _follow_up(self, change: Change, timing: Timing) -> Change:
        if change.kind == "edit":  # what comes back by an undo finds its state again
            before, after = (flatten(patch).patch.nodes for patch in (change.before, change.after))
            self._fresh |= after.keys() - before.keys()
        self._timing = timing
        if not self._busy:
            self._catch_up()
        self.tell(change)
        return change

    def _catch_up(self) -> None:
        """Have the engine told all that it was not told yet."""
        if not self._set_params():
            self._following = asyncio.create_task(self._follow(), name=f"deck {self.name}")

    async def settle(self) -> None:
        """Wait until the engine was told all."""
        while self._following is not None and not self._following.done():
            await asyncio.wait([self._following])

    def _set_params(self) -> bool:
        """Tell the engine other values of params, if that is all that there is to tell."""
        flat = flatten(self._document.patch).patch
        if self._told is None or self._outdated or self._fresh or self._timing.when != "now":
            return False
        found = difference(self._told, flat, self.types, self.plan)
        if found.structure:
            return False
        if found.params:
            self.engine.set(self.name, found.params)
        self._told = flat
        return True

    async def _follow(self) -> None:
        """Compile what the document says, beside what plays, until nothing is left to be told."""
        while self.document is not None:
            patch, timing, self._timing = self.document.patch, self._timing, AT_ONCE
            fresh, self._fresh = self._fresh, set()  # what is added meanwhile is for the next plan
            renewing, self._outdated = self._outdated, False
            try:
                await self.upgrades.fetch(patch, self.types)
                plan = await asyncio.to_thread(
                    compile_patch, patch, dict(self.types), before=self.plan, fresh=fresh
                )
                if self.document is None:
                    return
                self._install(patch, plan, timing, fresh)
                if renewing:
                    self._probation = None
            except Exception as error:  # an oversight of ours must not end the following for good
                log.exception("the patch cannot be compiled")
                self._told = None
                self._fresh |= fresh
                self._hold_back(f"it cannot be compiled ({type(error).__name__}: {error})")
                return
            if self._set_params():
                return

    def _install(
        self,
        patch: Patch,
        plan: Plan,
        timing: Timing,
        fresh: Collection[str] = (),
        *,
        anew: bool = False,
    ) -> None:
        before, self.plan = self.plan, plan
        self.heard = tuple(it for it in self.heard if not anew and it not in before.problems)
        self._told, self.held_back = flatten(patch).patch, None
        self._serial = self.engine.install(
            self.name,
            plan,
            timing.when,
            timing.slew,
            fresh,
            anew=anew,
            folder=self.folder,
        )
        if not anew:
            # What was to be gone back to before still is, if the plan before had not proved itself.
            stable = self._probation.before if self._probation else before
            self._probation = Probation(stable, self._serial, self._overran)
        self.tell(None)

    def take(self, event: Installed | Problems | Refused | Unset | Stats) -> None:
        """Take note of what the engine says of this deck."""
        match event:
            case Installed():
                self.installed = event
                if self._probation:
                    self._probation.begin(event)
            case Problems():
                self.heard = tuple(event.problems)
            case Refused() if event.serial == self._serial:
                self._go_back("; ".join(problem.text for problem in event.problems))
            case Unset():
                self._told = None
                if self.document is not None and not self._busy:
                    self._catch_up()
            case Stats():
                self._judge(event)
        self.tell(None)

    def _judge(self, stats: Stats) -> None:
        """See how a new plan does in its first second; the engine tells all in its order."""
        self._overran = overran(stats)
        if self._probation is None:
            return
        if failing := self._probation.judge(stats, self.name, self.heard):
            self._go_back(*failing)
        elif self._probation.over:
            self._probation = None

    def _go_back(self, why: str, node: str | None = None) -> None:
        """Put the plan before back, if there is one; the document keeps the edit."""
        if self._probation is not None:
            self.plan, self._probation, self._told = self._probation.before, None, None
            self._serial = self.engine.install(self.name, self.plan, folder=self.folder)
        self._hold_back(why, node)

    def _hold_back(self, why: str, node: str | None = None) -> None:
        text = (
            f"the last edit does not play, because {why}; what played before goes on: "
            "mend the patch, or undo"
        )
        self.held_back = Problem(text, node=node)
        self.tell(None)
