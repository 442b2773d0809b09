"""The simulated pipelines, loaded: what turns params into the frames of one chunk."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nodegraph.scope.simulator.conditioning import Conditioning, mix
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.painter import Look, paint

Picture = NDArray[np.uint8]
Paint = Callable[[], Picture]
"""A frame that is decided but not yet painted."""

STEPS = (1000, 750, 500, 250)
GUIDE = "vace_input_frames"
"""The port, and the param, of video that leads what is painted."""
_MOST_PIXELS = 4096 * 4096
_IMAGES = ("vace_ref_images", "first_frame_image", "last_frame_image")


class Model(Protocol):
    """A loaded pipeline. Sessions share it, as they share the GPU."""

    chunk_seconds: float

    def needs(self, mode: str) -> int:
        """Count the video frames a chunk takes in."""

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        """Decide the frames of the next chunk.

        Args:
            params: what is in effect; a bad value may raise anything.
            fresh: start from an empty cache: a new scene, from the prompts alone.
            video: as many frames as `needs` asked for.
        """

    def transition_done(self) -> bool:
        """Whether no transition is running."""

    def settled(self) -> Sequence[tuple[str, float]]:
        """Return the prompts, as (text, weight), that the last transition or cut arrived at."""


class LongLive:
    """A painter in the place of a diffusion model, with its text state and its cache.

    `chunk` is how many frames it makes in one go and how many seconds that takes, if not those of
    the configuration; the sides of its pictures are multiples of `grid`.
    """

    def __init__(
        self,
        load_params: Mapping[str, object],
        config: Config,
        *,
        chunk: tuple[int, float] | None = None,
        grid: int = 16,
    ) -> None:
        width, height = load_params.get("width", 576), load_params.get("height", 320)
        if not isinstance(width, int) or not isinstance(height, int):
            raise ValueError("width and height must be integers")
        if width % grid or height % grid or width <= 0 or height <= 0:
            raise ValueError(
                f"Both width and height must be divisible by {grid} (got {width}x{height})"
            )
        if width * height > _MOST_PIXELS:
            raise MemoryError(f"{width}x{height} do not fit into memory")
        self.size = width, height
        self.chunk_frames, self.chunk_seconds = chunk or (config.chunk_frames, config.chunk_seconds)
        self._config = config
        self._vace = bool(load_params.get("vace_enabled", True))
        self._kept: dict[str, object] = {"base_seed": load_params.get("base_seed", 42)}
        self._conditioning = Conditioning()
        self._look: Look | None = None
        self._steps: tuple[int, ...] = STEPS
        self._scene = -1
        self._frame = 0
        self._lock = threading.Lock()

    def needs(self, mode: str) -> int:
        return self.chunk_frames if mode == "video" else 0

    def transition_done(self) -> bool:
        return not self._conditioning.running

    def settled(self) -> Sequence[tuple[str, float]]:
        return self._conditioning.settled_prompts

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        with self._lock:
            if self._vace:
                _check_images(params)
            steps = _steps(params.get("denoising_step_list"))
            if fresh:
                self._conditioning.reset()
            self._kept.update({k: v for k, v in params.items() if k in _PERSISTENT})
            look, slow = self._next_look(params, bool(video))
            managed = params.get("manage_cache", True) and not self._kept.get(MOVED_STEPS)
            if fresh or (steps != self._steps and managed):
                self._scene, self._frame, self._look = self._scene + 1, 0, None
            look = replace(look, steps=len(steps), scene=self._scene)
            before, self._look, self._steps = self._look, look, steps
            count = len(video) or self.chunk_frames
            first, self._frame = self._frame, self._frame + count
            guided = self._vace and bool(params.get(GUIDE))
        return [
            self._paint(
                _between(before, look, i, slow), first + i, video[i] if video else None, guided
            )
            for i in range(count)
        ]

    def _next_look(self, params: Mapping[str, object], video: bool) -> tuple[Look, int]:
        """Return the look of the next chunk and over how many frames to ease into it."""
        was_running = self._conditioning.running
        embedding = self._conditioning.next(
            params.get("prompts"),
            params.get("transition"),
            self._kept.get("spatial_interpolation_method"),
        )
        gradual = was_running or self._conditioning.running
        acts = video or not self._config.honest or self._kept.get(MOVED_NOISE)
        noise = params.get("noise_scale") if acts else None
        look = Look(
            embedding,
            noise=_within(noise, 0.0, 1.0, default=0.4),
            context=_within(params.get("vace_context_scale"), 0.0, 2.0, default=1.0),
            seed=_seed(self._kept["base_seed"]) + self._config.seed,
        )
        frames = self.chunk_frames
        return look, frames if gradual else max(1, frames // 4)

    def _paint(self, look: Look, frame: int, video: Picture | None, guided: bool) -> Paint:
        def painted() -> Picture:
            picture = paint(look, frame, *self.size)
            if video is None:
                return picture
            if guided:
                return _along(picture, video, look.context)
            return _over(picture, video, look.noise)

        return painted


MOVED_NOISE, MOVED_STEPS = "_modulated_noise_scale", "_modulated_step_list"
"""Set by modulations: noise acts in text mode, too, and other steps do not empty the cache."""
_PERSISTENT = ("base_seed", "spatial_interpolation_method", MOVED_NOISE, MOVED_STEPS)


def _between(before: Look | None, look: Look, frame: int, over: int) -> Look:
    """Ease from the last chunk's look into this one's: a model's cache smooths in the same way."""
    t = (frame + 1) / over
    if before is None or t >= 1:
        return look
    return replace(
        look,
        embedding=mix(before.embedding, look.embedding, t, "linear"),
        noise=before.noise + t * (look.noise - before.noise),
        context=before.context + t * (look.context - before.context),
    )


def _over(picture: Picture, video: Picture, noise: float) -> Picture:
    """Let the input video show through, the more the less noise is laid over it."""
    scaled = _scaled(video, picture)
    return (picture * np.float32(noise) + scaled * np.float32(1 - noise)).astype(np.uint8)


def _along(picture: Picture, video: Picture, much: float) -> Picture:
    """Let the light and shade of the input video lead the picture, in the picture's own colours."""
    light = _scaled(video, picture).mean(axis=2, dtype=np.float32)[..., None] / 128
    lead = np.float32(min(much, 1.0))
    led: Picture = np.clip(picture * (1 - lead + lead * light), 0, 255).astype(np.uint8)
    return led


def _scaled(video: Picture, picture: Picture) -> Picture:
    """A picture of the size of another."""
    rows = np.linspace(0, video.shape[0] - 1, picture.shape[0]).astype(np.intp)
    columns = np.linspace(0, video.shape[1] - 1, picture.shape[1]).astype(np.intp)
    return video[rows[:, None], columns]


def _steps(value: object) -> tuple[int, ...]:
    if value is None:
        return STEPS
    if not isinstance(value, list) or not value:
        raise ValueError("denoising_step_list must be a list of at least one step")
    if not all(isinstance(step, int) for step in value):
        raise TypeError("denoising_step_list must hold integers")
    return tuple(value)


def _seed(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"base_seed must be an integer from 0 up, not {value!r}")
    return value


def _within(value: object, low: float, high: float, *, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return min(max(float(value), low), high)


def _check_images(params: Mapping[str, object]) -> None:
    """Raise FileNotFoundError for a reference image that is not on this machine."""
    for key in _IMAGES:
        value = params.get(key)
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, str) and not Path(path).is_file():
                raise FileNotFoundError(f"[Errno 2] No such file or directory: '{path}'")
