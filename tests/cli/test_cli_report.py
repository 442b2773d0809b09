"""`nodegraph report`: its numbers on traces whose answers are known, and its two faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Message, Prompt, Range, Theme
from nodegraph.cli.listening import report
from nodegraph.cli.tracks import Track, number_track, prompt_track
from nodegraph.runtime.trace import Trace

RATE, BLOCK = 48_000, 512
PER_SECOND = RATE / BLOCK
NO_BEATS = np.zeros(0)


def traced(body: Callable[[float], dict[str, Any]], seconds: float, *themes: Theme) -> Trace:
    """A trace whose messages say what changes of `body`, which is asked at each second."""
    ticks = round(seconds * PER_SECOND)
    times = np.arange(1, ticks + 1) / PER_SECOND
    messages, before = [], {}
    for n, now in enumerate(times.tolist()):
        wanted = body(now)
        if news := {name: value for name, value in wanted.items() if before.get(name) != value}:
            messages.append((n, Message("scope", news)))
        before = wanted
    column = np.empty(ticks, object)
    for n in range(ticks):
        column[n] = themes[n % len(themes)] if themes else None
    columns, kinds = ({"t.theme": column}, {"t.theme": "theme"}) if themes else ({}, {})
    return Trace(RATE, BLOCK, times, columns, kinds, tuple(messages), (), "made")


def weighted(**shares: float) -> tuple[Prompt, ...]:
    return tuple(Prompt(text, share) for text, share in shares.items())


def beaten(now: float) -> dict[str, Any]:
    """A text that has 0.7 more of the picture for 0.9 s, from every second second on."""
    share = 0.8 if now % 2.0 < 0.9 else 0.1
    return {"transition_steps": 0, "prompts": weighted(calm=1.0 - share, flare=share)}


class TestNumbers:
    def test_a_beat_that_is_held_for_a_chunk_arrives(self) -> None:
        found = report(traced(beaten, 60.0), np.arange(2.0, 60.0, 2.0))
        prompts = found.movement("prompts")
        assert prompts.hits_per_minute == pytest.approx(30.0, abs=1.0), "its going is none"
        assert prompts.on_beat > 0.95, "but for the one at the end"
        assert prompts.beat == pytest.approx(0.7)
        assert prompts.used == pytest.approx(0.7)
        assert found.prompt_changes_per_minute == 0.0
        assert found.still == 0.0
        assert dict(found.looks) == pytest.approx({"calm": 0.5, "flare": 0.5}, abs=0.06)

    def test_a_beat_that_is_gone_before_the_chunk_does_not(self) -> None:
        """A flash of 0.1 s every 2 s: a message each 0.825 s seldom takes it along."""

        def flash(now: float) -> dict[str, Any]:
            share = 0.8 if now % 2.0 < 0.1 else 0.1
            return {"transition_steps": 0, "prompts": weighted(calm=1.0 - share, flare=share)}

        moving = traced(lambda now: flash(now) | {"base_seed": int(now * 50)}, 60.0)
        found = report(moving, np.arange(2.0, 60.0, 2.0)).movement("prompts")
        assert found.hits_per_minute == pytest.approx(30.0, abs=1.0)
        assert found.beat < 0.5

    def test_hits_beside_the_beat_answer_none(self) -> None:
        found = report(traced(beaten, 60.0), np.arange(0.5, 60.0, 1.0)).movement("prompts")
        assert (found.on_beat, found.beat) == (0.0, 0.0)
        assert report(traced(beaten, 60.0), NO_BEATS).movement("prompts").beat == 0.0

    @pytest.mark.parametrize("tick", [0.003, 0.011, 0.023])
    def test_a_hit_that_fades_is_one_however_long_ticks_are(self, tick: float) -> None:
        times = np.arange(0.0, 6.0, tick)
        level = np.exp(-np.maximum(0.0, times % 2.0 - 0.5) / 0.08) * (times >= 2.0)
        track = Track(times, np.stack((level, 1.0 - level), axis=-1))
        assert track.leaps(0.2, 0.05) == pytest.approx([2.0, 4.0], abs=tick)

    @pytest.mark.parametrize("late", [0.0, 0.02])
    def test_hits_as_long_as_their_rest_are_counted_once(self, late: float) -> None:
        """A tick more here, one less there: neither all of them are hits nor none."""
        rests = np.where(np.arange(40) % 3 == 0, 0.83, 0.81) + late * (np.arange(40) % 2)
        times = np.concatenate(([0.0], np.cumsum(rests)))
        share = 0.1 + 0.7 * (np.arange(41) % 2)
        hits = Track(times, np.stack((share, 1.0 - share), axis=-1)).leaps(0.2, 0.05)
        assert len(hits) == 20
        assert set(np.round(np.diff(hits) / 1.64)) == {1.0}

    @pytest.mark.parametrize("at", [1.0, 5.0])
    def test_a_move_that_nothing_takes_back_is_a_hit(self, at: float) -> None:
        share = np.array([0.0, 0.0, 1.0, 1.0])
        track = Track(np.array([0.0, 0.5, at, 6.0]), np.stack((share, 1.0 - share), axis=-1))
        assert track.leaps(0.2, 0.05) == pytest.approx([at])

    def test_new_prompts_are_counted_and_new_weights_are_not(self) -> None:
        def cycle(now: float) -> dict[str, Any]:
            return {"prompts": (Prompt("abcdef"[int(now / 10.0) % 6]),), "transition_steps": 4}

        found = report(traced(cycle, 59.5), NO_BEATS)
        assert found.prompt_changes_per_minute == pytest.approx(5.0, abs=0.1)
        assert found.busiest_minute == 5
        assert found.longest_still == pytest.approx(10.0 - 4 * 0.75, abs=0.1), "it takes 4 chunks"
        assert found.still == pytest.approx(0.7, abs=0.03)
        assert len(found.looks) == 6

    def test_what_the_numbers_mean_is_said(self) -> None:
        def rush(now: float) -> dict[str, Any]:
            return {"prompts": (Prompt("abcdef"[int(now) % 6]),), "transition_steps": 0}

        (no_beat, too_many) = report(traced(rush, 30.0), NO_BEATS).remarks
        assert "no beat is heard" in no_beat
        assert "more than 12 new prompts a minute" in too_many
        (nothing,) = report(traced(lambda now: {}, 10.0), np.arange(1.0, 9.0)).remarks
        assert "nothing that acts is sent" in nothing
        assert report(traced(beaten, 30.0), np.arange(2.0, 30.0, 2.0)).remarks == ()

    def test_the_range_is_the_themes_and_else_what_was_asked_for(self) -> None:
        def steps(now: float) -> dict[str, Any]:
            return {"denoising_step_list": [1000, 750, 500, 250][: 2 + int(now / 2.0) % 3]}

        theme = Theme("x", "X", "y", ranges=(Range("denoising_steps", 1.0, 5.0),))
        with_theme = report(traced(steps, 60.0, theme), NO_BEATS).movement("denoising_step_list")
        assert (with_theme.low, with_theme.high) == (1.0, 5.0)
        assert with_theme.used == pytest.approx(0.5)
        alone = report(traced(steps, 60.0), NO_BEATS).movement("denoising_step_list")
        assert (alone.low, alone.high, alone.used) == (2.0, 4.0, pytest.approx(1.0))

    def test_what_does_nothing_is_named_and_not_counted(self) -> None:
        noisy = traced(lambda now: beaten(now) | {"noise_scale": round(now % 1.0, 2)}, 20.0)
        found = report(noisy, NO_BEATS)
        assert [each.name for each in found.movements] == ["prompts"]
        assert any("noise_scale does nothing in text mode" in why for why in found.vain)

    def test_no_more_than_a_message_a_chunk_is_sent(self) -> None:
        busy = traced(lambda now: {"prompts": weighted(a=now % 1.0 + 0.1, b=1.0)}, 60.0)
        assert report(busy, NO_BEATS, chunk=0.75).messages_per_minute <= 60 / 0.75
        quick = report(busy, NO_BEATS, "streamdiffusionv2", chunk=0.25).messages_per_minute
        assert 2 * 60 / 0.75 < quick <= 60 / 0.25

    def test_one_of_several_servers(self) -> None:
        both = traced(
            lambda now: {"left:prompts": weighted(a=1.0), "right:prompts": weighted(b=1.0)}, 5.0
        )
        assert report(both, NO_BEATS).looks == ()
        assert report(both, NO_BEATS, server="right").looks == (("b", pytest.approx(1.0)),)

    def test_a_trace_in_which_nothing_happens(self) -> None:
        found = report(traced(lambda now: {}, 10.0), NO_BEATS)
        assert (found.movements, found.looks, found.messages_per_minute) == ((), (), 0.0)
        assert (found.still, found.longest_still) == (1.0, pytest.approx(10.0, abs=0.02))
        assert report(traced(lambda now: {}, 0.0), NO_BEATS).seconds == 0.0


@given(st.lists(st.tuples(st.floats(0.01, 5.0), st.floats(-2.0, 3.0)), min_size=1, max_size=30))
def test_a_number_has_two_shares_of_one(parts: list[tuple[float, float]]) -> None:
    times = np.cumsum([gap for gap, _ in parts])
    events = [(time, {"x": value}) for time, (_, value) in zip(times, parts, strict=True)]
    track = number_track("x", events, 0.0, 1.0)
    assert track is not None
    assert track.shares.sum(axis=1) == pytest.approx(np.ones(len(parts)))
    assert track.at(times)[:, 0] == pytest.approx([value for _, value in parts])
    assert prompt_track(events) is None


class TestCommand:
    def test_says_it_in_words(self, cli: Any, patch_file: Path, sound: Path) -> None:
        told = cli("report", patch_file, sound)
        assert told.exit_code == 0, told.stderr
        assert "a minute: 0.0 new prompts" in told.stdout
        assert "100 %  calm sea" in told.stdout
        assert "noise_scale does nothing in text mode on longlive" in told.stdout

    def test_and_in_json(self, cli: Any, patch_file: Path, sound: Path) -> None:
        told = cli("report", patch_file, sound, "--duration", "1.5", "--json")
        found = json.loads(told.stdout)
        assert found["seconds"] == pytest.approx(1.5, abs=0.02)
        assert [each["name"] for each in found["movements"]] == ["prompts"]
        assert found["beats"] == 0

    def test_a_patch_that_fails_is_told_of(self, cli: Any, patch_file: Path, sound: Path) -> None:
        text = patch_file.read_text("utf-8").replace("shape.smooth@1", "no.such@1")
        patch_file.write_text(text, "utf-8")
        told = cli("report", patch_file, sound)
        assert told.exit_code == 1
        assert "no node type no.such" in told.stderr

    def test_a_sound_that_is_not_there_is_a_sentence(self, cli: Any, patch_file: Path) -> None:
        told = cli("report", patch_file, "nothing.wav")
        assert told.exit_code == 2
        assert "nothing.wav" in told.stderr
