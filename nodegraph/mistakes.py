"""Everything that can be wrong with a node type's declaration, as sentences for its author."""

from __future__ import annotations

import inspect
import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import SimpleNamespace

from nodegraph.errors import Problem
from nodegraph.nodetype import ANY, CONTEXT, REQUIRED, Inlet, NodeType, Outlet, Param
from nodegraph.values import KINDS, NUMERIC

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_PORT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAM_KINDS = frozenset({"number", "boolean", "string"})
_FROZEN = SimpleNamespace(frozen=True)


def function_mistake(function: object) -> str | None:
    if not inspect.isfunction(function):
        return f"a node type is made of a function (def), not of a {type(function).__name__}"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "it is async, but a node has nothing to wait for; write def"
    if inspect.isgeneratorfunction(function):
        return "it yields; a node returns what leaves it, and keeps what it needs as its state"
    return None


def context_mistakes(
    name: str, argument: inspect.Parameter, source: str | None, rows: object, stateful: bool
) -> Iterator[str]:
    if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
        yield f"*{name} hides what the node wants; name each inlet and param"
    elif name not in CONTEXT:
        yield (
            f"argument {name!r} is neither an inlet(…), nor a param(…), "
            f"nor one of {', '.join(CONTEXT)}"
        )
    elif argument.default is not argument.empty:
        yield f"{name} is given by the engine and takes no default"
    elif name in ("audio", "events") and source is None:
        yield f"it asks for {name} but declares no source; take {name} from a wire with inlet()"
    elif name == "product" and rows is None:
        yield "it asks for product but declares no rows="
    elif name == "state" and not stateful:
        yield "it asks for state but declares none; add state= with its first value"


def type_mistakes(type_: NodeType, outlet_names: list[str]) -> Iterator[str]:
    if not _ID.fullmatch(type_.id):
        yield "the id must read plugin.name, in small letters, digits and _"
    if not type_.doc:
        yield "it has no docstring, which is its tooltip and manual page"
    if type_.version < 1 or (type_.version > 1 and type_.upgrade is None):
        yield f"version {type_.version} needs upgrade=, to carry over the params of older patches"
    if type_.stateful and "state" not in type_.arguments:
        yield "it declares a state but does not take the argument state"
    if changeable := _changeable(type_.state):
        yield f"its state is or holds {changeable}"
    if type_.latch:
        yield from _latch_mistakes(type_)
    for name in (*type_.inlets, *type_.params, *outlet_names):
        if not _PORT.fullmatch(name):
            yield f"{name!r} is no name for a port: use letters of ASCII, digits and _"
    if len(set(outlet_names)) != len(outlet_names):
        yield "two outlets have one name"
    for inlet in type_.inlets.values():
        yield from _inlet_mistakes(inlet)
        if inlet.instead_of in type_.targets:
            yield f"inlet {inlet.name} is there instead of {inlet.instead_of}, which is not gone"
    for param in type_.params.values():
        yield from _param_mistakes(param)
        yield from _read_mistakes(param, type_)
    yield from _kindless(type_)
    for outlet in type_.outlets.values():
        yield from _outlet_mistakes(outlet, type_)
    if type_.rows is not None:
        yield from _row_mistakes(type_)
    if type_.ahead is not None:
        yield from _ahead_mistakes(type_)


def state_problems(states: Mapping[str, object]) -> tuple[Problem, ...]:
    """What nodes remember, by id, that they can change in place: that is known once they run."""
    found = {id: _changeable(state) for id, state in states.items()}
    return tuple(Problem(f"its state holds {it}", node=id) for id, it in found.items() if it)


def _changeable(state: object) -> str | None:
    """What in a state can be changed in place, if anything can."""
    parts: Iterable[object] = ()
    match state:
        case list() | dict() | set() | bytearray() | deque():
            kind = type(state).__name__
            return f"a {kind}, which can be changed in place; use a tuple or dataclass"
        case tuple():
            parts = state
        case _ if is_dataclass(state):
            if not getattr(state, "__dataclass_params__", _FROZEN).frozen:
                return "a dataclass that is not frozen"
            parts = (getattr(state, field.name, None) for field in fields(state))
    return next(filter(None, map(_changeable, parts)), None)


def _inlet_mistakes(inlet: Inlet) -> Iterator[str]:
    if inlet.kind not in KINDS and inlet.kind != ANY:
        yield f"inlet {inlet.name} has no port kind: annotate it with one of {_kind_names()}"
    elif inlet.default is not None and inlet.default is not REQUIRED and inlet.kind != ANY:
        wrong_bool = inlet.kind == "number" and isinstance(inlet.default, bool)
        if wrong_bool or not isinstance(inlet.default, KINDS[inlet.kind].types):
            yield f"inlet {inlet.name}: its default {inlet.default!r} is not a {inlet.kind}"


def _param_mistakes(param: Param) -> Iterator[str]:
    where = f"param {param.name}"
    if param.kind not in _PARAM_KINDS:
        yield f"{where} must be annotated float, int, bool or str"
        return
    if not isinstance(param.default, KINDS[param.kind].types) or (
        param.kind == "number" and isinstance(param.default, bool)
    ):
        yield f"{where}: its default {param.default!r} is not a {param.kind}"
        return
    if any(type(choice) is not str for choice in param.choices):
        yield f"{where}: its choices are not all plain texts"
    if param.choices and param.default not in param.choices:
        yield f"{where}: its default {param.default!r} is not one of its choices"
    if param.themes and param.kind != "string":
        yield f"{where} names a theme and must be annotated str"
    if param.curve not in ("linear", "log"):
        yield f"{where}: curve is 'linear' or 'log', not {param.curve!r}"
    if param.kind != "number":
        return
    if param.low is None or param.high is None:
        yield f"{where} is a number and needs a range: param(default, unit, low, high)"
    elif not (math.isfinite(param.low) and math.isfinite(param.high) and param.low < param.high):
        yield f"{where}: its range {param.low} to {param.high} is empty or endless"
    elif not param.low <= param.default <= param.high:  # type: ignore[operator]  # a number, see above
        yield f"{where}: its default {param.default} is outside {param.low} to {param.high}"
    elif param.curve == "log" and param.low <= 0:
        yield f"{where}: a log curve needs a range above 0"


def _read_mistakes(param: Param, type_: NodeType) -> Iterator[str]:
    if param.read is None:
        return
    if param.kind != "string":
        yield f"param {param.name}: read= reads a text; annotate it str"
    for name in param.read_with:
        if name not in type_.params and name != "themes":
            yield f"param {param.name}: read= asks for {name!r}, which is no param and not themes"


def _kindless(type_: NodeType) -> Iterator[str]:
    """All outlets without a kind at once, as one annotation gives them all."""
    found = [it.name for it in type_.outlets.values() if it.like is None and it.kind not in KINDS]
    if found:
        count = len(type_.outlets) + type_.stateful
        whole = f"a tuple of {count}, " if count > 1 and not type_.latch else ""
        whole += "the state and then " if type_.stateful and whole else ""
        yield (
            f"there is no port kind for {', '.join(found)}: annotate what the function returns as "
            f"{whole}one of {_kind_names()}" + (" for each outlet" if whole else "")
        )


def _outlet_mistakes(outlet: Outlet, type_: NodeType) -> Iterator[str]:
    if outlet.like is not None:
        if outlet.like not in type_.inlets or type_.inlets[outlet.like].kind != ANY:
            yield f"outlet {outlet.name}: like={outlet.like!r} names no inlet annotated object"
    elif (
        outlet.kind in KINDS and outlet.safe is not None and not _is_safe(outlet.safe, outlet.kind)
    ):
        yield f"outlet {outlet.name}: safe={outlet.safe!r} is not a {outlet.kind} that can be held"


def _is_safe(value: object, kind: str) -> bool:
    match value:
        case bool():
            return kind in ("boolean", "trigger")
        case float():
            return kind == "number" and math.isfinite(value)
        case _:
            return kind == "string" and isinstance(value, str)


def _latch_mistakes(type_: NodeType) -> Iterator[str]:
    if not type_.stateful or len(type_.outlets) != 1:
        yield "a latch has a state and one outlet"
        return
    (outlet,) = type_.outlets.values()
    if type_.rows is not None or outlet.kind == "message":
        yield "a latch has neither rows= nor messages"
    elif type_.state is not None and (
        outlet.kind not in KINDS or not isinstance(type_.state, KINDS[outlet.kind].types)
    ):
        yield "a latch starts with a state of its outlet's kind, or with None"


def _row_mistakes(type_: NodeType) -> Iterator[str]:
    vectors = [inlet for inlet in type_.inlets.values() if inlet.kind == "vector"]
    if len(vectors) != 1 or vectors[0].default is not REQUIRED:
        yield "rows= needs exactly one inlet of kind vector, and that one without a default"
    for name in type_.row_params:
        if name not in type_.params:
            yield f"rows= asks for {name!r}, which is no param; it gets size, rate and params"


def _ahead_mistakes(type_: NodeType) -> Iterator[str]:
    known = ("state", "dt", "rate", "audio", "product")
    for name in sorted(type_.context.difference(known)):
        yield f"with ahead= it cannot ask for {name}, only for {', '.join(known)}"
    inlets = [(it.name, it.kind) for it in type_.inlets.values()]
    for name, kind in [*inlets, *((it.name, it.kind) for it in type_.outlets.values())]:
        if kind not in NUMERIC | {"audio", "vector"}:
            yield f"with ahead= {name} must be a number, a switch, a vector or sound"
    if not type_.inlets and type_.source is None:
        yield "with ahead= it needs an inlet or a source, which tells how many ticks there are"
    if type_.latch:
        yield "a latch waits for its own tick and cannot have ahead="


def _kind_names() -> str:
    return "float, int, bool, str, Trigger, Audio, Vector, Clock, Prompts, Theme, Message, object"
