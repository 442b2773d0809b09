"""Corners of the compiler: names that meet, values that look right, edited files, many nodes."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import catalogue, engine, patch, run

from nodegraph import Message, Vector, inlet, node, outlet, param
from nodegraph.compiler import compile_patch
from nodegraph.compiler.inline import inlined
from nodegraph.errors import SpecError
from nodegraph.graph import Patch, SetMode
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of


@node("acme.band_level", outlets="out")
def one(value: float = inlet(1.0)) -> float:
    """Add ten, by a call."""
    return sum(x + 10.0 for x in (value,))


@node("acme_band.level", outlets="out")
def two(value: float = inlet(2.0)) -> float:
    """Give a hundred times as much, by a call."""
    return sum(x * 100.0 for x in (value,))


@node("acme.band", outlets="level level_ vector")
def three(state_: float = inlet(3.0)) -> tuple[float, float, float]:
    """Have outlets that are called like functions."""
    return state_, state_ + 1.0, state_ + 2.0


@node("t.tick", outlets="out class def", state=0.0)
def tick(state: float) -> tuple[float, float, float, float]:
    """Count."""
    return state + 1.0, state + 1.0, state + 2.0, state + 3.0


@node("t.named", outlets="out")
def named(*, a: float = inlet(0.0), b: float = param(2.0, "", 0.0, 9.0)) -> float:
    """Take arguments by name."""
    return sum(x for x in (a, b))


@node("t.endless", outlets="out", state=0.0)
def endless(
    state: float, value: float = inlet(math.inf), share: float = inlet(np.float64(0.5))
) -> tuple[float, float]:
    """Have defaults that Python cannot spell."""
    return 0.0, min(value, 7.0) + share


TYPES = catalogue(one, two, three, tick, named, endless)


def test_types_whose_ids_differ_in_a_dot_stay_two() -> None:
    made = patch({"a": "acme.band_level", "b": "acme_band.level"})
    assert run(made, TYPES, 1) == {"a.out": [11.0], "b.out": [200.0]}


def test_outlets_may_be_called_like_functions_guards_and_keywords() -> None:
    made = patch(
        {
            "acme": "acme.band",
            "acme_band": "acme.band",
            "acme__band": "acme.band",
            "check": "acme.band",
            "x": "acme_band.level",
            "t": "t.tick",
            "def": "t.tick",
            "state": "t.tick",
        },
        ["t.out -> acme.state_", "t.class -> acme_band.state_", "acme.level_ -> x.value"],
    )
    columns = run(made, TYPES, 2)
    assert columns["acme.level"] == [1.0, 2.0]
    assert columns["acme_band.level"] == [2.0, 3.0]
    assert columns["x.out"] == [200.0, 300.0]
    assert columns["def.def"] == [3.0, 4.0]
    assert columns["check.vector"] == [5.0, 5.0]


def test_arguments_that_are_taken_by_name_only_are_given_by_name() -> None:
    assert run(patch({"t": "t.tick", "n": "t.named"}, ["t.out -> n.a"]), TYPES, 1)["n.out"] == [3.0]


def test_defaults_that_python_cannot_spell_arrive() -> None:
    assert run(patch({"e": "t.endless"}), TYPES, 1)["e.out"] == [7.5]


def test_a_range_of_numpy_numbers_is_a_range() -> None:
    @node("t.held", outlets="out")
    def held(x: float = param(0.5, "", np.float64(0.0), np.float64(1.0))) -> float:
        """Give a param."""
        return x

    made = patch({"t": "t.tick", "h": "t.held"}, ["t.out -> h.x"])
    assert run(made, catalogue(tick, held), 2)["h.out"] == [1.0, 1.0]


def test_two_messages_of_one_node_are_two_and_none_is_sent_if_it_fails() -> None:
    @node("t.two", outlets="one two value", state=0.0)
    def two_messages(state: float) -> tuple[float, Message, Message, float]:
        """Send twice; fail at the second tick."""
        value = math.nan if state == 1.0 else state
        return state + 1.0, Message("a", {}), Message("b", {}), value

    it = engine(compile_patch(patch({"m": "t.two"}), catalogue(two_messages)), strict=False)
    assert [message.sink for message in it.tick({})] == ["a", "b"]
    assert it.tick({}) == ()


def test_a_node_that_sends_does_so_every_tick_even_of_constants() -> None:
    @node("t.say", outlets="message")
    def say(value: float = param(1.0, "", 0.0, 2.0)) -> Message:
        """Send a number."""
        return Message("scope", {"value": value})

    it = engine(compile_patch(patch({"s": "t.say"}), catalogue(say)))
    assert [len(it.tick({})) for _ in range(3)] == [1, 1, 1]


def test_a_message_on_a_wire_is_refused_in_words_that_fit() -> None:
    @node("t.say", outlets="message")
    def say() -> Message:
        """Send nothing much."""
        return Message("scope", {})

    @node("t.any", outlets=[outlet("out", like="value")])
    def hold(value: object = inlet(0.0)) -> object:
        """Pass anything."""
        return value

    made = patch({"s": "t.say", "h": "t.any"}, ["s.message -> h.value"])
    plan = compile_patch(made, catalogue(say, hold))
    (problem,) = plan.problems
    assert "s.message gives messages" in problem.text
    assert (problem.node, problem.port) == ("h", "value")
    assert plan.kinds["h.out"] == "number"


def test_a_product_is_made_with_the_vector_inlet_even_behind_one_of_any_kind() -> None:
    def rows(size: int, rate: float) -> np.ndarray:
        return np.ones((1, size), np.float32)

    @node("t.vec", outlets="out")
    def vector(scale: float = param(1.0, "", 0.0, 9.0)) -> Vector:
        """Give a vector."""
        return np.full(3, scale, np.float32)

    @node("t.row", outlets="out", rows=rows)
    def row(product: Vector, extra: object = inlet(None), values: Vector = inlet()) -> float:
        """Sum a vector."""
        return float(product[0])

    made = patch(
        {"a": "t.vec", "b": ("t.vec", {"scale": 2.0}), "r": "t.row"},
        ["a.out -> r.extra", "b.out -> r.values"],
    )
    assert run(made, catalogue(vector, row), 1)["r.out"] == [6.0]


SOURCE = """
from nodegraph import inlet, node
@node("edited.x", outlets="out")
def x(value: float = inlet(1.0)) -> float:
    'Say {word}.'
    return value + {number}
"""


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_file_that_was_edited_after_its_import_is_not_inlined(tmp_path: Path) -> None:
    file = tmp_path / "edited_nodes.py"
    file.write_text(SOURCE.format(word="one", number=1.0))
    first, second = (type_of(loaded(file).x) for _ in range(2))
    assert inlined(first, {"value": "v"}, ["out"]) is not None
    file.write_text(SOURCE.format(word="one, now two", number=2.0))
    assert inlined(second, {"value": "v"}, ["out"]) is None


def plain(function: Any) -> Any:
    def wrapper(value: float) -> float:
        return -1.0

    wrapper.__wrapped__ = function  # type: ignore[attr-defined]  # as functools.wraps does
    wrapper.__doc__, wrapper.__defaults__ = function.__doc__, function.__defaults__
    return wrapper


def test_what_a_decorator_wrapped_is_called_as_wrapped() -> None:
    @node("t.wrapped", outlets="out")
    @plain
    def wrapped(value: float = inlet(1.0)) -> float:
        """Give a number."""
        return value

    assert run(patch({"w": "t.wrapped"}), catalogue(wrapped), 1)["w.out"] == [-1.0]


class Color(StrEnum):
    RED = "red"


def refusal(**options: Any) -> Any:
    return pytest.raises(SpecError, match=options.pop("match"))


def test_what_cannot_be_a_node_is_refused_in_a_sentence() -> None:
    from functools import partial

    with refusal(match="made of a function"):
        node("t.x", outlets="out")(partial(max, 1.0))
    with refusal(match="it is async"):

        @node("t.x", outlets="out")
        async def later() -> float:
            """Wait."""
            return 1.0

    with refusal(match="it yields"):

        @node("t.x", outlets="out")
        def many() -> Any:
            """Yield."""
            yield 1.0

    with refusal(match="no name for a port"):

        @node("t.x", outlets=["my out"])
        def spaced() -> float:
            """Have a space in a name."""
            return 1.0

    with refusal(match="not all plain texts"):

        @node("t.x", outlets="out")
        def colored(color: str = param(Color.RED, choices=tuple(Color))) -> float:
            """Choose."""
            return 1.0

    with refusal(match="its default 'one' is not a number"):

        @node("t.x", outlets="out")
        def mistaken(value: float = inlet("one")) -> float:  # type: ignore[assignment]  # wrong on purpose
            """Have a wrong default."""
            return 1.0

    with refusal(match="a latch starts with"):

        @node("t.x", outlets=[outlet("out", like="value")], state=0.0, latch=True)
        def stuck(state: float, value: object = inlet(None)) -> object:
            """Start as a number, whatever comes."""
            return value


@node("t.pass", outlets=[outlet("out", like="value")])
def pass_on(value: object = inlet()) -> object:
    """Pass anything."""
    return value


def assert_grows_evenly(made: Callable[[int], Patch], types: Mapping[str, NodeType]) -> None:
    """Four times as much takes about four times as long, at the third try if the machine is busy;
    what looks at each node for each other takes sixteen times as long."""
    times = 16.0
    for _ in range(3):
        seconds = []
        for each in (made(300), made(1200)):
            start = time.process_time()
            compile_patch(each, types)
            seconds.append(time.process_time() - start)
        times = min(times, seconds[1] / seconds[0])
        if times < 8.0:
            return
    assert times < 8.0


@pytest.mark.slow
@pytest.mark.parametrize("reverse", [False, True])
def test_long_chains_compile_in_time_that_grows_with_them(reverse: bool) -> None:
    def chain(size: int, *, fed: bool) -> Any:
        names = [f"p{i:04}" for i in range(size)]
        names = names[::-1] if reverse else names
        wires = [f"{a}.out -> {b}.value" for a, b in pairwise(names)]
        nodes = {**dict.fromkeys(names, "t.pass"), **({"tick": "t.tick"} if fed else {})}
        return patch(nodes, [*wires, f"tick.out -> {names[0]}.value"] if fed else wires)

    types = catalogue(pass_on, tick)
    assert_grows_evenly(partial(chain, fed=True), types)
    assert_grows_evenly(partial(chain, fed=False), types)
    assert len(compile_patch(chain(2000, fed=False), types).problems) == 2000


def test_many_equal_and_many_unknown_nodes_compile_in_time() -> None:
    for type_ in ("t.tick", "t.tack"):
        assert_grows_evenly(lambda size, it=type_: patch({f"n{i}": it for i in range(size)}), TYPES)


@pytest.mark.parametrize("mode", ["bypass", "mute"])
def test_what_has_no_outlets_can_be_switched_off(mode: str) -> None:
    @node("t.jot")
    def jot(text: str = param("")) -> None:
        """Do nothing."""

    note = SetMode("note", mode).apply(patch({"note": "t.jot", "beside": "t.tick"}))
    assert compile_patch(note, {**TYPES, **catalogue(jot)}).problems == ()
