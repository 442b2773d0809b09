"""Prompts: weights that sum to 1, slots that are filled, words that come and go."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Prompt, Rng
from nodes.prompt import Words, accent, blend, crossfade, prompt, template

Run = Callable[..., list[tuple[Any, ...]]]
WEIGHTS = st.floats(0.0, 2.0)
PROMPTS = st.lists(st.builds(Prompt, st.sampled_from("pqrstu"), WEIGHTS), max_size=4).map(tuple)
SHARE = st.floats(0.0, 1.0)


def test_prompt_without_text_or_weight_is_none() -> None:
    assert prompt("a fox", 0.5) == (Prompt("a fox", 0.5),)
    assert prompt(" \n") == prompt("a fox", 0.0) == ()


class TestBlend:
    def test_each_source_has_its_share(self) -> None:
        a, b = (Prompt("x", 3.0), Prompt("y", 1.0)), (Prompt("z", 0.1),)
        assert blend(a, b, wa=0.8, wb=0.2)[0] == (
            Prompt("x", pytest.approx(0.6)),
            Prompt("y", pytest.approx(0.2)),
            Prompt("z", pytest.approx(0.2)),
        )

    def test_one_text_from_two_sides_is_added_up(self) -> None:
        assert blend((Prompt("x"),), (Prompt("x"),), (Prompt("y"),))[0] == (
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
        mixed, mode = blend(a, b, c, d, wa, wb, wc, wd)
        assert mode == "linear"
        assert len(mixed) <= 4
        assert len({text for text, _ in mixed}) == len(mixed)
        assert all(weight > 0.0 for _, weight in mixed)
        if mixed:
            assert sum(weight for _, weight in mixed) == pytest.approx(1.0)

    def test_the_strongest_stay_in_their_order(self) -> None:
        many = tuple(
            Prompt(text, weight) for text, weight in zip("abcdef", (5, 1, 4, 6, 2, 3), strict=True)
        )
        assert [text for text, _ in blend(many)[0]] == ["a", "c", "d", "f"]

    def test_nothing_is_nothing(self) -> None:
        assert blend() == blend((Prompt("x"),), wa=0.0) == ((), "linear")


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


class TestSlerp:
    def test_two_are_mixed_and_the_output_is_told(self) -> None:
        mixed, mode = blend((Prompt("x"),), (Prompt("y"),), wa=0.2, wb=0.6, mode="slerp")
        assert mixed == (Prompt("x", pytest.approx(0.25)), Prompt("y", pytest.approx(0.75)))
        assert mode == "slerp"

    @pytest.mark.parametrize("third", ["c", "d"])
    def test_a_third_is_refused(self, third: str) -> None:
        with pytest.raises(ValueError, match="slerp mixes exactly two: unwire c and d"):
            blend((Prompt("x"),), (Prompt("y"),), **{third: ()}, mode="slerp")


BANKS = "adj: misty, neon, drowned\ntime: dawn, dusk"
CITY = "a {adj} city at {time}"


class TestTemplate:
    def texts(self, results: list[tuple[Any, ...]]) -> list[str]:
        assert all(prompts == (Prompt(text),) for prompts, text in results)
        return [text for _, text in results]

    def test_slots_hold_until_others_are_drawn(self, run: Run) -> None:
        draws = [{"draw": n in (3, 6)} for n in range(9)]
        texts = self.texts(run(template, draws, text=CITY, banks=BANKS))
        assert texts[:3] == texts[:1] * 3
        assert texts[3:6] == texts[3:4] * 3
        assert texts[0] != texts[3] != texts[6]
        assert all(re.fullmatch("a (misty|neon|drowned) city at (dawn|dusk)", t) for t in texts)

    def test_no_word_comes_again_before_all_have_come(self, run: Run) -> None:
        always = [{"draw": True}] * 300
        words = self.texts(run(template, always, text="{adj}", banks=BANKS))
        assert {frozenset(words[n : n + 3]) for n in range(0, 300, 3)} == {
            frozenset(("misty", "neon", "drowned"))
        }
        assert all(a != b for a, b in pairwise(words))
        assert len({tuple(words[n : n + 3]) for n in range(0, 300, 3)}) > 2
        assert words == self.texts(run(template, always, text="{adj}", banks=BANKS))
        assert words != self.texts(run(template, always, seed=4, text="{adj}", banks=BANKS))

    def test_two_slots_of_one_bank_differ(self, run: Run) -> None:
        texts = self.texts(run(template, [{"draw": True}] * 60, text="{adj} {adj}", banks=BANKS))
        assert all(a != b for a, b in map(str.split, texts))
        assert len(set(texts)) == 6

    def test_wires_fill_slots_and_brackets_can_be_written(self, run: Run) -> None:
        ticks = [{"a": "fox", "b": "hill"}, {"a": "owl", "b": "hill"}]
        texts = self.texts(run(template, ticks, text="{{{a}}} on a { b }"))
        assert texts == ["{fox} on a hill", "{owl} on a hill"]

    def test_an_edit_draws_anew_only_where_it_must(self) -> None:
        rng = Rng(0, "node").at(0)
        state, _, _ = template(Words(), rng, text=CITY, banks=BANKS)
        again, _, text = template(state, rng, text=CITY.replace("a ", "the "), banks=BANKS)
        assert again == state
        assert text.startswith("the ")
        _, _, text = template(state, rng, text=CITY, banks="adj: red\ntime: noon")
        assert text == "a red city at noon"

    @pytest.mark.parametrize(
        ("text", "banks", "told"),
        [
            ("a {colour} fox", BANKS, "column 3: there is no bank 'colour' to fill {colour}"),
            ("{adj}", "", "add a line such as adj: misty, neon, drowned"),
            ("{}", "", "column 1: {} is no slot; write it as {adj}, one word"),
            ("{x:y}", "", "column 1: {x:y} is no slot; write it as {adj}, one word"),
            ("{q}" * 10_000, "", "; and 9995 more"),
            ("a {adj fox", BANKS, "column 3: { without }; write {{ for the character itself"),
            ("a } fox", "", "column 3: } without {; write }}"),
            ("a fox", "adj misty, neon", "'adj misty, neon' is no bank; write it as name: word"),
            ("a fox", "adj: ,", "is no bank"),
            ("a fox", "adj: red\nadj: blue", "the bank adj is there twice"),
        ],
    )
    def test_mistakes_are_sentences(self, text: str, banks: str, told: str) -> None:
        with pytest.raises(ValueError, match=re.escape(told)):
            template(Words(), Rng(0, "node").at(0), text=text, banks=banks)

    def test_all_mistakes_are_told_at_once(self) -> None:
        with pytest.raises(ValueError, match=r"is no bank.*'x'.*'y'"):
            template(Words(), Rng(0, "node").at(0), text="{x} {y}", banks="none")

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_any_text_is_filled_or_refused(self, text: str, banks: str) -> None:
        with suppress(ValueError):
            _, _, filled = template(Words(), Rng(0, "node").at(0), text=text, banks=banks)
            assert isinstance(filled, str)


class TestAccent:
    def test_words_come_stay_and_go(self, run: Run, per_second: float) -> None:
        count = round(4 * per_second)
        ticks = [{"prompts": (Prompt("sea"),), "hit": n == 0} for n in range(count)]
        options = {"words": "sparks", "amount": 0.4, "hold": 1.0, "fade": 2.0}
        results = run(accent, ticks, per_second, **options)
        for n, (prompts, share) in enumerate(results):
            seconds = n / per_second
            expected = 0.4 * min(1.0, max(0.0, (3.0 - seconds) / 2.0))
            assert share == pytest.approx(expected, abs=1e-9)
            if expected > 0.001:
                assert prompts == (
                    Prompt("sea", pytest.approx(1.0 - share)),
                    Prompt("sparks", pytest.approx(share)),
                )
        assert results[-1] == ((Prompt("sea", 1.0),), 0.0)

    def test_nothing_comes_without_a_hit_or_words(self, run: Run) -> None:
        sea = {"prompts": (Prompt("sea"),)}
        assert run(accent, [sea], words="sparks") == [((Prompt("sea"),), 0.0)]
        assert run(accent, [{**sea, "hit": True}], words=" ") == [((Prompt("sea"),), 0.0)]

    def test_without_a_fade_they_go_at_once(self, run: Run) -> None:
        ticks = [{"hit": n == 0} for n in range(20)]
        shares = [share for _, share in run(accent, ticks, 10.0, words="x", hold=1.0, fade=0.0)]
        assert shares == [pytest.approx(0.3)] * 11 + [0.0] * 9
