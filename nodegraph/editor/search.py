"""What a person means by a few words: ranked search over node types and anything with a label.

Every word has to be found somewhere. A hit at the beginning counts above one at the beginning of a
word, that above one inside a word, that above letters in the right order; a hit in the name counts
above one in an alias, that above the family and the manual. What was used lately comes first among
equals, and what fits a loose wire before what has to be converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from nodegraph.editor.aliases import ALIASES
from nodegraph.nodetype import NodeType

_EXACT, _PREFIX, _WORD, _INSIDE, _FUZZY = 100.0, 80.0, 60.0, 40.0, 15.0
_NAME, _ALIAS, _FAMILY, _DOC = 1.0, 0.75, 0.5, 0.2
"""What a hit in each field is worth. A prefix of an alias is about a word of the name."""

_RECENT = 8.0
_UNFIT = 3.0
_SHORTEST_FUZZY = 3

_WORDS = re.compile(r"[^\W_]+")

T = TypeVar("T")


class Hit(NamedTuple, Generic[T]):
    """A find: `why` says by which words it was found, where that is not its label."""

    item: T
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Field:
    text: str
    squeezed: str
    starts: frozenset[int]
    weight: float
    told: str

    @classmethod
    def of(cls, text: str, weight: float, told: str = "") -> _Field:
        """`told` is what the field is shown as, if a hit in it has to be explained."""
        low = text.lower()
        starts = frozenset(match.start() for match in _WORDS.finditer(low))
        squeezed = "".join(_WORDS.findall(low)) if weight >= _ALIAS else ""
        return cls(low, squeezed, starts, weight, told)


class Searcher(Generic[T]):
    """Finds items by labels that were prepared once. `fields` gives each item's texts, with what a
    hit in them is worth (0..1) and how to tell of it."""

    def __init__(
        self, items: Iterable[T], fields: Callable[[T], Iterable[tuple[str, float, str]]]
    ) -> None:
        self._items = [
            (item, [_Field.of(text, weight, told) for text, weight, told in fields(item) if text])
            for item in items
        ]

    def find(self, query: str) -> list[Hit[T]]:
        """All that is found, the best first; items of one rank stay in their order. Nothing asked
        finds everything."""
        words = query.lower().split()
        found = [hit for item, fields in self._items if (hit := _hit(item, fields, words))]
        return sorted(found, key=lambda hit: -hit.score)


class TypeSearch:
    """Search over node types. Made anew when the types change."""

    def __init__(self, types: Iterable[NodeType]) -> None:
        ordered = sorted(types, key=lambda type_: (type_.family, type_.title, type_.id))
        self._search = Searcher(ordered, _type_fields)

    def find(
        self,
        query: str,
        recent: Sequence[str] = (),
        distance: Callable[[NodeType], float | None] | None = None,
    ) -> list[Hit[NodeType]]:
        """Node types, the best first. `recent` are ids, the latest first; `distance` says how far a
        type is from fitting a loose wire, None if it does not fit at all (see `fitting`)."""
        places = {id: place for place, id in reversed(list(enumerate(recent)))}
        found: list[Hit[NodeType]] = []
        for hit in self._search.find(query):
            away = 0.0 if distance is None else distance(hit.item)
            if away is None:
                continue
            lately = _RECENT / (1 + places[hit.item.id]) if hit.item.id in places else 0.0
            found.append(hit._replace(score=hit.score + lately - _UNFIT * away))
        return sorted(found, key=lambda hit: -hit.score)


def ranked(labels: Mapping[str, str], query: str) -> list[str]:
    """The keys whose labels are found, the best first."""
    return [
        hit.item for hit in Searcher(labels, lambda key: [(labels[key], _NAME, "")]).find(query)
    ]


def _type_fields(type_: NodeType) -> Iterable[tuple[str, float, str]]:
    yield type_.title, _NAME, ""
    yield type_.id.rpartition(".")[2].replace("_", " "), _NAME, ""
    yield type_.id, _NAME * 0.9, ""
    told = {alias.lower() for alias in type_.aliases}
    for alias in type_.aliases:
        yield alias, _ALIAS, alias
    for alias in ALIASES.get(type_.id, ()):
        if alias.lower() not in told:
            yield alias, _ALIAS, alias
    yield type_.family, _FAMILY, ""
    yield type_.summary, _DOC, type_.summary


def _hit(item: T, fields: Sequence[_Field], words: Sequence[str]) -> Hit[T] | None:
    """The best hits of all words, added up; None if a word is nowhere. Several words that are found
    side by side count once more."""
    total, why = 0.0, ""
    for word in words:
        best, told = _best(fields, word, _score)
        if not best and len(word) >= _SHORTEST_FUZZY:
            best, told = _best(fields, word, _fuzzy)
        if not best:
            return None
        total, why = total + best, why or told
    if len(words) > 1:
        best, told = _best(fields, " ".join(words), _score)
        total, why = (total + best, told) if best else (total, why)
    return Hit(item, total, why)


def _best(
    fields: Sequence[_Field], word: str, score: Callable[[_Field, str], float]
) -> tuple[float, str]:
    best, told = 0.0, ""
    for field in fields:
        if _EXACT * field.weight > best and (found := score(field, word)) > best:
            best, told = found, field.told
    return best, told


def _score(field: _Field, word: str) -> float:
    """How well a word fits one field, 0 if it does not."""
    text = field.text
    if word == text or (word == field.squeezed and field.squeezed):
        return _EXACT * field.weight
    at = text.find(word)
    if at < 0:
        found = bool(field.squeezed) and field.squeezed.startswith(word)
        return _PREFIX * field.weight - len(text) / 20 if found else 0.0
    if at == 0:
        return _PREFIX * field.weight - len(text) / 50
    while at >= 0:
        if at in field.starts:
            return _WORD * field.weight - len(text) / 50
        at = text.find(word, at + 1)
    return _INSIDE * field.weight - len(text) / 50


def _fuzzy(field: _Field, word: str) -> float:
    """Letters in the right order, the first at the start of a word: `dlt` finds `delay time`."""
    if not field.squeezed:
        return 0.0
    text, best = field.text, 0.0
    for start in sorted(field.starts):
        if text[start] != word[0]:
            continue
        at, ends = start, start
        for letter in word[1:]:
            at = text.find(letter, at + 1)
            if at < 0:
                break
            ends = at
        else:
            spread = (ends - start + 1) / len(word)
            best = max(best, _FUZZY * field.weight / spread)
    return best if best > _FUZZY * field.weight / 3 else 0.0
