"""Make a subpatch of some nodes of a patch, and nodes of a subpatch again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from nodegraph.errors import EditError
from nodegraph.graph.definitions import (
    INLET,
    INSTANCE,
    OUTLET,
    PORT_IN,
    PORT_OUT,
    SetSubpatch,
    Within,
)
from nodegraph.graph.edits import AddNode, AddWire, Batch, Edit, Expose, RemoveNode, SetGroup
from nodegraph.graph.frozen import is_number
from nodegraph.graph.model import Group, Node, Patch, Port, Position, Wire, position
from nodegraph.graph.parts import check_free_definition, definition, find, free_id

ASIDE, DOWN = 300, 80  # pixels from the nodes of a definition to its ports, and between ports


def collapse(patch: Patch, nodes: Collection[str], name: str, within: str = "") -> Edit:
    """Return the edit that makes of `nodes` the subpatch `name`, with one instance in their place.

    Whatever they are wired to stays wired: the definition has an inlet for each outlet outside that
    they read, and an outlet for each of theirs that is read outside. The instance lies in their
    middle, which is the definition's origin. A frame around no others moves inside; one around them
    all and more has the instance in their place. `within` is the definition that they are in, if
    they are in one; what it exposes of them stays exposed.

    Raises EditError if a node is not there or is a port of `within`, or if `name` cannot be had.
    """
    outer = definition(patch, within) if within else patch
    check_free_definition(patch, name)
    if not nodes:
        raise EditError("there is nothing to make a subpatch of: select some nodes")
    for node in sorted(nodes):
        if find(outer, node).type in (INLET, OUTLET):
            raise EditError(f"{node} is a port of the subpatch that it is in: leave it out")
    cut = _Cut(outer, frozenset(nodes))
    edits = Batch(tuple(cut.edits(name)))
    return Batch((SetSubpatch(name, cut.inside()), Within(within, edits) if within else edits))


def expand(patch: Patch, node: str, within: str = "") -> Edit:
    """Return the edit that puts the nodes of a subpatch in the place of its instance `node`.

    They are set as this instance had them: its params through what is exposed, its mode and solo.
    They keep their ids where those are free; they are wired to what the instance was wired to, lie
    around where it lay, and are in the frames that it was in. The definition stays. Lost is what
    led nowhere: params and wires of names that the definition does not have.

    After `collapse` this gives the patch that was, but for the definition, frames that were around
    a part of the nodes and others too, and what moving by the middle and back rounds.
    """
    outer = definition(patch, within) if within else patch
    type_ = find(outer, node).type
    if not type_.startswith(INSTANCE):
        raise EditError(f"{node} is no subpatch, but of type {type_}: there is nothing inside")
    inner = definition(patch, type_.removeprefix(INSTANCE))
    edits = Batch(tuple(_Inlay(outer, node, inner).edits()))
    return Within(within, edits) if within else edits


class _Cut:
    """A patch that is cut around some of its nodes: what is inside, and what becomes of it."""

    def __init__(self, outer: Patch, nodes: frozenset[str]) -> None:
        self.outer = outer
        self.nodes = nodes
        self.inlets: dict[Port, str] = {}  # the id by the outlet outside
        self.outlets: dict[Port, str] = {}  # the id by the outlet inside
        taken = set(nodes)
        for source, target in outer.wires:
            if target.node in nodes and source.node not in nodes and source not in self.inlets:
                self.inlets[source] = _take(_as_id(target.port), taken)
            if source.node in nodes and target.node not in nodes and source not in self.outlets:
                self.outlets[source] = _take(_as_id(source.port), taken)
        taken = set(self.inlets.values())  # which are names of the instance too
        self.exposed = {
            name: _take(name, taken)
            for name, address in outer.exposed.items()
            if address.partition(".")[0] in nodes
        }
        self.middle = _middle([at for node, at in outer.layout.items() if node in nodes])

    def inside(self) -> Patch:
        """Return the definition."""
        wires = [
            Wire(source if source.node in self.nodes else Port(self.inlets[source], PORT_OUT), to)
            for source, to in self.outer.wires
            if to.node in self.nodes
        ]
        wires += [Wire(source, Port(id, PORT_IN)) for source, id in self.outlets.items()]
        return Patch(
            nodes={
                **{node: self.outer.nodes[node] for node in self.nodes},
                **dict.fromkeys(self.inlets.values(), Node(INLET)),
                **dict.fromkeys(self.outlets.values(), Node(OUTLET)),
            },
            wires=tuple(wires),
            groups={name: group for name, group in self.outer.groups.items() if self.holds(group)},
            layout=self.layout(),
            exposed={inner: self.outer.exposed[name] for name, inner in self.exposed.items()},
        )

    def edits(self, name: str) -> Iterator[Edit]:
        """Yield what makes of the nodes one instance of the subpatch `name`."""
        instance = free_id(name, self.outer.nodes.keys() - self.nodes)
        yield from (RemoveNode(node) for node in sorted(self.nodes))
        yield AddNode(instance, Node(INSTANCE + name), self.middle)
        yield from (AddWire(Wire(outlet, Port(instance, id))) for outlet, id in self.inlets.items())
        for source, target in self.outer.wires:
            if source.node in self.nodes and target.node not in self.nodes:
                yield AddWire(Wire(Port(instance, self.outlets[source]), target))
        for id, group in self.outer.groups.items():
            if self.holds(group):
                yield SetGroup(id, None)
            elif self.nodes.issubset(group.nodes):
                rest = set(group.nodes) - self.nodes
                yield SetGroup(id, replace(group, nodes=(*rest, instance)))
        for id, inner in self.exposed.items():
            yield Expose(id, f"{instance}.{inner}")

    def holds(self, group: Group) -> bool:
        """Say whether a frame is around nodes inside only."""
        return bool(group.nodes) and self.nodes.issuperset(group.nodes)

    def layout(self) -> dict[str, Position]:
        """Return where things lie, seen from the middle; ports are beside the nodes."""
        if self.middle is None:
            return {}
        x, y = self.middle
        nodes = self.nodes & self.outer.layout.keys()
        placed = _moved({node: self.outer.layout[node] for node in nodes}, -x, -y)
        if not placed:
            return {}
        xs, top = [x for x, _ in placed.values()], min(y for _, y in placed.values())
        inlets = {id: (min(xs), top + DOWN * row) for row, id in enumerate(self.inlets.values())}
        outlets = {id: (max(xs), top + DOWN * row) for row, id in enumerate(self.outlets.values())}
        return placed | _moved(inlets, -ASIDE, 0) | _moved(outlets, ASIDE, 0)


class _Inlay:
    """The nodes of a definition as they lie in a patch, in the place of one instance."""

    def __init__(self, outer: Patch, instance: str, inner: Patch) -> None:
        self.outer = outer
        self.instance = instance
        self.inner = inner
        taken = set(outer.nodes) - {instance}
        self.ids = {  # in the patch, of the nodes that are no ports
            id: _take(id, taken)
            for id, node in inner.nodes.items()
            if node.type not in (INLET, OUTLET)
        }

    def edits(self) -> Iterator[Edit]:
        yield RemoveNode(self.instance)
        places = self.layout()
        for id, new in self.ids.items():
            yield AddNode(new, self.dressed(id), places.get(id))
        yield from (AddWire(wire) for wire in self.wires())
        taken = set(self.outer.groups)
        for id, group in self.inner.groups.items():
            nodes = tuple(self.ids[node] for node in group.nodes if node in self.ids)
            yield SetGroup(_take(id, taken), replace(group, nodes=nodes))
        for id, group in self.outer.groups.items():
            if self.instance in group.nodes:
                rest = set(group.nodes) - {self.instance}
                yield SetGroup(id, replace(group, nodes=(*rest, *self.ids.values())))
        for name, address in self.outer.exposed.items():
            node, _, param = address.partition(".")
            if node == self.instance and (inner := self.param(param)):
                yield Expose(name, str(inner))

    def dressed(self, id: str) -> Node:
        """Return a node as it is inside this instance."""
        node, instance = self.inner.nodes[id], self.outer.nodes[self.instance]
        params = {
            address.partition(".")[2]: instance.params[name]
            for name, address in self.inner.exposed.items()
            if name in instance.params and address.partition(".")[0] == id
        }
        return replace(
            node,
            params={**node.params, **params},
            mode="mute" if "mute" in (node.mode, instance.mode) else instance.mode or node.mode,
            solo=node.solo or instance.solo,
        )

    def layout(self) -> dict[str, Position]:
        """Return where the nodes lie in the patch, by their ids in the definition."""
        at = self.outer.layout.get(self.instance)
        return _moved(self.inner.layout, *at) if at else {}

    def wires(self) -> Iterator[Wire]:
        """Yield the wires inside, then those that came to the instance or left it."""
        for source, target in self.inner.wires:
            if target.node in self.ids and (found := self.within(source)):
                yield Wire(found, Port(self.ids[target.node], target.port))
        for source, target in self.outer.wires:
            if self.instance in (source.node, target.node) and (found := self.outside(source)):
                end = self.param(target.port) if target.node == self.instance else target
                if end:
                    yield Wire(found, end)

    def within(self, source: Port, passed: frozenset[Port] = frozenset()) -> Port | None:
        """Return the outlet that an outlet of the definition is in the patch, if it is one."""
        if source.node in self.ids:
            return Port(self.ids[source.node], source.port)
        if self.inner.nodes[source.node].type != INLET:
            return None
        wire = self.outer.wire_to(Port(self.instance, source.node))
        return self.outside(wire.source, passed) if wire else None

    def outside(self, source: Port, passed: frozenset[Port] = frozenset()) -> Port | None:
        """Return the outlet that an outlet of the patch is, also if it is one of the instance."""
        if source.node != self.instance:
            return source
        wire = self.inner.wire_to(Port(source.port, PORT_IN))
        if wire is None or source in passed or self.inner.nodes[source.port].type != OUTLET:
            return None  # nothing arrives there, or only what left there
        return self.within(wire.source, passed | {source})

    def param(self, name: str) -> Port | None:
        """Return the param in the patch that the instance's param is, if it is exposed."""
        node, _, param = self.inner.exposed.get(name, "").partition(".")
        return Port(self.ids[node], param) if node in self.ids else None


def _take(wanted: str, taken: set[str]) -> str:
    free = free_id(wanted, taken)
    taken.add(free)
    return free


def _as_id(port: str) -> str:
    return re.sub(r"^[^a-z]+", "", port.lower()) or "port"


def _middle(places: Collection[Position]) -> Position | None:
    """Return the middle of the box around places, in whole pixels; None for none or beyond."""
    if not places:
        return None
    xs, ys = [x for x, _ in places], [y for _, y in places]
    try:
        return position([round(min(xs) / 2 + max(xs) / 2), round(min(ys) / 2 + max(ys) / 2)])
    except ValueError:
        return None


def _moved(places: Mapping[str, Position], x: float, y: float) -> dict[str, Position]:
    """Return the places moved by (x, y), without those that end up beyond all numbers."""
    moved = {id: (at[0] + x, at[1] + y) for id, at in places.items()}
    return {id: at for id, at in moved.items() if all(map(is_number, at))}
