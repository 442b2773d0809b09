"""The manual page of a node type, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from nodegraph.cli.terminal import columns
from nodegraph.nodetype import REQUIRED, Inlet, NodeType, Outlet, Param

Port = Inlet | Param | Outlet


def page(type_: NodeType, plugin: str) -> RenderableType:
    """The manual page, for a console."""
    parts: list[RenderableType] = [
        Text.assemble((type_.id, "bold cyan"), f"  {type_.title}"),
        *([Text(f"also known as {', '.join(type_.aliases)}", "dim")] if type_.aliases else []),
        Padding(Text(type_.doc or "It has no manual."), (1, 0)),
        *_section("Inlets", type_.inlets.values()),
        *_section("Params", type_.params.values()),
        *_section("Outlets", type_.outlets.values()),
        *(Text(note, "dim") for note in _notes(type_)),
        Text(f"{type_} from {plugin}, {type_.file}:{type_.line}", "dim"),
    ]
    return Group(*parts)


def facts(type_: NodeType, plugin: str) -> dict[str, object]:
    """The same as plain values."""
    return {
        "id": type_.id,
        "version": type_.version,
        "title": type_.title,
        "family": type_.family,
        "aliases": type_.aliases,
        "summary": type_.summary,
        "doc": type_.doc,
        "inlets": [_port_facts(port) for port in type_.inlets.values()],
        "params": [_port_facts(port) for port in type_.params.values()],
        "outlets": [_port_facts(port) for port in type_.outlets.values()],
        "stateful": type_.stateful,
        "latch": type_.latch,
        "output": type_.is_output,
        "source": type_.source,
        "plugin": plugin,
        "file": type_.file,
        "line": type_.line,
    }


def _notes(type_: NodeType) -> Iterable[str]:
    if type_.source:
        what = "What it hears comes" if "events" in type_.context else "Its sound comes"
        yield f"{what} from a source of kind {type_.source}."
    if type_.latch:
        yield "Its outlet is one tick late, so wires may loop through it."


def _section(title: str, ports: Iterable[Port]) -> list[RenderableType]:
    table = columns("green", "", "", "", "dim")
    for port in ports:
        like = port.like if isinstance(port, Outlet) else None
        kind = f"as {like}" if like else port.kind
        table.add_row(f"  {port.name}", kind, _default(port), _range(port), port.help)
    return [Text(title, "bold"), Padding(table, (0, 0, 1, 0))] if table.row_count else []


def _default(port: Port) -> str:
    if isinstance(port, Outlet):
        return ""
    if port.default is REQUIRED:
        return "required"
    if port.default is None:
        return "optional"
    if isinstance(port.default, bool):
        return "on" if port.default else "off"
    if isinstance(port.default, int | float):
        return f"{port.default:g} {port.unit}".rstrip()
    return repr(port.default) if isinstance(port.default, str) else ""


def _range(port: Port) -> str:
    if isinstance(port, Param) and port.choices:
        return " | ".join(port.choices)
    if isinstance(port, Param) and port.themes:
        return "a theme"
    if port.low is None and port.high is None:
        return port.unit if isinstance(port, Outlet) else ""
    low = "" if port.low is None else f"{port.low:g}"
    high = "" if port.high is None else f"{port.high:g}"
    curve = f", {port.curve}" if isinstance(port, Param) and port.curve != "linear" else ""
    return f"{low}..{high} {port.unit}".rstrip() + curve


def _port_facts(port: Port) -> Mapping[str, object]:
    """Every field of a port; `default` only where it has one, `required` where it must be wired."""
    known = {name: getattr(port, name) for name in port.__dataclass_fields__}
    if known.get("default") is REQUIRED:
        del known["default"]
        known["required"] = True
    return known
