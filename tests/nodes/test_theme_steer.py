"""Steering a theme: looks at a musical rate, beats that are seen, themes that never snap back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph import Clock, Prompt, Prompts, Range, Theme, Variation
from nodegraph.spec import type_of
from nodes.theme_steer import steer

Run = Callable[..., list[tuple[Any, ...]]]

PLAIN = Theme(
    "plain",
    "Plain",
    "a field",
    ("calm",),
    (Variation("a storm"), Variation("a fire")),
    (Range("noise_scale", 0.2, 0.6), Range("denoising_steps", 2.0, 5.0)),
)
FIELD, STORM, FIRE = "a field, calm", "a storm, calm", "a fire, calm"
CITY = Theme("city", "City", "a city", ranges=(Range("noise_scale", 0.8, 1.0),))
WOOD = Theme("wood", "Wood", "a wood")
EVENTS = Theme(
    "events",
    "Events",
    "a field",
    variations=(
        Variation("lightning", "spike"),
        Variation("a new land", "section"),
        Variation("an avalanche", "drop"),
        Variation("snow falling", "silence"),
        Variation("a drum", "beat"),
        Variation("a storm"),
    ),
)


HAPPENING = ("theme", "silent", "spike", "section", "drop")


class Shown(NamedTuple):
    """What the outlets hold."""

    prompts: Prompts
    blend: str
    noise: float
    steps: float
    vace: float
    bias: float
    level: float
    look: float
    begins: bool

    def share(self, text: str) -> float:
        return sum(prompt.weight for prompt in self.prompts if prompt.text == text)


def played(
    run: Run,
    inputs: Callable[[float], dict[str, object]],
    seconds: float,
    per_second: float = 93.75,
    **params: object,
) -> list[Shown]:
    """What is shown on each tick; `inputs` says what arrives at a second."""
    ticks = round(seconds * per_second)
    arriving = [{"theme": PLAIN} | inputs((n + 1) / per_second) for n in range(ticks)]
    return [Shown(*outlets) for outlets in run(steer, arriving, per_second, **params)]


def clocked(bpm: float) -> Callable[[float], dict[str, object]]:
    return lambda t: {"clock": Clock(bpm, bpm / 60.0 * t, 4, 1.0)}


def beating(bpm: float, per_second: float = 93.75) -> Callable[[float], dict[str, object]]:
    """A clock with its beats."""

    def at(t: float) -> dict[str, object]:
        beats = bpm / 60.0 * t
        before = bpm / 60.0 * (t - 1.0 / per_second)
        return {"clock": Clock(bpm, beats, 4, 1.0), "beat": math.floor(beats) > math.floor(before)}

    return at


def begins(shown: Iterable[Shown], per_second: float = 93.75) -> list[float]:
    return [(n + 1) / per_second for n, each in enumerate(shown) if each.begins]


def slow(t: float) -> dict[str, object]:
    """Energy that comes and goes."""
    return {"energy": 0.5 - 0.5 * math.cos(t / 2)}


@pytest.fixture(scope="module")
def finely(run: Run) -> list[Shown]:
    """What is shown of that in ticks of a millisecond."""
    return played(run, slow, 30.0, 1000.0, hold=3.0)


class TestLooks:
    def test_follow_the_energy(self, run: Run) -> None:
        for energy, text in ((0.1, FIELD), (0.5, STORM), (1.0, FIRE)):
            shown = played(run, lambda t, energy=energy: {"energy": energy}, 1.0)[-1]
            assert max(shown.prompts, key=lambda prompt: prompt.weight).text == text

    def test_lean_to_the_next_one_as_energy_grows(self, run: Run) -> None:
        shares = [
            played(run, lambda t, energy=energy: {"energy": energy}, 0.1, push=0.4)[-1].share(STORM)
            for energy in (0.0, 0.1, 0.2, 0.3)
        ]
        assert shares == pytest.approx([0.05, 0.2, 0.35, 0.55], abs=0.03)

    def test_stay_for_the_hold(self, run: Run, per_second: float) -> None:
        def wild(t: float) -> dict[str, object]:
            return {"energy": float(int(t) % 2), "spike": int(t * 7) % 3 == 0, "theme": EVENTS}

        shown = played(run, wild, 60.0, per_second, hold=5.0, smooth=0.05)
        at = begins(shown, per_second)
        assert len(at) >= 6
        assert min(b - a for a, b in pairwise(at)) >= 5.0 - 2 / per_second

    @given(st.lists(st.tuples(st.floats(0, 1), st.sets(st.sampled_from(HAPPENING))), min_size=1))
    @settings(max_examples=many(12, 300), deadline=None)
    def test_never_come_more_than_twelve_times_a_minute(
        self, run: Run, parts: list[tuple[float, set[str]]]
    ) -> None:
        """Whatever the music and the performer do, with the quickest motion that there is."""
        quick = [Theme(x, x, "a", motion="driving", variations=EVENTS.variations) for x in "xy"]

        def wild(t: float) -> dict[str, object]:
            energy, happening = parts[int(1.3 * t) % len(parts)]
            events = dict.fromkeys(happening - {"theme"}, True)
            return {"theme": quick["theme" in happening], "energy": energy, **events}

        at = begins(played(run, wild, 90.0, 12.0, smooth=0.01, over=0.5), 12.0)
        assert all(late - soon > 60.0 for soon, late in zip(at, at[12:], strict=False))

    def test_leave_room_for_silence(self, run: Run) -> None:
        def wild(t: float) -> dict[str, object]:
            drop = int(t) % 3 == 0
            return {"theme": EVENTS, "drop": drop, "spike": not drop, "silent": t > 58.0}

        shown = played(run, wild, 60.0, 12.0, hold=0.5)
        assert len(begins(shown, 12.0)) == 12
        assert shown[-1].look == 4.0, "snow falling"

    def test_trembling_at_a_border_changes_nothing(self, run: Run) -> None:
        shown = played(run, lambda t: {"energy": 1 / 3 + 0.04 * (-1) ** int(94 * t)}, 20, hold=0.1)
        assert not begins(shown)

    def test_begin_with_a_bar_if_there_is_a_clock(self, run: Run) -> None:
        def jump(t: float) -> dict[str, object]:
            return clocked(120.0)(t) | {"energy": 0.9 if t > 3.1 else 0.1}

        for when, expected in (("bar", 4.0), ("beat", 3.5)):
            (at,) = begins(played(run, jump, 8.0, when=when, smooth=0.01, hold=0.1))
            assert at == pytest.approx(expected, abs=0.02)

    def test_come_in_over_the_chunks_of_the_motion(self, run: Run) -> None:
        def jump(t: float) -> dict[str, object]:
            return {"energy": 1.0 if t > 1.0 else 0.0}

        shown = played(run, jump, 6.0, smooth=0.01, hold=0.1, chunk=0.5, push=1.0)
        start = begins(shown)[0]
        for share in (0.25, 0.5, 0.75):
            at = shown[round((start + share * PLAIN.pace.chunks * 0.5) * 93.75)]
            assert at.share(FIRE) == pytest.approx(share * 0.95, abs=0.06)

    def test_denoising_steps_change_only_with_a_look(self, run: Run) -> None:
        shown = played(run, lambda t: {"energy": 0.5 - 0.5 * math.cos(t)}, 60.0, hold=5.0)
        changes = [n for n, (a, b) in enumerate(pairwise(shown), 1) if a.steps != b.steps]
        assert changes
        assert all(shown[n].begins for n in changes)
        assert {each.steps for each in shown} <= {2.0, 3.0, 4.0, 5.0}

    def test_do_the_same_at_any_tick_rate(
        self, run: Run, per_second: float, finely: list[Shown]
    ) -> None:
        got = played(run, slow, 30.0, per_second, hold=3.0)
        times = pytest.approx(begins(finely, 1000.0), abs=2 / per_second)
        assert begins(got, per_second) == times
        for second in range(1, 30):
            noise = got[round(second * per_second) - 1].noise
            assert noise == pytest.approx(finely[second * 1000 - 1].noise, abs=0.006)


class TestEvents:
    @pytest.mark.parametrize(
        ("event", "look"), [("spike", 1), ("section", 2), ("drop", 3), ("silent", 4)]
    )
    def test_call_their_variation(self, run: Run, event: str, look: int) -> None:
        shown = played(run, lambda t: {"theme": EVENTS, event: t > 2.0}, 4.0)
        assert shown[0].look == 0
        assert shown[-1].look == look

    def test_last_as_long_as_any_look(self, run: Run) -> None:
        shown = played(run, lambda t: {"theme": EVENTS, "spike": 9 < t < 9.02}, 30.0, hold=6.0)
        assert begins(shown) == pytest.approx([9.0, 15.0], abs=0.05)

    def test_a_drop_waits_for_no_hold(self, run: Run) -> None:
        def both(t: float) -> dict[str, object]:
            return {"theme": EVENTS, "section": 10 < t < 10.02, "drop": 14 < t < 14.02}

        assert begins(played(run, both, 20.0, hold=8.0))[:2] == pytest.approx([10, 14], abs=0.05)

    def test_that_are_not_wired_or_not_in_the_theme_change_nothing(self, run: Run) -> None:
        every = {"spike": True, "section": True, "drop": True}
        assert not begins(played(run, lambda t: every, 10.0))


class TestSilence:
    def test_is_truly_quiet(self, run: Run) -> None:
        """No beat, no energy, no change: after the fade nothing moves."""

        def hush(t: float) -> dict[str, object]:
            energy = 0.5 + 0.5 * math.sin(9 * t)
            return beating(120.0)(t) | {"theme": EVENTS, "energy": energy, "silent": t > 10.0}

        shown = played(run, hush, 30.0)
        late = shown[round(20 * 93.75) :]
        assert {each.prompts for each in late} == {late[0].prompts}
        assert late[0].share("snow falling") == pytest.approx(0.95)
        assert max(each.level for each in late) < 1e-6

    def test_without_a_look_of_its_own_is_the_calm_one(self, run: Run) -> None:
        shown = played(run, lambda t: {"energy": 1.0, "silent": t > 5.0}, 20.0)
        assert shown[round(4 * 93.75)].look == 2
        assert shown[-1].look == 0
        assert shown[-1].noise == pytest.approx(0.2, abs=1e-3)

    def test_ends_with_the_first_sound_in_a_fade(self, run: Run) -> None:
        def pause(t: float) -> dict[str, object]:
            return {"theme": EVENTS, "silent": 5.0 < t < 6.0}

        shown = played(run, pause, 12.0)
        assert begins(shown) == pytest.approx([5.0, 6.0], abs=0.05)
        steps = [abs(b.share("a field") - a.share("a field")) for a, b in pairwise(shown)]
        assert max(steps) < 0.06, "it comes and goes, and does not jump"
        assert shown[-1].look == 0


class TestBeats:
    @pytest.mark.parametrize("energy", [0.0, 0.2, 0.5, 0.8, 1.0])
    @pytest.mark.parametrize("theme", [PLAIN, EVENTS], ids=lambda theme: theme.id)
    def test_move_prompt_and_parameter_by_half_their_range(
        self, run: Run, energy: float, theme: Theme
    ) -> None:
        def one(t: float) -> dict[str, object]:
            return {"theme": theme, "energy": energy, "beat": 9.0 < t < 9.012}

        shown = played(run, one, 12.0, hold=60.0)
        before, hit = shown[840], shown[850]
        texts = {prompt.text for prompt in before.prompts}
        assert texts == {prompt.text for prompt in hit.prompts}
        moved = sum(abs(hit.share(text) - before.share(text)) for text in texts) / 2
        assert moved >= 0.5
        if theme is PLAIN:
            assert hit.noise - before.noise >= 0.5 * 0.4
        assert shown[-1].prompts == before.prompts

    def test_are_held_for_a_chunk_and_gone_in_the_next(self, run: Run, per_second: float) -> None:
        shown = played(
            run, lambda t: {"beat": 5.0 <= t < 5.0 + 1 / per_second}, 8.0, per_second, chunk=0.6
        )
        for t, expected in ((4.9, 0.2), (5.05, 0.46), (5.6, 0.46), (6.1, 0.2)):
            assert shown[round(t * per_second)].noise == pytest.approx(expected, abs=0.01)

    @pytest.mark.parametrize(
        ("bpm", "chunk", "every"),
        [
            (120, 0.75, 4),
            (90, 0.75, 4),
            (72, 0.75, 2),
            (144, 0.75, 4),
            (174, 0.75, 8),
            (120, 0.2, 1),
        ],
    )
    @pytest.mark.parametrize("rate", [93.75, 43.07])
    def test_are_thinned_so_that_chunks_can_show_them(
        self, run: Run, bpm: float, chunk: float, every: int, rate: float
    ) -> None:
        """At 72 and 144 a minute there is just room: less than a tick."""
        shown = played(run, beating(bpm, rate), 40.0, rate, chunk=chunk)
        hits = [n for n, (a, b) in enumerate(pairwise(shown), 1) if b.level > a.level + 0.2]
        beats = [round(bpm / 60.0 * (n + 1) / rate) for n in hits]
        assert {b - a for a, b in pairwise(beats[1:])} == {every}
        assert all(beat % every == 0 for beat in beats[1:])

    @pytest.mark.parametrize(("bpm", "every"), [(145.45, 4), (72.7, 2), (148.0, 4), (160.0, 8)])
    def test_go_on_as_they_were_when_the_tempo_trembles(
        self, run: Run, bpm: float, every: int
    ) -> None:
        """Every fourth beat at 145.45 a minute has just room; a tracker's tempo is never still."""

        def trembling(t: float) -> dict[str, object]:
            arriving = beating(bpm)(t)
            clock = arriving["clock"]
            assert isinstance(clock, Clock)
            return arriving | {"clock": clock._replace(bpm=bpm * (1.0 + 0.02 * math.sin(9.0 * t)))}

        shown = played(run, trembling, 60.0)
        hits = [n for n, (a, b) in enumerate(pairwise(shown), 1) if b.level > a.level + 0.2]
        beats = [round(bpm / 60.0 * (n + 1) / 93.75) for n in hits]
        assert {b - a for a, b in pairwise(beats[1:])} == {every}

    def test_off_the_grid_are_shown_too(self, run: Run) -> None:
        def offbeat(t: float) -> dict[str, object]:
            return clocked(120.0)(t) | {"beat": int(t * 93.75) % 188 == 94}

        shown = played(run, offbeat, 20.0)
        assert sum(b.level > a.level + 0.2 for a, b in pairwise(shown)) >= 4

    @given(st.floats(-10, 10), st.booleans(), st.floats(0, 1), st.floats(0, 1))
    def test_never_leave_the_range(
        self, energy: float, beat: bool, push: float, silent: float
    ) -> None:
        shown = Shown(
            *steer(None, 0.01, PLAIN, energy, beat=beat, push=push, silent=silent > 0.5)[1:]
        )
        assert 0.2 - 1e-9 <= shown.noise <= 0.6 + 1e-9
        assert sum(prompt.weight for prompt in shown.prompts) == pytest.approx(1.0)

    @pytest.mark.parametrize(
        ("curve", "share"), [("linear", 0.25), ("exponential", 0.0625), ("logarithmic", 0.5)]
    )
    def test_leave_the_rest_to_energy_along_the_curve(
        self, run: Run, curve: str, share: float
    ) -> None:
        theme = Theme("x", "X", "y", ranges=(Range("noise_scale", 0.0, 1.0, curve),))
        for push in (0.0, 0.4):
            shown = played(run, lambda t: {"theme": theme, "energy": 0.25}, 1.0, push=push)
            assert shown[-1].noise == pytest.approx((1.0 - push) * share)

    def test_a_parameter_without_a_range_stays_where_scope_has_it(self, run: Run) -> None:
        shown = played(run, lambda t: beating(120.0)(t) | {"theme": WOOD, "energy": t / 9}, 9.0)
        assert {(each.noise, each.vace, each.bias, each.steps) for each in shown} == {
            (0.7, 1.0, 0.3, 4.0)
        }


class TestCrossfade:
    def test_of_themes_begins_on_the_bar_and_takes_so_many_beats(self, run: Run) -> None:
        def change(t: float) -> dict[str, object]:
            return clocked(120.0)(t) | {"theme": PLAIN if t < 3.1 else CITY}

        shown = played(run, change, 12.0, over=8.0, push=1.0)
        assert begins(shown) == pytest.approx([4.0], abs=0.02)
        for t, share in ((3.9, 0.0), (5.0, 0.25), (6.0, 0.5), (8.1, 1.0)):
            at = shown[round(t * 93.75)]
            assert at.share("a city") == pytest.approx(share, abs=0.03)
            assert at.noise == pytest.approx(0.2 + share * 0.6, abs=0.01)

    def test_without_a_tempo_begins_at_once_and_takes_half_seconds(self, run: Run) -> None:
        shown = played(run, lambda t: {"theme": PLAIN if t < 3.1 else CITY}, 9.0, over=8.0)
        assert begins(shown) == pytest.approx([3.1], abs=0.02)
        assert shown[round(5.1 * 93.75)].share("a city") == pytest.approx(0.5, abs=0.03)
        assert shown[round(7.2 * 93.75)].prompts == (Prompt("a city"),)

    def test_can_be_a_cut(self, run: Run) -> None:
        def change(t: float) -> dict[str, object]:
            return clocked(120.0)(t) | {"theme": PLAIN if t < 3.1 else CITY}

        shown = played(run, change, 4.0, over=0.0, when="now")
        assert shown[round(3.12 * 93.75)].prompts == (Prompt("a city"),)

    @given(
        st.lists(st.sampled_from([PLAIN, CITY, WOOD, EVENTS]), min_size=2, max_size=8),
        st.sampled_from(["now", "beat", "bar"]),
    )
    @settings(max_examples=many(15, 500), deadline=None)
    def test_never_snaps_back(self, run: Run, themes: list[Theme], when: str) -> None:
        """What comes in only gains, what was left only loses, and no tick exchanges much of the
        picture, even if another theme is wanted every second in the middle of a fade."""

        def change(t: float) -> dict[str, object]:
            return clocked(100.0)(t) | {"theme": themes[min(int(t), len(themes) - 1)]}

        shown = played(run, change, 20.0, 48.0, over=4.0, when=when, push=0.0)
        texts = {prompt.text for each in shown for prompt in each.prompts}
        ends = [*(n for n, each in enumerate(shown) if each.begins), len(shown)]
        for a, b in pairwise(shown):
            assert sum(abs(b.share(text) - a.share(text)) for text in texts) / 2 <= 0.08
        for start, end in pairwise([0, *ends]):
            for text in texts:
                course = [each.share(text) for each in shown[start:end]]
                steps = [b - a for a, b in pairwise(course)]
                assert min(steps, default=0.0) >= -1e-6 or max(steps, default=0.0) <= 1e-6
        assert shown[-1].share(themes[-1].text) == pytest.approx(1.0, abs=0.051)

    def test_no_text_goes_and_comes_again_with_the_beats(self, run: Run) -> None:
        """Each time would be a new prompt to encode. Here a theme is nearly gone when a third one
        begins to come in, and its accent has next to nothing but on a beat."""

        def change(t: float) -> dict[str, object]:
            theme = PLAIN if t < 2.1 else CITY if t < 13.6 else WOOD
            return beating(120.0)(t) | {"theme": theme}

        shown = played(run, change, 30.0, over=24.0, when="now")
        assert begins(shown) == pytest.approx([2.1, 13.6], abs=0.02)
        told = [{prompt.text for prompt in each.prompts} for each in shown]
        come = [text for a, b in pairwise(told) for text in b - a]
        assert come == ["a city", "a wood"]

    def test_an_edit_of_the_theme_that_plays_is_heard_at_once(self, run: Run) -> None:
        edited = Theme("plain", "Plain", "a meadow", ranges=(Range("noise_scale", 0.4, 0.5),))
        shown = played(run, lambda t: {"theme": PLAIN if t < 2 else edited}, 4.0)
        assert not begins(shown)
        assert shown[-1].prompts == (Prompt("a meadow"),)
        assert shown[-1].noise == pytest.approx(0.4)

    def test_blends_by_slerp_exactly_two(self, run: Run) -> None:
        shown = played(run, lambda t: {"theme": PLAIN if t < 3.1 else EVENTS}, 9.0)
        assert {each.blend for each in shown} == {"slerp", "linear"}
        assert all((each.blend == "slerp") == (len(each.prompts) == 2) for each in shown)


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("smooth", 4.0),
        ("hold", 20.0),
        ("push", 0.2),
        ("chunk", 2.0),
        ("when", "now"),
        ("over", 32.0),
    ],
)
def test_each_param_acts(run: Run, param: str, value: object) -> None:
    """No knob is there for show: turned, it makes another picture of the same music."""

    def music(t: float) -> dict[str, object]:
        theme = PLAIN if t < 20.0 else CITY
        return beating(117.0)(t) | {"theme": theme, "energy": 0.5 - 0.5 * math.cos(t / 3)}

    usual = [each.prompts for each in played(run, music, 40.0)]
    turned = [each.prompts for each in played(run, music, 40.0, **{param: value})]
    assert sum(a != b for a, b in zip(usual, turned, strict=True)) > 100


def test_params_of_version_1_are_carried_over() -> None:
    upgrade = type_of(steer).upgrade
    assert upgrade is not None
    old = {"hold": 6.0, "hysteresis": 0.2, "fade": 0.3, "push": 0.5, "smooth": 1.0}
    assert upgrade(old, 1) == {"hold": 6.0, "push": 0.5, "smooth": 1.0}
