"""Which ports of a node type suit a wire best, and so which types can be offered for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from nodegraph.editor.wiring import fits
from nodegraph.nodetype import ANY, REQUIRED, Inlet, NodeType, Param

_CONVERTED, _ANY, _PARAM, _UNLIKE = 8.0, 4.0, 6.0, 2.0
"""What a pair of ports costs for being less than two of one kind: the least is the best."""


class Through(NamedTuple):
    """How a wire goes through a node: in at `inlet` (or a param), out at `outlet`."""

    inlet: str
    outlet: str


def inlet_for(type_: NodeType, kind: str) -> str | None:
    """The inlet, or else the param, that suits what comes on a wire of a kind; None if none."""
    found = [(cost, name) for cost, name in _targets(type_, kind)]
    return min(found)[1] if found else None


def outlet_for(type_: NodeType, kind: str) -> str | None:
    """The outlet that suits an inlet of a kind; None if none does."""
    found = list(_outlets(type_, kind))
    return min(found)[1] if found else None


def through(type_: NodeType, given: str, wanted: str) -> Through | None:
    """How a wire between two kinds goes through a node of a type, at its best; None if it cannot.

    An outlet that takes after an inlet of any kind carries what arrives there. A param is no way
    in where there are inlets: what it gives is not what came.
    """
    best: tuple[float, Through] | None = None
    for cost, inlet in _targets(type_, given):
        if type_.inlets and inlet not in type_.inlets:
            continue
        carried = given if type_.targets[inlet].kind == ANY else ""
        for more, outlet in _outlets(type_, wanted, carried):
            found = (cost + more, Through(inlet, outlet))
            best = min(best, found) if best else found
    return best[1] if best else None


def distance(type_: NodeType, kind: str, end: str) -> float | None:
    """How far a type is from suiting a loose wire; None if it does not suit, 0 is the closest.

    `end` says what the wire still looks for: "inlet" or "outlet".
    """
    found = _targets(type_, kind) if end == "inlet" else _outlets(type_, kind)
    return min((cost for cost, _ in found), default=None)


def pairs(source: NodeType, target: NodeType) -> list[tuple[str, str]]:
    """Outlet and inlet of two types that can be wired, the best first."""
    found = []
    for outlet, target_name in product(source.outlets.values(), target.targets):
        if outlet.kind != "message":
            for cost, name in _targets(target, outlet.kind):
                if name == target_name:
                    found.append((cost, outlet.name, name))
    order = {name: i for i, name in enumerate([*source.outlets, *target.targets])}
    found.sort(key=lambda each: (each[0], order[each[1]], order[each[2]]))
    return [(outlet, name) for _, outlet, name in found]


def _targets(type_: NodeType, kind: str) -> Iterator[tuple[float, str]]:
    if kind == "message":
        return
    inlets: Mapping[str, Inlet | Param] = {**type_.inlets, **type_.params}
    for place, (name, target) in enumerate(inlets.items()):
        if fits(kind, target.kind):
            needed = isinstance(target, Inlet) and target.default is REQUIRED
            param = isinstance(target, Param)
            cost = _kinds_cost(kind, target.kind) + _PARAM * param - 0.5 * needed + place / 100
            yield max(cost, place / 100), name


def _outlets(type_: NodeType, kind: str, carried: str = "") -> Iterator[tuple[float, str]]:
    """What outlets cost; those of any kind carry what is said, or else what they do unwired."""
    for place, outlet in enumerate(type_.outlets.values()):
        given = (carried or type_.unwired_kind) if outlet.kind == ANY else outlet.kind
        if given != "message" and fits(given, kind):
            unlike = _UNLIKE * (bool(carried) and outlet.kind != ANY)
            yield _kinds_cost(given, kind) + unlike + place / 100, outlet.name


def _kinds_cost(given: str, wanted: str) -> float:
    if given == wanted:
        return 0.0
    return _ANY if ANY in (given, wanted) else _CONVERTED
