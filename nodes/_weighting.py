"""K weighting: how much louder or softer than others frequencies sound, as ITU-R BS.1770 has it."""

from __future__ import annotations

from functools import lru_cache
from math import pi, tan

from nodes._recursive import Section


@lru_cache(maxsize=16)
def k_weighting(rate: float) -> tuple[Section, Section]:
    """The two biquads of the K curve at any sample rate: a shelf, for what the head does to sound,
    and a high-pass.

    The standard has coefficients for 48 kHz only. These come from the analogue filters behind
    them, which give those very numbers (De Man, "Evaluation of implementations of the EBU R128
    loudness measurement", AES 145, 2018).
    """
    turn, gain = tan(pi * 1681.974450955533 / rate), 10.0 ** (3.999843853973347 / 20.0)
    damped, middle = turn / 0.7071752369554196, gain**0.4996667741545416
    scale = 1.0 + damped + turn * turn
    shelf = (
        (gain + middle * damped + turn * turn) / scale,
        2.0 * (turn * turn - gain) / scale,
        (gain - middle * damped + turn * turn) / scale,
        2.0 * (turn * turn - 1.0) / scale,
        (1.0 - damped + turn * turn) / scale,
    )
    turn = tan(pi * 38.13547087602444 / rate)
    damped = turn / 0.5003270373238773
    scale = 1.0 + damped + turn * turn
    pole = 2.0 * (turn * turn - 1.0) / scale
    return shelf, (1.0, -2.0, 1.0, pole, (1.0 - damped + turn * turn) / scale)
