"""Which model a pipeline id and its load params make, and how long that takes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.filters import FILTERS, Filter, Keys
from nodegraph.scope.simulator.models import LongLive, Model

_CHUNKS = {"streamdiffusionv2": 4, "krea-realtime-video": 12, "reward-forcing": 12, "memflow": 12}
"""Frames that a pipeline like longlive makes in one go; longlive's own are configured."""


def load_seconds(pipeline_id: str, params: Mapping[str, object], config: Config) -> float:
    """How long the pipeline takes to load."""
    if pipeline_id == "probe":
        return _number(params.get("load_seconds"), 0.0, high=600.0)
    return 0.0 if pipeline_id in FILTERS else config.load_seconds


def build(pipeline_id: str, params: Mapping[str, object], config: Config) -> Model:
    """Make a pipeline's model. Raises ValueError for params that do not fit it."""
    if pipeline_id in FILTERS:
        return Filter(*FILTERS[pipeline_id])
    if pipeline_id == "controller-viz":
        return Keys()
    if pipeline_id == "probe":
        if params.get("fail_load"):
            raise ValueError("fail_load is set")
        frames = round(_number(params.get("chunk_frames"), 3, low=1, high=64))
        seconds = _number(params.get("chunk_ms"), 150.0, high=60_000.0) / 1000
        return LongLive(params, config, chunk=(frames, seconds), grid=1)
    frames = _CHUNKS.get(pipeline_id, config.chunk_frames)
    per_frame = config.chunk_seconds / config.chunk_frames
    return LongLive(params, config, chunk=(frames, per_frame * frames))


def _number(value: object, default: float, *, low: float = 0.0, high: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a number, not {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{value:g} is not within {low:g} to {high:g}")
    return float(value)
