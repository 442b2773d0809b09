"""A theme's LoRAs: scales that ease to where the music wants them, and away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nodegraph import Lora, Message, Theme
from nodegraph.scope.parameters import clean
from nodes.theme_loras import loras

Run = Callable[..., list[tuple[Any, ...]]]
INK = Theme("ink", "Ink", "ink", loras=(Lora("/lora/ink.safetensors", 0.2, 1.0),))
OIL = Theme("oil", "Oil", "oil", loras=(Lora("/lora/oil.safetensors", 0.5, 0.5),))


def sent(results: list[tuple[Any, ...]]) -> list[tuple[int, Any]]:
    """The ticks at which scales were sent, and the scales, which Scope's customs let through."""
    messages = [(n, message) for n, (message,) in enumerate(results) if message is not None]
    for _, message in messages:
        assert isinstance(message, Message)
        assert clean(message.body) == (message.body, [])
    return [(n, message.body["lora_scales"]) for n, message in messages]


def test_a_scale_eases_to_where_the_level_wants_it(run: Run, per_second: float) -> None:
    ticks = [{"theme": INK, "level": 0.5} for _ in range(round(8 * per_second))]
    found = sent(run(loras, ticks, per_second, smooth=1.0))
    assert found[-1][1] == (("/lora/ink.safetensors", 0.6),)
    values = [scales[0][1] for _, scales in found]
    assert values == sorted(values)
    after_a_second = max(value for n, ((_, value),) in found if n < per_second)
    assert after_a_second == pytest.approx(0.6 * 0.632, abs=0.03)
    assert len(found) <= 61, "a hundredth is a message, less is none"


def test_those_of_a_theme_that_is_left_sink_to_0_and_are_forgotten(run: Run) -> None:
    ticks = [{"theme": INK if n < 500 else OIL} for n in range(1500)]
    found = sent(run(loras, ticks, smooth=0.5))
    zero = ("/lora/ink.safetensors", 0.0)
    assert [scales for _, scales in found if zero in scales], "it is told that it is gone"
    assert found[-1][1] == (("/lora/oil.safetensors", 0.5),)


def test_a_theme_without_any_sends_nothing(run: Run) -> None:
    plain = Theme("plain", "Plain", "a field")
    assert run(loras, [{"theme": plain, "level": 1.0}] * 50) == [(None,)] * 50
