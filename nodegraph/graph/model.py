"""The patch as data: nodes, the wires between them, frames around them, and where they lie.

Everything here is immutable and knows no node type: an edit makes a new patch that shares what it
did not touch. A patch that exists is whole (see `rules`): its ids are well formed, its wires end at
nodes that are there, an inlet has at most one wire. Mappings iterate in the order of their keys, so
equal patches behave alike to the last detail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypeVar

from nodegraph.errors import PatchError, Problem
from nodegraph.graph.frozen import JSON, ParamValue, encodable, freeze, is_number
from nodegraph.graph.rules import ID, PORT, short, violations

# What a patch file says of a patch, a node and a group; any other field is `extra`.
PATCH_FIELDS = (
    "nodegraph",
    "name",
    "note",
    "requires",
    "exposed",
    "nodes",
    "wires",
    "groups",
    "layout",
    "themes",
    "subpatches",
)
NODE_FIELDS = ("type", "params", "mode", "solo")
GROUP_FIELDS = ("title", "color", "nodes")

MODES = ("", "bypass", "mute")  # it plays, is passed by, is silent

Position: TypeAlias = tuple[float, float]  # pixels of the canvas at zoom 1, x right, y down

_WIRE = re.compile(rf"\s*({ID})\.({PORT})\s*->\s*({ID})\.({PORT})\s*")
_TYPE = re.compile(r"[^\s@]+")
_COLOR = re.compile(r"(#[0-9A-Fa-f]{6})?")


class Port(NamedTuple):
    """A named place on a node where a wire begins or ends; a param is one too."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


class Wire(NamedTuple):
    """A connection from an outlet to an inlet or param. Wires sort as their texts do."""

    source: Port
    target: Port

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"

    @classmethod
    def parse(cls, text: str) -> Wire:
        """Read `a.out -> b.in`; raise PatchError if `text` is not of that form."""
        match = _WIRE.fullmatch(text)
        if match is None:
            fault = f"{short(text)} is not a wire: write it as 'node.outlet -> node.inlet'"
            raise PatchError([Problem(fault)])
        a, out, b, inlet = match.groups()
        return cls(Port(a, out), Port(b, inlet))


@dataclass(frozen=True, slots=True)
class Node:
    """One box of a patch: its type by id, the type's version, and the params that were set.

    `mode` is one of `MODES`; the compiler knows what it and `solo` do. `extra` holds fields of the
    patch file that this version does not know; they are kept.
    Raises PatchError for a value that a patch file could not hold.
    """

    type: str
    version: int = 1
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    mode: str = ""
    solo: bool = False
    extra: Mapping[str, JSON] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(
            isinstance(self.type, str) and _TYPE.fullmatch(self.type) is not None,
            f"{short(self.type)} is not a node type: write it as 'plugin.name', without spaces",
            "type",
        )
        _require(
            type(self.version) is int and 1 <= self.version < 10**9,
            f"{short(self.version)} is not the version of a node type: it counts from 1",
            "version",
        )
        _require(
            self.mode in MODES,
            f"{short(self.mode)} is not a mode: a node has 'bypass', 'mute' or neither",
            "mode",
        )
        _require(type(self.solo) is bool, f"{short(self.solo)} is neither true nor false", "solo")
        _text(self.type, "type")
        _keep(self, params=_frozen(self.params, "params"))
        _keep(self, extra=_frozen(self.extra, "extra", taken=NODE_FIELDS))


@dataclass(frozen=True, slots=True)
class Group:
    """A frame drawn around nodes: its title, color (`#rrggbb` or empty) and the ids inside."""

    title: str = ""
    color: str = ""
    nodes: tuple[str, ...] = ()
    extra: Mapping[str, JSON] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _text(self.title, "title")
        _require(
            isinstance(self.color, str) and _COLOR.fullmatch(self.color) is not None,
            f"{short(self.color)} is not a color: write it as '#rrggbb'",
            "color",
        )
        _keep(self, nodes=tuple(sorted({_text(node, "nodes") for node in self.nodes})))
        _keep(self, extra=_frozen(self.extra, "extra", taken=GROUP_FIELDS))


@dataclass(frozen=True)
class Patch:
    """What the performer draws. Made by hand it is checked: PatchError tells all that is wrong.

    `requires` names the plugins a patch needs, each with its major version. `subpatches` are its
    definitions: a node of type `subpatch.voice` is an instance of `subpatches["voice"]`, which may
    hold instances of others but no definitions. The ports of an instance are the definition's nodes
    of type `flow.inlet` and `flow.outlet`, under their ids; its params are those `exposed`, by name
    with the address `node.param` inside. `themes` are the patch's own, by name, as a file says them
    (see `nodegraph.themes`); like params they are data, of which nothing is known here. `extra`
    holds top-level fields of the patch file that this version does not know; they are kept.
    """

    name: str = ""
    note: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    layout: Mapping[str, Position] = field(default_factory=dict)
    requires: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)
    subpatches: Mapping[str, Patch] = field(default_factory=dict)
    exposed: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, JSON] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = violations(
            self.nodes,
            enumerate(self.wires),
            self.groups,
            self.layout,
            self.exposed,
            self.subpatches,
        )
        if broken := list(rules):
            raise PatchError(broken)
        for plugin, version in self.requires.items():
            _text(version, f"requires.{plugin}")
        _text(self.name, "name")
        _text(self.note, "note")
        _keep(
            self,
            nodes=ordered(self.nodes),
            wires=tuple(sorted(self.wires)),
            groups=ordered(self.groups),
            layout=ordered(
                {node: _position(at, f"layout.{node}") for node, at in self.layout.items()}
            ),
            requires=_frozen(self.requires, "requires"),
            themes=ordered({name: _theme(name, each) for name, each in self.themes.items()}),
            subpatches=ordered(self.subpatches),
            exposed=ordered(self.exposed),
            extra=_frozen(self.extra, "extra", taken=PATCH_FIELDS),
        )

    def evolve(self, **changes: object) -> Patch:
        """Return a copy with some fields changed and none checked: for edits, which keep the rules.

        Checking a patch of a thousand nodes takes a millisecond, an edit a hundredth of that.
        """
        patch = object.__new__(Patch)
        _keep(patch, **{each.name: getattr(self, each.name) for each in fields(self)} | changes)
        return patch

    def wire_to(self, port: Port) -> Wire | None:
        """Return the wire that arrives at an inlet or param."""
        return self._by_target.get(port)

    def wires_into(self, node: str) -> tuple[Wire, ...]:
        """Return the wires that arrive at a node, in their order."""
        return self._arriving.get(node, ())

    def wires_from(self, node: str) -> tuple[Wire, ...]:
        """Return the wires that leave a node, in their order."""
        return self._leaving.get(node, ())

    @cached_property
    def _by_target(self) -> dict[Port, Wire]:
        return {wire.target: wire for wire in self.wires}

    @cached_property
    def _arriving(self) -> dict[str, tuple[Wire, ...]]:
        return _by_node((wire.target.node, wire) for wire in self.wires)

    @cached_property
    def _leaving(self) -> dict[str, tuple[Wire, ...]]:
        return _by_node((wire.source.node, wire) for wire in self.wires)


_T = TypeVar("_T")


def ordered(mapping: Mapping[str, _T]) -> Mapping[str, _T]:
    """Return a read-only copy of `mapping`, in the order of its keys."""
    return MappingProxyType({key: mapping[key] for key in sorted(mapping)})


def position(value: object) -> Position:
    """Return `value` as (x, y); raise ValueError with a sentence unless it is two numbers."""
    if isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value)):
        return (value[0], value[1])
    raise ValueError(f"{short(value)} is not a position: it wants two finite numbers, [x, y]")


def _by_node(pairs: Iterable[tuple[str, Wire]]) -> dict[str, tuple[Wire, ...]]:
    found: dict[str, list[Wire]] = {}
    for node, wire in pairs:
        found.setdefault(node, []).append(wire)
    return {node: tuple(wires) for node, wires in found.items()}


def _keep(target: object, **values: object) -> None:
    """Set attributes of a frozen dataclass while it is being made."""
    for name, value in values.items():
        object.__setattr__(target, name, value)


def _require(holds: bool, fault: str, where: str) -> None:
    if not holds:
        raise PatchError([Problem(fault, field=where)])


def _text(value: object, where: str) -> str:
    _require(isinstance(value, str), f"{short(value)} is not text", where)
    return _checked(lambda: encodable(str(value)), where)


def _position(value: object, where: str) -> Position:
    return _checked(lambda: position(value), where)


def _theme(name: str, theme: Mapping[str, JSON]) -> Mapping[str, JSON]:
    _text(name, "themes")
    return _frozen(theme, f"themes.{name}")


def _frozen(
    mapping: Mapping[str, object], where: str, taken: Collection[str] = ()
) -> Mapping[str, JSON]:
    for key in mapping:
        _require(key not in taken, f"{short(key)} has a place of its own", where)
        _text(key, where)
    return MappingProxyType(
        {key: _checked(partial(freeze, mapping[key]), f"{where}.{key}") for key in sorted(mapping)}
    )


def _checked(make: Callable[[], _T], where: str) -> _T:
    try:
        return make()
    except ValueError as fault:
        raise PatchError([Problem(str(fault), field=where)]) from None
