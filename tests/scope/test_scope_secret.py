"""Keys and tokens are found where they lie, and shown nowhere."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType

import httpx
import pytest

from nodegraph.scope.errors import InTheClear
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.secret import KEYRING, Secret, find_secret

TEXT = "hf_ThisIsNobodysKey"


@dataclass
class Holder:
    key: Secret


def test_nothing_that_is_written_holds_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    logging.getLogger("x").error("%s %r %s", secret, secret, Holder(secret))
    said = [str(secret), repr(secret), f"{secret}", str([secret]), str(Holder(secret)), caplog.text]
    assert all(TEXT not in each for each in said)
    assert secret.reveal() == TEXT
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    with pytest.raises(TypeError):
        json.dumps({"key": secret})
    assert not hasattr(secret, "__dict__")
    assert secret.hidden_in(f"no {TEXT}!") == "no …!"


def keyring(monkeypatch: pytest.MonkeyPatch, ask: Callable[[str, str], object]) -> None:
    module = ModuleType("keyring")
    module.get_password = ask  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "keyring", module)


def locked(_: str, __: str) -> object:
    raise RuntimeError("the keyring is locked")


def test_the_environment_comes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {(KEYRING, "huggingface"): "of the keyring"}
    keyring(monkeypatch, lambda name, user: kept.get((name, user)))
    monkeypatch.setenv("HF_TOKEN", " of the environment\n")
    found = find_secret("huggingface")
    assert found is not None
    assert found.reveal() == "of the environment"
    monkeypatch.setenv("HF_TOKEN", "")
    found = find_secret("huggingface")
    assert found is not None
    assert found.reveal() == "of the keyring"
    assert find_secret("civitai") is None


@pytest.mark.parametrize("kept", [None, 3, ""])
def test_without_either_there_is_none(kept: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    keyring(monkeypatch, lambda name, user: kept)
    assert find_secret("huggingface") is None
    keyring(monkeypatch, locked)
    assert find_secret("huggingface") is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_secret("huggingface") is None


def asked(url: str, use: Callable[[ScopeRest], Awaitable[object]]) -> list[httpx.Request]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"message": f"took {request.content.decode()}"})

    async def main() -> None:
        async with ScopeRest(url, transport=httpx.MockTransport(handle)) as rest:
            told = await use(rest)
            assert TEXT not in repr(told)

    asyncio.run(main())
    return seen


@pytest.mark.parametrize(
    "url",
    ["https://pod-8000.proxy.runpod.net", "http://127.0.0.1:8000", "http://192.168.1.20:8000"],
)
def test_a_key_is_sent_where_nobody_listens(url: str) -> None:
    [request] = asked(url, lambda rest: rest.set_key("huggingface", Secret(TEXT)))
    assert json.loads(request.content) == {"value": TEXT}


@pytest.mark.parametrize(
    "use",
    [
        lambda rest: rest.set_key("huggingface", Secret(TEXT)),
        lambda rest: rest.connect_cloud("app", Secret(TEXT)),
    ],
)
def test_a_key_is_not_sent_in_the_clear(use: Callable[[ScopeRest], Awaitable[object]]) -> None:
    with pytest.raises(InTheClear, match="use the server's https address") as raised:
        asked("http://scope.example.org:8000", use)
    assert TEXT not in str(raised.value)


def test_a_token_in_an_address_is_not_passed_on() -> None:
    address = f"https://civitai.com/api/download/models/7?token={TEXT}"
    with pytest.raises(InTheClear, match="keys set civitai") as raised:
        asked("http://127.0.0.1:8000", lambda rest: rest.install_lora(address))
    assert TEXT not in str(raised.value)
