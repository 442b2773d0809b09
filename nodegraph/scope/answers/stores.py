"""What a server keeps: LoRA files, assets, plugins, and where it can take video from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from nodegraph.scope.answers.reading import Json, Told, text, told


@dataclass(frozen=True, slots=True)
class Provenance(Told):
    """Where a LoRA file came from; `source` is huggingface, civitai, url or local."""

    source: str = ""
    repo_id: str | None = None
    hf_filename: str | None = None
    model_id: str | None = None
    version_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class LoraFile(Told):
    """One file of `GET /api/v1/loras`; `path` is what load params and `lora_scales` name."""

    name: str = ""
    path: str = ""
    size_mb: float = 0.0
    folder: str | None = None
    sha256: str | None = None
    provenance: Provenance | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class LoraDownload(Told):
    """A LoRA that was fetched from where a workflow says it is."""

    filename: str = ""
    path: str = ""
    sha256: str = ""
    size: int = told("size_bytes", 0)


@dataclass(frozen=True, slots=True)
class LoraEntry(Told):
    """What the server has noted of a LoRA file; `added` is a date and time (ISO 8601)."""

    filename: str = ""
    provenance: Provenance | None = None
    sha256: str = ""
    size: int = told("size_bytes", 0)
    added: str = told("added_at", "")


@dataclass(frozen=True, slots=True)
class Asset(Told):
    """A file on the server; `path` is what `vace_ref_images` names, `created` is Unix seconds."""

    name: str = ""
    path: str = ""
    type: str | None = None
    size_mb: float = 0.0
    folder: str | None = None
    created: float | None = told("created_at", None)


@dataclass(frozen=True, slots=True)
class PluginPipeline(Told):
    """A pipeline that a plugin of the server brings."""

    id: str = told("pipeline_id", "")
    name: str = told("pipeline_name", "")


@dataclass(frozen=True, slots=True)
class PluginInfo(Told):
    """One plugin of the server (not of nodegraph); `source` is pypi, git or local."""

    name: str = ""
    version: str | None = None
    description: str | None = None
    source: str | None = None
    editable: bool = False
    bundled: bool = False
    update_available: bool | None = None
    latest_version: str | None = None
    pipelines: tuple[PluginPipeline, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Self:
        named = body if text(body, "name") else {**body, "name": body.get("id")}  # 0.1.x
        return super(PluginInfo, cls).from_json(named)


@dataclass(frozen=True, slots=True)
class PluginReload(Told):
    """What reading a plugin anew has changed, as ids of pipelines."""

    message: str = ""
    reloaded: tuple[str, ...] = told("reloaded_pipelines", ())
    added: tuple[str, ...] = told("added_pipelines", ())
    removed: tuple[str, ...] = told("removed_pipelines", ())


@dataclass(frozen=True, slots=True)
class InputSource(Told):
    """A way for video to reach the server without this client: `ndi`, `spout`, `video_file` …"""

    id: str = told("source_id", "")
    name: str = told("source_name", "")
    description: str = told("source_description", "")
    available: bool = False


@dataclass(frozen=True, slots=True)
class VideoSource(Told):
    """One sender that an input source sees; `identifier` is its `source_name` in a graph."""

    name: str = ""
    identifier: str = ""
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolution(Told):
    """The size of a sender's picture, in pixels; 0 where it is not told."""

    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Requirement(Told):
    """Something that a workflow needs, and whether the server has it.

    `kind` is pipeline, node, plugin or lora, `status` ok, missing or version_mismatch.
    """

    kind: str = ""
    name: str = ""
    status: str = ""
    detail: str | None = None
    action: str | None = None
    can_auto_resolve: bool = False


@dataclass(frozen=True, slots=True)
class Resolved(Told):
    """Whether a server can play a workflow, and what is missing if it cannot."""

    can_apply: bool = False
    items: tuple[Requirement, ...] = ()
    warnings: tuple[str, ...] = ()
