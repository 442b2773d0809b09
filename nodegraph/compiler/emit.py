"""The last pass: steps become straight-line Python that a person can read, in chunks.

Ports are local variables of their chunk, params are globals, states places in `S`. The values of
this tick are laid into `N`, from which later chunks read; `V` keeps those of the tick before until
the last chunk has run. Each step stands in a `try` of its own: one that fails keeps its last values
and rests, and the others play on.

No number stands in the code: what lies where is told by names (`V·ease·out`), which are bound when
a plan is installed. `·` may stand in a name of Python and in no id, so no two can meet. So the text
of a chunk depends on nothing but its own steps, an edit changes one chunk or two, and what has the
same text is compiled once.

Two forms are emitted. The plain one has no word about resting, so that an undisturbed show pays
nothing for it. The careful one asks before each step whether it rests, says which step runs, and
takes its time; the engine uses it while any rests, when it measures, and after an accident.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nodegraph.compiler.inline import inlined
from nodegraph.compiler.names import (
    function_of,
    local,
    number_of,
    param_of,
    product_of,
    slot_of,
    state_of,
)
from nodegraph.compiler.plan import Feed, Part, Product, Step
from nodegraph.nodetype import NodeType, Param

HEAD = "def chunk(n, now, brought):"


def emit(
    parts: Sequence[Part],
    product_of: Mapping[str, Product],
    members: Mapping[str, Step],
    *,
    careful: bool,
    constant: bool,
) -> str:
    """The source text of one chunk: a function that runs these parts of the plan.

    `product_of` has the product that a step has a part in, `members` the steps of all products.
    `constant` parts run outside of ticks.
    """
    emitter = _Emitter(product_of, members, careful, constant)
    return "\n".join(emitter.lines(parts)) + "\n"


class _Emitter:
    def __init__(
        self,
        product_of: Mapping[str, Product],
        members: Mapping[str, Step],
        careful: bool,
        constant: bool,
    ) -> None:
        self._product_of = product_of
        self._members = members
        self._careful = careful
        self._constant = constant
        self._here: set[str] = set()

    def lines(self, parts: Sequence[Part]) -> list[str]:
        lines = [HEAD]
        timed = self._careful and not self._constant
        if timed:
            lines.append("    then = clock()")
        for phase, step in parts:
            if phase == "give":
                lines += [f"    # {step.id}: {step.type}, from the tick before"]
                lines += [f"    {_outlets(step)[0]} = {state_of(step.id)}"]
            elif phase == "take":
                lines += self._latch(step)
            else:
                product = self._product_of.get(step.id)
                if product is not None and product.members[0] == step.id:
                    lines += self._product(product)
                lines += self._step(step)
            if timed:
                lines += [
                    "    done = clock()",
                    f"    spent[{number_of(step.id)}] = done - then",
                    "    then = done",
                ]
            if phase != "take":
                self._here.add(step.id)
        return lines + self._publish([step for phase, step in parts if phase != "take"])

    def _publish(self, steps: Sequence[Step]) -> list[str]:
        ports = [(step.id, outlet) for step in steps for outlet in step.slotted]
        if not ports:
            return ["    pass"]
        names = ", ".join(local(*port) for port in ports)
        return [f"    N[{slot_of(*ports[0])}:{slot_of(*ports[-1])} + 1] = ({names},)"]

    def _step(self, step: Step) -> list[str]:
        outlets = _outlets(step)
        state = state_of(step.id) if step.type.stateful else ""
        results = [*(["state"] if state else []), *outlets]
        arguments = {name: self._argument(step, name) for name in step.type.arguments}
        lines = inlined(step.type, arguments, results)
        if lines is None:
            call = _call(step.type, arguments)
            lines = [f"{', '.join(results)} = {call}" if results else call]
            if self._careful:
                lines.insert(0, f"here[0] = {number_of(step.id)}")
        kinds = dict(zip(outlets, step.outlet_kinds.values(), strict=True))
        for name, kind in kinds.items():
            lines += _guard(name, kind)
        if state:
            lines.append(f"{state} = state")
        for name in (name for name, kind in kinds.items() if kind == "message"):
            lines += [f"if {name} is not None:", f"    send({name})"]
        held = [f"{local(step.id, outlet)} = {_at_rest(step, outlet)}" for outlet in step.slotted]
        return self._guarded(step, lines, held)

    def _latch(self, step: Step) -> list[str]:
        arguments = {name: self._argument(step, name) for name in step.type.arguments}
        kind = next(iter(step.outlet_kinds.values()))
        lines = [f"state = {_call(step.type, arguments)}", *_guard("state", kind)]
        lines.append(f"{state_of(step.id)} = state")
        if self._careful:
            lines.insert(0, f"here[0] = {number_of(step.id)}")
        return self._guarded(step, lines, [])

    def _guarded(self, step: Step, lines: list[str], held: list[str]) -> list[str]:
        """A step's lines in their `try`, and what happens when it fails or rests.

        Constants run so seldom that each time all of them are tried, but for those in quarantine.
        """
        number = number_of(step.id)
        if self._careful:
            lines = [*lines, f"if wake[{number}]:", f"    well({number})"]
        body = [
            "try:",
            *_indent(lines),
            "except BaseException as fault:",
            *_indent([*held, f"rest({number}, fault)"]),
        ]
        if self._careful:
            rests = f"wake[{number}] == never" if self._constant else f"n < wake[{number}]"
            body = [f"if {rests}:", *_indent(held or ["pass"]), "else:", *_indent(body)]
        return [f"    # {step.id}: {step.type}", *_indent(body)]

    def _product(self, product: Product) -> list[str]:
        params = [
            self._argument(self._members[id], name)
            for id in product.members
            for name in self._members[id].type.row_params
        ]
        values = f"({', '.join(params)},)" if params else "()"
        name = product_of(product.members[0])
        return [
            f"    # one product for {', '.join(product.members)}",
            f"    M[{name}] = multiply[{name}]({self._value(product.feed)}, {values})",
        ]

    def _argument(self, step: Step, name: str) -> str:
        type_ = step.type
        if name in step.feeds:
            value = self._value(step.feeds[name])
            return _held(value, type_.params[name]) if name in type_.params else value
        if name in type_.params:
            return param_of(step.id, name)
        if name in type_.inlets:
            default = step.default_of(type_.inlets[name])
            return _literal(default) or f"defaults[{step.id!r}, {name!r}]"
        return self._context(step, name)

    def _context(self, step: Step, name: str) -> str:
        if name == "product":
            product = self._product_of[step.id]
            member = product.members.index(step.id)
            return f"part(M[{product_of(product.members[0])}], {member})"
        return {
            "state": state_of(step.id),
            "dt": "dt",
            "now": "now",
            "rate": "rate",
            "audio": f"brought.get({step.id!r}, silence)",
            "events": f"brought.get({step.id!r}, ())",
            "rng": f"rng[{number_of(step.id)}].at(n)",
        }[name]

    def _value(self, feed: Feed) -> str:
        """What a wire brings: a local variable where this chunk made it, else from `N`."""
        slot = slot_of(feed.node, feed.outlet)
        here = local(feed.node, feed.outlet) if feed.node in self._here else f"N[{slot}]"
        value = feed.conversion.format(x=here, before=f"V[{slot}]")
        return value if feed.conversion == "{x}" else f"({value})"


def _outlets(step: Step) -> list[str]:
    return [local(step.id, outlet) for outlet in step.outlet_kinds]


def _call(type_: NodeType, arguments: Mapping[str, str]) -> str:
    """A call of the node's function, with an expression for each of its arguments."""
    given = [
        f"{name}={value}" if name in type_.keywords else value for name, value in arguments.items()
    ]
    return f"{function_of(type_.id)}({', '.join(given)})"


def _at_rest(step: Step, outlet: str) -> str:
    """What an outlet gives while its node rests."""
    safe = step.type.outlets[outlet].safe
    return f"V[{slot_of(step.id, outlet)}]" if safe is None else repr(safe)


def _literal(value: object) -> str | None:
    """How emitted code can spell a value, if it can: not infinity, nor what only looks like a
    number."""
    if type(value) is float and not math.isfinite(value):
        return None
    if type(value) not in (bool, int, float, str, type(None)):
        return None
    spelt = repr(value)
    return f"({spelt})" if spelt.startswith("-") else spelt


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
            f"if type({name}) is not float or {name} - {name}:",
            f"    {name} = number({name})",
        ]
    if kind in ("boolean", "trigger"):
        return [f"if {name} is not True and {name} is not False:", f"    {name} = truth({name})"]
    return [f"check_{kind}({name})"]


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
