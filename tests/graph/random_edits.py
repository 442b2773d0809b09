"""Edits made up at random, each of which fits the patch it is made for.

`random` may be a `Random` of a seed, for long sequences, or what `hypothesis.strategies.randoms`
draws, so that a failing sequence shrinks. The words of `Words` may be those of real node types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from nodegraph.errors import EditError
from nodegraph.graph import (
    JSON,
    UNSET,
    AddNode,
    AddWire,
    Batch,
    Edit,
    Expose,
    Group,
    MoveNode,
    Node,
    Patch,
    Port,
    RemoveNode,
    RemoveWire,
    RenameNode,
    Replace,
    SetGroup,
    SetMode,
    SetParam,
    SetSolo,
    SetSubpatch,
    SetText,
    SetTheme,
    SetThemePart,
    Wire,
    Within,
    collapse,
    expand,
    rename_subpatch,
)


@dataclass(frozen=True)
class Words:
    """What the edits are made of."""

    types: Sequence[str] = ("x.y", "flow.inlet", "flow.outlet", "Fremd/ding:ø")
    inlets: Sequence[str] = ("in", "value", "_x")
    outlets: Sequence[str] = ("out", "A9")
    params: Sequence[str] = ("rise", "fall", "in", "Ünï")
    values: Sequence[JSON] = (None, True, -0.0, 0, 1e300, 2**63 - 1, "é\n", (1, {"k": ((),)}))
    ids: Sequence[str] = ("a", "b", "c", "c_2", "ease", "voice")


def random_edits(
    patch: Patch, random: Random, count: int, words: Words | None = None
) -> list[Edit]:
    """Return `count` edits that fit `patch` one after the other."""
    made = []
    for _ in range(count):
        made.append(random_edit(patch, random, words or Words()))
        patch = made[-1].apply(patch)
    return made


def random_edit(patch: Patch, random: Random, words: Words) -> Edit:
    """Return an edit of any kind that fits `patch`."""
    while True:
        try:
            edit = random.choice(ANYWHERE + AT_THE_TOP)(patch, random, words)
            edit.apply(patch)
        except EditError:
            continue
        return edit


_T = TypeVar("_T")


def _one(random: Random, of: Iterable[_T]) -> _T:
    if not (found := list(of)):
        raise EditError("there is nothing to choose from")
    return random.choice(found)


def _some(patch: Patch, random: Random) -> str:
    return _one(random, patch.nodes)


def _place(random: Random) -> tuple[float, float] | None:
    return random.choice([None, (random.randint(-500, 500), random.random())])


def _node(patch: Patch, random: Random, words: Words) -> Node:
    types = [*words.types, *(f"subpatch.{id}" for id in patch.subpatches), "subpatch.gone"]
    params = {random.choice(words.params): random.choice(words.values)}
    return Node(random.choice(types), random.randint(1, 3), params if random.random() < 0.5 else {})


def _add_node(patch: Patch, random: Random, words: Words) -> Edit:
    return AddNode(random.choice(words.ids), _node(patch, random, words), _place(random))


def _remove_node(patch: Patch, random: Random, words: Words) -> Edit:
    return RemoveNode(_some(patch, random))


def _rename_node(patch: Patch, random: Random, words: Words) -> Edit:
    return RenameNode(_some(patch, random), random.choice(words.ids))


def _move_node(patch: Patch, random: Random, words: Words) -> Edit:
    return MoveNode(_some(patch, random), _place(random))


def _add_wire(patch: Patch, random: Random, words: Words) -> Edit:
    source = Port(_some(patch, random), random.choice(words.outlets))
    return AddWire(Wire(source, Port(_some(patch, random), random.choice(words.inlets))))


def _remove_wire(patch: Patch, random: Random, words: Words) -> Edit:
    return RemoveWire(_one(random, patch.wires))


def _set_param(patch: Patch, random: Random, words: Words) -> Edit:
    value = UNSET if random.random() < 0.2 else random.choice(words.values)
    return SetParam(_some(patch, random), random.choice(words.params), value)


def _set_mode(patch: Patch, random: Random, words: Words) -> Edit:
    return SetMode(_some(patch, random), random.choice(["", "bypass", "mute"]))


def _set_solo(patch: Patch, random: Random, words: Words) -> Edit:
    return SetSolo(_some(patch, random), random.random() < 0.5)


def _set_group(patch: Patch, random: Random, words: Words) -> Edit:
    nodes = tuple(node for node in patch.nodes if random.random() < 0.5)
    group = Group(random.choice(["", "Ünï\n"]), random.choice(["", "#00ff9C"]), nodes, {"x": 1})
    return SetGroup(random.choice(words.ids), random.choice([None, group, group]))


def _set_text(patch: Patch, random: Random, words: Words) -> Edit:
    return SetText(random.choice([None, "", "näme"]), random.choice([None, "", "two\nlines"]))


def _expose(patch: Patch, random: Random, words: Words) -> Edit:
    if patch.exposed and random.random() < 0.3:
        return Expose(_one(random, patch.exposed), None)
    address = f"{_some(patch, random)}.{random.choice(words.params)}"
    return Expose(random.choice(words.params), address)


def _batch(patch: Patch, random: Random, words: Words) -> Edit:
    edits = []
    for _ in range(random.randint(0, 4)):
        edits.append(random.choice(ANYWHERE)(patch, random, words))
        patch = edits[-1].apply(patch)
    return Batch(tuple(edits))


def _set_subpatch(patch: Patch, random: Random, words: Words) -> Edit:
    if patch.subpatches and random.random() < 0.2:
        return SetSubpatch(_one(random, patch.subpatches), None)
    subpatch = (
        patch.evolve(subpatches={}, themes={})
        if random.random() < 0.2
        else Patch("new", extra={"x": 1})
    )
    return SetSubpatch(random.choice(words.ids), subpatch)


def _set_theme(patch: Patch, random: Random, words: Words) -> Edit:
    if patch.themes and random.random() < 0.3:
        return SetTheme(_one(random, patch.themes), None)
    if patch.themes and random.random() < 0.5:
        place = tuple(random.choices(words.params, k=random.randint(1, 3)))
        return SetThemePart(_one(random, patch.themes), place, random.choice(words.values))
    theme = {random.choice(words.params): random.choice(words.values) for _ in range(2)}
    return SetTheme(random.choice((*words.ids, "Ünï thème")), theme)


def _within(patch: Patch, random: Random, words: Words) -> Edit:
    subpatch = _one(random, patch.subpatches)
    inner = patch.subpatches[subpatch]
    return Within(subpatch, random.choice(ANYWHERE)(inner, random, words))


def _replace(patch: Patch, random: Random, words: Words) -> Edit:
    for _ in range(3):
        patch = random.choice(ANYWHERE)(patch, random, words).apply(patch)
    return Replace(replace(patch, extra={"reloaded": random.random()}))


def _collapse(patch: Patch, random: Random, words: Words) -> Edit:
    within = random.choice(["", *patch.subpatches])
    nodes = (patch.subpatches[within] if within else patch).nodes
    chosen = [node for node in nodes if random.random() < 0.5]
    return collapse(patch, chosen, random.choice(words.ids), within)


def _expand(patch: Patch, random: Random, words: Words) -> Edit:
    within = random.choice(["", *patch.subpatches])
    nodes = (patch.subpatches[within] if within else patch).nodes
    instances = [id for id, node in nodes.items() if node.type.startswith("subpatch.")]
    return expand(patch, _one(random, instances), within)


def _rename_subpatch(patch: Patch, random: Random, words: Words) -> Edit:
    return rename_subpatch(patch, _one(random, patch.subpatches), random.choice(words.ids))


Maker = Callable[[Patch, Random, Words], Edit]
ANYWHERE: list[Maker] = [
    _set_text,  # the first always fits, and so sequences shrink to it
    _add_node,
    _add_node,
    _add_wire,
    _add_wire,
    _batch,
    _expose,
    _move_node,
    _remove_node,
    _remove_wire,
    _rename_node,
    _set_group,
    _set_mode,
    _set_param,
    _set_param,
    _set_solo,
]
AT_THE_TOP: list[Maker] = [
    _collapse,
    _expand,
    _rename_subpatch,
    _replace,
    _set_subpatch,
    _set_theme,
    _within,
    _within,
    _within,
    _within,
]
