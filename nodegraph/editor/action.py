"""One thing that a user can do: what it is called, where it stands, when it can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nodegraph.editor.bookmarks import NUMBERS
from nodegraph.editor.shell import Shell
from nodegraph.editor.tidy import How

Does = Callable[[Shell], object]
When = Callable[[Shell], bool]


def always(shell: Shell) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `keys` are chords with spaces between; in its menu a `rule` stands above it.

    `words` are more words by which the command search finds it; it `repeats` while its key is held.
    One of many that are alike is not `listed` in menus.
    """

    id: str
    label: str
    run: Does
    keys: str = ""
    when: When = always
    words: str = ""
    checked: When | None = None
    rule: bool = False
    repeats: bool = False
    listed: bool = True

    @property
    def menu(self) -> str:
        """The menu in which it stands: the id up to its dot."""
        return self.id.partition(".")[0]

    @property
    def chords(self) -> tuple[str, ...]:
        """What calls for it: `ctrl+shift+z`."""
        return tuple(self.keys.split())

    @property
    def shortcut(self) -> str:
        """The first chord as menus show it: `Ctrl+Shift+Z`."""
        return shown(self.chords[0]) if self.keys else ""


def attached(shell: Shell) -> bool:
    """There is a show."""
    return shell.editing.mirror.attached


def is_open(shell: Shell) -> bool:
    """There is a patch on the deck that is looked at."""
    return shell.editing.deck.open


def selected(shell: Shell) -> bool:
    """Nodes or frames are selected."""
    return bool(shell.editing.selection)


def several(shell: Shell) -> bool:
    """Two nodes at least are selected."""
    return len(shell.editing.selected_nodes) > 1


def one_known(shell: Shell) -> bool:
    """One node is selected, and its type is installed."""
    editing = shell.editing
    return [editing.type_of(id) is not None for id in editing.selected_nodes] == [True]


def one_wire(shell: Shell) -> bool:
    """One wire is selected, and nothing else."""
    return len(shell.editing.selected_wires) == 1 and not shell.editing.selection


def anything(shell: Shell) -> bool:
    """Nodes, frames or wires are selected."""
    return bool(shell.editing.selection or shell.editing.selected_wires)


def instance(shell: Shell) -> bool:
    """An instance of a subpatch is selected."""
    editing = shell.editing
    nodes = (editing.patch.nodes[id] for id in editing.selected_nodes)
    return any(node.type.startswith("subpatch.") for node in nodes)


def is_inside(shell: Shell) -> bool:
    """A subpatch has been entered."""
    return bool(shell.editing.view.path)


def can_undo(shell: Shell) -> bool:
    return bool(shell.editing.deck.done)


def can_redo(shell: Shell) -> bool:
    return bool(shell.editing.deck.undone)


def has_next(shell: Shell) -> bool:
    """There is a patch on the deck next."""
    deck = shell.editing.mirror.decks.get("next")
    return deck is not None and deck.open


def is_locked(shell: Shell) -> bool:
    return shell.editing.locked


def any_solo(shell: Shell) -> bool:
    return any(node.solo for node in shell.editing.patch.nodes.values())


def panel(id: str, label: str, what: str, keys: str = "", *, rule: bool = False) -> Action:
    """Shows something, or hides it; see `Shell.toggle`."""

    def is_shown(shell: Shell) -> bool:
        return shell.is_shown(what)

    return Action(
        id, label, lambda s: s.toggle(what), keys, words="show hide", checked=is_shown, rule=rule
    )


def hold(how: str, label: str, keys: str) -> Action:
    """Has the picture no longer follow the patch, or follow it again; see `Sending.hold`."""

    def is_held(shell: Shell) -> bool:
        return shell.editing.held == how

    return Action(
        f"show.{how}",
        label,
        lambda s: s.editing.hold(how),
        keys,
        attached,
        "panic freeze stop emergency",
        checked=is_held,
        rule=how == "hold",
    )


def views() -> tuple[Action, ...]:
    """Remembers views under numbers, and goes back to them."""
    return tuple(each for number in NUMBERS for each in _view(number))


def _view(number: int) -> tuple[Action, Action]:
    def has_view(shell: Shell) -> bool:
        return shell.has_view(number)

    return (
        Action(
            f"view.mark_{number}",
            f"Remember as view {number}",
            lambda s: s.mark_view(number),
            f"shift+{number}",
            is_open,
            "bookmark",
            listed=False,
        ),
        Action(
            f"view.go_{number}",
            f"Go to view {number}",
            lambda s: s.go_to_view(number),
            f"{number}",
            has_view,
            "bookmark",
            listed=False,
        ),
    )


def dress(theme: str, label: str, *, rule: bool = False) -> Action:
    """Puts on a theme."""

    def is_worn(shell: Shell) -> bool:
        return shell.settings.theme == theme

    return Action(
        f"view.{theme}", label, lambda s: s.dress(theme), words="theme", checked=is_worn, rule=rule
    )


def align(how: How, label: str, keys: str = "", *, rule: bool = False) -> Action:
    """Aligns what is selected."""
    return Action(
        f"node.align_{how}", label, lambda s: s.editing.align(how), keys, several, rule=rule
    )


def run(action: Action, shell: Shell) -> None:
    """Do it, if it can be done now."""
    if action.when(shell):
        action.run(shell)


def shown(chord: str) -> str:
    """A chord as menus show it: `Ctrl+Shift+Z`."""
    return "+".join(_KEYS.get(key) or key.capitalize() for key in chord.split("+"))


_KEYS: Final = {
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}
