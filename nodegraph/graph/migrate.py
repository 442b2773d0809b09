"""Bring patch files of old formats up to date, one pure function per format.

A step takes the document of one format and returns that of the next. It changes what it recognises
and leaves the rest as it is, for the reader of the current format to report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nodegraph.graph.jsontext import Tree

# Fields that were added since (a node's mode and solo, subpatches, what they expose) may be absent,
# and an older nodegraph keeps what it does not know: only what it would misread raises the format.
FORMAT = 1


def migrate(document: dict[str, Tree], version: int) -> dict[str, Tree]:
    """Return a document of format `version` (0 to `FORMAT`) as one of format `FORMAT`."""
    for step in range(version, FORMAT):
        document = STEPS[step](document)
    return document


def _number_formats(document: dict[str, Tree]) -> dict[str, Tree]:
    """0 to 1: the file says its format; type and version are one text, and so is a wire."""
    changed: dict[str, Tree] = {**document, "nodegraph": 1}
    nodes, wires = document.get("nodes"), document.get("wires")
    if isinstance(nodes, dict):
        changed["nodes"] = {name: _join_version(entry) for name, entry in nodes.items()}
    if isinstance(wires, list):
        changed["wires"] = [_join_ends(wire) for wire in wires]
    return changed


def _join_version(entry: Tree) -> Tree:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return entry
    joined = {name: value for name, value in entry.items() if name != "version"}
    if "version" in entry:
        joined["type"] = f"{entry['type']}@{entry['version']}"
    return joined


def _join_ends(wire: Tree) -> Tree:
    match wire:
        case [str(source), str(target)]:
            return f"{source} -> {target}"
    return wire


STEPS: Mapping[int, Callable[[dict[str, Tree]], dict[str, Tree]]] = {0: _number_formats}
