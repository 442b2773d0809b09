"""How large pictures are to be, by name, and what a graphics card has room for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nodegraph.scope.answers import Json, Schema
from nodegraph.scope.pipelines import WITH_VACE_GB

_WIDE = {"low": (576, 320), "medium": (768, 432), "high": (896, 512)}

SIZES: Mapping[str, tuple[int, int]] = {
    **_WIDE,
    **{f"{tier}-portrait": (height, width) for tier, (width, height) in _WIDE.items()},
}
"""Width and height in multiples of 16, as pipelines want them: about 16:9, and 9:16."""


def size_of(text: str) -> tuple[int, int]:
    """Width and height of a tier, or of a text such as 640x480. Raises ValueError."""
    if text in SIZES:
        return SIZES[text]
    sides = re.fullmatch(r"([0-9]{1,5})\s*[x×]\s*([0-9]{1,5})", text.strip())
    if sides is None:
        raise ValueError(f"{text!r} is no size; say {', '.join(SIZES)}, or such as 640x480")
    return int(sides[1]), int(sides[2])


class Advice(NamedTuple):
    """What a graphics card of so many GB can be asked for."""

    least_gb: float
    pipeline: str
    load_params: Json


ADVICE = (
    Advice(55.0, "krea-realtime-video", {}),
    Advice(40.0, "krea-realtime-video", {"vace_enabled": False}),
    Advice(32.0, "krea-realtime-video", {"vace_enabled": False, "quantization": "fp8_e4m3fn"}),
    Advice(24.0, "longlive", {"vae_type": "lightvae"}),
    Advice(20.0, "longlive", {"vae_type": "lightvae", "vace_enabled": False}),
    Advice(
        12.0,
        "longlive",
        {"vae_type": "tae", "vace_enabled": False, "quantization": "fp8_e4m3fn"},
    ),
)
"""From the largest card down: the model that paints best in that much."""


def advice(vram_gb: float) -> Advice | None:
    """What to ask a card for; None if it is too small for any model."""
    return next((each for each in ADVICE if vram_gb >= each.least_gb), None)


def needed_gb(chain: Iterable[Schema], load_params: Json) -> float:
    """About how many GB of graphics memory the pipelines want together, unless quantized."""
    vace = load_params.get("vace_enabled", True) is not False
    return sum(
        (WITH_VACE_GB.get(each.id) if vace and each.vace else None) or each.vram_gb or 0.0
        for each in chain
    )


def too_large(chain: Iterable[Schema], load_params: Json, vram_gb: float | None) -> str:
    """A sentence if a card probably has no room for the pipelines; empty if it has, or may have."""
    chain = tuple(chain)
    needed = needed_gb(chain, load_params)
    if vram_gb is None or vram_gb >= needed or load_params.get("quantization"):
        return ""
    names = ", ".join(each.id for each in chain)
    fits = advice(vram_gb)
    instead = f"; there is room for {worded(fits)}" if fits else ""
    return (
        f"{names} wants about {needed:g} GB of graphics memory, and this has {vram_gb:g}{instead}"
    )


def worded(fits: Advice) -> str:
    """Advice in the words of the command line."""
    options = (f"{name}={str(value).lower()}" for name, value in fits.load_params.items())
    return " ".join([fits.pipeline, *(f"--load {option}" for option in options)])
