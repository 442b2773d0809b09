"""What things are called in emitted code. `·` may stand in names of Python and in no id or port."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Names(NamedTuple):
    """What a step's places are called: its number, its state, its outlets in `V`, its params."""

    number: str
    state: str
    slots: tuple[str, ...]
    params: tuple[str, ...]


def names_of(node: str, outlets: Iterable[str], params: Iterable[str]) -> Names:
    """All names of a step."""
    return Names(
        number_of(node),
        state_place(node),
        tuple([slot_of(node, outlet) for outlet in outlets]),
        tuple([param_of(node, param) for param in params]),
    )


def _name(*parts: str) -> str:
    return "·".join(parts).replace("/", "·")


def local(node: str, outlet: str) -> str:
    """The variable of an outlet in its own chunk."""
    return _name(node, outlet)


def param_of(node: str, param: str) -> str:
    """The global that holds a param."""
    return _name("P", node, param)


def slot_of(node: str, outlet: str) -> str:
    """The global that tells where in `V` and `N` an outlet's value lies."""
    return _name("V", node, outlet)


def state_place(node: str) -> str:
    """The global that tells where in `S` a node's state lies."""
    return _name("S", node)


def state_of(node: str) -> str:
    """A node's state."""
    return f"S[{state_place(node)}]"


def number_of(node: str) -> str:
    """The global that tells a step's number."""
    return _name("W", node)


def product_of(first: str) -> str:
    """The global that tells a product's number, by its first member."""
    return _name("M", first)


def function_of(type_: str) -> str:
    """The function of a node type, by its id."""
    return _name("F", *type_.split("."))


def global_of(type_: str, name: str) -> str:
    """A global that the function of a node type needs."""
    return _name("G", *type_.split("."), name)
