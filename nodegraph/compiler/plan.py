"""A patch on its way to a plan, and the plan: flat, frozen, ready to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from types import CodeType
from typing import TYPE_CHECKING, Literal, NamedTuple

from nodegraph.compiler.machine import Program
from nodegraph.compiler.names import Names, names_of, settled_of
from nodegraph.errors import Problem
from nodegraph.inferred import spelt
from nodegraph.nodetype import ANY, Inlet, NodeType
from nodegraph.theme import Themes
from nodegraph.values import KINDS, NUMERIC, kind_of

if TYPE_CHECKING:
    from nodegraph.compiler.recall import Checked


class Feed(NamedTuple):
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


@dataclass(frozen=True)
class Step:
    """One node, checked: its params complete and in range, its wires resolved.

    The kind of each inlet and of each outlet is known now. A step outlives edits of other nodes,
    and with it what follows from it alone.
    """

    id: str
    type: NodeType
    params: Mapping[str, object]
    feeds: Mapping[str, Feed]
    inlet_kinds: Mapping[str, str]
    outlet_kinds: Mapping[str, str]

    @cached_property
    def slotted(self) -> Mapping[str, str]:
        """The outlets that have a slot, each with its `node.outlet`: all but those for messages."""
        outlets = self.outlet_kinds.items()
        return {name: f"{self.id}.{name}" for name, kind in outlets if kind != "message"}

    @cached_property
    def numbers(self) -> Mapping[str, object]:
        """The outlets (`node.outlet`) of numbers and switches, and what they hold at first."""
        return self._firsts(numeric=True)

    @cached_property
    def others(self) -> Mapping[str, object]:
        """The other outlets that have a slot, and what they hold at first."""
        return self._firsts(numeric=False)

    def _firsts(self, numeric: bool) -> Mapping[str, object]:
        return {
            port: KINDS[self.outlet_kinds[name]].default
            for name, port in self.slotted.items()
            if (self.outlet_kinds[name] in NUMERIC) == numeric
        }

    @cached_property
    def recipe(self) -> str:
        """What it does with what, to the last bit: 0 is not -0, and 1 is not true."""
        return f"{self.type} {self.type.passed} {self.feeds} {self.params}"

    @cached_property
    def names(self) -> Names:
        """What its places are called in emitted code."""
        return names_of(self.id, self.slotted, self.params)

    @cached_property
    def edges(self) -> tuple[Feed, ...]:
        """What it waits for a rising edge of."""
        return tuple(feed for feed in self.feeds.values() if feed.on_edge)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is sure to be arithmetic (see `nodegraph.plain`)."""
        return self.type.body is not None and self.type.body.plain

    def remembers(self, state: object) -> bool:
        """Whether it can have had this state, as far as that is known."""
        body = self.type.body
        return body is None or not body.plain or spelt(state) in body.memory

    @cached_property
    def settled(self) -> tuple[str | None, ...]:
        """The names of what follows from its params alone; None where a driven one has a say."""
        if self.type.body is None or not self.is_plain:
            return ()
        driven = [f"{{{name}}}" for name in self.type.params if name in self.feeds]
        return tuple(
            None if any(hole in text for hole in driven) else settled_of(self.id, number)
            for number, text in enumerate(self.type.body.settled)
        )

    @cached_property
    def defaults(self) -> Mapping[tuple[str, str], object]:
        """What it sees on inlets that are not wired, by node and inlet."""
        return {
            (self.id, name): self.default_of(inlet)
            for name, inlet in self.type.inlets.items()
            if name not in self.feeds
        }

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What must be the same for a node's state to outlive an edit, beside its id: type and
        version, and the kinds that it carries."""
        kinds = (tuple(self.inlet_kinds.items()), tuple(self.outlet_kinds.items()))
        return (str(self.type), *kinds, self.type.stateful)

    def default_of(self, inlet: Inlet) -> object:
        """What the node sees on an inlet that is not wired, in the kind that it carries here."""
        kind = self.inlet_kinds[inlet.name]
        if inlet.kind == ANY and inlet.default is not None and kind_of(inlet.default) != kind:
            return KINDS[kind].default
        return inlet.default

    @property
    def first_state(self) -> object:
        """The state a node starts with. A latch gives it away, so it has to be of its kind."""
        if self.type.latch and self.type.state is None:
            return KINDS[next(iter(self.outlet_kinds.values()))].default
        return self.type.state


@dataclass(frozen=True, slots=True)
class Product:
    """Steps that begin with a matrix times the same vector: one matrix, one multiplication."""

    feed: Feed
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceNeed:
    """A source that has to be opened for a node, with the node's params: of sound, or of events."""

    node: str
    kind: str
    params: Mapping[str, object]
    events: bool = False


class Part(NamedTuple):
    """What a chunk does with a step. A latch gives before all others run, and takes after; what
    follows from params alone is settled when they are set."""

    phase: Literal["run", "give", "take", "settle"]
    step: Step


@dataclass(frozen=True)
class Chunk:
    """Some steps of a plan as code: a function `chunk(n, now, brought, V, N)` in two forms.

    The careful one knows that steps may rest (see `nodegraph.compiler.emit`). `parts` are the steps
    and `products` what they have to do with; equal ones have the same code.
    """

    parts: tuple[Part, ...]
    products: tuple[Product, ...]

    text: str
    careful_text: str
    code: CodeType
    careful_code: CodeType
    program: Program | None
    """The quick form for native code, where the steps are plain."""

    @cached_property
    def digest(self) -> bytes:
        """What stands for the code: 16 bytes, other ones for any other text."""
        text = f"{self.text}\0{self.careful_text}"
        return blake2b(text.encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Plan:
    """A compiled patch: steps in the order in which they run, and their code.

    The code works on what the engine makes: the lists `V` and `N` (values, one slot an outlet) and
    a cell for each state and param. What lies where follows from the steps. `shared` names, for
    each node that is not run, the equal one that is; the two have the same places. Everything here
    is data: a plan can be compared, printed, and packed for another process.

    `settling` is what follows from params alone: it runs when they are set. `themes` are those that
    nodes may ask for, by name.
    """

    constants: tuple[Step, ...]
    steps: tuple[Step, ...]
    products: tuple[Product, ...]
    shared: Mapping[str, str]
    problems: tuple[Problem, ...]
    constant_chunks: tuple[Chunk, ...]
    chunks: tuple[Chunk, ...]
    settling: tuple[Chunk, ...]
    themes: Themes
    ahead: tuple[Step, ...] = ()
    """What is computed for many ticks at once before these run (see `nodegraph.compiler.ahead`)."""
    checked: Mapping[str, Checked] = field(default_factory=dict, compare=False, repr=False)
    """What need not be checked again for the plan after this one; it stays where it was made."""

    @cached_property
    def all_steps(self) -> tuple[Step, ...]:
        """Constants first, then what runs every tick; a step's place here is its number."""
        return self.constants + self.steps

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The step of every node, those that are shared among them."""
        own = {step.id: step for step in self.all_steps}
        return own | {id: own[stand_in] for id, stand_in in self.shared.items()}

    @cached_property
    def slots(self) -> Mapping[str, int]:
        """Where in `V` each outlet (`node.outlet`) lies; numbers and switches come first, and among
        those and the others constants."""
        numbers = [port for step in self.all_steps for port in step.numbers]
        others = [port for step in self.all_steps for port in step.others]
        own = {port: place for place, port in enumerate(numbers + others)}
        return own | {
            f"{id}.{outlet}": own[port]
            for id in self.shared
            for outlet, port in self.by_id[id].slotted.items()
        }

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kind that each outlet carries, those of messages among them."""
        return {
            f"{id}.{outlet}": kind
            for id, step in self.by_id.items()
            for outlet, kind in step.outlet_kinds.items()
        }

    @property
    def values(self) -> list[object]:
        """What `V` holds before the first tick."""
        numbers = [value for step in self.all_steps for value in step.numbers.values()]
        return numbers + [value for step in self.all_steps for value in step.others.values()]

    @cached_property
    def state_slots(self) -> Mapping[str, int]:
        """Which state is each node's, in the order of steps."""
        stateful = [step.id for step in self.all_steps if step.type.stateful]
        own = {id: place for place, id in enumerate(stateful)}
        shared = {id: own[by] for id, by in self.shared.items() if by in own}
        return own | shared

    @property
    def sources(self) -> tuple[SourceNeed, ...]:
        """What has to be opened for the plan to hear."""
        return tuple(
            SourceNeed(step.id, step.type.source, step.params, "events" in step.type.context)
            for step in (*self.ahead, *self.steps)
            if step.type.source is not None
        )

    @property
    def every_chunk(self) -> tuple[Chunk, ...]:
        """First what runs when the plan is installed or a param is set, then each tick's."""
        return self.settling + self.constant_chunks + self.chunks

    @property
    def text(self) -> str:
        """The code as a person reads it."""
        return self._listing([chunk.text for chunk in self.every_chunk])

    @property
    def careful_text(self) -> str:
        """The careful form as a person reads it."""
        return self._listing([chunk.careful_text for chunk in self.every_chunk])

    def _listing(self, texts: Sequence[str]) -> str:
        kinds = {"settled": self.settling, "constants": self.constant_chunks, "chunk": self.chunks}
        names = [f"{kind}_{i}" for kind, chunks in kinds.items() for i in range(len(chunks))]
        return "\n\n".join(
            text.replace("def chunk(", f"def {name}(", 1)
            for name, text in zip(names, texts, strict=True)
        )
