"""The patch as data: what it is, what can be done to it, and how it is written down.

Nothing here knows a node type: unknown ones are read, edited and saved like any other.
"""

from __future__ import annotations

from nodegraph.graph.edits import (
    UNSET,
    AddNode,
    AddWire,
    Batch,
    Edit,
    MoveNode,
    RemoveNode,
    RemoveWire,
    RenameNode,
    SetGroup,
    SetParam,
    SetText,
    Unset,
)
from nodegraph.graph.frozen import JSON, ParamValue
from nodegraph.graph.history import History
from nodegraph.graph.migrate import FORMAT, migrate
from nodegraph.graph.model import Group, Node, Patch, Port, Position, Wire
from nodegraph.graph.patchfile import Reading, dump, parse
from nodegraph.graph.store import load, save

__all__ = [
    "FORMAT",
    "JSON",
    "UNSET",
    "AddNode",
    "AddWire",
    "Batch",
    "Edit",
    "Group",
    "History",
    "MoveNode",
    "Node",
    "ParamValue",
    "Patch",
    "Port",
    "Position",
    "Reading",
    "RemoveNode",
    "RemoveWire",
    "RenameNode",
    "SetGroup",
    "SetParam",
    "SetText",
    "Unset",
    "Wire",
    "dump",
    "load",
    "migrate",
    "parse",
    "save",
]
