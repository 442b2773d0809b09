"""Reads a function's signature into a `NodeType`, and says everything that is wrong with it."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import numpy as np

from nodegraph.errors import SpecError
from nodegraph.nodetype import ANY, CONTEXT, REQUIRED, Inlet, NodeType, Outlet, Param
from nodegraph.values import KINDS

NO_STATE: Final = object()
"""Says that a node keeps nothing from tick to tick (None is a state like any other)."""

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_PARAM_KINDS = frozenset({"number", "boolean", "string"})
_MUTABLE = (list, dict, set, bytearray)
_FROZEN = SimpleNamespace(frozen=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """What `inlet(...)` or `param(...)` left as an argument's default, until it is read here."""

    role: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...] = ()
    curve: str = "linear"
    kind: str | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What `outlet(...)` said; the kind may still be for the return annotation to tell."""

    name: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    kind: str | None = None
    like: str | None = None
    help: str = ""


def read(
    function: Callable[..., Any],
    *,
    id: str,
    outlets: Sequence[str | Declared],
    state: object,
    title: str,
    aliases: tuple[str, ...],
    version: int,
    upgrade: Callable[[dict[str, Any], int], dict[str, Any]] | None,
    source: str | None,
    latch: bool,
    output: bool,
    rows: Callable[..., Any] | None,
) -> NodeType:
    """Make the node type of `function` and turn its marked defaults into plain values.

    Raises `SpecError` with one line per mistake: `file:line: id: what is wrong`.
    """
    signature = inspect.signature(function)
    hints, mistakes = _hints(function)
    inlets: dict[str, Inlet] = {}
    params: dict[str, Param] = {}
    for name, argument in signature.parameters.items():
        mark = argument.default
        if not isinstance(mark, Mark):
            mistakes += _context_mistakes(name, argument, source, rows, state)
        elif mark.role == "inlet":
            inlets[name] = _inlet(name, mark, hints.get(name))
        else:
            params[name] = _param(name, mark, hints.get(name))
    stateful = state is not NO_STATE
    declared = [Declared(item) if isinstance(item, str) else item for item in outlets]
    kinds = _outlet_kinds(hints.get("return"), len(declared), stateful, latch)
    type_ = NodeType(
        id=id,
        version=version,
        function=function,
        title=title or id.rpartition(".")[2].replace("_", " ").title(),
        aliases=aliases,
        doc=inspect.cleandoc(function.__doc__ or ""),
        arguments=tuple(signature.parameters),
        inlets=inlets,
        params=params,
        outlets={
            item.name: Outlet(
                item.name,
                item.kind or (ANY if item.like else kind or ""),
                item.unit,
                item.low,
                item.high,
                item.like,
                item.help,
            )
            for item, kind in zip(declared, kinds, strict=True)
        },
        stateful=stateful,
        state=state if stateful else None,
        latch=latch,
        output=output,
        source=source,
        rows=rows,
        row_params=tuple(inspect.signature(rows).parameters)[2:] if rows else (),
        upgrade=upgrade,
        file=function.__code__.co_filename,
        line=function.__code__.co_firstlineno,
    )
    mistakes += _type_mistakes(type_, [item.name for item in declared])
    if mistakes:
        place = f"{type_.file}:{type_.line}: {id}: "
        raise SpecError("\n".join(place + mistake for mistake in mistakes))
    _plain_defaults(function)
    return type_


def _hints(function: Callable[..., Any]) -> tuple[dict[str, Any], list[str]]:
    try:
        return get_type_hints(function, include_extras=True), []
    except Exception as error:  # an annotation can be any expression and fail in any way
        return {}, [f"its annotations cannot be read ({error}); import what they name"]


def _kind(hint: object) -> tuple[str | None, bool]:
    """The port kind an annotation stands for, and whether it says whole number."""
    if get_origin(hint) in (Union, UnionType):
        rest = [part for part in get_args(hint) if part is not NoneType]
        return _kind(rest[0]) if len(rest) == 1 else (None, False)
    if get_origin(hint) is Annotated:
        return next((extra for extra in get_args(hint)[1:] if extra in KINDS), None), False
    if hint in (object, Any):
        return ANY, False
    if hint is int:
        return "number", True
    plain = {float: "number", bool: "boolean", str: "string"}
    for name in ("clock", "theme", "message"):
        plain[KINDS[name].types[0]] = name
    return plain.get(hint) if isinstance(hint, type) else None, False


def _inlet(name: str, mark: Mark, hint: object) -> Inlet:
    kind = mark.kind or _kind(hint)[0] or ""
    return Inlet(name, kind, mark.default, mark.unit, mark.low, mark.high, mark.help)


def _param(name: str, mark: Mark, hint: object) -> Param:
    kind, integer = _kind(hint)
    return Param(
        name,
        kind or "",
        mark.default,
        mark.unit,
        mark.low,
        mark.high,
        mark.choices,
        mark.curve,
        integer,
        mark.help,
    )


def _outlet_kinds(hint: object, count: int, stateful: bool, latch: bool) -> list[str | None]:
    """The kinds that a return annotation gives `count` outlets; None where it tells nothing."""
    if latch:
        return [_kind(hint)[0]] * count
    parts: tuple[object, ...] = (hint,)
    if count + stateful != 1:
        parts = get_args(hint) if get_origin(hint) is tuple else ()
    if len(parts) != count + stateful:
        return [None] * count
    return [_kind(part)[0] for part in parts[stateful:]]


def _context_mistakes(
    name: str, argument: inspect.Parameter, source: str | None, rows: object, state: object
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
    elif name == "state" and state is NO_STATE:
        yield "it asks for state but declares none; add state= with its first value"


def _type_mistakes(type_: NodeType, outlet_names: list[str]) -> Iterator[str]:
    if not _ID.fullmatch(type_.id):
        yield "the id must read plugin.name, in small letters, digits and _"
    if not type_.doc:
        yield "it has no docstring, which is its tooltip and manual page"
    if type_.version < 1 or (type_.version > 1 and type_.upgrade is None):
        yield f"version {type_.version} needs upgrade=, to carry over the params of older patches"
    if type_.stateful and "state" not in type_.arguments:
        yield "it declares a state but does not take the argument state"
    if isinstance(type_.state, _MUTABLE):
        kept = type(type_.state).__name__
        yield f"its state is a {kept}, which can be changed in place; use a tuple or dataclass"
    elif not getattr(type_.state, "__dataclass_params__", _FROZEN).frozen:
        yield "its state is a dataclass that is not frozen"
    if type_.latch and (not type_.stateful or len(type_.outlets) != 1):
        yield "a latch has a state and one outlet"
    if len(set(outlet_names)) != len(outlet_names):
        yield "two outlets have one name"
    for inlet in type_.inlets.values():
        yield from _inlet_mistakes(inlet)
    for param in type_.params.values():
        yield from _param_mistakes(param)
    for outlet in type_.outlets.values():
        yield from _outlet_mistakes(outlet, type_)
    if type_.rows is not None:
        yield from _row_mistakes(type_)


def _inlet_mistakes(inlet: Inlet) -> Iterator[str]:
    if inlet.kind not in KINDS and inlet.kind != ANY:
        yield f"inlet {inlet.name} has no port kind: annotate it with one of {_kind_names()}"


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
    if param.choices and param.default not in param.choices:
        yield f"{where}: its default {param.default!r} is not one of its choices"
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


def _outlet_mistakes(outlet: Outlet, type_: NodeType) -> Iterator[str]:
    if outlet.like is not None:
        if outlet.like not in type_.inlets or type_.inlets[outlet.like].kind != ANY:
            yield f"outlet {outlet.name}: like={outlet.like!r} names no inlet annotated object"
    elif outlet.kind not in KINDS:
        yield (
            f"outlet {outlet.name} has no port kind: the return annotation must give one of "
            f"{_kind_names()} per outlet" + (", after the state" if type_.stateful else "")
        )


def _row_mistakes(type_: NodeType) -> Iterator[str]:
    vectors = [inlet for inlet in type_.inlets.values() if inlet.kind == "vector"]
    if len(vectors) != 1 or vectors[0].default is not REQUIRED:
        yield "rows= needs exactly one inlet of kind vector, and that one without a default"
    for name in type_.row_params:
        if name not in type_.params:
            yield f"rows= asks for {name!r}, which is no param; it gets size, rate and params"


def _kind_names() -> str:
    return "float, int, bool, str, Trigger, Audio, Vector, Clock, Prompts, Theme, Message, object"


def _plain_defaults(function: Callable[..., Any]) -> None:
    """Replace the marks, so that calling the function in a test uses the declared defaults."""

    def plain(default: object) -> object:
        if not isinstance(default, Mark):
            return default
        return None if default.default is REQUIRED else default.default

    function.__defaults__ = tuple(map(plain, function.__defaults__ or ())) or None
    if function.__kwdefaults__:
        function.__kwdefaults__ = {k: plain(v) for k, v in function.__kwdefaults__.items()}


def frozen(value: object) -> object:
    """The same value, arrays marked read-only, so that a node cannot change what others see."""
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value = value.view()
        value.flags.writeable = False
    return value
