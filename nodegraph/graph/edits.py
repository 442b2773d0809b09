"""What can be done to a patch: each edit gives the new patch, and the edit that takes it back.

`edit.inverse(patch)` is asked of the patch *before* the edit, and restores it exactly, to the last
byte of its text. An edit that does not fit the patch raises EditError, and nothing has changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import insort
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from nodegraph.errors import EditError
from nodegraph.graph.frozen import encodable
from nodegraph.graph.model import Group, Node, Patch, Position, Wire
from nodegraph.graph.parts import (
    check_ends,
    check_exposure,
    check_free,
    checked_position,
    exposures,
    find,
    put,
    regroup,
    rename_ends,
    touches,
)
from nodegraph.graph.rules import id_fault, short


class Edit(ABC):
    """One change of a patch."""

    __slots__ = ()

    nests: ClassVar[bool] = False
    """Whether its target may hold that of another edit, or lie within it."""

    @property
    def target(self) -> Hashable | None:
        """What the edit gives a value of its own, if that is all it does.

        Of successive edits of one target in a gesture only the last one counts.
        """
        return None

    def parts(self) -> tuple[Edit, ...]:
        """Return the edits that do the same one after the other."""
        return (self,)

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
    """Remove a node, and with it its wires, its position, its place in groups, and what it exposes.

    The subpatch that a node is an instance of stays.
    """

    id: str

    def apply(self, patch: Patch) -> Patch:
        find(patch, self.id)
        return patch.evolve(
            nodes=put(patch.nodes, self.id, None),
            wires=tuple([wire for wire in patch.wires if not touches(wire, self.id)]),
            groups=regroup(patch.groups, self.id, None),
            layout=put(patch.layout, self.id, None),
            exposed=exposures(patch.exposed, self.id, None),
        )

    def inverse(self, patch: Patch) -> Edit:
        node = find(patch, self.id)
        wires = [AddWire(wire) for wire in patch.wires if touches(wire, self.id)]
        groups = [
            SetGroup(name, each) for name, each in patch.groups.items() if self.id in each.nodes
        ]
        exposed = [
            Expose(name, address)
            for name, address in patch.exposed.items()
            if address.startswith(f"{self.id}.")
        ]
        add = AddNode(self.id, node, patch.layout.get(self.id))
        return Batch((add, *wires, *groups, *exposed))


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
class MoveNode(Edit):
    """Place a node, or, with None, leave it to the editor where it lies."""

    id: str
    position: Position | None

    @property
    def target(self) -> Hashable:
        return ("position", self.id)

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
            exposed=exposures(patch.exposed, self.old, self.new),
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
class Expose(Edit):
    """Give the instances of a definition a param: the one at `node.param`; None takes it away."""

    name: str
    address: str | None

    def apply(self, patch: Patch) -> Patch:
        check_exposure(patch, self.name, self.address)
        return patch.evolve(exposed=put(patch.exposed, self.name, self.address))

    def inverse(self, patch: Patch) -> Edit:
        check_exposure(patch, self.name, self.address)
        return Expose(self.name, patch.exposed.get(self.name))


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
    """Several edits as one gesture: all of them, in order, or none.

    A batch in a batch is taken as its edits, so batches never lie inside each other.
    """

    edits: tuple[Edit, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "edits", tuple(_flat(self.edits)))

    def parts(self) -> tuple[Edit, ...]:
        return tuple([part for edit in self.edits for part in edit.parts()])

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


def _flat(edits: Iterable[Edit]) -> Iterator[Edit]:
    for edit in edits:
        if isinstance(edit, Batch):
            yield from edit.edits
        else:
            yield edit
