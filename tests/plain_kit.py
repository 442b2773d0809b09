"""Expressions as the bodies of node types have them, for what reads or runs them."""

from __future__ import annotations

import math
from typing import NamedTuple

from hypothesis import strategies as st

from nodegraph.inferred import FLOAT


class Pair(NamedTuple):
    one: float = 0.0
    other: float | None = None

    @property
    def both(self) -> float:
        """It could do anything."""
        return self.one


class Odd(NamedTuple):
    one: float

    def __bool__(self) -> bool:
        """It could do anything."""
        return self.one > 0.0


NEEDS: dict[str, object] = {
    "exp": math.exp,
    "sqrt": math.sqrt,
    "math": math,
    "HALF": 0.5,
    "TWO": 2,
    "Pair": Pair,
    "Odd": Odd,
}
KNOWN = {
    "a": FLOAT,
    "b": FLOAT,
    "on": frozenset({bool}),
    "count": frozenset({int}),
    "knob": FLOAT,
    "dt": FLOAT,
}

OPERATORS = ("+", "-", "*", "/", "%", "//", "<", "==", "and", "or")


def templates(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions over some names, as a body has them."""
    leaves = st.sampled_from([*(f"{{{name}}}" for name in names), "0.5", "-3.0"])
    needs = st.sampled_from(["{HALF}", "{TWO}", "{math}.pi", "True", "2"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
            st.builds("({} if {} < {} else {})".format, inner, inner, inner, inner),
            st.builds("({} ** 2)".format, inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("(-{})".format, inner),
            st.builds("(not {})".format, inner),
            st.builds("{{exp}}({})".format, inner),
            st.builds("{{math}}.sin({})".format, inner),
            st.builds("{{sqrt}}({})".format, inner),
            st.builds("max({}, {})".format, inner, inner),
            st.builds("abs({})".format, inner),
            st.builds("float({})".format, inner),
            st.builds("({}, {})".format, inner, inner),
            st.builds("{{Pair}}({}, {})".format, inner, inner),
            st.builds("({}, {})[{}]".format, inner, inner, st.sampled_from([0, 1, -1, 2])),
            st.builds("({} if {} else {{Pair}}({}, {})).one".format, inner, inner, inner, inner),
        )

    return st.recursive(leaves | needs, grown, max_leaves=8)


numbers = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-9.0, 9.0)
    | st.sampled_from([0.0, -0.0, 1e308])
)
values = st.fixed_dictionaries(
    {
        "a": numbers,
        "b": numbers,
        "on": st.booleans(),
        "count": st.integers(-9, 9),
        "knob": numbers,
        "dt": st.just(0.01),
        "state": numbers | st.none() | st.builds(Pair, numbers, numbers | st.none()),
    }
)
