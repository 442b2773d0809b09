"""Replay recorded exchanges with a real Scope 0.2.4 in their order: same status, same shape."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from rest_kit import QUESTIONS, description, fitting, operations
from starlette.routing import Route

from nodegraph.scope.errors import ScopeError
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.simulator import Config, build_app
from nodegraph.scope.simulator.schemas import SCHEMAS

COPIED = Path(__file__).parents[1] / "captures"
WHOLE = Path(__file__).parents[4] / "shared/bench/scope-captures"
CAPTURES = WHOLE if WHOLE.exists() else COPIED
"""All that was recorded if it lies beside this project, else the copy here, without three large
files."""

NOT_REPLAYED = {
    "rest_076b_status_after_longlive_cpu": "longlive needs no GPU here, so it loads",
    "openapi-0.2.4": "no exchange with a client; its list of endpoints is compared below",
    "sweep_param_rate": "data channels, not HTTP; tests/bench does that sweep",
}
NAMES = [path.stem for path in sorted(CAPTURES.glob("*.json")) if path.stem not in NOT_REPLAYED]
FIRST = [name for name in NAMES if name.startswith("rest_")]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


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


@asynccontextmanager
async def client(**config: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = {"frontend": False, "load_seconds": 0.0, "load_race": 0.0} | config
    app = build_app(Config(**settings))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
            yield http


async def replay(http: httpx.AsyncClient, request: Mapping[str, Any]) -> httpx.Response:
    """Ask again what was asked; of bodies that were no JSON only the length was recorded."""
    content: bytes | None = None
    if "content_bytes" in request:
        beginning = b"{bad}" if request["path"].endswith("/load") else PNG
        content = beginning.ljust(request["content_bytes"], b"\0")[: request["content_bytes"]]
    return await http.request(
        request["method"],
        request["path"],
        params=request.get("params"),
        headers=request.get("headers"),
        json=request.get("json"),
        content=content,
    )


def compare(name: str, capture: Mapping[str, Any], response: httpx.Response) -> None:
    """The same status, headers and shape; of errors the same words."""
    assert response.status_code == capture["status"], name
    kind = capture["headers"].get("content-type")
    assert response.headers.get("content-type") == kind, name
    for header in ("allow", "cache-control", "vary"):
        assert response.headers.get(header) == capture["headers"].get(header), name
    for header in (h for h in capture["headers"] if h.startswith("access-control")):
        assert response.headers[header] == capture["headers"][header], name
    expected = capture["body"]
    if kind != "application/json" or capture["request"]["method"] == "HEAD":
        if isinstance(expected, str) and expected.startswith("<"):
            begins = response.content[:16].hex()
            told = f"<{len(response.content)} bytes, starts {begins}>"
            assert told == expected or kind == "text/html; charset=utf-8", name
        return
    got = response.json()
    if name in ("rest_003_schemas", "rest_004_nodes_definitions", "longlive_schemas"):
        return  # compared field by field below
    assert shape(got) == shape(expected), name
    if capture["status"] >= 400:
        assert sorted_words(got) == sorted_words(expected), name
    if "assets" in expected:
        assert [each["name"] for each in got["assets"]] == [e["name"] for e in expected["assets"]]


def sorted_words(body: Any) -> Any:
    """Lists of suffixes come in any order."""
    detail = body.get("detail")
    return sorted(re.split(", |: ", detail)) if isinstance(detail, str) else body


async def follow(
    http: httpx.AsyncClient, name: str, series: list[dict[str, Any]], before: Any
) -> None:
    """Read the status until it is what it was in the end; nothing is told that was not then.

    Statuses that pass are not always caught, then or now, but an error waits to be read.
    """
    told = [each["body"] for each in series]
    errors = [body for body in told if body["status"] == "error"]
    seen: list[Any] = []
    for _ in range(1000):
        body = (await http.get("/api/v1/pipeline/status")).json()
        if body != before and (not seen or body != seen[-1]):
            seen.append(body)
        if body == told[-1] and all(each in seen for each in errors):
            break
        await asyncio.sleep(0.01)
    assert seen[-1:] == told[-1:] or before == told[-1], name
    assert all(body in told for body in seen), name
    assert [body for body in seen if body["status"] == "error"] == errors, name


@pytest.fixture
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HF_TOKEN", "CIVITAI_API_TOKEN"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.usefixtures("_no_keys")
@pytest.mark.slow
def test_a_session_with_a_real_server_goes_the_same_way(tmp_path: Path) -> None:
    """From its first question to the last, one after the other; it loads for four seconds."""
    replayed = 0

    async def main() -> None:
        nonlocal replayed
        config = {"plugins": "scope-probe", "folder": str(tmp_path), "honest": True}
        async with client(**config) as http:
            before: Any = None
            for name in FIRST:
                capture = recorded(name)
                if isinstance(capture, list):
                    await follow(http, name, capture, before)
                elif name == "rest_080a_status_at_once":
                    # the moment between two pipelines: either is told
                    told = (await replay(http, capture["request"])).json()
                    assert told.keys() == capture["body"].keys()
                    assert told["status"] in ("not_loaded", "loaded")
                else:
                    if capture["request"]["path"] == "/api/v1/pipeline/load":
                        before = (await http.get("/api/v1/pipeline/status")).json()
                    if name == "rest_049_asset_upload_multipart":
                        capture["request"]["content_bytes"] = 300
                    compare(name, capture, await replay(http, capture["request"]))
                replayed += 1

    asyncio.run(main())
    assert replayed == len(FIRST) > 80


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("dist_")])
def test_a_server_with_its_page_built_answers_everything(name: str) -> None:
    async def main() -> None:
        capture = recorded(name)
        async with client(frontend=True) as http:
            compare(name, capture, await replay(http, capture["request"]))

    asyncio.run(main())


def test_a_server_with_longlive_and_two_loras(tmp_path: Path) -> None:
    async def main() -> None:
        for file, size in (("arcane", 3_000_000), ("styles/film", 100)):
            path = tmp_path / f"models/lora/{file}.safetensors"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(size))
        async with client(folder=str(tmp_path), load_seconds=0.15, honest=True) as http:
            before = (await http.get("/api/v1/pipeline/status")).json()
            for name in ("loras_with_files", "longlive_schemas", "longlive_load"):
                if name in NAMES:
                    capture = recorded(name)
                    compare(name, capture, await replay(http, capture["request"]))
            await follow(http, "longlive_status", recorded("longlive_status"), before)
            told = (await http.get("/api/v1/loras")).json()["lora_files"]
            entries = recorded("loras_with_files")["body"]["lora_files"]
            assert [(each["name"], each["folder"], each["size_mb"]) for each in told] == [
                (each["name"], each["folder"], each["size_mb"]) for each in entries
            ]

    asyncio.run(main())


def test_a_server_without_models(tmp_path: Path) -> None:
    async def main() -> None:
        name = "longlive_models_status"
        async with client(folder=str(tmp_path), fresh=True) as http:
            response = await replay(http, recorded(name)["request"])
            assert response.json() == recorded(name)["body"]

    asyncio.run(main())


def test_every_capture_is_replayed_or_excused() -> None:
    taken = {*FIRST, "loras_with_files", "longlive_schemas", "longlive_load", "longlive_status"}
    taken |= {"longlive_models_status", *(name for name in NAMES if name.startswith("dist_"))}
    assert set(NAMES) == taken & set(NAMES)
    assert len(NOT_REPLAYED) == 3


@pytest.mark.skipif(CAPTURES is COPIED, reason="the server's own list of endpoints is not here")
def test_every_endpoint_is_there() -> None:
    app = build_app()
    routes = {
        f"{method} {re.sub('{[^}]*}', '{}', route.path)}"
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    described = recorded("openapi-0.2.4")["body"]["paths"]
    offered = {
        f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}"
        for path, methods in described.items()
        for method in methods
    }
    assert offered <= routes
    assert {name for name in routes - offered if "/simulator/" not in name} == set()
    assert set(QUESTIONS) < routes


class Heard(httpx.AsyncBaseTransport):
    """The way to a simulated server, which keeps what it says."""

    def __init__(self, app: Any) -> None:
        self._way = httpx.ASGITransport(app=app)
        self.said: list[tuple[int, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        content = await response.aread()
        if response.headers.get("content-type") == "application/json":
            self.said.append((response.status_code, json.loads(content)))
        return response


ENDLESS = ("/stream", "/output.ts")


def test_what_it_says_fits_the_server_s_description(tmp_path: Path) -> None:
    """Of each endpoint, by the client's own questions; also its refusals of bodies (422)."""
    described = description()

    async def main() -> int:
        checked = 0
        app = build_app(Config(download_seconds=0.0, load_race=0.0, tempo=True))
        async with app.router.lifespan_context(app):
            for name, operation in operations(described):
                if name not in QUESTIONS or name.endswith(ENDLESS):
                    continue
                heard = Heard(app)
                async with ScopeRest("127.0.0.1", transport=heard) as rest:
                    with suppress(ScopeError):
                        await QUESTIONS[name](rest, tmp_path)
                for status, body in heard.said:
                    content = operation["responses"].get(str(status), {}).get("content", {})
                    schema = content.get("application/json", {}).get("schema", {})
                    assert fitting(body, schema, described), (name, status, body)
                    checked += bool(schema)
        return checked

    assert asyncio.run(main()) > 20


PROSE = ("description", "docs_url", "plugin_name")


def plain(value: Any) -> Any:
    """Without the words that are for people."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if key not in PROSE}
    return value


def schemas() -> Mapping[str, Any]:
    name = "longlive_schemas" if "longlive_schemas" in NAMES else "short/longlive_schemas"
    told: Mapping[str, Any] = recorded(name)["body"]["pipelines"]
    return told


@pytest.mark.parametrize("pipeline", schemas())
def test_the_schemas_have_the_recorded_fields(pipeline: str) -> None:
    assert plain(SCHEMAS[pipeline]) == plain(schemas()[pipeline])


@pytest.mark.skipif("rest_004_nodes_definitions" not in NAMES, reason="not among the copies")
def test_the_nodes_have_the_recorded_fields() -> None:
    async def main() -> Any:
        async with client(plugins="scope-probe", honest=True) as http:
            return (await http.get("/api/v1/nodes/definitions")).json()["nodes"]

    told = {each["node_type_id"]: each for each in asyncio.run(main())}
    for each in recorded("rest_004_nodes_definitions")["body"]["nodes"]:
        assert plain(told[each["node_type_id"]]) == plain(each)


def run(work: Callable[[httpx.AsyncClient], Any], **config: Any) -> Any:
    async def main() -> Any:
        async with client(**config) as http:
            return await work(http)

    return asyncio.run(main())


async def settled(http: httpx.AsyncClient, state: str = "loaded") -> dict[str, Any]:
    for _ in range(500):
        body: dict[str, Any] = (await http.get("/api/v1/pipeline/status")).json()
        if body["status"] == state:
            return body
        await asyncio.sleep(0.005)
    raise AssertionError(f"never {state}: {body}")


def test_a_status_read_at_once_may_still_be_the_old_one() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        await http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["passthrough"]})
        assert (await http.get("/api/v1/pipeline/status")).json()["status"] == "not_loaded"
        await settled(http)
        await http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["gray"]})
        at_once = (await http.get("/api/v1/pipeline/status")).json()
        assert (at_once["status"], at_once["pipeline_id"]) == ("loaded", "passthrough")
        await asyncio.sleep(0.4)
        assert (await settled(http))["pipeline_id"] == "gray"

    run(work, load_race=0.3)


def test_a_size_that_cannot_be_fails_once_and_its_params_stay() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        params = {"width": 577, "height": 321}
        body = {"pipeline_ids": ["longlive"], "load_params": params}
        await http.post("/api/v1/pipeline/load", json=body)
        failed = await settled(http, "error")
        assert (failed["error"], failed["load_params"]) == (None, params)
        assert (await settled(http, "not_loaded"))["load_params"] == params

    run(work)


def test_of_two_overlapping_loads_the_first_wins_and_the_second_shows() -> None:
    async def main() -> None:
        app = build_app(Config(load_seconds=0.3, load_race=0.0))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scope") as http:
            for width in (320, 640):
                params = {"width": width, "height": 320}
                body = {"pipeline_ids": ["longlive"], "load_params": params}
                await http.post("/api/v1/pipeline/load", json=body)
                await asyncio.sleep(0.02)
            assert (await settled(http))["load_params"]["width"] == 640
            assert app.state.desk.pipelines.model("longlive", "longlive").size == (320, 320)

    asyncio.run(main())


def test_a_body_without_an_end_is_refused() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * (1 << 20)

    async def work(http: httpx.AsyncClient) -> None:
        response = await http.post("/api/v1/pipeline/load", content=endless())
        assert response.status_code == 413

    run(work)


@pytest.mark.parametrize("sdp", ["garbage", "v=0\r\n"])
def test_an_offer_that_cannot_be_read_is_a_500(sdp: str) -> None:
    async def work(http: httpx.AsyncClient) -> None:
        await http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["gray"]})
        await settled(http)
        body = {"sdp": sdp, "type": "offer"}
        response = await http.post("/api/v1/webrtc/offer", json=body)
        assert response.status_code == 500
        assert response.json() == {"detail": "None is not in list"}

    run(work)
