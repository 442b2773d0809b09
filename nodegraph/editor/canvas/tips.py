"""What is said about the thing under the mouse: its value, the last seconds of it, what is wrong.

Pure: `overlay` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.canvas.hitting import OnNode, OnParam, OnPort, OnWire, Target
from nodegraph.editor.canvas.lettering import sentence, wrapped
from nodegraph.editor.canvas.scene import Scene
from nodegraph.editor.canvas.shape import column_of
from nodegraph.editor.numbers import show_amount, show_number
from nodegraph.graph import Port
from nodegraph.nodetype import REQUIRED, Inlet, NodeType
from nodegraph.runtime.columns import PARTS
from nodegraph.values import NUMERIC

if TYPE_CHECKING:
    from nodegraph.editor.editing import Editing

AT_ONCE, SOON = 0.12, 0.7
"""Seconds until a value is told, and until help is."""

_ROOM, _LETTERS = 300.0, 13.0
_NO_TIMES: Mapping[str, float] = {}


@dataclass(frozen=True, eq=False)
class Tip:
    """A title, a value in large letters, the past as a curve, and lines of text. Each one is
    another one, whatever it says."""

    title: str = ""
    value: str = ""
    past: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    kind: str = ""
    lines: tuple[str, ...] = ()
    is_problem: bool = False


def tip_of(
    target: Target,
    since: float,
    scene: Scene,
    editing: Editing,
    times: Mapping[str, float] = _NO_TIMES,
) -> Tip | None:
    """What to say of a target that the mouse has been over for so many seconds; None is nothing.

    `times` are the seconds of a tick that nodes take, if these are to be told.
    """
    if since < AT_ONCE:
        return None
    match target:
        case OnWire(wire):
            return _value(f"{wire.source} → {wire.target}", wire.source, scene, editing)
        case OnPort(port, "out"):
            help = _help(scene, port) if since >= SOON else ""
            return _value(str(port), port, scene, editing, help)
        case OnPort(port):
            found = scene.facts.patch.wire_to(port)
            help = _help(scene, port) if since >= SOON else ""
            if found is None:
                return Tip(
                    str(port), kind=_kind(scene, port), lines=_lines(_unwired(scene, port, help))
                )
            return _value(f"{found.source} → {port}", found.source, scene, editing, help)
        case OnNode(id) if (dot := _dot(id, scene)) is not None:
            return _value(id, dot, scene, editing)
        case OnNode(id) if id in times:
            return Tip(id, f"{times[id] * 1e6:.3g} µs", lines=("of each tick, on average",))
        case OnNode(id, part):
            return _node(id, part, since, scene)
        case OnParam(node, param) if since >= SOON:
            return Tip(f"{node}.{param}", lines=_lines(_param(scene, Port(node, param))))
    return None


def watched(target: Target, scene: Scene) -> Port | None:
    """The outlet whose value is told, for those that tell only when they are watched."""
    match target:
        case OnWire(wire):
            return wire.source
        case OnNode(id):
            return _dot(id, scene)
        case OnPort(port, "out"):
            return port
        case OnPort(port):
            found = scene.facts.patch.wire_to(port)
            return found.source if found else None
    return None


def _dot(id: str, scene: Scene) -> Port | None:
    """The outlet of a knot in a wire."""
    box = scene.boxes.get(id)
    return Port(id, "out") if box is not None and box.shape.dot and not box.problem else None


def _node(id: str, part: str, since: float, scene: Scene) -> Tip | None:
    box = scene.boxes.get(id)
    if box is None:
        return None
    if box.problem and (part == "badge" or since >= SOON or box.ghost):
        return Tip(id, lines=_lines(box.problem), is_problem=True)
    type_ = _type(scene, id)
    if type_ is None or part != "title" or since < SOON:
        return None
    return Tip(f"{type_.title}  ·  {type_.id}", lines=_lines(type_.summary))


def _value(title: str, source: Port, scene: Scene, editing: Editing, help: str = "") -> Tip:
    """What an outlet gives now and gave."""
    kind = scene.facts.wiring.outlet_kind(source) or ""
    address = editing.address(column_of(str(source), kind))
    watching = editing.watching
    type_ = _type(scene, source.node)
    outlet = type_.outlets.get(source.port) if type_ else None
    unit = outlet.unit if outlet else ""
    if kind in NUMERIC or kind in PARTS:
        number = watching.newest(address)
        words = show_amount(number, {"clock": "BPM", "audio": "RMS"}.get(kind, unit))
        if kind in ("boolean", "trigger"):
            words = "on" if number > 0.5 else "off"
            if kind == "trigger":
                words = f"{watching.fired(address)} times"
        return Tip(title, words, watching.history(address), kind, _lines(help))
    text = watching.text(editing.address(str(source)))
    return Tip(
        title,
        kind=kind,
        lines=(*_lines(text or f"{kind or 'nothing'}, no value yet"), *_lines(help)),
    )


def _unwired(scene: Scene, port: Port, help: str) -> str:
    type_ = _type(scene, port.node)
    inlet = type_.inlets.get(port.port) if type_ else None
    if inlet is None:
        return help or "drag a wire here to drive this param"
    if inlet.default is REQUIRED:
        return f"wants a wire with {inlet.kind}. {help}"
    standing = "nothing" if inlet.default is None else _plain(inlet)
    return f"{inlet.kind}; {standing} while nothing is wired. {help}"


def _plain(inlet: Inlet) -> str:
    if isinstance(inlet.default, int | float) and not isinstance(inlet.default, bool):
        return show_amount(float(inlet.default), inlet.unit)
    return inlet.kind if inlet.kind not in ("boolean", "string") else str(inlet.default)


def _param(scene: Scene, port: Port) -> str:
    type_ = _type(scene, port.node)
    param = type_.params.get(port.port) if type_ else None
    if param is None:
        return ""
    parts = [sentence(param.help)] if param.help else []
    if param.low is not None and param.high is not None:
        between = f"{show_number(param.low, param)} to {show_number(param.high, param)}"
        parts.append(f"{between}; {show_number(float(param.default), param)} by itself.")
    return "\n".join(parts)


def _help(scene: Scene, port: Port) -> str:
    type_ = _type(scene, port.node)
    if type_ is None:
        return ""
    found = type_.inlets.get(port.port) or type_.params.get(port.port)
    outlet = type_.outlets.get(port.port)
    return (found.help if found else "") or (outlet.help if outlet else "")


def _kind(scene: Scene, port: Port) -> str:
    return scene.facts.wiring.target_kind(port) or ""


def _type(scene: Scene, id: str) -> NodeType | None:
    node = scene.facts.patch.nodes.get(id)
    return scene.facts.types.get(node.type) if node else None


def _lines(text: str) -> tuple[str, ...]:
    return wrapped(text.strip(), _ROOM, _LETTERS, most=8) if text.strip() else ()
