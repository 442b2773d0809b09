"""What makes a patch whole, in one place: the patch, its edits and its file all ask here.

Each broken rule is a `Problem` whose `field` is the path in a patch file, so that the reader of
files only has to add the line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from nodegraph.errors import Problem

if TYPE_CHECKING:
    from nodegraph.graph.model import Group, Patch, Port, Wire

ID = r"[a-z][a-z0-9_]*"
PORT = r"[A-Za-z_][A-Za-z0-9_]*"

_ID = re.compile(ID)
_PORT = re.compile(PORT)
_ADDRESS = re.compile(rf"({ID})\.({PORT})")

NESTED = "a definition holds no others: put them beside it, in the patch's own subpatches"
THEMED = "a definition has no themes of its own: it sees those of the patch, put them there"


def id_fault(name: str) -> str | None:
    """Say what is wrong with the id of a node, a group or a subpatch, if anything is."""
    if isinstance(name, str) and _ID.fullmatch(name):
        return None
    return f"{short(name)} is not an id: use small letters, digits and _, beginning with a letter"


def port_fault(port: Port, ids: Collection[str]) -> str | None:
    """Say why a wire cannot end at `port` in a patch of these node ids, if it cannot."""
    if not isinstance(port.port, str) or not _PORT.fullmatch(port.port):
        return f"{short(port.port)} is not a port name: use letters, digits and _"
    if port.node not in ids:
        return f"there is no node {short(port.node)}: add it, or remove the wire"
    return None


def exposure_fault(name: str, address: str, ids: Collection[str]) -> str | None:
    """Say why a definition of these node ids cannot expose `address` as `name`, if it cannot."""
    if not isinstance(name, str) or not _PORT.fullmatch(name):
        return f"{short(name)} is not the name of a param: use letters, digits and _"
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        return f"{short(address)} is not the address of a param: write it as 'node.param'"
    if match[1] not in ids:
        return f"there is no node {short(match[1])}: add it, or do not expose its param"
    return None


def nesting_fault(subpatch: Patch) -> str | None:
    """Say why a patch cannot be the definition of a subpatch, if it cannot."""
    return NESTED if subpatch.subpatches else THEMED if subpatch.themes else None


def short(value: object, limit: int = 40) -> str:
    """Return `value` as a sentence can quote it: in quotes, printable, and not too long.

    What is no text or number is written as in a file: `null`, `true`, `['red', 5]`.
    """
    shown = _written(value)
    return shown if len(shown) <= limit else f"{shown[: limit - 2]}…{shown[-1]}"


def _written(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name!r}: {_written(it)}' for name, it in value.items())}}}"
    return repr(value)


def path(parent: str, name: str) -> str:
    """Return the path of a field; a very long name is cut, as every path below would repeat it."""
    name = name if name.isprintable() else repr(name)[1:-1]
    name = name if len(name) <= 64 else name[:63] + "…"
    return f"{parent}.{name}" if parent else name


def violations(
    ids: Collection[str],
    wires: Iterable[tuple[int, Wire]],
    groups: Mapping[str, Group],
    layout: Iterable[str],
    exposed: Mapping[str, str],
    subpatches: Mapping[str, Patch],
) -> Iterator[Problem]:
    """Yield every broken rule of a whole patch; `wires` come with their place in the file."""
    for node in ids:
        if fault := id_fault(node):
            yield Problem(fault, field=path("nodes", node))
    yield from _wire_violations(ids, wires)
    for name, group in groups.items():
        if fault := id_fault(name):
            yield Problem(fault, field=path("groups", name))
        for node in group.nodes:
            if node not in ids:
                fault = f"there is no node {short(node)}: take it out of the group, or add it"
                yield Problem(fault, field=path(path("groups", name), "nodes"))
    for node in layout:
        if node not in ids:
            fault = f"there is no node {short(node)} to place: remove the position, or add the node"
            yield Problem(fault, field=path("layout", node))
    yield from _exposure_violations(ids, exposed)
    for name, subpatch in subpatches.items():
        if fault := id_fault(name):
            yield Problem(fault, field=path("subpatches", name))
        if fault := nesting_fault(subpatch):
            inner = "subpatches" if subpatch.subpatches else "themes"
            yield Problem(fault, field=path(path("subpatches", name), inner))


def _wire_violations(ids: Collection[str], wires: Iterable[tuple[int, Wire]]) -> Iterator[Problem]:
    taken: dict[Port, Wire] = {}
    for index, wire in wires:
        field = f"wires[{index}]"
        fault = port_fault(wire.source, ids) or port_fault(wire.target, ids)
        first = taken.setdefault(wire.target, wire)
        if fault:
            yield Problem(fault, field=field)
        elif first is not wire:
            fault = f"{wire.target} has a wire from {first.source} already: keep one of the two"
            yield Problem(fault, field=field, node=wire.target.node, port=wire.target.port)


def _exposure_violations(ids: Collection[str], exposed: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, address in exposed.items():
        fault = exposure_fault(name, address, ids)
        if not fault and (other := first.setdefault(address, name)) != name:
            fault = f"{address} is exposed as {short(other)} already: keep one of the two"
        if fault:
            yield Problem(fault, field=path("exposed", name))
