"""What the editor knows of the show: the facts it was told at first, kept true by the events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nodegraph.declaration import declared
from nodegraph.errors import NodegraphError, Problem
from nodegraph.graph import Patch, edit_from_data, parse
from nodegraph.nodetype import NodeType
from nodegraph.remote.errors import Fields
from nodegraph.runtime.columns import Column

LOG_LINES = 500


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that happened. `level` is info, warning or error; `at` is Unix time, in seconds."""

    level: str
    text: str
    at: float


@dataclass
class Deck:
    """A document as the host has it, and where the values of what runs of it are shown.

    `done` and `undone` are the labels of gestures, from the earliest to the latest. `ring` names a
    file in the show's folder, empty while nothing runs; `serial` counts the plans, `opened` the
    documents that were opened on it. Without one it has an empty patch, and `open` is False.
    """

    name: str = ""
    path: str = ""
    dirty: bool = False
    patch: Patch = field(default_factory=Patch)
    problems: tuple[Problem, ...] = ()
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    ring: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    serial: int = 0
    open: bool = False
    opened: int = 0


class Mirror:
    """Hears every event of the host.

    `version` counts each change of what is drawn of patches, problems and node types. `lost_track`
    says that an edit did not fit: whoever owns the mirror has the host describe itself again. Of
    events that the mirror has no place for, the latest of each name is in `told`. `rate` is that of
    the sound in Hz, `tick` how many seconds one tick is.
    """

    def __init__(self) -> None:
        self.attached = False
        self.lost_track = False
        self.version = 0
        self.types: Mapping[str, NodeType] = {}
        self.plugins: Mapping[str, str] = {}
        self.folder = ""
        self.rate, self.tick = 48_000.0, 512 / 48_000
        self.decks: dict[str, Deck] = {}
        self.status: Fields = {}
        self.look: Fields = {}
        self.told: dict[str, Fields] = {}
        self.log: deque[LogLine] = deque(maxlen=LOG_LINES)

    def hear(self, event: Fields) -> None:
        """Take in what the host says; what cannot be understood is logged, and is no error."""
        try:
            self._hear(event)
        except (NodegraphError, KeyError, TypeError, ValueError, AttributeError) as error:
            self.lost_track = self.attached
            self._log("error", f"the show said what the editor cannot follow: {error!r}")

    def _hear(self, event: Mapping[str, Any]) -> None:
        match event:
            case {"event": "attached", "look": look}:
                self._attach(look)
            case {"event": "edit", "deck": deck, "edit": edit}:
                changed = self._deck(deck)
                changed.patch = edit_from_data(edit).apply(changed.patch)
                self.version += 1
            case {"event": "deck", "deck": deck}:
                self._take(self._deck(deck), event)
            case {"event": "opened", "deck": deck}:
                self._deck(deck).opened += 1
                self.version += 1
                self._take(self._deck(deck), event)
            case {"event": "status"}:
                self.status = {name: value for name, value in event.items() if name != "event"}
            case {"event": "log", "text": text}:
                self._log(event.get("level", "info"), text, event.get("time"))
            case {"event": "types", "types": types}:
                self._learn(types, event.get("plugins", self.plugins))
            case {"event": name}:
                self.told[name] = dict(event)

    def _attach(self, look: Mapping[str, Any]) -> None:
        self.look = dict(look)
        self.folder = look["folder"]
        self.rate = float(look.get("rate", self.rate))
        self.tick = look.get("block", 512) / self.rate
        self.status = look["status"]
        self.decks = {name: self._taken(facts) for name, facts in look["decks"].items()}
        self._learn(look["types"], look["plugins"])
        self.attached, self.lost_track = True, False
        for line in look.get("log", ()):
            self._log(line.get("level", "info"), line["text"], line.get("time"))

    def _learn(self, types: list[Mapping[str, Any]], plugins: Mapping[str, str]) -> None:
        found = [declared(each) for each in types]
        self.types = {type_.id: type_ for type_ in found}
        self.plugins = dict(plugins)
        self.version += 1

    def _deck(self, name: str) -> Deck:
        return self.decks.setdefault(name, Deck())

    def _taken(self, facts: Mapping[str, Any]) -> Deck:
        deck = Deck()
        self._take(deck, facts)
        return deck

    def _take(self, deck: Deck, facts: Mapping[str, Any]) -> None:
        """Bring a deck up to date with what is told of it; what is not told stays."""
        before = (deck.patch, deck.problems, deck.name, deck.dirty, deck.done, deck.undone)
        for name in ("name", "path", "dirty", "ring", "serial"):
            if name in facts:
                setattr(deck, name, facts[name])
        if "done" in facts:
            deck.done, deck.undone = tuple(facts["done"]), tuple(facts["undone"])
        if "problems" in facts:
            deck.problems = tuple(Problem(**problem) for problem in facts["problems"])
        if "columns" in facts:
            deck.columns = {port: Column(*at) for port, at in facts["columns"].items()}
        if "patch" in facts:
            deck.open = bool(facts["patch"])
            deck.patch = parse(facts["patch"]).patch if deck.open else Patch()
        after = (deck.patch, deck.problems, deck.name, deck.dirty, deck.done, deck.undone)
        self.version += before != after

    def _log(self, level: str, text: str, at: float | None = None) -> None:
        line = LogLine(level, text, time.time() if at is None else at)
        if line not in self.log:
            self.log.append(line)
