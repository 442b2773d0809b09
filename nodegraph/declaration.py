"""Node types as plain data and back: what a process that does not have the plugins knows of them.

Such a process can check and compile patches, and runs none of the plugins' code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from nodegraph.body import Body
from nodegraph.nodetype import REQUIRED, Inlet, NodeType, Outlet, Param
from nodegraph.values import KINDS, kind_of

Upgrade = Callable[[str, dict[str, Any], int], dict[str, Any]]
"""Carries the params of a node type (by id) over from an older version."""

_PLAIN = (bool, int, float, str, type(None))
_FIELDS = (
    *("id", "version", "title", "aliases", "doc", "arguments", "stateful", "latch", "output"),
    *("source", "row_params", "file", "line"),
)


class _Elsewhere:
    """Stands for code that is in another process."""

    def __call__(self, *arguments: object, **named: object) -> Any:
        raise RuntimeError("this node type was declared by another process and cannot run here")


def declare(type_: NodeType) -> dict[str, Any]:
    """A node type as data that msgpack and JSON can carry."""
    body = type_.body
    return {
        **{name: getattr(type_, name) for name in _FIELDS},
        "keywords": sorted(type_.keywords),
        "inlets": [_inlet_data(inlet) for inlet in type_.inlets.values()],
        "params": [asdict(replace(param, read=None)) for param in type_.params.values()],
        "outlets": [asdict(outlet) for outlet in type_.outlets.values()],
        "rows": type_.rows is not None,
        "upgrades": type_.upgrade is not None,
        "body": body and asdict(body),
    }


def declared(data: Mapping[str, Any], upgrade: Upgrade | None = None) -> NodeType:
    """What `declare` told, as a node type that cannot run; its state is known as None only.

    `upgrade` asks those who can for the params of older versions.
    """
    id: str = data["id"]
    body = data["body"]
    fields = {name: data[name] for name in _FIELDS}
    for name in ("aliases", "arguments", "row_params"):
        fields[name] = tuple(data[name])

    def upgraded(params: dict[str, Any], version: int) -> dict[str, Any]:
        assert upgrade is not None
        return upgrade(id, params, version)

    return NodeType(
        **fields,
        function=_Elsewhere(),
        keywords=frozenset(data["keywords"]),
        inlets={inlet["name"]: _inlet(inlet) for inlet in data["inlets"]},
        params={
            param["name"]: Param(**{**param, "choices": tuple(param["choices"])})
            for param in data["params"]
        },
        outlets={outlet["name"]: Outlet(**outlet) for outlet in data["outlets"]},
        state=None,
        rows=_Elsewhere() if data["rows"] else None,
        upgrade=upgraded if data["upgrades"] and upgrade is not None else None,
        given_body=None if body is None else _body(body),
    )


def _inlet_data(inlet: Inlet) -> dict[str, Any]:
    """An inlet; of a default that is not plain only its kind is told."""
    plain = isinstance(inlet.default, _PLAIN)
    return {
        **asdict(replace(inlet, default=inlet.default if plain else None)),
        "default_kind": "" if plain else _kind(inlet.default),
    }


def _kind(default: object) -> str:
    return "required" if default is REQUIRED else kind_of(default) or "other"


def _inlet(data: Mapping[str, Any]) -> Inlet:
    given = {name: value for name, value in data.items() if name != "default_kind"}
    match data["default_kind"]:
        case "":
            pass
        case "required":
            given["default"] = REQUIRED
        case kind:
            given["default"] = KINDS[kind].default if kind in KINDS else _Elsewhere()
    return Inlet(**given)


def _body(data: Mapping[str, Any]) -> Body:
    return Body(
        tuple((name, text) for name, text in data["assignments"]),
        tuple(data["returned"]),
        tuple(data["needs"]),
        data["plain"],
        tuple(data["memory"]),
        tuple(data["settled"]),
    )
