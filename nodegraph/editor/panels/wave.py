"""The waveform of what is heard, with the place in it; a click goes there.

A source without an end, such as a device, shows its last seconds instead.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import CLEAR, faded
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.playback import Ports, Sound, clock_text
from nodegraph.remote.errors import Fields

PEAKS: Final = 400
_HEIGHT: Final = 40
_STEP: Final = 3  # pixels from one line to the next
_EVERY: Final = 3  # frames between two looks at the past of a device


class Wave:
    """Asks for the peaks of a source when it is first seen."""

    def __init__(self, editing: Editing, look: Look, tag: str) -> None:
        self.editing, self.look, self.tag = editing, look, tag
        self._peaks: dict[tuple[object, ...], NDArray[np.uint8]] = {}
        self._drawn: tuple[object, ...] = ()
        self._news = News()
        self._held: float | None = None
        self._frame = 0

    def build(self) -> None:
        """Make an empty room, in whatever container is open."""
        dpg.add_drawlist(10, self.look.px(_HEIGHT), tag=self.tag)

    def tick(self, sound: Sound | None, place: float | None, width: int, ports: Ports) -> None:
        """Show a source, and where it is."""
        self._frame += 1
        key = self._key(sound)
        peaks = self._peaks.get(key) if key else None
        drawn = (key, width, peaks is not None, self.look.colours.name, self.look.scale)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(width, peaks)
            self._news.forget()
        if sound is not None and key and key not in self._peaks:
            self._ask(sound, key)
        if sound is None or peaks is None or not sound.duration:
            self._past(sound, width, ports)
            return
        share = self._hand(sound, width)
        if share is None:
            share = (place or 0.0) / sound.duration
        x = round(min(share, 1.0) * width)
        if not self._news.of("place", x):
            return
        dpg.configure_item(f"{self.tag}.rest", pmin=(x, 0), pmax=(width, self.look.px(_HEIGHT)))
        dpg.configure_item(f"{self.tag}.head", p1=(x, 0), p2=(x, self.look.px(_HEIGHT)))

    def _key(self, sound: Sound | None) -> tuple[object, ...]:
        if sound is None or not sound.is_file:
            return ()
        return (self.editing.view.deck, sound.node, sound.path, sound.duration)

    def _ask(self, sound: Sound, key: tuple[object, ...]) -> None:
        self._peaks[key] = np.zeros(0, np.uint8)  # it is on its way

        def take(answer: Fields) -> None:
            peaks = answer.get("peaks")
            if isinstance(peaks, bytes):
                self._peaks[key] = np.frombuffer(peaks, np.uint8)
                self._drawn = ()

        self.editing.link.ask(
            "waveform",
            take,
            lambda error: None,  # a file that cannot be read is a problem of its node already
            deck=self.editing.view.deck,
            node=sound.node,
            count=PEAKS,
        )

    def _draw(self, width: int, peaks: NDArray[np.uint8] | None) -> None:
        look, c, tag = self.look, self.look.colours, self.tag
        height, middle = look.px(_HEIGHT), look.px(_HEIGHT) / 2
        dpg.configure_item(tag, width=width, height=height)
        dpg.delete_item(tag, children_only=True)
        dpg.draw_rectangle(
            (0, 0), (width, height), fill=c.canvas, color=CLEAR, rounding=look.px(4), parent=tag
        )
        dpg.draw_line((0, middle), (width, middle), color=c.line, parent=tag)
        if peaks is not None and len(peaks):
            step = look.px(_STEP)
            for x in range(0, width, step):
                first, last = x * len(peaks) // width, (x + step) * len(peaks) // width
                half = float(peaks[first : max(last, first + 1)].max()) / 255.0 * (middle - 2)
                dpg.draw_line(
                    (x, middle - half),
                    (x, middle + half + 1),
                    color=c.dim,
                    thickness=max(step - look.px(1), 1),
                    parent=tag,
                )
        dpg.draw_rectangle(
            (0, 0), (0, 0), fill=faded(c.canvas, 0.6), color=CLEAR, parent=tag, tag=f"{tag}.rest"
        )
        dpg.draw_line(
            (0, 0), (0, 0), color=c.accent, thickness=look.px(2), parent=tag, tag=f"{tag}.head"
        )
        dpg.draw_polyline(
            [(0, middle), (0, middle)],
            color=c.kind("audio"),
            parent=tag,
            tag=f"{tag}.past",
            show=False,
        )
        dpg.draw_text((0, 0), "", size=look.px(12), color=c.text, parent=tag, tag=f"{tag}.at")

    def _past(self, sound: Sound | None, width: int, ports: Ports) -> None:
        """The last seconds of the level of a source without an end."""
        endless = sound is not None and not sound.is_file
        if self._news.of("past", endless):
            dpg.configure_item(f"{self.tag}.past", show=endless)
        if sound is None or not endless or self._frame % _EVERY:
            return
        port = ports.level(sound.node)
        level = self.editing.watching.history(f"{port}.rms") if port else np.zeros(0)
        if len(level) < 2:
            return
        chosen = np.nan_to_num(level[:: max(len(level) // 200, 1)])
        height = self.look.px(_HEIGHT)
        xs = np.linspace(0, width, len(chosen))
        ys = height - 2 - np.clip(chosen, 0.0, 1.0) ** 0.5 * (height - 4)
        dpg.configure_item(f"{self.tag}.past", points=np.stack((xs, ys), axis=1).tolist())

    def _hand(self, sound: Sound, width: int) -> float | None:
        """Where a mouse that is held down points to, 0..1; when it is let go, go there."""
        assert sound.duration  # whoever asks has looked
        left, top = dpg.get_item_rect_min(self.tag)
        x, y = dpg.get_mouse_pos(local=False)
        over = 0 <= x - left <= width and 0 <= y - top <= self.look.px(_HEIGHT)
        pressed = over and dpg.is_mouse_button_clicked(0) and dpg.is_item_hovered(self.tag)
        if self._held is None and pressed:
            self._held = 0.0
        if self._held is None:
            return None
        self._held = min(max((x - left) / width, 0.0), 1.0)
        share, at = self._held, self._held * sound.duration
        dpg.configure_item(f"{self.tag}.at", text=clock_text(at), pos=(share * width + 6, 4))
        if not dpg.is_mouse_button_down(0):
            self._held = None
            dpg.configure_item(f"{self.tag}.at", text="")
            deck = self.editing.view.deck
            self.editing.ask("transport", deck=deck, node=sound.node, at=min(at, sound.duration))
        return share
