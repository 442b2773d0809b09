"""What clients are told of a show and its decks, as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nodegraph.graph import dump
from nodegraph.host.deck import Deck
from nodegraph.host.outgoing import Outgoing
from nodegraph.host.recovery import Lost
from nodegraph.host.show import Show
from nodegraph.remote.errors import Fields
from nodegraph.scope.link import ScopeLink


def deck_facts(deck: Deck, outgoing: Outgoing) -> Fields:
    """The document on a deck, and what is wrong with it and with what its nodes send."""
    document = deck.document
    if document is None:
        return {
            "name": "",
            "path": "",
            "dirty": False,
            "done": [],
            "undone": [],
            "problems": [],
        }
    done, undone = document.labels()
    return {
        "name": document.name,
        "path": str(document.path or ""),
        "dirty": document.dirty,
        "done": list(done),
        "undone": list(undone),
        "problems": [
            asdict(problem) for problem in (*deck.problems, *outgoing.problems_of(deck.name))
        ],
    }


def patch_facts(deck: Deck) -> Fields:
    """The patch itself, as its file would have it."""
    return {"patch": dump(deck.document.patch) if deck.document else ""}


def running_facts(deck: Deck) -> Fields:
    """Where the values of what runs are shown (see `nodegraph.runtime.publish`)."""
    installed = deck.installed
    if installed is None:
        return {"serial": 0, "ring": "", "columns": {}}
    columns: dict[str, Any] = {port: list(at) for port, at in installed.columns.items()}
    return {"serial": installed.serial, "ring": installed.ring, "columns": columns}


def status_facts(show: Show) -> Fields:
    """How the show stands."""
    return {
        "ticks": show.tally.ticks,
        "overruns": show.tally.overruns,
        "slowest": dict(show.tally.slowest),
        "load": show.tally.load,
        "fade": show.tally.fade,
        "restarts": show.tally.restarts,
        "messages": show.outgoing.messages,
        "heard": {name: show.tally.heard(name)[0] for name in show.decks},
        "held": show.outgoing.held,
        "sent": show.outgoing.to_data(),
        "link": link_facts(show.link) if show.link else None,
        "links": {name: link_facts(link) for name, link in show.links.items() if name},
        "problems": [asdict(problem) for problem in show.problems],
    }


def link_facts(link: ScopeLink) -> Fields:
    """How a link does. `url` has no password in it, which others might see; a desk knows the whole
    one. `latency` is about how many seconds a change takes until it is seen, once it may leave."""
    stats, sender, frame = link.stats, link.sender, link.newest
    pace = sender.pace
    return asdict(stats) | {
        "pipelines": list(stats.pipelines),
        "url": link.rest.url,
        "version": (link.health.version if link.health else None) or "",
        "mode": sender.mode,
        "size": [frame.width, frame.height] if frame else None,
        "load": None if link.load_params is None else dict(link.load_params),
        "waiting": sender.waiting,
        "period": sender.period,
        "latency": pace.latency,
        "video": link.feed.sent,
        "problems": [asdict(problem) for problem in link.problems],
    }


def lost_facts(lost: Lost) -> Fields:
    """A session that a crash ended."""
    return {
        "name": lost.folder.name,
        "when": lost.when,
        "complaint": lost.complaint or "",
        "decks": {
            deck: {"name": document.name, "original": str(document.original or "")}
            for deck, document in lost.documents.items()
        },
    }
