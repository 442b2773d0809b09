"""The network as it is fitted and as it is run are one, and fitting it makes it better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodes import _beat_ear, _beat_net

pytest.importorskip("jax", reason="JAX fits the network; it comes with nodegraph[train]")
pytest.importorskip("optax", reason="optax fits the network; it comes with nodegraph[train]")

from nodes.training.fit import Fitted, Heard, Stage, _beside, _narrow, begin, fit
from nodes.training.hearing import features
from nodes.training.network import logits


def clicks(seed: int) -> Heard:
    """Something loud every 40 steps, with noise, and the beats there."""
    rng = np.random.default_rng(seed)
    first = int(rng.integers(0, 40))
    beats = np.arange(first, 1200, 40)
    loud = 0.01 * rng.random((1200, _beat_ear.BANDS), np.float32)
    loud[beats] += 0.5
    nothing = np.zeros(0, np.int64)
    return Heard(loud, np.ones(1200, bool), (beats, nothing, beats))


def test_the_node_computes_what_was_fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = [clicks(seed) for seed in range(4)]
    fitted = begin(clips, 3)
    fitted.store(tmp_path / "stored.npz")
    Fitted.restore(tmp_path / "stored.npz").export(tmp_path / "out.npz")
    with (tmp_path / "out.npz").open("rb") as file:
        monkeypatch.setattr(_beat_net, "_NET", _beat_net.read_net(file))
    given = features(clips[0].bands[:100])
    standard = (given - fitted.mean) / fitted.deviation
    expected = 1.0 / (1.0 + np.exp(-np.asarray(logits(fitted.weights, standard[None])[0])))
    memory, said = _beat_net.Memory(), []
    for heard in given:
        memory, each = _beat_net.listen(memory, heard)
        said.append(each)
    np.testing.assert_allclose(said, expected, atol=0.02)  # the weights are float16


def test_between_two_fits_lies_their_mean() -> None:
    one, other = (begin([clicks(0)], seed) for seed in (1, 2))
    third = one.towards(other, 1 / 3)
    for name, part in third.weights.items():
        expected = (2 * one.weights[name] + other.weights[name]) / 3
        np.testing.assert_allclose(part, expected, atol=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_a_bad_line_only_takes_and_a_noisy_place_only_adds(seed: int) -> None:
    rng, bands = np.random.default_rng(seed), clicks(seed).bands
    passed = _narrow(bands, rng) / bands
    assert passed.max() <= 1.0
    assert passed[:, 18].min() > 0.3  # where both ends meet at worst
    noise = rng.random((300, _beat_ear.BANDS), np.float32)  # shorter than the cut: it starts over
    noisy = _beside(bands, noise, rng)
    assert (noisy >= bands).all()
    added = np.sqrt(np.maximum(noisy.astype(float) ** 2 - bands.astype(float) ** 2, 0.0)).mean()
    assert 10 ** (-31 / 20) < added / bands.mean() < 10 ** (4 / 20)


def test_fitting_finds_the_beats(tmp_path: Path) -> None:
    clips = [clicks(seed) for seed in range(32)]
    start = begin(clips, 1)
    fit(clips, start, Stage(32, 400, 30, 3e-3), 1, tmp_path / "fitted.npz")
    fitted = Fitted.restore(tmp_path / "fitted.npz")
    fresh = clicks(99)
    standard = (features(fresh.bands) - fitted.mean) / fitted.deviation
    said = np.asarray(logits(fitted.weights, standard[None])[0])[:, 0]
    beats = fresh.moments[0]
    others = np.setdiff1d(np.arange(1200), np.concatenate((beats - 1, beats, beats + 1)))
    assert np.median(said[beats]) > np.quantile(said[others], 0.95)
