"""What the start screen offers: the patches that come with nodegraph, and those opened lately."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.errors import NodegraphError
from nodegraph.graph import load
from nodegraph.shipped import shipped_patches

_MOST = 150  # characters of a note that are shown
_BEGIN = "Start here"  # what the note of the patch to begin with says


@dataclass(frozen=True, slots=True)
class Example:
    """A patch file, what it is called and the first words of its note."""

    path: str
    title: str
    text: str
    nodes: int


@dataclass(frozen=True, slots=True)
class LostShow:
    """A show that a crash ended, as the verb `lost` tells of it."""

    name: str
    title: str
    when: str
    complaint: str


def examples() -> list[Example]:
    """The shipped patches that can be read: where to start, then the smallest first."""
    found = []
    for name, path in shipped_patches().items():
        try:
            patch = load(path)
        except (NodegraphError, OSError):
            continue  # a file that was damaged is nothing to offer
        text = opening(patch.note)
        found.append(Example(str(path), patch.name or name, text, len(patch.nodes)))
    return sorted(found, key=lambda each: (_BEGIN not in each.text, each.nodes, each.title))


def recent(paths: Iterable[str]) -> list[str]:
    """Those that are still there."""
    return [path for path in paths if Path(path).is_file()]


def lost_shows(answer: Mapping[str, Any], now: float | None = None) -> list[LostShow]:
    """What can be recovered, the newest first."""
    found = []
    for each in answer.get("lost", ()):
        decks = each["decks"].values()
        originals = [Path(deck["original"]).stem or deck["name"] for deck in decks]
        title = " and ".join(dict.fromkeys(filter(None, originals))) or "A show"
        when = moment(each["when"], time.time() if now is None else now)
        found.append(LostShow(each["name"], title, when, each["complaint"]))
    return found


def moment(when: float, now: float) -> str:
    """A time of the past, as people say it: `21:14`, `yesterday 21:14`, `3 May 21:14`."""
    then, today = time.localtime(when), time.localtime(now)
    yesterday = time.localtime(now - 86_400)
    clock = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return clock
    if then[:3] == yesterday[:3]:
        return f"yesterday {clock}"
    return f"{then.tm_mday} {time.strftime('%B', then)} {clock}"


def opening(note: str) -> str:
    """The first sentences of a note, as many as there is room for."""
    text = " ".join(note.split("\n\n", 1)[0].split()).replace("`", "")
    if len(text) <= _MOST:
        return text
    whole = text[: _MOST + 1].rpartition(". ")[0]
    return f"{whole}." if whole else text[:_MOST].rpartition(" ")[0].rstrip(",;:") + "…"
