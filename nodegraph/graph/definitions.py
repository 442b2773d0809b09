"""Edits of whole patches: set a subpatch, edit within one, or put another patch in place."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from types import MappingProxyType

from nodegraph.errors import EditError
from nodegraph.graph.edits import Batch, Edit
from nodegraph.graph.model import Node, Patch, ordered
from nodegraph.graph.parts import check_free_definition, definition, put
from nodegraph.graph.rules import NESTED, THEMED, id_fault, nesting_fault
from nodegraph.graph.theming import SetTheme, SetThemePart

INSTANCE = "subpatch."  # what the type of an instance begins with; the id of the definition follows
INLET, OUTLET = "flow.inlet", "flow.outlet"  # the types of the nodes that are a definition's ports
PORT_IN, PORT_OUT = "value", "out"  # where a wire arrives at such a node, and where it leaves
LINKS = SEND, RECEIVE = "flow.send", "flow.receive"  # the types of nodes that are joined by name


def link_name(node: Node) -> str:
    """The name under which a node sends or receives."""
    return str(node.params.get("name", ""))


@dataclass(frozen=True, slots=True)
class SetSubpatch(Edit):
    """Add a definition or change it; None removes it and leaves its instances, as ghosts."""

    id: str
    patch: Patch | None

    def apply(self, patch: Patch) -> Patch:
        if fault := id_fault(self.id) or (self.patch and nesting_fault(self.patch)):
            raise EditError(fault)
        if self.patch is None:
            definition(patch, self.id)
        return patch.evolve(subpatches=put(patch.subpatches, self.id, self.patch))

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetSubpatch(self.id, patch.subpatches.get(self.id))


@dataclass(frozen=True, slots=True)
class Within(Edit):
    """Edit a definition, and with it all of its instances."""

    subpatch: str
    edit: Edit

    def __post_init__(self) -> None:
        for edit in self.edit.edits if isinstance(self.edit, Batch) else (self.edit,):
            if isinstance(edit, Within | SetSubpatch):
                raise EditError(NESTED)
            if isinstance(edit, SetTheme | SetThemePart):
                raise EditError(THEMED)
            if isinstance(edit, Replace) and (fault := nesting_fault(edit.patch)):
                raise EditError(fault)

    @property
    def target(self) -> Hashable | None:
        inner = self.edit.target
        return None if inner is None else (self.subpatch, inner)

    def parts(self) -> tuple[Edit, ...]:
        return tuple([Within(self.subpatch, part) for part in self.edit.parts()])

    def apply(self, patch: Patch) -> Patch:
        changed = self.edit.apply(definition(patch, self.subpatch))
        return patch.evolve(subpatches=put(patch.subpatches, self.subpatch, changed))

    def inverse(self, patch: Patch) -> Edit:
        return Within(self.subpatch, self.edit.inverse(definition(patch, self.subpatch)))


@dataclass(frozen=True, slots=True)
class Replace(Edit):
    """Put another patch in the place of this one: when its file was changed by another program."""

    patch: Patch

    def apply(self, patch: Patch) -> Patch:
        return self.patch

    def inverse(self, patch: Patch) -> Edit:
        return Replace(patch)


def rename_subpatch(patch: Patch, old: str, new: str) -> Edit:
    """Return the edit that gives a definition another id, wherever it has instances."""
    definition(patch, old)
    if new != old:
        check_free_definition(patch, new)
    subpatches = {new if id == old else id: each for id, each in patch.subpatches.items()}
    retyped = {id: _retyped(each, old, new) for id, each in subpatches.items()}
    return Replace(_retyped(patch, old, new).evolve(subpatches=ordered(retyped)))


def _retyped(patch: Patch, old: str, new: str) -> Patch:
    changed = {
        id: replace(node, type=INSTANCE + new)
        for id, node in patch.nodes.items()
        if node.type == INSTANCE + old
    }
    return patch.evolve(nodes=MappingProxyType({**patch.nodes, **changed}))
