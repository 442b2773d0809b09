"""Open Sound Control in and out: tablets, lighting desks, other programs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nodegraph import Message, OscEvent, Trigger, inlet, node, outlet, param


class Said(NamedTuple):
    """What came last to this node's address, and the last address of any message."""

    value: float = 0.0
    text: str = ""
    seen: str = ""


@lru_cache(maxsize=256)
def _pattern(address: str) -> re.Pattern[str]:
    """`*` stands for anything up to the next slash, `?` for one letter of it."""
    parts = (re.escape(part) for part in re.split(r"([*?])", address))
    text = "".join({r"\*": "[^/]*", r"\?": "[^/]"}.get(part, part) for part in parts)
    return re.compile(text)


@node(
    "osc.in",
    source="osc",
    outlets=[
        "value",
        outlet("hit", help="a message has come that is not zero"),
        outlet("text", help="the argument where it is a text"),
        outlet("seen", help="the last address that anything was sent to"),
    ],
    state=Said(),
    title="OSC In",
    aliases="OSC In CHOP, udpreceive, oscroute, TouchOSC, OscInput",
)
def hear(
    state: Said,
    events: tuple[OscEvent, ...],
    port: int = param(9000, "", 1, 65535, help="UDP port that is heard on all networks"),
    address: str = param("/1/fader1", help="what is heard there; * and ? stand for anything"),
    argument: int = param(1, "", 1, 32, help="which of its arguments, from 1"),
) -> tuple[Said, float, Trigger, str, str]:
    """Hear what a tablet or another program sends by OSC.

    Touch something there, and the outlet `seen` tells its address. A message without arguments
    counts as 1.
    """
    value, text, seen, hit = state.value, state.text, state.seen, False
    matches = _pattern(address).fullmatch
    for event in events:
        seen = event.address
        if not matches(seen):
            continue
        args = event.args or (1.0,)
        given = args[argument - 1] if argument <= len(args) else 0.0
        if isinstance(given, str):
            text, hit = given, True
        else:
            value, hit = float(given), hit or bool(given)
    return Said(value, text, seen), value, hit, text, seen


@node(
    "osc.out",
    outlets="message",
    state=None,
    title="OSC Out",
    aliases="OSC Out CHOP, udpsend, OscOutput",
)
def send(
    state: float | None,
    value: float = inlet(0.0, help="the number to send"),
    now: Trigger = inlet(False, help="send it though it has not changed"),
    host: str = param("127.0.0.1", help="name or address of the machine that hears it"),
    port: int = param(9001, "", 1, 65535, help="its UDP port"),
    address: str = param("/nodegraph/value", help="what it is called there"),
) -> tuple[float | None, Message | None]:
    """Send a number to another program by OSC, whenever it changes.

    At most once in a tick, which is some 90 times a second.
    """
    if value == state and not now:
        return state, None
    body = {"host": host, "port": port, "address": address, "args": (value,)}
    return value, Message("osc", body)


NODES = (hear, send)
