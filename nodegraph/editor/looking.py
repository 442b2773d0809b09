"""What is looked at: a deck's patch or a definition in it, types, problems, the selection."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from nodegraph.editor.instances import Before, inside, with_instances
from nodegraph.editor.mirror import Deck, Mirror
from nodegraph.editor.watching import Watching
from nodegraph.editor.wiring import Wiring
from nodegraph.errors import Problem
from nodegraph.graph import Group, Patch, Port, Wire
from nodegraph.graph.definitions import INSTANCE, PORT_OUT
from nodegraph.nodetype import NodeType

FRAME = "group:"
"""What the name of a selected frame begins with; its id follows."""

NOTES = 50


@dataclass(frozen=True)
class View:
    """Where one looks: at a deck, in the instances of subpatches that were entered, outermost
    first, by their ids."""

    deck: str = "main"
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """Something that the user should read now. `at` counts notes, so that equal ones differ."""

    text: str
    kind: Literal["info", "problem"] = "info"
    at: int = 0


class Looking:
    """The editor's own state; nothing here changes the show.

    `version` moves whenever anything that is drawn of patch, problems, types, view or selection
    may have changed.
    """

    def __init__(self, mirror: Mirror, watching: Watching) -> None:
        self.mirror = mirror
        self.watching = watching
        self.notes: deque[Note] = deque(maxlen=NOTES)
        self._view = View()
        self._chosen: frozenset[str] = frozenset()
        self._chosen_wires: frozenset[Wire] = frozenset()
        self._moves = 0
        self._noted = 0
        self._known: tuple[int, View, _Known] | None = None
        self._types: Before | None = None
        self._inner: dict[str, NodeType] = {}
        self._wiring: tuple[Patch, object, Wiring] | None = None
        self._pruned: tuple[int, frozenset[str], frozenset[Wire]] | None = None

    # What is seen.

    @property
    def version(self) -> int:
        return self.mirror.version + self._moves

    @property
    def deck(self) -> Deck:
        """The deck that is looked at; an empty one while there is none."""
        return self.mirror.decks.get(self._view.deck, _NO_DECK)

    @property
    def view(self) -> View:
        """Where one looks; of subpatches that were entered, those that are still there."""
        return self._look().view

    @property
    def definition(self) -> str:
        """The id of the definition that was entered; empty at the top."""
        return self._look().definition

    @property
    def patch(self) -> Patch:
        """What is looked at: the deck's patch, or the definition that was entered."""
        return self._look().patch

    @property
    def types(self) -> Mapping[str, NodeType]:
        """All node types as they are here: of plugins, and of the patch's own subpatches."""
        return self._look().types

    @property
    def wiring(self) -> Wiring:
        """What the wires of the patch carry, and what further ones may."""
        patch, types = self.patch, self.types
        if self._wiring is None or self._wiring[0] is not patch or self._wiring[1] is not types:
            self._wiring = (patch, types, Wiring(patch, types))
        return self._wiring[2]

    def type_of(self, id: str) -> NodeType | None:
        """The type of a node; None for a ghost."""
        node = self.patch.nodes.get(id)
        return None if node is None else self.types.get(node.type)

    def address(self, port: str) -> str:
        """What the running patch calls an outlet: `voice/ease.out` for `ease.out` in `voice`.

        An outlet of an instance is that of its definition's port: `voice/level.out` for
        `voice.level`. Parts stay: `beat.clock.bpm`.
        """
        id, _, name = port.partition(".")
        node = self.patch.nodes.get(id)
        if node is not None and node.type.startswith(INSTANCE):
            outlet, dot, part = name.partition(".")
            id, name = f"{id}/{outlet}", f"{PORT_OUT}{dot}{part}"
        return "/".join([*self.view.path, f"{id}.{name}"])

    def brings(self, target: Port) -> str | None:
        """The address of the outlet from which a value comes on a wire; None if none is wired."""
        wire = self.patch.wire_to(target)
        return None if wire is None else self.address(str(wire.source))

    def problems_of(self, id: str) -> tuple[Problem, ...]:
        """What is wrong with a node, or with what is inside it."""
        return self._look().problems.get(id, ())

    # View and selection.

    @property
    def selection(self) -> frozenset[str]:
        """Ids of selected nodes, and `group:ID` of frames; those that are there."""
        return self._prune()[1]

    @property
    def selected_wires(self) -> frozenset[Wire]:
        return self._prune()[2]

    @property
    def selected_nodes(self) -> frozenset[str]:
        """The selected nodes, and those in selected frames."""
        nodes = {id for id in self.selection if not id.startswith(FRAME)}
        for id in self.selection - nodes:
            nodes.update(self.patch.groups[id.removeprefix(FRAME)].nodes)
        return frozenset(nodes)

    def select(self, ids: Collection[str] = (), wires: Collection[Wire] = ()) -> None:
        """Select these nodes, frames (`group:ID`) and wires, and nothing else.

        What is not there yet, as the show has not answered, is selected when it comes.
        """
        chosen, chosen_wires = frozenset(ids), frozenset(wires)
        if (chosen, chosen_wires) != (self._chosen, self._chosen_wires):
            self._chosen, self._chosen_wires = chosen, chosen_wires
            self._moves += 1

    def select_all(self) -> None:
        self.select([*self.patch.nodes, *(FRAME + id for id in self.patch.groups)])

    def select_connected(self, *, upstream: bool = True, downstream: bool = True) -> None:
        """Select what feeds the selection, what it feeds, or both, all the way."""
        found = set(self.selected_nodes)
        for go, wires, end in (
            (upstream, self.patch.wires_into, 0),
            (downstream, self.patch.wires_from, 1),
        ):
            waiting = [*self.selected_nodes] if go else []
            reached = set(waiting)
            while waiting:
                for wire in wires(waiting.pop()):
                    if wire[end].node not in reached:
                        reached.add(wire[end].node)
                        waiting.append(wire[end].node)
            found |= reached
        self.select(found)

    def look_at(self, deck: str) -> None:
        """Look at another deck."""
        self._go(View(deck))

    def enter(self, id: str) -> None:
        """Look into an instance of a subpatch."""
        node = self.patch.nodes.get(id)
        if node is None or not node.type.startswith(INSTANCE):
            self.note(f"{id} is no subpatch: there is nothing inside to look at", "problem")
        elif node.type not in self.types:
            self.note(f"{id} has no definition: the patch has no {node.type}", "problem")
        else:
            self._go(replace(self.view, path=(*self.view.path, id)))

    def leave(self, level: int | None = None) -> None:
        """Look at what is around, or, with a level, at that one: 0 is the patch itself."""
        path = self.view.path
        end = len(path) - 1 if level is None else level
        if 0 <= end < len(path):
            self._go(replace(self.view, path=path[:end]))
            self.select([path[end]])

    def show(self, view: View, ids: Collection[str] = ()) -> None:
        """Look somewhere, with these nodes selected: where a problem is, or what was found."""
        self._go(view)
        self.select(ids)

    def note(self, text: str, kind: Literal["info", "problem"] = "info") -> None:
        """Have the user read something now."""
        self._noted += 1
        self.notes.append(Note(text, kind, self._noted))

    def _go(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self.watching.deck = view.deck
            self._moves += 1
            self.select()

    def _prune(self) -> tuple[int, frozenset[str], frozenset[Wire]]:
        version = self.version
        if self._pruned is None or self._pruned[0] != version:
            patch = self.patch
            frames = {FRAME + id for id in patch.groups}
            there = {id for id in self._chosen if id in patch.nodes or id in frames}
            wires = {wire for wire in self._chosen_wires if patch.wire_to(wire.target) == wire}
            self._pruned = (version, frozenset(there), frozenset(wires))
        return self._pruned

    def _look(self) -> _Known:
        version = self.version
        if self._known is None or self._known[:2] != (version, self._view):
            self._known = (version, self._view, self._find())
        return self._known[2]

    def _find(self) -> _Known:
        """Follow the path as far as it leads."""
        deck, path, names = self.deck, list[str](), list[str]()
        patch = deck.patch
        for id in self._view.path:
            node = patch.nodes.get(id)
            name = node.type.removeprefix(INSTANCE) if node else ""
            if node is None or not node.type.startswith(INSTANCE) or name in names:
                break
            if name not in deck.patch.subpatches:
                break
            path.append(id)
            names.append(name)
            patch = deck.patch.subpatches[name]
        types = self._types_here(deck.patch, inner=bool(names))
        prefix = "".join(f"{id}/" for id in path)
        view = replace(self._view, path=tuple(path))
        return _Known(view, names[-1] if names else "", patch, types, _by_node(deck, prefix))

    def _types_here(self, patch: Patch, *, inner: bool) -> Mapping[str, NodeType]:
        subpatches, types = patch.subpatches, self.mirror.types
        held = self._types
        if held is None or held.subpatches is not subpatches or held.types is not types:
            made = with_instances(types, subpatches, held)
            self._types = held = Before(types, subpatches, made)
            self._inner = inside(made)
        return self._inner if inner else held.made


@dataclass(frozen=True)
class _Known:
    """What follows from mirror and view, worked out once for each version."""

    view: View
    definition: str
    patch: Patch
    types: Mapping[str, NodeType]
    problems: Mapping[str, tuple[Problem, ...]]


_NO_DECK = Deck()


def _by_node(deck: Deck, prefix: str) -> dict[str, tuple[Problem, ...]]:
    """Problems by the node, as seen in the instance of this prefix, that has them or is around."""
    found: dict[str, list[Problem]] = {}
    for problem in deck.problems:
        if problem.node is not None and problem.node.startswith(prefix):
            id = problem.node.removeprefix(prefix).partition("/")[0]
            found.setdefault(id, []).append(problem)
    return {id: tuple(problems) for id, problems in found.items()}


def frame_of(patch: Patch, id: str) -> Group | None:
    """The frame of a selected name `group:ID`."""
    return patch.groups.get(id.removeprefix(FRAME)) if id.startswith(FRAME) else None
