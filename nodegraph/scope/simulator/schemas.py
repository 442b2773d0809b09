"""The pipelines as `GET /api/v1/pipelines/schemas` describes them, and which of them there are."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from typing import Any

from nodegraph.scope.simulator.schema_fields import (
    Json,
    entry,
    filter_config,
    probe_config,
    wan_config,
)

PROBE = "scope-probe"
"""A plugin with one pipeline, `probe`, whose load params say how it behaves."""

_VIDEO: Json = {
    "height": 512,
    "width": 512,
    "denoising_steps": [1000, 750],
    "noise_scale": 0.7,
    "noise_controller": True,
}
_FLOW_SIZE: Json = {
    "default": "small",
    "enum": ["small", "large"],
    "title": "Model Size",
    "type": "string",
}
_CTRL: Json = {"anyOf": [{"$ref": "#/$defs/CtrlInput"}, {"type": "null"}], "default": None}
_CTRL_INPUT: Json = {
    "properties": {
        "button": {
            "items": {"type": "string"},
            "title": "Button",
            "type": "array",
            "uniqueItems": True,
        },
        "mouse": {
            "default": [0.0, 0.0],
            "maxItems": 2,
            "minItems": 2,
            "prefixItems": [{"type": "number"}, {"type": "number"}],
            "title": "Mouse",
            "type": "array",
        },
    },
    "title": "CtrlInput",
    "type": "object",
}


def _processor(id: str, name: str, text: str, usage: str, title: str, **more: Any) -> Json:
    """A pipeline that changes video on its way to or from a main one."""
    config = filter_config(title, **more.pop("fields", {})) | {"description": f"{name}: settings."}
    return entry(id, name, text, config, **{"modified": True, "usage": [usage], **more})


def _wan(id: str, name: str, text: str, vram: float, title: str, **more: Any) -> Json:
    """A pipeline around the Wan model, as longlive is one."""
    usual: Json = {
        "supported_modes": ["text", "video"],
        "default_mode": "text",
        "supports_prompts": True,
        "docs_url": "https://github.com/daydreamlive/scope",
        "estimated_vram_gb": vram,
        "requires_models": True,
        "supports_lora": True,
        "supports_vace": True,
        "supports_cache_management": True,
        "supports_quantization": True,
        "min_dimension": 16,
        "modified": True,
        "inputs": ["video", "vace_input_frames", "vace_input_masks"],
        "mode_defaults": {"video": _VIDEO},
    }
    return entry(id, name, text, wan_config(title, **more.pop("fields", {})), **usual | more)


_PAINTS = "paints what the prompts, transitions and noise ask for."
_ENTRIES = (
    entry(
        "passthrough",
        "Passthrough",
        "Returns the input video unchanged.",
        filter_config("PassthroughConfig"),
    ),
    entry(
        "controller-viz",
        "Controller Visualizer",
        "Shows the keys and the mouse of `ctrl_input`.",
        filter_config("ControllerVisualizerConfig", ctrl_input=_CTRL)
        | {"$defs": {"CtrlInput": _CTRL_INPUT}, "description": "Controller Visualizer: settings."},
        supported_modes=["text"],
        default_mode="text",
    ),
    _processor(
        "rife",
        "RIFE",
        "Doubles the frame rate with frames in between.",
        "postprocessor",
        "RIFEConfig",
        requires_models=True,
        docs_url="https://github.com/hzwer/Practical-RIFE",
    ),
    _processor(
        "scribble",
        "Scribble",
        "Draws the outlines of the input video.",
        "preprocessor",
        "ScribbleConfig",
        requires_models=True,
    ),
    _processor(
        "gray",
        "Grayscale",
        "Takes the colour out of the input video.",
        "preprocessor",
        "GrayConfig",
    ),
    _processor(
        "optical-flow",
        "Optical Flow",
        "Shows what moves in the input video.",
        "preprocessor",
        "OpticalFlowConfig",
        fields={"model_size": _FLOW_SIZE},
        docs_url="https://pytorch.org/vision/main/models/raft.html",
    ),
    _processor(
        "video-depth-anything",
        "Video Depth Anything",
        "Shows how far away things in the input video are.",
        "preprocessor",
        "VideoDepthAnythingConfig",
        requires_models=True,
        estimated_vram_gb=1.0,
    ),
    _wan("longlive", "LongLive", f"A simulated LongLive: {_PAINTS}", 20.0, "LongLiveConfig"),
    _wan(
        "streamdiffusionv2",
        "StreamDiffusionV2",
        f"A simulated StreamDiffusionV2: {_PAINTS}",
        20.0,
        "StreamDiffusionV2Config",
        supported_modes=["video", "text"],
        default_mode="video",
        fields={"height": {"default": 512}, "width": {"default": 512}},
        mode_defaults={
            "text": {"height": 512, "width": 512, "denoising_steps": [1000, 750]},
            "video": _VIDEO | {"denoising_steps": [750, 250], "input_size": 4},
        },
    ),
    _wan(
        "krea-realtime-video",
        "Krea Realtime Video",
        f"A simulated Krea Realtime: {_PAINTS}",
        32.0,
        "KreaRealtimeVideoConfig",
        supports_kv_cache_bias=True,
        recommended_quantization_vram_threshold=40.0,
        default_temporal_interpolation_method="linear",
        default_temporal_interpolation_steps=4,
        mode_defaults={
            "video": {
                "height": 256,
                "width": 256,
                "denoising_steps": [1000, 750],
                "default_temporal_interpolation_steps": 0,
            }
        },
    ),
    _wan(
        "reward-forcing",
        "RewardForcing",
        f"A simulated RewardForcing: {_PAINTS}",
        20.0,
        "RewardForcingConfig",
    ),
    _wan("memflow", "MemFlow", f"A simulated MemFlow: {_PAINTS}", 20.0, "MemFlowConfig"),
    entry(
        "probe",
        "Probe (CPU test)",
        "Paints from its params; how large and how fast its chunks are is asked for when loading.",
        probe_config(),
        supported_modes=["text", "video"],
        default_mode="text",
        supports_prompts=True,
        mode_defaults={
            "video": {"height": 256, "width": 256, "noise_scale": 0.7, "noise_controller": True}
        },
        plugin_name=PROBE,
    ),
)
SCHEMAS: dict[str, Json] = {each["id"]: each for each in _ENTRIES}
"""By pipeline id, the whole answer under `pipelines`, of all that can be simulated."""


def schemas(*, honest: bool, gpu: bool = False, plugins: Collection[str] = ()) -> dict[str, Json]:
    """Return the schemas of what is registered.

    Unless honest, longlive's noise acts in text mode, and its schema says so. Longlive is there
    always; what else needs graphics memory, only with a GPU.
    """
    told = {
        id: one
        for id, one in SCHEMAS.items()
        if one["plugin_name"] in (None, *plugins)
        and (gpu or id == "longlive" or one["estimated_vram_gb"] is None)
    }
    if not honest:
        longlive = told["longlive"] = deepcopy(SCHEMAS["longlive"])
        longlive["config_schema"]["properties"]["noise_scale"]["ui"]["modes"] = ["text", "video"]
    return told
