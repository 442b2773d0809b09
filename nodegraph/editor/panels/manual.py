"""The manual page of a node type, drawn from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import sentence
from nodegraph.editor.look.marks import mark
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import show_number
from nodegraph.nodetype import REQUIRED, Inlet, NodeType, Outlet, Param


def page(
    look: Look, type_: NodeType, tag: str, put: Callable[[str], object], *, titled: bool = True
) -> None:
    """Write it into whatever container is open; lines wrap at the end of that.

    The button `TAG.example` calls `put` with the type's id.
    """
    with dpg.group() as group:
        if titled:
            look.text(type_.title, font="strong")
            look.text(type_.id, "faint", "small")
        label = "Put an example here"
        dpg.add_button(label=label, tag=f"{tag}.example", callback=lambda: put(type_.id))
        _page(look, type_)
    look.bind(group, "print")


def _page(look: Look, type_: NodeType) -> None:
    for paragraph in paragraphs(type_.doc) or ["It has no manual."]:
        look.text(paragraph, "dim", "small", wrap=0)
        dpg.add_spacer(height=look.px(3))
    _ports(look, "In", type_.inlets.values())
    _ports(look, "Params", type_.params.values())
    _ports(look, "Out", type_.outlets.values())
    if type_.aliases:
        look.text(f"Elsewhere: {', '.join(type_.aliases)}", "faint", "small", wrap=0)


def paragraphs(doc: str) -> list[str]:
    """A docstring as paragraphs of one line each; lines that are indented stay lines."""
    found = []
    for block in doc.split("\n\n"):
        lines = block.splitlines()
        is_table = any(line.startswith(("    ", "  ", "- ")) for line in lines)
        found.append("\n".join(lines) if is_table else " ".join(line.strip() for line in lines))
    return [text.replace("`", "") for text in found if text.strip()]


def _ports(look: Look, title: str, ports: Iterable[Inlet | Param | Outlet]) -> None:
    shown = list(ports)
    if not shown:
        return
    dpg.add_spacer(height=look.px(2))
    look.text(title, font="small_strong")
    for port in shown:
        with dpg.group(horizontal=True, horizontal_spacing=look.px(6)):
            kind_mark(look, port.kind)
            look.text(port.name, font="small")
            look.text(_about(port), "faint", "small")
        if port.help:
            look.text(sentence(port.help), "dim", "small", wrap=0, indent=look.px(20))


def kind_mark(look: Look, kind: str) -> None:
    """The mark of a port kind, as large as a letter."""
    size = look.px(12)
    with dpg.drawlist(size, look.px(17)):
        points = mark(kind, size / 2, look.px(9.5), look.px(4.2))
        fill = look.colours.kind(kind)
        dpg.draw_polygon([*points, points[0]], color=fill, fill=fill)


def _about(port: Inlet | Param | Outlet) -> str:
    """Kind, default and range in few words."""
    parts = [port.kind]
    if isinstance(port, Inlet) and port.default is REQUIRED:
        parts.append("needed")
    if isinstance(port, Param) and port.kind == "number" and isinstance(port.default, int | float):
        parts.append(show_number(float(port.default), port))
    if port.low is not None and port.high is not None:
        parts.append(f"{port.low:g} to {port.high:g} {port.unit}".rstrip())
    if isinstance(port, Param) and port.choices:
        parts.append(" | ".join(port.choices))
    if isinstance(port, Param) and port.themes:
        parts.append("the name of a theme")
    return ", ".join(parts)
