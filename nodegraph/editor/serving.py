"""What a Scope server has, as far as it was asked, and how it does. Pure.

Questions go through the show, which asks the server; answers come when they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

from nodegraph.editor.link import Link
from nodegraph.remote.errors import Fields, RemoteError
from nodegraph.words import plural

Json = Mapping[str, Any]


class Server:
    """Asks a server, at an address or the one that is steered, and keeps what it answered."""

    def __init__(self, link: Link) -> None:
        self.answers: dict[str, Any] = {}
        self.faults: dict[str, str] = {}
        self.version = 0
        """Counts answers, so that views know when to draw anew."""
        self._link = link
        self._asked: dict[str, float] = {}
        self._url = ""

    def at(self, url: str) -> None:
        """Speak of another server from now on, if it is one."""
        if url != self._url:
            self._url = url
            self.answers.clear()
            self.faults.clear()
            self._asked.clear()
            self.version += 1

    def ask(self, what: str, every: float = 1e9, of: str = "") -> Any:
        """What was answered last, None before; it is asked again if that is so long ago."""
        key = f"{what} {of}".strip()
        if monotonic() - self._asked.get(key, -1e12) >= every:
            self._asked[key] = monotonic()
            url = self._url
            fields = {"what": what, "of": of, "url": url}
            self._link.ask(
                "server",
                lambda answer: self._take(url, key, answer),
                lambda error: self._fail(url, key, error),
                **fields,
            )
        return self.answers.get(key)

    def again(self, what: str) -> None:
        """Ask anew when it is looked at next."""
        for key in [key for key in self._asked if key.partition(" ")[0] == what]:
            del self._asked[key]

    def upload(
        self,
        path: str,
        told: Callable[[str], None],
        then: Callable[[str], object] = lambda path: None,
    ) -> None:
        """Have the show hand a file on; `told` is called with a sentence, and `then` with the path
        that it has on the server."""
        self._link.ask(
            "upload",
            lambda answer: self._uploaded(answer, told, then),
            lambda error: told(str(error)),
            path=path,
            url=self._url,
        )

    def _uploaded(
        self, answer: Fields, told: Callable[[str], None], then: Callable[[str], object]
    ) -> None:
        self.again("assets")
        kept = answer.get("answer")
        path = str(kept.get("path") or "") if isinstance(kept, dict) else ""
        told(f"uploaded: {path}" if path else "uploaded")
        if path:
            then(path)

    def _take(self, url: str, key: str, answer: Fields) -> None:
        if url == self._url:
            self.answers[key] = answer.get("answer")
            self.faults.pop(key, None)
            self.version += 1

    def _fail(self, url: str, key: str, error: RemoteError) -> None:
        if url == self._url:
            self.faults[key] = str(error)
            self.version += 1


STATES: Final = {
    "connecting": ("connecting", "warning"),
    "loading": ("loading the pipeline", "warning"),
    "starting": ("waiting for the first picture", "warning"),
    "live": ("live", "good"),
    "stalled": ("no pictures come", "problem"),
    "waiting": ("not there; it is tried again", "problem"),
    "closed": ("closed", "problem"),
}
"""What a link says of itself, in words and with a tone."""


def link_of(status: Mapping[str, object]) -> Json | None:
    """What the show tells of its link; None without one."""
    link = status.get("link")
    return link if isinstance(link, Mapping) else None


def facts(link: Json) -> list[tuple[str, str]]:
    """How the connection does, as pairs of words."""
    size = link.get("size")
    age, sent = link.get("age"), plural(link.get("sent", 0), "message")
    return [
        ("Server", f"{link.get('url', '')}  {link.get('version', '')}".strip()),
        ("Pipeline", ", ".join(link.get("pipelines") or ()) or "–"),
        ("Mode", str(link.get("mode", "–"))),
        ("Picture", f"{size[0]} × {size[1]}, {link.get('fps', 0.0):.0f} fps" if size else "–"),
        ("Stream", stream(link)),
        ("Newest", f"{age:.1f} s ago" if isinstance(age, int | float) else "–"),
        ("Delay", f"about {link.get('latency', 0.0):.1f} s until a change is seen"),
        (
            "Chunk",
            f"{link.get('chunk_seconds', 0.0):.2f} s, a message each "
            f"{link.get('period', 0.0):.2f} s at most",
        ),
        ("Sent", f"{sent} for {plural(link.get('changes', 0), 'change')}"),
        ("Pictures", f"{link.get('frames', 0)} in {sessions(link)}"),
        ("Waiting", plural(link.get("waiting", 0), "change")),
    ]


def others(status: Mapping[str, object]) -> list[tuple[str, str]]:
    """How further servers do, by name, each in a line."""
    links = status.get("links")
    found = links.items() if isinstance(links, Mapping) else ()
    return [
        (name, f"{link.get('state', '')}, {link.get('fps', 0.0):.0f} fps, {link.get('url', '')}")
        for name, link in found
    ]


def stream(link: Json) -> str:
    """How well the pictures come through, in words."""
    rate = f"{link.get('bitrate', 0.0) / 1e6:.1f} Mbit/s, {link.get('loss', 0.0):.1%} lost"
    damaged = f"{link.get('dropped', 0)} damaged"
    return f"{rate}, {damaged}, {link.get('decode', 0.0) * 1e3:.0f} ms to decode"


def sessions(link: Json) -> str:
    """How many sessions there have been, in words."""
    return plural(int(link.get("sessions", 0)), "session")


def said(sent: Json, applied: Json | None) -> list[tuple[str, str, str]]:
    """What was sent by parameter, and what the server has of it: name, value, the server's."""
    has = applied or {}
    return [
        (name, short(value), short(has[name]) if name in has else "")
        for name, value in sorted(sent.items())
    ]


def short(value: object, most: int = 60) -> str:
    """A value in one line; prompts as their texts with weights."""
    match value:
        case bool():
            text = "on" if value else "off"
        case float():
            text = f"{value:.3g}"
        case {"text": str(words), "weight": int() | float() as weight}:
            text = f"{weight:.2g} {words}"
        case {"Prompt": [str(words), int() | float() as weight]}:
            text = f"{weight:.2g} {words}"
        case list() | tuple():
            text = ", ".join(short(each, most) for each in value)
        case _:
            text = str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
