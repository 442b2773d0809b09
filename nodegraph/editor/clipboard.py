"""Copy and paste: a piece of a patch as the text of a small patch file, and back with fresh ids.

Such a text can be mailed, kept in a file, opened as a patch, or pasted into another one. What it
carries beyond a patch are the wires that came from outside, in the field `cut_wires`, so that a
copy in the same patch can listen to what the original does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from nodegraph.errors import EditError, PatchError
from nodegraph.graph import (
    JSON,
    AddNode,
    AddWire,
    Batch,
    Edit,
    Group,
    Node,
    Patch,
    Port,
    Position,
    SetGroup,
    Wire,
    dump,
    parse,
)
from nodegraph.graph.definitions import INSTANCE
from nodegraph.graph.parts import free_id

CUT_WIRES = "cut_wires"

_ASIDE = 40  # pixels to the right and down


@dataclass(frozen=True)
class Pasted:
    """What pasting does: definitions and themes that the patch needs first, the edit, and the new
    ids."""

    definitions: Mapping[str, Patch]
    themes: Mapping[str, Mapping[str, JSON]]
    edit: Edit
    nodes: tuple[str, ...]
    frames: tuple[str, ...]


def copy_text(top: Patch, patch: Patch, nodes: Collection[str]) -> str:
    """The text of a patch of these nodes: their wires, places, frames, subpatches and themes.

    `top` is the deck's patch, which has the definitions; `patch` the one that is looked at.
    """
    chosen = {id: patch.nodes[id] for id in nodes if id in patch.nodes}
    if not chosen:
        raise EditError("there is nothing to copy: select some nodes")
    cut = [str(w) for w in patch.wires if w.target.node in chosen and w.source.node not in chosen]
    subpatches = dict(_needed(top, chosen.values()))
    pieces = (chosen, *(each.nodes for each in subpatches.values()))
    piece = Patch(
        nodes=chosen,
        wires=tuple(w for w in patch.wires if w.source.node in chosen and w.target.node in chosen),
        groups={
            id: group
            for id, group in patch.groups.items()
            if group.nodes and chosen.keys() >= set(group.nodes)
        },
        layout={id: at for id, at in patch.layout.items() if id in chosen},
        themes=_themes(top, chain.from_iterable(each.values() for each in pieces)),
        subpatches=subpatches,
        extra={CUT_WIRES: tuple(cut)} if cut else {},
    )
    return dump(piece)


def read(text: str) -> Patch:
    """The piece that a text holds; EditError with a sentence if it is none."""
    reading = parse(text)
    if not text.lstrip().startswith("{") or reading.problems:
        why = f": {reading.problems[0]}" if text.lstrip().startswith("{") else ""
        raise EditError(f"what was copied is no patch{why}")
    if not reading.patch.nodes:
        raise EditError("what was copied has no nodes")
    return reading.patch


def paste(
    top: Patch,
    patch: Patch,
    piece: Patch,
    at: Position | None = None,
    *,
    outside: bool = False,
    within: Collection[str] = (),
) -> Pasted:
    """Put a piece into a patch, its middle at `at`, or else a bit beside where it was.

    `outside` keeps the wires that came from nodes which are here too. Definitions of the piece
    that the patch has already, and has equal, are shared; others come along under a free name.
    Themes come along where the patch has none of their name.
    `within` are the definitions that are being looked into: an instance of one would be inside
    itself, and is refused.
    """
    names = _names(top, piece)
    for node in piece.nodes.values():
        inner = names.get(node.type.removeprefix(INSTANCE), "")
        if node.type.startswith(INSTANCE) and inner in _holders(top, piece, names, within):
            raise EditError(f"the subpatch {inner} cannot be put inside itself")
    ids = _fresh(piece.nodes, patch.nodes)
    frames = _fresh(piece.groups, patch.groups)
    shift = _shift(patch, piece, at)
    edits: list[Edit] = []
    for id, node in piece.nodes.items():
        place = piece.layout.get(id)
        moved = None if place is None else (round(place[0] + shift[0]), round(place[1] + shift[1]))
        edits.append(AddNode(ids[id], _retyped(node, names), moved or at))
    edits += [AddWire(_renamed(wire, ids)) for wire in piece.wires]
    if outside:
        edits += [AddWire(wire) for wire in _outside(patch, piece, ids)]
    for id, group in piece.groups.items():
        edits.append(SetGroup(frames[id], _regrouped(group, ids)))
    new = {
        names[id]: each for id, each in piece.subpatches.items() if names[id] not in top.subpatches
    }
    definitions = {id: _inner_retyped(each, names) for id, each in new.items()}
    themes = {id: each for id, each in piece.themes.items() if id not in top.themes}
    return Pasted(
        definitions, themes, Batch(tuple(edits)), tuple(ids.values()), tuple(frames.values())
    )


def duplicate(
    top: Patch, patch: Patch, nodes: Collection[str], by: Position, *, outside: bool = True
) -> Pasted:
    """A copy of nodes beside them, moved `by`; fed by what feeds the originals."""
    piece = read(copy_text(top, patch, nodes))
    middle = middle_of(piece)
    at = None if middle is None else (middle[0] + by[0], middle[1] + by[1])
    return paste(top, patch, piece, at, outside=outside)


def _needed(top: Patch, nodes: Iterable[Node]) -> Iterator[tuple[str, Patch]]:
    """The definitions of instances among the nodes, and those inside them."""
    waiting, seen = [*nodes], set[str]()
    while waiting:
        name = waiting.pop().type
        id = name.removeprefix(INSTANCE)
        if name.startswith(INSTANCE) and id in top.subpatches and id not in seen:
            seen.add(id)
            yield id, top.subpatches[id]
            waiting += top.subpatches[id].nodes.values()


def _themes(top: Patch, nodes: Iterable[Node]) -> Mapping[str, Mapping[str, JSON]]:
    """The patch's own themes that texts of these nodes name, alone or on a line of theirs."""
    texts = [value for node in nodes for value in node.params.values() if isinstance(value, str)]
    named = {line.strip() for text in texts for line in text.splitlines()}
    return {id: theme for id, theme in top.themes.items() if id in named}


def _names(top: Patch, piece: Patch) -> dict[str, str]:
    """What each definition of the piece is called in the patch: shared if it is the same there."""
    names: dict[str, str] = {}
    for id, each in piece.subpatches.items():
        inner = dict(_needed(piece, each.nodes.values()))
        same = all(top.subpatches.get(i) == d for i, d in {**inner, id: each}.items())
        names[id] = id if same else free_id(id, {*top.subpatches, *names.values()})
    return names


def _holders(
    top: Patch, piece: Patch, names: Mapping[str, str], within: Collection[str]
) -> set[str]:
    """The definitions, by their names in the patch, that hold one of `within`, and those."""
    held = {**top.subpatches, **{names[id]: each for id, each in piece.subpatches.items()}}
    found = set(within)
    while more := {
        id
        for id, each in held.items()
        if id not in found
        and any(node.type.removeprefix(INSTANCE) in found for node in each.nodes.values())
    }:
        found |= more
    return found


def _fresh(wanted: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    used, fresh = set(taken), dict[str, str]()
    for id in wanted:
        fresh[id] = free_id(_stem(id) if id in used else id, used)
        used.add(fresh[id])
    return fresh


def _stem(id: str) -> str:
    """An id without its number, so that the copy of `lag_2` is `lag_3`."""
    stem, _, number = id.rpartition("_")
    return stem if stem and number.isdecimal() else id


def _retyped(node: Node, names: Mapping[str, str]) -> Node:
    id = node.type.removeprefix(INSTANCE)
    if not node.type.startswith(INSTANCE) or names.get(id, id) == id:
        return node
    return replace(node, type=INSTANCE + names[id])


def _inner_retyped(definition: Patch, names: Mapping[str, str]) -> Patch:
    nodes = {id: _retyped(node, names) for id, node in definition.nodes.items()}
    return replace(definition, nodes=nodes)


def _renamed(wire: Wire, ids: Mapping[str, str]) -> Wire:
    source, target = wire
    return Wire(
        Port(ids.get(source.node, source.node), source.port),
        Port(ids.get(target.node, target.node), target.port),
    )


def _regrouped(group: Group, ids: Mapping[str, str]) -> Group:
    return replace(group, nodes=tuple(ids[id] for id in group.nodes))


def _outside(patch: Patch, piece: Patch, ids: Mapping[str, str]) -> Iterator[Wire]:
    """Wires that came from outside, as far as their outlets' nodes are here."""
    cut = piece.extra.get(CUT_WIRES, ())
    for text in cut if isinstance(cut, tuple) else ():
        try:
            source, target = Wire.parse(str(text))
        except PatchError:
            continue
        if source.node in patch.nodes and target.node in ids:
            yield Wire(source, Port(ids[target.node], target.port))


def _shift(patch: Patch, piece: Patch, at: Position | None) -> Position:
    """How far a piece is moved: to the middle asked for, or a bit beside what lies there."""
    middle = middle_of(piece)
    if middle is None:
        return (0, 0)
    if at is not None:
        return (at[0] - middle[0], at[1] - middle[1])
    taken, by = set(patch.layout.values()), _ASIDE
    while any((x + by, y + by) in taken for x, y in piece.layout.values()):
        by += _ASIDE
    return (by, by)


def middle_of(piece: Patch) -> Position | None:
    """The place half way between the outermost corners of nodes; None if no node has a place."""
    if not piece.layout:
        return None
    xs, ys = zip(*piece.layout.values(), strict=True)
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
