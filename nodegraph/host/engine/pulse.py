"""A page of memory shared with the host, in which a dying engine leaves word of where it was."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Self

_SIZE = 64
_TICKS, _BACKSTAGE = 0, 1
_FIRST_DECK = 2

NOWHERE = -1
"""The mark of a deck that runs no node right now."""


class Pulse:
    """Numbers of 64 bits, each written by one thread of the engine and read by the host.

    They are written whole on every machine that Python runs on. Each deck has the serial number of
    the plan it runs, and a mark: the number of the step that is being called.
    """

    def __init__(self, path: Path, decks: Sequence[str]) -> None:
        """Map the file that `create` made."""
        self._decks = {deck: _FIRST_DECK + 2 * i for i, deck in enumerate(decks)}
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _SIZE)
        self._cells = memoryview(self._page).cast("q")

    @classmethod
    def create(cls, path: Path, decks: Sequence[str]) -> Self:
        """Make the file, in place of any other: nothing has happened yet."""
        path.unlink(missing_ok=True)
        path.write_bytes(bytes(_SIZE))
        made = cls(path, decks)
        for deck in decks:
            made.here(deck)[0] = NOWHERE
        return made

    def close(self) -> None:
        """Let go of the page."""
        self._cells.release()
        self._page.close()

    @property
    def ticks(self) -> int:
        """How often the tick thread came round."""
        return self._cells[_TICKS]

    @property
    def backstage(self) -> int:
        """How often the second thread came round."""
        return self._cells[_BACKSTAGE]

    def tick(self) -> None:
        """The tick thread came round."""
        self._cells[_TICKS] += 1

    def turn(self) -> None:
        """The second thread came round."""
        self._cells[_BACKSTAGE] += 1

    def runs(self, deck: str, serial: int) -> None:
        """A deck runs the plan of this serial number from now on."""
        self._cells[self._decks[deck]] = serial

    def running(self, deck: str) -> int:
        """The serial number of the plan that a deck runs; 0 if none."""
        return self._cells[self._decks[deck]]

    def here(self, deck: str) -> memoryview:
        """The one cell in which a deck's mark stands, for its runtime to write."""
        place = self._decks[deck] + 1
        return self._cells[place : place + 1]

    def mark(self, deck: str) -> int:
        """The step that a deck is in, or `NOWHERE`."""
        return self._cells[self._decks[deck] + 1]
