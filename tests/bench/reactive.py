"""The audio-reactive patch of 30 nodes that several engines run: how it is wired, what it hears."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from measuring import BLOCK, RATE
from numpy.typing import NDArray

from nodegraph.graph import Node, Patch, Port, Wire

SIZE = 1024
BINS = SIZE // 2 + 1
WIDTH = RATE / SIZE

BANDS = ((1, 4), (4, 16), (16, 64), (64, 256))
"""First bin and the one after the last of each band: 21 Hz to 11 kHz."""

EASED = ("centroid", "rolloff", "flux", "band0", "band1", "band2", "band3")
"""The features that are normalised and eased."""

WINDOW, FLOOR = 15.0, 0.05
ATTACK, RELEASE = 0.02, 0.3
LEVEL, HYSTERESIS, COOLDOWN = 0.5, 0.1, 0.1

Signal = NDArray[np.float32]


def patch() -> Patch:
    """Source, FFT, 9 features, 7 times normalise and ease, an onset, 2 lerps, an add, an output."""
    nodes: dict[str, Node] = {
        "source": Node("audio.file"),
        "fft": Node("audio.spectrum", params={"size": str(SIZE)}),
        "rms": Node("audio.level"),
        "centroid": Node("bench.centroid"),
        "flatness": Node("bench.flatness"),
        "rolloff": Node("bench.rolloff"),
        "flux": Node("bench.flux"),
        "onset": Node("logic.threshold", params={"level": LEVEL, "hysteresis": HYSTERESIS}),
        "low": Node("flow.crossfade"),
        "high": Node("flow.crossfade"),
        "sum": Node("shape.math", params={"operation": "add"}),
        "scope": Node("scope.output"),
    }
    wires = ["source.audio -> fft.audio", "source.audio -> rms.audio"]
    for number, (first, end) in enumerate(BANDS):
        params = {"low": (first - 0.5) * WIDTH, "high": (end - 0.5) * WIDTH}
        nodes[f"band{number}"] = Node("audio.band_level", params=params)
    spectral = ("centroid", "flatness", "rolloff", "flux", *(f"band{i}" for i in range(len(BANDS))))
    wires += [f"fft.magnitude -> {name}.magnitude" for name in spectral]
    for name in EASED:
        nodes[f"norm_{name}"] = Node("shape.auto_range", params={"window": WINDOW, "floor": FLOOR})
        nodes[f"ease_{name}"] = Node("shape.lag", params={"attack": ATTACK, "release": RELEASE})
        outlet = {"centroid": "bin", "rolloff": "bin", "flux": "out"}.get(name, "level")
        wires += [f"{name}.{outlet} -> norm_{name}.value", f"norm_{name}.out -> ease_{name}.value"]
    wires += [
        "ease_band0.out -> low.a",
        "ease_band1.out -> low.b",
        "ease_centroid.out -> low.x",
        "ease_band2.out -> high.a",
        "ease_band3.out -> high.b",
        "flatness.out -> high.x",
        "low.out -> sum.a",
        "high.out -> sum.b",
        "norm_flux.out -> onset.value",
        "sum.out -> scope.noise_scale",
        "rms.rms -> scope.vace_scale",
        "ease_rolloff.out -> scope.kv_bias",
        "ease_flux.out -> scope.denoising_steps",
        "onset.rise -> scope.reset",
    ]
    assert len(nodes) == 30
    return Patch(
        name="thirty nodes",
        nodes=dict(sorted(nodes.items())),
        wires=tuple(sorted(_wire(text) for text in wires)),
    )


def _wire(text: str) -> Wire:
    source, target = (Port(*end.split(".")) for end in text.split(" -> "))
    return Wire(source, target)


def sound(ticks: int) -> Signal:
    """Beats of noise and tones, float32[ticks * 512]: the same every time."""
    rng = np.random.default_rng(3)
    count = ticks * BLOCK
    time = np.arange(count) / RATE
    beat = np.exp(-((time * 2.0) % 1.0) * 12.0)
    hat = np.exp(-((time * 8.0) % 1.0) * 30.0)
    made = (
        0.5 * beat * np.sin(2 * np.pi * 60.0 * time)
        + 0.1 * hat * rng.standard_normal(count)
        + 0.1 * np.sin(2 * np.pi * (220.0 + 40.0 * np.sin(time)) * time)
        + 0.001 * rng.standard_normal(count)
    )
    return made.astype(np.float32)


def blocks(signal: Signal) -> list[Mapping[str, Signal]]:
    """What the source brings, tick by tick."""
    return [
        {"source": np.ascontiguousarray(signal[at : at + BLOCK, None])}
        for at in range(0, len(signal), BLOCK)
    ]


COMPARED = {
    "rms": "rms.rms",
    "centroid": "centroid.bin",
    "flatness": "flatness.out",
    "rolloff": "rolloff.bin",
    "flux": "flux.out",
    **{f"band{number}": f"band{number}.level" for number in range(4)},
    "sum": "sum.out",
}
"""What all sides must agree about, and the ports of the patch that have it."""
