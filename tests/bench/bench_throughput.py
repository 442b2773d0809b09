"""What a tick costs in CPU time: graphs of scalar nodes, and an audio-reactive patch of 30."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import isclose

import reactive
import reactive_walker
import scalar_walker
import scalars
from measuring import Live, Race, Row, Side, micro, nano, race, timed
from peers import JavaScript, MissingError, fetch_ryvencore
from scalar_ryvencore import Ryvencore, with_deep_stack

from nodegraph.compiler import compile_patch
from nodegraph.graph import Node, Patch, Port, Wire

SECONDS = 0.2
"""CPU time of one side in one round."""

WALKER, RYVENCORE = "dict walker", "ryvencore data opt"
OWN, SHARED, LITEGRAPH = "walker, an FFT each", "walker, shared FFT", "litegraph.js, Meyda"
OURS = "nodegraph"

_WARM = 3000
"""Ticks after which the compiler of node has done what it can."""

_AGREE = 64
"""Ticks after which all sides are compared."""


def rows(seconds: float = SECONDS, rounds: int = 9) -> Iterator[Row]:
    """Measure everything here; each row as it is done."""
    yield from scalar_rows("chain of 100", scalars.chain(100), seconds, rounds)
    yield from scalar_rows("mixed 1,000", scalars.mixed(1000), seconds, rounds)
    yield from reactive_rows(seconds, rounds)
    yield feature_row(seconds, 3 * rounds)


# Scalar graphs.


def ours(graph: scalars.Graph) -> Live:
    """The engine on a graph."""
    return Live(compile_patch(scalars.patch(graph), scalars.catalogue().types))


def ticking(live: Live) -> Callable[[int], None]:
    """So many ticks of an engine that hears nothing."""

    def run(ticks: int) -> None:
        for _ in range(ticks):
            live.tick({})

    return run


def scalar_rows(name: str, graph: scalars.Graph, seconds: float, rounds: int) -> Iterator[Row]:
    """A graph beside the walker and ryvencore, in ns per node."""
    measured: list[Race] = []
    why: list[str] = []

    def run() -> None:
        live = ours(graph)
        walker = scalar_walker.Walker(graph, live.engine.dt)
        sides: dict[str, Side] = {OURS: timed(ticking(live)), WALKER: timed(walker.run)}
        others: list[dict[str, float]] = [walker.values]
        runs = [ticking(live), walker.run]
        try:
            fetch_ryvencore()
            other = Ryvencore(graph, live.engine.dt)
            sides[RYVENCORE] = timed(other.run)
            runs.append(other.run)
        except MissingError as error:
            why.append(str(error))
        for each in runs:
            each(_AGREE)
        if not why:
            others.append(other.values)
        own = {port: live.engine.value(port) for port in walker.values}
        for values in others:
            agree(own, values, 1e-9)
        measured.append(race(sides, seconds, rounds))

    with_deep_stack(run)
    (found,) = measured
    count = len(graph)
    what = f"scalar node, guards and publishing on, {name}"
    for baseline, goal in ((WALKER, 5.0), (RYVENCORE, 120.0)):
        mine = nano(found.median(OURS) / count)
        if baseline in found.taken:
            theirs = nano(found.median(baseline) / count)
            yield Row(what, baseline, theirs, mine, found.ratio(baseline, OURS), goal)
        else:
            yield Row(what, baseline, "", mine, None, goal, note=why[0])


def agree(one: Mapping[str, object], other: Mapping[str, object], tolerance: float) -> None:
    """Fail unless two sides made the same numbers."""
    for name, value in one.items():
        theirs = other[name]
        assert isinstance(value, int | float)
        assert isinstance(theirs, int | float)
        assert isclose(value, theirs, rel_tol=tolerance, abs_tol=1e-6), (name, value, theirs)


# The audio-reactive patch.


def around(tick: Callable[[Mapping[str, reactive.Signal]], object]) -> Callable[[int], None]:
    """So many ticks of something that hears the same sound again and again."""
    heard = reactive.blocks(reactive.sound(_SOUND))
    position = 0

    def run(ticks: int) -> None:
        nonlocal position
        for _ in range(ticks):
            tick(heard[position])
            position = (position + 1) % _SOUND

    return run


_SOUND = 344
"""Ticks of sound: four seconds."""


@contextmanager
def reactive_sides() -> Iterator[tuple[dict[str, Side], str]]:
    """All sides of the patch, after they were seen to agree; and why one of them is not there."""
    live = Live(compile_patch(reactive.patch(), scalars.catalogue().types))
    walkers = {OWN: reactive_walker.Walker(False), SHARED: reactive_walker.Walker(True)}
    runs = {OURS: around(live.tick)}
    for name, walker in walkers.items():
        runs[name] = around(lambda brought, walker=walker: walker.tick(brought["source"]))  # type: ignore[misc]  # bound now
    for run in runs.values():
        run(_AGREE)
    own = {name: live.engine.value(port) for name, port in reactive.COMPARED.items()}
    for walker in walkers.values():
        agree(own, walker.values, 1e-4)
    sides = {name: timed(run) for name, run in runs.items()}
    try:
        peer = JavaScript("reactive_litegraph.js", reactive.sound(_SOUND))
    except MissingError as error:
        yield sides, str(error)
        return
    try:
        agree(own, peer.values(_AGREE), 0.02)  # Meyda's window is symmetric
        peer.run(_WARM)
        yield {**sides, LITEGRAPH: peer.run}, ""
    finally:
        peer.close()


def reactive_rows(seconds: float, rounds: int) -> Iterator[Row]:
    """The patch beside the two walkers and litegraph.js, in µs per tick."""
    with reactive_sides() as (sides, why):
        found = race(sides, seconds, rounds)
    what = "audio-reactive patch of 30 nodes, FFT 1024, hop 512"
    mine = micro(found.median(OURS))
    for baseline, goal in ((OWN, 6.0), (SHARED, 2.8), (LITEGRAPH, 3.5)):
        if baseline in found.taken:
            theirs = micro(found.median(baseline))
            yield Row(what, baseline, theirs, mine, found.ratio(baseline, OURS), goal)
        else:
            yield Row(what, baseline, "", mine, None, goal, note=why)


# One more feature.

_MORE: Mapping[str, Node] = {
    "more_band": Node("audio.band_level", params={"low": 2000.0, "high": 4000.0}),
    "more_rolloff": Node("bench.rolloff", params={"share": 0.5}),
    "more_crest": Node("bench.crest"),
}
_WINDOWS = ("hamming", "blackman", "rect")


def with_more(own: bool) -> Patch:
    """The patch with three more features: on its FFT, or each on an FFT of its own."""
    base = reactive.patch()
    nodes, wires = dict(base.nodes), set(base.wires)
    for (id, node), window in zip(_MORE.items(), _WINDOWS, strict=True):
        nodes[id], spectrum = node, "fft"
        if own:
            spectrum = f"fft_{id}"
            params = {"size": str(reactive.SIZE), "window": window}
            nodes[spectrum] = Node("audio.spectrum", params=params)
            wires.add(Wire(Port("source", "audio"), Port(spectrum, "audio")))
        wires.add(Wire(Port(spectrum, "magnitude"), Port(id, "magnitude")))
    return Patch(nodes=dict(sorted(nodes.items())), wires=tuple(sorted(wires)))


def feature_row(seconds: float, rounds: int) -> Row:
    """What a feature costs on an FFT that is there, beside one that brings its own."""
    types = scalars.catalogue().types
    patches = {"without": reactive.patch(), "shared": with_more(False), "own": with_more(True)}
    found = race(
        {
            name: timed(around(Live(compile_patch(patch, types)).tick))
            for name, patch in patches.items()
        },
        seconds,
        rounds,
    )
    shared, own = (found.more(side, "without") / len(_MORE) for side in ("shared", "own"))
    return Row(
        "one more spectral feature on an existing FFT",
        "its own FFT",
        micro(own),
        micro(shared),
        own / max(shared, 1e-9),
        5.0,
    )
