"""What edits are made of: look-ups that raise EditError, and copies with one thing changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import chain, count
from types import MappingProxyType
from typing import TypeVar

from nodegraph.errors import EditError, PatchError
from nodegraph.graph.model import Group, Node, Patch, Port, Position, Wire, ordered, position
from nodegraph.graph.rules import exposure_fault, id_fault, port_fault, short

_T = TypeVar("_T")


def find(patch: Patch, node: str) -> Node:
    """Return the node of this id."""
    try:
        return patch.nodes[node]
    except KeyError:
        raise EditError(f"there is no node {short(node)}: it may be removed or renamed") from None


def definition(patch: Patch, subpatch: str) -> Patch:
    """Return the definition of this id."""
    try:
        return patch.subpatches[subpatch]
    except KeyError:
        fault = f"there is no subpatch {short(subpatch)}: it may be removed or renamed"
        raise EditError(fault) from None


def change(patch: Patch, node: str, **fields: object) -> Patch:
    """Return the patch with some fields of a node changed."""
    try:
        changed = replace(find(patch, node), **fields)  # type: ignore[arg-type] # checked by Node
    except PatchError as error:
        raise EditError(f"{node} cannot be set so: {error.problems[0].text}") from None
    return patch.evolve(nodes=put(patch.nodes, node, changed))


def check_free(patch: Patch, node: str) -> None:
    """Refuse an id that is malformed or taken."""
    if fault := id_fault(node):
        raise EditError(fault)
    if node in patch.nodes:
        raise EditError(f"there is a node {short(node)} already: choose another id")


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id that is not taken: the one that is wanted, or else it with a number."""
    numbered = (f"{wanted}_{number}" for number in count(2))
    return next(id for id in chain([wanted], numbered) if id not in taken)


def check_free_definition(patch: Patch, subpatch: str) -> None:
    """Refuse an id for a definition that is malformed or taken."""
    if fault := id_fault(subpatch):
        raise EditError(fault)
    if subpatch in patch.subpatches:
        raise EditError(f"there is a subpatch {short(subpatch)} already: choose another name")


def check_ends(patch: Patch, wire: Wire) -> None:
    """Refuse a wire that cannot be drawn in this patch."""
    if fault := port_fault(wire.source, patch.nodes) or port_fault(wire.target, patch.nodes):
        raise EditError(f"{wire} cannot be drawn: {fault}")


def check_exposure(patch: Patch, name: str, address: str | None) -> None:
    """Refuse a param that this patch cannot expose under `name`; None is to expose none."""
    if address is None:
        if name not in patch.exposed:
            raise EditError(f"nothing is exposed as {short(name)}")
        return
    if fault := exposure_fault(name, address, patch.nodes):
        raise EditError(fault)
    for other, taken in patch.exposed.items():
        if taken == address and other != name:
            raise EditError(f"{address} is exposed as {short(other)}: take that away first")


def checked_position(node: str, at: Position) -> Position:
    """Return a position that a patch file can hold."""
    try:
        return position(at)
    except ValueError as fault:
        raise EditError(f"{node} cannot be placed: {fault}") from None


def put(mapping: Mapping[str, _T], key: str, value: _T | None) -> Mapping[str, _T]:
    """Return `mapping` with `key` set or, for None, left out; still in the order of keys."""
    changed = dict(mapping)
    if value is None:
        changed.pop(key, None)
        return MappingProxyType(changed)
    changed[key] = value
    return MappingProxyType(changed) if key in mapping else ordered(changed)


def touches(wire: Wire, node: str) -> bool:
    """Say whether a wire begins or ends at a node."""
    return node in (wire.source.node, wire.target.node)


def rename_ends(wire: Wire, old: str, new: str) -> Wire:
    """Return the wire as it is when node `old` is called `new`."""
    if not touches(wire, old):
        return wire
    source, target = wire
    return Wire(
        Port(new, source.port) if source.node == old else source,
        Port(new, target.port) if target.node == old else target,
    )


def regroup(groups: Mapping[str, Group], old: str, new: str | None) -> Mapping[str, Group]:
    """Return the groups with node `old` called `new` in each that has it, or taken out."""
    changed = {}
    for name, group in groups.items():
        if old in group.nodes:
            rest = tuple(node for node in group.nodes if node != old)
            changed[name] = replace(group, nodes=rest if new is None else (*rest, new))
    return MappingProxyType({**groups, **changed}) if changed else groups


def exposures(exposed: Mapping[str, str], old: str, new: str | None) -> Mapping[str, str]:
    """Return what is exposed with node `old` called `new`, or without it."""
    changed = {}
    for name, address in exposed.items():
        node, _, param = address.partition(".")
        if node != old:
            changed[name] = address
        elif new is not None:
            changed[name] = f"{new}.{param}"
    return MappingProxyType(changed)
