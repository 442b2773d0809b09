"""Describe the simulated pipelines the way `GET /api/v1/pipelines/schemas` does."""

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


def _entry(pipeline_id: str, name: str, text: str, config: Json, **more: Any) -> Json:
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


def _filter_config(title: str) -> Json:
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


_LONGLIVE_CONFIG: Json = {
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

SCHEMAS: dict[str, Json] = {
    "passthrough": _entry(
        "passthrough",
        "Passthrough",
        "Returns the input video unchanged.",
        _filter_config("PassthroughConfig"),
    ),
    "gray": _entry(
        "gray",
        "Grayscale",
        "Takes the colour out of the input video.",
        _filter_config("GrayConfig") | {"description": "Settings of the grayscale filter."},
        modified=True,
        usage=["preprocessor"],
    ),
    "longlive": _entry(
        "longlive",
        "LongLive",
        "A simulated LongLive: paints what the prompts, transitions and noise ask for.",
        _LONGLIVE_CONFIG,
        supported_modes=["text", "video"],
        default_mode="text",
        supports_prompts=True,
        docs_url="https://github.com/daydreamlive/scope",
        estimated_vram_gb=20.0,
        requires_models=True,
        supports_lora=True,
        supports_vace=True,
        supports_cache_management=True,
        supports_quantization=True,
        min_dimension=16,
        modified=True,
        inputs=["video", "vace_input_frames", "vace_input_masks"],
        mode_defaults={
            "video": {
                "height": 512,
                "width": 512,
                "denoising_steps": [1000, 750],
                "noise_scale": 0.7,
                "noise_controller": True,
            }
        },
    ),
}
"""By pipeline id, the whole answer under `pipelines`."""


def schemas(*, honest: bool) -> dict[str, Json]:
    """Return the schemas; unless honest, longlive's noise acts in text mode, and they say so."""
    if honest:
        return SCHEMAS
    told = deepcopy(SCHEMAS)
    fields = told["longlive"]["config_schema"]["properties"]
    fields["noise_scale"]["ui"]["modes"] = ["text", "video"]
    return told


def node_definitions(entries: dict[str, Json]) -> list[Json]:
    """Return the pipelines as `GET /api/v1/nodes/definitions` lists them."""
    return [_definition(entry) for entry in entries.values()]


def _definition(entry: Json) -> Json:
    prompts = [_port("prompts", "string")] if entry["supports_prompts"] else []
    return {
        "node_type_id": entry["id"],
        "display_name": entry["name"],
        "category": "pipeline",
        "description": entry["description"],
        "inputs": [_port(name, "video") for name in entry["inputs"]] + prompts,
        "outputs": [_port(name, "video") for name in entry["outputs"]],
        "params": [],
        "continuous": False,
        "pipeline_meta": entry,
        "plugin_name": entry["plugin_name"],
    }


def _port(name: str, kind: str) -> Json:
    ends: Json = {"name": name, "port_type": kind, "required": True}
    return {**ends, "description": "", "default_value": None}
