"""Lessons about drums: strokes are where they are wanted, slopes are what differences say."""

from __future__ import annotations

import numpy as np
import pytest

from nodes._drum_ear import HEARD
from nodes.training.drums import RATE, make_kit, play
from nodes.training.fit_hits import _initial, _slopes
from nodes.training.hits import _marked, _tuned, listen


def test_a_stroke_is_wanted_once_it_can_be_heard_and_then_forgotten() -> None:
    ends = np.arange(1, 200) * 0.005
    wanted, counts = _marked([(0.3, "kick", 1.0), (0.6, "clap", 0.1)], ends, 0.014)
    told = ends[wanted[:, 0]]
    assert told.min() >= 0.314
    assert told.max() < 0.335
    assert not wanted[:, 1:].any()
    unclear = ends[~counts[:, 1]]  # a clap as soft as that is neither right nor wrong
    assert (unclear >= 0.6).all()
    assert (unclear < 0.6 + 0.014 + 0.046).all()
    assert unclear.size > 5
    assert counts[:, 2].all()


@pytest.mark.parametrize("seed", range(3))
def test_drums_made_anew_peak_at_1_and_start_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for drum, sound in _tuned(make_kit(rng), rng).items():
        assert np.abs(sound).max() == pytest.approx(1.0)
        assert np.abs(sound[: RATE // 20]).max() > 0.3, drum


def test_what_is_heard_of_a_stroke_comes_after_it() -> None:
    sound = play(make_kit(np.random.default_rng(1)), [(0.5, "kick", 1.0)], RATE)
    heard = listen(sound, "1024", "hann", 512)
    assert heard.shape == (RATE // 512, HEARD)
    before = int(0.5 * RATE / 512)
    assert not heard[:before].any()
    assert heard[before + 2].max() > 0.3


def test_the_slopes_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(2)
    weights = {name: it.astype(np.float64) for name, it in _initial((6, 5, 4, 3), rng).items()}
    given = rng.standard_normal((7, 6))
    wanted = (rng.random((7, 3)) < 0.3).astype(float)
    counts = (rng.random((7, 3)) < 0.8).astype(float)
    _, slopes = _slopes(weights, given, wanted, counts)  # type: ignore[arg-type]  # finer floats
    for name, slope in slopes.items():
        at = tuple(int(rng.integers(size)) for size in slope.shape)
        losses = []
        for step in (1e-5, -1e-5):
            moved = {each: it.copy() for each, it in weights.items()}
            moved[name][at] += step
            losses.append(_slopes(moved, given, wanted, counts)[0])  # type: ignore[arg-type]  # finer floats
        assert slope[at] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-4, abs=1e-8), name
