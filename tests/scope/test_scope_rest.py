"""The REST client against answers recorded from a real Scope 0.2.4 server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from aiortc import RTCIceServer

from nodegraph.scope.answers import (
    Adapter,
    PipelineStatus,
)
from nodegraph.scope.diagnose import Finding, diagnose
from nodegraph.scope.errors import (
    NotScope,
    PipelineError,
    ScopeError,
    ScopeRefused,
    ScopeSilent,
    ScopeUnreachable,
    SessionError,
)
from nodegraph.scope.loading import choose, is_loaded, load, wait_loaded
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.session import Session
from nodegraph.scope.ways import ice_servers

CAPTURES = Path(__file__).parent / "captures"
URL = "http://127.0.0.1:8000"
T = TypeVar("T")
Handler = Callable[[httpx.Request], httpx.Response]


def capture(name: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((CAPTURES / f"{name}.json").read_text())
    return loaded


def answer(name: str) -> httpx.Response:
    """The recorded answer, with its status and content type."""
    one = capture(name)
    body, headers, status = one["body"], one["headers"], one["status"]
    assert isinstance(headers, dict)
    assert isinstance(status, int)
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = {"content-type": headers["content-type"]} if "content-type" in headers else {}
    return httpx.Response(status, content=content, headers=kind)


def replay(*names: str) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """A server that has exactly these recorded answers, by method and path."""
    seen: list[httpx.Request] = []
    recorded = {}
    for name in names:
        request = capture(name)["request"]
        assert isinstance(request, dict)
        recorded[request["method"], request["path"]] = name

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        name = recorded.get((request.method, request.url.path))
        return answer(name) if name else httpx.Response(404, json={"detail": "Not Found"})

    return httpx.MockTransport(handle), seen


def statuses(name: str) -> list[dict[str, object]]:
    """The bodies of a recorded series of status reads."""
    series = json.loads((CAPTURES / f"{name}.json").read_text())
    return [one["body"] for one in series]


def ask(transport: httpx.AsyncBaseTransport, use: Callable[[ScopeRest], Awaitable[T]]) -> T:
    async def main() -> T:
        async with ScopeRest(URL, transport=transport) as rest:
            return await use(rest)

    return asyncio.run(main())


def test_what_a_real_server_says_is_understood() -> None:
    transport, _ = replay(
        "rest_001_health",
        "rest_005_ice_servers",
        "rest_006_hardware",
        "rest_007_plugins",
        "rest_022_logs_tail",
        "longlive_models_status",
        "loras_with_files",
        "rest_050_assets",
        "rest_020_session_metrics_none",
        "rest_002_status_fresh",
    )
    health = ask(transport, ScopeRest.health)
    assert (health.status, health.version) == ("healthy", "0.2.4")
    assert health.server_start_time == pytest.approx(1795217585.83)
    assert [server.urls for server in ask(transport, ScopeRest.ice_servers)] == [
        ("stun:stun.l.google.com:19302",)
    ]
    hardware = ask(transport, ScopeRest.hardware)
    assert hardware.vram_gb is None
    assert set(hardware.outputs) == {"spout", "ndi", "syphon"}
    assert hardware.outputs["ndi"].reason == "NDI SDK not found"
    [plugin] = ask(transport, ScopeRest.plugins)
    assert plugin.name == "scope-probe"
    assert [one.id for one in plugin.pipelines] == ["probe"]
    log = ask(transport, ScopeRest.logs_tail)
    assert (len(log.lines), log.offset) == (5, 2353)
    assert not ask(transport, lambda rest: rest.models_status("longlive")).downloaded
    assert [lora.name for lora in ask(transport, ScopeRest.loras)] == ["arcane", "film"]
    assert len(ask(transport, ScopeRest.assets)) == 5
    assert ask(transport, ScopeRest.session_metrics) is None
    assert ask(transport, ScopeRest.pipeline_status).state == "not_loaded"


def test_schemas() -> None:
    transport, _ = replay("short/longlive_schemas")
    schemas = ask(transport, ScopeRest.schemas)
    longlive = schemas["longlive"]
    assert longlive.name == "LongLive"
    assert longlive.modes == ("text", "video")
    assert (longlive.prompts, longlive.vace, longlive.kv_bias) == (True, True, False)
    assert longlive.mode_defaults["video"]["noise_scale"] == 0.7
    assert not schemas["gray"].is_main
    assert choose(schemas) is longlive
    without = {id: one for id, one in schemas.items() if id != "longlive"}
    assert choose(without).id == "probe"  # the only other that paints from prompts
    with pytest.raises(PipelineError, match="offers no pipeline"):
        choose({"gray": schemas["gray"]})


def test_a_status_of_older_servers() -> None:
    assert PipelineStatus.from_json({"status": "idle"}).state == "not_loaded"


@pytest.mark.parametrize("odd", [{}, {"status": 3, "load_params": [], "error": {}}])
def test_odd_fields_become_neutral(odd: dict[str, object]) -> None:
    assert PipelineStatus.from_json(odd) == PipelineStatus("not_loaded")


def test_old_path_of_the_loras() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/lora/list":
            return httpx.Response(200, json={"lora_files": [{"name": "old", "path": "/old"}]})
        return answer("dist_02_lora_list_old")  # the web page, as for every unknown path

    [lora] = ask(httpx.MockTransport(handle), ScopeRest.loras)
    assert lora.path == "/old"


@pytest.mark.parametrize(
    ("name", "use", "status", "says"),
    [
        (
            "rest_070_load_empty",
            lambda rest: rest.load_pipeline([]),
            400,
            "Either 'pipelines' or 'pipeline_ids' must be provided",
        ),
        (
            "rest_078a_offer_while_loading",
            lambda rest: rest.offer("x", "offer", {}),
            400,
            "Pipeline not loaded. Please load pipeline first.",
        ),
        (
            "rest_092_offer_bad_params",
            lambda rest: rest.offer("x", "offer", {}),
            422,
            "body.initialParameters.input_mode: Input should be 'text' or 'video'; body.",
        ),
        ("rest_090_offer_bad_sdp", lambda rest: rest.offer("x", "offer", {}), 500, "500"),
        (
            "rest_044_asset_upload_txt",
            lambda rest: rest.upload_asset("x.txt", b"hi"),
            400,
            "Invalid file type",
        ),
    ],
)
def test_refusals_say_why(
    name: str, use: Callable[[ScopeRest], Awaitable[object]], status: int, says: str
) -> None:
    transport, _ = replay(name)
    with pytest.raises(ScopeRefused) as raised:
        ask(transport, use)
    assert raised.value.status == status
    assert says in str(raised.value)


def test_a_page_is_not_an_answer() -> None:
    page = httpx.MockTransport(lambda _: answer("dist_01_root"))
    for use in (ScopeRest.health, ScopeRest.schemas, ScopeRest.pipeline_status, ScopeRest.loras):
        with pytest.raises(NotScope, match="text/html"):
            ask(page, use)


@pytest.mark.parametrize(
    "response",
    [
        {"json": {"hello": "world"}},
        {"json": [1, 2]},
        {"content": b"{broken", "headers": {"content-type": "application/json"}},
        {"content": b"\xff\xfe", "headers": {"content-type": "application/json"}},
        {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
        {"content": b""},
    ],
)
def test_other_servers_are_not_scope(response: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, **response))  # type: ignore[arg-type]  # any of its keywords
    with pytest.raises(NotScope):
        ask(transport, ScopeRest.health)


def failing(error: type[httpx.TransportError]) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("told by the network", request=request)

    return httpx.MockTransport(handle)


@pytest.mark.parametrize(
    ("transport", "kind", "says"),
    [
        (failing(httpx.ConnectError), ScopeUnreachable, "start Scope there"),
        (failing(httpx.RemoteProtocolError), ScopeUnreachable, "told by the network"),
        (failing(httpx.ReadTimeout), ScopeSilent, "did not answer in time"),
        (
            httpx.MockTransport(lambda _: httpx.Response(502, html="<h1>Bad gateway</h1>")),
            ScopeUnreachable,
            "gateway",
        ),
        (
            httpx.MockTransport(lambda _: httpx.Response(524, html="<h1>A timeout occurred</h1>")),
            ScopeUnreachable,
            "may still be under way",
        ),
    ],
)
def test_no_server(transport: httpx.MockTransport, kind: type[ScopeError], says: str) -> None:
    with pytest.raises(kind, match=says) as raised:
        ask(transport, ScopeRest.health)
    assert URL in str(raised.value)


@pytest.mark.parametrize(
    ("url", "urls"),
    [("https://abc-8000.proxy.runpod.net", ["stun:stun.l.google.com:19302"]), (URL, None)],
)
def test_stun_is_for_servers_far_away(url: str, urls: list[str] | None) -> None:
    transport, seen = replay("rest_005_ice_servers")

    async def main() -> list[RTCIceServer]:
        async with ScopeRest(url, transport=transport) as rest:
            return await ice_servers(rest)

    assert asyncio.run(main()) == ([RTCIceServer(urls)] if urls else [])
    assert bool(seen) == bool(urls)


@pytest.mark.parametrize("sdp", ["garbage", "v=0\r\nm=video\r\n", "m=", "v=0\r\n"])
def test_an_answer_that_is_none_is_a_sentence(sdp: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/offer"):
            return httpx.Response(200, json={"sdp": sdp, "type": "answer", "sessionId": "s"})
        return httpx.Response(204 if request.method == "DELETE" else 404)

    async def use(rest: ScopeRest) -> None:
        session = Session(rest, ["longlive"], {}, first_frame_within=0.2)
        with pytest.raises(SessionError, match=r"answer to the offer|did not connect"):
            await session.open()

    ask(httpx.MockTransport(handle), use)


def test_sessions_and_candidates() -> None:
    transport, seen = replay("rest_095_delete_unknown", "rest_093_patch_unknown")

    async def use(rest: ScopeRest) -> None:
        await rest.delete_session("nope")
        with pytest.raises(ScopeRefused, match="Session nope not found"):
            await rest.add_candidates("nope", [{"candidate": "candidate:1"}])

    ask(transport, use)
    assert [request.method for request in seen] == ["DELETE", "PATCH"]


def test_uploads_are_raw_bytes() -> None:
    transport, seen = replay("rest_041_asset_upload_png")
    asset = ask(transport, lambda rest: rest.upload_asset("ref.png", b"\x89PNG"))
    assert asset.path.endswith("/ref.png")
    assert asset.type == "image"
    assert seen[0].content == b"\x89PNG"
    assert seen[0].url.params["filename"] == "ref.png"


LOGGED = {
    "lines": [
        "2026-11-20 23:34:22,789 - scope.server.pipeline_manager - ERROR - Failed to load: no GPU",
        "2026-11-20 23:34:23,100 - uvicorn.access - INFO - GET /health",
    ],
    "offset": 1,
}


def loading(bodies: list[dict[str, object]]) -> httpx.MockTransport:
    """A server whose status reads go through `bodies` and stay at the last."""
    left = list(bodies)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/status"):
            return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])
        if request.url.path.endswith("/tail"):
            return httpx.Response(200, json=LOGGED)
        return answer("longlive_load")

    return httpx.MockTransport(handle)


LONGLIVE = statuses("longlive_status")
QUICK = {"poll": 0.001, "settle": 10.0}
"""For servers that move on by themselves, however busy the machine is."""

HASTY = {"poll": 0.001, "settle": 0.05}
"""For those that never do."""


def test_loading_shows_its_stages() -> None:
    stages: list[str] = []
    params = LONGLIVE[0]["load_params"]
    assert isinstance(params, dict)
    status = ask(
        loading(LONGLIVE),
        lambda rest: wait_loaded(rest, ["longlive"], params, progress=stages.append, **QUICK),
    )
    assert stages == ["Loading diffusion model...", "Loading text encoder...", "Loading VAE..."]
    assert is_loaded(status, ["longlive"], params)
    assert status.loras == (
        Adapter("/srv/scope/.daydream-scope/models/lora/arcane.safetensors", 0.8),
    )


@pytest.mark.parametrize("series", ["rest_075b_status_after_unknown", "rest_077b_status_fail"])
def test_the_error_told_once_is_heard(series: str) -> None:
    with pytest.raises(PipelineError, match="could not load probe: Failed to load: no GPU"):
        ask(loading(statuses(series)), lambda rest: wait_loaded(rest, ["probe"], **QUICK))


def test_the_error_told_to_another_reader_ends_the_wait() -> None:
    after = statuses("rest_075b_status_after_unknown")[1:]
    with pytest.raises(PipelineError, match="did not load probe"):
        ask(loading(after), lambda rest: wait_loaded(rest, ["probe"], **HASTY))


def test_a_status_from_before_the_request_is_not_believed() -> None:
    """`loaded`, but of the pipeline before; then a moment of nothing; then what was asked for."""
    before = LONGLIVE[-1]
    params = {"chunk_frames": 1, "chunk_ms": 30}
    series = [before, before, *statuses("rest_082b_status_new")]
    status = ask(loading(series), lambda rest: wait_loaded(rest, ["n1"], params, **QUICK))
    assert status.pipeline_id == "n1"


def test_the_same_pipeline_with_the_old_params_is_not_believed_at_once() -> None:
    old, new = LONGLIVE[-1], LONGLIVE[-1] | {"load_params": {"width": 320}}
    status = ask(
        loading([old, old, new]),
        lambda rest: wait_loaded(rest, ["longlive"], {"width": 320}, **QUICK),
    )
    assert status.load_params == {"width": 320}


def test_another_pipeline_that_stays_is_an_error() -> None:
    with pytest.raises(PipelineError, match="has longlive loaded instead of probe"):
        ask(loading(LONGLIVE[-1:]), lambda rest: wait_loaded(rest, ["probe"], **HASTY))


def test_loading_for_ever_ends() -> None:
    with pytest.raises(PipelineError, match="still loading longlive after 0 s"):
        ask(
            loading(LONGLIVE[:1]),
            lambda rest: wait_loaded(rest, ["longlive"], within=0.05, poll=0.001),
        )


def test_what_is_loaded_is_not_loaded_again() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET", "no load request was needed"
        return httpx.Response(200, json=LONGLIVE[-1])

    params = LONGLIVE[-1]["load_params"]
    assert isinstance(params, dict)
    for wanted in (None, params):
        status = ask(
            httpx.MockTransport(handle), lambda rest, w=wanted: load(rest, ["longlive"], w)
        )
        assert status.state == "loaded"


def texts(findings: list[Finding]) -> dict[str, tuple[bool | None, str]]:
    return {finding.what: (finding.ok, finding.text) for finding in findings}


def test_diagnosis_of_a_real_server() -> None:
    transport, _ = replay(
        "rest_001_health",
        "rest_005_ice_servers",
        "rest_006_hardware",
        "rest_007_plugins",
        "longlive_schemas",
        "longlive_models_status",
        "loras_with_files",
        "rest_002_status_fresh",
    )
    found = texts(asyncio.run(diagnose(URL, transport=transport)))
    assert found["health"] == (True, f"{URL} is healthy.")
    assert found["version"][1] == "Scope 0.2.4."
    assert found["GPU memory"][0] is None
    assert "longlive" in found["pipelines"][1]
    assert found["default pipeline"][1] == "LongLive (longlive), modes text, video"
    assert found["models of longlive"][0] is False
    assert found["loaded"][0] is None
    assert found["LoRA files"][1] == "arcane, film"
    assert found["Scope plugins"][1] == "scope-probe 0.0.1"
    assert found["ICE servers"][1] == "none is needed, as the server is near"


@pytest.mark.parametrize(
    ("url", "transport", "what", "says"),
    [
        ("ftp://x", None, "address", "http://"),
        (URL, failing(httpx.ConnectError), "health", "Nothing answers"),
        (URL, httpx.MockTransport(lambda _: answer("dist_01_root")), "health", "text/html"),
    ],
)
def test_diagnosis_of_what_is_no_server(
    url: str, transport: httpx.MockTransport | None, what: str, says: str
) -> None:
    [finding] = asyncio.run(diagnose(url, transport=transport))
    assert (finding.what, finding.ok) == (what, False)
    assert says in finding.text


def test_diagnosis_goes_on_when_one_look_fails() -> None:
    transport, _ = replay("rest_001_health", "rest_005_ice_servers")
    found = texts(asyncio.run(diagnose(URL, transport=transport)))
    assert found["hardware"][0] is False
    assert "404" in found["hardware"][1]
    assert found["ICE servers"][0] is None


def test_a_server_without_a_health_page_is_not_scope() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404, text="File not found"))
    with pytest.raises(NotScope, match="not as Scope does"):
        ask(transport, ScopeRest.health)
