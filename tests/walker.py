"""A plain interpreter of patches, to be compared with what the engine makes of compiled ones.

The walker knows nothing of plans. It calls each node's function by name in dependency order, as
the documentation says a patch runs: no folding, no sharing, no inlining, one product per node.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random
from typing import Any

import numpy as np
from kit import BLOCK, RATE
from walker_drawn import Drawn

from nodegraph import Clock, Message, Prompt, Rng
from nodegraph.graph import Patch, Wire
from nodegraph.nodetype import ANY
from nodegraph.runtime import Engine
from nodegraph.themes import shipped
from nodegraph.values import KINDS, kind_of

SEED = 7
DT = BLOCK / RATE


class Walker(Drawn):
    """Runs a patch node by node; what it keeps is last values, states and rests by node id."""

    def __init__(self, patch: Patch, watch: Collection[str] | None = None) -> None:
        super().__init__(patch, watch)
        self.values: dict[str, Any] = {}
        self.states: dict[str, Any] = {}
        self.removed: dict[str, tuple[dict[str, str], Any]] = {}
        self.wake: dict[str, int] = {}
        self.faults: dict[str, int] = {}
        self.kinds: dict[str, dict[str, str]] = {}
        self.ticks = 0
        self.edit(patch)

    def edit(self, patch: Patch, fresh: Collection[str] = ()) -> None:
        """Take another patch; `fresh` nodes begin anew."""
        self.draw(patch)
        kept = self.kinds
        types = {id: f"{self.type(id).id} {self.mode(id)}" for id in self.needed()}
        self.kinds = {id: {"": types[id], **self.port_kinds(id)} for id in types}
        same = {id for id in self.kinds if self.kinds[id] == kept.get(id)}
        for id in fresh:
            self.removed.pop(id, None)
        back = {
            id: state
            for id, (kinds, state) in self.removed.items()
            if id not in same and self.kinds.get(id) == kinds
        }
        for id, state in self.states.items():
            if id not in same:
                self.removed[id] = (kept[id], state)
        goes_on = same - set(fresh)
        self.values = {k: v for k, v in self.values.items() if k.partition(".")[0] in goes_on}
        self.states = {k: v for k, v in self.states.items() if k in goes_on} | back
        self.faults = {k: v for k, v in self.faults.items() if k in types}
        self.wake = {}

    def turn(self, patch: Patch, id: str) -> None:
        """Take a patch in which one node has another param; it is tried at once if it rests."""
        self.draw(patch)
        self.wake.pop(id, None)
        self.faults.pop(id, None)

    def restart(self) -> None:
        """Go on in another engine: with all that nodes remember, and with no edge seen twice. What
        a removed node remembered is known if its id was not given to another."""
        edges = set()
        for id in self.kinds:
            for wire in filter(None, (self.wire(id, port) for port in self.ports(id))):
                ends = self.ends(wire)
                if ends[1] == "trigger" and ends[0] != "trigger":
                    edges.add(str(wire.source))
        self.values = {port: value for port, value in self.values.items() if port in edges}
        self.removed = {id: it for id, it in self.removed.items() if id not in self.states}
        self.wake, self.faults = {}, {}

    def ends(self, wire: Wire) -> tuple[str, str]:
        """The kinds at both ends of a wire."""
        given = self.kinds[wire.source.node][f"out {wire.source.port}"]
        return given, self.kinds[wire.target.node][f"in {wire.target.port}"]

    def tick(self, brought: Mapping[str, Any]) -> list[Message]:
        before, self.values = self.values, {}
        messages: list[Message] = []
        n = self.ticks
        self.ticks += 1

        def last(id: str, port: str) -> Any:
            return before.get(f"{id}.{port}", KINDS[self.kinds[id][f"out {port}"]].default)

        def arriving(wire: Wire) -> Any:
            id, port = wire.source
            a, b = self.ends(wire)
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
                choices = shipped() if param.themes else param.choices
                return x if not choices or x in choices else param.default
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
                "themes": shipped,
            }[name]()

        def call(id: str) -> list[Any]:
            """What a node returns, as a list; raises what it raises."""
            type_ = self.type(id)
            if self.mode(id):
                passed = self.passed(id)
                wires = {out: self.wire(id, name or "") for out, name in passed.items()}
                nothing = {out: KINDS[self.kinds[id][f"out {out}"]].default for out in passed}
                return [arriving(w) if w else nothing[out] for out, w in wires.items()]
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
            if type_.stateful and not self.mode(id):
                self.states[id] = given.pop(0)
            for port, value in zip(ports, given, strict=True):
                kind = self.kinds[id][f"out {port}"]
                if kind == "message":
                    messages.extend([value] if value is not None else [])
                else:
                    self.values[ports[port]] = float(value) if kind == "number" else value

        latches = [id for id in self.kinds if self.latch(id)]
        for id in latches:
            (port,) = self.type(id).outlets
            self.values[f"{id}.{port}"] = self.states.get(
                id, KINDS[self.kinds[id][f"out {port}"]].default
            )
        waiting = [id for id in self.kinds if id not in latches]
        while waiting:
            later = []
            for id in waiting:
                if self.sources(id) & set(waiting):
                    later.append(id)
                else:
                    run(id)
                    waiting = [other for other in waiting if other != id]
            assert len(later) == len(waiting)
        for id in latches:
            self.states[id] = call(id)[0]
        return messages


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
