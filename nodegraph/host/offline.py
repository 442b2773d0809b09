"""Run a patch on sound faster than real time, and keep everything that happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from nodegraph.compiler import Plan, compile_patch
from nodegraph.errors import AudioError, PatchError, Problem
from nodegraph.events import Event
from nodegraph.graph import Patch
from nodegraph.host.instead import Sound
from nodegraph.host.listening import Listening, Steady, Written
from nodegraph.host.opening import open_patch, with_params
from nodegraph.host.sources import Sources
from nodegraph.plugins import Catalogue
from nodegraph.runtime import Engine, Recorder, Trace
from nodegraph.runtime.ahead import Ahead, NotAheadError
from nodegraph.values import Audio

BLOCK = 512
"""Samples per tick."""

RATES = (8_000, 768_000)
"""Hz: the least and the greatest that an engine runs at."""

BATCH = 128
"""Ticks that are computed ahead at once: as many as a processor has close by."""

NO_EVENTS: Mapping[str, Iterable[tuple[float, Event]]] = MappingProxyType({})

DEFAULT_RATE = 48_000
"""Hz, where nothing that is played has a rate of its own."""


def render(
    patch: Patch | str | Path,
    audio: Sound | None = None,
    params: Mapping[str, object] | None = None,
    *,
    rate: int | None = None,
    duration: float | None = None,
    seed: int = 0,
    watch: Collection[str] | None = None,
    events: Mapping[str, Iterable[tuple[float, Event]]] = NO_EVENTS,
    strict: bool = False,
    catalogue: Catalogue | None = None,
    progress: Callable[[float, float | None], None] | None = None,
) -> Trace:
    """Run a patch offline and return its trace. The same input gives the same trace, bit for bit.

    - `audio` replaces the sound of all the patch's sources: a path, "demo", or
      float32[samples, channels]. Without it the patch hears its own.
    - `params` sets params by address for this run: `{"ease.rise": 0.2}`.
    - `rate` is the engine's in Hz; by default the file's own, so that nothing is resampled.
    - `duration` in seconds ends the run early, or bounds one that would not end.
    - `events` are what nodes hear of MIDI, OSC, Link and keys, by node: seconds from the start, and
      what happens then. Nothing else is heard.
    - `watch` names the nodes or outlets wanted in the trace; None means all of them.
    - `strict` raises on the first problem; else problems are in the trace, and what can run runs.
    - `progress` is told now and then the seconds done and the seconds in all (None if unknown).

    Raises `PatchError`, `AudioError` and, if strict, `FaultError`.
    """
    opened, types, folder = open_patch(patch, catalogue)
    opened = with_params(opened, params or {}, types.types)
    events = {node: [*told] for node, told in events.items()}  # to be told twice, if need be
    if duration is not None and not 0.0 <= duration < math.inf:
        raise PatchError([Problem(f"cannot run for {duration} seconds; say how many, from 0 up")])

    def run(*, ahead: bool) -> Trace:
        plan = compile_patch(opened, types.types, watch, ahead=ahead)
        if strict and plan.problems:
            raise PatchError(plan.problems)
        own = rate or _native_rate(audio, plan, folder) or DEFAULT_RATE
        if not RATES[0] <= own <= RATES[1]:
            raise AudioError(f"an engine cannot run at {own} Hz; choose {RATES[0]} to {RATES[1]}")
        with Sources(
            plan.sources,
            types,
            rate=own,
            folder=folder,
            instead=audio,
            strict=True,
            events=_written(plan, events),
        ) as sources:
            engine = Engine(plan, rate=own, block=BLOCK, seed=seed, strict=strict)
            recorder = Recorder(plan, own, BLOCK, opened.name)
            end = duration if duration is not None else _end(plan, sources, audio is None)
            ticks = None if end is None else int(end * own / BLOCK + 1e-6)
            early = Ahead(plan, rate=own, block=BLOCK)
            batch = BATCH if plan.ahead else 1
            hears = any(need.events for need in plan.sources)
            for sound, many in _sounds(sources, ticks, batch, until_ended=duration is None):
                for brought in early.bring(sound, many):
                    if hears:
                        brought |= sources.events(BLOCK)
                    messages = engine.tick(brought)
                    recorder.record(engine.values, messages)
                if progress is not None and engine.ticks % 1024 < many:
                    progress(engine.now, end)
            return recorder.trace(engine.problems)

    try:
        return run(ahead=True)
    except NotAheadError:  # to find out at which tick, and go on from there
        return run(ahead=False)


def _sounds(
    sources: Sources, ticks: int | None, batch: int, *, until_ended: bool
) -> Iterator[tuple[Mapping[str, Audio], int]]:
    """The sound of so many ticks at the most, in batches, and how many ticks each is.

    The last tick comes alone, and where nobody knows how many there are, all do: who ends is seen
    between two. Raises `NotAheadError` if there were fewer than was said.
    """
    left = ticks
    while left != 0 and not (until_ended and sources.ended):
        many = 1 if left is None else max(1, min(batch, left - 1))
        yield sources.sound(many * BLOCK), many
        left = None if left is None else left - many
        if many > 1 and until_ended and sources.ended:
            raise NotAheadError("a sound ended before its time")


def _written(plan: Plan, events: Mapping[str, Iterable[tuple[float, Event]]]) -> Listening:
    """What is heard of events. Raises `PatchError` for nodes that hear none."""
    hear = [need.node for need in plan.sources if need.events]
    if lost := [node for node in events if node not in hear]:
        told = f"these do: {', '.join(sorted(hear)) or 'none'}"
        raise PatchError([Problem(f"{node!r} hears no events; {told}") for node in lost])
    return Listening(lambda need: Written(events.get(need.node, ())), Steady())


def _native_rate(audio: Sound | None, plan: Plan, folder: Path) -> int | None:
    """The rate of the file that is heard; None if that is not one file."""
    from nodegraph.audio.opening import native_rate

    if isinstance(audio, np.ndarray) or audio == "demo":
        return None
    if audio is not None:
        return native_rate(Path(audio))
    paths = {str(need.params["path"]) for need in plan.sources if need.kind == "file"} - {""}
    return native_rate(folder / paths.pop()) if len(paths) == 1 else None


def _end(plan: Plan, sources: Sources, own: bool) -> float | None:
    """Seconds after which to stop; None means when the sources end.

    What loops is heard once.
    """
    endless = own and any(need.params.get("loop") for need in plan.sources)
    if own and all(need.events for need in plan.sources):
        what = "nothing to hear"
    elif sources.duration is None and endless:
        what = "a sound without end"
    else:
        return sources.duration
    raise PatchError([Problem(f"the patch has {what}; say how many seconds to run it")])
