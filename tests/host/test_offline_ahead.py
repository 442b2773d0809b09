"""What is computed for many ticks at once is what runs tick by tick, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from kit import BLOCK, RATE, patch

import nodegraph
from nodegraph import Audio, Trace, inlet, node, outlet, param
from nodegraph.compiler import compile_patch
from nodegraph.errors import SpecError
from nodegraph.graph import Patch
from nodegraph.host import offline
from nodegraph.plugins import find
from nodegraph.spec import type_of

TICKS = 3 * offline.BATCH + 7

HEARD = patch(
    {
        "song": "audio.file",
        "mix": "audio.mix",
        "spec": ("audio.spectrum", {"size": "1024"}),
        "same": ("audio.spectrum", {"size": "1024"}),
        "silent": "audio.level",
        "loud": ("audio.level", {"window": 0.2}),
        "bands": "audio.bands",
        "shape": "audio.shape",
        "peaked": "audio.moments",  # it has the rows of the shape
        "bass": "audio.band_level",
        "wide": "audio.band_level",
        "onset": "audio.onset",
        "ease": "shape.lag",
        "most": "vector.reduce",
    },
    [
        "song.audio -> mix.audio",
        "mix.out -> spec.audio",
        "mix.out -> same.audio",
        "song.audio -> loud.audio",
        "song.audio -> silent.audio",
        "spec.magnitude -> bands.magnitude",
        "same.magnitude -> shape.magnitude",
        "same.magnitude -> peaked.magnitude",
        "spec.magnitude -> bass.magnitude",
        "same.magnitude -> wide.magnitude",
        "spec.magnitude -> onset.magnitude",
        "loud.rms -> ease.value",
        "ease.out -> wide.threshold",
        "shape.rolloff -> wide.high",
        "bands.bands -> most.values",
    ],
)


def sound(ticks: int = TICKS) -> Audio:
    """A tone that beats, over noise, in two channels."""
    rng = np.random.default_rng(2)
    time = np.arange(ticks * BLOCK)[:, None]
    made = 0.5 * np.sin(time / 30.0) * np.sin(time / 9000.0) ** 2
    return (made + 0.01 * rng.standard_normal((ticks * BLOCK, 2))).astype(np.float32)


def tick_by_tick(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Trace]) -> Trace:
    """What a run gives in which nothing is computed ahead."""

    def compiled(*given: Any, ahead: bool) -> Any:
        return compile_patch(*given)

    with monkeypatch.context() as patching:
        patching.setattr(offline, "compile_patch", compiled)
        return run()


def assert_same(one: Trace, other: Trace) -> None:
    assert [*one] == [*other]
    assert len(one) == len(other)
    assert one.problems == other.problems
    for port in one:
        scale = float(np.abs(other[port]).max())
        np.testing.assert_allclose(one[port], other[port], 1e-6, 1e-6 * scale, err_msg=port)


def test_a_trace_is_as_tick_by_tick_and_twice_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> Trace:
        return nodegraph.render(HEARD, sound(), rate=RATE)

    first = run()
    assert_same(first, tick_by_tick(monkeypatch, run))
    assert first.to_bytes() == run().to_bytes()


def test_what_is_ahead_runs_no_more_in_the_plan() -> None:
    plan = compile_patch(HEARD, find().types, ahead=True)
    early = {step.id for step in plan.ahead}
    shared = early & {"spec", "same"}
    assert len(shared) == 1
    assert early - shared == {
        *("song", "mix", "loud", "silent", "bands", "shape", "peaked"),
        *("bass/·rows", "onset/·rows"),  # but not those of `wide`, whose range is driven
    }
    assert not {"song", "mix"} & {step.id for step in plan.steps}
    assert [need.node for need in plan.sources] == ["song"]
    assert compile_patch(HEARD, find().types).ahead == ()


def test_a_node_that_is_switched_off_is_not_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("bypass", "mute"):
        nodes = {**HEARD.nodes, "mix": replace(HEARD.nodes["mix"], mode=mode)}
        switched = HEARD.evolve(nodes=nodes)

        def run(switched: Patch = switched) -> Trace:
            return nodegraph.render(switched, sound(60), rate=RATE)

        assert_same(run(), tick_by_tick(monkeypatch, run))


def _hears(audio: Audio, worst: str) -> tuple[Any, Any]:
    first = audio.reshape(len(audio), -1)[:, 0].astype(np.float64)
    if worst == "raises":
        raise RuntimeError("not today")
    if worst == "nan":
        first[-1] = np.nan
    return (first[:-1] if worst == "short" else first), audio


@node("test.hear", outlets=["first", outlet("same")], ahead=_hears)
def hear(audio: Audio = inlet(), worst: str = param("none")) -> tuple[float, Audio]:
    """Tell the first sample of each block; one that is great is an accident."""
    if worst != "none" and len(audio) and abs(audio.item(0)) > 0.3:
        raise ValueError("too loud")
    return audio.item(0), audio


@pytest.mark.parametrize("worst", ["none", "raises", "nan", "short"])
def test_what_fails_ahead_is_run_tick_by_tick(
    worst: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = find()
    catalogue = replace(known, types={**known.types, "test.hear": type_of(hear)})
    both = patch(
        {"song": "audio.file", "hear": ("test.hear", {"worst": worst}), "level": "audio.level"},
        ["song.audio -> hear.audio", "hear.same -> level.audio"],
    )

    def run() -> Trace:
        return nodegraph.render(both, sound(), rate=RATE, catalogue=catalogue)

    found = run()
    assert_same(found, tick_by_tick(monkeypatch, run))
    assert ("too loud" in caplog.text) == (worst != "none")


class Short:
    """A sound that ends long before it said that it would."""

    channels, duration = 1, TICKS * BLOCK / RATE

    def __init__(self) -> None:
        self.left = 50

    @property
    def ended(self) -> bool:
        return self.left <= 0

    def read(self, samples: int) -> Audio:
        self.left -= samples // BLOCK
        return np.zeros((samples, 1), np.float32)

    def update(self, params: Any) -> None: ...

    def close(self) -> None: ...


def test_a_sound_that_ends_early_ends_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.host.sources.open_sound", lambda *_: Short())
    assert len(nodegraph.render(HEARD, "demo", rate=RATE)) == 50


def test_what_cannot_be_ahead_is_told_to_its_author() -> None:
    def late(now: float, text: str = inlet("")) -> float:
        """Ask for what is not known."""
        return now

    def endless(rate: float) -> float:
        """Have no beginning."""
        return rate

    with pytest.raises(SpecError, match=r"cannot ask for now(.|\n)*text must be a number"):
        node("test.late", outlets="out", ahead=True)(late)
    with pytest.raises(SpecError, match="needs an inlet or a source"):
        node("test.endless", outlets="out", ahead=True)(endless)
