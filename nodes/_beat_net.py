"""A small network that has learnt what a beat sounds like; it hears one step after another.

A dense layer and two layers of gated recurrent units (Cho et al., "Learning phrase representations
using RNN encoder-decoder", EMNLP 2014). The weights are in `beat_net.npz` and come from music that
`nodes/training` in the project's repository made up; no recording has been used.
"""

from __future__ import annotations

from importlib.resources import files
from typing import IO, NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._beat_ear import still
from nodes._filterbank import Matrix


class _Layer(NamedTuple):
    """Gated recurrent units. The gates' weights are halved: a sigmoid is (1 + tanh(x / 2)) / 2."""

    ahead: Matrix
    back: Matrix
    bias: Vector

    def step(self, hidden: Vector, given: Vector) -> Vector:
        """The next state, float32[size]."""
        size = hidden.size
        both = 2 * size
        ahead = given @ self.ahead
        ahead += self.bias
        back = hidden @ self.back
        gates = np.tanh(ahead[:both] + back[:both])
        gates *= _HALF
        gates += _HALF
        fresh = np.tanh(ahead[both:] + gates[:size] * back[both:])
        return still(fresh + gates[size:] * (hidden - fresh))


_HALF = np.float32(0.5)


class _Net(NamedTuple):
    dense: Matrix
    dense_bias: Vector
    first: _Layer
    second: _Layer
    out: Matrix
    out_bias: Vector


def read_net(file: IO[bytes]) -> _Net:
    """The network of an .npz of float16."""
    with np.load(file) as stored:
        weights = {name: stored[name].astype(np.float32) for name in stored.files}
    size = len(weights["first_back"])
    halves = np.where(np.arange(3 * size) < 2 * size, np.float32(0.5), np.float32(1.0))

    def layer(name: str) -> _Layer:
        ahead, back, bias = (weights[f"{name}_{part}"] * halves for part in ("in", "back", "bias"))
        return _Layer(ahead, back, bias)

    return _Net(
        weights["dense"],
        weights["dense_bias"],
        layer("first"),
        layer("second"),
        weights["out"],
        weights["out_bias"],
    )


with files("nodes").joinpath("beat_net.npz").open("rb") as _file:
    _NET = read_net(_file)


class Said(NamedTuple):
    """How likely it is (0..1) that a beat, a downbeat, any note began 30 ms ago."""

    beat: float
    downbeat: float
    onset: float


_START = still(np.zeros(_NET.first.bias.size // 3, np.float32))


class Memory(NamedTuple):
    """The state of the two layers."""

    first: Vector = _START
    second: Vector = _START


def listen(memory: Memory, heard: Vector) -> tuple[Memory, Said]:
    """What the network says about one more step of 1/86 s, heard as `nodes._beat_ear` does."""
    dense = np.tanh(heard @ _NET.dense + _NET.dense_bias)
    first = _NET.first.step(memory.first, dense)
    second = _NET.second.step(memory.second, first)
    sums = np.concatenate((first, second)) @ _NET.out + _NET.out_bias
    beat, downbeat, onset = (1.0 / (1.0 + np.exp(-sums))).tolist()
    return Memory(first, second), Said(beat, downbeat, onset)
