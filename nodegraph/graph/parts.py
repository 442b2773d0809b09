"""What edits are made of: look-ups that raise EditError, and copies with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from nodegraph.errors import EditError
from nodegraph.graph.model import Group, Node, Patch, Port, Position, Wire, ordered, position
from nodegraph.graph.rules import id_fault, port_fault, short

_T = TypeVar("_T")


def find(patch: Patch, node: str) -> Node:
    """Return the node of this id."""
    try:
        return patch.nodes[node]
    except KeyError:
        raise EditError(f"there is no node {short(node)}: it may be removed or renamed") from None


def check_free(patch: Patch, node: str) -> None:
    """Refuse an id that is malformed or taken."""
    if fault := id_fault(node):
        raise EditError(fault)
    if node in patch.nodes:
        raise EditError(f"there is a node {short(node)} already: choose another id")


def check_ends(patch: Patch, wire: Wire) -> None:
    """Refuse a wire that cannot be drawn in this patch."""
    if fault := port_fault(wire.source, patch.nodes) or port_fault(wire.target, patch.nodes):
        raise EditError(f"{wire} cannot be drawn: {fault}")


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
