"""A node type as data: what the compiler, the editor, the manual and the patch file read."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from typing import Any, Final

from nodegraph.body import Body, read_body
from nodegraph.errors import UpgradeError
from nodegraph.inferred import FLOAT, Types
from nodegraph.plain import examined
from nodegraph.values import NUMERIC, kind_of

CONTEXT: Final[Mapping[str, str]] = {
    "state": "what the node returned first in the tick before",
    "dt": "seconds that this tick stands for",
    "now": "seconds from the start of the sound to the end of this tick's block",
    "rate": "samples per second",
    "audio": "float32[samples, channels] that the node's own source brought",
    "events": "tuple of events that the node's own source brought",
    "rng": "chance, seeded per node",
    "themes": "themes by name: those of the patch, before those that come along",
    "product": "float32[k], the matrix that `rows` gives times the node's vector inlet",
}
"""What a node may ask for by name, beside its inlets and params."""

ANY: Final = "any"
"""The kind of an inlet that takes everything, and of an outlet that carries what such an inlet
was given."""


class Required:
    """The default of an inlet that must be wired."""

    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = Required()


@dataclass(frozen=True, slots=True)
class Inlet:
    """Where a value arrives on a wire; `default` is what the node sees while none is wired."""

    name: str
    kind: str
    default: object
    unit: str
    low: float | None
    high: float | None
    help: str
    instead_of: str = ""
    """An inlet of older versions that is gone (see `nodegraph.compiler.moved`)."""


@dataclass(frozen=True, slots=True)
class Param:
    """What the user sets. `low` and `high` are None for params that are not numbers. With `themes`
    it is the name of a theme that the patch at hand can use. `read` raises what is wrong with a
    text; a process that does not have the plugin cannot ask it."""

    name: str
    kind: str
    default: bool | float | str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    curve: str
    integer: bool
    help: str
    themes: bool = False
    read: Callable[..., object] | None = None

    @property
    def read_with(self) -> tuple[str, ...]:
        """What `read` asks for beside the text."""
        return tuple(signature(self.read).parameters)[1:] if self.read else ()


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a value leaves. `like` names the inlet of any kind that this outlet takes after, `safe`
    is what it gives while its node rests; None is what it gave last."""

    name: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    like: str | None
    safe: bool | float | str | None
    help: str


@dataclass(frozen=True, eq=False)
class NodeType:
    """Everything there is to know about a kind of node.

    `arguments` are those of the function, in order; `keywords` those that it takes by name only.
    """

    id: str
    version: int
    function: Callable[..., Any]
    title: str
    aliases: tuple[str, ...]
    doc: str
    arguments: tuple[str, ...]
    keywords: frozenset[str]
    inlets: Mapping[str, Inlet]
    params: Mapping[str, Param]
    outlets: Mapping[str, Outlet]
    stateful: bool
    state: object
    latch: bool
    output: bool
    source: str | None
    rows: Callable[..., Any] | None
    row_params: tuple[str, ...]
    upgrade: Callable[[dict[str, Any], int], dict[str, Any]] | None
    file: str
    line: int
    mode: str = ""
    """How a node of this type is switched: "" runs, "bypass" passes on, "mute" gives nothing."""
    passed: Mapping[str, str | None] = field(default_factory=dict)
    """The inlet that each outlet passes on while the node is switched off."""
    ahead: Callable[..., Any] | None = None
    """What it does with many ticks at once, if it can (see `nodegraph.spec.node`)."""
    given_body: Body | None = None
    """The body where it cannot be read off the function."""

    @property
    def family(self) -> str:
        """The part of the id before the first dot, by which palettes group node types."""
        return self.id.partition(".")[0]

    @cached_property
    def targets(self) -> Mapping[str, Inlet | Param]:
        """Where a wire may arrive: inlets and params."""
        return {**self.params, **self.inlets}

    @cached_property
    def any_inlets(self) -> tuple[Inlet, ...]:
        """The inlets that take everything."""
        return tuple(inlet for inlet in self.inlets.values() if inlet.kind == ANY)

    @cached_property
    def unwired_kind(self) -> str:
        """The kind that its ports of any kind carry while nothing is wired to them."""
        inlets = self.any_inlets
        return kind_of(inlets[0].default) or "number" if inlets else ANY

    @cached_property
    def required(self) -> tuple[Inlet, ...]:
        """The inlets that must be wired."""
        return tuple(inlet for inlet in self.inlets.values() if inlet.default is REQUIRED)

    @cached_property
    def replaced(self) -> Mapping[str, Inlet]:
        """What has taken the place of inlets that are gone, by their names."""
        return {inlet.instead_of: inlet for inlet in self.inlets.values() if inlet.instead_of}

    @cached_property
    def looks_at_themes(self) -> bool:
        """Whether what its params may be depends on the themes at hand."""
        params = self.params.values()
        return any(param.themes or "themes" in param.read_with for param in params)

    @cached_property
    def context(self) -> frozenset[str]:
        """The context names that the function asks for."""
        return frozenset(self.arguments) - self.inlets.keys() - self.params.keys()

    @cached_property
    def is_unique(self) -> bool:
        """Whether a node of this type may differ from any other, however equal they are."""
        return bool(self.source or self.latch or self.is_output or "rng" in self.arguments)

    @cached_property
    def is_constant(self) -> bool:
        """Whether a node of this type gives always the same while it is given the same."""
        asks = self.stateful or self.source or self.rows or self.context - {"rate", "themes"}
        return not (self.sends or asks)

    @cached_property
    def is_output(self) -> bool:
        """Whether a node of this type runs even if nothing reads it."""
        return self.output or self.sends

    @cached_property
    def sends(self) -> bool:
        """Whether a node of this type gives messages."""
        return any(outlet.kind == "message" for outlet in self.outlets.values())

    @cached_property
    def body(self) -> Body | None:
        """What the function does, if a plan can do it without a call: numbers and switches only,
        and one of a few ways to go about them. Whatever works on more is worth its call, and its
        failures are worth the line that a call leaves in them."""
        if self.given_body is not None:
            return self.given_body
        kinds = {
            *(inlet.kind for inlet in self.inlets.values()),
            *(param.kind for param in self.params.values() if not param.choices),
            *(outlet.kind for outlet in self.outlets.values()),
        }
        if not kinds <= NUMERIC or not self.context <= {"state", "dt", "now", "rate", "rng"}:
            return None
        body = read_body(self.function, self.arguments)
        if body is None:
            return None
        return examined(
            body,
            known=self._argument_types,
            needs={name: self.function.__globals__[name] for name in body.needs},
            outlets=[float if it.kind == "number" else bool for it in self.outlets.values()],
            state=self.state,
            settled={"dt", "rate", *self.params},
        )

    @property
    def _argument_types(self) -> Mapping[str, Types]:
        """What arrives as each argument: what a wire brings or a param holds, or the default."""
        known = dict.fromkeys(("dt", "now", "rate"), FLOAT)
        for name, it in self.targets.items():
            number = int if isinstance(it, Param) and it.integer else float
            types: Mapping[str, type] = {"number": number, "string": str}
            kinds = {types.get(it.kind, bool)}
            if it.default is not REQUIRED:
                kinds.add(type(it.default))
            known[name] = frozenset(kinds)
        return known

    def carry_over(self, params: Mapping[str, Any], version: int) -> dict[str, Any]:
        """The params of an older version as this one has them. Raises `UpgradeError`."""
        assert self.upgrade is not None  # a version above 1 is declared with it
        try:
            return {str(name): it for name, it in self.upgrade(dict(params), version).items()}
        except UpgradeError:  # another process has the code, and has said where
            raise
        except Exception as error:  # a guest's code may fail in any way there is
            text = f"{type(error).__name__}: {error} ({self.place(error)})"
            raise UpgradeError(text) from error

    def place(self, fault: BaseException) -> str:
        """The line of the plugin's file in which its code failed, else that of the declaration."""
        frames = traceback.walk_tb(fault.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == self.file]
        return f"{self.file}:{lines[-1] if lines else self.line}"

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return self.doc.split("\n\n", 1)[0].replace("\n", " ")

    def __str__(self) -> str:
        switched = f" ({self.mode})" if self.mode else ""
        return f"{self.id}@{self.version}{switched}"
