"""What clients may ask of a running show, and what they are told of it.

Each request names a verb, `look` among them, which tells everything that a client needs to begin
with; from then on it follows the events. A patch travels as its text, an edit as data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from nodegraph.errors import EditError
from nodegraph.graph import edit_from_data, edit_to_data
from nodegraph.host.control import Client, ControlServer
from nodegraph.host.deck import Deck, Timing
from nodegraph.host.document import Change, Document
from nodegraph.host.engine.events import Calm, Died, Restarted
from nodegraph.host.engine.protocol import Values
from nodegraph.host.facts import deck_facts, lost_facts, patch_facts, running_facts, status_facts
from nodegraph.host.recovery import Lost, dismiss, find_lost, recover
from nodegraph.host.requests import asked, deck_name, number, timing
from nodegraph.host.show import Show
from nodegraph.portable import plain
from nodegraph.remote.address import Door
from nodegraph.remote.errors import Fields, RemoteError

Answer = Mapping[str, object]

EVERY = 0.2
"""Seconds between two events that tell how the show stands."""

SOON = 1 / 30
"""Seconds in which news of a deck are gathered."""

_MOST_SECONDS = 3600.0


class Desk:
    """Lets clients work on a show. Open it beside the show and close it before."""

    def __init__(self, show: Show, name: str, patch: str = "") -> None:
        self._show = show
        self.server = ControlServer(self._handle, Door(name, patch))
        self._verbs: Mapping[str, Callable[[Client, Fields], Awaitable[Answer]]] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }
        self._news: set[str] = set()
        self._author = 0
        self._telling: asyncio.Task[None] | None = None
        self._lost: dict[str, Lost] = {}

    async def __aenter__(self) -> Desk:
        await self.server.start()
        self._show.listeners.append(self._heard)
        self._telling = asyncio.create_task(self._tell(), name="tell clients")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._show.listeners.remove(self._heard)
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])
        await self.server.stop()

    async def _handle(self, client: Client, message: Fields) -> Answer:
        verb = message.get("do")
        if verb not in self._verbs:
            raise EditError(f"there is no request {verb!r}; there are: {', '.join(self._verbs)}")
        return await self._verbs[str(verb)](client, message)

    # The verbs.

    async def _do_look(self, client: Client, message: Fields) -> Answer:
        declarations = self._show.declarations
        return {
            "types": list(declarations.types) if declarations else [],
            "plugins": dict(declarations.plugins) if declarations else {},
            "folder": str(self._show.folder),
            "decks": {
                name: deck_facts(deck) | running_facts(deck) | patch_facts(deck)
                for name, deck in self._show.decks.items()
            },
            "status": status_facts(self._show),
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

    async def _do_undo(self, client: Client, message: Fields) -> Answer:
        return self._done(client, message, Deck.undo)

    async def _do_redo(self, client: Client, message: Fields) -> Answer:
        return self._done(client, message, Deck.redo)

    def _done(
        self, client: Client, message: Fields, act: Callable[[Deck, Timing], Change]
    ) -> Answer:
        """Change a document in the name of a client."""
        deck, at = self._show.deck(deck_name(message)), timing(message)
        self._author = client.number
        try:
            return {"label": act(deck, at).label}
        finally:
            self._author = 0

    async def _do_save(self, client: Client, message: Fields) -> Answer:
        deck = self._show.deck(deck_name(message))
        path = asked(message, "path", str, "")
        saved = deck.save(path or None)
        return {"path": str(saved)}

    async def _do_open(self, client: Client, message: Fields) -> Answer:
        name = deck_name(message)
        await self._show.open(name, Document.open(asked(message, "path", str)))
        return self._opened(name)

    async def _do_close(self, client: Client, message: Fields) -> Answer:
        name = deck_name(message)
        self._show.close(name)
        return self._opened(name)

    async def _do_fade(self, client: Client, message: Fields) -> Answer:
        position = number(message, "position", 0.0, 1.0)
        self._show.move(position, number(message, "seconds", 0.0, _MOST_SECONDS, 0.0))
        return {}

    async def _do_watch(self, client: Client, message: Fields) -> Answer:
        ports = asked(message, "ports", list)
        if not all(isinstance(port, str) for port in ports):
            raise EditError("ports are a list of texts, node.outlet each")
        self._show.engine.watch(deck_name(message), ports)
        return {}

    async def _do_lost(self, client: Client, message: Fields) -> Answer:
        found = await asyncio.to_thread(find_lost)
        self._lost = {lost.folder.name: lost for lost in found}
        return {"lost": [lost_facts(lost) for lost in found]}

    async def _do_recover(self, client: Client, message: Fields) -> Answer:
        lost = self._find(message)
        recover(lost, self._show.session)
        for deck, document in lost.documents.items():
            await self._show.open(deck, document)
            self._opened(deck)
        return {"decks": sorted(lost.documents)}

    async def _do_dismiss(self, client: Client, message: Fields) -> Answer:
        dismiss(self._find(message))
        return {}

    async def _do_status(self, client: Client, message: Fields) -> Answer:
        for deck in self._show.decks.values():
            await deck.settle()  # so that it says what became of the edits before
        return status_facts(self._show)

    async def _do_stop(self, client: Client, message: Fields) -> Answer:
        self._show.stop()
        return {}

    def _find(self, message: Fields) -> Lost:
        name = asked(message, "name", str)
        if name not in self._lost:
            raise EditError(f"there is no lost session {name!r}; ask for those that are: lost")
        return self._lost[name]

    # What clients are told.

    def _opened(self, name: str) -> Answer:
        """Tell that another document lies on a deck, or none."""
        deck = self._show.decks[name]
        facts = deck_facts(deck) | patch_facts(deck)
        if name == "main":
            with suppress(RemoteError):  # who is looking for this show finds it by its old name
                self.server.door.rename(str(facts["name"]), str(facts["path"]))
        self.server.broadcast({"event": "opened", "deck": name} | facts)
        return facts

    def _heard(self, deck: str, event: object) -> None:
        """Pass on what happens to the show."""
        told: Fields
        match event:
            case Change():
                edit = edit_to_data(event.edit)
                told = {"event": "edit", "deck": deck, "kind": event.kind, "label": event.label}
                self.server.broadcast(told | {"edit": edit, "client": self._author})
                self._news.add(deck)
            case Died() | Restarted():
                self.server.broadcast({"event": "engine", "text": event.text})
            case Calm():
                text = "the engine has been away for long: the picture is calm until it is back"
                self.server.broadcast({"event": "engine", "text": text})
            case Values():
                values = {port: plain(value) for port, value in event.values.items()}
                self.server.broadcast({"event": "values", "deck": deck, "values": values})
            case None:
                self._news.add(deck)

    async def _tell(self) -> None:
        """Tell what has changed, gathered for a moment, and now and then how all stands."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        serials: dict[str, int] = {}
        while True:
            await asyncio.sleep(SOON)
            news, self._news = self._news, set()
            for name in sorted(news):
                deck = self._show.decks[name]
                event = {"event": "deck", "deck": name} | deck_facts(deck)
                if deck.installed and serials.get(name) != deck.installed.serial:
                    serials[name] = deck.installed.serial
                    event |= running_facts(deck)
                self.server.broadcast(event)
            if loop.time() >= due and self.server.clients:
                due = loop.time() + EVERY
                self.server.broadcast({"event": "status"} | status_facts(self._show))
