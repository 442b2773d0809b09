"""STUN and TURN: which servers a session asks, and what is said where none of them helps."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from aiortc import RTCIceServer
from aiortc.rtcicetransport import connection_kwargs

from nodegraph.scope.diagnose import diagnose
from nodegraph.scope.errors import SessionError
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.ways import ice_servers, no_way

NEAR = "http://127.0.0.1:8000"
FAR = "https://pod-8000.proxy.runpod.net"
PASSWORD = "pass:w@rd"
STUN = {"urls": "stun:stun.example:3478", "username": None, "credential": None}
CLOUDFLARE = {
    "urls": ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349", "turn:[odd"],
    "username": "theirs",
    "credential": "expired",
}


def asked(*told: object, url: str = FAR) -> list[RTCIceServer]:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"iceServers": list(told)}))

    async def main() -> list[RTCIceServer]:
        async with ScopeRest(url, transport=transport) as rest:
            return await ice_servers(rest)

    return asyncio.run(main())


@pytest.fixture(autouse=True)
def _none_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODEGRAPH_TURN", raising=False)


def test_what_a_server_hands_out_is_used_and_what_does_not_read_is_not() -> None:
    assert asked(STUN, CLOUDFLARE, url=NEAR) == []
    used = connection_kwargs(asked(STUN, CLOUDFLARE))
    assert used["stun_server"] == ("stun.example", 3478)
    assert used["turn_server"] == ("turn.example", 3478)
    assert (used["turn_username"], used["turn_password"]) == ("theirs", "expired")


@pytest.mark.parametrize(
    ("place", "server", "transport", "tls"),
    [
        ("relay.example:3478", ("relay.example", 3478), "udp", False),
        ("relay.example?transport=tcp", ("relay.example", 3478), "tcp", False),
        ("relay.example:443", ("relay.example", 443), "tcp", True),
    ],
)
def test_one_s_own_turn_server_goes_before(
    place: str,
    server: tuple[str, int],
    transport: str,
    tls: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NODEGRAPH_TURN", f"turn{'s' * tls}:me:{PASSWORD}@{place}")
    used = connection_kwargs(asked(STUN, CLOUDFLARE))
    assert used["turn_server"] == server
    assert (used["turn_transport"], used["turn_ssl"]) == (transport, tls)
    assert (used["turn_username"], used["turn_password"]) == ("me", PASSWORD)
    assert connection_kwargs(asked(STUN, url=NEAR))["turn_server"] == server, "through a tunnel"


@pytest.mark.parametrize("odd", ["turn:relay.example", f"me:{PASSWORD}@relay", "turn:me:x@a b"])
def test_what_does_not_read_is_a_sentence_without_the_secret(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODEGRAPH_TURN", odd)
    with pytest.raises(SessionError, match="NODEGRAPH_TURN holds does not read as turn:NAME") as no:
        asked(STUN)
    assert odd not in str(no.value)


@pytest.mark.parametrize(
    ("url", "told", "offered", "advice"),
    [
        (NEAR, [STUN], "", "a firewall may block UDP. If a tunnel leads to the server, set NODEG"),
        (FAR, [STUN], "", "reach; set NODEGRAPH_TURN to a TURN server of your own: turn:NAME:PASS"),
        (FAR, [STUN, CLOUDFLARE], "a=candidate:1 typ srflx", "restart Scope, or set NODEGRAPH_TU"),
        (FAR, [CLOUDFLARE], "a=candidate:1 typ relay", "passes nothing on"),
    ],
)
def test_where_no_way_is_found_the_next_step_is_said(
    url: str, told: list[object], offered: str, advice: str
) -> None:
    assert advice in no_way("WebRTC did not connect", url, asked(*told, url=url), offered)


def test_a_diagnosis_says_what_a_server_far_away_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = {"status": "healthy", "version": "0.2.4", "iceServers": [STUN]}
        return httpx.Response(200, json=body)

    def found() -> str:
        findings = asyncio.run(diagnose(FAR, transport=httpx.MockTransport(answer)))
        return next(each.text for each in findings if each.what == "ICE servers")

    assert "if WebRTC does not connect, set NODEGRAPH_TURN" in found()
    monkeypatch.setenv("NODEGRAPH_TURN", f"turn:me:{PASSWORD}@relay.example")
    assert found().startswith("turn:relay.example, stun:stun.example:3478; whether they help")
