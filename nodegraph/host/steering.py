"""Which Scope servers a show steers: none, one, several, or others from now on, while it plays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nodegraph.host.show import Show
from nodegraph.scope.answers import Json
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.reception import OnFrame


class Steering:
    """Gives a show other links, and ends those before. `watch` sees the frames of the server
    without a name, or of the first there is.

    A link that the show was given is closed here only if another takes its place.
    """

    def __init__(self, show: Show, watch: OnFrame) -> None:
        self._show = show
        self._watch = watch
        self._given = dict(show.links)
        self._exchanges: dict[str, asyncio.Task[None]] = {}
        self._watched: ScopeLink | None = None
        self._look()

    def connect(
        self,
        url: str,
        pipelines: Sequence[str] = (),
        load_params: Json | None = None,
        server: str = "",
    ) -> None:
        """Steer this server from now on, with all that has been wished for. Raises `BadAddress`.

        It returns at once: the session before is ended first, because a server has only one.
        """
        link = ScopeLink(url, pipelines, load_params)
        self._take(link, server)
        self._note(server, link.rest.address, pipelines, load_params)

    def disconnect(self, server: str = "") -> None:
        """Play on without a server."""
        self._take(None, server)
        self._note(server, None, (), None)

    async def close(self) -> None:
        """End the sessions with servers that the show was not given."""
        for server in {*self._given, *self._show.links}:
            if self._show.links.get(server) is not self._given.get(server):
                self._take(self._given.get(server), server)
        if self._exchanges:
            await asyncio.wait(self._exchanges.values())

    def _note(
        self, server: str, url: str | None, pipelines: Sequence[str], load: Json | None
    ) -> None:
        """Have a recovery know of it."""
        facts = {"url": url, "pipelines": list(pipelines), "load": load}
        if server:
            known = self._show.session.notes.get("servers") or {}
            facts = {"servers": {**known, server: facts}}
        self._show.session.note(facts)

    def _take(self, link: ScopeLink | None, server: str) -> None:
        before = self._show.links.get(server)
        self._show.outgoing.steer(link, server)
        self._look()
        earlier = self._exchanges.get(server)
        self._exchanges[server] = asyncio.create_task(
            self._follow(earlier, before, link, server), name="exchange the scope link"
        )

    def _look(self) -> None:
        links = self._show.links
        first = links.get("") or next(iter(links.values()), None)
        if first is self._watched:
            return
        if self._watched is not None:
            self._watched.unwatch(self._watch)
        if first is not None:
            first.watch(self._watch)
        self._watched = first

    async def _follow(
        self,
        earlier: asyncio.Task[None] | None,
        before: ScopeLink | None,
        link: ScopeLink | None,
        server: str,
    ) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        if before is not None:
            await before.close()
        stays = link is self._show.links.get(server) and link is not self._given.get(server)
        if link is not None and stays:
            await link.__aenter__()
