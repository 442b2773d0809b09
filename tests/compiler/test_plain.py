"""Bodies of which it is known what they do before they run: that it is so whenever they do run."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from kit import catalogue, patch
from plain_kit import KNOWN, NEEDS, Pair, templates, values

from nodegraph import Trigger, inlet, node, param
from nodegraph.body import Body
from nodegraph.compiler import compile_patch
from nodegraph.inferred import spelt
from nodegraph.nodetype import NodeType
from nodegraph.plain import examined

GOLDEN = Path(__file__).parent / "golden"
FAILS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def of(returned: tuple[str, ...], outlets: list[type], state: object = None) -> Body:
    return examined(
        Body((), returned, tuple(NEEDS)), KNOWN, NEEDS, outlets, state, {"knob", "count", "dt"}
    )


def outcome(text: str, names: dict[str, Any]) -> Any:
    """What an expression gives, with what tells one zero from the other; or that it fails."""
    try:
        made = eval(text.replace("{", "").replace("}", ""), {**NEEDS, **names})
    except FAILS:
        return "fails"
    return type(made), repr(made)


@given(templates((*KNOWN, "state")), values)
def test_what_is_plain_gives_what_was_said_of_it(text: str, names: dict[str, Any]) -> None:
    body = of(("{state}", text), [float])
    if not body.plain:
        return
    assert {"NoneType"} <= {*body.memory}
    if spelt(names["state"]) in body.memory:
        found = outcome(text, names)
        assert found == "fails" or found[0] is float


@given(templates(tuple(KNOWN)), values)
def test_what_is_settled_beforehand_is_the_same_to_the_last_bit(
    text: str, names: dict[str, Any]
) -> None:
    body = of((text,), [float])
    whole = outcome(text, names)
    for number, expression in enumerate(body.settled):
        assert not any(f"{{{name}}}" in expression for name in ("a", "b", "on", "state"))
        try:
            names[f"K{number}"] = eval(expression.translate({123: None, 125: None}), NEEDS | names)
        except FAILS:
            continue  # it has no value: whoever needs it fails, and then all is done again
    (opened,) = body.opened([f"K{number}" for number in range(len(body.settled))]).returned
    try:
        assert outcome(opened, names) == whole
    except NameError:
        assert body.settled
    (inline,) = body.opened([None] * len(body.settled)).returned
    assert outcome(inline, names) == whole


def body_of(function: Callable[..., Any]) -> Body:
    type_: NodeType = catalogue(function)[next(iter(catalogue(function)))]
    assert type_.body is not None
    return type_.body


def test_a_state_is_whatever_the_body_makes_of_it() -> None:
    @node("t.ease", outlets="out")
    def ease(
        value: float = inlet(0.0), low: int = param(1, "", 0, 5), time: float = param(1, "", 1, 9)
    ) -> float:
        """Whole numbers come to where a number is wanted."""
        return value * low if value else low / time

    @node("t.whole", outlets="out")
    def whole(low: int = param(1, "", 0, 5)) -> float:
        """A whole number is no float."""
        return low

    assert body_of(ease).plain
    assert not body_of(whole).plain
    assert of(("{a}", "0.0 if {state} is None else {state} + 1.0"), [float]).memory == (
        "NoneType",
        "float",
    )


def test_a_state_may_be_a_tuple_and_its_parts_are_known() -> None:
    """As of `shape.auto_range` and of `logic.threshold`."""
    ends = ("({a}, {b}) if {state} is None else ({state}[1], {b})", "{a} - {b}")
    assert of(ends, [float]).memory == ("NoneType", "tuple(float, float)")
    named = ("{Pair}({state}.one + {a}, {state}.one)", "{state}.one")
    body = of(named, [float], Pair())
    assert body.plain
    assert body.memory == ("Pair(float, NoneType)", "Pair(float, float)")
    assert not of(("{state}", "{state}.other"), [float], Pair(1.0, 2)).plain  # an int
    assert not of(("({state}, 1.0)", "{a}"), [float]).plain  # each tick it would be deeper


class Own(NamedTuple):
    one: float
    other: object = True

    def __floor__(self) -> str:
        """It could do anything."""
        return "anything"


def test_what_is_left_out_of_a_named_tuple_is_its_default() -> None:
    made = examined(
        Body((), ("{Own}({a})", "{state}.other"), ("Own",)),
        KNOWN,
        {"Own": Own},
        [float],
        Own(0.0, 1.0),
        (),
    )
    assert not made.plain  # True is no number, and it is the state from the first tick on
    short = ("{Pair}({a})", "{a} if {state}.other is None else {b}")
    assert of(short, [float], Pair(0.0, 1.0)).memory == (
        "Pair(float, NoneType)",
        "Pair(float, float)",
    )


@pytest.mark.parametrize("function", ["float({state})", "{math}.floor({state}) * {a}"])
def test_a_tuple_is_no_number_but_may_say_it_is_one(function: str) -> None:
    body = Body((), ("{state}", function), ("math",))
    assert not examined(body, KNOWN, {"math": math}, [float], Own(0.0, 1.0), ()).plain


def test_no_part_of_a_tuple_is_no_type_at_all() -> None:
    assert of(("({a}, {b})[2] if {on} else {a}",), [float]).plain


def test_a_choice_between_what_is_settled_is_made_late() -> None:
    body = of(("{exp}(-{dt} / ({knob} if {a} > {b} else {count}))",), [float])
    assert body.returned == ("{·0} if {a} > {b} else {·1}",)
    assert body.settled == ("{exp}(-{dt} / {knob})", "{exp}(-{dt} / {count})")


@pytest.mark.parametrize(
    "text",
    [
        "{a} ** {b}",  # it may be complex
        "{a} ** -1",
        "{on} + {on}",  # an int
        "{count}",
        "{other}({a})",
        "{a}.real",
        "[{a}][0]",
        "{a} in ({a}, {b})",
        "round({a})",
        "{math}.isnan({a})",
        "max({a}, {count})",
        "'x' * {count}",
        "{a} and {on}",
        "{exp}(*{a})",
        "{Pair}({a}, {b}).both",
        "{Pair}({a}, {b}).count({a})",
        "{Pair}({a}, ({a}, {b})).one",  # one within the other
        "({a}, {b}) + ({a},)",
        "({a}, {b})[{count}]",
        "({a}, {b})[:1]",
        "'text'[0]",
        "{Odd}({a}).one",
        "0.0 if {Odd}({a}) else {a}",
    ],
)
def test_what_is_not_known_to_be_a_float_is_not_plain(text: str) -> None:
    assert not of((text,), [float]).plain


def test_a_body_with_an_effect_is_not_plain() -> None:
    seen: list[float] = []
    needs = {**NEEDS, "note": seen.append}
    body = Body((("_", "{note}({a})"),), ("{a}",), ("note",))
    assert not examined(body, KNOWN, needs, [float], None, ()).plain


def test_a_switch_is_not_a_number() -> None:
    @node("t.hits", outlets="out hit", state=0)
    def hits(state: int, hit: Trigger = inlet(False)) -> tuple[int, float, Trigger]:
        """Count."""
        return state + hit, state * 1.0, hit or state == 3

    body = body_of(hits)
    assert body.plain
    assert body.memory == ("int",)
    assert not of(("{on}",), [float]).plain
    assert not of(("{a}",), [bool]).plain


@node("t.turn", outlets="out", state=0.0)
def turn(
    state: float, dt: float, rate: float = param(1.0, "Hz", 0.0, 100.0)
) -> tuple[float, float]:
    """Go round."""
    after = (state + rate * dt) % 1.0
    return after, after


@node("t.ease", outlets="out", state=None)
def ease(
    state: float | None,
    dt: float,
    value: float = inlet(0.0),
    time: float = param(0.2, "s", 0.01, 9.0),
) -> tuple[float, float]:
    """Come nearer."""
    out = value if state is None else value + (state - value) * math.exp(-dt / time)
    return out, out


@node("t.lift", outlets="out")
def lift(value: float = inlet(0.0), by: float = param(1.0, "", -9.0, 9.0)) -> float:
    """Add."""
    return value + by


@node("t.beat", outlets="hit wait", state=0.0)
def beat(
    state: float, dt: float, value: float = inlet(0.0), time: float = param(0.5, "s", 0.0, 9.0)
) -> tuple[float, Trigger, float]:
    """Tell of a peak, and of none for a while."""
    wait = max(0.0, state - dt)
    hit = value > 0.9 and wait <= 0.0
    return time if hit else wait, hit, wait


def test_a_transaction_reads_as_expected() -> None:
    nodes = {"a": "t.turn", "b": "t.lift", "c": "t.ease", "d": "t.ease", "e": "t.beat"}
    wires = ["a.out -> b.value", "b.out -> c.value", "b.out -> d.value", "a.out -> d.time"]
    text = compile_patch(
        patch(nodes, [*wires, "d.out -> e.value"]), catalogue(turn, lift, ease, beat)
    ).text
    assert text == (GOLDEN / "transaction.py.txt").read_text("utf-8")
