"""What the network hears of a clip, and what it is to say about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from nodes._bar_pointer import HOP
from nodes._beat_ear import EASE, FLOOR, GAIN, LAG, RISE
from nodes._beat_frames import lens
from nodes._filterbank import Matrix
from nodes.training.clip import Clip
from nodes.training.drums import RATE, Sound

STEPS = RATE / HOP
"""Per second."""

LATE = 0.03
"""So much (s) after it began, a thing has been heard; then the network is to say so."""

OUTPUTS = ("beat", "downbeat", "onset")


def bands(sound: Sound) -> Matrix:
    """float32[steps, bands]: the bands of the spectrum that ends with each step of 512 samples."""
    seen = lens(RATE)
    size = seen.window.size
    padded = np.concatenate((np.zeros(size - HOP), sound)).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::HOP]
    return np.concatenate([seen.bands(frames[at : at + 512]) for at in range(0, len(frames), 512)])


def moments(times: NDArray[np.float64], steps: int) -> NDArray[np.int64]:
    """The steps in which the beginnings of things have been heard, of those within `steps`."""
    found = np.round((times + LATE) * STEPS - 1.0).astype(np.int64)
    return found[(found >= 0) & (found < steps)]


def clear(clip: Clip, steps: int) -> NDArray[np.bool_]:
    """bool[steps]: whether to learn from each step."""
    out = np.ones(steps, bool)
    for begin, end in clip.unclear:
        out[int(begin * STEPS) : int(end * STEPS)] = False
    return out


def targets(moments: Sequence[NDArray[np.int64]], steps: int) -> Matrix:
    """float32[steps, outputs]: 1 at each moment, and half of it beside."""
    wanted = np.zeros((steps, len(moments)), np.float32)
    for column, found in enumerate(moments):
        for offset, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            at = found + offset
            at = at[(at >= 0) & (at < steps)]
            wanted[at, column] = np.maximum(wanted[at, column], value)
    return wanted


def features(heard: Matrix) -> Matrix:
    """float32[steps, features]: what `nodes._beat_ear.hear` gives step by step, all at once."""
    loudness = heard.mean(axis=1, dtype=np.float64)
    level = lfilter([EASE], [1.0, EASE - 1.0], loudness)
    weight = 1.0 - (1.0 - EASE) ** np.arange(1, len(heard) + 1)
    gain = (GAIN / np.maximum(level / weight, FLOOR)).astype(np.float32)
    loud = np.log10(1.0 + heard * gain[:, None])
    rise = np.zeros_like(loud)
    rise[LAG:] = RISE * np.maximum(loud[LAG:] - loud[:-LAG], 0.0)
    return np.concatenate((loud, rise), axis=1)
