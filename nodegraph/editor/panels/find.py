"""Finds what is in the patch: nodes by name, type, value or problem.

Tags: `nodegraph.find`, `nodegraph.find.input`, `nodegraph.find.N` for the Nth line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nodegraph.editor.editing import Editing, View
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.listing import Entry, Listing
from nodegraph.editor.search import Searcher
from nodegraph.graph import Patch
from nodegraph.graph.definitions import INSTANCE


class Place(NamedTuple):
    """A node, and the instances of subpatches in which it lies, outermost first."""

    path: tuple[str, ...]
    id: str


class Find(Listing):
    """All levels of the patch. Enter goes there; `on_show` brings it into view."""

    def __init__(self, editing: Editing, look: Look) -> None:
        super().__init__(look, "nodegraph.find", "Find a node by name, type, value or problem")
        self.editing = editing
        self.on_show: Callable[[], None] = lambda: None
        self._places: list[Place] = []
        self._patch: Patch | None = None
        self._search = Searcher[int]((), lambda place: ())

    def find(self, asked: str) -> list[Entry]:
        patch = self.editing.deck.patch
        if patch is not self._patch:
            self._patch, self._places = patch, list(places(patch))
            self._search = Searcher(range(len(self._places)), self._fields)
        return [self._entry(hit.item, hit.why) for hit in self._search.find(asked)]

    def chosen(self, entry: Entry) -> None:
        place = self._places[int(entry.id)]
        self.editing.show(View(self.editing.view.deck, place.path), [place.id])
        self.on_show()

    def _entry(self, number: int, why: str) -> Entry:
        place = self._places[number]
        type_id = self._type_id(place)
        type_ = self.editing.mirror.types.get(type_id)
        colour = self.look.colours.family(type_.family if type_ else "subpatch")
        label = "/".join([*place.path, place.id])
        return Entry(str(number), label, why or (type_.title if type_ else type_id), colour)

    def _fields(self, number: int) -> Iterator[tuple[str, float, str]]:
        place = self._places[number]
        node = _patch_at(self.editing.deck.patch, place.path).nodes[place.id]
        type_ = self.editing.mirror.types.get(node.type)
        yield place.id, 1.0, ""
        yield (type_.title if type_ else node.type), 0.8, ""
        yield node.type, 0.6, node.type
        for param, value in node.params.items():
            yield f"{param} {value}", 0.5, f"{param} {value}"
        address = "/".join([*place.path, place.id])
        for problem in self.editing.deck.problems:
            if problem.node == address:
                yield problem.text, 0.5, problem.text

    def _type_id(self, place: Place) -> str:
        return _patch_at(self.editing.deck.patch, place.path).nodes[place.id].type


def places(patch: Patch) -> Iterator[Place]:
    """Every node of a patch, and those inside its subpatches, once for each instance."""
    waiting: list[tuple[tuple[str, ...], Patch, frozenset[str]]] = [((), patch, frozenset())]
    while waiting:
        path, here, around = waiting.pop()
        for id, node in here.nodes.items():
            yield Place(path, id)
            inner = node.type.removeprefix(INSTANCE)
            is_new = node.type.startswith(INSTANCE) and inner not in around
            if is_new and inner in patch.subpatches:
                waiting.append(((*path, id), patch.subpatches[inner], around | {inner}))


def _patch_at(patch: Patch, path: tuple[str, ...]) -> Patch:
    here = patch
    for id in path:
        here = patch.subpatches[here.nodes[id].type.removeprefix(INSTANCE)]
    return here
