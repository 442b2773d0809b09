"""What is drawn on: a plot of Dear PyGui, with layers from back to front, and only what is seen.

The plot draws what is given in pixels of the canvas, at any zoom, with letters and lines that stay
sharp. Where it looks is said each time by the camera; of itself it neither pans nor zooms.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.boxes import Boxes, Card
from nodegraph.editor.canvas.camera import CLOSE, MIDDLE, Camera, letters, nearness
from nodegraph.editor.canvas.cords import Cords
from nodegraph.editor.canvas.frames import Frames
from nodegraph.editor.canvas.hitting import OnPort, Places
from nodegraph.editor.canvas.live import Live, Values
from nodegraph.editor.canvas.minimap import Minimap
from nodegraph.editor.canvas.overlay import Overlay
from nodegraph.editor.canvas.pieces import Change
from nodegraph.editor.canvas.scene import Scene
from nodegraph.editor.look.theme import Look
from nodegraph.graph import Wire

PLOT: Final = "nodegraph.canvas.plot"
"""The tag of the item that is drawn on."""

_BUILD_WITHIN: Final = 0.004  # seconds of a frame for boxes that are seen near for the first time
_AROUND: Final = 20.0  # pixels of the canvas beyond the window that are drawn too

_BARE: Final = dict.fromkeys(
    (
        *("no_tick_labels", "no_tick_marks", "no_label", "no_menus"),
        *("no_highlight", "no_side_switch", "no_initial_fit"),
    ),
    True,
)


class Paper:
    """All items of the canvas. Made inside a window or child window, which it fills."""

    def __init__(
        self,
        parent: int | str,
        look: Look,
        scene: Scene,
        places: Places,
        values: Values,
        address: Callable[[str], str],
    ) -> None:
        self._look, self._scene, self._places = look, scene, places
        self._values, self._address = values, address
        self._camera: Camera | None = None
        self._nearness, self._letters = -1, 0.0
        self._is_dimmed = False
        self._lifted = ""
        self._waiting: list[Card] = []
        self._cards: list[Card] = []
        self._wires: list[Wire] = []
        off = dpg.mvMouseButton_X2  # so that the plot takes no button of the mouse
        buttons = ("pan", "fit", "context_menu", "box_select", "box_select_cancel")
        bare = ("no_title", "no_menus", "no_box_select", "no_mouse_pos", "no_frame")
        options = {f"{name}_button": off for name in buttons} | dict.fromkeys(bare, True)
        dpg.add_plot(tag=PLOT, parent=parent, width=-1, height=-1, **options)
        self._x_axis = dpg.add_plot_axis(dpg.mvXAxis, parent=PLOT, **_BARE)
        self._y_axis = dpg.add_plot_axis(dpg.mvYAxis, parent=PLOT, invert=True, **_BARE)
        self._theme = int(dpg.add_theme())
        self._layers: list[int] = []
        self._make()

    @property
    def spectra(self) -> list[str]:
        """The outlets whose vectors are drawn."""
        if self._nearness < CLOSE:
            return []
        boxes = [card.box for card in self._cards if card.box.shape.spectrum]
        return [f"{box.id}.{box.shape.spectrum}" for box in boxes]

    def take(self, change: Change) -> None:
        """Follow a change of the scene."""
        scene = self._scene
        self.frames.refresh(scene.frames, change.frames, change.gone_frames)
        self.cords.refresh(scene.cords, change.cords, change.gone_cords)
        for card in self.boxes.refresh(scene.boxes, change.boxes, change.gone_boxes):
            card.show_from(self._nearness, self._letters)
        self.minimap.refresh(scene.boxes, change.boxes, change.gone_boxes)
        if self._camera is not None:
            self._cull(self._camera)

    def lift(self, id: str) -> None:
        """Draw a box above all others."""
        if id != self._lifted and id in self.boxes.cards:
            self._lifted = id
            self.boxes.lift(id)

    def follow(self, camera: Camera) -> bool:
        """Show what the camera sees; whether that is something else than before."""
        if camera == self._camera:
            return False
        self._camera = camera
        seen = camera.seen
        dpg.set_axis_limits(self._x_axis, seen.left, seen.right)
        dpg.set_axis_limits(self._y_axis, seen.top, seen.bottom)
        self.minimap.follow(camera)
        self._cull(camera)
        return True

    def tick(self) -> None:
        """Make what is seen near for the first time, as far as there is time; move what lives."""
        end = time.perf_counter() + _BUILD_WITHIN
        while self._waiting and self._camera and time.perf_counter() < end:
            card = self._waiting.pop()
            if self.boxes.cards.get(card.box.id) is card and card.visible:
                card.show_from(self._nearness, self._letters)
        self.live.tick(self._cards, self._wires, self._nearness)

    def heat(self, shares: Mapping[str, float]) -> None:
        """Let boxes glow, each by a share from 0 to 1."""
        for id, card in self.boxes.cards.items():
            card.heat(shares.get(id, 0.0))

    def light(self, lit: frozenset[OnPort] | None) -> None:
        """Dim all ports but some; None lights them all again."""
        if lit is not None or self._is_dimmed:
            self._is_dimmed = lit is not None
            self.boxes.light(lit, [card.box.id for card in self._cards])

    def redraw(self) -> None:
        """Draw all anew, in other colours."""
        shown = self.minimap.shown
        for layer in self._layers:
            dpg.delete_item(layer)
        self._make()
        self.minimap.shown = shown
        self._waiting.clear()
        self._camera, self._nearness = None, -1
        scene = self._scene
        self.take(Change(tuple(scene.boxes), tuple(scene.cords), tuple(scene.frames)))

    def _make(self) -> None:
        """The layers, from back to front."""
        colours, plots = self._look.colours, dpg.mvThemeCat_Plots
        dpg.delete_item(self._theme, children_only=True)
        with dpg.theme_component(dpg.mvPlot, parent=self._theme):
            dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 0, 0, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_PlotBorderSize, 0, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_MinorAlpha, 0.4, category=plots)
            for part in (dpg.mvPlotCol_PlotBg, dpg.mvPlotCol_FrameBg, dpg.mvPlotCol_PlotBorder):
                dpg.add_theme_color(part, colours.canvas, category=plots)
            dpg.add_theme_color(dpg.mvPlotCol_AxisGrid, colours.grid, category=plots)
        dpg.bind_item_theme(PLOT, self._theme)
        plot = int(dpg.get_alias_id(PLOT))
        self._layers = [brush.ground(plot) for _ in range(5)]
        frames, cords, boxes, minimap, overlay = self._layers
        self.frames = Frames(frames, self._look)
        self.cords = Cords(cords, self._look)
        self.boxes = Boxes(boxes, self._look)
        self.minimap = Minimap(minimap, self._look)
        self.overlay = Overlay(overlay, self._look)
        self.live = Live(self._values, self._address, self._look, self.cords)

    def _cull(self, camera: Camera) -> None:
        """Leave out what is not in the window."""
        seen = camera.seen.grown(_AROUND)
        mask = self._places.boxes.mask(seen).tolist()
        before = self._nearness, self._letters
        zoom = camera.zoom / self._look.scale
        self._nearness = self._places.nearness = nearness(zoom, sum(mask))
        self._letters = letters(zoom)
        self.live.look_from(camera.zoom)
        self.frames.letter(self._letters)
        self._cards, self._wires = [], []
        for id, visible in zip(self._places.boxes.keys, mask, strict=True):
            card = self.boxes.cards[id]
            if visible:
                self._cards.append(card)
                if not card.visible or before != (self._nearness, self._letters):
                    self._show(card)
            card.set_visible(visible)
        mask = self._places.cords.mask(seen).tolist()
        for wire, visible in zip(self._places.cords.keys, mask, strict=True):
            self.cords.set_visible(wire, visible)
            if visible:
                self._wires.append(wire)

    def _show(self, card: Card) -> None:
        """Show a card as it looks from here; what has to be made for that is made in time."""
        if self._nearness >= CLOSE and card.lacks_details:
            self._waiting.append(card)
            card.show_from(MIDDLE, self._letters)
        else:
            card.show_from(self._nearness, self._letters)
