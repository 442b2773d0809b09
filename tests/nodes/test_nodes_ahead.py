"""What nodes find in many ticks at once is what they find tick by tick."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.nodetype import NodeType, Param
from nodegraph.plugins import find
from nodes.colour import _below

RATE, BLOCK, BINS = 44_100.0, 512, 257
TICKS = (5, 1, 34)
"""In batches, whose states are handed on."""

TYPES = [type_ for type_ in find().types.values() if type_.ahead is not None]


def sound() -> NDArray[np.float32]:
    """Noise that comes and goes, two tones, and silence at both ends: two channels."""
    rng = np.random.default_rng(5)
    count = sum(TICKS) * BLOCK
    time = np.arange(count)[:, None] / RATE
    tones = np.sin(2 * np.pi * time * (220.0, 3000.0))
    made = (0.3 * tones + 0.2 * rng.standard_normal((count, 2))) * np.sin(2 * np.pi * 5.0 * time)
    made[: 2 * BLOCK] = made[-3 * BLOCK :] = 0.0
    return made.astype(np.float32).reshape(-1, BLOCK, 2)


def spectra() -> NDArray[np.float32]:
    """The magnitudes of that, float32[ticks, bins]."""
    windows = sound().mean(axis=2) * np.hanning(BLOCK)
    return np.abs(np.fft.rfft(windows)).astype(np.float32) / BLOCK


def settings(type_: NodeType) -> Iterator[dict[str, object]]:
    """The params as they are, and each of them at its ends."""
    usual: dict[str, object] = {name: it.default for name, it in type_.params.items()}
    yield usual
    for name, it in type_.params.items():
        yield from ({**usual, name: value} for value in _ends(it))


def _ends(param: Param) -> list[object]:
    if param.kind == "number":
        return [param.low, param.high]
    return [*param.choices] or [True, False] if param.kind == "boolean" else [*param.choices]


@pytest.mark.parametrize("size", [2, 33, 64, 513])
@pytest.mark.parametrize("share", [0.05, 0.85, 0.99])
def test_where_a_share_of_all_is_reached_is_where_sums_say(size: int, share: float) -> None:
    energies = np.random.default_rng(4).random((50, size), np.float32) ** 4
    energies[0], energies[1], energies[2] = 0.0, np.eye(size)[0], np.eye(size)[-1]
    sums = np.cumsum(energies.astype(float), axis=1)
    expected = np.count_nonzero(sums < sums[:, -1:] * share, axis=1)
    np.testing.assert_array_equal(_below(energies, share), expected)


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.id)
def test_many_ticks_at_once_are_as_tick_by_tick(type_: NodeType) -> None:
    brought = {"audio": sound(), "vector": spectra()}
    arriving: dict[str, Any] = {name: brought[it.kind] for name, it in type_.inlets.items()}
    if type_.source is not None:
        arriving["audio"] = brought["audio"]
    for params in settings(type_):
        given = {**params, "dt": BLOCK / RATE, "rate": RATE}
        if type_.rows is not None:
            rows = type_.rows(BINS, RATE, **{name: params[name] for name in type_.row_params})
            arriving["product"] = brought["vector"] @ rows.T
        one_by_one = run(type_, type_.function, given, [[n] for n in range(sum(TICKS))], arriving)
        spans = np.split(np.arange(sum(TICKS)), np.cumsum(TICKS)[:-1])
        at_once = run(type_, type_.ahead, given, [slice(s[0], s[-1] + 1) for s in spans], arriving)
        for outlet, found, wanted in zip(type_.outlets, at_once, one_by_one, strict=True):
            scale = float(np.abs(wanted).max())
            what = f"{outlet} with {params}"
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=2e-6 * scale, err_msg=what)


def run(
    type_: NodeType, function: Any, given: dict[str, Any], spans: Any, arriving: dict[str, Any]
) -> list[NDArray[Any]]:
    """What each outlet gives, all spans in one array. A span that is a list is one tick."""
    state, told = type_.state, []
    with np.errstate(all="ignore"):
        for span in spans:
            now = {
                name: all[span[0] if isinstance(span, list) else span]
                for name, all in arriving.items()
            }
            known = {**given, **now, "state": state}
            result = function(**{name: known[name] for name in type_.arguments})
            if type_.stateful:
                state, *result = result
            elif len(type_.outlets) == 1:
                result = (result,)
            told.append([[each] for each in result] if isinstance(span, list) else result)
    return [np.concatenate(column) for column in zip(*told, strict=True)]
