"""Where nodes lie: aligned, spread evenly, or tidied into layers from left to right by their wires.

All of it gives places (left and top, pixels at zoom 1) and looks at nothing but the nodes that it
is given: a tidied selection stays where its middle was.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from nodegraph.graph import Position, Wire

Size: TypeAlias = tuple[float, float]
How: TypeAlias = Literal["left", "right", "top", "bottom", "middle", "centre", "across", "down"]

GAP_X, GAP_Y = 80.0, 32.0
"""Pixels left free between layers, and between nodes of one layer."""

_SWEEPS = 6
_ROUNDS = 12
"""The second round finds what the first one left; there is seldom a third."""


def align(
    places: Mapping[str, Position], sizes: Mapping[str, Size], how: How
) -> dict[str, Position]:
    """Bring edges or middles of nodes onto one line, or spread the nodes evenly.

    `left`, `right`, `top` and `bottom` name the edge; `middle` puts middles at one height,
    `centre` one below the other; `across` and `down` spread, with the outermost ones staying.
    """
    if len(places) < 2:
        return dict(places)
    if how in ("across", "down"):
        return _spread(places, sizes, 0 if how == "across" else 1)
    axis = 0 if how in ("left", "right", "centre") else 1
    share = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}.get(how, 0.5)
    lines = {id: at[axis] + share * sizes[id][axis] for id, at in places.items()}
    low, high = min(lines.values()), max(lines.values())
    line = low if share == 0.0 else high if share == 1.0 else (low + high) / 2
    return {id: _placed(at, axis, line - share * sizes[id][axis]) for id, at in places.items()}


def tidy(
    places: Mapping[str, Position], sizes: Mapping[str, Size], wires: Sequence[Wire]
) -> dict[str, Position]:
    """Lay nodes out in layers, each right of all that feed it, with few wires crossing.

    After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
    structures" (1981): layers by the longest way, order in a layer by the mean of neighbours.
    Groups of nodes without a wire between them lie below each other. What was tidied once is not
    moved by a second time.
    """
    rounds = [dict(places)]
    while places and len(rounds) <= _ROUNDS:
        tidied = _tidied(rounds[-1], sizes, wires)
        if tidied in rounds:  # mostly the last one; sometimes two lead to each other
            return min(rounds[rounds.index(tidied) :], key=lambda each: sorted(each.items()))
        rounds.append(tidied)
    return rounds[-1]


def _tidied(
    places: Mapping[str, Position], sizes: Mapping[str, Size], wires: Sequence[Wire]
) -> dict[str, Position]:
    ids = sorted(places, key=lambda id: (places[id][1], places[id][0], id))
    inner = sorted({(w.source.node, w.target.node) for w in wires if _inside(w, places)})
    tidied: dict[str, Position] = {}
    top = 0.0
    for island in _islands(ids, inner):
        links = [(a, b) for a, b in inner if a in island]
        layers = _ordered(_layers(island, links), links)
        laid = _laid(layers, links, sizes, top)
        top = max(y + sizes[id][1] for id, (_, y) in laid.items()) + 2 * GAP_Y
        tidied |= laid
    left, up = (min(at[axis] for at in places.values()) for axis in (0, 1))
    x, y = (min(at[axis] for at in tidied.values()) for axis in (0, 1))
    return {id: (round(a - x + left), round(b - y + up)) for id, (a, b) in tidied.items()}


def _spread(
    places: Mapping[str, Position], sizes: Mapping[str, Size], axis: int
) -> dict[str, Position]:
    """Equal gaps between neighbours along an axis."""
    ids = sorted(places, key=lambda id: (places[id][axis] + sizes[id][axis] / 2, id))
    first, last = places[ids[0]][axis], places[ids[-1]][axis] + sizes[ids[-1]][axis]
    gap = (last - first - sum(sizes[id][axis] for id in ids)) / (len(ids) - 1)
    spread, at = dict[str, Position](), first
    for id in ids:
        spread[id] = _placed(places[id], axis, at)
        at += sizes[id][axis] + gap
    return spread


def _placed(at: Position, axis: int, value: float) -> Position:
    return (round(value), at[1]) if axis == 0 else (at[0], round(value))


def _inside(wire: Wire, places: Mapping[str, Position]) -> bool:
    ends = (wire.source.node, wire.target.node)
    return ends[0] in places and ends[1] in places and ends[0] != ends[1]


_Links: TypeAlias = Sequence[tuple[str, str]]


def _islands(ids: Sequence[str], links: _Links) -> list[list[str]]:
    """Nodes that hang together, each in the order of `ids`."""
    island = {id: id for id in ids}

    def root(id: str) -> str:
        while island[id] != id:
            island[id] = id = island[island[id]]
        return id

    for a, b in links:
        island[root(a)] = root(b)
    found: dict[str, list[str]] = {}
    for id in ids:
        found.setdefault(root(id), []).append(id)
    return list(found.values())


def _layers(ids: Sequence[str], links: _Links) -> list[list[str]]:
    """Each node as far right as the longest way to it; a loop is cut where it comes back."""
    before: dict[str, list[str]] = {id: [] for id in ids}
    for a, b in links:
        before[b].append(a)
    after = {id: [b for a, b in links if a == id] for id in ids}
    forward = _forward(ids, before, after)
    depth: dict[str, int] = {}
    for id in forward:
        depth[id] = 1 + max((depth[a] for a in before[id] if a in depth), default=-1)
    for id in reversed(forward):  # what nothing feeds moves up to what it feeds
        if not any(a in depth and depth[a] < depth[id] for a in before[id]):
            readers = [depth[b] for b in after[id] if depth[b] > depth[id]]
            depth[id] = min(readers) - 1 if readers else depth[id]
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for id in ids:
        layers[depth[id]].append(id)
    return [layer for layer in layers if layer]


def _forward(
    ids: Sequence[str], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> list[str]:
    """The nodes with those first that feed others; of a loop, the one that comes first."""
    missing = {id: len(before[id]) for id in ids}
    left, order = dict.fromkeys(ids), list[str]()
    while left:
        ready = next((id for id in left if missing[id] == 0), None) or next(iter(left))
        del left[ready]
        order.append(ready)
        for id in after[ready]:
            missing[id] -= 1
    return order


def _ordered(layers: list[list[str]], links: _Links) -> list[list[str]]:
    """The layers with each node near the middle of its neighbours; the best order seen."""
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for a, b in links:
        into.setdefault(b, []).append(a)
        out.setdefault(a, []).append(b)
    best, least = layers, _crossings(layers, links)
    for sweep in range(_SWEEPS):
        if not least:
            break
        neighbours = into if sweep % 2 == 0 else out
        order = layers if sweep % 2 == 0 else layers[::-1]
        rank = {id: i for layer in layers for i, id in enumerate(layer)}
        moved = []
        for layer in order:
            means = {id: _mean([rank[n] for n in neighbours.get(id, ())], rank[id]) for id in layer}
            layer = sorted(layer, key=lambda id: means[id])
            rank |= {id: i for i, id in enumerate(layer)}
            moved.append(layer)
        layers = moved if sweep % 2 == 0 else moved[::-1]
        if (count := _crossings(layers, links)) < least:
            best, least = layers, count
    return best


def _mean(ranks: Sequence[int], own: int) -> float:
    return sum(ranks) / len(ranks) if ranks else float(own)


def _crossings(layers: Sequence[Sequence[str]], links: _Links) -> int:
    """How many pairs of wires between the same two layers cross."""
    at = {id: (i, j) for i, layer in enumerate(layers) for j, id in enumerate(layer)}
    between: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for a, b in links:
        between.setdefault((at[a][0], at[b][0]), []).append((at[a][1], at[b][1]))
    return sum(_inversions([b for _, b in sorted(pairs)]) for pairs in between.values())


def _inversions(numbers: Sequence[int]) -> int:
    seen: list[int] = []
    count = 0
    for number in numbers:
        count += len(seen) - bisect_right(seen, number)
        insort(seen, number)
    return count


def _laid(
    layers: Sequence[Sequence[str]], links: _Links, sizes: Mapping[str, Size], top: float
) -> dict[str, Position]:
    """Places by layer: at the height of what feeds the node, below the one above it."""
    laid: dict[str, Position] = {}
    into: dict[str, list[str]] = {}
    for a, b in links:
        into.setdefault(b, []).append(a)
    x = 0.0
    for layer in layers:
        below = top
        for id in layer:
            feeding = [laid[a][1] for a in into.get(id, ()) if a in laid]
            y = max(below, min(feeding, default=below))
            laid[id] = (x, y)
            below = y + sizes[id][1] + GAP_Y
        x += max(sizes[id][0] for id in layer) + GAP_X
    return laid
