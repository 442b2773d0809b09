"""The audio-reactive patch on a plain walker: each feature with an FFT of its own, or all with one.

Node objects in a cached order, port values in a dict, fresh numpy arrays: what a good programmer
writes in an afternoon. It does the same as the patch's nodes, and neither checks nor publishes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
from measuring import BLOCK, RATE
from reactive import (
    ATTACK,
    BANDS,
    COOLDOWN,
    EASED,
    FLOOR,
    HYSTERESIS,
    LEVEL,
    RELEASE,
    SIZE,
    WINDOW,
    Signal,
)

DT = BLOCK / RATE
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)).astype(np.float32)
HANN *= np.float32(2.0 / HANN.sum())

Values = dict[str, Any]


class Walked:
    """A node. `process` reads its inlets from the values and writes its outlet."""

    def __init__(self, id: str, **inlets: str) -> None:
        self.id = id
        self.inlets = inlets

    def process(self, values: Values) -> None:
        raise NotImplementedError


class Analysis:
    """The magnitude spectrum of what was heard last."""

    def __init__(self) -> None:
        self._heard = np.zeros(SIZE, np.float32)

    def __call__(self, block: Signal) -> Signal:
        self._heard = np.concatenate((self._heard[BLOCK:], block[:, 0]))
        magnitude: Signal = np.abs(np.fft.rfft(self._heard * HANN))
        magnitude[0] *= 0.5
        magnitude[-1] *= 0.5
        return magnitude


class Fft(Walked):
    def __init__(self, id: str, **inlets: str) -> None:
        super().__init__(id, **inlets)
        self._analysis = Analysis()

    def process(self, values: Values) -> None:
        values[self.id] = self._analysis(values[self.inlets["audio"]])


class Rms(Walked):
    def process(self, values: Values) -> None:
        audio = values[self.inlets["audio"]]
        values[self.id] = float(np.sqrt(np.mean(audio * audio)))


class Feature(Walked):
    """A figure of a spectrum: of the one on its inlet, or of one that it makes itself."""

    def __init__(self, id: str, measure: Callable[[Signal], float], **inlets: str) -> None:
        super().__init__(id, **inlets)
        self._measure = measure
        self._analysis = Analysis() if "audio" in inlets else None

    def process(self, values: Values) -> None:
        if self._analysis is not None:
            magnitude = self._analysis(values[self.inlets["audio"]])
        else:
            magnitude = values[self.inlets["magnitude"]]
        values[self.id] = self._measure(magnitude)


NUMBERS = np.arange(SIZE // 2 + 1, dtype=np.float32)


def centroid(magnitude: Signal) -> float:
    total = float(magnitude.sum())
    return float((magnitude * NUMBERS).sum()) / total if total > 0.0 else 0.0


def flatness(magnitude: Signal) -> float:
    mean = float(magnitude.mean())
    logs = float(np.log(magnitude + np.float32(1e-12)).mean())
    return exp(logs) / mean if mean > 0.0 else 0.0


def rolloff(magnitude: Signal) -> float:
    sums = np.cumsum(magnitude)
    return float(np.searchsorted(sums, 0.99 * sums[-1]))


class Flux:
    """How much of the spectrum rose."""

    def __init__(self) -> None:
        self._before: Signal | None = None

    def __call__(self, magnitude: Signal) -> float:
        before, self._before = self._before, magnitude
        return 0.0 if before is None else float(np.maximum(magnitude - before, 0.0).sum())


def band(first: int, end: int) -> Callable[[Signal], float]:
    return lambda magnitude: float(magnitude[first:end].sum()) / (end - first)


class Normalise(Walked):
    """To 0..1 by the range that was seen lately."""

    low = high = None
    seen = 0.0

    def process(self, values: Values) -> None:
        value = values[self.inlets["value"]]
        if self.low is None:
            self.low = self.high = value
        kept = exp(-DT / WINDOW) * self.seen / (self.seen + DT)
        self.seen += DT
        self.low = min(value, value + (self.low - value) * kept)
        self.high = max(value, value + (self.high - value) * kept)
        out = (value - self.low) / max(self.high - self.low, FLOOR)
        values[self.id] = max(0.0, min(1.0, out))


class Ease(Walked):
    state: float | None = None

    def process(self, values: Values) -> None:
        value = values[self.inlets["value"]]
        if self.state is not None:
            distance = value - self.state
            value -= distance * exp(-DT / (ATTACK if distance > 0.0 else RELEASE))
        values[self.id] = self.state = value


class Onset(Walked):
    on, wait = False, 0.0

    def process(self, values: Values) -> None:
        on = values[self.inlets["value"]] >= (LEVEL - HYSTERESIS if self.on else LEVEL)
        self.wait = max(0.0, self.wait - DT)
        rise = on and not self.on and self.wait <= 1e-9
        if rise:
            self.wait = COOLDOWN
        self.on = on
        values[self.id] = rise


class Lerp(Walked):
    def process(self, values: Values) -> None:
        inlets = self.inlets
        a, b, x = values[inlets["a"]], values[inlets["b"]], values[inlets["x"]]
        values[self.id] = a + (b - a) * max(0.0, min(1.0, x))


class Add(Walked):
    def process(self, values: Values) -> None:
        values[self.id] = values[self.inlets["a"]] + values[self.inlets["b"]]


class Output(Walked):
    """Gives what changed, as a message."""

    def __init__(self, id: str, **inlets: str) -> None:
        super().__init__(id, **inlets)
        self.sent: dict[str, object] = {}
        self.messages = 0

    def process(self, values: Values) -> None:
        inlets = self.inlets
        noise, vace = values[inlets["noise_scale"]], values[inlets["vace_scale"]]
        bias, steps = values[inlets["kv_bias"]], values[inlets["denoising_steps"]]
        wishes: dict[str, object] = {
            "noise_scale": round(max(0.0, min(1.0, noise)), 4),
            "vace_context_scale": round(max(0.0, min(2.0, vace)), 4),
            "kv_cache_attention_bias": round(max(0.01, min(1.0, bias)), 4),
            "denoising_step_list": 1 + round(max(0.0, min(5.0, steps - 1.0))),
        }
        body = {name: value for name, value in wishes.items() if self.sent.get(name) != value}
        if values[inlets["reset"]]:
            body["reset_cache"] = True
        self.sent = wishes
        self.messages += bool(body)
        values[self.id] = body


class Walker:
    """The patch. With `shared`, all features read one spectrum."""

    def __init__(self, shared: bool) -> None:
        ear = {"magnitude": "fft"} if shared else {"audio": "source"}
        features: dict[str, Callable[[Signal], float]] = {
            "centroid": centroid,
            "flatness": flatness,
            "rolloff": rolloff,
            "flux": Flux(),
            **{f"band{number}": band(*ends) for number, ends in enumerate(BANDS)},
        }
        order: list[Walked] = [Fft("fft", audio="source")] if shared else []
        order += [Rms("rms", audio="source")]
        order += [Feature(id, measure, **ear) for id, measure in features.items()]
        order += [Normalise(f"norm_{id}", value=id) for id in EASED]
        order += [Ease(f"ease_{id}", value=f"norm_{id}") for id in EASED]
        order += [
            Onset("onset", value="norm_flux"),
            Lerp("low", a="ease_band0", b="ease_band1", x="ease_centroid"),
            Lerp("high", a="ease_band2", b="ease_band3", x="flatness"),
            Add("sum", a="low", b="high"),
            Output(
                "scope",
                noise_scale="sum",
                vace_scale="rms",
                kv_bias="ease_rolloff",
                denoising_steps="ease_flux",
                reset="onset",
            ),
        ]
        self.order = order
        self.values: Values = {}

    def tick(self, block: Signal) -> None:
        """Run every node once."""
        values = self.values
        values["source"] = block
        for node in self.order:
            node.process(values)
