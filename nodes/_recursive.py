"""Filters that feed back (IIR), a whole block at a time, as products of matrices.

A filter of order k in state space, s' = A s + B x and y = C s + D x, is unrolled over segments of
some 32 samples. Within a segment the output is a triangular matrix times its input, and what
the segments hand on to each other is one more product: some calls of numpy for a block, whatever
its length, and no loop over samples (Burrus, "Block realization of digital filters", 1972).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Float32 = NDArray[np.float32]

Section = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 of a biquad whose a0 is 1."""

_SEGMENT = 32
_TINY = 1e-30
_UNTHREADED = 1 << 18
"""Multiplications in one product up to which BLAS keeps to the thread that called it."""


class _Unrolled(NamedTuple):
    """A filter over a block: what its segments do with input and state, and how states follow.

    `within` float[p, p] and `state_out` float[k, p] give the output of a segment from its input and
    the state at its beginning, `into` float[p, k] what its input adds to the state after it.
    `starts` float[k + segments k, segments k] gives the state before each segment from the first
    state and what each adds; `last` takes the last segment's, which may be a short one.
    """

    segments: int
    length: int
    within: Array
    state_out: Array
    into: Array
    starts: Array
    last_power: Array
    last_into: Array


def followed(rows: Float32, before: Float32, keep: float) -> Float32:
    """float32[ticks, n]: what goes from `before` towards each row by 1 - `keep` of the way."""
    keep = float(np.float32(keep))  # what a single tick multiplies by
    length = max(1, isqrt(_UNTHREADED // max(1, rows.shape[1])) - 1)
    out = np.empty_like(rows)
    for start in range(0, len(rows), length):
        part, after = rows[start : start + length], out[start : start + length]
        np.dot(_following(len(part), keep), np.concatenate((before[None], part)), out=after)
        before = after[-1]
    return out


@lru_cache(maxsize=32)
def _following(count: int, keep: float) -> Float32:
    """float32[count, 1 + count]: what is left after each row of what was before, and of each."""
    ages = np.arange(count)[:, None] - np.arange(-1, count)
    shares = np.where(ages >= 0, keep ** np.maximum(ages, 0), 0.0)
    shares[:, 1:] *= 1.0 - keep
    return shares.astype(np.float32)


def filtered(
    sections: tuple[Section, ...], state: Array, samples: NDArray[np.float32]
) -> tuple[Array, Array]:
    """The state after a block, float64[channels, k], and the block filtered, float64[channels, n].

    `samples` is float32[n, channels]. A state of another size than it must have is one of rest.
    """
    count, channels = samples.shape
    order = 2 * len(sections)
    if state.shape != (channels, order):
        state = np.zeros((channels, order))
    if not count:
        return state, np.zeros((channels, 0))
    it = _unrolled(sections, count)
    padded = np.zeros((channels, it.segments * it.length))
    padded[:, :count] = samples.T
    segments = padded.reshape(channels * it.segments, it.length)
    added = segments.dot(it.into).reshape(channels, it.segments * order)
    starts = np.concatenate((state, added), axis=1).dot(it.starts)
    out = segments.dot(it.within) + starts.reshape(-1, order).dot(it.state_out)
    rest = segments[it.segments - 1 :: it.segments]
    after = starts[:, -order:].dot(it.last_power) + rest.dot(it.last_into)
    after = (after + _TINY) - _TINY  # what fades away ends as 0, not as numbers slow to reckon with
    after.setflags(write=False)
    return after, out.reshape(channels, -1)[:, :count]


@lru_cache(maxsize=16)
def _unrolled(sections: tuple[Section, ...], samples: int) -> _Unrolled:
    step, feed, read, through = _state_space(sections)
    order, length = len(step), min(_SEGMENT, samples)
    count = -(-samples // length)
    short = samples - (count - 1) * length
    powers = [np.eye(order)]
    for _ in range(length):
        powers.append(powers[-1] @ step)
    response = [through, *(float(read @ power @ feed) for power in powers[: length - 1])]
    within = np.zeros((length, length))
    for late in range(length):
        within[: late + 1, late] = response[late::-1]
    into = np.stack([powers[length - 1 - at] @ feed for at in range(length)])
    last_into = np.zeros((length, order))
    last_into[:short] = into[length - short :]
    return _Unrolled(
        count,
        length,
        within,
        np.stack([read @ powers[at] for at in range(length)], axis=1),
        into,
        _handed_on(powers[length].T, count),
        powers[short].T,
        last_into,
    )


def _handed_on(across: Array, count: int) -> Array:
    """float64[k + count k, count k]: the state before each segment, from the first state and what
    each segment adds; `across` is what a state becomes over a segment, for states that are rows."""
    order = len(across)
    starts = np.zeros((order + count * order, count * order))
    column = np.zeros((order + count * order, order))
    column[:order] = np.eye(order)
    for number in range(count):
        starts[:, number * order : (number + 1) * order] = column
        column = column @ across
        column[(number + 1) * order : (number + 2) * order] += np.eye(order)
    return starts


def _state_space(sections: Sequence[Section]) -> tuple[Array, Array, Array, float]:
    """A, B, C and D of biquads one after the other, each in transposed direct form II."""
    step, feed, read, through = np.zeros((0, 0)), np.zeros(0), np.zeros(0), 1.0
    for b0, b1, b2, a1, a2 in sections:
        own = np.array([[-a1, 1.0], [-a2, 0.0]])
        enters = np.array([b1 - a1 * b0, b2 - a2 * b0])
        size = len(step)
        grown = np.zeros((size + 2, size + 2))
        grown[:size, :size] = step
        grown[size:, :size] = np.outer(enters, read)
        grown[size:, size:] = own
        feed = np.concatenate((feed, enters * through))
        read = np.concatenate((read * b0, [1.0, 0.0]))
        step, through = grown, through * b0
    return step, feed, read, through
