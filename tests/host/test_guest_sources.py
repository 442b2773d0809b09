"""What a stranger's source may do to a render or a show, and that what was opened is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from kit import BLOCK, RATE, catalogue, patch

from nodegraph import Audio, inlet, node, param
from nodegraph.errors import AudioError, FaultError, PatchError
from nodegraph.host.offline import render
from nodegraph.plugins import Catalogue


@node("t.hear", outlets="audio", source="mine")
def hear(audio: Audio) -> Audio:
    """Hear a source."""
    return audio


@node("t.number", outlets="out")
def number(value: float = param(-1.0, "", -9.0, 9.0)) -> float:
    """Give a number."""
    return value


@node("t.root", outlets="out")
def root(value: float = inlet(0.0)) -> float:
    """Take a root, which a negative number has not."""
    return float(value**0.5) if value >= 0.0 else float("nan")


@node("t.fail", outlets="out", state=0)
def fail(state: int) -> tuple[int, float]:
    """Fail at the third tick."""
    return state + 1, 1.0 / (2.0 - state)


@dataclass
class Mine:
    """A second of silence; gives `bad` at the third block, or raises it."""

    bad: Any
    closed: list[str] = field(default_factory=list)
    channels: int = 1
    duration: float | None = 1.0
    blocks: int = 0

    @property
    def ended(self) -> bool:
        return self.blocks * BLOCK >= RATE

    def read(self, samples: int) -> Any:
        self.blocks += 1
        if self.blocks == 3 and self.bad is not None:
            if isinstance(self.bad, Exception):
                raise self.bad
            return self.bad
        return np.zeros((samples, 1), np.float32)

    def update(self, params: Mapping[str, object]) -> None: ...

    def close(self) -> None:
        self.closed.append("closed")


def brings(source: Mine) -> Catalogue:
    return Catalogue(catalogue(hear, number, root, fail), {"mine": lambda *_: source})


BAD = [
    ZeroDivisionError("guests"),
    "text",
    np.zeros(BLOCK, np.float32),
    np.zeros((BLOCK, 1)),
    np.full((BLOCK, 1), np.nan, np.float32),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: type(bad).__name__)
def test_a_source_that_fails_is_a_sentence_and_is_closed(bad: Any) -> None:
    mine = Mine(bad)
    with pytest.raises(AudioError, match=r"a source \(Mine\) failed"):
        render(patch({"h": "t.hear"}), rate=RATE, catalogue=brings(mine))
    assert mine.closed == ["closed"]


def test_a_render_that_cannot_begin_leaves_nothing_open() -> None:
    made = patch({"h": "t.hear", "n": "t.number", "r": "t.root"}, ["n.out -> r.value"])
    mine = Mine(None)
    opened: list[Mine] = []

    def open_it(*_: object) -> Mine:
        opened.append(mine)
        return mine

    brought = Catalogue(brings(mine).types, {"mine": open_it})
    with pytest.raises(FaultError, match=r"r: t\.root@1 failed"):
        render(made, rate=RATE, catalogue=brought, strict=True)
    assert len(opened) == len(mine.closed)


def test_a_fault_in_a_strict_render_ends_it_and_closes_what_it_heard() -> None:
    mine = Mine(None)
    made = patch({"h": "t.hear", "f": "t.fail"})
    with pytest.raises(FaultError, match="ZeroDivisionError"):
        render(made, rate=RATE, catalogue=brings(mine), strict=True)
    assert mine.closed == ["closed"]


def test_no_time_at_all_is_rendered_at_once() -> None:
    made = patch({"h": "t.hear"})
    assert len(render(made, rate=RATE, duration=0.0, catalogue=brings(Mine(None)))) == 0


@pytest.mark.parametrize("duration", [-1.0, float("nan"), float("inf")])
def test_no_such_time_is_a_sentence(duration: float) -> None:
    with pytest.raises(PatchError, match="say how many, from 0 up"):
        render(patch({"h": "t.hear"}), duration=duration, catalogue=brings(Mine(None)))


@pytest.mark.parametrize("rate", [1, 10**9])
def test_a_rate_that_no_engine_has_is_a_sentence(rate: int) -> None:
    with pytest.raises(AudioError, match="choose 8000 to 768000"):
        render(patch({"h": "t.hear"}), rate=rate, duration=1.0, catalogue=brings(Mine(None)))
