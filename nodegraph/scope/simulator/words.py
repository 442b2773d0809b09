"""Turn a prompt into an embedding: the point in the simulator's space of looks its words mean.

A real pipeline has a text encoder; this stands in for it. An embedding is `float32[SIZE]`: four
colours (OKLab, dark to bright), the chroma of each, then one number for each of `SHAPES`.
Embeddings can be mixed, so weighted prompts and transitions work as on a model: between the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Embedding = NDArray[np.float32]

SHAPES = ("scale", "swirl", "ridge", "stretch", "rise", "fold", "stars", "bend", "tilt", "lobes")
COLOURS = 4
SIZE = COLOURS * 4 + len(SHAPES)

_PALETTES = {
    "neon": "0a0220 5410a0 ff2d95 4df3ff",
    "ember": "120204 7d1408 ff5c1e ffe391",
    "forest": "03130b 115230 55a04a e2f5a8",
    "ocean": "020a1e 06427c 1da6b9 dcfff5",
    "gold": "150b02 6e4508 dd9c1e fff3c4",
    "ice": "061321 3a6da6 a9daf2 ffffff",
    "night": "01020b 111b50 4253b8 c3ccff",
    "cosmos": "05010f 3b1069 b23cba ffd9f4",
    "sunset": "1c0631 a3295f ff8049 ffe5aa",
    "storm": "05080d 2a3948 6d8aa1 eaf3ff",
    "blood": "0d0103 6a0715 d81e3a ffc0b0",
    "blossom": "1a0716 8d2c5c f28bb2 fff0e6",
    "acid": "040b02 28601a a6e22b f9ffd0",
    "chrome": "07080b 3c4350 a5b0bf ffffff",
    "stone": "0c0906 4d3c2c a68a68 f2e6d0",
    "dream": "12102b 5a5fa8 d5a6dc fdf6e3",
    "violet": "0a0318 4a1a8c 9a5cf0 ecd9ff",
    "lagoon": "02120f 06615a 2fc9a0 eafff0",
}

_SHAPES: dict[str, dict[str, float]] = {
    "neon": {"ridge": 0.9, "scale": 0.2, "swirl": 0.1},
    "ember": {"rise": 0.9, "ridge": 0.45, "stretch": -0.25},
    "forest": {"stretch": -0.5, "scale": 0.25, "ridge": 0.25},
    "ocean": {"stretch": 0.5, "swirl": 0.3, "ridge": 0.2},
    "gold": {"scale": -0.1, "swirl": 0.5},
    "ice": {"fold": 0.45, "ridge": 0.55, "scale": 0.15},
    "night": {"stars": 0.6, "scale": -0.3},
    "cosmos": {"stars": 0.9, "swirl": 0.8, "scale": -0.15},
    "sunset": {"stretch": 0.45, "scale": -0.3},
    "storm": {"swirl": 0.7, "ridge": 0.6, "stretch": 0.15},
    "blood": {"swirl": 0.2, "scale": -0.1},
    "blossom": {"fold": 0.6, "scale": 0.0, "lobes": 0.3},
    "acid": {"ridge": 0.35, "bend": 0.6, "scale": 0.3},
    "chrome": {"bend": 0.5, "ridge": 0.2},
    "stone": {"ridge": 0.3, "scale": 0.3},
    "dream": {"scale": -0.35, "swirl": 0.4},
    "violet": {"swirl": 0.4},
    "lagoon": {"stretch": 0.3, "scale": -0.1},
    "mandala": {"fold": 1.0, "ridge": 0.3},
    "still": {"scale": -0.5},
    "fine": {"scale": 0.6, "ridge": 0.3},
}

_KIN = {
    "neon": "cyberpunk city electric laser club synthwave tokyo techno",
    "ember": "embers fire flame flames lava burning inferno furnace magma molten heat forge",
    "forest": "jungle moss tree trees leaves garden fern woodland green meadow",
    "ocean": "sea water wave waves underwater river tide blue rain deep",
    "gold": "golden amber honey sun sunlight temple brass bronze warm",
    "ice": "snow winter frozen arctic crystal crystals frost glacier white",
    "night": "midnight dark darkness moon moonlight shadow black",
    "cosmos": "cosmic galaxy space nebula stars star universe stellar aurora",
    "sunset": "dawn dusk sunrise orange desert dune horizon",
    "storm": "thunder clouds cloud fog mist grey gray smoke wind industrial",
    "blood": "red crimson rose rage velvet heart",
    "blossom": "pink petals petal flower flowers flora spring cherry",
    "acid": "toxic lime slime psychedelic glitch hypnotic",
    "chrome": "metal silver steel liquid mercury mirror robot",
    "stone": "earth mountain mountains sand rock clay canyon brown",
    "dream": "dreamscape dreamy ethereal pastel soft haze heaven",
    "violet": "purple lavender indigo magenta amethyst",
    "lagoon": "teal turquoise jade emerald tropical cyan coral reef",
    "mandala": "kaleidoscope symmetry geometric sacred fractal",
    "still": "calm quiet slow minimal ambient gentle",
    "fine": "detailed intricate texture lace dense busy",
}
_FAMILY = {word: family for family, kin in _KIN.items() for word in (family, *kin.split())}


def oklab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert sRGB in 0..1, `float32[n, 3]`, to OKLab (B. Ottosson, 2020)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(linear @ _RGB_TO_LMS.T)
    return np.asarray(lms @ _LMS_TO_LAB.T, np.float32)


def srgb(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert OKLab, `float32[n, 3]`, to sRGB, clipped to 0..1."""
    lms = (lab @ np.linalg.inv(_LMS_TO_LAB).T) ** 3
    linear = np.clip(lms @ np.linalg.inv(_RGB_TO_LMS).T, 0.0, 1.0)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, curved), np.float32)


def turn_hue(lab: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """Turn the hue of OKLab colours, `float32[n, 3]`, by an angle in radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    light, a, b = lab.T
    return np.stack([light, a * cos - b * sin, a * sin + b * cos], 1).astype(np.float32)


@lru_cache(maxsize=256)
def encode(text: str) -> Embedding:
    """Return the embedding of one prompt text; read-only, the same text gives the same numbers.

    Words of a known family (`_KIN`) decide colours and shapes. Other words turn the colours and
    the shapes a little, each in its own direction, and decide alone where no family is named.
    """
    words = re.findall(r"\w+", text.lower())
    families = [_FAMILY[word] for word in words if word in _FAMILY]
    own = np.array([_hashed(word) for word in words or [""]]).mean(axis=0)
    palettes = [_colours(_PALETTES[name]) for name in families if name in _PALETTES]
    palette = np.mean(palettes, axis=0) if palettes else _wheel(float(own[0]))
    shape = own[: len(SHAPES)] * (0.25 if families else 0.6)
    for family in families:
        shape += _shape(_SHAPES[family]) / len(families) ** 0.5
    palette = turn_hue(palette, 0.2 * float(own[-1]))
    embedding = np.concatenate([palette.ravel(), _chroma(palette), shape]).astype(np.float32)
    embedding.flags.writeable = False
    return embedding


def shape_of(embedding: Embedding) -> dict[str, float]:
    """Name the shape numbers of an embedding."""
    return dict(zip(SHAPES, embedding[COLOURS * 4 :].tolist(), strict=True))


def colours_of(embedding: Embedding) -> NDArray[np.float32]:
    """Return the four colours of an embedding, OKLab `float32[4, 3]`, dark to bright.

    Opposite hues mixed evenly would turn grey; the chroma is kept apart so that it survives.
    """
    palette = embedding[: COLOURS * 3].reshape(COLOURS, 3).copy()
    chroma = embedding[COLOURS * 3 : COLOURS * 4]
    palette[:, 1:] *= np.clip(chroma / np.maximum(_chroma(palette), 1e-6), 0.0, 4.0)[:, None]
    return palette


def _hashed(word: str) -> NDArray[np.float64]:
    """Spread a word over -1..1 in each of `len(SHAPES) + 1` directions."""
    digest = blake2b(word.encode("utf-8", "replace"), digest_size=len(SHAPES) + 1).digest()
    return np.frombuffer(digest, np.uint8) / 127.5 - 1.0


def _chroma(palette: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.hypot(palette[:, 1], palette[:, 2])


def _shape(named: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([named.get(name, 0.0) for name in SHAPES])


def _colours(stops: str) -> NDArray[np.float32]:
    rgb = np.frombuffer(bytes.fromhex(stops.replace(" ", "")), np.uint8).reshape(COLOURS, 3)
    return oklab((rgb / 255).astype(np.float32))


def _wheel(turn: float) -> NDArray[np.float32]:
    """Make a palette around one hue, the bright end leaning towards the next hue."""
    hue = np.pi * turn + np.array([-0.5, -0.2, 0.1, 0.7])
    chroma = np.array([0.04, 0.13, 0.17, 0.07])
    light = np.array([0.12, 0.38, 0.68, 0.96])
    return np.stack([light, chroma * np.cos(hue), chroma * np.sin(hue)], 1).astype(np.float32)


_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
