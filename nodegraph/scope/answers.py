"""The server's JSON answers as frozen values; shapes of 0.1.x and of 0.2.4 are both read.

Every `from_json` takes whatever mapping came and never raises: a field that is missing or has
another type than expected gets its neutral value. Whether an answer is Scope's at all is decided
where it arrives, in `rest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, Self

Json = Mapping[str, object]


def text(body: Json, key: str) -> str | None:
    """The string under `key`, or None."""
    value = body.get(key)
    return value if isinstance(value, str) else None


def number(body: Json, key: str) -> float | None:
    """The finite number under `key`, or None."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if isfinite(found) else None


def items(body: Json, key: str) -> list[object]:
    """The list under `key`, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, list) else []


def mappings(body: Json, key: str) -> list[Json]:
    """The objects in the list under `key`."""
    return [item for item in items(body, key) if isinstance(item, dict)]


def mapping(body: Json, key: str) -> Json:
    """The object under `key`, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def strings(body: Json, key: str) -> tuple[str, ...]:
    """The strings in the list under `key`; a bare string counts as a list of one."""
    if (only := text(body, key)) is not None:
        return (only,)
    return tuple(item for item in items(body, key) if isinstance(item, str))


@dataclass(frozen=True, slots=True)
class Health:
    """`GET /health`. `server_start_time` (Unix seconds) changes when the server restarts."""

    status: str
    version: str | None = None
    server_start_time: float | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        status = text(body, "status") or "unknown"
        return cls(status, text(body, "version"), number(body, "server_start_time"))


State = Literal["not_loaded", "loading", "loaded", "error"]


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """`GET /api/v1/pipeline/status`. An `error` is told once; the next read says `not_loaded`."""

    state: State
    pipeline_id: str | None = None
    load_params: Json | None = None
    stage: str | None = None
    error: str | None = None
    loras: tuple[tuple[str, float], ...] = ()
    produces_video: bool = True
    produces_audio: bool = False

    @classmethod
    def from_json(cls, body: Json) -> Self:
        params = body.get("load_params")
        loras = mappings(body, "loaded_lora_adapters")
        return cls(
            state=_state(text(body, "status")),
            pipeline_id=text(body, "pipeline_id"),
            load_params=params if isinstance(params, dict) else None,
            stage=text(body, "loading_stage"),
            error=text(body, "error"),
            loras=tuple((text(one, "path") or "", number(one, "scale") or 0.0) for one in loras),
            produces_video=body.get("produces_video") is not False,
            produces_audio=body.get("produces_audio") is True,
        )


def _state(said: str | None) -> State:
    match said:
        case "loading" | "loaded" | "error":
            return said
        case _:
            return "not_loaded"


@dataclass(frozen=True, slots=True)
class Output:
    """A way to share video that the server's machine has or lacks (Spout, NDI, Syphon)."""

    available: bool
    reason: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Hardware:
    """`GET /api/v1/hardware/info`; `vram_gb` is None without CUDA."""

    vram_gb: float | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)

    @classmethod
    def from_json(cls, body: Json) -> Self:
        outputs: dict[str, Output] = {}
        for key, value in body.items():
            if isinstance(value, dict):
                reason, hint = text(value, "reason"), text(value, "install_hint")
                outputs[key] = Output(value.get("available") is True, reason, hint)
            elif isinstance(value, bool) and key.endswith("_available"):  # up to 0.2.3
                outputs[key.removesuffix("_available")] = Output(value)
        return cls(number(body, "vram_gb"), outputs)


@dataclass(frozen=True, slots=True)
class LoraFile:
    """One file of `GET /api/v1/loras`; `path` is what load params and `lora_scales` name."""

    name: str
    path: str
    size_mb: float = 0.0
    folder: str | None = None
    read_only: bool = False

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            name=text(body, "name") or "",
            path=text(body, "path") or "",
            size_mb=number(body, "size_mb") or 0.0,
            folder=text(body, "folder"),
            read_only=body.get("read_only") is True,
        )


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One plugin of the server (not of nodegraph) and the ids of the pipelines it brings."""

    name: str
    version: str | None = None
    pipelines: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Self:
        pipelines = (text(one, "pipeline_id") for one in mappings(body, "pipelines"))
        return cls(
            name=text(body, "name") or text(body, "id") or "",
            version=text(body, "version"),
            pipelines=tuple(one for one in pipelines if one),
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """What a pipeline is and can do; `config` is its JSON Schema, `mode_defaults` by mode.

    `usage` is empty for a main pipeline, else `preprocessor` or `postprocessor`.
    """

    id: str
    name: str
    description: str = ""
    modes: tuple[str, ...] = ()
    default_mode: str = "video"
    usage: tuple[str, ...] = ()
    prompts: bool = False
    lora: bool = False
    vace: bool = False
    cache: bool = False
    kv_bias: bool = False
    requires_models: bool = False
    vram_gb: float | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    mode_defaults: Mapping[str, Json] = field(default_factory=dict)
    config: Json = field(default_factory=dict)
    plugin: str | None = None

    @property
    def is_main(self) -> bool:
        """Whether it can be the pipeline of a session by itself."""
        return not self.usage

    @classmethod
    def from_json(cls, id: str, body: Json) -> Self:
        modes = mapping(body, "mode_defaults")
        return cls(
            id=id,
            name=text(body, "name") or id,
            description=text(body, "description") or "",
            modes=strings(body, "supported_modes"),
            default_mode=text(body, "default_mode") or "video",
            usage=strings(body, "usage"),
            prompts=body.get("supports_prompts") is True,
            lora=body.get("supports_lora") is True,
            vace=body.get("supports_vace") is True,
            cache=body.get("supports_cache_management") is True,
            kv_bias=body.get("supports_kv_cache_bias") is True,
            requires_models=body.get("requires_models") is True,
            vram_gb=number(body, "estimated_vram_gb"),
            inputs=strings(body, "inputs"),
            outputs=strings(body, "outputs"),
            mode_defaults={key: one for key, one in modes.items() if isinstance(one, dict)},
            config=mapping(body, "config_schema"),
            plugin=text(body, "plugin_name"),
        )


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Whether a pipeline's model files are there; `percentage` is of the file being fetched.

    A server also says `downloaded` for pipelines it does not know.
    """

    downloaded: bool
    downloading: bool = False
    percentage: float | None = None
    artifact: str | None = None
    error: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        progress = mapping(body, "progress")
        return cls(
            downloaded=body.get("downloaded") is True,
            downloading=progress.get("is_downloading") is True,
            percentage=number(progress, "percentage"),
            artifact=text(progress, "current_artifact"),
            error=text(progress, "error"),
        )


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server; nulls of the answer are None here and must not reach WebRTC."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(strings(body, "urls"), text(body, "username"), text(body, "credential"))


@dataclass(frozen=True, slots=True)
class Asset:
    """A file on the server; `path` is what `vace_ref_images` names."""

    name: str
    path: str
    type: str | None = None
    size_mb: float = 0.0
    folder: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            name=text(body, "name") or "",
            path=text(body, "path") or "",
            type=text(body, "type"),
            size_mb=number(body, "size_mb") or 0.0,
            folder=text(body, "folder"),
        )
