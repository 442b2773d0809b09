"""What can be set by OSC and by DMX: a list that is always there, and what the pipelines add."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

Path = dict[str, Any]
Finish = Callable[[Path], Path | None]
"""Makes a path whole, or leaves it out."""

_METHODS = ["linear", "slerp"]
_RUNTIME: tuple[Path, ...] = (
    {"key": "prompt", "type": "string", "description": "The prompt"},
    {"key": "transition_steps", "type": "integer", "description": "Chunks to it", "min": 0},
    {"key": "interpolation_method", "type": "string", "description": "Mix", "enum": _METHODS},
    {
        "key": "temporal_interpolation_method",
        "type": "string",
        "description": "Way to the next prompt",
        "enum": _METHODS,
    },
    {"key": "input_mode", "type": "string", "description": "Mode", "enum": ["text", "video"]},
    {"key": "denoising_step_list", "type": "integer_list", "description": "Denoising steps"},
    {"key": "noise_scale", "type": "float", "description": "Noise", "min": 0.0, "max": 1.0},
    {"key": "noise_controller", "type": "bool", "description": "Noise by motion"},
    {"key": "manage_cache", "type": "bool", "description": "Automatic resets"},
    {"key": "reset_cache", "type": "bool", "description": "A new scene"},
    {"key": "paused", "type": "bool", "description": "Stand still"},
    {
        "key": "kv_cache_attention_bias",
        "type": "float",
        "description": "Attention to the past",
        "min": 0.01,
        "max": 1.0,
    },
    {
        "key": "vace_context_scale",
        "type": "float",
        "description": "Weight of references",
        "min": 0.0,
        "max": 2.0,
    },
)
_NUMERIC = ("float", "number", "integer")
_DMX_MOST = {"transition_steps": 100}


def osc_paths(
    schemas: Mapping[str, Any], loaded: Collection[str], inventory: Collection[Path]
) -> dict[str, Any]:
    """Return every path with its address; those of graphs are as a client has told them."""
    told = _split(_RUNTIME, schemas, loaded, _addressed)
    if inventory:
        told["active"]["Graph"] = list(inventory)
    return told


def dmx_paths(schemas: Mapping[str, Any], loaded: Collection[str]) -> dict[str, Any]:
    """Return what a channel can set: numbers only, each with both ends of its range."""
    numeric = tuple(path for path in _RUNTIME if path["type"] in _NUMERIC)
    return _split(numeric, schemas, loaded, _ranged)


def flat(paths: Mapping[str, Any]) -> dict[str, Path]:
    """Return all of them by key."""
    groups = [*paths["available"].values(), *paths["active"].values()]
    return {path["key"]: path for group in groups for path in group if "key" in path}


def _split(
    runtime: Collection[Path], schemas: Mapping[str, Any], loaded: Collection[str], finish: Finish
) -> dict[str, Any]:
    active: dict[str, list[Path]] = {"Runtime": _finished(runtime, finish)}
    available: dict[str, list[Path]] = {}
    for id, schema in schemas.items():
        if found := _finished(_fields(id, schema), finish):
            (active if id in loaded else available)[id] = found
    return {"active": active, "available": available, "active_pipeline_ids": list(loaded)}


def _finished(paths: Collection[Path], finish: Finish) -> list[Path]:
    return [done for path in paths if (done := finish(path)) is not None]


def _fields(id: str, schema: Mapping[str, Any]) -> list[Path]:
    """The settings of a pipeline that are not for loading; without word on it they are."""
    found = []
    for key, field in schema["config_schema"]["properties"].items():
        if field.get("ui", {}).get("is_load_param", True):
            continue
        path = {
            "key": key,
            "type": field.get("type", "any"),
            "description": field.get("description", ""),
            "pipeline_id": id,
        }
        ends = (("min", "minimum"), ("max", "maximum"), ("enum", "enum"))
        found.append(path | {name: field[end] for name, end in ends if end in field})
    return found


def _addressed(path: Path) -> Path:
    return path | {"osc_address": f"/scope/{path['key']}"}


def _ranged(path: Path) -> Path | None:
    if path["type"] not in _NUMERIC:
        return None
    low: float = 0 if path["type"] == "integer" else 0.0
    high = _DMX_MOST.get(path["key"], 100 if path["type"] == "integer" else 1.0)
    return {"min": low, "max": high} | path
