"""What `nodegraph run` says and does about the shows that crashes ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import typer

from nodegraph.cli.servers import Server
from nodegraph.cli.terminal import err, printable, say
from nodegraph.errors import NodegraphError
from nodegraph.host.recovery import Lost, dismiss, find_lost, prune
from nodegraph.words import plural


def forget() -> None:
    """Offer none of them any more."""
    lost = find_lost()
    for each in lost:
        dismiss(each)
    say(err(), f"{plural(len(lost), 'lost show')} forgotten", "dim")


def choose(patch: str | None, recover: bool, empty: bool = False) -> Lost | None:
    """The lost show to go on with, if that is what is asked for; else it is offered.

    A show that may begin `empty` needs no patch.
    """
    told = prune()
    lost = find_lost()
    chosen = _chosen(lost, patch, recover, empty)
    if chosen is not None and chosen.complaint:
        told.append(chosen.complaint)
    elif lost and chosen is None:
        told.append(_offer(lost))
    for text in told:
        say(err(), printable(text), "yellow")
    return chosen


def servers(notes: Mapping[str, Any], given: Mapping[str, Server]) -> dict[str, Server]:
    """The servers that a lost show steered, by name, or others that are given in their place."""
    told = {"": notes, **(notes.get("servers") or {})}
    lost = {name: Server.noted(each) for name, each in told.items() if each.get("url")}
    if not given:
        return lost
    return {name: replace(lost.get(name, each), url=each.url) for name, each in given.items()}


def _chosen(lost: list[Lost], patch: str | None, recover: bool, empty: bool) -> Lost | None:
    if not recover:
        if patch is None and not empty:
            raise typer.BadParameter("name a patch, or go on with a lost show by --recover")
        return None
    if patch is not None:
        raise typer.BadParameter("a lost show brings its own patch: leave it out with --recover")
    found = next((each for each in lost if each.documents), None)
    if found is None:
        damage = "".join(f"; {each.complaint}" for each in lost)
        raise NodegraphError(f"there is no lost show to go on with{damage}")
    return found


def _offer(lost: list[Lost]) -> str:
    newest = next((each for each in lost if each.documents), lost[0])
    more = f" (and {plural(len(lost) - 1, 'other')})" if len(lost) > 1 else ""
    if not newest.documents:
        return f"{newest.complaint}{more}; drop it by --forget"
    originals = (document.original for document in newest.documents.values())
    names = dict.fromkeys(original.stem if original else "a show" for original in originals)
    when = time.strftime("%H:%M on %d %B", time.localtime(newest.when))
    ended = f"{' and '.join(names)}: a crash ended this at {when}"
    return f"{ended}{more}; go on with it by --recover, or drop it by --forget"
