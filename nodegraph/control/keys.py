"""The computer's keys: a client of the show says which are pressed, for no engine has a window."""

from __future__ import annotations

from nodegraph.control.hub import Hub, Hubs
from nodegraph.events import KeyEvent

KEYBOARD = Hub()
"""The one there is, whoever presses."""

KEYBOARDS: Hubs[None] = Hubs(lambda _: KEYBOARD)


def press(key: str, down: bool) -> None:
    """A key went down or up. Any thread."""
    KEYBOARD.tell(KeyEvent(0.0, key, down))
