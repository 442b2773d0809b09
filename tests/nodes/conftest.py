"""Runs one node by itself, as the engine would, for the tests of node types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from nodegraph import Rng
from nodegraph.spec import type_of
from nodegraph.themes import shipped

RATES = (24.0, 48.0, 44100 / 512, 93.75, 240.0)
"""Ticks a second at which a node must do the same."""

Run = Callable[..., list[tuple[Any, ...]]]


def run_node(
    function: Callable[..., Any],
    inputs: Iterable[Mapping[str, object]],
    per_second: float = 93.75,
    *,
    state: object = None,
    seed: int = 0,
    **params: object,
) -> list[tuple[Any, ...]]:
    """What the outlets hold after each tick, for what arrives on it."""
    type_ = type_of(function)
    state = type_.state if state is None else state
    rng = Rng(seed, "node")
    results = []
    for n, arriving in enumerate(inputs):
        context = {
            "dt": 1.0 / per_second,
            "now": (n + 1) / per_second,
            "rng": rng.at(n),
            "state": state,
            "themes": shipped(),
        }
        wanted = {name: context[name] for name in type_.context}
        got = function(**wanted, **arriving, **params)
        if type_.stateful:
            state, *outlets = got
            results.append(tuple(outlets))
        else:
            results.append(got if len(type_.outlets) > 1 else (got,))
    return results


@pytest.fixture(scope="session")
def run() -> Run:
    return run_node


@pytest.fixture(params=RATES, ids=lambda rate: f"{rate:g}/s")
def per_second(request: pytest.FixtureRequest) -> float:
    value = request.param
    assert isinstance(value, float)
    return value
