"""The last pass: steps become straight-line Python that a person can read, in chunks.

Ports are local variables of their chunk; params (`P·`) and states (`S·`) are cells. The values of
this tick are laid into `N`, from which later chunks read; `V` has those of the tick before. Each
step stands in a `try` of its own: one that fails keeps its last values and rests, and the others
play on.

No number stands in the code: what lies where is told by names (`V·ease·out`, and a run of slots by
its ends, `V·ease·out···V·sum·out`) of cells that are filled when a plan is installed. `·` may stand
in a name of Python and in no id, so no two can meet. So the text of a chunk depends on nothing but
its own steps, an edit changes one chunk or two, and what has the same text is compiled once.

Two forms are emitted. The quick one has no word about resting, so that an undisturbed show pays
nothing for it. The careful one asks before each step whether it rests, says which step runs, and
takes its time; the engine uses it while any rests, when it measures, and after an accident.

Where all steps are plain (see `nodegraph.plain`), the quick form of the chunk is a transaction. It
has neither tries nor guards: one look at the end shows whether all numbers are finite, and only
then are states kept. If not, or if anything was raised, nothing has happened yet, and the engine
runs the careful form in its place, which finds out who it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodegraph.compiler.inline import inlined, inlined_plainly, settling
from nodegraph.compiler.names import (
    function_of,
    local,
    next_of,
    number_of,
    param_of,
    product_of,
    run_of,
    slot_of,
    state_of,
)
from nodegraph.compiler.plan import Feed, Part, Product, Step
from nodegraph.compiler.spell import at_rest, finite, guard, held_to, literal
from nodegraph.nodetype import NodeType

HEAD = "def chunk(n, now, brought, V, N):"


def is_plain(part: Part) -> bool:
    """Whether a part can belong to a transaction."""
    return part.phase == "run" and part.step.is_plain


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
    return _Emitter(product_of, members, careful, constant).text(parts)


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
        self._kept: list[str] = []
        self._written: list[str] = []

    def text(self, parts: Sequence[Part]) -> str:
        """The whole function."""
        lines = self._lines(parts) or ["    pass"]
        if self._written:
            lines.insert(0, f"    nonlocal {', '.join(self._written)}")
        return "\n".join([HEAD, *lines]) + "\n"

    def _lines(self, parts: Sequence[Part]) -> list[str]:
        lines: list[str] = []
        if not self._careful and not self._constant and all(map(is_plain, parts)):
            for part in parts:
                lines += self._plainly(part.step)
                self._here.add(part.step.id)
            return lines + self._publish([part.step for part in parts], sound=True)
        timed = self._careful and not self._constant
        if timed:
            lines.append("    then = clock()")
        for phase, step in parts:
            if phase == "give":
                lines += [f"    # {step.id}: {step.type}, from the tick before"]
                lines += [f"    {_outlets(step)[0]} = {state_of(step.id)}"]
            elif phase == "take":
                lines += self._latch(step)
            elif phase == "settle":
                lines += self._settle(step)
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
            if phase in ("run", "give"):
                self._here.add(step.id)
        return lines + self._publish([step for phase, step in parts if phase in ("run", "give")])

    def _publish(self, steps: Sequence[Step], *, sound: bool = False) -> list[str]:
        """Lay the values into their slots: numbers lie apart from all else. Where they have to be
        `sound`, this is the end of a transaction: numbers are 0 away from themselves, or NaN if
        one is not finite, and then nothing has happened."""
        numbers = [port for step in steps for port in step.numbers]
        others = [port for step in steps for port in step.others]
        lines = []
        if sound and numbers:
            lines = [
                f"    made = {_tuple(numbers)}",
                "    if dist(made, made):",
                "        raise ArithmeticError",
            ]
        lines += self._kept
        for ports in filter(None, (numbers, others)):
            first, last = (slot_of(*port.split(".")) for port in (ports[0], ports[-1]))
            made = "made" if sound and ports is numbers else _tuple(ports)
            lines.append(f"    N[{run_of(first, last)}] = {made}")
        return lines

    def _plainly(self, step: Step) -> list[str]:
        """A step of a transaction."""
        assert step.type.body is not None  # or it would not be plain
        outlets = _outlets(step)
        lines, state = inlined_plainly(step.type, self._arguments(step), outlets, step.settled)
        if state:
            if state not in outlets:
                lines.append(f"{next_of(step.id)} = {state}")
                state = next_of(step.id)
            self._kept.append(f"    {self._writing(state_of(step.id))} = {state}")
        return [f"    # {step.id}: {step.type}", *_indent(lines)]

    def _settle(self, step: Step) -> list[str]:
        """What follows from a step's params alone. What fails has no value, and so fails again for
        whoever comes to need it."""
        lines = []
        expressions = settling(step.type, self._arguments(step))
        for name, expression in zip(step.settled, expressions, strict=True):
            if name is not None:
                lines += [
                    "try:",
                    f"    {self._writing(name)} = {expression}",
                    "except Exception:",
                    f"    {name} = None",
                    f"    del {name}",
                ]
        return [f"    # {step.id}: {step.type}, what its params decide", *_indent(lines)]

    def _writing(self, cell: str) -> str:
        """The name of a cell that this chunk fills."""
        self._written.append(cell)
        return cell

    def _arguments(self, step: Step) -> dict[str, str]:
        return {name: self._argument(step, name) for name in step.type.arguments}

    def _step(self, step: Step) -> list[str]:
        outlets = _outlets(step)
        state = state_of(step.id) if step.type.stateful else ""
        results = [*(["state"] if state else []), *outlets]
        arguments = self._arguments(step)
        lines = inlined(step.type, arguments, results)
        if lines is None:
            call = _call(step.type, arguments)
            lines = [f"{', '.join(results)} = {call}" if results else call]
            if self._careful:
                lines.insert(0, f"here[0] = {number_of(step.id)}")
        kinds = dict(zip(outlets, step.outlet_kinds.values(), strict=True))
        proven = step.is_plain and not self._careful
        for name, kind in kinds.items():
            lines += finite(name, kind) if proven else guard(name, kind)
        if state:
            lines.append(f"{self._writing(state)} = state")
        for name in (name for name, kind in kinds.items() if kind == "message"):
            lines += [f"if {name} is not None:", f"    send({name}, {number_of(step.id)})"]
        held = [f"{local(step.id, outlet)} = {at_rest(step, outlet)}" for outlet in step.slotted]
        return self._guarded(step, lines, held)

    def _latch(self, step: Step) -> list[str]:
        arguments = self._arguments(step)
        kind = next(iter(step.outlet_kinds.values()))
        lines = [f"state = {_call(step.type, arguments)}", *guard("state", kind)]
        lines.append(f"{self._writing(state_of(step.id))} = state")
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
            return held_to(value, type_.params[name]) if name in type_.params else value
        if name in type_.params:
            return param_of(step.id, name)
        if name in type_.inlets:
            default = step.default_of(type_.inlets[name])
            return literal(default) or f"defaults[{step.id!r}, {name!r}]"
        return self._context(step, name)

    def _context(self, step: Step, name: str) -> str:
        if name == "product":
            product = self._product_of[step.id]
            member = product.members.index(step.id)
            return f"M[{product_of(product.members[0])}][{member}]"
        return {
            "state": state_of(step.id),
            "dt": "dt",
            "now": "now",
            "rate": "rate",
            "audio": f"brought.get({step.id!r}, silence)",
            "events": f"brought.get({step.id!r}, ())",
            "rng": f"rng[{number_of(step.id)}].at(n)",
            "themes": "themes",
        }[name]

    def _value(self, feed: Feed) -> str:
        """What a wire brings: a local variable where this chunk made it, else from `N`."""
        slot = slot_of(feed.node, feed.outlet)
        here = local(feed.node, feed.outlet) if feed.node in self._here else f"N[{slot}]"
        value = feed.conversion.format(x=here, before=f"V[{slot}]")
        return value if feed.conversion == "{x}" else f"({value})"


def _outlets(step: Step) -> list[str]:
    return [local(step.id, outlet) for outlet in step.outlet_kinds]


def _tuple(ports: Sequence[str]) -> str:
    return f"({', '.join(local(*port.split('.')) for port in ports)},)"


def _call(type_: NodeType, arguments: Mapping[str, str]) -> str:
    """A call of the node's function, with an expression for each of its arguments."""
    given = [
        f"{name}={value}" if name in type_.keywords else value for name, value in arguments.items()
    ]
    return f"{function_of(type_.id)}({', '.join(given)})"


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
