"""Chooses a picture or a LoRA of the Scope server, by words; a picture can be uploaded first.

Tags: `nodegraph.picker`; see `listing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from nodegraph.editor.choices import Wanted
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.listing import Entry, Listing
from nodegraph.editor.serving import Server, link_of
from nodegraph.editor.shell import Shell

_LISTS: Final[Mapping[Wanted, tuple[str, str]]] = {
    "image": ("assets", "image"),
    "lora": ("loras", ""),
}
"""What the server is asked for them, and of which type."""

_UPLOAD: Final = "upload"


class Picker(Listing):
    """Asked by `choose`. What is typed can be taken as it is: the server may come later."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        super().__init__(look, "nodegraph.picker", "Search on the Scope server, or type a path")
        self.editing, self.shell = editing, shell
        self.server = Server(editing.link)
        self._what: Wanted = "image"
        self._take_path: Callable[[str], object] = lambda path: None
        self._seen = -1

    def choose(self, what: Wanted, take: Callable[[str], object]) -> None:
        """Have one chosen; `take` is given its path on the server."""
        self._what, self._take_path = what, take
        self.server.at(self._url)
        self.server.again(_LISTS[what][0])
        self.begin()

    def tick(self) -> None:
        if self._url:
            self.server.ask(_LISTS[self._what][0], of=_LISTS[self._what][1])
        if self.server.version != self._seen:
            self._seen = self.server.version
            self.look_again()
        super().tick()

    def find(self, asked: str) -> list[Entry]:
        question, of = _LISTS[self._what]
        key = f"{question} {of}".strip()
        answer, fault = self.server.answers.get(key), self.server.faults.get(key)
        known = bool(self._url) and not fault
        self.nothing = fault or (
            "The server has none." if answer is not None else "asking …" if known else _NO_SERVER
        )
        return listed(answer or (), asked, uploads=known and self._what == "image")

    def chosen(self, entry: Entry) -> None:
        if entry.id == _UPLOAD:
            self.shell.filing.choose_picture(
                lambda path: self.server.upload(path, self.editing.note, self._take_path)
            )
        else:
            self._take_path(entry.id)

    @property
    def _url(self) -> str:
        link = link_of(self.editing.mirror.status)
        return str(link.get("url", "")) if link else ""


_NO_SERVER: Final = "No Scope server is connected: type the path that it will have there."


def listed(stored: Iterable[Mapping[str, Any]], asked: str, *, uploads: bool) -> list[Entry]:
    """What is stored that has all of these words in its path, and what else can be done."""
    words = asked.lower().split()
    found = []
    for each in stored:
        path = str(each.get("path", ""))
        if all(word in path.lower() for word in words):
            size = f"{each.get('size_mb') or 0.0:.1f} MB"
            found.append(Entry(path, str(each.get("name") or PurePosixPath(path).name), size))
    if asked and all(entry.id != asked for entry in found):
        found.append(Entry(asked, asked, "as it is typed"))
    if uploads:
        found.append(Entry(_UPLOAD, "Upload a picture…", dim=True))
    return found
