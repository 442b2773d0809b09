"""What ports carry: the newest value and the last seconds of every number, texts of the others.

The numbers are read from the ring that the engine writes in shared memory (see
`nodegraph.runtime.publish`), so that looking at a thousand of them costs the show nothing. Each
frame takes over the rows that are new; a port's past lies in one piece.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Mapping
from math import nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.link import Link
from nodegraph.editor.mirror import Deck, Mirror
from nodegraph.errors import NodegraphError
from nodegraph.portable import rich
from nodegraph.remote.errors import Fields
from nodegraph.runtime.columns import Column
from nodegraph.runtime.publish import ROWS, Reader, Ring, Rows
from nodegraph.values import Clock, Prompt, Theme

_HIGH = 0.5
"""What a trigger or a switch has to pass to be on, as everywhere (see `values.CONVERSIONS`)."""

_LONGEST = 200


class Watching:
    """Values of the ports of one deck: the one in `deck`, which whoever looks elsewhere sets.

    Ports are named as the running patch names them (`voice/ease.out`; a clock is `beat.clock.bpm`
    and so on, sound is `mic.audio.rms` and `.peak`).
    """

    def __init__(self, link: Link, mirror: Mirror) -> None:
        self.deck = "main"
        self._link = link
        self._mirror = mirror
        self._pasts: dict[str, _Past] = {}
        self._values: dict[str, dict[str, object]] = {}
        self._watched: dict[str, dict[str, frozenset[str]]] = {}

    def newest(self, port: str) -> float:
        """The number that a port has now; NaN if it has none."""
        return self._past().newest(port)

    def history(self, port: str, most: int = ROWS) -> NDArray[np.float64]:
        """What a port did in up to 5 s, or in so many ticks at most, the oldest first;
        float64[ticks], the caller's own."""
        return self._past().history(port, most)

    def fired(self, port: str) -> int:
        """How often a port has gone from off to on since the editor attached."""
        return self._past().fired(port)

    @property
    def ticks(self) -> int:
        """How many ticks the engine had run at the end of what `history` gives; less than before
        when it is another engine."""
        return self._past().ticks

    def value(self, port: str) -> object:
        """What a port that is no number has: text, prompts, theme, a watched vector; or None."""
        return self._values.get(self.deck, {}).get(port)

    def text(self, port: str) -> str:
        """The same as one line of text; empty if there is none."""
        return shown(self.value(port))

    def watch(self, ports: Collection[str], who: str = "canvas") -> None:
        """Have vectors told too, of these ports and of those that others watch."""
        wanted, watched = frozenset(ports), self._watched.setdefault(self.deck, {})
        if watched.get(who, frozenset()) != wanted:
            watched[who] = wanted
            self._ask(self.deck)

    def hear(self, event: Fields) -> None:
        """Take in the events that bring values."""
        match event:
            case {"event": "values", "deck": str(deck), "values": dict(values)}:
                known = self._values.setdefault(deck, {})
                known.update({port: rich(value) for port, value in values.items()})
            case {"event": "attached", "look": dict(look)}:
                self._pasts.clear()
                self._values.clear()
                for name, values in look.get("values", {}).items():
                    self._values[name] = {port: rich(value) for port, value in values.items()}
                for deck in self._watched:
                    self._ask(deck)

    def refresh(self) -> None:
        """Take over what is new in shared memory; to be called once a frame."""
        deck = self._mirror.decks.get(self.deck)
        if deck is not None:
            self._past().refresh(self._mirror.folder, deck)

    @property
    def moves(self) -> bool:
        """Whether any number changed in what the last `refresh` took over."""
        return self._past().moves

    def _past(self) -> _Past:
        if self.deck not in self._pasts:
            self._pasts[self.deck] = _Past()
        return self._pasts[self.deck]

    def _ask(self, deck: str) -> None:
        ports = sorted(frozenset().union(*self._watched[deck].values()))
        self._link.ask("watch", None, lambda error: None, deck=deck, ports=ports)


class _Past:
    """The last rows of one ring: float64[2 * ROWS, columns].

    Each row is written twice, `ROWS` apart, so that the last `ROWS` always lie in one piece. What a
    port did is picked out of them when somebody looks at it.
    """

    def __init__(self) -> None:
        self.moves = False
        self._ring = ""
        self._reader: Reader | None = None
        self._columns: Mapping[str, Column] = {}
        self._next = 0
        self._rows = np.full((2 * ROWS, 0), nan)
        self._fired = np.zeros(0, np.int64)
        self._fired_before: dict[str, int] = {}

    @property
    def ticks(self) -> int:
        return self._next

    def newest(self, port: str) -> float:
        column = self._columns.get(port)
        if column is None or self._next <= column.since or column.number >= len(self._fired):
            return nan
        return float(self._rows[(self._next - 1) % ROWS, column.number])

    def history(self, port: str, most: int) -> NDArray[np.float64]:
        column = self._columns.get(port)
        if column is None or column.number >= len(self._fired):
            return np.zeros(0)
        count = min(self._next - column.since, self._next, ROWS - 1, most)
        end = (self._next - 1) % ROWS + ROWS + 1
        return self._rows[end - max(count, 0) : end, column.number].copy()

    def fired(self, port: str) -> int:
        column = self._columns.get(port)
        if column is None or column.number >= len(self._fired):
            return self._fired_before.get(port, 0)
        return self._fired_before.get(port, 0) + int(self._fired[column.number])

    def refresh(self, folder: str, deck: Deck) -> None:
        if deck.columns is not self._columns:
            self._assign(deck.columns)
        if deck.ring != self._ring:
            self._open(Path(folder, deck.ring) if deck.ring else None)
            self._ring = deck.ring if self._reader or not deck.ring else ""
        self.moves = False
        if self._reader is not None and self._reader.ticks != self._next:
            self._take(self._reader.since(self._next), count=True)

    def _assign(self, columns: Mapping[str, Column]) -> None:
        """Other ports live now. What a column's last owner did is no edge of the next one's."""
        self._fired_before |= {port: self.fired(port) for port in self._columns}
        self._fired[:] = 0
        last = (self._next - 1) % ROWS
        for column in columns.values():
            if column.since >= self._next and column.number < len(self._fired):
                self._rows[[last, last + ROWS], column.number] = nan
        self._columns = columns

    def _open(self, path: Path | None) -> None:
        """Read another ring: one that carries on the last, or one of another engine."""
        self._reader = None
        if path is None:
            return
        try:
            with path.open("rb") as file:
                self._reader = Ring.open(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError, NodegraphError):
            return  # not there yet, or no more: the next frame tries again
        columns = self._reader.columns
        self._rows = np.full((2 * ROWS, columns), nan)
        self._fired = np.concatenate([self._fired, np.zeros(columns, np.int64)])[:columns]
        rows = self._reader.since(0)
        goes_on = rows.first <= self._next <= rows.end
        known = self._next - rows.first if goes_on else len(rows.values)
        self._next = rows.first
        self._take(Rows(rows.first, rows.values[:known]), count=False)
        self._take(Rows(rows.first + known, rows.values[known:]), count=True)

    def _take(self, rows: Rows, count: bool) -> None:
        if not len(rows.values):
            return
        before = self._rows[(self._next - 1) % ROWS]
        same = before.tobytes() * len(rows.values)  # bytes, for which NaN is NaN
        self.moves = rows.values.tobytes() != same
        if count:
            on = before > _HIGH
            for high in rows.values > _HIGH:
                self._fired += high & ~on
                on = high
        places = np.arange(rows.first, rows.end) % ROWS
        self._rows[places] = self._rows[places + ROWS] = rows.values
        self._next = rows.end


def shown(value: object) -> str:
    """A value that is no number, as a line that a person can read."""
    match value:
        case None:
            return ""
        case str():
            text = value
        case Theme():
            text = value.name
        case Clock():
            text = f"{value.bpm:.1f} BPM, beat {value.beats:.2f}"
        case (Prompt(), *_):
            text = ", ".join(_prompt(each) for each in value if isinstance(each, Prompt))
        case ():
            text = "nothing"
        case tuple():
            text = f"{len(value)} numbers"
        case _:
            text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _prompt(prompt: Prompt) -> str:
    return prompt.text if prompt.weight == 1.0 else f"{prompt.text} ({prompt.weight:.2g})"
