"""The patch as data: what it is, what can be done to it, and how it is written down.

Nothing here knows a node type: unknown ones are read, edited and saved like any other.
"""

from __future__ import annotations

from nodegraph.graph.codec import edit_from_data, edit_to_data
from nodegraph.graph.collapse import collapse, expand
from nodegraph.graph.definitions import Replace, SetSubpatch, Within, rename_subpatch
from nodegraph.graph.edits import (
    AddNode,
    AddWire,
    Batch,
    Edit,
    Expose,
    MoveNode,
    RemoveNode,
    RemoveWire,
    RenameNode,
    SetGroup,
    SetText,
)
from nodegraph.graph.frozen import JSON, ParamValue
from nodegraph.graph.history import History
from nodegraph.graph.migrate import FORMAT, migrate
from nodegraph.graph.model import Group, Node, Patch, Port, Position, Wire
from nodegraph.graph.patchfile import Reading, dump, parse
from nodegraph.graph.store import load, save
from nodegraph.graph.theming import SetTheme, SetThemePart
from nodegraph.graph.tuning import UNSET, SetMode, SetParam, SetSolo, Unset

__all__ = [
    "FORMAT",
    "JSON",
    "UNSET",
    "AddNode",
    "AddWire",
    "Batch",
    "Edit",
    "Expose",
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
    "Replace",
    "SetGroup",
    "SetMode",
    "SetParam",
    "SetSolo",
    "SetSubpatch",
    "SetText",
    "SetTheme",
    "SetThemePart",
    "Unset",
    "Wire",
    "Within",
    "collapse",
    "dump",
    "edit_from_data",
    "edit_to_data",
    "expand",
    "load",
    "migrate",
    "parse",
    "rename_subpatch",
    "save",
]
