"""What tests and benchmarks of features need: sounds that are the same everywhere, and a patch that
hears them with every feature at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from kit import catalogue, patch, run
from numpy.typing import NDArray

from nodegraph.graph import Patch
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of
from nodes import audio, bands, cepstrum, colour, layers, level, pitch, spectrum, tonal

Sound = NDArray[np.float32]
"""float32[samples], or float32[samples, channels] where it goes into a node."""

SOURCE = audio.play_file

FEATURES: tuple[Callable[..., Any], ...] = tuple(
    function
    for family in (level, colour, bands, cepstrum, tonal, pitch, layers)
    for function in family.NODES
)


def types() -> dict[str, NodeType]:
    """The node types that `everything` is made of."""
    return catalogue(SOURCE, *spectrum.NODES, *FEATURES)


def everything(
    size: str = "2048",
    window: str = "hann",
    params: Mapping[str, Mapping[str, object]] | None = None,
) -> Patch:
    """A sound, its spectrum, and every feature, each called as its type is after the dot."""
    nodes: dict[str, tuple[str, Mapping[str, object]]] = {
        "song": ("audio.file", {}),
        "spectrum": ("audio.spectrum", {"size": size, "window": window}),
        "decibels": ("audio.decibels", {}),
    }
    wires = ["song.audio -> spectrum.audio", "spectrum.magnitude -> decibels.magnitude"]
    for function in FEATURES:
        type_ = type_of(function)
        name = type_.id.partition(".")[2]
        nodes[name] = (type_.id, (params or {}).get(name, {}))
        (inlet,) = type_.inlets
        source = "song.audio" if inlet == "audio" else "spectrum.magnitude"
        wires.append(f"{source} -> {name}.{inlet}")
    return patch(nodes, wires)


def heard(patch: Patch, sound: Sound, rate: int, block: int = 512) -> dict[str, list[Any]]:
    """What every outlet holds after each block of a sound, by `node.outlet`."""
    whole = sound if sound.ndim == 2 else sound[:, None]
    parts = [*blocks(whole, block)]
    return run(patch, types(), len(parts), lambda n: {"song": parts[n]}, rate=rate, block=block)


def blocks(sound: Sound, block: int) -> Iterator[Sound]:
    """The whole blocks of a sound, float32[block, channels] each."""
    for start in range(0, len(sound) - block + 1, block):
        part = np.ascontiguousarray(sound[start : start + block])
        part.setflags(write=False)
        yield part


def _partials(frequency: float, count: int, time: NDArray[np.float64]) -> NDArray[np.float64]:
    phase = 2 * np.pi * frequency * time
    return sum(np.sin(number * phase) / number for number in range(1, count + 1))


def sounds(rate: int, seconds: float = 1.0) -> dict[str, Sound]:
    """Sounds by name, float32[samples] within -1..1: tones, a chord, hiss, drums, and a mix."""
    time = np.arange(round(rate * seconds)) / rate
    rng = np.random.default_rng(7)
    hiss = rng.uniform(-1.0, 1.0, time.size)
    chord = sum(_partials(frequency, 5, time) for frequency in (220.0, 277.18, 329.63)) * 0.1
    drums = hiss * np.exp(-(time % 0.25) * 40.0) * 0.5
    low = np.cumsum(hiss)
    low = (low - np.linspace(low[0], low[-1], low.size)) / np.abs(low).max()
    made = {
        "tone": 0.4 * _partials(196.0, 8, time),
        "chord": chord,
        "hiss": 0.3 * hiss,
        "rumble": 0.4 * low,
        "drums": drums,
        "mix": 0.6 * chord + 0.5 * drums,
    }
    return {name: sound.astype(np.float32) for name, sound in made.items()}
