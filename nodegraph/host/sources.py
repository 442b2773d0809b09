"""The sources of a plan: opened together, read together once per tick, exchanged with the plan."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from nodegraph.compiler.plan import SourceNeed
from nodegraph.errors import AudioError, Problem
from nodegraph.hookspecs import EventSource, Source
from nodegraph.host.engine.transport import Playing, Transport
from nodegraph.host.instead import Sound, open_sound, params_of
from nodegraph.host.keeper import (
    MEANWHILE,
    Bookmark,
    Keeper,
    LiveSource,
    checked,
    close_all,
    close_aside,
)
from nodegraph.host.listening import Listening, Pace
from nodegraph.plugins import Catalogue

NO_BOOKMARKS: Mapping[str, Bookmark] = MappingProxyType({})


def pack(bookmarks: Mapping[str, Bookmark]) -> bytes:
    """Bookmarks as bytes, which only an engine reads; nothing if they cannot be pickled."""
    try:
        return pickle.dumps(bookmarks)
    except Exception:  # a guest's may be anything
        return b""


def unpack(data: bytes) -> Mapping[str, Bookmark]:
    """Read what `pack` wrote."""
    try:
        found: Mapping[str, Bookmark] = pickle.loads(data) if data else {}
    except Exception:  # a guest's class may refuse in any way there is
        return {}
    return found


class Prepared:
    """What a plan will hear, with the sources that were opened for it already."""

    def __init__(
        self,
        needs: Sequence[SourceNeed],
        opened: dict[str, Keeper],
        events: dict[str, EventSource],
    ) -> None:
        self.needs = needs
        self.opened = opened
        self.events = events

    def close(self) -> None:
        """It will not be taken after all: let go of what was opened."""
        close_all([*self.opened.values(), *self.events.values()])


class Sources:
    """Everything a plan hears. `instead` replaces the sound of every one of its sources; `events`
    are where those of events come from.

    While a show runs, a source that fails or goes away is silent, is listed in `problems`, and is
    opened again as soon as it can be. If `strict`, `AudioError` is raised instead: at the start,
    and then nothing stays open, or by `read`. What replaces the sound must open in any case.
    """

    def __init__(
        self,
        needs: Sequence[SourceNeed],
        catalogue: Catalogue,
        *,
        rate: int,
        folder: Path,
        instead: Sound | None = None,
        strict: bool = False,
        events: Listening | None = None,
    ) -> None:
        self._catalogue, self._rate, self._folder = catalogue, rate, folder
        self._events = events or Listening(
            lambda it: catalogue.open_events(it.kind, it.params), Pace(), catalogue.event_sources
        )
        self._strict = strict
        self.follows = False
        """Whether somebody else drives the clock though a source here could."""
        self._leader: Keeper | None = None
        self._shared: Keeper | None = None
        if instead is not None:
            self._shared = self._keep(
                lambda _: open_sound(instead, catalogue, rate, Path()), True, params_of(instead)
            )
        self._asked: dict[str, tuple[str, object]] = {}
        self._keepers: dict[str, Keeper] = {}
        self.take(self.prepare(needs))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        self._events.close()
        keepers, self._keepers = self._distinct(), {}
        for keeper in keepers:
            keeper.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come from any of them."""
        keepers = self._distinct()
        return bool(keepers) and all(one.source is not None and one.source.ended for one in keepers)

    @property
    def duration(self) -> float | None:
        """Seconds of the longest; None where one is endless or does not know."""
        sources = [keeper.source for keeper in self._distinct()]
        found = [source.duration if source is not None else None for source in sources]
        known = [seconds for seconds in found if seconds is not None]
        return max(known, default=None) if len(known) == len(found) else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with them right now, each on its node."""
        told = ((node, keeper.problem) for node, keeper in self._keepers.items())
        return tuple(Problem(text, node=node) for node, text in told if text) + (
            self._events.problems
        )

    @property
    def live(self) -> bool:
        """Whether a source drives the clock: then `wait` paces the ticks, else a timer must."""
        return self._lead() is not None

    def wait(self, timeout: float) -> bool:
        """Whether the source that drives the clock has a block ready within so many seconds.

        True at once where none does.
        """
        leader = self._lead()
        return leader is None or leader.wait(timeout)

    def read(self, samples: int) -> dict[str, Any]:
        """For each source node one block, float32[samples, channels], or a tuple of events."""
        return self.sound(samples) | self.events(samples)

    def sound(self, samples: int) -> dict[str, Any]:
        """What those of sound bring."""
        self._lead()
        keepers = self._distinct()
        if self._strict:
            blocks = {id(one): checked(one.source, samples) for one in keepers if one.source}
        else:
            blocks = {id(one): one.read(samples) for one in keepers}
        return {node: blocks[id(it)] for node, it in self._keepers.items()}

    def events(self, samples: int) -> dict[str, Any]:
        """What those of events bring while so many samples are heard."""
        return dict(self._events.read(samples / self._rate))

    @property
    def bookmarks(self) -> dict[str, Bookmark]:
        """Where those are that can go on from there, by node; in what replaces the sound, by ""."""
        if self._shared is not None:
            found = {"": self._shared.bookmark}
        else:
            found = {node: keeper.bookmark for node, keeper in self._keepers.items()}
        return {node: bookmark for node, bookmark in found.items() if bookmark is not None}

    def update(self, node: str, params: Mapping[str, object]) -> None:
        """Tell a node's source which of its params changed. Between two ticks."""
        self._events.update(node, params)
        keeper = self._keepers.get(node)
        if keeper is not None and keeper is not self._shared:
            keeper.update(params)

    @property
    def playing(self) -> dict[str, Playing]:
        """How each plays, by node."""
        return {node: keeper.playing for node, keeper in self._keepers.items()}

    def transport(self, word: Transport) -> bool:
        """Move or pause a node's source; says whether it is there. Between two ticks."""
        keeper = self._keepers.get(word.node)
        if keeper is None:
            return False
        if word.paused is not None:
            keeper.paused = word.paused
        if word.at is not None:
            keeper.seek(word.at)
        return True

    def prepare(
        self, needs: Sequence[SourceNeed], bookmarks: Mapping[str, Bookmark] = NO_BOOKMARKS
    ) -> Prepared:
        """Open what is new in another plan. Any thread may; it takes as long as it takes.

        After a restart, sources go on from `bookmarks` that others of their kind had.
        """
        opened: dict[str, Keeper] = {}
        with ExitStack() as stack:
            for need in _of_sound(needs):
                if self._shared is None and not self._stands(need):
                    opened[need.node] = self._keep_for(need)
                    stack.callback(opened[need.node].close)
            stack.pop_all()
        for node, keeper in {"": self._shared, **opened}.items():
            if keeper is not None and node in bookmarks:
                keeper.resume(bookmarks[node])
        return Prepared(needs, opened, self._events.prepare(_of_events(needs)))

    def take(self, prepared: Prepared) -> None:
        """Hear what was prepared from now on. Between two ticks; what stands plays on."""
        self._events.take(_of_events(prepared.needs), prepared.events)
        before, keepers, needs = self._keepers, dict[str, Keeper](), _of_sound(prepared.needs)
        for need in needs:
            keeper = self._shared or prepared.opened.get(need.node)
            if keeper is None:
                keeper = before.get(need.node) if self._stands(need) else None
            if keeper is None:  # another plan, taken in between, did without it
                keeper = Keeper(need.params, self._opener(need), None, MEANWHILE)
            keepers[need.node] = keeper
        self._keepers, self._asked = keepers, {need.node: self._asks(need) for need in needs}
        for need in needs:
            if keepers[need.node].params != need.params:
                self.update(need.node, need.params)
        gone = {id(one): one for one in before.values()}
        for one in keepers.values():
            gone.pop(id(one), None)
        if gone:
            close_aside(gone.values())

    def _distinct(self) -> list[Keeper]:
        return [self._shared] if self._shared is not None else list(self._keepers.values())

    def _stands(self, need: SourceNeed) -> bool:
        return self._asked.get(need.node) == self._asks(need) and need.node in self._keepers

    def _asks(self, need: SourceNeed) -> tuple[str, object]:
        """What kind it wants, and who opens that: a plugin may have been imported anew."""
        return need.kind, self._catalogue.sources.get(need.kind)

    def _keep_for(self, need: SourceNeed) -> Keeper:
        return self._keep(self._opener(need), self._strict, need.params)

    def _opener(self, need: SourceNeed) -> Callable[[Mapping[str, object]], Source]:
        return lambda params: self._catalogue.open_source(
            need.kind, params, self._rate, self._folder
        )

    @staticmethod
    def _keep(
        open: Callable[[Mapping[str, object]], Source],
        strict: bool,
        params: Mapping[str, object],
    ) -> Keeper:
        try:
            return Keeper(params, open, open(params))
        except AudioError as error:
            if strict:
                raise
            return Keeper(params, open, None, f"{error}; {MEANWHILE}")

    def _lead(self) -> LiveSource | None:
        """The live source that drives the clock: the one that did, else the first there is."""
        keepers = self._distinct()
        for keeper in keepers:
            keeper.renew()
        if self._leader not in keepers or self._leader.live is None:
            self._leader = next((one for one in keepers if one.live is not None), None)
        if self.follows:
            self._leader = None
        for keeper in keepers:
            live = keeper.live
            if live is not None and live.leads != (keeper is self._leader):
                live.leads = keeper is self._leader
        return self._leader.live if self._leader is not None else None


def _of_sound(needs: Sequence[SourceNeed]) -> list[SourceNeed]:
    return [need for need in needs if not need.events]


def _of_events(needs: Sequence[SourceNeed]) -> list[SourceNeed]:
    return [need for need in needs if need.events]
