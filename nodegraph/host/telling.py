"""What clients are told of a show: each change as it happens, and now and then how all stands."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from nodegraph.errors import Problem
from nodegraph.graph import edit_to_data
from nodegraph.host.control import ControlServer
from nodegraph.host.desk_sound import SoundDesk
from nodegraph.host.document import Change
from nodegraph.host.engine.events import Calm, Died, Restarted
from nodegraph.host.engine.protocol import Installed, Started, Values
from nodegraph.host.facts import deck_facts, patch_facts, running_facts, status_facts
from nodegraph.host.logbook import Logbook
from nodegraph.host.requests import Answer
from nodegraph.host.show import Show
from nodegraph.portable import plain
from nodegraph.remote.errors import Fields, RemoteError

log = logging.getLogger(__name__)

EVERY = 0.2
"""Seconds between two events that tell how the show stands."""

SOON = 1 / 30
"""Seconds in which news of a deck are gathered."""


class Telling:
    """Tells all clients of a server. `author` is the number of the client in whose name documents
    are changed just now, 0 for anybody else."""

    def __init__(self, show: Show, server: ControlServer, sound: SoundDesk) -> None:
        self.author = 0
        self._show, self._server, self._sound = show, server, sound
        self._log: Logbook | None = None
        self._news: set[str] = set()
        self._values: dict[str, Fields] = {}
        self._vain: dict[str, tuple[Problem, ...]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Tell from now on."""
        self._log = Logbook(self._show.folder, self._server.broadcast)
        self._show.listeners.append(self._heard)
        self._task = asyncio.create_task(self._tell(), name="tell clients")

    async def stop(self) -> None:
        """Tell nothing more."""
        self._show.listeners.remove(self._heard)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._log is not None:
            self._log.close()

    def so_far(self) -> Fields:
        """What was told before a client came, as far as it still holds."""
        lines = list(self._log.lines) if self._log else []
        return {"values": self._values, "status": self.status(), "log": lines}

    def status(self) -> Fields:
        """How the show stands."""
        return status_facts(self._show) | {"sources": self._sound.facts()}

    def opened(self, name: str) -> Answer:
        """Tell that another document lies on a deck, or none."""
        deck = self._show.decks[name]
        facts = deck_facts(deck, self._show.outgoing) | patch_facts(deck)
        if name == "main":
            with suppress(RemoteError):  # who is looking for this show finds it by its old name
                self._server.door.rename(str(facts["name"]), str(facts["path"]))
        self._server.broadcast({"event": "opened", "deck": name} | facts)
        return facts

    def _heard(self, deck: str, event: object) -> None:
        """Pass on what happens to the show."""
        told: Fields
        match event:
            case Change():
                edit = edit_to_data(event.edit)
                told = {"event": "edit", "deck": deck, "kind": event.kind, "label": event.label}
                self._server.broadcast(told | {"edit": edit, "client": self.author})
                self._news.add(deck)
            case Started():
                told = {"event": "types", "types": list(event.types)}
                self._server.broadcast(told | {"plugins": dict(event.plugins)})
            case Died() | Restarted():
                self._server.broadcast({"event": "engine", "text": event.text})
            case Calm():
                text = "the engine has been away for long: the picture is calm until it is back"
                log.warning("%s", text)
                self._server.broadcast({"event": "engine", "text": text})
            case Installed():
                slots = self._show.decks[deck].plan.slots
                known = self._values.get(deck, {})
                self._values[deck] = {port: it for port, it in known.items() if port in slots}
            case Values():
                values = {port: plain(value) for port, value in event.values.items()}
                self._values.setdefault(deck, {}).update(values)
                self._server.broadcast({"event": "values", "deck": deck, "values": values})
            case None:
                self._news.add(deck)

    async def _tell(self) -> None:
        """Tell what has changed, gathered for a moment, and now and then how all stands."""
        loop = asyncio.get_running_loop()
        due, failed = loop.time(), False
        serials: dict[str, int] = {}
        while True:
            await asyncio.sleep(SOON)
            try:
                self._tell_news(serials)
                if loop.time() >= due:
                    due = loop.time() + EVERY
                    self._tell_status()
            except Exception:  # an oversight of ours must not leave clients without any news
                if not failed:
                    log.exception("clients could not be told how the show stands")
                failed = True

    def _tell_news(self, serials: dict[str, int]) -> None:
        """Tell of decks; `serials` are the plans of which it was told what runs."""
        news, self._news = self._news, set()
        for name in sorted(news):
            deck = self._show.decks[name]
            event = {"event": "deck", "deck": name} | deck_facts(deck, self._show.outgoing)
            if deck.installed and serials.get(name) != deck.installed.serial:
                serials[name] = deck.installed.serial
                event |= running_facts(deck)
            self._server.broadcast(event)

    def _tell_status(self) -> None:
        if self._log is not None:
            self._log.look()
        vain = {name: self._show.outgoing.problems_of(name) for name in self._show.decks}
        self._news |= {name for name in vain if vain[name] != self._vain.get(name, ())}
        self._vain = vain
        if self._server.clients:
            self._server.broadcast({"event": "status"} | self.status())
