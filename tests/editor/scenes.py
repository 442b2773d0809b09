"""What a person does for each picture of the editor's guide, from the demo patch as it plays."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from editor.patcher import Patcher
from editor.rig import RIGHT

BESIDE = 300, -60
"""A place of the canvas where nothing is."""

LIVE = "mirror.status['link']['state'] == 'live'"
"""Scope paints, and its pictures arrive."""

WITHIN = 60.0
"""Seconds in which anything comes to be, with pictures drawn on a busy machine."""

Scene = Callable[[Patcher], None]


class Stage(NamedTuple):
    """The window of some pictures, in pixels, and the size of its text."""

    width: int
    height: int
    scale: float = 1.0


# The whole window.


def patch(editor: Patcher) -> None:
    """A patch that plays, with what a wire carries."""
    editor.click(editor.node("steer"))
    rest(editor, editor.wire_at("tint.brightness -> sparkle.value", 0.6))


def light(editor: Patcher) -> None:
    editor.tell("app.window.dress('light')")
    patch(editor)


def small(editor: Patcher) -> None:
    """The smallest window that is worked in."""
    editor.click(editor.node("steer"))
    show(editor, "telemetry", "ctrl+4")


def large(editor: Patcher) -> None:
    """A screen of four times as many pixels, and text of twice the size."""
    patch(editor)


def perform(editor: Patcher) -> None:
    """The picture, large."""
    editor.key("p")
    rest(editor)


def start(editor: Patcher) -> None:
    editor.key("ctrl+Home")
    editor.wait("app.window.start.is_open", WITHIN)
    rest(editor)


def keys(editor: Patcher) -> None:
    editor.key("F1")
    rest(editor)


def commands(editor: Patcher) -> None:
    editor.key("ctrl+p")
    typed(editor, "commands", "picture")


# On the canvas.


def near(editor: Patcher) -> None:
    """Boxes from near: sliders, meters, curves."""
    editor.look_at(540, -20, 1560, 760)
    editor.click(editor.node("flow"))
    rest(editor, editor.canvas_at(1000, 700))


def finder(editor: Patcher) -> None:
    """Tab and a word of another tool."""
    editor.move(editor.canvas_at(700, -60))
    editor.key("Tab")
    typed(editor, "finder", "lag")


def offered(editor: Patcher) -> None:
    """A wire dropped in empty space."""
    editor.look_at(1100, -20, 2160, 760)
    editor.drag(editor.outlet("light.out"), editor.canvas_at(1800, 700))
    editor.wait("app.window.finder.is_open", WITHIN)
    rest(editor)


def refused(editor: Patcher) -> None:
    """A wire that does not fit, before the drop."""
    editor.look_at(1100, -20, 2160, 760)
    editor.drag(editor.outlet("flow.out"), editor.inlet("steer.theme"), drop=False)
    rest(editor)


def insert(editor: Patcher) -> None:
    """A node type that is dragged from the palette into a wire."""
    editor.look_at(840, -20, 1700, 500)
    editor.click(editor.middle("nodegraph.palette.search"))
    editor.type("curve")
    rest(editor)
    start, end = editor.middle("nodegraph.palette.shape.curve"), "energy.out -> flow.value"
    editor.drag(start, editor.wire_at(end), drop=False)
    rest(editor)


def menu(editor: Patcher) -> None:
    """What a right click offers."""
    near(editor)
    editor.click(editor.node("flow"), button=RIGHT)
    rest(editor)


def modulate(editor: Patcher) -> None:
    """A right click on a param."""
    near(editor)
    editor.click(editor.param("sparkle.window", 0.3), button=RIGHT)
    rest(editor)


def subpatch(editor: Patcher) -> None:
    """Three nodes that were made one, from inside."""
    editor.click(editor.node("energy"))
    for node in ("flow", "both", "sparkle"):
        editor.click(editor.node(node), held="shift")
    editor.key("ctrl+g")
    editor.wait("editing.patch.subpatches", WITHIN)
    editor.frames(2)
    editor.key("ctrl+Down")
    editor.wait("editing.view.path", WITHIN)
    editor.wait("'flow' in canvas.scene.boxes", WITHIN)
    editor.click(editor.node("flow"))
    rest(editor, editor.canvas_at(*BESIDE))


def problems(editor: Patcher) -> None:
    """A wire that is missing, a node type that is not installed, and what is said of them."""
    told = json.loads((editor.folder / "demo.json").read_text("utf-8"))
    told["nodes"]["glow"] = {"type": "acme.glow@2", "params": {"radius": 0.3}}
    told["wires"] = [wire for wire in told["wires"] if not wire.startswith("spec.magnitude -> ban")]
    told["wires"].append("both.out -> glow.amount")
    told["layout"]["glow"] = [1120, 620]
    (editor.folder / "broken.json").write_text(json.dumps(told), "utf-8")
    opened(editor, "broken")
    show(editor, "problems", "ctrl+1")
    editor.look_at(520, -20, 1620, 780)
    editor.click(editor.node("glow"))
    rest(editor, editor.node("bands"))


def heat(editor: Patcher) -> None:
    """The time that each node takes."""
    editor.key("t")
    editor.wait("canvas.heat.shares()", WITHIN)
    rest(editor, editor.node("beat"))


# Panels.


def band(editor: Patcher) -> None:
    """The charts of a node that listens to a range of frequencies."""
    opened(editor, "pulse")
    editor.click(editor.node("bass"))
    editor.move(editor.middle("nodegraph.inspector.name"))
    played(editor, "song", 8.0)
    time.sleep(6.0)
    rest(editor)


def history(editor: Patcher) -> None:
    """What was done, with steps to go back to."""
    editor.click(editor.node("flow"))
    editor.key("ctrl+d", "b", "m", "ctrl+z")
    show(editor, "history", "ctrl+2")


def telemetry(editor: Patcher) -> None:
    """How engine, sound and pictures are."""
    show(editor, "telemetry", "ctrl+4")


def find(editor: Patcher) -> None:
    """What is in the patch, by the value of a param."""
    editor.key("ctrl+f")
    typed(editor, "find", "window")


def scope(editor: Patcher) -> None:
    """The server: how it does, what is loaded, what was sent."""
    show(editor, "scope", "ctrl+k")
    editor.wait("dpg.is_item_shown('nodegraph.scope.told')", WITHIN)
    rest(editor)


def themes(editor: Patcher) -> None:
    """The themes there are."""
    show(editor, "themes", "ctrl+l")


def theme(editor: Patcher) -> None:
    """A theme that is changed: its variations and a range."""
    themes(editor)
    editor.click(editor.middle("nodegraph.themes.shipped.astral.edit"))
    editor.wait("'astral' in editing.themes", WITHIN)
    editor.frames(4)
    editor.scroll((editor.screen.width - 120, editor.screen.height * 0.8), -4)
    rest(editor)


def decks(editor: Patcher) -> None:
    """A second patch on its deck, half way into the picture."""
    editor.tell(f"editing.open({str(editor.folder / 'pulse.json')!r}, 'next')")
    editor.wait("mirror.decks['next'].open and 'bass' in canvas.scene.boxes", WITHIN)
    editor.tell("canvas.fit() or editing.fade(0.4)")
    editor.wait("0.39 < mirror.status['fade'] < 0.41", WITHIN)
    rest(editor)


SCENES: Mapping[Stage, tuple[Scene, ...]] = {
    Stage(1680, 1000): (patch, light),
    Stage(1440, 900): (
        *(near, finder, offered, refused, insert, menu, subpatch, problems),
        *(heat, band, history, telemetry, find, scope, themes, theme, decks),
        *(start, keys, commands),
    ),
    Stage(1280, 800): (small, modulate, perform),
    Stage(3840, 2160, 2.0): (large,),
}


# What several of them do.


def opened(editor: Patcher, name: str) -> None:
    """Open a patch of the show's folder and look at all of it."""
    before = editor.tell("mirror.decks['main'].opened")
    editor.tell(f"editing.open({str(editor.folder / name) + '.json'!r}, 'main')")
    editor.wait(f"editing.deck.opened > {before} and editing.view.deck == 'main'", WITHIN)
    editor.wait("set(canvas.scene.boxes) == set(editing.patch.nodes)", WITHIN)
    editor.frames(4)


def tidied(editor: Patcher) -> None:
    """The window as it is at first, whatever a scene left open, with all of the demo patch."""
    editor.let_go()
    pages = "heat", "picture", "problems", "history", "telemetry"
    for does in (
        "[each.close() for each in app.window.floats if each.is_open]",
        f"[app.window.toggle(x) for x in {pages} if app.window.is_shown(x)]",
        "app.window.side.tabs.choose('inspector')",
        "app.window.dress('dark')",
        "dpg.set_value('nodegraph.palette.search', '')",
    ):
        editor.tell(does)
    if editor.tell("'next' in mirror.decks and mirror.decks['next'].open"):
        editor.tell("editing.fade(0.0) or editing.close('next')")
    if editor.tell("editing.deck.dirty or editing.deck.name != 'demo'"):
        opened(editor, "demo")
    editor.tell("editing.leave(0) or editing.select(()) or canvas.fit()")
    played(editor, "song", 20.0)


def played(editor: Patcher, node: str, at: float) -> None:
    """Have the sound of a node play from so many seconds on."""
    where = f"deck='main', node={node!r}, at={at}, paused=False"
    editor.tell(f"editing.ask('transport', None, {where})")


def show(editor: Patcher, page: str, chord: str) -> None:
    """Turn to a page of the drawer or of the column at the right, and let it be drawn."""
    if not editor.tell(f"app.window.is_shown({page!r})"):
        editor.key(chord)
    editor.frames(4)
    rest(editor, editor.canvas_at(*BESIDE))


def typed(editor: Patcher, window: str, text: str) -> None:
    """Type into a search that was just opened."""
    editor.wait(f"dpg.is_item_active('nodegraph.{window}.input')", WITHIN)
    editor.type(text)
    rest(editor)


def rest(editor: Patcher, at: tuple[float, float] | None = None) -> None:
    """Leave the mouse somewhere until what it lies on has said all."""
    if at is not None:
        editor.move(at)
    time.sleep(1.0)
    editor.frames(3)
