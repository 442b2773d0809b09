"""How WebRTC finds its way to a server: by itself where that is near, else with STUN and TURN.

A server in a container, such as one of RunPod, takes no packets from outside, and its web proxy
carries none of WebRTC. Then a TURN server has to pass them on (RFC 8656). A Scope server hands out
one if it has a Hugging Face token, but asks for it only when it starts, and what it was given
expires after ten minutes. So one of the user's own goes before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from aiortc import RTCIceServer
from aiortc.rtcicetransport import parse_stun_turn_uri

from nodegraph.scope.address import is_nearby
from nodegraph.scope.errors import SessionError
from nodegraph.scope.rest import ScopeRest

VARIABLE = "NODEGRAPH_TURN"
"""The environment variable that holds the user's own TURN server."""

SHAPE = "turn:NAME:PASSWORD@HOST:3478, or turns:NAME:PASSWORD@HOST:443"
GIVE_TURN = f"set {VARIABLE} to a TURN server of your own: {SHAPE}"

_SHAPE = re.compile(
    r"(?P<scheme>turns?):(?P<name>[^:@\s]+):(?P<password>\S+)@"
    r"(?P<place>[^@:?/\s]+(:[0-9]{1,5})?(\?transport=(udp|tcp))?)"
)


async def ice_servers(rest: ScopeRest) -> list[RTCIceServer]:
    """What to ask for ways. Of several TURN servers only the first is used.

    Those that a server nearby hands out are not: without internet they would cost seconds. One of
    the user's own is, as a tunnel lets a server far away look near. Raises SessionError if that
    does not read.
    """
    own = _own_turn()
    if is_nearby(rest.url):
        return own
    told = [
        RTCIceServer(urls, username=one.username, credential=one.credential)
        for one in await rest.ice_servers()
        if (urls := [url for url in one.urls if _reads(url)])
    ]
    return [*own, *told]


def _own_turn() -> list[RTCIceServer]:
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return []
    read = _SHAPE.fullmatch(said)
    if read is None:
        raise SessionError(f"What {VARIABLE} holds does not read as {SHAPE}.")
    url = f"{read['scheme']}:{read['place']}"
    return [RTCIceServer(url, username=read["name"], credential=read["password"])]


def has_turn(servers: Iterable[RTCIceServer]) -> bool:
    """Whether one of them passes packets on."""
    return any(url.startswith("turn") for url in urls_of(servers))


def no_way(what: str, url: str, servers: Iterable[RTCIceServer], offered: str) -> str:
    """What happened, with the reason and what to do. `offered` is the description of the offer."""
    what += "; "
    if not has_turn(servers) and is_nearby(url):
        return f"{what}a firewall may block UDP. If a tunnel leads to the server, {GIVE_TURN}."
    if not has_turn(servers):
        return (
            f"{what}a firewall may block UDP, or neither machine has a network address that the "
            f"other can reach; {GIVE_TURN}."
        )
    if " typ relay" not in offered:
        return (
            f"{what}the TURN server that was asked lets nobody in, and those that Scope hands out "
            f"expire ten minutes after its start: restart Scope, or {GIVE_TURN}."
        )
    return f"{what}the TURN server passes nothing on: a firewall at the Scope server may block UDP."


def urls_of(servers: Iterable[RTCIceServer]) -> list[str]:
    """Their addresses, which hold no secret."""
    lists = ([one.urls] if isinstance(one.urls, str) else one.urls for one in servers)
    return [url for urls in lists for url in urls]


def _reads(url: str) -> bool:
    try:
        parse_stun_turn_uri(url)
    except ValueError:
        return False
    return True
