"""Whose state is whose after an edit or a restart, which edges were seen, and who runs when."""

from __future__ import annotations

import pytest
from kit import catalogue, engine, patch

from nodegraph import Trigger, inlet, node, param
from nodegraph.compiler import compile_patch
from nodegraph.runtime.snapshot import Snapshot


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step


class Unpicklable:
    """A state that cannot leave its process."""

    def __reduce__(self) -> str:
        raise TypeError("no")


@node("t.odd", outlets="out", state=None)
def odd(state: object) -> tuple[object, float]:
    """Remember what cannot be packed."""
    return state or Unpicklable(), 1.0


class Clock:
    """Time that passes in slow nodes only."""

    now = 0.0
    taken = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@node("t.slow", outlets="out", state=0.0)
def slow(state: float, which: str = param("a")) -> tuple[float, float]:
    """Take as long as the test's clock says."""
    CLOCK.now += CLOCK.taken
    return state + 1.0, state + 1.0


TYPES = catalogue(count, odd, slow)


def test_nodes_that_come_back_together_each_find_their_own_state() -> None:
    one, both = patch({"m": "t.count"}), patch({"m": "t.count", "n": "t.count"})
    it = engine(compile_patch(one, TYPES))
    for _ in range(3):
        it.tick({})
    it.swap(compile_patch(both, TYPES, before=it.plan))
    it.tick({})
    assert (it.value("m.out"), it.value("n.out")) == (4.0, 1.0)
    it.swap(compile_patch(patch({}), TYPES, before=it.plan))
    it.swap(compile_patch(both, TYPES, before=it.plan))
    it.tick({})
    assert (it.value("m.out"), it.value("n.out")) == (5.0, 2.0)


def test_a_node_that_was_replaced_by_one_of_its_name_begins_anew_apart_from_its_equal() -> None:
    both = patch({"m": "t.count", "n": "t.count"})
    it = engine(compile_patch(both, TYPES))
    assert it.plan.shared == {"n": "m"}
    for _ in range(3):
        it.tick({})
    it.swap(compile_patch(both, TYPES, before=it.plan, fresh=["n"]), fresh=["n"])
    it.tick({})
    assert (it.value("m.out"), it.value("n.out")) == (4.0, 1.0)


@node("t.hits", outlets="out", state=0.0)
def hits(state: float, hit: Trigger = inlet(False)) -> tuple[float, float]:
    """Count hits."""
    return state + hit, state + hit


def test_what_was_on_does_not_come_on_again_in_another_engine() -> None:
    types = {**TYPES, **catalogue(hits)}
    made = patch({"n": "t.count", "h": "t.hits"}, ["n.out -> h.hit"])
    it = engine(compile_patch(made, types))
    for _ in range(4):
        it.tick({})
    assert it.value("h.out") == 1.0
    other = engine(compile_patch(made, types))
    other.restore(Snapshot.unpack(it.snapshot().pack()))
    other.tick({})
    assert (other.value("n.out"), other.value("h.out")) == (5.0, 1.0)


def test_a_state_that_cannot_be_read_or_written_loses_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = patch({"n": "t.count", "o": "t.odd", "l": "t.local"})

    @node("t.local", outlets="out", state=None)
    def local(state: object) -> tuple[object, float]:
        """Remember something of a class that will be gone."""
        return state or Gone(), 1.0

    types = {**TYPES, **catalogue(local)}
    it = engine(compile_patch(made, types))
    it.tick({})
    data = it.snapshot().pack()
    assert Snapshot.unpack(data).states.keys() == {"n", "l"}
    monkeypatch.delattr(f"{__name__}.Gone")
    assert Snapshot.unpack(data).states.keys() == {"n"}


class Gone:
    """A state of a class that an update of the plugin takes away."""


def test_a_node_at_half_its_rate_keeps_to_it_over_an_edit() -> None:
    CLOCK.now, CLOCK.taken = 0.0, 0.02
    it = engine(compile_patch(patch({"s": "t.slow"}), TYPES), strict=False, clock=CLOCK)
    it.budget.policy = "halve"
    for _ in range(4):  # the first is not measured
        it.tick({})
    CLOCK.taken = 0.0
    for _ in range(70):
        it.tick({})
    before = it.value("s.out")
    for number in range(40):
        made = patch({"s": "t.slow", "n": ("t.count", {"step": number / 4})})
        it.swap(compile_patch(made, TYPES, before=it.plan))
        it.tick({})
    assert it.value("s.out") <= before + 21.0  # type: ignore[operator]  # a number
