"""Under the performer's hands: keys of the computer."""

from __future__ import annotations

from typing import NamedTuple

from nodegraph import KeyEvent, Trigger, node, outlet, param


class Pressed(NamedTuple):
    """Whether the key is down, and where the switch that it turns stands."""

    down: bool = False
    on: bool = False


@node(
    "control.key",
    source="keys",
    outlets=[
        outlet("press", help="it went down"),
        outlet("held", help="it is down"),
        outlet("on", help="a switch that each press turns"),
    ],
    state=Pressed(),
    title="Key",
    aliases="Keyboard In CHOP, key, keyup, KeyboardInput, Computer Key",
)
def key(
    state: Pressed,
    events: tuple[KeyEvent, ...],
    key: str = param(
        "space", help="its name: a, 7, space, f1, left; in the editor a right click, Learn, sets it"
    ),
) -> tuple[Pressed, Trigger, bool, bool]:
    """Hear a key of the computer's keyboard.

    It is heard in the show's window, where it does nothing else then, or is sent by
    `nodegraph tell key`. A key that repeats while it is down is one press.
    """
    down, on, press = state.down, state.on, False
    for event in events:
        if event.key.casefold() == key.casefold():
            if event.down and not down:
                press, on = True, not on
            down = event.down
    return Pressed(down, on), press, down, on


NODES = (key,)
