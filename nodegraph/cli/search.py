"""Which node types a person means by some words: ranked over id, title, aliases and manual."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from nodegraph.nodetype import NodeType

_ALIKE = 0.7
"""How alike two words must be (0..1, Ratcliff and Obershelp) for one to be a typo of the other."""


def ranked(types: Mapping[str, NodeType], query: str) -> list[NodeType]:
    """The node types in which every word of the query is found, the best find first."""
    asked = query.lower().split()
    scores = {id: [_score(type_, word) for word in asked] for id, type_ in types.items()}
    found = [id for id, each in scores.items() if each and all(each)]
    return [types[id] for id in sorted(found, key=lambda id: (-sum(scores[id]), id))]


def _score(type_: NodeType, word: str) -> float:
    """How well one word fits: by its name above by its aliases, by those above by its manual."""
    id, title = type_.id.lower(), type_.title.lower()
    aliases = ", ".join(type_.aliases).lower()
    name = id.rpartition(".")[2]
    if word in (id, name, title):
        return 100
    if id.startswith(word) or name.startswith(word) or title.startswith(word):
        return 60
    if word in id or word in title:
        return 40
    if word in aliases:
        return 30 if word in aliases.replace(",", " ").split() else 20
    if word in type_.summary.lower():
        return 10
    if word in type_.doc.lower():
        return 5
    alike = max(SequenceMatcher(None, word, each).ratio() for each in (id, name, *title.split()))
    return alike if alike >= _ALIKE else 0.0
