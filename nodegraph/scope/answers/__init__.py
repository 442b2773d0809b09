"""The server's JSON answers as frozen values; shapes of 0.1.x and of 0.2.4 are both read. Pure.

reading      how: by declared fields, and never with an exception
server       health, hardware, log, keys, cloud
pipelines    schemas, status, models
sessions     offers, metrics, recordings
stores       LoRAs, assets, plugins, inputs, workflows
control      tempo, OSC, DMX
"""

from __future__ import annotations

from nodegraph.scope.answers.control import (
    Beat,
    Command,
    ControlPath,
    ControlPaths,
    Dmx,
    DmxConfig,
    DmxMapping,
    Osc,
    Tempo,
    TempoSource,
)
from nodegraph.scope.answers.pipelines import (
    Adapter,
    ModelStatus,
    NodeDefinition,
    PipelineStatus,
    Port,
    Schema,
    State,
)
from nodegraph.scope.answers.reading import (
    Json,
    Told,
    items,
    mapping,
    mappings,
    number,
    strings,
    text,
)
from nodegraph.scope.answers.server import (
    ApiKey,
    Cloud,
    Done,
    Hardware,
    Health,
    Log,
    Onboarding,
    Output,
)
from nodegraph.scope.answers.sessions import Answer, Headless, IceServer, Metrics, Recording
from nodegraph.scope.answers.stores import (
    Asset,
    InputSource,
    LoraDownload,
    LoraEntry,
    LoraFile,
    PluginInfo,
    PluginPipeline,
    PluginReload,
    Provenance,
    Requirement,
    Resolution,
    Resolved,
    VideoSource,
)

__all__ = [
    "Adapter",
    "Answer",
    "ApiKey",
    "Asset",
    "Beat",
    "Cloud",
    "Command",
    "ControlPath",
    "ControlPaths",
    "Dmx",
    "DmxConfig",
    "DmxMapping",
    "Done",
    "Hardware",
    "Headless",
    "Health",
    "IceServer",
    "InputSource",
    "Json",
    "Log",
    "LoraDownload",
    "LoraEntry",
    "LoraFile",
    "Metrics",
    "ModelStatus",
    "NodeDefinition",
    "Onboarding",
    "Osc",
    "Output",
    "PipelineStatus",
    "PluginInfo",
    "PluginPipeline",
    "PluginReload",
    "Port",
    "Provenance",
    "Recording",
    "Requirement",
    "Resolution",
    "Resolved",
    "Schema",
    "State",
    "Tempo",
    "TempoSource",
    "Told",
    "VideoSource",
    "items",
    "mapping",
    "mappings",
    "number",
    "strings",
    "text",
]
