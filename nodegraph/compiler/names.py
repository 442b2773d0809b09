"""What things are called in emitted code. `·` may stand in names of Python and in no id or port.

Names that begin with a capital letter are those of cells: what they stand for is not in the code,
and is put there when a plan is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from sys import intern
from typing import NamedTuple

LENT = ("M", "clock", "defaults", "multiply", "rng", "spent", "themes")
"""Cells that are no node's own."""

# To look back where a name may begin, not everywhere, takes a third of the time.
_CELL = re.compile(r"[FGKMPSVW]·(?<![\w·]..)[\w·]+")


def cells_in(text: str) -> Iterable[str]:
    """The names of all cells that some code may need."""
    return dict.fromkeys((*LENT, *_CELL.findall(text)))


class Names(NamedTuple):
    """What a step's places are called: its number, its state, its outlets in `V`, its params."""

    number: str
    state: str
    slots: tuple[str, ...]
    params: tuple[str, ...]


def names_of(node: str, outlets: Iterable[str], params: Iterable[str]) -> Names:
    """All names of a step, as the very objects that compiled code has."""
    return Names(
        intern(number_of(node)),
        intern(state_of(node)),
        tuple([intern(slot_of(node, outlet)) for outlet in outlets]),
        tuple([intern(param_of(node, param)) for param in params]),
    )


def _name(*parts: str) -> str:
    return "·".join(parts).replace("/", "·")


def local(node: str, outlet: str) -> str:
    """The variable of an outlet in its own chunk."""
    return _name(node, outlet)


def param_of(node: str, param: str) -> str:
    """A param."""
    return _name("P", node, param)


def slot_of(node: str, outlet: str) -> str:
    """Where in `V` and `N` an outlet's value lies."""
    return _name("V", node, outlet)


def run_of(first: str, last: str) -> str:
    """All slots from one to another. Three points in a row are in no name of theirs."""
    return f"{first}···{last}"


def ends_of(run: str) -> tuple[str, str]:
    """The two slots of what `run_of` named. Raises `KeyError` for any other name."""
    first, _, last = run.partition("···")
    if not last:
        raise KeyError(run)
    return first, last


def state_of(node: str) -> str:
    """A node's state."""
    return _name("S", node)


def next_of(node: str) -> str:
    """The variable for the state that a node will have once its chunk is known to be sound."""
    return _name("T", node)


def settled_of(node: str, number: int) -> str:
    """What follows from a node's params alone, by its place in the body."""
    return _name("K", node, str(number))


def number_of(node: str) -> str:
    """A step's number."""
    return _name("W", node)


def product_of(first: str) -> str:
    """A product's number, by its first member."""
    return _name("M", first)


def function_of(type_: str) -> str:
    """The function of a node type, by its id."""
    return _name("F", *type_.split("."))


def global_of(type_: str, name: str) -> str:
    """A global that the function of a node type needs."""
    return _name("G", *type_.split("."), name)
