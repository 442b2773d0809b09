"""Random patches of a show, with subpatches, named links and switches, and random edits of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from walker_nodes import BUILT_IN, OWN, TYPES, count, either, faulty, latch, send
from walker_patches import random_patch, random_value

from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import REQUIRED
from nodegraph.spec import type_of
from nodegraph.values import NUMERIC

SIMPLE = [
    function
    for function in (*OWN, *BUILT_IN)
    if all(
        each.kind in NUMERIC and each.default is not REQUIRED
        for each in type_of(function).inlets.values()
    )
    and all(each.kind in NUMERIC for each in type_of(function).outlets.values())
    and type_of(function).source is None
]
"""Node types of numbers and switches, whose inlets may stay unwired."""

NAMES = ("", "tempo", "glow")


@dataclass(frozen=True)
class Show:
    """What a random patch is made of: a head, what stands for subpatches and links, and a tail that
    reads from these."""

    head: Patch
    definitions: Mapping[str, Patch]
    body: Mapping[str, Node]
    wires: Mapping[Port, Port]
    modes: Mapping[str, tuple[str, bool]] = field(default_factory=dict)

    @property
    def patch(self) -> Patch:
        """All of it as a patch."""
        nodes = {**self.head.nodes, **self.body}
        for id, (mode, solo) in self.modes.items():
            if id in nodes:
                nodes[id] = replace(nodes[id], mode=mode, solo=solo)
        wires = {wire.target: wire for wire in self.head.wires}
        numbers = _numbers(self.head)
        for target, source in self.wires.items():
            stands = source in numbers or source.node in self.body
            if stands and (target.node in self.body or self._latch(target.node)):
                wires.setdefault(target, Wire(source, target))
        for id, node in self.body.items():
            if node.type == "flow.send":  # it has to have a wire
                wires.setdefault(Port(id, "value"), Wire(numbers[0], Port(id, "value")))
        return Patch(nodes=nodes, wires=tuple(wires.values()), subpatches=self.definitions)

    def _latch(self, id: str) -> bool:
        return id in self.head.nodes and TYPES[self.head.nodes[id].type].latch


def random_definition(rng: Random, inner: str | None = None) -> Patch:
    """A subpatch with inlets, outlets and exposed params; with an instance of another inside."""
    nodes: dict[str, Node] = {name: Node("flow.inlet") for name in ("i0", "i1")}
    wires: list[Wire] = []
    exposed: dict[str, str] = {}
    numbers = [Port("i0", "out"), Port("i1", "out")]
    for rank in range(rng.randint(2, 5)):
        id, type_ = f"m{rank}", type_of(rng.choice(SIMPLE))
        params = {
            name: random_value(rng, type_, name) for name in type_.params if rng.random() < 0.3
        }
        nodes[id] = Node(type_.id, params=params)
        for name, port in {**type_.inlets, **type_.params}.items():
            wish = 0.1 if name in type_.params else 0.8
            if port.kind in ("number", "trigger") and rng.random() < wish:
                wires.append(Wire(rng.choice(numbers), Port(id, name)))
        for name, param in type_.params.items():
            if param.kind == "number" and rng.random() < 0.4:
                exposed[f"{id}_{name}"] = f"{id}.{name}"
        numbers += [Port(id, out.name) for out in type_.outlets.values() if out.kind == "number"]
    if inner is not None:
        nodes["deep"] = Node(f"subpatch.{inner}")
        wires.append(Wire(rng.choice(numbers), Port("deep", "i0")))
        numbers.append(Port("deep", "o0"))
        nodes["r"] = Node("flow.receive", params={"name": rng.choice(NAMES)})
        wires += [Wire(rng.choice(numbers), Port("r", "value"))] if rng.random() < 0.5 else []
    for name in ("o0", "o1"):
        nodes[name] = Node("flow.outlet")
        if name == "o0" or rng.random() < 0.5:
            wires.append(Wire(rng.choice(numbers[2:] or numbers), Port(name, "value")))
    return Patch(nodes=nodes, wires=tuple(wires), exposed=exposed)


def random_show(rng: Random) -> Show:
    """A patch of everything that there is."""
    head = random_patch(rng, rng.randint(10, 22))
    inner = random_definition(rng)
    outer = random_definition(rng, "inner")
    given = {f"deep_{name}": f"deep.{name}" for name in [*inner.exposed][:2]}
    outer = replace(outer, exposed={**outer.exposed, **given})
    definitions = {"inner": inner, "outer": outer}
    body: dict[str, Node] = {}
    wires: dict[Port, Port] = {}
    numbers = _numbers(head)
    for id in ("v0", "v1", "v2"):
        name = rng.choice(("inner", "outer"))
        body[id] = _set(rng, definitions, Node(f"subpatch.{name}"))
        for port in ("i0", "i1", *definitions[name].exposed):
            if rng.random() < (0.6 if port in ("i0", "i1") else 0.2):
                wires[Port(id, port)] = rng.choice(numbers)
    for id, name in zip(("s0", "s1"), rng.sample(NAMES, 2), strict=True):
        body[id] = Node("flow.send", params={"name": name})
        wires[Port(id, "value")] = rng.choice(numbers)
    for id in ("r0", "r1"):
        body[id] = Node("flow.receive", params={"name": rng.choice(NAMES)})
        if rng.random() < 0.5:
            wires[Port(id, "value")] = rng.choice(numbers)
    late = [*[Port(f"v{n}", "o0") for n in range(3)], Port("r0", "out"), Port("r1", "out")]
    for rank in range(8):
        id, type_ = f"z{rank}", type_of(rng.choice((count, faulty, send, latch, either)))
        body[id] = Node(type_.id)
        for name, inlet in type_.inlets.items():
            if inlet.kind in ("number", "trigger", "any"):
                wires[Port(id, name)] = rng.choice(late)
        late += [Port(id, out.name) for out in type_.outlets.values() if out.kind == "number"]
    for id, node in head.nodes.items():  # loops through latches
        if TYPES[node.type].latch and head.wire_to(Port(id, "value")) is None:
            wires[Port(id, "value")] = rng.choice(late)
    return Show(head, definitions, body, wires)


def random_edit(rng: Random, show: Show) -> Show:
    """The show with something changed: structure, a definition, a switch, params, names."""
    edit: Callable[[Random, Show], Show] = rng.choice(
        (_rebuild, _redefine, _switch, _switch, _turn_instance, _rename, _rewire)
    )
    return edit(rng, show)


def _rebuild(rng: Random, show: Show) -> Show:
    return replace(
        show, head=random_patch(rng, len(show.head.nodes) + rng.randint(-2, 3), show.head)
    )


def _redefine(rng: Random, show: Show) -> Show:
    name = rng.choice([*show.definitions])
    definition = show.definitions[name]
    id = rng.choice([id for id, node in definition.nodes.items() if node.type in TYPES])
    type_ = TYPES[definition.nodes[id].type]
    params = {name: random_value(rng, type_, name) for name in type_.params if rng.random() < 0.6}
    if type_.id == "flow.receive":
        params = {"name": rng.choice(NAMES)}
    node = replace(definition.nodes[id], params=params, mode=rng.choice(("", "", "mute", "bypass")))
    changed = replace(definition, nodes={**definition.nodes, id: node})
    return replace(show, definitions={**show.definitions, name: changed})


def _switch(rng: Random, show: Show) -> Show:
    id = rng.choice([*show.head.nodes, *show.body])
    mode = (rng.choice(("", "", "mute", "bypass", "bypass")), rng.random() < 0.25)
    kept = dict(rng.sample([*show.modes.items()], min(len(show.modes), 6)))
    return replace(show, modes={**kept, id: mode})


def _turn_instance(rng: Random, show: Show) -> Show:
    id = rng.choice(("v0", "v1", "v2"))
    node = _set(rng, show.definitions, show.body[id])
    return replace(show, body={**show.body, id: node})


def _rename(rng: Random, show: Show) -> Show:
    names = dict(zip(("s0", "s1"), rng.sample(NAMES, 2), strict=True))
    names["r0"] = rng.choice(NAMES)
    renamed = {id: replace(show.body[id], params={"name": name}) for id, name in names.items()}
    return replace(show, body={**show.body, **renamed})


def _rewire(rng: Random, show: Show) -> Show:
    numbers = _numbers(show.head)
    wires = dict(show.wires)
    for target in [port for port in wires if port.node[0] in "vr"]:
        if rng.random() < 0.4:
            del wires[target]
    wires[Port(f"v{rng.randrange(3)}", rng.choice(("i0", "i1")))] = rng.choice(numbers)
    return replace(show, wires=wires)


def _set(rng: Random, definitions: Mapping[str, Patch], instance: Node) -> Node:
    definition = definitions[instance.type.removeprefix("subpatch.")]
    names = [name for name in definition.exposed if rng.random() < 0.4]
    params = {name: _exposed(rng, definitions, definition, name) for name in names}
    return replace(instance, params=params)


def _exposed(rng: Random, definitions: Mapping[str, Patch], definition: Patch, name: str) -> Any:
    id, _, param = definition.exposed[name].partition(".")
    node = definition.nodes[id]
    if node.type.startswith("subpatch."):
        inner = definitions[node.type.removeprefix("subpatch.")]
        return _exposed(rng, definitions, inner, param)
    return random_value(rng, TYPES[node.type], param)


def _numbers(head: Patch) -> list[Port]:
    """Every outlet of numbers of a head; it always has some."""
    return [
        Port(id, out.name)
        for id, node in head.nodes.items()
        for out in TYPES[node.type].outlets.values()
        if out.kind == "number"
    ]
