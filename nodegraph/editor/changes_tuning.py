"""Builders of edits that leave the wires as they are: switches, params, frames, names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from nodegraph.errors import EditError
from nodegraph.graph import (
    UNSET,
    Batch,
    Edit,
    Expose,
    Group,
    MoveNode,
    ParamValue,
    Patch,
    Position,
    RenameNode,
    SetGroup,
    SetMode,
    SetParam,
    SetSolo,
)
from nodegraph.graph.parts import free_id
from nodegraph.nodetype import NodeType


def toggle_mode(patch: Patch, nodes: Collection[str], mode: str) -> Edit:
    """Bypass or mute nodes; if all of them are already, let them play."""
    there = sorted(id for id in nodes if id in patch.nodes)
    on = any(patch.nodes[id].mode != mode for id in there)
    return Batch(tuple(SetMode(id, mode if on else "") for id in there))


def toggle_solo(patch: Patch, nodes: Collection[str]) -> Edit:
    """Let nodes play alone; if all of them do already, no longer."""
    there = sorted(id for id in nodes if id in patch.nodes)
    on = any(not patch.nodes[id].solo for id in there)
    return Batch(tuple(SetSolo(id, on) for id in there))


def clear_solo(patch: Patch) -> Edit:
    """Let all nodes play."""
    return Batch(tuple(SetSolo(id, False) for id, node in patch.nodes.items() if node.solo))


def set_param(type_: NodeType | None, node: str, param: str, value: ParamValue) -> Edit:
    """Set a param; one that is set to its default is as good as not set."""
    known = type_.params.get(param) if type_ else None
    if known is not None and type(value) is type(known.default) and value == known.default:
        return SetParam(node, param, UNSET)
    return SetParam(node, param, value)


def unset_params(patch: Patch, nodes: Collection[str]) -> Edit:
    """Set all params of nodes back to their defaults."""
    return Batch(
        tuple(
            SetParam(id, param, UNSET)
            for id in sorted(nodes)
            if id in patch.nodes
            for param in patch.nodes[id].params
        )
    )


def move(patch: Patch, places: Mapping[str, Position]) -> Edit:
    """Place nodes, in whole pixels; those that lie there already are left."""
    rounded = {id: (round(x), round(y)) for id, (x, y) in places.items() if id in patch.nodes}
    return Batch(
        tuple(MoveNode(id, at) for id, at in sorted(rounded.items()) if patch.layout.get(id) != at)
    )


def rename(patch: Patch, old: str, wanted: str) -> tuple[Edit, str]:
    """Give a node the id that a person's words make, and say which: "Bass Lag" is `bass_lag`."""
    new = as_id(wanted)
    if new == old:
        return Batch(()), old
    return RenameNode(old, new), new


def as_id(words: str) -> str:
    """What is typed as a name, as an id; raises EditError if nothing is left of it."""
    id = re.sub(r"[^a-z0-9]+", "_", words.strip().lower()).strip("_")
    if not id:
        raise EditError("a name wants letters or digits")
    return id if id[0].isalpha() else f"n{id}"


def frame(patch: Patch, nodes: Collection[str], title: str, color: str = "") -> tuple[Edit, str]:
    """Draw a frame around nodes; gives its id too."""
    id = free_id("frame", patch.groups)
    return SetGroup(id, Group(title, color, tuple(nodes))), id


def change_frame(
    patch: Patch,
    id: str,
    title: str | None = None,
    color: str | None = None,
    nodes: Collection[str] | None = None,
) -> Edit:
    """Change what is said of a frame."""
    group = patch.groups.get(id)
    if group is None:
        raise EditError(f"there is no frame {id}: it may be removed")
    changed = replace(
        group,
        title=group.title if title is None else title,
        color=group.color if color is None else color,
        nodes=group.nodes if nodes is None else tuple(nodes),
    )
    return SetGroup(id, changed)


def expose(patch: Patch, node: str, param: str, name: str = "") -> tuple[Edit, str]:
    """Give the instances of the definition that is looked at a param; gives its name too."""
    address = f"{node}.{param}"
    if address in patch.exposed.values():
        raise EditError(f"{address} is exposed already")
    free = free_id(name or param, {*patch.exposed, *patch.nodes} if not name else ())
    return Expose(free, address), free


def hide(patch: Patch, node: str, param: str) -> Edit:
    """Take an exposed param away from the instances."""
    for name, address in patch.exposed.items():
        if address == f"{node}.{param}":
            return Expose(name, None)
    raise EditError(f"{node}.{param} is not exposed")
