"""Event sources of a plan: paced, exchanged with it, and whatever a guest's do."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import KeyEvent
from nodegraph.compiler.plan import SourceNeed
from nodegraph.errors import ControlError
from nodegraph.host.listening import Listening, Pace
from nodegraph.plugins import Catalogue

DT = 512 / 48_000


def need(node: str, kind: str = "toy", **params: object) -> SourceNeed:
    return SourceNeed(node, kind, params, True)


class Toy:
    """Brings its params as an event in each tick, until told to misbehave."""

    def __init__(self, params: Mapping[str, object]) -> None:
        self.params, self.bad, self.closed, self.complaint = dict(params), None, 0, ""

    def read(self, now: float) -> Any:
        if isinstance(self.bad, Exception):
            raise self.bad
        return (KeyEvent(0.0, str(self.params.get("key", "")), True),) if not self.bad else self.bad

    def update(self, params: Mapping[str, object]) -> None:
        self.params = dict(params)

    def close(self) -> None:
        self.closed += 1


class Shop:
    """Opens toys, or refuses."""

    def __init__(self) -> None:
        self.opened: list[Toy] = []
        self.refuses: Exception | None = None

    def open(self, params: Mapping[str, object]) -> Toy:
        if self.refuses:
            raise self.refuses
        self.opened.append(Toy(params))
        return self.opened[-1]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def listening(shop: Shop) -> Listening:
    catalogue = Catalogue(event_sources={"toy": shop.open})
    return Listening(lambda it: catalogue.open_events(it.kind, it.params), lambda dt: 0.0)


def hear(listening: Listening, *needs: SourceNeed) -> None:
    listening.take(needs, listening.prepare(needs))


def keys(listening: Listening) -> dict[str, list[str]]:
    return {node: [it.key for it in events] for node, events in listening.read(DT).items()}


def test_what_stands_is_heard_on_and_what_is_gone_is_closed(
    shop: Shop, listening: Listening
) -> None:
    hear(listening, need("a", key="x"), need("b", key="y"))
    assert keys(listening) == {"a": ["x"], "b": ["y"]}
    hear(listening, need("b", key="z"))
    assert keys(listening) == {"b": ["z"]}
    assert len(shop.opened) == 2
    listening.close()
    assert [toy.closed for toy in shop.opened] == [1, 1]
    assert keys(listening) == {}


def test_a_param_is_followed(listening: Listening) -> None:
    hear(listening, need("a", key="x", other=1))
    listening.update("a", {"key": "y"})
    listening.update("nobody", {"key": "y"})
    assert keys(listening) == {"a": ["y"]}


def test_what_cannot_be_opened_is_a_problem_until_its_node_is_edited(
    shop: Shop, listening: Listening
) -> None:
    shop.refuses = ControlError("there is no such key")
    hear(listening, need("a"))
    assert keys(listening) == {"a": []}
    assert [str(problem) for problem in listening.problems] == ["a: there is no such key"]
    shop.refuses = ZeroDivisionError("oh")
    listening.update("a", {"key": "x"})
    assert "a source of kind 'toy' cannot be opened" in listening.problems[0].text
    shop.refuses = None
    listening.update("a", {"key": "y"})
    assert keys(listening) == {"a": ["y"]}
    assert listening.problems == ()
    hear(listening, need("b", "none"))
    assert "no plugin brings sources of kind 'none'; there are: toy" in listening.problems[0].text


@pytest.mark.parametrize("bad", [RuntimeError("not today"), ["a list"]])
def test_one_that_fails_is_nothing_and_the_others_are_heard(
    shop: Shop, listening: Listening, bad: object
) -> None:
    hear(listening, need("a", key="x"), need("b", key="y"))
    shop.opened[0].bad = bad
    assert keys(listening) == {"a": [], "b": ["y"]}
    assert keys(listening)["b"] == ["y"]
    story = (
        "RuntimeError: not today" if isinstance(bad, Exception) else "read gave list, not a tuple"
    )
    assert story in listening.problems[0].text


def test_a_complaint_is_a_problem_of_its_node(shop: Shop, listening: Listening) -> None:
    hear(listening, need("a"))
    shop.opened[0].complaint = "the cable is out"
    assert [str(problem) for problem in listening.problems] == ["a: the cable is out"]


class Grumbler(Toy):
    """Fails when it is asked what is wrong."""

    @property
    def complaint(self) -> str:
        raise RuntimeError("leave me alone")

    @complaint.setter
    def complaint(self, text: str) -> None: ...


def test_one_that_fails_to_complain_or_is_no_source_is_a_problem() -> None:
    shop = Catalogue(event_sources={"grumbler": Grumbler, "nothing": lambda params: None})  # type: ignore[arg-type,return-value]  # as guests do
    listening = Listening(lambda it: shop.open_events(it.kind, it.params), lambda dt: 0.0)
    hear(listening, need("a", "grumbler"), need("b", "nothing"))
    assert "RuntimeError: leave me alone" in listening.problems[0].text
    assert "'NoneType' object has no attribute" in listening.problems[1].text
    assert keys(listening) == {"a": [], "b": []}


@given(st.lists(st.floats(0.0, 0.02), min_size=200, max_size=200))
def test_the_pace_does_not_shake_as_the_ticks_do(late: list[float]) -> None:
    moments = iter([5.0 + n * DT + it for n, it in enumerate([0.0, *late])])
    pace = Pace(lambda: next(moments))
    ends = [pace(DT) for _ in range(201)]
    steps = [b - a - DT for a, b in pairwise(ends)]
    assert max(map(abs, steps)) <= 0.05 * 0.021
    assert all(-0.001 <= end - (5.0 + n * DT) <= 0.02 for n, end in enumerate(ends))


def test_the_pace_follows_a_drift_and_begins_anew_after_a_gap() -> None:
    moments = [n * DT * 1.001 for n in range(2000)]
    moments += [moments[-1] + 3.0 + n * DT for n in range(5)]
    each = iter(moments)
    pace = Pace(lambda: next(each))
    ends = [pace(DT) for _ in moments]
    assert abs(ends[1999] - moments[1999]) < 0.001
    assert ends[2000] == moments[2000]
