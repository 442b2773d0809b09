"""Reads a function's signature into a `NodeType`, and says everything that is wrong with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from nodegraph.errors import SpecError
from nodegraph.mistakes import context_mistakes, function_mistake, type_mistakes
from nodegraph.nodetype import ANY, REQUIRED, Inlet, NodeType, Outlet, Param
from nodegraph.values import KINDS

NO_STATE: Final = object()
"""Says that a node keeps nothing from tick to tick (None is a state like any other)."""


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
    themes: bool = False
    read: Callable[..., object] | None = None
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What `outlet(...)` said; the kind may still be for the return annotation to tell."""

    name: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    kind: str | None = None
    like: str | None = None
    safe: bool | float | str | None = None
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
    ahead: Callable[..., Any] | bool,
) -> NodeType:
    """Make the node type of `function` and turn its marked defaults into plain values.

    Raises `SpecError` with one line per mistake: `file:line: id: what is wrong`.
    """
    if mistake := function_mistake(function):
        raise SpecError(f"{place_of(function)}: {id}: {mistake}")
    signature = inspect.signature(function)
    hints, mistakes = _hints(function)
    stateful = state is not NO_STATE
    inlets: dict[str, Inlet] = {}
    params: dict[str, Param] = {}
    for name, argument in signature.parameters.items():
        mark = argument.default
        if not isinstance(mark, Mark):
            mistakes += context_mistakes(name, argument, source, rows, stateful)
        elif mark.role == "inlet":
            inlets[name] = _inlet(name, mark, hints.get(name))
        else:
            params[name] = _param(name, mark, hints.get(name))
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
        keywords=frozenset(n for n, a in signature.parameters.items() if a.kind == a.KEYWORD_ONLY),
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
                item.safe,
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
        ahead=(function if ahead is True else ahead) or None,
    )
    mistakes += type_mistakes(type_, [item.name for item in declared])
    if mistakes:
        place = f"{type_.file}:{type_.line}: {id}: "
        raise SpecError("\n".join(place + mistake for mistake in mistakes))
    _plain_defaults(function)
    return type_


def place_of(function: Callable[..., Any]) -> str:
    """File and line of a function; of anything else, what it is called or looks like."""
    code = getattr(function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(function)


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
    default, unit, instead_of = mark.default, mark.unit, mark.instead_of
    return Inlet(name, kind, default, unit, mark.low, mark.high, mark.help, instead_of)


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
        mark.themes,
        mark.read,
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


def _plain_defaults(function: Callable[..., Any]) -> None:
    """Replace the marks, so that calling the function in a test uses the declared defaults."""

    def plain(default: object) -> object:
        if not isinstance(default, Mark):
            return default
        return None if default.default is REQUIRED else default.default

    function.__defaults__ = tuple(map(plain, function.__defaults__ or ())) or None
    if function.__kwdefaults__:
        function.__kwdefaults__ = {k: plain(v) for k, v in function.__kwdefaults__.items()}
