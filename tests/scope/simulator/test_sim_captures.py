"""Replay recorded exchanges with a real Scope 0.2.4: same status, same shape of the body."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from nodegraph.scope.simulator import Config, build_app

CAPTURES = Path(__file__).parents[1] / "captures"

NOT_REPLAYED = {
    "rest_041_asset_upload_png": "no asset store",
    "rest_042_asset_upload_sub": "no asset store",
    "rest_043_asset_upload_again": "no asset store",
    "rest_044_asset_upload_txt": "no asset store",
    "rest_045_asset_upload_traversal": "no asset store",
    "rest_046_asset_upload_noname": "no asset store",
    "rest_047_asset_upload_empty": "no asset store",
    "rest_048_asset_upload_garbage_mp4": "no asset store",
    "rest_049_asset_upload_multipart": "no asset store",
    "rest_050_assets": "no asset store",
    "rest_051_assets_image": "no asset store",
    "rest_052_assets_video": "no asset store",
    "rest_053_assets_bogus": "no asset store",
    "rest_054_asset_get": "no asset store",
    "rest_055_asset_get_abs": "no asset store",
    "rest_056_asset_get_sub": "no asset store",
    "loras_with_files": "no LoRA store",
    "longlive_models_status": "nothing needs downloading here",
    "rest_076b_status_after_longlive_cpu": "longlive needs no GPU here",
    "rest_077_load_fail": "load parameters of a test pipeline that is not simulated",
    "rest_077b_status_fail": "the test pipeline; failures are tested with unknown ids",
    "rest_077c_status_second_read": "the test pipeline; failures are tested with unknown ids",
    "rest_078b_status_slow": "the test pipeline; tested below with longlive",
    "rest_079b_status_same": "the test pipeline; tested below with longlive",
    "rest_080a_status_at_once": "a sequence; tested below",
    "rest_080b_status_passthrough": "a sequence; tested below",
    "rest_081b_status_chain": "a sequence; tested below",
    "rest_082b_status_new": "a sequence; tested below",
    "rest_075b_status_after_unknown": "a sequence; tested below",
    "longlive_status": "a sequence; tested below",
    "longlive_schemas": "compared key by key below",
    "rest_090_offer_bad_sdp": "needs a loaded pipeline; tested below",
}


REPLAYED = [p.stem for p in sorted(CAPTURES.glob("*.json")) if p.stem not in NOT_REPLAYED]


def recorded(name: str) -> Any:
    return json.loads((CAPTURES / f"{name}.json").read_text("utf-8"))


def shape(value: Any) -> Any:
    """Reduce JSON to keys and types; a list to the shapes of its items, each once."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        shapes = [shape(each) for each in value]
        return [each for i, each in enumerate(shapes) if each not in shapes[:i]]
    return type(value).__name__


def client(frontend: bool = False, **config: Any) -> httpx.AsyncClient:
    app = build_app(Config(frontend=frontend, load_seconds=0.0, load_race=0.0, **config))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://scope")


async def replay(http: httpx.AsyncClient, request: dict[str, Any]) -> httpx.Response:
    content = b"{bad}"[: request["content_bytes"]] if "content_bytes" in request else None
    return await http.request(
        request["method"],
        request["path"],
        params=request.get("params"),
        headers=request.get("headers"),
        json=request.get("json"),
        content=content,
    )


@pytest.mark.parametrize("name", REPLAYED)
def test_the_answer_has_the_recorded_status_and_shape(name: str) -> None:
    capture = recorded(name)

    async def answer() -> httpx.Response:
        async with client(frontend=name.startswith("dist_")) as http:
            return await replay(http, capture["request"])

    response = asyncio.run(answer())
    assert response.status_code == capture["status"]
    kind = capture["headers"].get("content-type")
    assert response.headers.get("content-type") == kind
    for header in ("allow", "cache-control", "vary"):
        assert response.headers.get(header) == capture["headers"].get(header)
    for header in (h for h in capture["headers"] if h.startswith("access-control")):
        assert response.headers[header] == capture["headers"][header]
    if kind != "application/json" or capture["request"]["method"] == "HEAD":
        return
    expected, got = capture["body"], response.json()
    if name in ("rest_007_plugins", "rest_022_logs_tail"):
        got = {key: (expected[key] if got[key] == [] else got[key]) for key in got}
    assert shape(got) == shape(expected)
    if capture["status"] >= 400:
        assert got == expected


def test_every_capture_is_replayed_or_excused() -> None:
    stems = {path.stem for path in CAPTURES.glob("*.json")}
    assert set(NOT_REPLAYED) <= stems
    assert len(stems) - len(NOT_REPLAYED) > 50


@pytest.mark.parametrize("pipeline", ["longlive", "gray", "passthrough"])
def test_the_schemas_have_the_recorded_fields(pipeline: str) -> None:
    async def schemas() -> Any:
        async with client(honest=True) as http:
            return (await http.get("/api/v1/pipelines/schemas")).json()

    got = asyncio.run(schemas())["pipelines"][pipeline]
    expected = recorded("longlive_schemas")["body"]["pipelines"][pipeline]
    prose = ("description", "docs_url", "plugin_name")

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in prose}
        return value

    assert plain(got) == plain(expected)


async def statuses(http: httpx.AsyncClient, until: str) -> list[dict[str, Any]]:
    """Poll the status; return each answer that differs from the one before."""
    seen: list[dict[str, Any]] = []
    for _ in range(500):
        body = (await http.get("/api/v1/pipeline/status")).json()
        if not seen or body != seen[-1]:
            seen.append(body)
        if body["status"] == until:
            return seen
        await asyncio.sleep(0.002)
    raise AssertionError(f"never {until}: {seen}")


def steps(answers: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["status"], each["loading_stage"]) for each in answers]


def test_loading_goes_through_the_recorded_stages() -> None:
    capture = recorded("longlive_status")
    request = recorded("longlive_load")["request"]

    async def run() -> list[dict[str, Any]]:
        app = build_app(Config(load_seconds=0.15, load_race=0.0))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scope") as http:
            await replay(http, request)
            return await statuses(http, "loaded")

    seen = [each for each in asyncio.run(run()) if each["load_params"] is not None]
    expected = [tuple(each["k"]) for each in capture]
    assert [each for each in steps(seen) if each in expected] == expected
    by_step = {tuple(each["k"]): each["body"] for each in capture}
    for body in seen:
        if (key := (body["status"], body["loading_stage"])) in by_step:
            assert body == by_step[key]


def test_an_unknown_id_is_an_error_once() -> None:
    async def run() -> list[dict[str, Any]]:
        async with client() as http:
            await replay(http, recorded("rest_075_load_unknown")["request"])
            await asyncio.sleep(0.05)
            first = (await http.get("/api/v1/pipeline/status")).json()
            return [first, (await http.get("/api/v1/pipeline/status")).json()]

    assert asyncio.run(run()) == [e["body"] for e in recorded("rest_075b_status_after_unknown")]


def test_a_status_read_at_once_may_still_be_the_old_one_and_a_chain_is_named_by_its_first() -> None:
    async def run() -> None:
        app = build_app(Config(load_race=0.5))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scope") as http:
            await replay(http, recorded("rest_080_load_passthrough")["request"])
            at_once = (await http.get("/api/v1/pipeline/status")).json()
            assert at_once["status"] == "not_loaded"
            seen = await statuses(http, "loaded")
            assert seen[-1] == recorded("rest_080b_status_passthrough")[-1]["body"]
            await replay(http, recorded("rest_081_load_chain")["request"])
            at_once = (await http.get("/api/v1/pipeline/status")).json()
            assert at_once["status"] == "loaded"
            await asyncio.sleep(0.6)
            seen = await statuses(http, "loaded")
            assert seen[-1] == recorded("rest_081b_status_chain")[-1]["body"]

    asyncio.run(run())


def test_the_new_form_names_the_node_and_a_failed_load_keeps_its_params() -> None:
    async def run() -> None:
        async with client() as http:
            entry = {"node_id": "n1", "pipeline_id": "gray", "load_params": {"a": 1}}
            await http.post("/api/v1/pipeline/load", json={"pipelines": [entry]})
            await asyncio.sleep(0.02)
            seen = await statuses(http, "loaded")
            assert seen[-1]["pipeline_id"] == "n1"
            body = {"pipeline_ids": ["longlive"], "load_params": {"width": 577, "height": 321}}
            await http.post("/api/v1/pipeline/load", json=body)
            await asyncio.sleep(0.02)
            for expected in ("error", "not_loaded"):
                status = (await http.get("/api/v1/pipeline/status")).json()
                assert (status["status"], status["error"]) == (expected, None)
                assert status["load_params"] == {"width": 577, "height": 321}

    asyncio.run(run())


def test_of_two_overlapping_loads_the_first_wins_and_the_second_shows() -> None:
    async def run() -> None:
        app = build_app(Config(load_seconds=0.3, load_race=0.0))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scope") as http:
            for width in (320, 640):
                params = {"width": width, "height": 320}
                body = {"pipeline_ids": ["longlive"], "load_params": params}
                await http.post("/api/v1/pipeline/load", json=body)
                await asyncio.sleep(0.02)
            seen = await statuses(http, "loaded")
            assert seen[-1]["load_params"]["width"] == 640
            assert app.state.desk.pipelines.model("longlive", "longlive").size == (320, 320)

    asyncio.run(run())


@pytest.mark.parametrize("sdp", ["garbage", "v=0\r\n"])
def test_an_offer_that_cannot_be_read_is_a_500(sdp: str) -> None:
    async def run() -> httpx.Response:
        async with client() as http:
            await http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["gray"]})
            await asyncio.sleep(0.02)
            body = {"sdp": sdp, "type": "offer"}
            return await http.post("/api/v1/webrtc/offer", json=body)

    response = asyncio.run(run())
    capture = recorded("rest_090_offer_bad_sdp")
    assert (response.status_code, response.json()) == (500, capture["body"])
