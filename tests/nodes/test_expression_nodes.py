"""Formulas: what they mean, and what they refuse. Python's own arithmetic is the judge."""

from __future__ import annotations

import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes._expression import DEEPEST, LONGEST, VARIABLES, compiled
from nodes.shape import expression

NUMBERS = st.floats(-50.0, 50.0).map(lambda x: round(x, 3))


def formulas() -> st.SearchStrategy[str]:
    """Formulas that Python can evaluate without an error."""
    leaves = st.one_of(NUMBERS.map(str), st.sampled_from(["a", "b", "x", "now", "pi"]))

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        two = st.tuples(inner, inner)
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({' '.join(p)})"),
            st.tuples(inner, st.sampled_from(["<", ">=", "=="]), inner).map(
                lambda p: f"({' '.join(p)})"
            ),
            two.map(lambda p: f"min({p[0]}, {p[1]})"),
            inner.map(lambda p: f"abs(-{p})"),
            inner.map(lambda p: f"sin({p})"),
            st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
            two.map(lambda p: f"(not {p[0]} < {p[1]} <= 40)"),
        )

    return st.recursive(leaves, grow, max_leaves=8).filter(lambda text: len(text) <= LONGEST)


@given(formulas(), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_means_what_python_means(text: str, a: float, b: float, x: float, now: float) -> None:
    names = {"a": a, "b": b, "x": x, "now": now, "pi": math.pi, "sin": math.sin}
    expected = float(eval(text, {"min": min, "abs": abs, **names}))
    values = [float(names.get(name, 0.0)) for name in VARIABLES]  # type: ignore[arg-type]  # numbers all
    assert compiled(text)(*values) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 ** 3 ** 2", 512.0),
        ("7 // 2 + 7 % 4", 6.0),
        ("-2 ** 2", -4.0),
        ("1 < 2 < 3", 1.0),
        ("1 < 3 < 2", 0.0),
        ("2 and 3", 1.0),
        ("0 or 0.0", 0.0),
        ("not 5", 0.0),
        ("True + True", 2.0),
        ("clamp(7, 0, 1) + clamp(-7, 0, 1)", 1.0),
        ("mix(10, 20, 0.25)", 12.5),
        ("sign(-3) + sign(0) + sign(9)", 0.0),
        ("step(0.5, 0.5) + step(0.5, 0.4)", 1.0),
        ("smoothstep(0, 2, 1) + smoothstep(3, 3, 3)", 1.5),
        ("round(2.5) + round(-2.5)", 1.0),
        ("fract(-0.25)", 0.75),
        ("max(1, 2, 3) - min(1, 2, 3)", 2.0),
        ("hypot(3, 4) + atan2(0, 1)", 5.0),
        ("log(e) + log2(8) + log10(100) + exp(0) + sqrt(16)", 11.0),
        ("cos(tau) + tanh(0) + acos(1) + asin(0) + atan(0) + tan(0)", 1.0),
        ("floor(-0.5) + ceil(-0.5)", -1.0),
        ("pow(2, 0.5) ** 2", 2.0),
        ("mod(-1, 4)", 3.0),
        ("  1 +\n  1  ", 2.0),
    ],
)
def test_the_whole_language(text: str, expected: float) -> None:
    value = compiled(text)(*[0.0] * len(VARIABLES))
    assert value == pytest.approx(expected)
    assert type(value) is float


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 % 0",
        "1 // 0",
        "sqrt(-1)",
        "log(0)",
        "asin(2)",
        "(-8) ** 0.5",
        "0 ** -1",
        "9 ** 9 ** 9",
        "exp(1e6)",
        "1e308 * 10",
        "1e308 * 10 - 1e308 * 10",
        "sin(1e308 * 10)",
        "floor(1e308 * 10)",
        "mod(1, 0)",
    ],
)
def test_what_has_no_finite_value_is_0(text: str) -> None:
    assert compiled(text)(*[0.0] * len(VARIABLES)) == 0.0


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", None, "empty"),
        ("   ", None, "empty"),
        ("1 + ", None, "column "),
        ("(1 + 2", 1, "never closed"),
        ("1 + foo", 5, "there is no foo"),
        ("  1 + foo", 7, "there is no foo"),
        ("foo(1)", 1, "there is no function foo"),
        ("2 * sin", 5, "sin needs its numbers in brackets"),
        ("clamp(1, 2)", 1, "clamp takes 3 numbers, here: 2"),
        ("sin()", 1, "sin takes 1 number, here: 0"),
        ("min(1)", 1, "two numbers or more"),
        ("min(*a)", 5, "cannot be part"),
        ("sin(x=1)", 1, "cannot be part"),
        ("a.real", 1, "“.”"),
        ("().__class__", 1, "“.”"),
        ("a[0]", 1, "“[ ]”"),
        ("1 + 'text'", 5, "no number"),
        ("f'{a}'", 1, "cannot be part"),
        ("None", 1, "no number"),
        ("1j", 1, "no number"),
        ("...", 1, "no number"),
        ("lambda: 1", 1, "lambda"),
        ("(lambda: 1)()", 1, "cannot be part"),
        ("[a for a in b]", 1, "cannot be part"),
        ("[1, 2]", 1, "a list"),
        ("(1, 2)", 1, "a list"),
        ("{1: 2}", 1, "cannot be part"),
        ("(a := 1)", 2, "“:=”"),
        ("a = 1", None, "column "),
        ("import os", None, "column "),
        ("a; b", None, "column "),
        ("__import__('os')", 12, "no number"),
        ("eval(a)", 1, "no function eval"),
        ("print(a)", 1, "no function print"),
        ("a ^ 2", 1, "powers are written"),
        ("a << 2", 1, "operator is not known"),
        ("~a", 1, "“~”"),
        ("a is b", 1, "compared with"),
        ("a in b", 1, "compared with"),
        ("await a", None, "column "),
        ("yield", None, "column "),
        ("a + ä", 5, "'ä'"),
        ("a\0", 2, "cannot be part"),
        ("9" * 399, 1, "too large"),
        ("1e999", 1, "too large"),
        ("a" * (LONGEST + 1), LONGEST + 1, "characters long"),
        ("-" * (DEEPEST + 1) + "a", DEEPEST + 2, "nested more than"),
        ("(" * 250 + "a" + ")" * 100, None, "column "),
    ],
)
def test_refuses_with_the_column(text: str, column: int | None, says: str) -> None:
    place = "" if column is None else f"^column {column}: "
    with pytest.raises(ValueError, match=f"{place}.*{re.escape(says)}"):
        compiled(text)


def test_chains_within_chains_take_no_longer() -> None:
    text = "a"
    for _ in range(DEEPEST):
        text = f"0 <= ({text}) <= 1"
    begin = time.process_time()
    assert compiled(text)(*[0.5] * len(VARIABLES)) == 1.0
    assert time.process_time() - begin < 0.5


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    try:
        value = expression(1.0, text)
    except ValueError:
        return
    assert math.isfinite(value)


_SIGNS = ["**", "*", "/", "%", "//", "(", ")", "-", "<", "==", ",", "9", "99", "1e300"]
WORDS = [*_SIGNS, "a", "b", "not", "and", "or", "if", "else", "min", "exp"]


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_formula_is_over_quickly(words: list[str]) -> None:
    begin = time.process_time()
    try:
        value = expression(1.0, " ".join(words), 7.0, -3.0)
    except ValueError:
        value = 0.0
    assert math.isfinite(value)
    assert time.process_time() - begin < 0.5
