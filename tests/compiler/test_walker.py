"""The compiled engine against a plain interpreter of patches: the same values, tick by tick.

The walker knows nothing of plans. It calls each node's function by name in dependency order, as
the documentation says a patch runs: no folding, no sharing, no inlining, one product per node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import BLOCK, RATE, catalogue

import nodes
from nodegraph import (
    Audio,
    Clock,
    Message,
    Prompt,
    Rng,
    Trigger,
    Vector,
    inlet,
    node,
    outlet,
    param,
)
from nodegraph.compiler import compile_patch
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import ANY, REQUIRED, NodeType
from nodegraph.runtime import Engine
from nodegraph.spec import type_of
from nodegraph.values import KINDS, kind_of

SEED = 7
DT = BLOCK / RATE


@node("w.hear", outlets="audio", source="file")
def hear(audio: Audio, gain: int = param(1, "", 0, 3)) -> Audio:
    """Hear a source."""
    return audio * np.float32(gain)


@node("w.sums", outlets="sums")
def sums(audio: Audio = inlet()) -> Vector:
    """Sum the block up in eight parts."""
    return np.resize(audio[:, 0], 64).reshape(8, 8).sum(1, dtype=np.float32)


def _rows(size: int, rate: float, first: float, count: int) -> np.ndarray:
    rows = np.arange(count * size, dtype=np.float32).reshape(count, size) % np.float32(5)
    return rows + np.float32(round(first))


@node("w.weigh", outlets="all one", rows=_rows)
def weigh(
    product: Vector,
    values: Vector = inlet(),
    first: float = param(1.0, "", 0.0, 4.0),
    count: int = param(2, "", 1, 3),
) -> tuple[Vector, float]:
    """Weigh a vector by whole numbers, so that no order of adding makes a difference."""
    return product, float(product[0])


@node("w.count", outlets="out over", state=0.0)
def count(
    state: float, hit: Trigger = inlet(False), step: float = param(1.0, "", 0.0, 10.0)
) -> tuple[float, float, bool]:
    """Count on, and say whether it is over ten."""
    total = state + step + 3.0 * hit
    total = total if total < 20.0 else 0.0
    return total, total, total > 10.0


@node("w.faulty", outlets="out", state=0, output=True)
def faulty(state: int, value: float = inlet(0.0)) -> tuple[int, float]:
    """Fail now and then."""
    if state % 5 == 4 or value > 1e4:
        raise ValueError("now and then")
    return state + 1, value + state


@node("w.keyword", outlets="out")
def keyword(*, a: float = inlet(0.5), now: float, b: bool = param(True)) -> float:
    """Take arguments by name."""
    return a + now if b else -a


@node("w.draw", outlets="out twice")
def draw(rng: Rng, high: float = param(1.0, "", 0.5, 2.0)) -> tuple[float, float]:
    """Draw twice."""
    return rng.uniform(0.0, high), rng.uniform(0.0, high)


@node("w.send", outlets="one value two")
def send(value: float = inlet(0.0)) -> tuple[Message | None, float, Message]:
    """Send two messages and give a number."""
    one = Message("scope", {"one": value}) if value > 0.5 else None
    return one, value, Message("scope", {"two": value})


@node("w.latch", outlets=[outlet("out", like="value")], state=None, latch=True)
def latch(state: object, value: object = inlet(0.0)) -> object:
    """Give what came in a tick ago."""
    return value


@node("w.either", outlets=[outlet("out", like="a")])
def either(a: object = inlet(None), b: object = inlet(0.0), which: bool = inlet(False)) -> object:
    """Give the one or the other."""
    return b if which or a is None else a


OWN = (hear, sums, weigh, count, faulty, keyword, draw, send, latch, either)
BUILT_IN = [
    function
    for family in nodes.FAMILIES
    for function in import_module(f"nodes.{family}").NODES
    if not type_of(function).id.startswith(
        ("flow.send", "flow.receive", "flow.inlet", "flow.outlet")
    )
    and not {"audio", "vector"} & {each.kind for each in type_of(function).inlets.values()}
    and type_of(function).source is None
]
TYPES = catalogue(*OWN, *BUILT_IN, import_module("nodes.vector").reduce)


class Walker:
    """Runs a patch node by node; what it keeps is last values, states and rests by node id."""

    def __init__(self, patch: Patch, watch: set[str] | None) -> None:
        self.patch = patch
        self.watch = watch
        self.values: dict[str, Any] = {}
        self.states: dict[str, Any] = {}
        self.removed: dict[str, tuple[dict[str, str], Any]] = {}
        self.wake: dict[str, int] = {}
        self.faults: dict[str, int] = {}
        self.kinds: dict[str, dict[str, str]] = {}
        self.ticks = 0
        self.edit(patch)

    def edit(self, patch: Patch) -> None:
        kept, self.patch = self.kinds, patch
        types = {id: self.type(id).id for id in self.needed()}
        self.kinds = {id: {"": types[id], **self.port_kinds(id)} for id in types}
        same = {id for id in self.kinds if self.kinds[id] == kept.get(id)}
        back = {
            id: state
            for id, (kinds, state) in self.removed.items()
            if id not in same and self.kinds.get(id) == kinds
        }
        self.values = {k: v for k, v in self.values.items() if k.partition(".")[0] in same}
        for id, state in self.states.items():
            if id not in same:
                self.removed[id] = (kept[id], state)
        self.states = {k: v for k, v in self.states.items() if k in same}
        self.states |= back
        self.faults = {k: v for k, v in self.faults.items() if k in types}
        self.wake = {}

    def type(self, id: str) -> NodeType:
        return TYPES[self.patch.nodes[id].type]

    def wire(self, id: str, port: str) -> Wire | None:
        return self.patch.wire_to(Port(id, port))

    def needed(self) -> list[str]:
        if self.watch is None:
            return sorted(self.patch.nodes)
        found: set[str] = set()
        open_ = [id for id in self.patch.nodes if self.type(id).is_output or id in self.watch]
        while open_:
            id = open_.pop()
            if id not in found:
                found.add(id)
                open_ += [wire.source.node for wire in self.patch.wires_into(id)]
        return sorted(found)

    def any_kind(self, id: str, seen: frozenset[str] = frozenset()) -> str | None:
        """The kind that any-ports carry: of the first one wired; numbers where a loop has none."""
        anys = [each for each in self.type(id).inlets.values() if each.kind == ANY]
        if not anys:
            return None
        for each in anys:
            if wire := self.wire(id, each.name):
                source = wire.source
                kind = self.type(source.node).outlets[source.port].kind
                if kind != ANY:
                    return kind
                if source.node in seen | {id}:
                    return "number"
                return self.any_kind(source.node, seen | {id})
        return kind_of(anys[0].default) or "number"

    def port_kinds(self, id: str) -> dict[str, str]:
        type_, any_ = self.type(id), self.any_kind(id)
        ports = {**type_.params, **type_.inlets}
        kinds = {f"in {name}": port.kind for name, port in ports.items()}
        kinds |= {f"out {name}": port.kind for name, port in type_.outlets.items()}
        return {name: any_ or "" if kind == ANY else kind for name, kind in kinds.items()}

    def misfits(self) -> Iterator[Wire]:
        lossless = {
            ("boolean", "number"),
            ("trigger", "number"),
            ("trigger", "boolean"),
            ("boolean", "trigger"),
            ("number", "trigger"),
            ("string", "prompts"),
        }
        kinds = {id: self.port_kinds(id) for id in self.patch.nodes}
        for wire in self.patch.wires:
            a = kinds[wire.source.node][f"out {wire.source.port}"]
            b = kinds[wire.target.node][f"in {wire.target.port}"]
            if a == "message" or (a != b and (a, b) not in lossless):
                yield wire

    def tick(self, brought: Mapping[str, Any]) -> list[Message]:
        before, self.values = self.values, {}
        messages: list[Message] = []
        n = self.ticks
        self.ticks += 1

        def last(id: str, port: str) -> Any:
            return before.get(f"{id}.{port}", KINDS[self.kinds[id][f"out {port}"]].default)

        def arriving(wire: Wire) -> Any:
            id, port = wire.source
            a = self.kinds[id][f"out {port}"]
            b = self.kinds[wire.target.node][f"in {wire.target.port}"]
            x, was = self.values[f"{id}.{port}"], last(id, port)
            match a, b:
                case "boolean" | "trigger", "number":
                    return float(x)
                case "boolean", "trigger":
                    return x and not was
                case "number", "trigger":
                    return x > 0.5 and not was > 0.5
                case "string", "prompts":
                    return (Prompt(x),) if x else ()
            return x

        def argument(id: str, name: str) -> Any:
            type_, wire = self.type(id), self.wire(id, name)
            if name in type_.params:
                param = type_.params[name]
                if wire is None:
                    return self.patch.nodes[id].params.get(name, param.default)
                x = arriving(wire)
                if param.kind == "number":
                    x = min(max(x, param.low), param.high)
                    return round(x) if param.integer else x
                return x if not param.choices or x in param.choices else param.default
            if name in type_.inlets:
                if wire is not None:
                    return arriving(wire)
                default, kind = type_.inlets[name].default, self.kinds[id][f"in {name}"]
                if type_.inlets[name].kind == ANY and default is not None:
                    return default if kind_of(default) == kind else KINDS[kind].default
                return default
            if name == "product":
                vector = next(i.name for i in type_.inlets.values() if i.kind == "vector")
                values = argument(id, vector)
                given = {row: argument(id, row) for row in type_.row_params}
                assert type_.rows is not None
                return np.asarray(type_.rows(len(values), float(RATE), **given)) @ values
            return {
                "state": lambda: self.states.get(id, type_.state),
                "dt": lambda: DT,
                "now": lambda: (n + 1) * BLOCK / RATE,
                "rate": lambda: float(RATE),
                "rng": lambda: Rng(SEED, id).at(n),
                "audio": lambda: brought.get(id, np.zeros((1, 1), np.float32)),
                "events": lambda: brought.get(id, ()),
            }[name]()

        def call(id: str) -> list[Any]:
            """What a node returns, as a list; raises what it raises."""
            type_ = self.type(id)
            positional, named = [], {}
            for name in type_.arguments:
                if type_.function.__kwdefaults__ or name in type_.keywords:
                    named[name] = argument(id, name)
                else:
                    positional.append(argument(id, name))
            given = type_.function(*positional, **named)
            many = len(type_.outlets) + (type_.stateful and not type_.latch)
            return list(given) if many > 1 else [given] if many else []

        def run(id: str) -> None:
            type_ = self.type(id)
            ports = {port: f"{id}.{port}" for port in type_.outlets}
            held = {where: last(id, port) for port, where in ports.items()}
            self.values |= held
            if n < self.wake.get(id, 0):
                return
            try:
                given = call(id)
            except ValueError:
                times = self.faults[id] = self.faults.get(id, 0) + 1
                self.wake[id] = n + 1 + round(min(0.5 * 2 ** (times - 1), 30.0) / DT)
                return
            if type_.stateful:
                self.states[id] = given.pop(0)
            for port, value in zip(ports, given, strict=True):
                kind = self.kinds[id][f"out {port}"]
                if kind == "message":
                    messages.extend([value] if value is not None else [])
                else:
                    self.values[ports[port]] = float(value) if kind == "number" else value

        latches = [id for id in self.kinds if self.type(id).latch]
        for id in latches:
            (port,) = self.type(id).outlets
            self.values[f"{id}.{port}"] = self.states.get(
                id, KINDS[self.kinds[id][f"out {port}"]].default
            )
        waiting = [id for id in self.kinds if id not in latches]
        while waiting:
            later = []
            for id in waiting:
                sources = {wire.source.node for wire in self.patch.wires_into(id)}
                if sources & set(waiting):
                    later.append(id)
                else:
                    run(id)
                    waiting = [other for other in waiting if other != id]
            assert len(later) == len(waiting)
        for id in latches:
            self.states[id] = call(id)[0]
        return messages


def random_value(rng: Random, type_: NodeType, name: str) -> Any:
    param = type_.params[name]
    if param.kind == "boolean":
        return rng.random() < 0.5
    if param.kind == "string":
        return rng.choice(param.choices) if param.choices else param.default
    assert param.low is not None
    assert param.high is not None
    low, high = max(param.low, -20.0), min(param.high, 20.0)
    return rng.randint(int(param.low), int(high)) if param.integer else rng.uniform(low, high)


def random_patch(rng: Random, size: int, before: Patch | None = None) -> Patch:
    """A patch of about this size; with one `before`, that one with some of it changed.

    Nodes read from nodes of smaller rank (the number in their id), latches from any.
    """
    made: dict[str, Node] = {}
    old = {} if before is None else before.nodes
    for rank in range(size):
        id = f"n{(rank * 37) % 100}_{rank}"
        if id in old and rng.random() < 0.85:
            made[id] = old[id]
            continue
        function = rng.choice(OWN if rng.random() < 0.6 else BUILT_IN)
        function = (hear, sums, weigh, weigh)[rank] if rank < 4 else function
        type_ = type_of(function)
        changed = [name for name in type_.params if rng.random() < 0.4]
        params = {name: random_value(rng, type_, name) for name in changed}
        made[id] = Node(type_.id, params=params)
    wires = {} if before is None else {wire.target: wire for wire in before.wires}
    wires = {
        target: wire
        for target, wire in wires.items()
        if all(end.node in made and made[end.node] == old[end.node] for end in (*wire,))
        and rng.random() < 0.9
    }
    ids = list(made)
    for rank, id in enumerate(ids):
        type_ = TYPES[made[id].type]
        for name, port in {**type_.inlets, **type_.params}.items():
            sources = ids if type_.latch else ids[:rank]
            wish = 0.15 if name in type_.params else 0.95
            if Port(id, name) in wires or rng.random() > wish:
                continue
            outs = [
                Port(other, each.name)
                for other in sources
                for each in TYPES[made[other].type].outlets.values()
                if each.kind == port.kind or ANY in (each.kind, port.kind)
            ]
            if outs:
                wires[Port(id, name)] = Wire(rng.choice(outs), Port(id, name))
    return tidy(Patch(nodes=made, wires=tuple(wires.values())))


def tidy(patch: Patch) -> Patch:
    """Without the wires and nodes that make no sense."""
    while True:
        walker = Walker(patch, None)
        wrong = set(walker.misfits())
        wires = [wire for wire in patch.wires if wire not in wrong]
        fed = {wire.target for wire in wires}
        starved = {
            id
            for id, each in patch.nodes.items()
            for inlet in TYPES[each.type].inlets.values()
            if inlet.default is REQUIRED and Port(id, inlet.name) not in fed
        }
        if not wrong and not starved:
            return patch
        patch = Patch(
            nodes={id: each for id, each in patch.nodes.items() if id not in starved},
            wires=tuple(w for w in wires if not starved & {w.source.node, w.target.node}),
        )


def same(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(two, np.ndarray) and one.dtype == two.dtype and np.array_equal(one, two)
    if isinstance(one, Clock):
        return tuple(one) == tuple(two)
    return type(one) is type(two) and bool(one == two)


def compare(engine: Engine, walker: Walker, ticks: int, rng: Random) -> None:
    for _ in range(ticks):
        brought = {
            id: np.array([[float(rng.randint(-3, 3))] for _ in range(64)], np.float32)
            for id in walker.kinds
            if walker.type(id).source and rng.random() < 0.8
        }
        sent = engine.tick(brought)
        wanted = walker.tick(brought)
        for port in engine.plan.slots:
            got, value = engine.value(port), walker.values[port]
            told = f"tick {walker.ticks}: {port} is {got!r}, not {value!r}\n{engine.problems}"
            assert same(value, got), told
        assert sorted(map(repr, sent)) == sorted(map(repr, wanted))


def edited(rng: Random, patch: Patch) -> tuple[str, str, Any, Patch] | None:
    """A param turned: node, name, value, and the patch with it."""
    choices = [(id, name) for id, each in patch.nodes.items() for name in TYPES[each.type].params]
    if not choices:
        return None
    id, name = rng.choice(choices)
    value = random_value(rng, TYPES[patch.nodes[id].type], name)
    params = {**patch.nodes[id].params, name: value}
    turned = replace(patch.nodes[id], params=params)
    return id, name, value, Patch(nodes={**patch.nodes, id: turned}, wires=patch.wires)


@pytest.mark.parametrize("careful", [False, True])
@settings(derandomize=True, deadline=None, max_examples=24)
@given(seed=st.integers(0, 10**9), pruned=st.booleans())
def test_the_engine_does_what_a_walker_does(careful: bool, seed: int, pruned: bool) -> None:
    rng = Random(seed)
    patch = random_patch(rng, rng.randint(20, 40))
    watch = set(rng.sample(sorted(patch.nodes), len(patch.nodes) // 4)) if pruned else None
    plan = compile_patch(patch, TYPES, watch)
    engine = Engine(plan, rate=RATE, block=BLOCK, seed=SEED)
    walker = Walker(patch, watch)
    if careful:
        engine.wary = True
    for _ in range(5):
        assert engine.plan.problems == ()
        assert {port.partition(".")[0] for port in engine.plan.slots} <= walker.kinds.keys()
        compare(engine, walker, rng.choice((3, 8)), rng)
        turned = edited(rng, patch) if rng.random() < 0.6 else None
        if turned is None:
            patch = random_patch(rng, len(patch.nodes) + rng.randint(-2, 4), patch)
        else:
            id, name, value, patch = turned
            if engine.set_param(id, name, value):
                walker.patch = patch
                walker.wake.pop(id, None)
                walker.faults.pop(id, None)
                continue
        engine.swap(compile_patch(patch, TYPES, watch, before=engine.plan))
        walker.edit(patch)
        if careful:
            engine.wary = True
