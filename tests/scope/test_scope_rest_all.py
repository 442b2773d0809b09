"""Every endpoint of the client: against the server's own description, and against any answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import many
from rest_kit import QUESTIONS, SECRET, description, fitting, operations

from nodegraph.scope import answers
from nodegraph.scope.answers import Told
from nodegraph.scope.errors import NotScope, ScopeError, ScopeRefused, ScopeSilent, ScopeUnreachable
from nodegraph.scope.rest import ScopeRest, transport

URL = "http://127.0.0.1:8000"
SPA = ("GET /", "GET /{}")
"""The web page, which is no question."""

Handler = Callable[[httpx.Request], httpx.Response]


def ask(name: str, handler: Handler, folder: Path, url: str = URL) -> object:
    async def main() -> object:
        mock = httpx.MockTransport(handler)
        async with ScopeRest(url, transport=mock, timeout=0.5) as rest:
            return await QUESTIONS[name](rest, folder)

    return asyncio.run(main())


def asked(name: str, folder: Path) -> httpx.Request:
    """The request that a question becomes."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    with suppress(ScopeError):
        ask(name, handle, folder)
    return seen[0]


def pattern(name: str) -> re.Pattern[str]:
    method, _, path = name.partition(" ")
    return re.compile(f"{method} " + re.escape(path).replace(r"\{\}", "[^/]+"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_goes_to_its_endpoint(name: str, tmp_path: Path) -> None:
    request = asked(name, tmp_path)
    path = request.url.raw_path.decode().partition("?")[0]
    assert pattern(name).fullmatch(f"{request.method} {path}")


def test_the_client_asks_all_that_the_server_answers() -> None:
    offered = {name for name, _ in operations(description())}
    assert set(QUESTIONS) == offered - set(SPA)


def test_every_question_of_the_client_is_asked_here() -> None:
    source = Path(__file__).parents[1] / "rest_kit.py"
    told = set(re.findall(r"rest\.(\w+)\(", source.read_text("utf-8")))
    public = {
        name
        for kind in ScopeRest.__mro__[1:]
        for name in vars(kind)
        if not name.startswith("_") and kind is not transport.Transport and kind is not object
    }
    assert public - told == {"sessions", "load_pipeline"}  # the same endpoints as others


def test_what_is_sent_fits_the_server_s_description(tmp_path: Path) -> None:
    described = description()
    for name, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        known = {each["name"]: each for each in operation.get("parameters", ())}
        if name in QUESTIONS:
            request = asked(name, tmp_path)
            if content:
                assert fitting(json.loads(request.content), content["schema"], described), name
            assert set(request.url.params) <= set(known), name
            needed = {key for key, each in known.items() if each["required"]}
            assert needed <= set(request.url.params) | {
                key for key, each in known.items() if each["in"] == "path"
            }


def typed(value: object) -> bool:
    """Whether it is made of our own values and plain ones only."""
    if is_dataclass(value) and not isinstance(value, type):
        return isinstance(value, Told)
    if isinstance(value, list | tuple):
        return all(map(typed, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value)
    return value is None or isinstance(value, bool | int | float | str | bytes | Path)


KEYS = sorted(
    {
        each.metadata.get("key", each.name).partition(".")[0]
        for kind in vars(answers).values()
        if isinstance(kind, type) and issubclass(kind, Told)
        for each in fields(kind)
    }
    | {"detail", "sessions", "parameters", "pipelines", "lora_files", "iceServers", "file"}
    | {"sources", "keys", "msg", "loc", "input_sources", "nodes", "applied_parameters"}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
STATUS = st.sampled_from([200, 201, 204, 301, 307, 400, 401, 404, 405, 409, 422, 500, 502, 599])


@pytest.mark.parametrize("name", QUESTIONS)
@settings(
    max_examples=many(4, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    content=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40),
    status=STATUS,
    kind=st.sampled_from(["application/json", "text/html", "text/html; charset=nonsense", ""]),
)
def test_any_answer_is_typed_or_one_of_our_errors(
    name: str, tmp_path: Path, content: bytes, status: int, kind: str
) -> None:
    headers = {"content-type": kind, "location": "/health"}
    try:
        told = ask(
            name, lambda _: httpx.Response(status, content=content, headers=headers), tmp_path
        )
    except ScopeError as error:
        told = str(error)
        assert 0 < len(told) < 2000
    assert typed(told)


@pytest.mark.parametrize("name", QUESTIONS)
def test_any_failure_of_the_network_is_one_of_our_errors(name: str, tmp_path: Path) -> None:
    kinds = (httpx.ConnectError, httpx.ReadError, httpx.ReadTimeout, httpx.TooManyRedirects)
    for kind in kinds:

        def handle(request: httpx.Request, kind: type[httpx.RequestError] = kind) -> httpx.Response:
            raise kind("told by the network", request=request)

        with pytest.raises(ScopeUnreachable):
            ask(name, handle, tmp_path)


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_secret_is_said_nowhere(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not if the server repeats it, and not in a log of whatever level."""
    caplog.set_level(0)

    def handle(request: httpx.Request) -> httpx.Response:
        sent = request.content.decode("latin-1")
        return httpx.Response(422, json={"detail": f"I do not like {sent}"})

    with pytest.raises(ScopeRefused) as raised:
        ask(name, handle, tmp_path, "http://me:PassWord1@127.0.0.1:8000")
    for said in (str(raised.value), repr(raised.value), raised.value.detail, caplog.text):
        assert SECRET not in said
        assert "PassWord1" not in said


class Endless(httpx.AsyncByteStream):
    """An answer without an end."""

    async def __aiter__(self) -> Any:
        while True:
            yield b" " * (1 << 20)
            await asyncio.sleep(0)


def test_an_answer_without_an_end_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(NotScope, match="more than 8 MB"):
        ask("GET /health", lambda _: httpx.Response(200, stream=Endless()), tmp_path)


class Dripping(httpx.AsyncByteStream):
    """An answer that comes in time, each bit of it."""

    async def __aiter__(self) -> Any:
        while True:
            yield b" "
            await asyncio.sleep(0.01)


def test_an_answer_that_drips_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(ScopeSilent):
        ask("GET /health", lambda _: httpx.Response(200, stream=Dripping()), tmp_path)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("GET /health", 2),
        ("DELETE /api/v1/webrtc/offer/{}", 2),
        ("PUT /api/v1/osc/settings", 2),
        ("POST /api/v1/pipeline/load", 1),
        ("GET /api/v1/pipeline/status", 1),  # tells an error once
        ("GET /api/v1/recordings/{}", 1),  # what is fetched is gone
    ],
)
def test_only_what_can_do_no_harm_is_asked_twice(name: str, times: int, tmp_path: Path) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    with pytest.raises(ScopeUnreachable):
        ask(name, handle, tmp_path)
    assert len(seen) == times


def test_the_second_try_counts(tmp_path: Path) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        if len(seen) == 1:
            raise httpx.ReadError("reset")
        return httpx.Response(200, json={"status": "healthy"})

    assert ask("GET /health", handle, tmp_path) == answers.Health("healthy")


@pytest.mark.parametrize(
    "use",
    [
        lambda rest: rest.set_session_parameters({"noise_scale": float("nan")}),
        lambda rest: rest.load_pipeline(["longlive"], {"path": Path("x")}),
        lambda rest: rest.fetch_asset("x" * 100_000, Path("x")),
        lambda rest: rest.fetch_asset("a/../../../keys", Path("x")),
        lambda rest: rest.remove_lora(".."),
        lambda rest: rest.stop_recording(".."),
        lambda rest: rest.remove_plugin("."),
    ],
)
def test_what_cannot_be_said_is_not_sent(use: Callable[[ScopeRest], Awaitable[object]]) -> None:
    async def main() -> None:
        mock = httpx.MockTransport(lambda _: httpx.Response(500))
        async with ScopeRest(URL, transport=mock) as rest:
            await use(rest)

    with pytest.raises(ScopeError, match="cannot be said"):
        asyncio.run(main())


def test_a_client_that_is_closed_says_so() -> None:
    async def main() -> None:
        rest = ScopeRest(URL, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
        await rest.aclose()
        with pytest.raises(ScopeUnreachable, match="has been let go of"):
            await rest.delete_session("s")

    asyncio.run(main())


def test_a_name_and_a_password_go_to_the_server_only(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "127.0.0.1":
            return httpx.Response(307, headers={"location": "http://elsewhere.example/health"})
        return httpx.Response(200, json={"status": "ok"})

    ask("GET /health", handle, tmp_path, "http://me:PassWord1@127.0.0.1:8000")
    assert [bool(request.headers.get("authorization")) for request in seen] == [True, False]
    assert all("PassWord1" not in str(request.url) for request in seen)


def test_a_key_follows_no_redirect(tmp_path: Path) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "127.0.0.1"
        return httpx.Response(307, headers={"location": "http://elsewhere.example/"})

    with pytest.raises(ScopeRefused, match="goes to the address given only"):
        ask("PUT /api/v1/keys/{}", handle, tmp_path)
