"""All features on one spectrum: finite and in range whatever is heard, shared, and quick."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from feature_kit import FEATURES, Sound, blocks, everything, heard, types
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import RATE, engine, many

from nodegraph.compiler import compile_patch
from nodegraph.graph import Patch, Port
from nodegraph.runtime import Engine
from nodegraph.spec import type_of

RATES = (8_000, 22_050, 44_100, 48_000, 96_000, 192_000)
SIZES = types()["audio.spectrum"].params["size"].choices
LEVELS = ("spectrum", "bands", "band_level", "three_band")
"""Magnitudes, which are 1 for a full-scale sine, and a little more for what begins suddenly."""

PLAN = compile_patch(everything("1024"), types())


def noises(kind: str, samples: int, channels: int) -> Sound:
    """A sound of a kind, float32[samples, channels]."""
    hiss = np.random.default_rng(0).uniform(-1.0, 1.0, (samples, channels))
    made = {
        "silence": np.zeros((samples, channels)),
        "almost silence": hiss * 1e-30,
        "constant": np.ones((samples, channels)),
        "clipped": np.sign(hiss),
        "hiss": hiss,
        "stops": hiss * (np.arange(samples) < samples // 2)[:, None],
        "one sample": (np.arange(samples) == samples // 2)[:, None] * np.ones(channels),
        "far too loud": hiss * 1e6,
    }[kind]
    return made.astype(np.float32)


KINDS = ("silence", "almost silence", "constant", "clipped", "hiss", "stops", "one sample")


def watchful(plan_engine: Engine) -> Engine:
    """An engine in which numpy does not keep to itself what it would warn of."""
    plan_engine._calm.run(np.seterr, divide="raise", over="raise", invalid="raise")
    return plan_engine


def complaints(values: Mapping[str, object], rate: int) -> list[str]:
    """What is not finite, or not within a range that nothing can leave."""
    found = []
    for id, step in PLAN.by_id.items():
        for outlet in step.type.outlets.values():
            value = np.asarray(values[f"{id}.{outlet.name}"])
            if outlet.kind == "string":
                continue
            if not np.isfinite(value).all():
                found.append(f"{id}.{outlet.name} is not finite")
            elif (outlet.low, outlet.high) == (0.0, 1.0) and not (
                (value >= 0.0).all() and (value <= (1.3 if id in LEVELS else 1.0)).all()
            ):
                found.append(f"{id}.{outlet.name} is {value}")
            elif outlet.unit == "Hz" and not 0.0 <= value <= rate / 2:
                found.append(f"{id}.{outlet.name} is {value} Hz at {rate} Hz")
    return found


@settings(max_examples=many(40, 1000))
@given(
    st.sampled_from(KINDS),
    st.sampled_from(RATES),
    st.sampled_from((64, 100, 512, 1024, 4096)),
    st.sampled_from((1, 2, 3, 6, 32)),
)
def test_whatever_is_heard_all_is_finite_and_in_range(
    kind: str, rate: int, block: int, channels: int
) -> None:
    made = watchful(engine(PLAN, rate=rate, block=block))
    for part in blocks(noises(kind, 8 * block, channels), block):
        made.tick({"song": part})
        values = {port: made.value(port) for port in made.plan.slots}
        assert complaints(values, rate) == []


def test_sound_far_above_full_scale_is_told_and_breaks_nothing() -> None:
    made = watchful(engine(PLAN))
    for part in blocks(noises("far too loud", 5120, 2), 512):
        made.tick({"song": part})
    assert made.problems == ()
    assert float(str(made.value("level.peak"))) > 9e5
    assert float(str(made.value("loudness.momentary"))) > 100.0


@pytest.mark.parametrize("loud", [1e25, 3e38])
def test_what_no_sound_can_be_is_told_of_who_hears_it_and_of_nobody_else(loud: float) -> None:
    song = [wire.target.node for wire in everything("1024").wires if wire.source.node == "song"]
    made = engine(PLAN, strict=False)
    hiss = noises("hiss", 512 * 150, 2)
    for number, part in enumerate(blocks(hiss, 512)):
        made.tick({"song": np.sign(part) * np.float32(loud) if number < 2 else part})
        values = {port: made.value(port) for port in made.plan.slots}
        assert all(np.isfinite(one).all() for one in values.values() if not isinstance(one, str))
        if number == 1:
            assert {problem.node for problem in made.problems} <= {*song}
            assert made.problems
    assert made.problems == ()  # the rest is over


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_every_feature(size: str) -> None:
    sound = noises("hiss", 20_000, 1)
    for port, column in heard(everything(size), sound, RATE).items():
        assert np.asarray(column[-1]).dtype.kind in "fbU", port


def test_features_of_equal_sound_size_and_window_have_one_spectrum_and_one_product() -> None:
    one, same = everything("1024"), everything("1024")
    nodes = {**one.nodes, **{f"{id}2": node for id, node in same.nodes.items() if id != "song"}}
    wires = set(one.wires)
    for wire in same.wires:
        source = wire.source if wire.source.node == "song" else _second(wire.source)
        wires.add(wire._replace(source=source, target=_second(wire.target)))
    plan = compile_patch(
        Patch(nodes=dict(sorted(nodes.items())), wires=tuple(sorted(wires))), types()
    )
    assert plan.problems == ()
    assert len(plan.steps) == len(PLAN.steps) == 3 + len(FEATURES)
    assert plan.text.count("F·audio·spectrum(") == 1
    linear = [function for function in FEATURES if type_of(function).rows]
    assert [len(product.members) for product in plan.products] == [len(linear)]


def _second(port: Port) -> Port:
    return port._replace(node=f"{port.node}2")


def lag(size: str, window: str, block: int) -> list[float]:
    """Milliseconds from the stroke of a drum to the end of the first block in which the level of
    the bass has a quarter of its peak, for strokes at any place within a block."""
    plan, lags = compile_patch(everything(size, window), types()), []
    time = np.arange(4096) / RATE
    stroke = (
        0.8 * np.exp(-time * 25.0) * np.sin(2 * np.pi * (60.0 * time + 3.0 * np.exp(-time * 40)))
    )
    for place in np.linspace(16_000, 16_000 + block, 23, dtype=int):
        sound = np.zeros(24_000, np.float32)
        sound[place : place + 4096] = stroke
        sound += 1e-4 * np.random.default_rng(place).standard_normal(24_000).astype(np.float32)
        made = engine(plan, block=block)
        levels = []
        for part in blocks(sound[:, None], block):
            made.tick({"song": part})
            levels.append(float(str(made.value("band_level.level"))))
        risen = int(np.argmax(np.array(levels) > 0.25 * max(levels)))
        lags.append(1000.0 * ((risen + 1) * block - place) / RATE)
    return lags


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "window", "block", "most"),
    [("1024", "hann", 512, 12.0), ("1024", "late", 512, 8.5), ("512", "late", 128, 4.0)],
)
def test_a_stroke_moves_a_param_as_soon_as_the_documentation_says(
    size: str, window: str, block: int, most: float
) -> None:
    """The median over strokes; what is left is a tick's work, 0.1 ms or less, and the device."""
    assert np.median(lag(size, window, block)) <= most
