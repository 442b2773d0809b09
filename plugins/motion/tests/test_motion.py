"""Nodes are functions: call them, look at what they return."""

from __future__ import annotations

from math import cos, exp, pi, sqrt

import pytest
from motion import flash_limit, one_euro, spring

RATES = (24, 94, 240)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("damping", [0.0, 0.3, 0.999999, 1.0, 2.5])
def test_a_spring_swings_the_same_at_any_rate(rate: int, damping: float) -> None:
    state, place = spring(None, 1 / rate, 0.0, damping=damping)[:2]
    for _ in range(rate):
        state, place, _ = spring(state, 1 / rate, 1.0, frequency=0.7, damping=damping)
    fine = spring(None, 1.0, 0.0, damping=damping)[0]
    assert place == pytest.approx(spring(fine, 1.0, 1.0, frequency=0.7, damping=damping)[1])


def test_a_kicked_spring_rings_at_its_frequency_and_fades() -> None:
    state, *_ = spring(None, 0.0, 0.0)
    state, *_ = spring(state, 0.0, 0.0, True, damping=0.1, force=1.0)
    whole = 1.0 / (2.0 * sqrt(1.0 - 0.01))
    _, _, speed = spring(state, whole, 0.0, damping=0.1)
    assert speed == pytest.approx(exp(-0.1 * 2 * pi * 2.0 * whole))
    assert cos(2 * pi) == pytest.approx(1.0)


@pytest.mark.parametrize("rate", RATES)
def test_one_euro_is_calm_at_rest_and_arrives(rate: int) -> None:
    state, out = one_euro(None, 1 / rate, 0.0)
    outs = []
    for n in range(4 * rate):
        state, out = one_euro(state, 1 / rate, 0.02 * (-1) ** n)
        outs.append(out)
    assert max(map(abs, outs[rate:])) < 0.015
    for _ in range(2 * rate):
        state, out = one_euro(state, 1 / rate, 1.0)
    assert out == pytest.approx(1.0, abs=1e-3)


def flashes(shown: list[float], rate: int, step: float = 0.1) -> list[float]:
    """When the brightness rose by a step from where it last turned, in seconds."""
    found, bright, turn = [], True, shown[0]
    for n, value in enumerate(shown):
        if bright:
            turn = max(turn, value)
            bright, turn = (True, turn) if turn - value < step else (False, value)
        else:
            turn = min(turn, value)
            if value - turn >= step:
                found.append(n / rate)
                bright, turn = True, value
    return found


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hertz", [2.0, 4.0, 7.3])
def test_no_second_has_more_flashes_than_allowed(rate: int, hertz: float) -> None:
    state, shown, holds = None, [], 0
    for n in range(5 * rate):
        value = 0.5 - 0.5 * cos(2 * pi * hertz * n / rate)
        state, out, held = flash_limit(state, 1 / rate, value, most=3)
        shown.append(out)
        holds += held
    found = flashes(shown, rate)
    assert all(sum(start <= t < start + 1.0 for t in found) <= 3 for start in found)
    assert len(found) >= 9
    assert (holds > 0) == (hertz > 3.0)
