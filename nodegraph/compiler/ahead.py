"""What depends on sound alone leaves the plan, to be computed for many ticks at once.

Only offline is the sound known beforehand. What was computed comes back as if a source brought it,
tick by tick: so the rest of the plan, its guards and the engine know nothing of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from nodegraph.body import Body
from nodegraph.compiler.order import Steps, vector_of
from nodegraph.compiler.plan import Feed, Step
from nodegraph.nodetype import NodeType, Outlet
from nodegraph.values import NUMERIC

_T = TypeVar("_T")

_PRODUCT = "product"


def put_ahead(steps: Steps) -> tuple[tuple[Step, ...], Steps]:
    """Split steps into those that are computed ahead, and those that run each tick, among them
    what brings the others what they read. Takes and gives ordered steps.

    A step is computed ahead if its node type can be, and all that arrives was. Of one that cannot,
    at least the matrix product is, whose rows are another step then.
    """
    early: Steps = {}
    late: Steps = {}
    for id, step in steps.items():
        if _is_early(step, early):
            early[id] = step
        elif (feed := _rows_feed(step)) is not None and feed.node in early:
            alone = _rows_alone(step, feed)
            early[alone.id] = alone
            late[id] = _without_rows(step, Feed(alone.id, _PRODUCT))
        else:
            late[id] = step
    read = {(feed.node, feed.outlet) for step in late.values() for feed in step.feeds.values()}
    told: Steps = {}
    for id, step in early.items():
        kinds = step.outlet_kinds.items()
        wanted = {name: kind for name, kind in kinds if kind in NUMERIC or (id, name) in read}
        if wanted:
            told[id] = replace(
                step, type=_bringing(step.type, wanted), feeds={}, outlet_kinds=wanted
            )
    return (*early.values(),), told | late


def _is_early(step: Step, early: Mapping[str, Step]) -> bool:
    """Whether it can be computed ahead. A param that is driven may change at every tick."""
    feeds = step.feeds
    if step.type.ahead is None or feeds.keys() != step.type.inlets.keys():
        return False
    return all(feed.node in early and feed.conversion == "{x}" for feed in feeds.values())


def _rows_feed(step: Step) -> Feed | None:
    """Where the vector of its product comes from, if its rows are always the same."""
    if step.type.rows is None or any(name in step.feeds for name in step.type.row_params):
        return None
    return step.feeds[vector_of(step)]


def _rows_alone(step: Step, feed: Feed) -> Step:
    """The product of a step, as a step of its own."""
    inlet = step.type.inlets[vector_of(step)]
    type_ = replace(
        step.type,
        arguments=(_PRODUCT,),
        keywords=frozenset(),
        inlets={inlet.name: inlet},
        outlets={_PRODUCT: Outlet(_PRODUCT, "vector", "", None, None, None, None, "")},
        stateful=False,
        state=None,
        ahead=_same,
    )
    kinds = {inlet.name: inlet.kind}, {_PRODUCT: "vector"}
    # No node can be called so (see `nodegraph.compiler.names`).
    return Step(f"{step.id}/·rows", type_, step.params, {inlet.name: feed}, *kinds)


def _same(product: _T) -> _T:
    return product


def _without_rows(step: Step, product: Feed) -> Step:
    """The step, with its product arriving from elsewhere."""
    type_ = replace(step.type, rows=None, row_params=())
    return replace(step, type=type_, feeds={**step.feeds, _PRODUCT: product})


def _bringing(type_: NodeType, kinds: Mapping[str, str]) -> NodeType:
    """What stands for a node type where a source brings what some of its outlets give, a tuple.
    All of it was looked at before, so that nothing can go wrong with it."""
    given = tuple(f"{{audio}}[{place}]" for place in range(len(kinds)))
    return replace(
        type_,
        arguments=("audio",),
        keywords=frozenset(),
        inlets={},
        params={},
        outlets={name: type_.outlets[name] for name in kinds},
        stateful=False,
        state=None,
        source=None,
        rows=None,
        row_params=(),
        ahead=None,
        given_body=Body((), given, (), plain=True),
    )
