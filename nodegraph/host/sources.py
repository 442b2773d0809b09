"""The sources of a plan: opened together, read together once per tick, exchanged with the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler.plan import SourceNeed
from nodegraph.errors import AudioError, Problem
from nodegraph.hookspecs import Source
from nodegraph.host.keeper import MEANWHILE, Keeper, LiveSource, checked, close_aside
from nodegraph.plugins import Catalogue

Sound = str | Path | NDArray[np.float32]
"""What can stand in for a patch's own sources: a file, "demo", or float32[samples, channels]."""


class ArraySource:
    """Sound that is already in memory: float32[samples, channels] or float32[samples]."""

    def __init__(self, samples: NDArray[np.float32], rate: int) -> None:
        columns = samples if samples.ndim == 2 else samples[:, None]
        self._samples = np.nan_to_num(np.asarray(columns, np.float32))
        self._rate = rate
        self._at = 0

    @property
    def channels(self) -> int:
        """Columns of the array."""
        return int(self._samples.shape[1])

    @property
    def duration(self) -> float | None:
        """Seconds."""
        return len(self._samples) / self._rate

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._at >= len(self._samples)

    def read(self, samples: int) -> NDArray[np.float32]:
        """The next samples; silence after the end."""
        piece = self._samples[self._at : self._at + samples]
        self._at += samples
        missing = samples - len(piece)
        return np.pad(piece, ((0, missing), (0, 0))) if missing else piece

    def update(self, params: Mapping[str, object]) -> None:
        """Nothing that a node's params say concerns an array."""

    def close(self) -> None:
        """Nothing to let go of."""


def open_sound(sound: Sound, catalogue: Catalogue, rate: int, folder: Path) -> Source:
    """Open what stands in for a patch's own sources; it plays once."""
    if isinstance(sound, np.ndarray):
        return ArraySource(sound, rate)
    path = "" if sound == "demo" else str(sound)
    params = {"path": path, "loop": False, "position": 0.0}
    return catalogue.open_source("file", params, rate, folder)


class Prepared:
    """What a plan will hear, with the sources that were opened for it already."""

    def __init__(self, needs: Sequence[SourceNeed], opened: dict[str, Keeper]) -> None:
        self.needs = needs
        self.opened = opened

    def close(self) -> None:
        """It will not be taken after all: let go of what was opened."""
        for keeper in self.opened.values():
            keeper.close()


class Sources:
    """Everything a plan hears. `instead` replaces the sound of every one of its sources.

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
    ) -> None:
        self._catalogue, self._rate, self._folder = catalogue, rate, folder
        self._strict = strict
        self.follows = False
        """Whether somebody else drives the clock though a source here could."""
        self._leader: Keeper | None = None
        self._shared: Keeper | None = None
        if instead is not None:
            self._shared = self._keep(lambda _: open_sound(instead, catalogue, rate, Path()), True)
        self._needs: dict[str, SourceNeed] = {}
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
        return tuple(Problem(text, node=node) for node, text in told if text)

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
        """One block for each source node: float32[samples, channels]."""
        self._lead()
        keepers = self._distinct()
        if self._strict:
            blocks = {id(one): checked(one.source, samples) for one in keepers if one.source}
        else:
            blocks = {id(one): one.read(samples) for one in keepers}
        return {node: blocks[id(keeper)] for node, keeper in self._keepers.items()}

    def update(self, node: str, params: Mapping[str, object]) -> None:
        """Tell a node's source which of its params changed. Between two ticks."""
        keeper = self._keepers.get(node)
        if keeper is not None and keeper is not self._shared:
            keeper.update(params)

    def prepare(self, needs: Sequence[SourceNeed]) -> Prepared:
        """Open what is new in another plan. Any thread may; it takes as long as it takes."""
        opened: dict[str, Keeper] = {}
        with ExitStack() as stack:
            for need in needs:
                if self._shared is None and not self._stands(need):
                    opened[need.node] = self._keep_for(need)
                    stack.callback(opened[need.node].close)
            stack.pop_all()
        return Prepared(needs, opened)

    def take(self, prepared: Prepared) -> None:
        """Hear what was prepared from now on. Between two ticks; what stands plays on."""
        before, keepers = self._keepers, dict[str, Keeper]()
        for need in prepared.needs:
            keeper = self._shared or prepared.opened.get(need.node)
            if keeper is None:
                keeper = before.get(need.node) if self._stands(need) else None
            if keeper is None:  # another plan, taken in between, did without it
                keeper = Keeper(need.params, self._opener(need), None, MEANWHILE)
            keepers[need.node] = keeper
        self._keepers, self._needs = keepers, {need.node: need for need in prepared.needs}
        for need in prepared.needs:
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
        known = self._needs.get(need.node)
        return known is not None and known.kind == need.kind and need.node in self._keepers

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
        params: Mapping[str, object] | None = None,
    ) -> Keeper:
        params = params or {}
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
