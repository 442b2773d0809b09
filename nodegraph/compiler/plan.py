"""A patch on its way to a plan, and the plan: flat, frozen, ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType

from nodegraph.errors import Problem
from nodegraph.nodetype import NodeType


@dataclass(frozen=True, slots=True)
class Feed:
    """Where an inlet or a driven param gets its value: an outlet, and what makes it fit.

    `conversion` is an expression over `{x}` and `{before}` (see `nodegraph.values.CONVERSIONS`).
    """

    node: str
    outlet: str
    conversion: str = "{x}"

    @property
    def on_edge(self) -> bool:
        """Whether the value of the tick before matters, too."""
        return "{before}" in self.conversion


@dataclass(frozen=True, slots=True)
class Step:
    """One node, checked: its params complete and in range, its wires resolved.

    `kinds` gives the kind of each outlet and of each inlet, now that it is known.
    """

    id: str
    type: NodeType
    params: Mapping[str, object]
    feeds: Mapping[str, Feed]
    inlet_kinds: Mapping[str, str]
    outlet_kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Product:
    """Steps that begin with a matrix times the same vector: one matrix, one multiplication."""

    feed: Feed
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceNeed:
    """A source that has to be opened for a node, with the node's params."""

    node: str
    kind: str
    params: Mapping[str, object]


@dataclass(frozen=True)
class Plan:
    """A compiled patch.

    The code works on lists that the engine makes: `V` (values, one slot an outlet), `P` (params)
    and `S` (states). `slots`, `param_slots` and `state_slots` tell which place belongs to what;
    nodes that are shared have the same places. The code comes in two forms, of which the careful
    one knows that nodes may rest (see `nodegraph.compiler.emit`). Everything here is data: a plan
    can be compared, printed, and its code marshalled to another process.
    """

    steps: tuple[Step, ...]
    constants: tuple[Step, ...]
    products: tuple[Product, ...]
    shared: Mapping[str, str]
    slots: Mapping[str, int]
    kinds: Mapping[str, str]
    values: tuple[object, ...]
    param_slots: Mapping[tuple[str, str], int]
    params: tuple[object, ...]
    state_slots: Mapping[str, int]
    states: tuple[object, ...]
    sources: tuple[SourceNeed, ...]
    problems: tuple[Problem, ...]
    text: str
    careful_text: str
    code: CodeType
    careful_code: CodeType

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Constants first, then what runs every tick; a step's place here is its number."""
        return self.constants + self.steps
