"""What a user does to the structure of a patch: nodes, wires, copies, subpatches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from nodegraph.editor import changes, clipboard
from nodegraph.editor.canvas.odd import DOT
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.changes import Added, End, Loose
from nodegraph.editor.changes_delete import delete
from nodegraph.editor.changes_more import join, modulate, swap
from nodegraph.editor.changes_tuning import as_id, expose, hide
from nodegraph.editor.clipboard import Pasted
from nodegraph.editor.demonstration import example, placed
from nodegraph.editor.looking import FRAME
from nodegraph.editor.sending import Sending
from nodegraph.errors import EditError
from nodegraph.graph import (
    Batch,
    Edit,
    ParamValue,
    Port,
    Position,
    RemoveWire,
    SetSubpatch,
    SetTheme,
    Wire,
    Within,
    collapse,
    expand,
)
from nodegraph.graph.definitions import INSTANCE
from nodegraph.graph.parts import free_id
from nodegraph.nodetype import NodeType


class Building(Sending):
    """Adds, wires, removes, copies and groups nodes.

    What adds one node gives its id and selects it, or gives None with a note that says why not.
    """

    # Nodes and wires.

    def add_node(
        self,
        type_id: str,
        at: Position | None = None,
        loose: Loose | None = None,
        params: Mapping[str, ParamValue] | None = None,
    ) -> str | None:
        """Add a node, wired to a loose wire if one is given and fits; gives its id."""
        type_ = self._known_type(type_id)
        if type_ is None:
            return None
        if loose is None:
            return self._added(
                lambda: changes.add_node(self.patch, type_, at, params), f"Add {type_.title}"
            )
        return self._added(
            lambda: changes.add_for_loose(self.patch, self.wiring, type_, at, loose),
            f"Add {type_.title}",
        )

    def put_example(self, type_id: str, at: Position) -> Rect | None:
        """Put a node with what feeds it, around a place or below what lies there; gives where."""
        type_ = self._known_type(type_id)
        if type_ is None:
            return None
        boxes = [Rect.sized(it, self.size_of(id)) for id, it in self.patch.layout.items()]
        piece, area = placed(example(type_, self.types), self.types, at, boxes)
        pasted = clipboard.paste(self.deck.patch, self.patch, piece, clipboard.middle_of(piece))
        self._put(pasted, f"Example of {type_.title}:")
        return area

    def insert(self, type_id: str, wire: Wire, at: Position | None = None) -> str | None:
        """Put a new node on a wire; gives its id."""
        type_ = self._known_type(type_id)
        if type_ is None:
            return None
        return self._added(
            lambda: changes.insert_node(self.patch, self.wiring, type_, wire, at),
            f"Insert {type_.title}",
        )

    def knot(self) -> str | None:
        """Put a knot into the wire that is selected, half way; gives its id."""
        for wire in self.selected_wires:
            return self.insert(DOT, wire)
        return None

    def insert_existing(self, id: str, wire: Wire, gesture: str | None = None) -> bool:
        """Put a node that was dropped on a wire into it."""
        return self.attempt(
            lambda: self.do(
                changes.insert_existing(self.patch, self.wiring, id, wire), f"Insert {id}", gesture
            )
        )

    def connect(self, source: Port, target: Port, gesture: str | None = None) -> bool:
        """Draw a wire; False, and a note with the reason, if it does not fit."""
        return self.attempt(
            lambda: self.do(
                changes.connect(self.patch, self.wiring, source, target),
                f"Wire {source} to {target}",
                gesture,
            )
        )

    def connect_through(
        self, converter: str, source: Port, target: Port, at: Position | None = None
    ) -> str | None:
        """Draw a wire through a new node that converts; gives its id."""
        type_ = self._known_type(converter)
        if type_ is None:
            return None
        return self._added(
            lambda: changes.convert(self.patch, self.wiring, type_, source, target, at),
            f"Wire {source} to {target}",
        )

    def disconnect(self, wires: Collection[Wire], gesture: str | None = None) -> None:
        there = [wire for wire in sorted(wires) if self.patch.wire_to(wire.target) == wire]
        label = f"Cut {there[0]}" if len(there) == 1 else "Cut wires"
        self.do(Batch(tuple(RemoveWire(wire) for wire in there)), label, gesture)

    def rewire(self, wire: Wire, end: End, port: Port) -> bool:
        """Have one end of a wire elsewhere."""
        return self.attempt(
            lambda: self.do(
                changes.rewire(self.patch, self.wiring, wire, end, port), f"Rewire to {port}"
            )
        )

    def delete(self, *, heal: bool = True) -> None:
        """Remove what is selected; wires through removed nodes are healed."""
        frames = {id.removeprefix(FRAME) for id in self.selection if id.startswith(FRAME)}
        nodes = {id for id in self.selection if not id.startswith(FRAME)}
        wires = self.selected_wires
        told = _told([*sorted(nodes), *(f"the wire {wire}" for wire in sorted(wires))] or ["frame"])
        edit = delete(self.patch, self.wiring, nodes, wires, frames, heal=heal)
        self.do(edit, f"Delete {told}")
        self.select()

    def modulate(self, id: str, param: str, type_id: str = "generate.lfo") -> str | None:
        """Have a new node move a param, wired and set to swing around where it stands."""
        type_ = self._known_type(type_id)
        if type_ is None:
            return None
        return self._added(
            lambda: modulate(self.patch, self.wiring, type_, Port(id, param)),
            f"Move {id}.{param} by {type_.title}",
        )

    def join(self) -> bool:
        """Wire what is selected by the names of ports."""
        patch, nodes = self.patch, self.selected_nodes
        return self.attempt(lambda: self.do(join(patch, self.wiring, nodes), "Wire by name"))

    def swap(self, id: str, type_id: str) -> bool:
        """Make a node one of another type, with what of params and wires fits that."""
        type_ = self._known_type(type_id)
        if type_ is None:
            return False
        return self.attempt(
            lambda: self.do(swap(self.patch, self.wiring, id, type_), f"Make {id} a {type_.title}")
        )

    # Copies.

    def copy_text(self) -> str:
        """What is selected as text, for the clipboard; empty, and a note, if it is nothing."""
        try:
            return clipboard.copy_text(self.deck.patch, self.patch, self.selected_nodes)
        except EditError as error:
            self.note(str(error), "problem")
            return ""

    def cut_text(self) -> str:
        """The same, and what is selected is removed."""
        text = self.copy_text()
        if text:
            self.select(self.selection | self.selected_nodes)
            self.delete(heal=False)
        return text

    def paste_text(self, text: str, at: Position | None = None, *, outside: bool = False) -> bool:
        """Put copied nodes here, their middle at `at`, and select them.

        `outside` keeps wires that came from nodes which were not copied and are here too.
        """
        return self.attempt(
            lambda: self._put(
                clipboard.paste(
                    self.deck.patch,
                    self.patch,
                    clipboard.read(text),
                    at,
                    outside=outside,
                    within=self._inside(),
                ),
                "Paste",
            )
        )

    def duplicate(self, by: Position = (40, 40), *, outside: bool = True) -> bool:
        """A copy of what is selected beside it; fed by what feeds the originals."""
        return self.attempt(
            lambda: self._put(
                clipboard.duplicate(
                    self.deck.patch, self.patch, self.selected_nodes, by, outside=outside
                ),
                "Duplicate",
            )
        )

    # Subpatches.

    def group(self, name: str = "") -> bool:
        """Make a subpatch of the selected nodes, with one instance in their place."""
        top, wanted = self.deck.patch, name or "subpatch"

        def act() -> None:
            id = free_id(as_id(wanted), top.subpatches)
            edit = collapse(top, self.selected_nodes, id, self.definition)
            instance = free_id(id, self.patch.nodes.keys() - self.selected_nodes)
            self.do_on_deck(edit, f"Make the subpatch {id}")
            self.select([instance])

        return self.attempt(act)

    def ungroup(self) -> bool:
        """Put the nodes of selected subpatches in the places of their instances."""

        def act() -> None:
            before, edits, patch = self.patch.nodes.keys(), list[Edit](), self.deck.patch
            for id in sorted(self.selected_nodes):
                if self.patch.nodes[id].type.startswith(INSTANCE):
                    edits.append(expand(patch, id, self.definition))
                    patch = edits[-1].apply(patch)
            if not edits:
                raise EditError("no subpatch is selected: there is nothing to take apart")
            after = patch.subpatches[self.definition] if self.definition else patch
            self.do_on_deck(Batch(tuple(edits)), f"Take apart {_told(sorted(self.selected_nodes))}")
            self.select(after.nodes.keys() - before)

        return self.attempt(act)

    def expose(self, node: str, param: str, name: str = "") -> bool:
        """Give the instances of the definition that one looks at this param."""
        if not self.definition:
            self.note("only in a subpatch can a param be exposed: enter one first", "problem")
            return False
        return self.attempt(
            lambda: self.do(expose(self.patch, node, param, name)[0], f"Expose {node}.{param}")
        )

    def hide(self, node: str, param: str) -> bool:
        """Take an exposed param away from the instances."""
        return self.attempt(lambda: self.do(hide(self.patch, node, param), f"Hide {node}.{param}"))

    def _known_type(self, type_id: str) -> NodeType | None:
        type_ = self.types.get(type_id)
        if type_ is None:
            self.note(f"there is no node type {type_id}: install the plugin", "problem")
        return type_

    def _added(
        self, make: Callable[[], Added], label: str, gesture: str | None = None
    ) -> str | None:
        """Send what adds a node and select it; its id, or None if it did not fit."""
        try:
            added = make()
        except EditError as error:
            self.note(str(error), "problem")
            return None
        self.do(added.edit, label, gesture)
        self.select(added.ids)
        return added.ids[0]

    def _put(self, pasted: Pasted, label: str) -> None:
        inner = self.definition
        edit = Within(inner, pasted.edit) if inner else pasted.edit
        first: list[Edit] = [SetSubpatch(id, each) for id, each in pasted.definitions.items()]
        first += [SetTheme(id, each) for id, each in pasted.themes.items()]
        self.do_on_deck(Batch((*first, edit)), f"{label} {_told(pasted.nodes)}")
        self.select([*pasted.nodes, *(FRAME + id for id in pasted.frames)])

    def _inside(self) -> list[str]:
        """The definitions that one looks into, outermost first."""
        names, patch = list[str](), self.deck.patch
        for id in self.view.path:
            names.append(patch.nodes[id].type.removeprefix(INSTANCE))
            patch = self.deck.patch.subpatches[names[-1]]
        return names


def _told(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} nodes"
