"""Prompts: weights that sum to 1, lists that are gone through."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Prompt
from nodes.prompt import blend, crossfade, cycle, prompt

Run = Callable[..., list[tuple[Any, ...]]]
LIST = "red\n\n  green \nblue\ngold"
WEIGHTS = st.floats(0.0, 2.0)
PROMPTS = st.lists(st.builds(Prompt, st.sampled_from("pqrstu"), WEIGHTS), max_size=4).map(tuple)
SHARE = st.floats(0.0, 1.0)


def nexts(*at: int, count: int) -> list[dict[str, object]]:
    return [{"next": n in at} for n in range(count)]


def test_prompt_without_text_or_weight_is_none() -> None:
    assert prompt("a fox", 0.5) == (Prompt("a fox", 0.5),)
    assert prompt(" \n") == prompt("a fox", 0.0) == ()


class TestBlend:
    def test_each_source_has_its_share(self) -> None:
        a, b = (Prompt("x", 3.0), Prompt("y", 1.0)), (Prompt("z", 0.1),)
        assert blend(a, b, wa=0.8, wb=0.2) == (
            Prompt("x", pytest.approx(0.6)),
            Prompt("y", pytest.approx(0.2)),
            Prompt("z", pytest.approx(0.2)),
        )

    def test_one_text_from_two_sides_is_added_up(self) -> None:
        assert blend((Prompt("x"),), (Prompt("x"),), (Prompt("y"),)) == (
            Prompt("x", pytest.approx(2 / 3)),
            Prompt("y", pytest.approx(1 / 3)),
        )

    @given(PROMPTS, PROMPTS, PROMPTS, PROMPTS, SHARE, SHARE, SHARE, SHARE)
    def test_at_most_four_sum_to_1(
        self,
        a: tuple[Prompt, ...],
        b: tuple[Prompt, ...],
        c: tuple[Prompt, ...],
        d: tuple[Prompt, ...],
        wa: float,
        wb: float,
        wc: float,
        wd: float,
    ) -> None:
        mixed = blend(a, b, c, d, wa, wb, wc, wd)
        assert len(mixed) <= 4
        assert len({text for text, _ in mixed}) == len(mixed)
        assert all(weight > 0.0 for _, weight in mixed)
        if mixed:
            assert sum(weight for _, weight in mixed) == pytest.approx(1.0)

    def test_the_strongest_stay_in_their_order(self) -> None:
        many = tuple(
            Prompt(text, weight) for text, weight in zip("abcdef", (5, 1, 4, 6, 2, 3), strict=True)
        )
        assert [text for text, _ in blend(many)] == ["a", "c", "d", "f"]

    def test_nothing_is_nothing(self) -> None:
        assert blend() == blend((Prompt("x"),), wa=0.0) == ()


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0.0, (Prompt("dawn", 1.0),)),
        (0.25, (Prompt("dawn", 0.75), Prompt("dusk", 0.25))),
        (1.0, (Prompt("dusk", 1.0),)),
    ],
)
def test_crossfade(x: float, expected: tuple[Prompt, ...]) -> None:
    assert crossfade((Prompt("dawn", 9.0),), (Prompt("dusk", 0.1),), x) == expected
    assert crossfade((), (Prompt("dusk"),), x) == ((Prompt("dusk", 1.0),) if x else ())


class TestCycle:
    def texts(self, results: list[tuple[Any, ...]]) -> list[str]:
        return [prompts[0].text for prompts, _, _ in results]

    def test_goes_on_in_order(self, run: Run) -> None:
        results = run(cycle, nexts(1, 2, 3, 4, count=6), texts=LIST, hold=0.0)
        assert self.texts(results) == ["red", "green", "blue", "gold", "red", "red"]
        assert [changed for *_, changed in results] == [False, True, True, True, True, False]
        assert [index for _, index, _ in results] == [0.0, 1.0, 2.0, 3.0, 0.0, 0.0]

    def test_ping_pong_turns_at_the_ends(self, run: Run) -> None:
        results = run(cycle, nexts(*range(1, 9), count=9), texts=LIST, order="ping-pong", hold=0.0)
        assert [index for _, index, _ in results] == [0, 1, 2, 3, 2, 1, 0, 1, 2]

    def test_shuffle_plays_all_before_one_comes_again(self, run: Run) -> None:
        always = nexts(*range(400), count=400)
        texts = self.texts(run(cycle, always, texts=LIST, order="shuffle", hold=0.0))
        assert all(a != b for a, b in pairwise(texts))
        assert {len(set(texts[n : n + 3])) for n in range(0, 399, 3)} == {3}
        assert texts != self.texts(
            run(cycle, always, seed=9, texts=LIST, order="shuffle", hold=0.0)
        )

    def test_none_changes_within_the_hold(self, run: Run, per_second: float) -> None:
        count = round(10 * per_second)
        results = run(cycle, nexts(*range(count), count=count), per_second, texts=LIST, hold=2.0)
        at = [n / per_second for n, (*_, changed) in enumerate(results) if changed]
        assert at[0] == 0.0
        assert all(2.0 - 1e-6 <= b - a < 2.0 + 1 / per_second for a, b in pairwise(at))

    def test_an_index_decides_alone(self, run: Run) -> None:
        ticks = [{"index": float(index), "next": True} for index in (2, 2, 5, -1)]
        results = run(cycle, ticks, texts=LIST, hold=0.0)
        assert self.texts(results) == ["blue", "blue", "green", "gold"]

    def test_an_empty_list_gives_nothing(self, run: Run) -> None:
        assert run(cycle, nexts(0, count=1), texts=" \n") == [((), 0.0, False)]
