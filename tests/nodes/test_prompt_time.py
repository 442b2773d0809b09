"""Prompts in time: lists that are gone through, pictures let in, timelines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock, Prompt
from nodes._timeline import timeline
from nodes.prompt_time import cycle, schedule, transition

Run = Callable[..., list[tuple[Any, ...]]]
LIST = "red\n\n  green \nblue\ngold"


def nexts(*at: int, count: int) -> list[dict[str, object]]:
    return [{"next": n in at} for n in range(count)]


def clocks(count: int, per_second: float, bpm: float = 120.0, start: float = 0.0) -> list[Clock]:
    return [Clock(bpm, start + bpm / 60.0 * (n + 1) / per_second, 4, 1.0) for n in range(count)]


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
        assert {len(set(texts[n : n + 4])) for n in range(0, 400, 4)} == {4}
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

    @pytest.mark.parametrize(
        ("when", "beats"),
        [("beat", 1), ("bar", 4), ("4 beats", 4), ("8 beats", 8), ("64 beats", 64)],
    )
    def test_changes_wait_for_the_grid(
        self, run: Run, per_second: float, when: str, beats: int
    ) -> None:
        count = round(34.9 * per_second)
        music = clocks(count, per_second)
        ticks = [{"next": n % 7 == 3, "clock": clock} for n, clock in enumerate(music)]
        results = run(cycle, ticks, per_second, texts=LIST, hold=0.0, when=when)
        at = [music[n].beats for n, (*_, changed) in enumerate(results) if changed]
        assert [round(position / beats) for position in at] == [*range(1, 69 // beats + 1)]
        assert all(position % beats < 2.0 / per_second + 1e-6 for position in at)

    def test_a_trigger_waits_and_is_used_up(self, run: Run) -> None:
        ticks = [{"next": n == 10, "clock": c} for n, c in enumerate(clocks(800, 100.0))]
        results = run(cycle, ticks, 100.0, texts=LIST, hold=0.0, when="8 beats")
        assert [n + 1 for n, (*_, changed) in enumerate(results) if changed] == [400]

    def test_nothing_waits_without_a_tempo(self, run: Run) -> None:
        ticks = [{"next": n == 3, "clock": Clock()} for n in range(6)]
        results = run(cycle, ticks, texts=LIST, hold=0.0, when="bar")
        assert [changed for *_, changed in results].index(True) == 3


SEA, STORM, FOG = (Prompt("sea"),), (Prompt("storm"),), (Prompt("fog"),)


class TestTransition:
    def seen(self, run: Run, changes: dict[int, Any], count: int, **options: Any) -> Any:
        arriving, now = [], SEA
        for n in range(count):
            now = changes.get(n, now)
            arriving.append({"prompts": now})
        return run(transition, arriving, 10.0, **{"interval": 2.0, "steps": 6} | options)

    def test_another_picture_comes_in_over_its_steps(self, run: Run) -> None:
        results = self.seen(run, {30: STORM}, 60)
        assert [prompts for prompts, *_ in results] == [SEA] * 30 + [STORM] * 30
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0, 30]
        assert results[30][1] == 6.0

    def test_none_comes_in_before_the_interval_is_over(self, run: Run) -> None:
        results = self.seen(run, {5: STORM, 8: FOG}, 60)
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0, 20]
        assert [prompts for prompts, *_ in results] == [SEA] * 20 + [FOG] * 40

    def test_small_changes_ride(self, run: Run) -> None:
        mixes = [(Prompt("sea", 1.0 - n / 100), Prompt("storm", n / 100)) for n in range(100)]
        ticks = [{"prompts": mix} for mix in (*[mixes[1]] * 30, *mixes[1:])]
        results = run(transition, ticks, 10.0, interval=2.0, steps=6)
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0]
        assert [(p, s) for p, s, _ in results[30:]] == [(mix, 0.0) for mix in mixes[1:]]

    def test_with_a_go_another_picture_waits_for_it(self, run: Run) -> None:
        ticks = [{"prompts": STORM if n >= 5 else SEA, "go": n in (0, 40)} for n in range(60)]
        results = run(transition, ticks, 10.0, interval=1.0)
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0, 40]

    def test_no_prompts_leave_what_there_is(self, run: Run) -> None:
        results = self.seen(run, {30: (), 50: STORM}, 60)
        assert [prompts for prompts, *_ in results] == [SEA] * 50 + [STORM] * 10

    def test_a_single_step_is_two(self, run: Run) -> None:
        assert {steps for _, steps, _ in self.seen(run, {}, 15, steps=1)} == {2.0}
        assert {steps for _, steps, _ in self.seen(run, {}, 15, steps=0)} == {0.0}


SCRIPT = """
# a remark
0:00 calm sea at dawn
0:02 (8 linear) storm *0.7 | harbour *0.3
0:04.5 (cut) \\(odd\\) one\\|two
6 s -
"""


class TestSchedule:
    def test_every_line_comes_at_its_time(self, run: Run, per_second: float) -> None:
        results = run(schedule, [{}] * round(8 * per_second), per_second, script=SCRIPT)
        at = {
            index: (n + 1) / per_second for n, (*_, index, changed) in enumerate(results) if changed
        }
        for index, seconds in enumerate((0.0, 2.0, 4.5, 6.0)):
            assert seconds - 1e-6 <= at[index] <= seconds + 1.0 / per_second + 1e-6
        by_index = {index: rest for *rest, index, _ in results}
        assert by_index == {
            0.0: [(Prompt("calm sea at dawn"),), 4.0, "slerp"],
            1.0: [(Prompt("storm", 0.7), Prompt("harbour", 0.3)), 8.0, "linear"],
            2.0: [(Prompt("(odd) one|two"),), 0.0, "slerp"],
            3.0: [(), 4.0, "slerp"],
        }

    def test_bars_follow_the_clock(self, run: Run, per_second: float) -> None:
        script = "bar 2 sea\nbar 3.3 storm"
        count = round(8 * per_second)
        ticks = [{"clock": clock} for clock in clocks(count, per_second)]
        results = run(schedule, ticks, per_second, script=script)
        at = [ticks[n]["clock"].beats for n, (*_, changed) in enumerate(results) if changed]
        assert at == pytest.approx([4.0, 10.0], abs=2.5 / per_second)
        assert results[0] == ((), 4.0, "slerp", -1.0, False)

    def test_a_clock_that_trembles_strikes_once(self, run: Run) -> None:
        beats = [3.9, 4.02, 3.97, 4.01, 3.8, 4.1]
        ticks = [{"clock": Clock(120.0, b, 4, 1.0)} for b in beats]
        results = run(schedule, ticks, script="bar 2 sea")
        assert [changed for *_, changed in results] == [False, True, False, False, False, False]

    def test_a_restart_begins_anew(self, run: Run) -> None:
        ticks = [{"restart": n == 45} for n in range(80)]
        results = run(schedule, ticks, 10.0, script="0:00 sea\n0:03 storm")
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0, 29, 45, 75]

    def test_a_restart_makes_this_bar_the_first(self, run: Run) -> None:
        ticks = [
            {"restart": n == 100, "clock": clock}
            for n, clock in enumerate(clocks(500, 100.0, start=31.0))
        ]
        results = run(schedule, ticks, 100.0, script="bar 1 sea\nbar 2 storm")
        assert [n for n, (*_, changed) in enumerate(results) if changed] == [0, 100, 299]

    def test_bars_without_a_clock_are_a_problem(self, run: Run) -> None:
        with pytest.raises(ValueError, match="it counts in bars: wire a clock"):
            run(schedule, [{}], script="bar 1 sea")

    @pytest.mark.parametrize(
        ("script", "told"),
        [
            ("calm sea", "line 1: 'calm sea' does not begin with a time such as 0:45, 90 s"),
            ("0:75 sea", "line 1: '0:75 sea' does not begin with a time"),
            ("0:00 sea\n\n0:10", "line 3: there is nothing to paint: write what, or -"),
            ("0:10 sea\n0:10 fog", "line 2: this does not come after the line above"),
            ("0:10 sea\nbar 9 fog", "line 2: this is in bars, the lines above in seconds"),
            ("0:10 (soon) sea", "line 1: (soon) is no way to come in: give a number of chunks"),
        ],
    )
    def test_mistakes_are_sentences(self, run: Run, script: str, told: str) -> None:
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 - told says which
            run(schedule, [{}], script=script)
        assert told in str(refusal.value)

    def test_all_mistakes_are_told_at_once(self, run: Run) -> None:
        with pytest.raises(ValueError, match=r"line 1: .*; line 2: .*; line 5: .*; and 2 more"):
            run(schedule, [{}], script="\n".join("abcdefg"))

    @given(st.text("0123456789:.s bar()*|\\-#\n\tx", max_size=60))
    def test_any_text_is_a_timeline_or_refused(self, script: str) -> None:
        with suppress(ValueError):
            places = [(e.moment.bars, e.moment.rest) for e in timeline(script).entries]
            assert places == sorted(set(places))
