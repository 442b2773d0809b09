"""What `nodegraph scope URL …` can do: each deed by its words, on one server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import typer

from nodegraph.cli.bar import progress_bar
from nodegraph.errors import NodegraphError
from nodegraph.scope.answers import Done, Json, Schema
from nodegraph.scope.errors import ScopeError
from nodegraph.scope.loading import checked, load
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.secret import VARIABLES, Secret, find_secret
from nodegraph.scope.serverlog import mark

POLL = 0.5  # seconds between two looks at what takes long


class Wanted(NamedTuple):
    """The names that follow a deed's words, where what is fetched goes, and load params."""

    names: Sequence[str]
    to: Path
    load: Json | None = None

    @property
    def name(self) -> str | None:
        """The first of them."""
        return self.names[0] if self.names else None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do, and how many names may follow its words.

    A list that it gives is shown as a table, None is not shown at all.
    """

    do: Callable[[ScopeRest, Wanted], Awaitable[object]]
    least: int = 0
    most: int = 0


async def act(url: str, words: Sequence[str], to: Path, load: Json | None = None) -> object:
    """Do what the words say. Raises BadParameter when they say nothing, ScopeError if it fails."""
    deed, said, names = _chosen(words)
    if not deed.least <= len(names) <= deed.most:
        wants = "nothing more" if not deed.most else "a name" if not names else "fewer names"
        raise typer.BadParameter(f"{said!r} wants {wants}; see: nodegraph scope")
    async with ScopeRest(url) as rest:
        return await deed.do(rest, Wanted(names, to, load))


async def schemas_of(url: str) -> Mapping[str, Schema]:
    """The pipelines that a server has, by id."""
    async with ScopeRest(url) as rest:
        return await rest.schemas()


def _chosen(words: Sequence[str]) -> tuple[Deed, str, Sequence[str]]:
    """The deed that the words begin with, how it is called, and the names after that."""
    for count in (2, 1):
        said = " ".join(words[:count])
        if said in DEEDS:
            return DEEDS[said], said, words[count:]
    known = ", ".join(dict.fromkeys(said.partition(" ")[0] for said in DEEDS))
    raise typer.BadParameter(f"{words[0]!r} is nothing to do with a server; there are: {known}")


def _tell(stage: str) -> None:
    from nodegraph.cli.terminal import err, printable, say

    say(err(), printable(stage), "dim")


async def _load(rest: ScopeRest, wanted: Wanted) -> Done:
    """What cannot be loaded is refused before anything is sent."""
    params = await checked(rest, await rest.schemas(), wanted.names, wanted.load)
    status = await load(rest, wanted.names, params or {}, progress=_tell)
    given = ", ".join(f"{name}={value}" for name, value in (status.load_params or {}).items())
    return Done(f"{', '.join(wanted.names)} is loaded with {given or 'no params'}")


async def _try(rest: ScopeRest, wanted: Wanted) -> Done:
    from nodegraph.cli.scope_try import try_out

    return await try_out(rest, wanted.names, wanted.load, _tell)


class Models(NamedTuple):
    """Of one pipeline."""

    pipeline: str
    state: str


async def _models(rest: ScopeRest, wanted: Wanted) -> list[Models]:
    schemas = await rest.schemas()
    if wanted.name is not None and wanted.name not in schemas:
        raise NodegraphError(f"it has no pipeline {wanted.name!r}; it has: {', '.join(schemas)}")
    ids = [wanted.name] if wanted.name else [id for id, it in schemas.items() if it.requires_models]
    return [Models(id, await _state(rest, id)) for id in ids]


async def _state(rest: ScopeRest, id: str) -> str:
    told = await rest.models_status(id)
    if told.error:
        return told.error
    if told.downloading:
        return f"downloading {told.artifact or ''}, {told.percentage or 0:.0f} %"
    return "there" if told.downloaded else "not there"


async def _download(rest: ScopeRest, wanted: Wanted) -> Done:
    """Wait until they are there; the server goes on if nobody waits."""
    (id,) = wanted.names
    schemas = await rest.schemas()
    if id not in schemas:
        raise NodegraphError(f"it has no pipeline {id!r}; it has: {', '.join(schemas)}")
    await rest.download_models(id)
    with progress_bar(id) as tell:
        while not (told := await rest.models_status(id)).downloaded or told.downloading:
            if told.error:
                raise ScopeError(f"the models of {id} did not come: {told.error}")
            if tell:
                tell(told.percentage or 0.0, 100.0)
            await asyncio.sleep(POLL)
    return Done(f"the models of {id} are there")


async def _install_lora(rest: ScopeRest, wanted: Wanted) -> object:
    """The server answers only when the file is there; meanwhile its log is all that tells."""
    address, *name = wanted.names
    log = await mark(rest)
    task = asyncio.create_task(rest.install_lora(address, *name))
    try:
        while not (await asyncio.wait([task], timeout=2 * POLL))[0]:
            log = await _say_log(rest, log)
        return await task
    finally:
        task.cancel()


async def _say_log(rest: ScopeRest, since: int) -> int:
    """Show what was logged since then, on stderr; the end of the log now."""
    from nodegraph.cli.terminal import err, printable, say

    try:
        log = await rest.logs_tail(50, since)
    except ScopeError:
        return since
    for line in log.lines:
        say(err(), printable(line), "dim")
    return log.offset or since


async def _upload(rest: ScopeRest, wanted: Wanted) -> list[object]:
    paths = [Path(name) for name in wanted.names]
    done: list[object] = []
    for path in paths:
        with progress_bar(path.name) as tell:
            done.append(await rest.upload_asset(path.name, path, tell))
    return done


async def _get_asset(rest: ScopeRest, wanted: Wanted) -> Path:
    with progress_bar() as tell:
        return await rest.fetch_asset(wanted.names[0], wanted.to, tell)


async def _session(rest: ScopeRest, wanted: Wanted) -> str:
    if wanted.name is not None:
        return wanted.name
    for id in await rest.sessions():
        return id
    raise NodegraphError("nobody is connected to it, so there is nothing to record")


async def _get_recording(rest: ScopeRest, wanted: Wanted) -> Path:
    session = await _session(rest, wanted)
    with progress_bar() as tell:
        return await rest.fetch_recording(session, wanted.to, progress=tell)


async def _start_recording(rest: ScopeRest, wanted: Wanted) -> object:
    return await rest.start_recording(await _session(rest, wanted))


async def _stop_recording(rest: ScopeRest, wanted: Wanted) -> object:
    return await rest.stop_recording(await _session(rest, wanted))


async def _logs(rest: ScopeRest, wanted: Wanted) -> None:
    try:
        count = int(wanted.name or 50)
    except ValueError:
        raise typer.BadParameter(f"{wanted.name!r} is no number of lines") from None
    for line in (await rest.logs_tail(min(max(count, 1), 1000))).lines:
        _echo(line)


async def _follow(rest: ScopeRest, wanted: Wanted) -> None:
    log = await rest.logs_tail(10)
    while True:
        for line in log.lines:
            _echo(line)
        await asyncio.sleep(POLL)
        log = await rest.logs_tail(1000, log.offset)


def _echo(line: str) -> None:
    from nodegraph.cli.terminal import printable

    typer.echo(printable(line))


async def _get_log(rest: ScopeRest, wanted: Wanted) -> Path:
    with progress_bar() as tell:
        return await rest.fetch_log(wanted.to, tell)


async def _set_key(rest: ScopeRest, wanted: Wanted) -> Done:
    (service,) = wanted.names
    known = [key.id for key in await rest.keys()]
    if service not in known:
        raise NodegraphError(f"it takes no key of {service!r}; it takes: {', '.join(known)}")
    key = find_secret(service)
    if key is None:
        key = await asyncio.to_thread(_typed, service)
    return await rest.set_key(service, key)


def _typed(service: str) -> Secret:
    """A key from whoever types it, without an echo, or from a pipe."""
    if sys.stdin.isatty():
        asking = f"Key of {service} (not in {VARIABLES.get(service, 'the environment')})"
        return Secret(str(typer.prompt(asking, hide_input=True, err=True)).strip())
    try:
        text = sys.stdin.readline().strip()
    except ValueError:
        raise NodegraphError("what came in place of a key is no text") from None
    if not text:
        raise NodegraphError(f"no key of {service} came; type it in a terminal, or pipe it in")
    return Secret(text)


DEEDS = {
    "load": Deed(_load, 1, 10),
    "try": Deed(_try, most=10),
    "models": Deed(_models, most=1),
    "models download": Deed(_download, 1, 1),
    "loras": Deed(lambda rest, _: rest.loras()),
    "loras install": Deed(_install_lora, 1, 2),
    "loras remove": Deed(lambda rest, wanted: rest.remove_lora(wanted.names[0]), 1, 1),
    "assets": Deed(lambda rest, wanted: rest.assets(wanted.name), most=1),
    "assets upload": Deed(_upload, 1, 1000),
    "assets get": Deed(_get_asset, 1, 1),
    "recordings start": Deed(_start_recording, most=1),
    "recordings get": Deed(_get_recording, most=1),
    "recordings stop": Deed(_stop_recording, most=1),
    "plugins": Deed(lambda rest, _: rest.plugins()),
    "plugins install": Deed(lambda rest, wanted: rest.install_plugin(wanted.names[0]), 1, 1),
    "plugins remove": Deed(lambda rest, wanted: rest.remove_plugin(wanted.names[0]), 1, 1),
    "plugins reload": Deed(lambda rest, wanted: rest.reload_plugin(wanted.names[0]), 1, 1),
    "logs": Deed(_logs, most=1),
    "logs follow": Deed(_follow),
    "logs get": Deed(_get_log),
    "keys": Deed(lambda rest, _: rest.keys()),
    "keys set": Deed(_set_key, 1, 1),
    "keys remove": Deed(lambda rest, wanted: rest.remove_key(wanted.names[0]), 1, 1),
    "restart": Deed(lambda rest, _: rest.restart()),
}
"""By their words."""
