"""What a server says of its pipelines: what they are, what is loaded, whose models are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from nodegraph.scope.answers.reading import Json, Told, told

State = Literal["not_loaded", "loading", "loaded", "error"]


@dataclass(frozen=True, slots=True)
class Adapter(Told):
    """A LoRA that a loaded pipeline has."""

    path: str = ""
    scale: float = 0.0


@dataclass(frozen=True, slots=True)
class PipelineStatus(Told):
    """`GET /api/v1/pipeline/status`. An `error` is told once; the next read says `not_loaded`."""

    state: State = told("status", "not_loaded")
    pipeline_id: str | None = None
    load_params: Json | None = None
    stage: str | None = told("loading_stage", None)
    error: str | None = None
    loras: tuple[Adapter, ...] = told("loaded_lora_adapters", ())
    produces_video: bool = True
    produces_audio: bool = False


@dataclass(frozen=True, slots=True)
class Schema(Told):
    """What a pipeline is and can do; `config` is its JSON Schema, `mode_defaults` by mode.

    `usage` is empty for a main pipeline, else `preprocessor` or `postprocessor`. Sides of its
    pictures are in multiples of `multiple`; a quantized model is advised below `fp8_below_gb`.
    """

    id: str = ""
    name: str = ""
    description: str = ""
    modes: tuple[str, ...] = told("supported_modes", ())
    default_mode: str = "video"
    usage: tuple[str, ...] = ()
    prompts: bool = told("supports_prompts", False)
    lora: bool = told("supports_lora", False)
    vace: bool = told("supports_vace", False)
    cache: bool = told("supports_cache_management", False)
    kv_bias: bool = told("supports_kv_cache_bias", False)
    requires_models: bool = False
    vram_gb: float | None = told("estimated_vram_gb", None)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    mode_defaults: Mapping[str, Json] = field(default_factory=dict)
    config: Json = field(default_factory=dict, metadata={"key": "config_schema"})
    plugin: str | None = told("plugin_name", None)
    quantization: bool = told("supports_quantization", False)
    multiple: int = told("min_dimension", 1)
    fp8_below_gb: float | None = told("recommended_quantization_vram_threshold", None)

    @property
    def is_main(self) -> bool:
        """Whether it can be the pipeline of a session by itself."""
        return not self.usage

    @classmethod
    def of(cls, id: str, body: Json) -> Self:
        """Read one entry; under which id it stands counts, not which one it says."""
        read = cls.from_json(body)
        return replace(read, id=id, name=read.name or id)


@dataclass(frozen=True, slots=True)
class ModelStatus(Told):
    """Whether a pipeline's model files are there; `percentage` is of the file being fetched.

    A server also says `downloaded` for pipelines it does not know.
    """

    downloaded: bool = False
    downloading: bool = told("progress.is_downloading", False)
    percentage: float | None = told("progress.percentage", None)
    artifact: str | None = told("progress.current_artifact", None)
    error: str | None = told("progress.error", None)


@dataclass(frozen=True, slots=True)
class Port(Told):
    """An inlet, outlet or param of a node of Scope's own graphs."""

    name: str = ""
    kind: str = told("port_type", "")
    required: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class NodeDefinition(Told):
    """A node of Scope's own graphs (since 0.2.4); a pipeline is one, too."""

    id: str = told("node_type_id", "")
    name: str = told("display_name", "")
    category: str = ""
    description: str = ""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    params: tuple[Json, ...] = ()
    plugin: str | None = told("plugin_name", None)
