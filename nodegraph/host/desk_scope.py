"""What clients may ask about Scope: which server to steer, what it has, and to see its pictures."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from stat import S_ISREG

from nodegraph.compiler import compile_patch
from nodegraph.errors import EditError, ScopeError
from nodegraph.graph.store import reason
from nodegraph.host.control import Client
from nodegraph.host.pictures import LONGEST_SIDE, MOST_FPS, Pictures, Wish
from nodegraph.host.requests import Answer, asked, number
from nodegraph.host.show import Show
from nodegraph.host.steering import Steering
from nodegraph.remote.errors import Fields
from nodegraph.scope.diagnose import diagnose
from nodegraph.scope.errors import ScopeSilent
from nodegraph.scope.rest import ScopeRest

LARGEST_ASSET = 64 << 20
"""Bytes of a file that is handed on to a server."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

PATIENCE = 150.0
"""Seconds after which no answer is waited for, however it comes."""


class ScopeDesk:
    """Belongs to the desk of a show."""

    slow = ("server", "upload", "calm")
    """Verbs that wait for a server, or for the engine."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self.pictures = Pictures(show.folder)
        self.steering = Steering(show, self.pictures.frame)
        self._uploading = asyncio.Lock()  # one after the other: each lies in memory

    async def close(self) -> None:
        """Show nothing more, and let go of a server that was connected here."""
        await self.steering.close()
        self.pictures.close()

    def left(self, client: Client) -> None:
        """A client is gone, who wants no more pictures."""
        self.pictures.want(client.number, None)

    async def _do_connect(self, client: Client, message: Fields) -> Answer:
        pipelines = asked(message, "pipelines", list, [])
        if not all(isinstance(each, str) for each in pipelines):
            raise EditError("pipelines are a list of texts, the id of a pipeline each")
        load = None if message.get("load") is None else asked(message, "load", dict)
        try:
            json.dumps(load, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise EditError(f"load must be what JSON can say: {error}") from None
        url, server = self._whole(asked(message, "url", str)), server_name(message)
        self.steering.connect(url, pipelines, load, server)
        return {}

    async def _do_disconnect(self, client: Client, message: Fields) -> Answer:
        self.steering.disconnect(server_name(message))
        return {}

    async def _do_hold(self, client: Client, message: Fields) -> Answer:
        self._show.outgoing.hold()
        return {}

    async def _do_calm(self, client: Client, message: Fields) -> Answer:
        """The picture is held at once, and calm as soon as it is known what the patch that is heard
        more says in silence."""
        show, outgoing = self._show, self._show.outgoing
        outgoing.hold()
        document = show.decks["next" if show.tally.fade > 0.5 else "main"].document
        if document is not None:
            plan = await asyncio.to_thread(compile_patch, document.patch, show.types)
            calm = await show.engine.rehearse(plan) or outgoing.calm
            if outgoing.held:  # nobody has thought better of it
                outgoing.hold(calm)
        return {}

    async def _do_resume(self, client: Client, message: Fields) -> Answer:
        self._show.outgoing.resume()
        return {}

    async def _do_server(self, client: Client, message: Fields) -> Answer:
        what, of = asked(message, "what", str), asked(message, "of", str, "")
        if what not in QUESTIONS:
            known = ", ".join(QUESTIONS)
            raise EditError(f"a server is not asked about {what!r:.40}; ask about: {known}")
        async with self._rest(message) as rest:
            link = self._show.link
            loading = link is not None and link.stats.state == "loading"
            if loading and rest.address == self._here() and what in TOLD_ONCE:
                raise ScopeError(f"{rest.url} is being loaded: ask about its {what} after that")
            return {"answer": _plain(await QUESTIONS[what](rest, of))}

    async def _do_upload(self, client: Client, message: Fields) -> Answer:
        path = Path(asked(message, "path", str))
        async with self._uploading:
            content = await asyncio.to_thread(_content, path)
            async with self._rest(message) as rest:
                return {"answer": _plain(await rest.upload_asset(path.name, content))}

    async def _do_pictures(self, client: Client, message: Fields) -> Answer:
        wish = None
        if asked(message, "want", bool):
            fps = number(message, "fps", 1.0, MOST_FPS, 30.0)
            wish = Wish(fps, round(number(message, "longest", 16, LONGEST_SIDE, LONGEST_SIDE)))
        self.pictures.want(client.number, wish)
        return {"folder": str(self._show.folder)}

    def _here(self) -> str:
        if self._show.link is None:
            raise ScopeError("no Scope server is connected; connect one, or say the url of one")
        return self._show.link.rest.address

    def _whole(self, url: str) -> str:
        """An address as clients are told it, with the name and password that only the show knows:
        a client may be on a screen that others see."""
        links = self._show.links.values()
        return next((link.rest.address for link in links if link.rest.url == url), url)

    @asynccontextmanager
    async def _rest(self, message: Fields) -> AsyncIterator[ScopeRest]:
        """The endpoints of the server at the address asked for, or of the one that is steered, for
        so long as anybody would wait."""
        url = self._whole(asked(message, "url", str, "")) or self._here()
        try:
            async with asyncio.timeout(PATIENCE), ScopeRest(url) as rest:
                yield rest
        except TimeoutError:
            raise ScopeSilent(f"{rest.url} has not answered within {PATIENCE:g} s") from None


def server_name(message: Fields) -> str:
    """Which of several servers is meant; empty for the one without a name. Raises `EditError`."""
    server = asked(message, "server", str, "")
    if server and not NAME.fullmatch(server):
        raise EditError(f"a server is named in letters, digits, - and _, not {server!r:.40}")
    return server


def _content(path: Path) -> bytes:
    """What is in a file, if it can be handed on."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise EditError(f"{path} is no file: it cannot be uploaded")
        if status.st_size > LARGEST_ASSET:
            told = f"has {status.st_size >> 20} MB, but at most {LARGEST_ASSET >> 20} are uploaded"
            raise EditError(f"{path} {told}")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise EditError(f"{path} cannot be read: {reason(error)}") from error


Question = Callable[[ScopeRest, str], Awaitable[object]]

QUESTIONS: Mapping[str, Question] = {
    "findings": lambda rest, _: diagnose(rest.address),
    "health": lambda rest, _: rest.health(),
    "hardware": lambda rest, _: rest.hardware(),
    "pipelines": lambda rest, _: rest.schemas(),
    "status": lambda rest, _: rest.pipeline_status(),
    "models": lambda rest, id: rest.models_status(id),
    "loras": lambda rest, _: rest.loras(),
    "assets": lambda rest, type: rest.assets(type or None),
    "plugins": lambda rest, _: rest.plugins(),
    "parameters": lambda rest, _: rest.session_parameters(),
    "metrics": lambda rest, _: rest.session_metrics(),
    "log": lambda rest, _: rest.logs_tail(),
}
"""What a server can be asked about; `of` is a pipeline's id for models, a type for assets."""

TOLD_ONCE = ("findings", "status")
"""Among it why a load failed, which a server tells to one reader only."""


def _plain(value: object) -> object:
    """An answer as plain data."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value
