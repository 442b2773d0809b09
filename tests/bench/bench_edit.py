"""One-node edits of a patch of 1,000 nodes: from the command to the tick after it.

Everything that a host and an engine do for an edit, in one process: the document takes the edit,
its flat patch is compared, what changed is compiled and packed; the other side unpacks it, makes it
ready beside the ticks, and swaps it in between two of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from statistics import median

import scalars
from measuring import Live, Row, no_garbage

from nodegraph.compiler import Plan, compile_patch
from nodegraph.compiler.chunks import function_code
from nodegraph.compiler.flatten import flatten
from nodegraph.compiler.translate import program_of
from nodegraph.graph import (
    AddNode,
    AddWire,
    Batch,
    Edit,
    Node,
    Patch,
    Port,
    RemoveNode,
    RemoveWire,
    Wire,
)
from nodegraph.host.difference import difference
from nodegraph.host.document import Document
from nodegraph.nodetype import NodeType
from nodegraph.runtime.shipping import Packer, Unpacker

COUNT, EDITS = 1000, 60
TICKS = 20
"""Between two edits."""

WHOLE = 5
"""One compilation of the whole patch in so many edits."""


@dataclass
class Taken:
    """Seconds of CPU: of each edit and its stages, of whole compilations, and of ticks.

    `after` are the ticks after a swap with the swap itself, which lies between two ticks.
    """

    edits: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=dict)
    whole: list[float] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)


class Stopwatch:
    """Seconds of CPU since the last look, by name."""

    def __init__(self) -> None:
        self._at = time.thread_time()
        self.stages: dict[str, float] = {}

    def lap(self, name: str) -> float:
        """What was done since the last look."""
        now = time.thread_time()
        self.stages[name] = taken = now - self._at
        self._at = now
        return taken


def edits(patch: Patch, seed: int) -> Iterator[Edit]:
    """For ever: put a node into a wire somewhere, then take it out again."""
    rng = Random(seed)
    number = 0
    while True:
        number += 1
        wire, new = rng.choice(patch.wires), f"new{number}"
        kind = rng.choice(("gain", "smooth"))
        into, out = Wire(wire.source, Port(new, "value")), Wire(Port(new, "out"), wire.target)
        node = Node(f"bench.{kind}")
        yield Batch((RemoveWire(wire), AddNode(new, node), AddWire(into), AddWire(out)))
        yield Batch((RemoveNode(new), AddWire(wire)))


def measure(count: int = COUNT, number: int = EDITS) -> Taken:
    """Edit again and again while it runs."""
    types = scalars.catalogue().types
    document = Document(scalars.patch(scalars.mixed(count)))
    plan = compile_patch(document.patch, types)
    packer, unpacker = Packer(), Unpacker(types)
    live = Live(unpacker.unpack(packer.pack(plan)))
    found = Taken()
    for _ in range(5 * TICKS):
        live.tick({})
    with no_garbage():
        for step, edit in zip(range(number), edits(document.patch, 5), strict=False):
            forget()  # what was compiled before is not known from there
            watch = Stopwatch()
            change = document.do(edit, "an edit")
            watch.lap("document")
            told = difference(
                flatten(change.before).patch, flatten(change.after).patch, types, plan
            )
            assert told.structure
            watch.lap("difference")
            plan = compile_patch(document.patch, types, before=plan)
            watch.lap("compile")
            packed = packer.pack(plan)
            watch.lap("pack")
            arrived = unpacker.unpack(packed)
            watch.lap("unpack")
            ready = live.engine.prepare(arrived)
            watch.lap("prepare")
            live.engine.swap(ready, told.added)
            swapped = watch.lap("swap")
            live.publish()
            watch.lap("columns")
            live.tick({})
            found.after.append(swapped + watch.lap("tick"))
            stages = {name: taken for name, taken in watch.stages.items() if name != "tick"}
            found.edits.append(sum(stages.values()))
            for name, taken in stages.items():
                found.stages.setdefault(name, []).append(taken)
            for _ in range(TICKS):
                live.tick({})
                found.ticks.append(watch.lap("tick"))
            if step % WHOLE == 0:
                found.whole.append(_whole(document.patch, types, plan))
    assert live.engine.plan.by_id.keys() == document.patch.nodes.keys()
    assert not live.engine.problems, live.engine.problems
    return found


def forget() -> None:
    """Have every chunk be compiled anew."""
    function_code.cache_clear()
    program_of.cache_clear()


def _whole(patch: Patch, types: Mapping[str, NodeType], plan: Plan) -> float:
    """Seconds to compile all of a patch; it has to come to the same steps."""
    forget()
    watch = Stopwatch()
    made = compile_patch(patch, types)
    taken = watch.lap("whole")
    assert {step.id for step in made.all_steps} == {step.id for step in plan.all_steps}
    return taken


def rows(count: int = COUNT, number: int = EDITS) -> Iterator[Row]:
    """The edit beside a compilation of everything, and the tick that has to wait for it."""
    found = measure(count, number)
    edit, whole, tick = median(found.edits), median(found.whole), median(found.ticks)
    stages = ", ".join(f"{name} {median(each) * 1e3:.1f}" for name, each in found.stages.items())
    what = f"one-node edit of {count:,} nodes, from command to running"
    yield Row(
        what,
        "compile of the whole plan",
        f"{whole * 1e3:.3g} ms",
        f"{edit * 1e3:.3g} ms ({stages})",
        whole / edit,
        10.0,
    )
    longest = sorted(found.after)[-1]
    yield Row(
        "the tick after it, swap included: how much longer, at worst",
        "the median tick",
        f"{tick * 1e3:.3g} ms",
        f"{longest * 1e3:.3g} ms",
        (longest - tick) * 1e3,
        1.0,
        unit="ms",
        at_most=True,
    )
