"""Paint one frame from what is in effect: a flowing field, coloured and bent by the prompts.

The field is a sine warped by sines several times over (domain warping, I. Quilez, 2002), lit
from the side as if it were silk. It is a pure function of the look and the frame number: the same
look, seed and frame give the same pixels, and a look that changes smoothly moves smoothly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from nodegraph.scope.simulator.words import Embedding, colours_of, encode, shape_of, srgb, turn_hue

Plane = NDArray[np.float32]
Picture = NDArray[np.uint8]

FPS = 20.0
_LEVELS = 256
_TINTS = 9
_BLOOM = [round(0.75 * level**2 / 255) for level in range(256)] * 3


@dataclass(frozen=True, eq=False)
class Look:
    """Everything that decides a frame but its number."""

    embedding: Embedding = field(default_factory=lambda: encode(""))
    noise: float = 0.4
    """0..1: turbulence of the flow and grain of the picture."""
    steps: int = 4
    """Number of denoising steps: 1 is a soft blur, 4 and more are sharp."""
    context: float = 1.0
    """VACE context scale, 0..2: how hard the light is."""
    seed: int = 42
    scene: int = 0
    """Counts cache resets; with the seed it decides where in the field the picture lies."""


def paint(look: Look, frame: int, width: int, height: int) -> Picture:
    """Paint frame number `frame` of a look, `uint8[height, width, 3]`."""
    rows = _rows(look.steps, height)
    columns = max(2, round(rows * width / height))
    time = frame / FPS
    value, warmth = _field(look, time, columns, rows)
    image = _glowing(Image.fromarray(_coloured(look, value, warmth, time)))
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _rows(steps: int, height: int) -> int:
    """Fewer denoising steps leave less detail: paint smaller, then enlarge."""
    finest = min(height, 144)
    return max(8, round(finest * min(1.0, float((max(steps, 1) / 4) ** 1.4))))


def _field(look: Look, time: float, columns: int, rows: int) -> tuple[Plane, Plane]:
    """Return the field in 0..1 and a slow companion in 0..1 that shifts its colours."""
    shape = shape_of(look.embedding)
    place = _phases(look.seed, look.scene)
    x, y = _grid(columns, rows)
    turn = place[0] * 6.28 + 0.05 * time + 0.6 * shape["tilt"]
    breath = 1.0 + 0.08 * np.sin(0.31 * time + place[1] * 6.28)
    zoom = np.float32(1.7 * 2.0 ** shape["scale"] * breath)
    cos, sin = np.float32(np.cos(turn) * zoom), np.float32(np.sin(turn) * zoom)
    radius = np.sqrt(x * x + y * y)
    fold = np.float32(np.clip(1.6 * shape["fold"], 0.0, 1.0))
    if fold > 0.03:
        x, y = _folded(x, y, radius, fold)
    swirl = np.float32(shape["swirl"] * 1.4) * np.exp(-radius)
    x, y = x * cos - y * sin + swirl * y, x * sin + y * cos - swirl * x
    x = x * np.float32(2.0 ** -shape["stretch"]) + np.float32(8 * place[2])
    y = y * np.float32(2.0 ** shape["stretch"]) + np.float32(8 * place[3] + shape["rise"] * time)
    force = 0.5 + 0.55 * look.noise + 0.15 * shape["bend"]
    for turnover in range(1, 6):
        push = np.float32(force / turnover**0.75)
        pace = time * (0.33 + 0.09 * turnover) + 6.28 * place[turnover + 3]
        wave = np.float32(turnover * (1.0 + 0.12 * shape["lobes"]))
        x = x + push * np.sin(wave * y + np.float32(pace))
        y = y + push * np.cos(wave * x + np.float32(1.3 * pace))
    smooth = 0.5 + 0.5 * np.sin(x + np.float32(0.5) * y)
    ridge = 1.0 - np.abs(np.sin(np.float32(0.9) * y + np.float32(0.3) * x))
    mix = np.float32(np.clip(0.25 + 0.55 * shape["ridge"], 0.0, 0.85))
    value = (1 - mix) * smooth + mix * ridge * (0.35 + 0.65 * smooth)
    return value, 0.5 + 0.5 * np.sin(np.float32(0.7) * y - np.float32(0.4) * x)


def _glowing(image: Image.Image) -> Image.Image:
    """Let the bright parts bleed into their surroundings."""
    small = image.reduce(6) if min(image.size) >= 24 else image
    blurred = small.filter(ImageFilter.BoxBlur(1)).resize(image.size, Image.Resampling.BILINEAR)
    return ImageChops.screen(image, blurred.point(_BLOOM))


def _lit(value: Plane, rows: int) -> Plane:
    """Light a height map from the upper left."""
    light = np.zeros_like(value)
    light[1:, 1:] = 2 * value[1:, 1:] - value[:-1, 1:] - value[1:, :-1]
    return np.asarray(np.tanh(light * np.float32(rows / 30)), np.float32)


def _coloured(look: Look, value: Plane, warmth: Plane, time: float) -> Picture:
    shape = shape_of(look.embedding)
    ramps = _ramps(look.embedding.tobytes())
    light = _lit(value, value.shape[0])
    shaded = value + light * np.float32(0.06 + 0.12 * look.context)
    shaded *= _vignette(value.shape[1], value.shape[0])
    level = np.clip(shaded * (_LEVELS - 1), 0, _LEVELS - 1).astype(np.intp)
    picture = ramps[(warmth * (_TINTS - 1)).astype(np.intp), level]
    stars = float(np.clip(shape["stars"], 0.0, 1.0))
    if stars > 0.05:
        sky = _stars(value.shape[1], value.shape[0], look.seed + look.scene)
        twinkle = sky * np.float32(stars) * (1 - value) * np.sin(sky * 40 + np.float32(3 * time))
        picture = picture + np.abs(twinkle)[..., None] * np.float32(230)
    if look.noise > 0.02:
        picture = picture + _grain(value.shape[1], value.shape[0], time, look.noise)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _folded(x: Plane, y: Plane, radius: Plane, amount: np.float32) -> tuple[Plane, Plane]:
    """Mix the plane with its six-fold kaleidoscope."""
    sector = np.float32(np.pi / 3)
    angle = np.abs(np.mod(np.arctan2(y, x), sector) - sector / 2)
    fx, fy = radius * np.cos(angle), radius * np.sin(angle)
    return x + amount * (fx - x), y + amount * (fy - y)


@lru_cache(maxsize=32)
def _ramps(embedding: bytes) -> NDArray[np.float32]:
    """Spread the four colours over the levels, mixed in OKLab, and turn them to either side.

    Returns `float32[tints, levels, 3]` in 0..255.
    """
    stops = np.array([0.0, 0.3, 0.66, 1.0]) * (_LEVELS - 1)
    colours = colours_of(np.frombuffer(embedding, np.float32))
    spread = [np.interp(np.arange(_LEVELS), stops, colours[:, i]) for i in range(3)]
    lab = np.stack(spread, 1).astype(np.float32)
    turned = [turn_hue(lab, angle) for angle in np.linspace(-0.55, 0.55, _TINTS)]
    return srgb(np.concatenate(turned)).reshape(_TINTS, _LEVELS, 3) * np.float32(255)


def _grain(columns: int, rows: int, time: float, noise: float) -> NDArray[np.float32]:
    """Film grain: a fixed sheet of noise laid down at another place each frame."""
    frame = round(time * FPS)
    sheet = _sheet(columns, rows)
    rolled = np.roll(sheet, (frame * 37 % rows, frame * 91 % columns), (0, 1))
    return (rolled * np.float32(24 * noise**2.5))[..., None]


@lru_cache(maxsize=8)
def _grid(columns: int, rows: int) -> tuple[Plane, Plane]:
    aspect = columns / rows
    x = np.linspace(-aspect, aspect, columns, dtype=np.float32)[None, :].repeat(rows, 0)
    y = np.linspace(-1.0, 1.0, rows, dtype=np.float32)[:, None].repeat(columns, 1)
    return x, y


@lru_cache(maxsize=8)
def _vignette(columns: int, rows: int) -> Plane:
    x, y = _grid(columns, rows)
    return np.asarray(1.05 - 0.22 * ((x * rows / columns) ** 2 + y * y), np.float32)


@lru_cache(maxsize=8)
def _sheet(columns: int, rows: int) -> Plane:
    return np.random.default_rng(1).standard_normal((rows, columns), np.float32)


@lru_cache(maxsize=8)
def _stars(columns: int, rows: int, seed: int) -> Plane:
    random = np.random.default_rng(seed)
    sky = random.random((rows, columns), np.float32)
    return np.where(sky > 0.994, (sky - 0.994) / 0.006, 0).astype(np.float32)


@lru_cache(maxsize=64)
def _phases(seed: int, scene: int) -> NDArray[np.float64]:
    return np.random.default_rng([seed, scene]).random(10)
