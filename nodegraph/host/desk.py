"""What clients may ask of a running show.

Each request names a verb, `look` among them, which tells everything that a client needs to begin
with; from then on it follows the events (`telling`). A patch travels as its text, an edit as data.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict

from nodegraph.errors import EditError
from nodegraph.graph import Patch, edit_from_data
from nodegraph.host.control import Client, ControlServer
from nodegraph.host.deck import Deck, Timing
from nodegraph.host.desk_scope import ScopeDesk
from nodegraph.host.desk_sound import SoundDesk
from nodegraph.host.document import Change, Document
from nodegraph.host.facts import deck_facts, lost_facts, patch_facts, running_facts
from nodegraph.host.recovery import Lost, dismiss, find_lost, recover
from nodegraph.host.requests import Answer, asked, deck_name, number, timing, verbs
from nodegraph.host.show import Show
from nodegraph.host.telling import Telling
from nodegraph.remote.address import Door
from nodegraph.remote.errors import Fields

_MOST_SECONDS = 3600.0


class Desk:
    """Lets clients work on a show. Open it beside the show and close it before."""

    def __init__(self, show: Show, name: str, patch: str = "") -> None:
        self._show = show
        self._scope = ScopeDesk(show)
        self._sound = SoundDesk(show)
        slow = {*self._scope.slow, *self._sound.slow, "reload"}
        self.server = ControlServer(self._handle, Door(name, patch), slow=slow, left=self._left)
        self._verbs = verbs(self) | verbs(self._scope) | verbs(self._sound)
        self._telling = Telling(show, self.server, self._sound)
        self._watched: dict[tuple[int, str], list[str]] = {}
        self._lost: dict[str, Lost] = {}

    async def __aenter__(self) -> Desk:
        await self.server.start()
        self._telling.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()
        await self._scope.close()
        await self._telling.stop()

    async def _handle(self, client: Client, message: Fields) -> Answer:
        verb = message.get("do")
        if verb not in self._verbs:
            raise EditError(f"there is no request {verb!r}; there are: {', '.join(self._verbs)}")
        return await self._verbs[str(verb)](client, message)

    # The verbs.

    async def _do_look(self, client: Client, message: Fields) -> Answer:
        declarations = self._show.known.declarations
        return {
            "types": list(declarations.types) if declarations else [],
            "plugins": dict(declarations.plugins) if declarations else {},
            "folder": str(self._show.folder),
            "rate": self._show.begin.rate,
            "block": self._show.begin.block,
            "process": os.getpid(),
            "decks": {
                name: deck_facts(deck, self._show.outgoing)
                | running_facts(deck)
                | patch_facts(deck)
                for name, deck in self._show.decks.items()
            },
            **self._telling.so_far(),
        }

    async def _do_edit(self, client: Client, message: Fields) -> Answer:
        edit = edit_from_data(message.get("edit"))
        gesture = message.get("gesture")
        if not isinstance(gesture, str | int | None):
            raise EditError("a gesture is named by a text or a whole number")
        if gesture is not None:
            gesture = f"{client.number} {gesture}"  # the hands of two clients are two
        label = asked(message, "label", str, "Edit")
        return self._done(client, message, lambda deck, at: deck.do(edit, label, gesture, at))

    async def _do_set(self, client: Client, message: Fields) -> Answer:
        params = asked(message, "params", dict)
        if not params or not all(isinstance(address, str) for address in params):
            raise EditError("params are a map of values by node.param")
        return self._done(client, message, lambda deck, at: deck.set(params, at))

    async def _do_undo(self, client: Client, message: Fields) -> Answer:
        return self._done(client, message, Deck.undo)

    async def _do_redo(self, client: Client, message: Fields) -> Answer:
        return self._done(client, message, Deck.redo)

    async def _do_go(self, client: Client, message: Fields) -> Answer:
        done = asked(message, "done", int)
        return self._done(client, message, lambda deck, at: deck.go_to(done, at))

    def _done(
        self, client: Client, message: Fields, act: Callable[[Deck, Timing], Change | None]
    ) -> Answer:
        """Change a document in the name of a client."""
        deck, at = self._show.deck(deck_name(message)), timing(message)
        self._telling.author = client.number
        try:
            change = act(deck, at)
            return {"label": change.label} if change else {}
        finally:
            self._telling.author = 0

    async def _do_save(self, client: Client, message: Fields) -> Answer:
        deck = self._show.deck(deck_name(message))
        path = asked(message, "path", str, "")
        saved = deck.save(path or None)
        return {"path": str(saved)}

    async def _do_open(self, client: Client, message: Fields) -> Answer:
        name, path = deck_name(message), asked(message, "path", str)
        copy = asked(message, "copy", bool, False)
        await self._show.open(name, Document.copy_of(path) if copy else Document.open(path))
        return self._telling.opened(name)

    async def _do_new(self, client: Client, message: Fields) -> Answer:
        name = deck_name(message)
        await self._show.open(name, Document(Patch()))
        return self._telling.opened(name)

    async def _do_close(self, client: Client, message: Fields) -> Answer:
        name = deck_name(message)
        self._show.close(name)
        return self._telling.opened(name)

    async def _do_fade(self, client: Client, message: Fields) -> Answer:
        position = number(message, "position", 0.0, 1.0)
        self._show.move(position, number(message, "seconds", 0.0, _MOST_SECONDS, 0.0))
        return {}

    async def _do_key(self, client: Client, message: Fields) -> Answer:
        key = asked(message, "key", str)
        down = None if message.get("down") is None else asked(message, "down", bool)
        for state in (True, False) if down is None else (down,):
            self._show.engine.press(key, state)
        return {}

    async def _do_watch(self, client: Client, message: Fields) -> Answer:
        ports = asked(message, "ports", list)
        if not all(isinstance(port, str) for port in ports):
            raise EditError("ports are a list of texts, node.outlet each")
        deck = deck_name(message)
        if deck not in self._show.decks:
            raise EditError(
                f"there is no deck {deck!r:.40}; there are: {', '.join(self._show.decks)}"
            )
        self._watch(client, deck, ports)
        return {}

    async def _do_times(self, client: Client, message: Fields) -> Answer:
        return {"times": self._show.tally.times.get(deck_name(message), {})}

    async def _do_lost(self, client: Client, message: Fields) -> Answer:
        found = await asyncio.to_thread(find_lost)
        self._lost = {lost.folder.name: lost for lost in found}
        return {"lost": [lost_facts(lost) for lost in found]}

    async def _do_recover(self, client: Client, message: Fields) -> Answer:
        lost = self._find(message)
        recover(lost, self._show.session)
        for deck, document in lost.documents.items():
            await self._show.open(deck, document)
            self._telling.opened(deck)
        return {"decks": sorted(lost.documents)}

    async def _do_dismiss(self, client: Client, message: Fields) -> Answer:
        dismiss(self._find(message))
        return {}

    async def _do_status(self, client: Client, message: Fields) -> Answer:
        for deck in self._show.decks.values():
            await deck.settle()  # so that it says what became of the edits before
        return self._telling.status()

    async def _do_reload(self, client: Client, message: Fields) -> Answer:
        wrong = await self._show.plugins.everything()
        return {"problems": [asdict(problem) for problem in wrong]}

    async def _do_stop(self, client: Client, message: Fields) -> Answer:
        self._show.stop()
        return {}

    def _find(self, message: Fields) -> Lost:
        name = asked(message, "name", str)
        if name not in self._lost:
            raise EditError(f"there is no lost session {name!r}; ask for those that are: lost")
        return self._lost[name]

    def _watch(self, client: Client, deck: str, ports: list[str]) -> None:
        """A client wants to be told of these vector outlets; so do others, of theirs."""
        self._watched[client.number, deck] = ports
        wanted = {each for (_, name), it in self._watched.items() if name == deck for each in it}
        self._show.engine.watch(deck, wanted)

    def _left(self, client: Client) -> None:
        self._scope.left(client)
        for deck in self._show.decks:
            if (client.number, deck) in self._watched:
                self._watch(client, deck, [])
                del self._watched[client.number, deck]
