"""Which Scope server a show steers: none, one, or another from now on, while everything plays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nodegraph.host.show import Show
from nodegraph.scope.answers import Json
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.session import OnFrame


class Steering:
    """Gives a show another link, and ends the one before. `watch` sees the frames of all of them.

    A link that the show was given is closed here only if another takes its place.
    """

    def __init__(self, show: Show, watch: OnFrame) -> None:
        self._show = show
        self._watch = watch
        self._given = show.link
        self._exchange: asyncio.Task[None] | None = None
        if show.link is not None:
            show.link.watch(watch)

    def connect(
        self, url: str, pipelines: Sequence[str] = (), load_params: Json | None = None
    ) -> None:
        """Steer this server from now on, with all that has been wished for. Raises `BadAddress`.

        It returns at once: the session before is ended first, because a server has only one.
        """
        link = ScopeLink(url, pipelines, load_params, on_frame=self._watch)
        self._take(link)
        self._show.session.note(
            {"url": link.rest.address, "pipelines": list(pipelines), "load": load_params}
        )

    def disconnect(self) -> None:
        """Play on without a server."""
        self._take(None)
        self._show.session.note({"url": None, "pipelines": [], "load": None})

    async def close(self) -> None:
        """End the session with a server that the show was not given."""
        if self._show.link is not self._given:
            self._take(self._given)
        if self._exchange is not None:
            await asyncio.wait([self._exchange])

    def _take(self, link: ScopeLink | None) -> None:
        before = self._show.link
        self._show.outgoing.steer(link)
        self._exchange = asyncio.create_task(
            self._follow(self._exchange, before, link), name="exchange the scope link"
        )

    async def _follow(
        self, earlier: asyncio.Task[None] | None, before: ScopeLink | None, link: ScopeLink | None
    ) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        if before is not None:
            await before.close()
        if link is not None and link is self._show.link and link is not self._given:
            await link.__aenter__()
