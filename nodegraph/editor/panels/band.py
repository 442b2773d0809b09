"""The inspector's charts of a node that listens to a range of frequencies, to be dragged on.

Tags: `nodegraph.inspector.band`, `nodegraph.inspector.band.fit`.
"""

from __future__ import annotations

import time
from typing import Final

import dearpygui.dearpygui as dpg
import numpy as np

from nodegraph.editor.band import Band, Grip, Setting, band_of
from nodegraph.editor.band_charts import Charts, levels_for
from nodegraph.editor.band_curves import columns
from nodegraph.editor.band_drag import Grab
from nodegraph.editor.band_listening import Listener, driven, setting_of
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.band_drawing import Drawing
from nodegraph.editor.panels.pages import section
from nodegraph.editor.shell import Shell
from nodegraph.graph import Port
from nodegraph.nodetype import NodeType

_TAG: Final = "nodegraph.inspector.band"
_WATCHER: Final = "band"
_PERIOD: Final = 1 / 30  # seconds between two drawings


class BandPanel:
    """Shows one node; listens to one, which may be another by then."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self.listener = Listener(editing)
        self._drawing = Drawing(look, _TAG)
        self._id = ""
        self._band: Band | None = None
        self._grab: Grab | None = None
        self._gesture = ""
        self._levels: tuple[float, float] | None = None
        self._due = 0.0
        self._told = ""

    def build(self, id: str, type_: NodeType) -> None:
        """Make the charts of a node, if it is one that listens. In the container that is open."""
        if id != self._id:
            self._grab = self._levels = None
        self._id, self._band, self._told = id, band_of(type_), ""
        if self._band is None:
            return
        section(self.look, "Band")
        dpg.add_drawlist(10, 10, tag=_TAG)
        dpg.add_button(tag=f"{_TAG}.fit", width=-1, callback=self._pressed)
        self._drawing.forget()
        source = self.editing.brings(Port(id, self._band.spectrum))
        self.editing.watching.watch([source] if source else [], _WATCHER)

    def clear(self) -> None:
        """Forget the charts: somebody has deleted them."""
        self._band = None
        self.editing.watching.watch((), _WATCHER)

    def tick(self) -> None:
        """Follow the hand and what plays, and go on listening."""
        self.listener.tick()
        band = self._band
        if band is None or self._id not in self.editing.patch.nodes:
            return
        if not dpg.is_item_visible(_TAG):
            self._grab = None
            return
        setting = setting_of(self.editing, self._id, band)
        charts = self._charts(band, setting)
        grip = self._hand(charts, setting)
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _PERIOD
            self._levels = self._range(band, setting)
            if self._grab is not None:
                charts, setting = self._grab.charts, self._grab.setting
            self._draw(charts, setting, grip)
            self._tell()

    def _charts(self, band: Band, setting: Setting) -> Charts:
        """Where everything lies now, in a drawlist as wide as the button."""
        width = max(float(dpg.get_item_rect_size(f"{_TAG}.fit")[0]), self.look.px(120))
        levels = self._levels or self._range(band, setting)
        return Charts.within(band, width, levels, self.look.scale)

    def _range(self, band: Band, setting: Setting) -> tuple[float, float]:
        """The levels that the charts show, with room for what was heard of late."""
        past = self.editing.watching.history(self._address(band.level))
        peak = float(np.nan_to_num(past).max(initial=0.0))
        return levels_for(band, peak, setting.threshold, self._levels)

    def _address(self, outlet: str) -> str:
        return self.editing.address(f"{self._id}.{outlet}")

    # The hand.

    def _hand(self, charts: Charts, setting: Setting) -> Grip | None:
        """Let what is held go with the mouse; gives what is held, or could be."""
        left, top = dpg.get_item_rect_min(_TAG)
        x, y = dpg.get_mouse_pos(local=False)
        x, y = x - left, y - top
        if self._grab is not None:
            if not dpg.is_mouse_button_down(0):
                self._grab = None
                return None
            fine = "shift" in self.shell.modifiers
            for name, value in self._grab.move(x, y, fine=fine).items():
                self.editing.set_param(self._id, name, value, self._gesture)
            return self._grab.grip
        grip = charts.hit(x, y, setting) if dpg.is_item_hovered(_TAG) else None
        if grip is None or not driven(self.editing, self._id).isdisjoint(_names(grip)):
            return None
        if dpg.is_mouse_button_clicked(0):
            self._take(Grab(charts, grip, setting, x, y))
        return grip

    def _take(self, grab: Grab) -> None:
        """Hold something; with ctrl or alt, set it back to its default, as elsewhere."""
        self._gesture = self.editing.begin_gesture()
        if not self.shell.modifiers & {"alt", "ctrl"}:
            self._grab = grab
            return
        for name in _names(grab.grip):
            self.editing.unset_param(self._id, name, self._gesture)

    def _pressed(self) -> None:
        if self._band is not None:
            self.listener.press(self._id, self._band)

    # The picture.

    def _draw(self, charts: Charts, setting: Setting, grip: Grip | None) -> None:
        band, drawing = charts.band, self._drawing
        watching, mirror = self.editing.watching, self.editing.mirror
        drawing.make(charts)
        source = self.editing.brings(Port(self._id, band.spectrum))
        value = watching.value(source) if source else None
        magnitude = np.asarray(value if isinstance(value, tuple) else (), np.float64)
        found = columns(magnitude, mirror.rate, *charts.hearing, drawing.count)
        drawing.spectrum(charts, found, setting)
        level = watching.history(self._address(band.level))
        drawing.past(charts, level, watching.ticks, mirror.tick)
        if band.hit:
            hits = watching.history(self._address(band.hit))
            drawing.hits(charts, hits, mirror.tick, setting.cooldown)
        drawing.lines(charts, setting, driven(self.editing, self._id), grip)

    def _tell(self) -> None:
        """Say on the button what a press of it does."""
        label, tag = self.listener.words(self._id), f"{_TAG}.fit"
        if label != self._told:
            self._told = label
            dpg.configure_item(tag, label=label)
            self.look.bind(tag, "accent" if self.listener.hears(self._id) else "chosen")


def _names(grip: Grip) -> tuple[str, ...]:
    """The params that a grip moves."""
    return ("low", "high") if grip == "band" else (grip,)
