"""The strip at the foot: what is heard, where in it, how loud, and the beat of the music.

Tags: `nodegraph.transport.restart`, `.play`, `.source`, `.wave`, `.time`, `.level`, `.music`,
`.lights`, `.menu` for the list of sources.
"""

from __future__ import annotations

import time
from math import isnan, log10
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import CLEAR, faded, mixed
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.panels.sources import Sources
from nodegraph.editor.panels.wave import Wave
from nodegraph.editor.playback import (
    Music,
    Playhead,
    Ports,
    Sound,
    clock_text,
    music,
    sounds,
)
from nodegraph.editor.shell import Shell

_TAG: Final = "nodegraph.transport"
_BUTTON: Final = 34
_HEIGHT: Final = 40
_MOST_LIGHTS: Final = 8
_FALL: Final = 0.7  # of full scale a second: how quickly a shown peak comes down


class Transport:
    """Follows the source that was chosen, or the first of the deck that is looked at."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look = editing, look
        self.sources = Sources(editing, look, shell, self.choose)
        self.wave = Wave(editing, look, f"{_TAG}.wave")
        self._chosen = ""
        self._playhead, self._ports = Playhead(), Ports()
        self._peak, self._peak_at = 0.0, 0.0
        self._news = News()

    def choose(self, node: str) -> None:
        """Follow the source of this node."""
        self._chosen = node

    @property
    def sound(self) -> Sound | None:
        """The source that is followed."""
        editing = self.editing
        found = sounds(editing.mirror.status, editing.view.deck)
        return next((one for one in found if one.node == self._chosen), found[0] if found else None)

    def build(self, parent: int | str) -> None:
        """Make the strip."""
        look, px = self.look, self.look.px
        with dpg.group(parent=parent, horizontal=True, horizontal_spacing=px(12)):
            with dpg.group(horizontal=True, horizontal_spacing=px(4)):
                for name, sign, does in (
                    ("restart", "⇤", self._restart),
                    ("play", "▶", self._play),
                ):
                    size = px(_BUTTON)
                    dpg.add_button(
                        label=sign, tag=f"{_TAG}.{name}", width=size, height=size, callback=does
                    )
            with dpg.group():
                source = dpg.add_button(
                    label="no sound", tag=f"{_TAG}.source", width=px(170), callback=self._list
                )
                look.bind(source, "listed")
                look.text("", "faint", "small", tag=f"{_TAG}.state", indent=px(8))
            self.wave.build()
            with dpg.group():
                look.text(clock_text(None), font="strong", tag=f"{_TAG}.time")
                look.text("", "faint", "small", tag=f"{_TAG}.length")
            dpg.add_drawlist(px(12), px(_HEIGHT), tag=f"{_TAG}.level")
            with dpg.group():
                look.text("", font="strong", tag=f"{_TAG}.music")
                dpg.add_drawlist(px(14 * _MOST_LIGHTS), px(16), tag=f"{_TAG}.lights")
        self.sources.build()

    def tick(self) -> None:
        """Follow the show."""
        sound, now = self.sound, time.monotonic()
        ports = self._ports.of(self.editing.deck.columns)
        place = self._playhead.place(sound, now) if sound else None
        self._say(sound, place)
        self._buttons(sound)
        self.wave.tick(sound, place, self._room(), ports)
        self._level(sound, now, ports)
        self._music(music(self.editing.watching, ports.clock))
        self.sources.tick()

    def _room(self) -> int:
        """Pixels that are left for the wave."""
        px = self.look.px
        fixed = px(2 * _BUTTON + 4 + 170 + 48 + 12 + 14 * _MOST_LIGHTS + 6 * 12 + 2 * 12 + 8)
        return max(int(dpg.get_viewport_client_width()) - fixed, px(80))

    def _say(self, sound: Sound | None, place: float | None) -> None:
        title, state, length = "No sound", "", ""
        if sound is not None:
            title = sound.title
            state = f"{sound.node}, {sound.state}"
            if sound.replaced:
                state = "instead of the patch's sound"
            length = clock_text(sound.duration) if sound.duration else ""
        told = {"time": clock_text(place), "length": length, "state": state}
        for what, text in told.items():
            if self._news.of(what, text):
                dpg.set_value(f"{_TAG}.{what}", text)
        if self._news.of("title", title):
            dpg.configure_item(f"{_TAG}.source", label=title)

    def _buttons(self, sound: Sound | None) -> None:
        rests = sound is None or sound.paused or sound.ended
        if self._news.of("play", rests):
            dpg.configure_item(f"{_TAG}.play", label="▶" if rests else "‖")
        for name, useful in (
            ("play", sound is not None),
            ("restart", sound is not None and sound.at is not None),
        ):
            if self._news.of(f"{name} is useful", useful):
                dpg.configure_item(f"{_TAG}.{name}", enabled=useful)
                self.look.bind(f"{_TAG}.{name}", "chosen" if useful else "quiet")

    def _level(self, sound: Sound | None, now: float, ports: Ports) -> None:
        """Loudness as a bar and its peak as a line, which falls slowly."""
        rms = peak = 0.0
        if sound is not None:
            newest, port = self.editing.watching.newest, ports.level(sound.node)
            rms, peak = (newest(f"{port}.rms"), newest(f"{port}.peak")) if port else (0.0, 0.0)
            rms, peak = (0.0 if isnan(value) else value for value in (rms, peak))
        self._peak = max(peak, self._peak - _FALL * (now - self._peak_at))
        self._peak_at = now
        px, c, tag = self.look.px, self.look.colours, f"{_TAG}.level"
        height, width = px(_HEIGHT), px(8)
        bar, line = round(height * _shown(rms)), round(height * _shown(self._peak))
        if not self._news.of("level", (bar, line, height, c.name)):
            return
        dpg.delete_item(tag, children_only=True)
        dpg.draw_rectangle(
            (0, 0), (width, height), fill=c.raised, color=CLEAR, rounding=px(2), parent=tag
        )
        tone = c.problem if self._peak >= 1.0 else c.good
        dpg.draw_rectangle((0, height - bar), (width, height), fill=tone, color=CLEAR, parent=tag)
        if line:
            dpg.draw_line(
                (0, height - line),
                (width, height - line),
                color=mixed(tone, c.text, 0.5),
                thickness=px(2),
                parent=tag,
            )

    def _music(self, now: Music | None) -> None:
        """Tempo, bar, and a light for each beat of it, the present one brightest as it begins."""
        text = f"{now.bpm:.1f}  bar {now.bar + 1}" if now else ""
        if self._news.of("music", text):
            dpg.set_value(f"{_TAG}.music", text)
        beat = (now.beat, min(now.meter, _MOST_LIGHTS), round(now.phase * 8)) if now else None
        if not self._news.of("lights", (beat, self.look.colours.name)):
            return
        tag, px, c = f"{_TAG}.lights", self.look.px, self.look.colours
        dpg.delete_item(tag, children_only=True)
        if beat is None or now is None:
            return
        for place in range(beat[1]):
            lit = c.accent if place == 0 else c.text
            fill = mixed(lit, c.faint, now.phase * 0.6) if place == beat[0] else faded(c.faint, 0.4)
            centre = (px(6) + px(14) * place, px(8))
            dpg.draw_circle(centre, px(4), fill=fill, color=CLEAR, parent=tag)

    def _list(self) -> None:
        left, top = dpg.get_item_rect_min(f"{_TAG}.source")
        self.sources.open_above(self.sound, (left, top))

    def _restart(self) -> None:
        sound = self.sound
        if sound is not None and sound.at is not None:
            self._tell(sound, at=0.0, paused=False)

    def _play(self) -> None:
        sound = self.sound
        if sound is not None and sound.ended:
            self._tell(sound, at=0.0, paused=False)
        elif sound is not None:
            self._tell(sound, paused=not sound.paused)

    def _tell(self, sound: Sound, **wish: object) -> None:
        self.editing.ask("transport", deck=self.editing.view.deck, node=sound.node, **wish)


def _shown(level: float) -> float:
    """A level on a meter of 60 dB: 0..1."""
    return min(max(1.0 + log10(level) / 3.0, 0.0), 1.0) if level > 0.0 else 0.0
