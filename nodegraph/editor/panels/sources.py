"""The list above the transport: which source is followed, and what it is to play.

Tags: `nodegraph.transport.menu`, in it `.demo`, `.file`, `.source.N`, `.device.N`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.playback import Sound, sounds
from nodegraph.editor.shell import Shell
from nodegraph.remote.errors import Fields

_TAG: Final = "nodegraph.transport.menu"
_WIDTH: Final = 280


class Sources(Floating):
    """What is chosen here of what to play is an edit of the source's node, and can be undone."""

    def __init__(
        self, editing: Editing, look: Look, shell: Shell, follow: Callable[[str], None]
    ) -> None:
        super().__init__(look, _TAG, _WIDTH)
        self.editing, self.shell = editing, shell
        self._follow = follow
        self._sound: Sound | None = None
        self._corner = (0.0, 0.0)
        self._devices: list[dict[str, Any]] | None = None

    def fill(self) -> None:
        dpg.add_group(tag=f"{_TAG}.lines")

    def tick(self) -> None:
        """Once a frame, open or not."""
        if self.is_open:
            super().tick()

    def open_above(self, sound: Sound | None, place: tuple[float, float]) -> None:
        """Offer what there is, above a place of the window."""
        self._sound, self._devices = sound, None
        if sound is not None and sound.kind == "device":
            self.editing.ask("devices", self._listed)
        self._write()
        self._corner = place
        self.open(place)

    def _settle(self) -> None:
        left, bottom = self._corner
        height = dpg.get_item_rect_size(_TAG)[1]
        self._place = (left, bottom - height - self.look.px(6))
        super()._settle()

    def _listed(self, answer: Fields) -> None:
        found = answer.get("devices")
        listed = found if isinstance(found, list) else []
        self._devices = [one for one in listed if isinstance(one, dict)]
        self._write()

    def _write(self) -> None:
        look, sound = self.look, self._sound
        dpg.delete_item(f"{_TAG}.lines", children_only=True)
        dpg.push_container_stack(f"{_TAG}.lines")
        found = sounds(self.editing.mirror.status, self.editing.view.deck)
        if sound is None:
            look.text(
                "This patch hears nothing: add an Audio File or Audio Device.",
                "dim",
                "small",
                wrap=look.px(_WIDTH),
            )
        elif sound.replaced:
            look.text(
                "The show was started with a sound that is heard instead of the patch's.",
                "dim",
                "small",
                wrap=look.px(_WIDTH),
            )
        elif "/" in sound.node:
            look.text(
                "This source is inside a subpatch: choose there what it plays.",
                "dim",
                "small",
                wrap=look.px(_WIDTH),
            )
        elif sound.is_file:
            look.text("Play", "faint", "small")
            self._line("The demo track", f"{_TAG}.demo", self._demo, None)
            self._line("A sound file…", f"{_TAG}.file", self._file, None)
        elif sound.kind == "device":
            self._write_devices()
        if len(found) > 1:
            look.text("Show here", "faint", "small")
            for count, other in enumerate(found):
                mark = "● " if sound is not None and other.node == sound.node else ""
                self._line(
                    f"{mark}{other.title}  ({other.node})",
                    f"{_TAG}.source.{count}",
                    self._other,
                    other.node,
                )
        dpg.pop_container_stack()

    def _write_devices(self) -> None:
        self.look.text("Hear", "faint", "small")
        if self._devices is None:
            self.look.text("looking for inputs …", "dim", "small")
            return
        self._line("The default input", f"{_TAG}.device.default", self._device, None)
        for count, device in enumerate(self._devices):
            label = str(device.get("name", ""))
            if device.get("trouble"):
                label += f"  ({device['trouble']})"
            self._line(label, f"{_TAG}.device.{count}", self._device, device)
        if not self._devices:
            self.look.text("This machine has no audio input.", "dim", "small")

    def _line(self, label: str, tag: str, does: Callable[..., None], about: object) -> None:
        button = dpg.add_button(
            label=label, tag=tag, width=self.look.px(_WIDTH), user_data=about, callback=does
        )
        self.look.bind(button, "listed")

    def _demo(self) -> None:
        self.close()
        if self._sound is not None:
            self.editing.set_param(self._sound.node, "path", "")

    def _file(self) -> None:
        self.close()
        sound = self._sound
        if sound is not None:
            node = sound.node
            self.shell.filing.choose_sound(
                sound.path, lambda path: self.editing.set_param(node, "path", path)
            )

    def _device(self, sender: object, data: object, device: dict[str, Any] | None) -> None:
        self.close()
        if self._sound is not None:
            gesture = self.editing.begin_gesture()
            for param, name in (("device", "id"), ("host_api", "host_api")):
                value = str(device.get(name, "")) if device else ""
                self.editing.set_param(self._sound.node, param, value, gesture)

    def _other(self, sender: object, data: object, node: str) -> None:
        self.close()
        self._follow(node)
