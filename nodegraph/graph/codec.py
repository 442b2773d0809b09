"""Edits as plain data and back: for the wire between host and clients, and for the journal.

    {"do": "set_param", "node": "ease", "param": "fall", "value": 0.45}
    {"do": "within", "subpatch": "voice", "edit": {"do": "remove_wire", "wire": "a.out -> b.in"}}

Nodes and groups look as they do in a patch file, wires are their texts, and a whole patch is the
text of its file. Whoever sends an edit may be mistaken or hostile: what is read here is an edit
that says what it means, or an EditError; whether it fits the patch is for the edit to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from nodegraph.errors import EditError, PatchError, Problem
from nodegraph.graph.definitions import Replace, SetSubpatch, Within
from nodegraph.graph.draft import Draft, Report
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
from nodegraph.graph.frozen import JSON, freeze
from nodegraph.graph.jsontext import Document, Tree
from nodegraph.graph.model import Group, Node, Patch, Wire, position
from nodegraph.graph.patchfile import dump, group_entry, node_entry, parse
from nodegraph.graph.rules import short
from nodegraph.graph.store import MAX_BYTES
from nodegraph.graph.theming import SetTheme, SetThemePart
from nodegraph.graph.tuning import UNSET, SetMode, SetParam, SetSolo

LEVELS = 8  # lists and objects around a value: of a batch, within, a batch, and a node's params

_T = TypeVar("_T")


def edit_to_data(edit: Edit) -> dict[str, Tree]:
    """Return an edit as dicts, lists, texts and numbers, which JSON and msgpack can say."""
    unset = isinstance(edit, SetParam) and edit.value is UNSET
    name = "unset_param" if unset else _NAMES[type(edit)]
    values = {
        field: kind.write(getattr(edit, field)) for field, kind in _FORMS[name].fields.items()
    }
    return {"do": name, **values}


def edit_from_data(data: object) -> Edit:
    """Return the edit that `edit_to_data` wrote; raise EditError for anything else whatever."""
    return _edit(_plain(data))


def _plain(data: object) -> Tree:
    """Return a copy of data from outside; raise EditError if no edit could hold it."""
    room, rest = MAX_BYTES, [data]
    while rest:
        each = rest.pop()
        if isinstance(each, Mapping):
            rest += [*each, *each.values()]
        elif isinstance(each, list | tuple):
            rest += each
        room -= 8 + (len(each) if isinstance(each, str) else 0)
        if room < 0:
            raise EditError(f"the edit is larger than {MAX_BYTES:,} bytes, as no patch file may be")
    try:
        return _thaw(freeze(data, -LEVELS))
    except ValueError as fault:
        raise EditError(f"the edit cannot be read: {fault}") from None


def _thaw(value: JSON) -> Tree:
    if isinstance(value, Mapping):
        return {key: _thaw(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_thaw(item) for item in value]
    return value


def _edit(data: Tree) -> Edit:
    if not isinstance(data, dict):
        raise EditError(f"{short(data)} is not an edit: it wants an object with 'do'")
    name = data.get("do")
    form = _FORMS.get(name) if isinstance(name, str) else None
    if form is None:
        raise EditError(f"{short(name)} is not an edit: 'do' wants one of {', '.join(_FORMS)}")
    if strays := data.keys() - form.fields.keys() - {"do"}:
        raise EditError(f"{name} takes no {short(min(strays))}, only {', '.join(form.fields)}")
    values = {}
    for field, kind in form.fields.items():
        if field not in data:
            raise EditError(f"{name} wants {short(field)} too")
        try:
            values[field] = kind.read(data[field])
        except ValueError as fault:
            raise EditError(f"{name} cannot take this as {short(field)}: {fault}") from None
    return form.make(**values)


def _edits(value: Tree) -> tuple[Edit, ...]:
    if not isinstance(value, list):
        raise ValueError(f"it wants a list of edits, not {short(value)}")
    return tuple([_edit(each) for each in value])


def _text(value: Tree) -> str:
    if not isinstance(value, str):
        raise ValueError(f"it wants text, not {short(value)}")
    return value


def _switch(value: Tree) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"it wants true or false, not {short(value)}")
    return value


def _object(value: Tree) -> dict[str, Tree]:
    if not isinstance(value, dict):
        raise ValueError(f"it wants an object, not {short(value)}")
    return value


def _wire(value: Tree) -> Wire:
    try:
        return Wire.parse(_text(value))
    except PatchError as error:
        raise ValueError(error.problems[0].text) from None


def _node(value: Tree) -> Node | None:
    draft = Draft(Report(Document(value, {}, ())), value)
    return _sound(draft.node("", value), draft.report.problems)


def _group(value: Tree) -> Group | None:
    draft = Draft(Report(Document(value, {}, ())), value)
    return _sound(draft.group("", value), draft.report.problems)


def _patch(value: Tree) -> Patch:
    reading = parse(_text(value))
    return _sound(reading.patch, reading.problems)


def _place(value: Tree) -> tuple[str | int, ...]:
    steps = value if isinstance(value, list) else ()
    found = tuple(step for step in steps if isinstance(step, str) or type(step) is int)
    if not found or len(found) < len(steps):
        raise ValueError(f"it wants a list of names and numbers, not {short(value)}")
    return found


def _sound(value: _T, problems: Sequence[Problem]) -> _T:
    if problems:
        raise ValueError(f"{problems[0]}" + (" (and more)" if len(problems) > 1 else ""))
    return value


class _Kind(NamedTuple):
    """How a field of an edit is written, and how it is read; ValueError says why it cannot be.

    That a kind is given what it writes is up to the table below: hence Any.
    """

    write: Callable[[Any], Tree]
    read: Callable[[Tree], object]


class _Form(NamedTuple):
    make: Callable[..., Edit]
    fields: Mapping[str, _Kind]


def _or_none(kind: _Kind) -> _Kind:
    return _Kind(
        lambda value: None if value is None else kind.write(value),
        lambda value: None if value is None else kind.read(value),
    )


_EDIT = _Kind(lambda edit: edit_to_data(edit), _edit)
_EDITS = _Kind(lambda edits: [edit_to_data(edit) for edit in edits], _edits)
_GROUP = _Kind(lambda group: _thaw(group_entry(group)), _group)
_NODE = _Kind(lambda node: _thaw(node_entry(node)), _node)
_PATCH = _Kind(dump, _patch)
_PLACE = _Kind(list, _place)
_POSITION = _Kind(list, position)
_SWITCH = _Kind(bool, _switch)
_TEXT = _Kind(str, _text)
_THEME = _Kind(_thaw, _object)
_VALUE = _Kind(_thaw, lambda value: value)
_WIRE = _Kind(str, _wire)

_FORMS: Mapping[str, _Form] = {
    "add_node": _Form(AddNode, {"id": _TEXT, "node": _NODE, "position": _or_none(_POSITION)}),
    "add_wire": _Form(AddWire, {"wire": _WIRE}),
    "batch": _Form(Batch, {"edits": _EDITS}),
    "expose": _Form(Expose, {"name": _TEXT, "address": _or_none(_TEXT)}),
    "move_node": _Form(MoveNode, {"id": _TEXT, "position": _or_none(_POSITION)}),
    "remove_node": _Form(RemoveNode, {"id": _TEXT}),
    "remove_wire": _Form(RemoveWire, {"wire": _WIRE}),
    "rename_node": _Form(RenameNode, {"old": _TEXT, "new": _TEXT}),
    "replace": _Form(Replace, {"patch": _PATCH}),
    "set_group": _Form(SetGroup, {"id": _TEXT, "group": _or_none(_GROUP)}),
    "set_mode": _Form(SetMode, {"id": _TEXT, "mode": _TEXT}),
    "set_param": _Form(SetParam, {"node": _TEXT, "param": _TEXT, "value": _VALUE}),
    "set_solo": _Form(SetSolo, {"id": _TEXT, "solo": _SWITCH}),
    "set_subpatch": _Form(SetSubpatch, {"id": _TEXT, "patch": _or_none(_PATCH)}),
    "set_text": _Form(SetText, {"name": _or_none(_TEXT), "note": _or_none(_TEXT)}),
    "set_theme_part": _Form(SetThemePart, {"name": _TEXT, "place": _PLACE, "value": _VALUE}),
    "set_theme": _Form(SetTheme, {"name": _TEXT, "theme": _or_none(_THEME)}),
    "unset_param": _Form(partial(SetParam, value=UNSET), {"node": _TEXT, "param": _TEXT}),
    "within": _Form(Within, {"subpatch": _TEXT, "edit": _EDIT}),
}
_NAMES = {form.make: name for name, form in _FORMS.items()}
