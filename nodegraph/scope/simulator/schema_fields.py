"""The settings of pipelines as JSON Schema, in the words of `GET /api/v1/pipelines/schemas`."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

_OPTIONAL_INT = {"anyOf": [{"minimum": 1, "type": "integer"}, {"type": "null"}]}
_OPTIONAL_TEXTS = {"anyOf": [{"items": {"type": "string"}, "type": "array"}, {"type": "null"}]}


def _ui(order: int | None = None, *, load: bool = True, **more: Any) -> Json:
    ui: Json = {"category": "configuration", "is_load_param": load}
    return {"ui": ui | ({} if order is None else {"order": order}) | more}


def _whole(title: str, default: int, text: str, low: int = 1, **ui: Any) -> Json:
    kind = {"default": default, "description": text, "minimum": low, "title": title}
    return {**kind, "type": "integer", **ui}


def entry(pipeline_id: str, name: str, text: str, config: Json, **more: Any) -> Json:
    """Fill in what most pipelines have in common."""
    return {
        "id": pipeline_id,
        "name": name,
        "description": text,
        "version": "1.0.0",
        "supported_modes": ["video"],
        "default_mode": "video",
        "supports_prompts": False,
        "default_temporal_interpolation_method": "slerp",
        "default_temporal_interpolation_steps": 0,
        "default_spatial_interpolation_method": "linear",
        "docs_url": None,
        "estimated_vram_gb": None,
        "requires_models": False,
        "supports_lora": False,
        "supports_vace": False,
        "supports_cache_management": False,
        "supports_kv_cache_bias": False,
        "supports_quantization": False,
        "min_dimension": 1,
        "recommended_quantization_vram_threshold": None,
        "modified": False,
        "produces_video": True,
        "produces_audio": False,
        "usage": [],
        "inputs": ["video"],
        "outputs": ["video"],
        "config_schema": config,
        "plugin_name": None,
        **more,
    }


def filter_config(title: str, **more: Json) -> Json:
    """Describe the settings every pipeline inherits, most of them unused by a filter."""
    noise = {"anyOf": [{"maximum": 1.0, "minimum": 0.0, "type": "number"}, {"type": "null"}]}
    steps = {"anyOf": [{"items": {"type": "integer"}, "type": "array"}, {"type": "null"}]}
    merge = {"enum": ["permanent_merge", "runtime_peft"], "type": "string"}
    return {
        "additionalProperties": False,
        "properties": {
            "height": _whole("Height", 512, "Height of the output in pixels"),
            "width": _whole("Width", 512, "Width of the output in pixels"),
            "manage_cache": _flag("Manage Cache", True, "Let the pipeline reset its cache"),
            "base_seed": _whole("Base Seed", 42, "Seed of the noise", 0),
            "denoising_steps": {**steps, "default": None, "title": "Denoising Steps"},
            "lora_merge_strategy": {
                "anyOf": [merge, {"type": "null"}],
                "default": None,
                "title": "Lora Merge Strategy",
            },
            "noise_scale": {**noise, "default": None, "title": "Noise Scale"},
            "noise_controller": {
                "anyOf": [{"type": "boolean"}, {"type": "null"}],
                "default": None,
                "title": "Noise Controller",
            },
            **_shared(),
            **more,
        },
        "title": title,
        "type": "object",
    }


def _flag(title: str, default: bool, text: str, **ui: Any) -> Json:
    return {"default": default, "description": text, "title": title, "type": "boolean", **ui}


def _shared(**context_ui: Any) -> Json:
    return {
        "input_size": {
            **_OPTIONAL_INT,
            "default": 1,
            "description": "Video frames taken in at a time (video mode only)",
            "title": "Input Size",
        },
        "ref_images": {
            **_OPTIONAL_TEXTS,
            "default": None,
            "description": "Paths of reference images for VACE",
            "title": "Ref Images",
        },
        "vace_context_scale": {
            "default": 1.0,
            "description": "How strongly VACE conditions (0.0 to 2.0)",
            "maximum": 2.0,
            "minimum": 0.0,
            "title": "Vace Context Scale",
            "type": "number",
            **context_ui,
        },
    }


def _choice(name: str, ui: Json, default: str | None, text: str) -> Json:
    ref: Json = {"$ref": f"#/$defs/{name}"}
    kind = ref if default else {"anyOf": [ref, {"type": "null"}]}
    return {**kind, "default": default, "description": text, **ui}


def _defined(title: str, *words: str) -> Json:
    return {"description": title, "enum": list(words), "title": title, "type": "string"}


def wan_config(title: str, **changed: Json) -> Json:
    """The settings of a pipeline around the Wan model; those of longlive, but for some changed."""
    config = deepcopy(_WAN)
    for name, change in changed.items():
        config["properties"][name] |= change
    return config | {"title": title}


_WAN: Json = {
    "$defs": {
        "Quantization": _defined("Quantization", "fp8_e4m3fn"),
        "VaeType": _defined("VaeType", "wan", "lightvae", "tae", "lighttae"),
    },
    "additionalProperties": False,
    "properties": {
        "height": _whole(
            "Height", 320, "Height of the output in pixels", **_ui(4, component="resolution")
        ),
        "width": _whole(
            "Width", 576, "Width of the output in pixels", **_ui(4, component="resolution")
        ),
        "manage_cache": _flag(
            "Manage Cache", True, "Let the pipeline reset its cache", **_ui(5, component="cache")
        ),
        "base_seed": _whole("Base Seed", 42, "Seed of the noise", 0, **_ui(5, label="Seed")),
        "denoising_steps": {
            "default": [1000, 750, 500, 250],
            "description": "Denoising steps, descending",
            "items": {"type": "integer"},
            "title": "Denoising Steps",
            "type": "array",
            **_ui(
                6,
                component="denoising_steps",
                modulatable=True,
                modulatable_max=1000,
                modulatable_min=100,
            ),
        },
        "lora_merge_strategy": {
            "default": "permanent_merge",
            "description": "How LoRAs are merged",
            "title": "Lora Merge Strategy",
            "type": "string",
            **_ui(2, component="lora"),
        },
        "noise_scale": {
            "default": 0.7,
            "description": "How much noise is laid over the input (video mode only)",
            "maximum": 1.0,
            "minimum": 0.0,
            "title": "Noise Scale",
            "type": "number",
            **_ui(
                7,
                load=False,
                component="noise",
                modes=["video"],
                modulatable=True,
                modulatable_max=1.0,
                modulatable_min=0.0,
            ),
        },
        "noise_controller": _flag(
            "Noise Controller",
            True,
            "Let motion set the noise (video mode only)",
            **_ui(7, load=False, component="noise", modes=["video"]),
        ),
        **_shared(**_ui(1, component="vace")),
        "vae_type": _choice("VaeType", _ui(3, label="VAE"), "wan", "Which VAE decodes"),
        "quantization": _choice(
            "Quantization", _ui(8, component="quantization"), None, "Quantization of the model"
        ),
    },
    "title": "LongLiveConfig",
    "type": "object",
}


def probe_config() -> Json:
    """The settings of the probe, nearly all of which say how it behaves."""
    noise = _WAN["properties"]["noise_scale"]
    config = filter_config(
        "ProbeConfig",
        height={"default": 320, "title": "Height", "type": "integer"},
        width={"default": 576, "title": "Width", "type": "integer"},
        noise_scale={
            **{key: value for key, value in noise.items() if key not in ("description", "ui")},
            **_ui(2, load=False, modes=["video"]),
        },
        chunk_frames={**_whole("Chunk Frames", 3, ""), "maximum": 64, **_ui(3)},
        chunk_ms=_at_least_0("Chunk Ms", 150.0, 4),
        load_seconds=_at_least_0("Load Seconds", 0.0, 5),
        fail_load={"default": False, "title": "Fail Load", "type": "boolean", **_ui(6)},
    )
    del config["properties"]["chunk_frames"]["description"]
    return config


def _at_least_0(title: str, default: float, order: int) -> Json:
    return {"default": default, "minimum": 0, "title": title, "type": "number", **_ui(order)}
