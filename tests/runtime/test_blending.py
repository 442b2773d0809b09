"""Between two values: bounded by them, never back, and nothing that neither side meant."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Prompt
from nodegraph.runtime.blending import between, blend, same

inside = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
numbers = st.floats(allow_nan=False, allow_infinity=False)
weighted = st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.0, 10.0)), max_size=6)


@given(numbers, numbers, inside, inside)
def test_numbers_stay_between_and_never_turn_back(a: float, b: float, x: float, y: float) -> None:
    early, late = (between(a, b, at) for at in sorted((x, y)))
    assert isinstance(early, float)
    assert isinstance(late, float)
    assert min(a, b) <= early <= max(a, b)
    assert abs(late - a) >= abs(early - a)


@given(weighted, weighted, inside)
def test_prompts_come_once_with_weights_between(
    a: list[tuple[str, float]], b: list[tuple[str, float]], x: float
) -> None:
    def of(pairs: object, text: str) -> float:
        assert isinstance(pairs, list | tuple)
        return sum(weight for name, weight in pairs if name == text)

    mixed = blend(a, b, x)
    if a == b:
        assert mixed == a
        return
    assert isinstance(mixed, tuple)
    texts = [text for text, _ in mixed]
    assert sorted(texts) == sorted({text for text, _ in a + b})
    for text, weight in mixed:
        ends = of(a, text), of(b, text)
        assert min(ends) <= weight <= max(ends)
        assert weight == pytest.approx((1 - x) * ends[0] + x * ends[1])


def test_a_text_on_both_sides_keeps_its_weight() -> None:
    a, b = (Prompt("sea"), Prompt("fog", 0.5)), (Prompt("fog", 1.0), Prompt("sea"))
    assert blend(a, b, 0.25) == (("sea", 1.0), ("fog", 0.625))


def test_lists_and_scales_move_part_by_part() -> None:
    assert blend([0.0, 1.0], (1, 0.5), 0.5) == (0.5, 0.75)
    assert blend(np.array([0.0, 4.0]), [1.0, 0.0], 0.25) == (0.25, 3.0)
    assert blend((("film.safetensors", -1.0),), [["film.safetensors", 1]], 0.75) == (
        ("film.safetensors", 0.5),
    )
    assert blend(np.float32(0), 1, 0.25) == 0.25


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("text", "video"),
        (False, True),
        (True, 0.5),
        (7, 1_000_000),  # seeds
        ([1000, 500], [1000, 750]),  # denoising steps: each other list is a cut
        ([1.0, 2.0], [1.0]),
        ([1.0, "x"], [2.0, "x"]),
        ((("a", "b"),), (("a", 1.0),)),
        ((("a", nan),), (("a", 1.0),)),
        (nan, 1.0),
        (1.0, inf),
        (10**400, 1.0),
        (None, 1.0),
        ({"a": 1.0}, {"a": 2.0}),
        (np.zeros((2, 2)), np.ones((2, 2))),
    ],
)
def test_everything_else_changes_at_half(a: object, b: object) -> None:
    assert between(a, b, 0.3) is None
    assert blend(a, b, 0.49) is a
    assert blend(a, b, 0.5) is b
    assert blend(b, a, 0.51) is a


class Awkward:
    """As a guest may make them."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]  # what an own __eq__ brings along


def test_sameness_of_anything_is_told() -> None:
    array, odd = np.zeros(3), Awkward()
    assert same(array, array)
    assert not same(array, np.zeros(3))
    assert same(odd, odd)
    assert not same(odd, 1)
    assert same((Prompt("a"),), (("a", 1.0),))
    assert same(nan, nan) is (nan is nan)
