"""Mix and silence against closed forms, at any tick rate."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.spec import type_of
from nodes.audio import NODES, Quiet, mix, play_file, silence

RATE = 48000
BLOCKS = (200, 512, 557, 1000, 2000)
"""Samples per tick: 240, 93.75, 86.2, 48 and 24 ticks a second."""


def noise(seconds: float, channels: int = 2) -> NDArray[np.float32]:
    rng = np.random.default_rng(1)
    return rng.uniform(-0.9, 0.9, (round(seconds * RATE), channels)).astype(np.float32)


def locked(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    audio.flags.writeable = False
    return audio


def test_every_node_says_what_it_is_for() -> None:
    for function in NODES:
        type_ = type_of(function)
        assert type_.summary.endswith(".")
        assert type_.family == "audio"


def test_file_applies_its_gain_and_nothing_else() -> None:
    block = locked(noise(0.01))
    assert play_file(block) is block
    louder = play_file(block, gain=6.0)
    np.testing.assert_allclose(louder, block * 10 ** (6 / 20), rtol=1e-6)
    assert louder.dtype == np.float32
    assert type_of(play_file).source == "file"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("mono", 0.3), ("left", 0.5), ("right", 0.1), ("mid", 0.3), ("side", 0.2)],
)
def test_mix_of_two_channels(mode: str, expected: float) -> None:
    block = locked(np.tile(np.float32([0.5, 0.1]), (64, 1)))
    out = mix(block, mode=mode)
    assert out.shape == (64, 1)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, expected, rtol=1e-6)


@pytest.mark.parametrize(("mode", "expected"), [("mono", 0.5), ("right", 0.5), ("side", 0.0)])
def test_mix_of_one_channel(mode: str, expected: float) -> None:
    block = np.full((64, 1), 0.5, np.float32)
    np.testing.assert_allclose(mix(block, mode=mode), expected)


def test_mono_is_the_mean_of_many_channels() -> None:
    block = noise(0.01, channels=5)
    np.testing.assert_allclose(mix(block)[:, 0], block.mean(axis=1), atol=1e-7)


def run_silence(
    ticks: int, dt: float, state: Quiet, amplitude: float, hold: float = 0.5
) -> tuple[Quiet, bool, float]:
    block = np.full((64, 1), amplitude, np.float32)
    silent, fade = True, 0.0
    for _ in range(ticks):
        state, silent, fade = silence(state, dt, block, hold=hold, fade_in=0.25, fade_out=1.0)
    return state, silent, fade


@pytest.mark.parametrize("rate", [24, 48, 86.1328125, 93.75, 240])
def test_silence_waits_and_fades_in_seconds(rate: float) -> None:
    dt = 1 / rate
    state, silent, fade = run_silence(round(rate), dt, Quiet(), 0.0)
    assert (silent, fade) == (True, 0.0)
    state, silent, fade = run_silence(1, dt, state, 0.1)
    assert not silent
    state, _, fade = run_silence(round(rate), dt, state, 0.1)
    assert fade == 1.0
    _, silent, fade = run_silence(round(0.4 * rate), dt, state, 0.0)
    assert (silent, fade) == (False, 1.0)
    _, silent, fade = run_silence(round(1.0 * rate), dt, state, 0.0)
    assert silent
    assert fade == pytest.approx(0.5, abs=1.5 * dt)


def test_silence_with_a_huge_tick_and_no_fades() -> None:
    block = np.zeros((64, 1), np.float32)
    _, silent, fade = silence(Quiet(0.0, 1.0), 1e6, block, fade_out=0.0)
    assert (silent, fade) == (True, 0.0)
    loud = np.ones((64, 1), np.float32)
    assert silence(Quiet(), 1e-3, loud, fade_in=0.0)[1:] == (False, 1.0)
