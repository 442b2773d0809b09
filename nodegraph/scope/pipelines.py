"""The pipelines that Scope 0.2.4 brings along, where no server has said what it has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodegraph.scope.answers import Schema

_WAN = Schema(
    modes=("text", "video"),
    default_mode="text",
    prompts=True,
    lora=True,
    vace=True,
    cache=True,
    requires_models=True,
    vram_gb=20.0,
    inputs=("video", "vace_input_frames", "vace_input_masks"),
    outputs=("video",),
    quantization=True,
    multiple=16,
)
_FILTER = Schema(modes=("video",), inputs=("video",), outputs=("video",))
_BEFORE = replace(_FILTER, usage=("preprocessor",))

BUILT_IN: Mapping[str, Schema] = {
    each.id: each
    for each in (
        replace(_WAN, id="longlive", name="LongLive"),
        replace(
            _WAN,
            id="streamdiffusionv2",
            name="StreamDiffusionV2",
            modes=("video", "text"),
            default_mode="video",
        ),
        replace(
            _WAN,
            id="krea-realtime-video",
            name="Krea Realtime Video",
            kv_bias=True,
            vram_gb=32.0,
            fp8_below_gb=40.0,
        ),
        replace(_WAN, id="reward-forcing", name="RewardForcing"),
        replace(_WAN, id="memflow", name="MemFlow"),
        replace(_FILTER, id="passthrough", name="Passthrough"),
        replace(
            _FILTER,
            id="controller-viz",
            name="Controller Visualizer",
            modes=("text",),
            default_mode="text",
        ),
        replace(_BEFORE, id="gray", name="Grayscale"),
        replace(_BEFORE, id="scribble", name="Scribble", requires_models=True),
        replace(_BEFORE, id="optical-flow", name="Optical Flow"),
        replace(
            _BEFORE,
            id="video-depth-anything",
            name="Video Depth Anything",
            requires_models=True,
            vram_gb=1.0,
        ),
        replace(_FILTER, id="rife", name="RIFE", usage=("postprocessor",), requires_models=True),
    )
}
"""By id. What a server tells of its own counts for more."""

FILTERS = frozenset(id for id, schema in BUILT_IN.items() if not schema.prompts)
"""Those that change or draw pictures without a diffusion model."""

WITH_VACE_GB = {"krea-realtime-video": 55.0}
"""The graphics memory that a pipeline wants together with VACE, where that is much more."""
