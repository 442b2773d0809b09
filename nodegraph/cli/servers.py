"""Which Scope servers a show steers, and what each of them is to load, as its options say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import typer

from nodegraph.cli.arguments import read_load


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and what it is to load; None leaves the params to it."""

    url: str
    pipelines: tuple[str, ...] = ()
    load: Mapping[str, object] | None = None

    @classmethod
    def noted(cls, facts: Mapping[str, Any]) -> Server:
        """As a show has noted it."""
        return cls(facts["url"], tuple(facts.get("pipelines") or ()), facts.get("load"))


def notes(servers: Mapping[str, Server]) -> dict[str, Any]:
    """What a show notes of its servers, for a recovery: that without a name, then the others."""
    facts = {name: asdict(server) for name, server in servers.items()}
    return {"url": None, "pipelines": [], "load": None, **facts.pop("", {}), "servers": facts}


def read_servers(texts: Iterable[str] | None) -> dict[str, Server]:
    """`NAME=URL` texts as servers by name; without a name it is empty."""
    servers: dict[str, Server] = {}
    for text in texts or ():
        named = re.fullmatch(r"([A-Za-z0-9_-]{1,32})=(.+)", text.strip())
        name, url = named.groups() if named else ("", text)
        if name in servers:
            told = f"two servers are named {name!r}" if name else "two servers have no name"
            raise typer.BadParameter(f"{told}: say NAME=URL", param_hint="--scope")
        servers[name] = Server(url)
    return servers


def with_wishes(
    servers: Mapping[str, Server], options: Mapping[str, list[str] | None]
) -> dict[str, Server]:
    """The servers with what `--pipeline`, `--size`, `--load` and `--lora` say beside.

    A text is for the server without a name, but `NAME=TEXT` for the one of that name. Raises
    BadParameter for what is said to no server.
    """
    told = {option: _addressed(option, texts or (), servers) for option, texts in options.items()}
    return {name: _wished(server, name, told) for name, server in servers.items()}


Told = Mapping[str, Mapping[str, list[str]]]
"""By option and name of a server, what was said."""


def _addressed(option: str, texts: Iterable[str], names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in names}
    for text in texts:
        name, equals, rest = text.partition("=")
        name, rest = (name, rest) if equals and name in found else ("", text)
        if name not in found:
            named = next(iter(found), None)
            say = f"{named}={text} for the one named {named}" if named else "--scope URL, too"
            told = f"{text!r} is for a server without a name, and there is none: say {say}"
            raise typer.BadParameter(told, param_hint=option)
        found[name].append(rest)
    return found


def _wished(server: Server, name: str, told: Told) -> Server:
    said = {option: by_name[name] for option, by_name in told.items()}
    size = said["--size"][-1] if said["--size"] else None
    return replace(
        server,
        pipelines=tuple(said["--pipeline"]) or server.pipelines,
        load=read_load(size, said["--load"], said["--lora"]) or server.load,
    )
