"""The node types that a patch brings itself: one for each of its subpatches, and their ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from nodegraph.editor.wiring import Wiring, fits
from nodegraph.graph import Patch, Port
from nodegraph.graph.definitions import INLET, INSTANCE, OUTLET, PORT_IN, PORT_OUT
from nodegraph.nodetype import ANY, REQUIRED, Inlet, NodeType, Outlet, Param
from nodegraph.values import KINDS

_KINDS_ON_WIRES = KINDS.keys() - {"message"}


def with_instances(
    types: Mapping[str, NodeType],
    subpatches: Mapping[str, Patch],
    before: Before | None = None,
) -> dict[str, NodeType]:
    """The node types with `subpatch.NAME` for each definition, as its instances look outside.

    With what was made `before`, what did not change stays the same object.
    """
    making = _Making(types, subpatches, before)
    for name in subpatches:
        making.make(name)
    return making.known


def inside(types: Mapping[str, NodeType]) -> dict[str, NodeType]:
    """The node types as they are in a definition, where nothing is wired to an inlet's inlet."""
    changed = {}
    if INLET in types:
        outlet = replace(types[INLET].outlets[PORT_OUT], like=None)
        changed[INLET] = replace(types[INLET], inlets={}, outlets={PORT_OUT: outlet})
    if OUTLET in types:
        changed[OUTLET] = replace(types[OUTLET], outlets={})
    return {**types, **changed}


class Before(NamedTuple):
    """What types were made of, and what they became."""

    types: Mapping[str, NodeType]
    subpatches: Mapping[str, Patch]
    made: Mapping[str, NodeType]


class _Making:
    """Makes types of definitions, those inside others first."""

    def __init__(
        self,
        types: Mapping[str, NodeType],
        subpatches: Mapping[str, Patch],
        before: Before | None,
    ) -> None:
        self.known = dict(types)
        self._subpatches = subpatches
        self._before = before if before and before.types is types else Before(types, {}, {})
        self._begun: set[str] = set()

    def make(self, name: str) -> None:
        """Make the type of a definition; in itself it is a ghost, as for the compiler."""
        if name in self._begun or name not in self._subpatches:
            return
        self._begun.add(name)
        definition = self._subpatches[name]
        inner = {node.type for node in definition.nodes.values() if node.type.startswith(INSTANCE)}
        for type_ in sorted(inner):
            self.make(type_.removeprefix(INSTANCE))
        made, id = self._before.made, INSTANCE + name
        same = self._before.subpatches.get(name) is definition and all(
            made.get(type_) is self.known.get(type_) for type_ in inner - {id}
        )
        self.known[id] = made[id] if same and id in made else self._type(name, definition)

    def _type(self, name: str, definition: Patch) -> NodeType:
        wiring = Wiring(definition, inside(self.known))
        nodes = definition.nodes.items()
        inlets = [self._inlet(wiring, definition, id) for id, node in nodes if node.type == INLET]
        outlets = [_outlet(wiring, definition, id) for id, node in nodes if node.type == OUTLET]
        params = [
            param
            for exposed, address in definition.exposed.items()
            if (param := self._param(wiring, definition, exposed, address)) is not None
        ]
        return NodeType(
            id=INSTANCE + name,
            version=1,
            function=_elsewhere,
            title=definition.name or name.replace("_", " ").capitalize(),
            aliases=(),
            doc=definition.note or f"What is in the subpatch {name}.",
            arguments=(),
            keywords=frozenset(),
            inlets={inlet.name: inlet for inlet in inlets},
            params={param.name: param for param in params},
            outlets={outlet.name: outlet for outlet in outlets},
            stateful=True,
            state=None,
            latch=False,
            output=False,
            source=None,
            rows=None,
            row_params=(),
            upgrade=None,
            file="",
            line=0,
        )

    def _inlet(self, wiring: Wiring, definition: Patch, id: str) -> Inlet:
        """An inlet as those who read it inside want it."""
        readers = []
        for wire in definition.wires_from(id):
            type_ = wiring.type_of(wire.target.node)
            if type_ and wire.target.port in type_.targets:
                readers.append((type_.targets[wire.target.port], wiring.target_kind(wire.target)))
        kind = _strictest([kind for _, kind in readers if kind])
        found = Inlet(id, kind, 0.0 if kind == "number" else None, "", None, None, "")
        for target, wanted in readers:
            if wanted == kind:
                found = replace(
                    found,
                    default=target.default,
                    unit=target.unit,
                    low=target.low,
                    high=target.high,
                )
                break
        needed = any(target.default is REQUIRED for target, _ in readers)
        told = [target.help for target, _ in readers if target.help]
        return replace(
            found, default=REQUIRED if needed else found.default, help=told[0] if told else ""
        )

    def _param(self, wiring: Wiring, definition: Patch, name: str, address: str) -> Param | None:
        """An exposed param, beginning with what the definition sets it to."""
        id, _, inner = address.partition(".")
        type_ = wiring.type_of(id)
        if type_ is None or inner not in type_.params:
            return None
        param = type_.params[inner]
        given = definition.nodes[id].params.get(inner)
        if isinstance(given, bool | int | float | str):
            param = replace(param, default=given)
        return replace(param, name=name)


def _outlet(wiring: Wiring, definition: Patch, id: str) -> Outlet:
    """An outlet as what leads to it inside gives it."""
    wire = definition.wire_to(Port(id, PORT_IN))
    kind = wiring.outlet_kind(wire.source) if wire else None
    origin = wiring.type_of(wire.source.node) if wire else None
    if wire is None or kind is None or origin is None:
        return Outlet(id, ANY, "", None, None, None, None, "")
    like = wire.source.node if origin.id == INLET else None
    return replace(origin.outlets[wire.source.port], name=id, kind=kind, like=like, safe=None)


def _elsewhere(*values: object) -> None:
    """Stands for what the compiler makes of the nodes inside."""
    raise RuntimeError("an instance of a subpatch is no function")


def _strictest(kinds: list[str]) -> str:
    """The kind such that whatever fits it fits all; `any` if there is none."""
    held = [kind for kind in kinds if kind != ANY]

    def fitting(kind: str) -> set[str]:
        return {each for each in _KINDS_ON_WIRES if fits(each, kind)}

    for kind in held:
        if all(fitting(kind) <= fitting(other) for other in held):
            return kind
    return ANY
