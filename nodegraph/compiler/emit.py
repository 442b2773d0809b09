"""The last pass: steps become straight-line Python that a person can read.

Ports are local variables, params are places in `P`, states places in `S`, and all values of the
tick are laid into `V` at its end. Each step stands in a `try` of its own: one that fails keeps its
last values and rests, and the others play on.

Two forms are emitted. The plain one has no word about resting, so that an undisturbed show pays
nothing for it. The careful one asks before each step whether it rests; the engine uses it while
any does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodegraph.compiler.check import default_of
from nodegraph.compiler.inline import function_name, inlined, needs
from nodegraph.compiler.plan import Feed, Product, Step
from nodegraph.nodetype import NodeType, Param
from nodegraph.values import KINDS


@dataclass
class Layout:
    """Where everything lies. A slot is named `node.outlet`; constants have the first ones."""

    steps: tuple[Step, ...]
    constants: tuple[Step, ...]
    products: tuple[Product, ...]
    slots: dict[str, int] = field(default_factory=dict)
    param_slots: dict[tuple[str, str], int] = field(default_factory=dict)
    state_slots: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for step in (*self.constants, *self.steps):
            for outlet, kind in step.outlet_kinds.items():
                if kind != "message":
                    self.slots[f"{step.id}.{outlet}"] = len(self.slots)
            for param in step.type.params:
                self.param_slots[step.id, param] = len(self.param_slots)
            if step.type.stateful:
                self.state_slots[step.id] = len(self.state_slots)

    @property
    def constant_slots(self) -> int:
        """How many slots belong to constants."""
        ids = {step.id for step in self.constants}
        return sum(name.partition(".")[0] in ids for name in self.slots)


def emit(layout: Layout, *, careful: bool) -> str:
    """The source text of `constants()` and `tick(n, now, brought)`."""
    return "\n".join(_Emitter(layout, careful).lines()) + "\n"


class _Emitter:
    def __init__(self, layout: Layout, careful: bool) -> None:
        self._layout = layout
        self._careful = careful
        self._number = {step.id: i for i, step in enumerate((*layout.constants, *layout.steps))}
        self._constant = {step.id for step in layout.constants}
        self._product_of = {
            id: (i, product.members.index(id))
            for i, product in enumerate(layout.products)
            for id in product.members
        }
        self._local = _local_names(layout)

    def lines(self) -> list[str]:
        self._inside_constants = True
        lines = ["def constants():"]
        for step in self._layout.constants:
            lines += self._step(step)
        lines += [*self._publish(self._layout.constants, 0), "", ""]
        self._inside_constants = False
        lines.append("def tick(n, now, brought):")
        multiplied: set[int] = set()
        latches = [step for step in self._layout.steps if step.type.latch]
        for step in latches:
            lines += [f"    # {step.id}: {step.type}, from the tick before"]
            lines += [f"    {self._outlets(step)[0]} = S[{self._layout.state_slots[step.id]}]"]
        for step in self._layout.steps:
            if not step.type.latch:
                product = self._product_of.get(step.id)
                if product and product[0] not in multiplied:
                    multiplied.add(product[0])
                    lines += self._product(product[0])
                lines += self._step(step)
        for step in latches:
            lines += self._latch(step)
        return lines + self._publish(self._layout.steps, self._layout.constant_slots)

    def _publish(self, steps: Sequence[Step], start: int) -> list[str]:
        names = [
            self._local[f"{step.id}.{outlet}"]
            for step in steps
            for outlet, kind in step.outlet_kinds.items()
            if kind != "message"
        ]
        if not names:
            return ["    pass"]
        return [f"    V[{start}:{start + len(names)}] = ({', '.join(names)},)"]

    def _outlets(self, step: Step) -> list[str]:
        return [self._local[f"{step.id}.{outlet}"] for outlet in step.outlet_kinds]

    def _step(self, step: Step) -> list[str]:
        outlets = self._outlets(step)
        state = f"S[{self._layout.state_slots[step.id]}]" if step.type.stateful else ""
        results = [*(["state"] if state else []), *outlets]
        arguments = {name: self._argument(step, name) for name in step.type.arguments}
        lines = inlined(step.type, arguments, results)
        if lines is None:
            call = _call(step.type, arguments)
            lines = [f"{', '.join(results)} = {call}" if results else call]
        kinds = dict(zip(outlets, step.outlet_kinds.values(), strict=True))
        for name, kind in kinds.items():
            lines += _guard(name, kind)
        if state:
            lines.append(f"{state} = state")
        for name in (name for name, kind in kinds.items() if kind == "message"):
            lines += [f"if {name} is not None:", f"    send({name})"]
        return self._guarded(step, lines)

    def _latch(self, step: Step) -> list[str]:
        arguments = {name: self._argument(step, name) for name in step.type.arguments}
        kind = next(iter(step.outlet_kinds.values()))
        lines = [f"state = {_call(step.type, arguments)}", *_guard("state", kind)]
        lines.append(f"S[{self._layout.state_slots[step.id]}] = state")
        return self._guarded(step, lines, hold=False)

    def _guarded(self, step: Step, lines: list[str], hold: bool = True) -> list[str]:
        """A step's lines in their `try`, and what happens when it fails or rests.

        Constants never rest: they run so seldom that each time all of them are tried.
        """
        held = [
            f"{self._local[name]} = V[{self._layout.slots[name]}]"
            for name in (f"{step.id}.{outlet}" for outlet in step.outlet_kinds)
            if hold and name in self._layout.slots
        ]
        number = self._number[step.id]
        if self._careful:
            lines = [*lines, f"if wake[{number}]:", f"    well({number})"]
        body = [
            "try:",
            *_indent(lines),
            "except BaseException as fault:",
            *_indent([*held, f"rest({number}, fault)"]),
        ]
        if self._careful and not self._inside_constants:
            body = [
                f"if n < wake[{number}]:",
                *_indent(held or ["pass"]),
                "else:",
                *_indent(body),
            ]
        return [f"    # {step.id}: {step.type}", *_indent(body)]

    def _product(self, index: int) -> list[str]:
        product = self._layout.products[index]
        steps = {step.id: step for step in self._layout.steps}
        params = [
            self._argument(steps[id], name)
            for id in product.members
            for name in steps[id].type.row_params
        ]
        values = f"({', '.join(params)},)" if params else "()"
        vector = self._value(product.feed)
        return [
            f"    # one product for {', '.join(product.members)}",
            f"    product{index} = multiply{index}({vector}, {values})",
        ]

    def _argument(self, step: Step, name: str) -> str:
        type_ = step.type
        if name in step.feeds:
            value = self._value(step.feeds[name])
            return _held(value, type_.params[name]) if name in type_.params else value
        if name in type_.params:
            return f"P[{self._layout.param_slots[step.id, name]}]"
        if name in type_.inlets:
            default = default_of(step, type_.inlets[name])
            return repr(default) if _literal(default) else f"defaults[{step.id!r}, {name!r}]"
        return self._context(step, name)

    def _context(self, step: Step, name: str) -> str:
        number = self._number[step.id]
        if name == "state":
            return f"S[{self._layout.state_slots[step.id]}]"
        if name == "product":
            product, member = self._product_of[step.id]
            return f"part(product{product}, {member})"
        return {
            "dt": "dt",
            "now": "now",
            "rate": "rate",
            "audio": f"brought.get({step.id!r}, silence)",
            "events": f"brought.get({step.id!r}, ())",
            "rng": f"rng[{number}].at(n)",
        }[name]

    def _value(self, feed: Feed) -> str:
        name = f"{feed.node}.{feed.outlet}"
        slot = f"V[{self._layout.slots[name]}]"
        constant = feed.node in self._constant and not self._inside_constants
        value = feed.conversion.format(x=slot if constant else self._local[name], before=slot)
        return value if feed.conversion == "{x}" else f"({value})"


def _call(type_: NodeType, arguments: Mapping[str, str]) -> str:
    """A call of the node's function, with an expression for each of its arguments."""
    given = [
        f"{name}={value}" if name in type_.keywords else value for name, value in arguments.items()
    ]
    return f"{function_name(type_)}({', '.join(given)})"


def _literal(value: object) -> bool:
    """Whether emitted code can spell a value: not infinity, nor what only looks like a number."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) in (bool, int, str, type(None))


def _held(value: str, param: Param) -> str:
    """A driven param, held to what it can take."""
    if param.kind == "number":
        assert param.low is not None  # a number's range is part of its declaration
        assert param.high is not None
        held = f"held({value}, {float(param.low)!r}, {float(param.high)!r})"
        return f"round({held})" if param.integer else held
    if param.choices:
        return f"chosen({value}, {param.choices!r}, {param.default!r})"
    return value


def _guard(name: str, kind: str) -> list[str]:
    """Lines that fail if an outlet's value is not of its kind. Numbers and switches, which are
    most of a patch, are checked without a call; of floats, `x - x` is nonzero for NaN and infinity
    only."""
    if kind == "number":
        return [
            f"if {name}.__class__ is not float or {name} - {name}:",
            f"    {name} = number({name})",
        ]
    if kind in ("boolean", "trigger"):
        return [f"if {name} is not True and {name} is not False:", f"    {name} = truth({name})"]
    return [f"check_{kind}({name})"]


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _local_names(layout: Layout) -> Mapping[str, str]:
    """A variable for each outlet: `node_outlet`, made unique where it would meet another, or one
    of the globals with `_` in their names; the others cannot be met."""
    steps = (*layout.constants, *layout.steps)
    used = {f"check_{kind}" for kind in KINDS}
    for step in steps:
        used |= {function_name(step.type), *needs(step.type)}
    names: dict[str, str] = {}
    for step in steps:
        for outlet in step.outlet_kinds:
            name = f"{step.id}_{outlet}"
            while name in used:
                name += "_"
            used.add(name)
            names[f"{step.id}.{outlet}"] = name
    return names
