"""The window: all its panels, what they are built into, and what a frame does to them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor import layout
from nodegraph.editor.actions import is_for_stage, press
from nodegraph.editor.canvas.hitting import OnWire, Target
from nodegraph.editor.canvas.paper import PLOT
from nodegraph.editor.changes import can_insert
from nodegraph.editor.deeds import Deeds
from nodegraph.editor.editing import Editing
from nodegraph.editor.keyboard import Keyboard
from nodegraph.editor.look.theme import Look
from nodegraph.editor.menus import items
from nodegraph.editor.panels.menu import Menu
from nodegraph.editor.panels.palette import PAYLOAD, Palette
from nodegraph.editor.panels.status import Status
from nodegraph.editor.panels.toast import Toast
from nodegraph.editor.panels.top import Top
from nodegraph.editor.panels.transport import Transport
from nodegraph.editor.played import Played
from nodegraph.editor.settings import Settings
from nodegraph.graph import Wire

log = logging.getLogger(__name__)

_NUDGES: Final = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_NEAR, _FAR = 10.0, 50.0  # how far an arrow key moves what is selected, and with shift


class Window(Deeds):
    """Build it once, `tick` it once a frame, and tell it which keys were pressed."""

    def __init__(
        self, editing: Editing, look: Look, keyboard: Keyboard, settings: Settings, *, owns: bool
    ) -> None:
        super().__init__(editing, look, keyboard, settings, owns=owns)
        self.menu, self.top = Menu(look, self), Top(editing, look, self)
        self.palette, self.status = Palette(editing, look, self), Status(editing, look)
        self.transport, self.toast = Transport(editing, look, self), Toast(editing, look)
        self._panels: dict[str, Callable[[], None]] = {
            "menu": self.menu.tick,
            "top": self.top.tick,
            "palette": self.palette.tick,
            "side": self.side.tick,
            "preview": self.preview.tick,
            "transport": self.transport.tick,
            "canvas": self._tick_canvas,
            "hands": self._tick_hands,
            "drawer": self.drawer.tick,
            "status": self.status.tick,
            "toast": self.toast.tick,
        }
        self.played = Played(editing)
        self._failed: set[str] = set()
        self._begun = False

    def build(self) -> None:
        """Make everything that is seen."""
        self.layout.build(self.menu.build)
        self.top.build(layout.TOP)
        self.palette.build(layout.LEFT)
        self.canvas.build(layout.CANVAS)
        self.drawer.build(layout.DRAWER)
        self.side.build(layout.RIGHT)
        self.transport.build(layout.FOOT)
        self.status.build(layout.STATUS)
        self.toast.build()
        for window in self.floats:
            window.build()
        self.canvas.on_finder, self.canvas.on_menu = self.find_node, self._context
        self.canvas.on_type_in, self.canvas.on_note = self.type_value, self.editing.note
        self.drawer.problems.on_show = self.find.on_show = self._reveal
        dpg.configure_item(PLOT, payload_type=PAYLOAD, drop_callback=self._dropped)

    def tick(self) -> None:
        """One frame of all that is shown."""
        self.layout.tick()
        for name, tick in self._panels.items():
            self._guarded(name, tick)
        for window in self.floats:
            if window.is_open:
                self._guarded(window.tag, window.tick)
        if not self._begun and self.editing.mirror.attached:
            self._begun = True
            if not self.editing.patch.nodes and not self.editing.deck.path:
                self.start.begin()

    def pressed(self, chord: str, again: bool) -> None:
        """Do what a chord calls for; while a window floats, keys are its own."""
        if self.learner.press(chord):
            self.question.close()
            return
        if self._is_asked:
            return
        if self.played.press(chord) or (self.preview.large and not is_for_stage(chord)):
            return
        *held, key = chord.split("+")
        if chord == "escape" and self.canvas.cancel():
            return
        if key in _NUDGES and held in ([], ["shift"]):
            by = _FAR if held else _NEAR
            x, y = _NUDGES[key]
            self.editing.nudge(x * by, y * by)
        else:
            press(chord, again, self)

    @property
    def _is_asked(self) -> bool:
        """Whether a window lies above that wants the keys."""
        return any(window.is_open for window in (*self.floats, self.transport.sources))

    @property
    def _is_covered(self) -> bool:
        """Whether anything lies above the canvas."""
        return self.preview.large or self._is_asked

    @property
    def moves(self) -> bool:
        """Whether pictures are seen to come, or any number changes."""
        return self.preview.moving or self.editing.watching.moves

    def _guarded(self, name: str, tick: Callable[[], None]) -> None:
        """What fails is told of once, and the rest goes on."""
        try:
            tick()
        except Exception as error:
            fault = f"{name} failed: {error!r}"
            if fault not in self._failed:
                self._failed.add(fault)
                log.exception("the panel %s failed", name)
                self.editing.note(f"The panel {fault}", "problem")

    def _tick_canvas(self) -> None:
        if not self.canvas.hands.is_busy:
            dragged = self.palette.dragged
            self.canvas.bench.sketch.receiving = self._receiver(dragged) if dragged else None
        self.canvas.tick(self.modifiers, typing=self.keyboard.typing, covered=self._is_covered)

    def _tick_hands(self) -> None:
        self.played.tick(self.keyboard.held)
        if self.learner.tick():
            self.question.close()

    # What the canvas asks for.

    def _context(self, target: Target, at: tuple[float, float]) -> None:
        self.context.begin(items(target, self.canvas.to_world(*at), self), at)

    def _receiver(self, type_id: str) -> Wire | None:
        """The wire under the mouse, if a node of a type fits into it."""
        target, type_ = self.canvas.hit(*self.mouse), self.editing.types.get(type_id)
        if isinstance(target, OnWire) and type_:
            return target.wire if can_insert(self.editing.wiring, type_, target.wire) else None
        return None

    def _dropped(self, sender: object, type_id: str) -> None:
        """Put a node where it was let go of: into the wire that lies there, if it fits."""
        editing, at, wire = self.editing, self.canvas.to_world(*self.mouse), self._receiver(type_id)
        if wire:
            editing.insert(type_id, wire, at)
        else:
            editing.add_node(type_id, at)
        self.used(type_id)

    def _reveal(self) -> None:
        """Bring what is selected into view, once the canvas knows where it is."""
        self._tick_canvas()
        self.canvas.reveal(self.editing.selected_nodes)
