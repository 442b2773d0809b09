"""Every question that a Scope server can be asked, once, and a simulated one to ask."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from nodegraph.scope.answers import DmxMapping, Provenance
from nodegraph.scope.errors import ScopeRefused
from nodegraph.scope.rest import Loading, ScopeRest
from nodegraph.scope.secret import Secret
from nodegraph.scope.simulator import Config, running

DESCRIBED = Path(__file__).parents[2] / "shared/bench/scope-captures/openapi-0.2.4.json"
SECRET = "hf_ThisIsNobodysKey"
Question = Callable[[ScopeRest, Path], Awaitable[object]]


async def first(opened: AbstractAsyncContextManager[AsyncIterator[object]]) -> object:
    """The first thing that a stream brings, None if it brings nothing."""
    async with opened as stream:
        async for piece in stream:
            return piece
    return None


QUESTIONS: Mapping[str, Question] = {
    "GET /health": lambda rest, _: rest.health(),
    "POST /api/v1/restart": lambda rest, _: rest.restart(),
    "GET /api/v1/hardware/info": lambda rest, _: rest.hardware(),
    "GET /api/v1/logs/tail": lambda rest, _: rest.logs_tail(5, 10),
    "GET /api/v1/logs/current": lambda rest, folder: rest.fetch_log(folder / "log"),
    "GET /api/v1/cloud/status": lambda rest, _: rest.cloud_status(),
    "POST /api/v1/cloud/connect": lambda rest, _: rest.connect_cloud("app", Secret(SECRET)),
    "POST /api/v1/cloud/disconnect": lambda rest, _: rest.disconnect_cloud(),
    "GET /api/v1/onboarding/status": lambda rest, _: rest.onboarding(),
    "PUT /api/v1/onboarding/status": lambda rest, _: rest.set_onboarding(completed=True),
    "GET /api/v1/keys": lambda rest, _: rest.keys(),
    "PUT /api/v1/keys/{}": lambda rest, _: rest.set_key("civitai", Secret(SECRET)),
    "DELETE /api/v1/keys/{}": lambda rest, _: rest.remove_key("civitai"),
    "GET /api/v1/pipelines/schemas": lambda rest, _: rest.schemas(),
    "GET /api/v1/nodes/definitions": lambda rest, _: rest.node_definitions(),
    "GET /api/v1/pipeline/status": lambda rest, _: rest.pipeline_status(),
    "POST /api/v1/pipeline/load": lambda rest, _: rest.load_graph([Loading("n", "gray", {})]),
    "GET /api/v1/models/status": lambda rest, _: rest.models_status("longlive"),
    "POST /api/v1/models/download": lambda rest, _: rest.download_models("longlive"),
    "GET /api/v1/webrtc/ice-servers": lambda rest, _: rest.ice_servers(),
    "POST /api/v1/webrtc/offer": lambda rest, _: rest.offer("v=0", "offer", {"pipeline_ids": []}),
    "PATCH /api/v1/webrtc/offer/{}": lambda rest, _: rest.add_candidates(
        "s/1", [{"candidate": "candidate:1", "sdpMid": "0"}]
    ),
    "DELETE /api/v1/webrtc/offer/{}": lambda rest, _: rest.delete_session("s/1"),
    "GET /api/v1/session/metrics": lambda rest, _: rest.session_metrics(),
    "GET /api/v1/session/parameters": lambda rest, _: rest.session_parameters(),
    "POST /api/v1/session/parameters": lambda rest, _: rest.set_session_parameters(
        {"noise_scale": 0.5}
    ),
    "GET /api/v1/session/frame": lambda rest, _: rest.session_frame(50, "out"),
    "POST /api/v1/session/start": lambda rest, _: rest.start_session(
        "longlive", prompts=[{"text": "sea"}], parameters={}, node_parameters={"n": {}}
    ),
    "POST /api/v1/session/stop": lambda rest, _: rest.stop_session(),
    "GET /api/v1/session/output.ts": lambda rest, _: first(rest.session_output()),
    "POST /api/v1/recordings/{}/start": lambda rest, _: rest.start_recording("s", "n"),
    "POST /api/v1/recordings/{}/stop": lambda rest, _: rest.stop_recording("s"),
    "GET /api/v1/recordings/{}": lambda rest, folder: rest.fetch_recording("s", folder / "film"),
    "GET /api/v1/loras": lambda rest, _: rest.loras(),
    "POST /api/v1/loras": lambda rest, _: rest.install_lora("https://hf.co/a/b.safetensors"),
    "DELETE /api/v1/loras/{}": lambda rest, _: rest.remove_lora("a/b"),
    "POST /api/v1/lora/download": lambda rest, _: rest.download_lora(
        Provenance("civitai", version_id="7"), sha256="00", civitai=Secret(SECRET)
    ),
    "PUT /api/v1/lora/{}/provenance": lambda rest, _: rest.set_provenance(
        "a.safetensors", Provenance("local")
    ),
    "GET /api/v1/assets": lambda rest, _: rest.assets("image"),
    "POST /api/v1/assets": lambda rest, _: rest.upload_asset("a b/ü.png", b"\x89PNG"),
    "GET /api/v1/assets/{}": lambda rest, folder: rest.fetch_asset("a.png", folder / "asset"),
    "GET /api/v1/input-sources": lambda rest, _: rest.input_sources(),
    "GET /api/v1/input-sources/{}/sources": lambda rest, _: rest.video_sources("ndi", 0.3),
    "GET /api/v1/input-sources/{}/sources/{}/resolution": lambda rest, _: rest.video_resolution(
        "ndi", "a/b"
    ),
    "GET /api/v1/input-sources/{}/sources/{}/stream": lambda rest, _: first(
        rest.video_preview("ndi", "a/b", 5, flip=True)
    ),
    "GET /api/v1/plugins": lambda rest, _: rest.plugins(),
    "POST /api/v1/plugins": lambda rest, _: rest.install_plugin("scope-probe", editable=True),
    "DELETE /api/v1/plugins/{}": lambda rest, _: rest.remove_plugin("scope-probe"),
    "POST /api/v1/plugins/{}/reload": lambda rest, _: rest.reload_plugin("scope-probe"),
    "POST /api/v1/workflow/resolve": lambda rest, _: rest.resolve_workflow({"nodes": []}),
    "GET /api/v1/tempo/status": lambda rest, _: rest.tempo(),
    "GET /api/v1/tempo/sources": lambda rest, _: rest.tempo_sources(),
    "POST /api/v1/tempo/enable": lambda rest, _: rest.enable_tempo(bpm=128.0),
    "POST /api/v1/tempo/disable": lambda rest, _: rest.disable_tempo(),
    "POST /api/v1/tempo/set_tempo": lambda rest, _: rest.set_tempo(90.0),
    "GET /api/v1/osc/status": lambda rest, _: rest.osc(),
    "GET /api/v1/osc/paths": lambda rest, _: rest.osc_paths(),
    "PUT /api/v1/osc/settings": lambda rest, _: rest.set_osc_logging(True),
    "POST /api/v1/osc/inventory": lambda rest, _: rest.set_osc_inventory(
        [{"osc_address": "/scope/n/x", "type": "float"}]
    ),
    "GET /api/v1/osc/stream": lambda rest, _: first(rest.osc_commands()),
    "GET /api/v1/osc/docs": lambda rest, _: rest.osc_page(),
    "GET /api/v1/dmx/status": lambda rest, _: rest.dmx(),
    "GET /api/v1/dmx/paths": lambda rest, _: rest.dmx_paths(),
    "GET /api/v1/dmx/config": lambda rest, _: rest.dmx_config(),
    "PUT /api/v1/dmx/settings": lambda rest, _: rest.set_dmx(enabled=False),
    "PUT /api/v1/dmx/config": lambda rest, _: rest.map_dmx([DmxMapping(0, 1, "noise_scale")]),
    "POST /api/v1/dmx/restart": lambda rest, _: rest.restart_dmx(7000),
    "GET /api/v1/dmx/stream": lambda rest, _: first(rest.dmx_commands()),
}
"""By method and path, with {} for what stands in its place. All endpoints of Scope 0.2.4."""


def talk(work: Callable[[ScopeRest], Awaitable[object]], **config: Any) -> Any:
    """Do something with the client of a simulated server, which is quick."""
    settings: dict[str, Any] = {"load_seconds": 0.0, "download_seconds": 0.05} | config

    async def main(url: str) -> object:
        async with ScopeRest(url) as rest:
            return await work(rest)

    with running(Config(**settings)) as url:
        return asyncio.run(main(url))


async def refused(work: Awaitable[object], status: int) -> str:
    """Expect that the server refuses it; returns why."""
    with pytest.raises(ScopeRefused) as raised:
        await work
    assert raised.value.status == status
    return raised.value.detail


def description() -> Mapping[str, Any]:
    """The server's own description of its API (OpenAPI 3.1)."""
    if not DESCRIBED.exists():
        pytest.skip("the server's own description of its API is not beside this project")
    read: Mapping[str, Any] = json.loads(DESCRIBED.read_text("utf-8"))["body"]
    return read


def operations(api: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each endpoint as it is named in QUESTIONS, and what is said of it."""
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}", operation


def fitting(value: object, schema: Mapping[str, Any], api: Mapping[str, Any]) -> bool:
    """Whether JSON fits a schema, and has no key that the schema does not know."""
    if "$ref" in schema:
        return fitting(value, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]], api)
    if "anyOf" in schema:
        return any(fitting(value, each, api) for each in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            open_ = schema.get("additionalProperties", not known)
            return (
                isinstance(value, dict)
                and set(schema.get("required", ())) <= set(value)
                and (bool(open_) or set(value) <= set(known))
                and all(fitting(it, known.get(key, {}), api) for key, it in value.items())
            )
        case "array":
            inner = schema.get("items", {})
            return isinstance(value, list) and all(fitting(each, inner, api) for each in value)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "null":
            return value is None
    return True
