"""A threshold that is found by listening: to strokes, to the demo track, to nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import patch

from nodegraph.editor.band_fit import BARS, LONG, Listening, count_hits, fit
from nodegraph.editor.playback import Music
from nodegraph.host.offline import render
from nodes.bands import Held, band_level

TICK = 512 / 48_000


def strokes(every: float, seconds: float, loud: float, floor: float, seed: int = 0) -> np.ndarray:
    """A level that is struck every so many seconds and decays, over a trembling floor."""
    times = np.arange(int(seconds / TICK)) * TICK
    tremble = np.random.default_rng(seed).uniform(0.8, 1.2, len(times))
    return np.asarray(floor * tremble + loud * np.exp(-(times % every) / 0.06))


@given(
    levels=st.lists(st.floats(0.0, 1.0), max_size=60),
    threshold=st.floats(0.01, 1.0),
    hysteresis=st.floats(0.0, 0.99),
    cooldown=st.floats(0.0, 0.3),
)
def test_hits_are_counted_as_the_node_counts_them(
    levels: list[float], threshold: float, hysteresis: float, cooldown: float
) -> None:
    state, struck = Held(), 0
    for level in levels:
        product = np.array([level])
        state, _, hit, _ = band_level(
            state,
            TICK,
            product,
            np.zeros(1),
            threshold=threshold,
            hysteresis=hysteresis,
            cooldown=cooldown,
        )
        struck += hit
    counted = count_hits(np.array(levels), TICK, np.array([threshold]), hysteresis, cooldown)
    assert counted.tolist() == [struck]


@pytest.mark.parametrize("loud", [0.8, 0.05])
@pytest.mark.parametrize("every", [0.25, 0.5, 1.0])
def test_each_stroke_is_found_however_loud(every: float, loud: float) -> None:
    found = fit(strokes(every, 8.0, loud, loud / 50), TICK, 0.3, 0.1)
    assert found is not None
    assert found.hits == pytest.approx(8.0 / every, abs=1)
    assert loud / 50 < found.low <= found.threshold <= found.high < loud


def test_two_kinds_of_strokes_are_one_or_the_other() -> None:
    both = strokes(1.0, 8.0, 0.6, 0.004) + np.roll(strokes(1.0, 8.0, 0.03, 0.0), 47)
    found = fit(both, TICK, 0.3, 0.1)
    assert found is not None
    assert found.hits in (8, 16)


def test_a_louder_recording_has_a_threshold_that_is_as_much_higher() -> None:
    levels = strokes(0.5, 8.0, 0.1, 0.002)
    quiet, loud = fit(levels, TICK, 0.3, 0.1), fit(levels * 4.0, TICK, 0.3, 0.1)
    assert quiet is not None
    assert loud is not None
    assert loud.threshold == pytest.approx(quiet.threshold * 4.0, rel=0.02)
    assert loud.hits == quiet.hits


@pytest.mark.parametrize(
    "levels", [np.zeros(0), np.zeros(800), np.full(800, 0.3), np.full(800, np.nan)]
)
def test_where_nothing_stands_out_nothing_is_found(levels: np.ndarray) -> None:
    assert fit(levels, TICK, 0.3, 0.1) is None


def test_the_drums_of_the_demo_track_are_found_in_eight_bars() -> None:
    """Kick on each beat, snare on two and four, hats between the beats (see `demo.score`)."""
    drums = {"kick": (30.0, 60.0, 32), "snare": (1500.0, 4000.0, 16), "hat": (6000.0, 14000.0, 32)}
    heard = patch(
        {
            "song": "audio.file",
            "spec": "audio.spectrum",
            **{
                id: ("audio.band_level", {"low": low, "high": high})
                for id, (low, high, _) in drums.items()
            },
        },
        ["song.audio -> spec.audio", *(f"spec.magnitude -> {id}.magnitude" for id in drums)],
    )
    trace = render(heard, "demo", watch=[f"{id}.level" for id in drums], duration=31.0)
    tick = trace.block / trace.rate
    begins = {"kick": 8.0, "snare": 8.0, "hat": 15.5}
    for id, (_, _, strokes_) in drums.items():
        first = int(begins[id] / tick)
        levels = np.asarray(trace[f"{id}.level"], float)[first : first + int(15.5 / tick)]
        found = fit(levels, tick, 0.3, 0.1)
        assert found is not None
        assert found.hits == pytest.approx(strokes_, abs=2), id


# How long is listened.


def music(beats: float, meter: int = 4) -> Music:
    whole = int(beats // 1)
    return Music(120.0, meter, whole // meter, whole % meter, beats % 1.0, 0.9)


def test_eight_seconds_without_a_clock() -> None:
    listening, now, ticks = Listening(100.0, 5000, None), 100.0, 5000
    assert (listening.bars, listening.words) == (0, "8 s")
    while True:
        now, ticks = now + 0.1, ticks + 9
        if listening.hear(now, ticks, np.arange(ticks - 500, ticks, dtype=float)):
            break
    assert now == pytest.approx(100.0 + LONG, abs=0.11)
    assert listening.levels.tolist() == list(range(5000, ticks))


@pytest.mark.parametrize("meter", [3, 4])
def test_eight_bars_of_a_clock_and_not_those_that_were_jumped_over(meter: int) -> None:
    listening = Listening(0.0, 0, music(2.0, meter))
    beats, ticks, frames = 2.0, 0, 0
    seen = {listening.bars}
    while True:
        frames, ticks = frames + 1, ticks + 3
        beats += 0.1 if frames != 50 else 64.0
        if listening.hear(frames * 0.05, ticks, np.zeros(ticks), music(beats, meter)):
            break
        seen.add(listening.bars)
    assert frames == pytest.approx(BARS * meter / 0.1 + 1, abs=2)
    assert seen == set(range(1, BARS + 1))
    assert len(listening.levels) == ticks


def test_a_clock_that_stands_still_is_not_waited_for_without_end() -> None:
    listening = Listening(0.0, 0, music(1.0))
    assert not listening.hear(60.0, 100, np.zeros(100), music(1.0))
    assert listening.hear(100.0, 200, np.zeros(100), music(1.0))


def test_another_engine_is_heard_from_its_beginning_on() -> None:
    listening = Listening(0.0, 1000, None)
    listening.hear(1.0, 1010, np.full(500, 1.0))
    listening.hear(2.0, 5, np.full(5, 2.0))
    listening.hear(3.0, 8, np.full(8, 3.0))
    assert listening.levels.tolist() == [1.0] * 10 + [3.0] * 3
