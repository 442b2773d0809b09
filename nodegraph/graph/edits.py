"""What can be done to a patch: each edit gives the new patch, and the edit that takes it back.

`edit.inverse(patch)` is asked of the patch *before* the edit, and restores it exactly, to the last
byte of its text. An edit that does not fit the patch raises EditError, and nothing has changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import insort
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Literal

from nodegraph.errors import EditError
from nodegraph.graph.frozen import ParamValue, encodable, freeze
from nodegraph.graph.model import Group, Node, Patch, Position, Wire
from nodegraph.graph.parts import (
    check_ends,
    check_free,
    checked_position,
    find,
    put,
    regroup,
    rename_ends,
    touches,
)
from nodegraph.graph.rules import id_fault, short


class Unset(Enum):
    """The type of `UNSET`: a param that goes back to its default."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class Edit(ABC):
    """One change of a patch."""

    __slots__ = ()

    @abstractmethod
    def apply(self, patch: Patch) -> Patch:
        """Return the changed patch; raise EditError if the edit does not fit."""

    @abstractmethod
    def inverse(self, patch: Patch) -> Edit:
        """Return the edit that leads back to `patch`; raise EditError if this one does not fit."""


@dataclass(frozen=True, slots=True)
class AddNode(Edit):
    """Add a node under an id that is free."""

    id: str
    node: Node
    position: Position | None = None

    def apply(self, patch: Patch) -> Patch:
        check_free(patch, self.id)
        layout = patch.layout
        if self.position is not None:
            layout = put(layout, self.id, checked_position(self.id, self.position))
        return patch.evolve(nodes=put(patch.nodes, self.id, self.node), layout=layout)

    def inverse(self, patch: Patch) -> Edit:
        check_free(patch, self.id)
        return RemoveNode(self.id)


@dataclass(frozen=True, slots=True)
class RemoveNode(Edit):
    """Remove a node, and with it its wires, its position and its place in groups."""

    id: str

    def apply(self, patch: Patch) -> Patch:
        find(patch, self.id)
        return patch.evolve(
            nodes=put(patch.nodes, self.id, None),
            wires=tuple([wire for wire in patch.wires if not touches(wire, self.id)]),
            groups=regroup(patch.groups, self.id, None),
            layout=put(patch.layout, self.id, None),
        )

    def inverse(self, patch: Patch) -> Edit:
        node = find(patch, self.id)
        wires = [AddWire(wire) for wire in patch.wires if touches(wire, self.id)]
        groups = [
            SetGroup(name, each) for name, each in patch.groups.items() if self.id in each.nodes
        ]
        return Batch((AddNode(self.id, node, patch.layout.get(self.id)), *wires, *groups))


@dataclass(frozen=True, slots=True)
class AddWire(Edit):
    """Draw a wire; the one that its inlet had, if any, gives way."""

    wire: Wire

    def apply(self, patch: Patch) -> Patch:
        check_ends(patch, self.wire)
        wires = [wire for wire in patch.wires if wire.target != self.wire.target]
        insort(wires, self.wire)
        return patch.evolve(wires=tuple(wires))

    def inverse(self, patch: Patch) -> Edit:
        check_ends(patch, self.wire)
        replaced = patch.wire_to(self.wire.target)
        return RemoveWire(self.wire) if replaced is None else AddWire(replaced)


@dataclass(frozen=True, slots=True)
class RemoveWire(Edit):
    """Remove a wire."""

    wire: Wire

    def apply(self, patch: Patch) -> Patch:
        self._check(patch)
        return patch.evolve(wires=tuple([wire for wire in patch.wires if wire != self.wire]))

    def inverse(self, patch: Patch) -> Edit:
        self._check(patch)
        return AddWire(self.wire)

    def _check(self, patch: Patch) -> None:
        if patch.wire_to(self.wire.target) != self.wire:
            raise EditError(f"there is no wire {self.wire}: it may be removed already")


@dataclass(frozen=True, slots=True)
class SetParam(Edit):
    """Set a param of a node; `UNSET` sets it back to its default."""

    node: str
    param: str
    value: ParamValue | Literal[Unset.UNSET]

    def __post_init__(self) -> None:
        if self.value is UNSET:
            return
        try:
            encodable(self.param)
            object.__setattr__(self, "value", freeze(self.value))
        except ValueError as fault:
            raise EditError(f"{self.node}.{self.param} cannot be set: {fault}") from None

    def apply(self, patch: Patch) -> Patch:
        node = find(patch, self.node)
        params = dict(node.params)
        if self.value is UNSET:
            params.pop(self.param, None)
        else:
            params[self.param] = self.value
        return patch.evolve(nodes=put(patch.nodes, self.node, replace(node, params=params)))

    def inverse(self, patch: Patch) -> Edit:
        params = find(patch, self.node).params
        return SetParam(self.node, self.param, params.get(self.param, UNSET))


@dataclass(frozen=True, slots=True)
class MoveNode(Edit):
    """Place a node, or, with None, leave it to the editor where it lies."""

    id: str
    position: Position | None

    def apply(self, patch: Patch) -> Patch:
        find(patch, self.id)
        at = None if self.position is None else checked_position(self.id, self.position)
        return patch.evolve(layout=put(patch.layout, self.id, at))

    def inverse(self, patch: Patch) -> Edit:
        find(patch, self.id)
        return MoveNode(self.id, patch.layout.get(self.id))


@dataclass(frozen=True, slots=True)
class RenameNode(Edit):
    """Give a node another id, wherever it is named."""

    old: str
    new: str

    def apply(self, patch: Patch) -> Patch:
        node = self._check(patch)
        nodes = put(put(patch.nodes, self.old, None), self.new, node)
        at = patch.layout.get(self.old)
        return patch.evolve(
            nodes=nodes,
            wires=tuple(sorted(rename_ends(wire, self.old, self.new) for wire in patch.wires)),
            groups=regroup(patch.groups, self.old, self.new),
            layout=put(put(patch.layout, self.old, None), self.new, at),
        )

    def inverse(self, patch: Patch) -> Edit:
        self._check(patch)
        return RenameNode(self.new, self.old)

    def _check(self, patch: Patch) -> Node:
        if self.new != self.old:
            check_free(patch, self.new)
        return find(patch, self.old)


@dataclass(frozen=True, slots=True)
class SetGroup(Edit):
    """Add a group or change it; None removes it and leaves its nodes."""

    id: str
    group: Group | None

    def apply(self, patch: Patch) -> Patch:
        if fault := id_fault(self.id):
            raise EditError(fault)
        if self.group is None and self.id not in patch.groups:
            raise EditError(f"there is no group {short(self.id)}")
        for node in self.group.nodes if self.group else ():
            find(patch, node)
        return patch.evolve(groups=put(patch.groups, self.id, self.group))

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetGroup(self.id, patch.groups.get(self.id))


@dataclass(frozen=True, slots=True)
class SetText(Edit):
    """Change the patch's name or note; None leaves it."""

    name: str | None = None
    note: str | None = None

    def apply(self, patch: Patch) -> Patch:
        name = patch.name if self.name is None else self.name
        note = patch.note if self.note is None else self.note
        try:
            return patch.evolve(name=encodable(name), note=encodable(note))
        except ValueError as fault:
            raise EditError(f"the patch cannot be called or described so: {fault}") from None

    def inverse(self, patch: Patch) -> Edit:
        return SetText(
            None if self.name is None else patch.name, None if self.note is None else patch.note
        )


@dataclass(frozen=True, slots=True)
class Batch(Edit):
    """Several edits as one gesture: all of them, in order, or none."""

    edits: tuple[Edit, ...]

    def apply(self, patch: Patch) -> Patch:
        for edit in self.edits:
            patch = edit.apply(patch)
        return patch

    def inverse(self, patch: Patch) -> Edit:
        back: list[Edit] = []
        for edit in self.edits:
            back.append(edit.inverse(patch))
            patch = edit.apply(patch)
        return Batch(tuple(reversed(back)))
