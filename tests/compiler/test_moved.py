"""Patches of older versions, whose wires go to inlets that are gone."""

from __future__ import annotations

from typing import Any

import pytest
from kit import catalogue, engine

from nodegraph import Vector, inlet, node
from nodegraph.compiler import Plan, compile_patch
from nodegraph.declaration import declare, declared
from nodegraph.errors import SpecError
from nodegraph.graph import AddWire, Patch, RemoveWire, Wire, dump, parse
from nodegraph.spec import type_of


@node("t.count", outlets="out", state=0.0)
def counted(state: float) -> tuple[float, float]:
    """Count ticks."""
    return state + 1.0, state


@node("t.list", outlets="list")
def listed(value: float = inlet()) -> Vector:
    """Make a list of a number."""
    raise NotImplementedError


def upgrade(params: dict[str, Any], from_version: int) -> dict[str, Any]:
    return params


@node("t.sum", outlets="out", version=2, upgrade=upgrade)
def summed(value: float = inlet(instead_of="list")) -> float:
    """Take the number itself, of which version 1 took a list."""
    return value


TYPES = catalogue(counted, listed, summed)
OLD = """{
  "nodegraph": 1,
  "nodes": {
    "first": {"type": "t.count@1"},
    "list": {"type": "t.list@1"},
    "other": {"type": "t.count@1"},
    "sum": {"type": "t.sum@1"}
  },
  "wires": [
    "first.out -> list.value",
    "list.list -> sum.list"
  ]
}
"""


def fed(plan: Plan) -> dict[str, str]:
    feeds = plan.by_id["sum"].feeds
    return {name: f"{feed.node}.{feed.outlet}" for name, feed in feeds.items()}


def compiled(patch: Patch, before: Plan | None = None) -> Plan:
    return compile_patch(patch, TYPES, watch=["sum"], before=before)


def wire(text: str) -> Wire:
    return Wire.parse(text)


def test_an_inlet_gets_what_the_node_before_was_made_from() -> None:
    patch = parse(OLD).patch
    plan = compiled(patch)
    assert plan.problems == ()
    assert fed(plan) == {"value": "first.out"}
    assert "list" not in plan.by_id, "nobody needs it any more"
    playing = engine(plan)
    playing.tick({})
    playing.tick({})
    assert playing.value("sum.out") == 1.0
    assert dump(patch) == OLD, "the file stays what it is"


def test_what_is_further_up_is_asked_again_after_an_edit() -> None:
    patch = parse(OLD).patch
    plan = compiled(patch)
    patch = RemoveWire(wire("first.out -> list.value")).apply(patch)
    patch = AddWire(wire("other.out -> list.value")).apply(patch)
    assert fed(compiled(patch, plan)) == {"value": "other.out"}


def test_a_wire_of_its_own_goes_before_and_new_nodes_have_no_old_inlets() -> None:
    old = parse(OLD).patch
    both = AddWire(wire("other.out -> sum.value")).apply(old)
    assert fed(compiled(both)) == {"value": "other.out"}
    new = parse(OLD.replace("t.sum@1", "t.sum@2")).patch
    (gone, unfed) = compiled(new).problems
    assert gone.text.startswith("t.sum has no inlet or param list; it has value")
    assert unfed.node == "sum"
    loose = RemoveWire(wire("first.out -> list.value")).apply(old)
    assert {problem.node for problem in compiled(loose).problems} == {"list", "sum"}


def test_another_process_knows_it_too_and_it_must_be_gone() -> None:
    type_ = declared(declare(type_of(summed)))
    assert type_.replaced["list"].name == "value"
    with pytest.raises(SpecError, match="value is there instead of of, which is not gone"):

        @node("t.wrong", outlets="out")
        def wrong(of: float = inlet(), value: float = inlet(instead_of="of")) -> float:
            """Be wrong."""
            return of + value
