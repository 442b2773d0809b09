"""Everything a user can do by a menu, a key or the command search, each said once.

Menus, shortcuts, the command search and the keyboard map all read `ACTIONS`.
"""

from __future__ import annotations

from typing import Final

from nodegraph.editor.action import (
    Action,
    align,
    any_solo,
    anything,
    attached,
    can_redo,
    can_undo,
    dress,
    has_next,
    hold,
    instance,
    is_inside,
    is_locked,
    is_open,
    one_known,
    one_wire,
    panel,
    run,
    selected,
    several,
    views,
)
from nodegraph.editor.shell import Shell

ACTIONS: Final = (
    Action("file.new", "New patch", lambda s: s.filing.new(), "ctrl+n", attached),
    Action("file.open", "Open…", lambda s: s.filing.open_file("main"), "ctrl+o", attached),
    Action(
        "file.start",
        "Start screen",
        lambda s: s.show_window("start"),
        "ctrl+home",
        words="examples recent",
    ),
    Action("file.save", "Save", lambda s: s.filing.save(), "ctrl+s", is_open, rule=True),
    Action("file.save_as", "Save as…", lambda s: s.filing.save_as(), "ctrl+shift+s", is_open),
    Action("file.leave", "Close window", lambda s: s.leave(), "ctrl+q", words="quit", rule=True),
    Action("edit.undo", "Undo", lambda s: s.editing.undo(), "ctrl+z", can_undo),
    Action("edit.redo", "Redo", lambda s: s.editing.redo(), "ctrl+shift+z ctrl+y", can_redo),
    Action("edit.cut", "Cut", lambda s: s.cut(), "ctrl+x", selected, rule=True),
    Action("edit.copy", "Copy", lambda s: s.copy(), "ctrl+c", selected, "text clipboard"),
    Action("edit.paste", "Paste", lambda s: s.paste(), "ctrl+v", is_open, "text clipboard"),
    Action("edit.duplicate", "Duplicate", lambda s: s.editing.duplicate(), "ctrl+d", selected),
    Action(
        "edit.delete",
        "Delete, wires healed",
        lambda s: s.editing.delete(),
        "delete backspace",
        anything,
        "remove",
    ),
    Action(
        "edit.remove",
        "Delete with wires",
        lambda s: s.editing.delete(heal=False),
        "shift+delete",
        anything,
        "remove",
    ),
    Action(
        "edit.all", "Select all", lambda s: s.editing.select_all(), "ctrl+a", is_open, rule=True
    ),
    Action("edit.none", "Select nothing", lambda s: s.editing.select(), "escape", anything),
    Action(
        "edit.connected",
        "Select connected",
        lambda s: s.editing.select_connected(),
        "ctrl+shift+a",
        selected,
        "upstream downstream",
    ),
    Action(
        "edit.find",
        "Find in patch…",
        lambda s: s.show_window("find"),
        "ctrl+f",
        is_open,
        "search",
        rule=True,
    ),
    Action(
        "node.add", "Add node…", lambda s: s.show_window("finder"), "tab", is_open, "insert new"
    ),
    Action(
        "node.example",
        "Example of the selected node",
        lambda s: s.put_example(s.editing.patch.nodes[min(s.editing.selected_nodes)].type),
        "",
        one_known,
        "manual try help",
    ),
    Action(
        "node.knot", "Knot in the wire", lambda s: s.editing.knot(), "r", one_wire, "reroute dot"
    ),
    Action(
        "node.join",
        "Wire by name",
        lambda s: s.editing.join(),
        "j",
        several,
        "connect join together ports",
    ),
    Action("node.rename", "Rename…", lambda s: s.rename(), "f2", selected, "title"),
    Action(
        "node.reset", "Reset params", lambda s: s.editing.unset_params(), "", selected, "default"
    ),
    Action("node.bypass", "Bypass", lambda s: s.editing.bypass(), "b", selected, "off", rule=True),
    Action("node.mute", "Mute", lambda s: s.editing.mute(), "m", selected, "silent off"),
    Action("node.solo", "Solo", lambda s: s.editing.solo(), "s", selected, "alone"),
    Action("node.clear_solo", "End solo", lambda s: s.editing.clear_solo(), "shift+s", any_solo),
    Action(
        "node.group",
        "Group into subpatch",
        lambda s: s.editing.group(),
        "ctrl+g",
        selected,
        "collapse",
        rule=True,
    ),
    Action(
        "node.ungroup",
        "Ungroup subpatch",
        lambda s: s.editing.ungroup(),
        "ctrl+shift+g",
        instance,
        "expand",
    ),
    Action(
        "node.enter",
        "Enter subpatch",
        lambda s: s.editing.enter_selected(),
        "ctrl+down",
        instance,
    ),
    Action("node.leave", "Leave subpatch", lambda s: s.editing.leave(), "ctrl+up", is_inside),
    Action(
        "node.frame", "Frame", lambda s: s.editing.frame(), "ctrl+e", selected, "box title colour"
    ),
    Action(
        "node.tidy", "Tidy", lambda s: s.editing.tidy(), "l", is_open, "layout arrange", rule=True
    ),
    align("left", "Align left", "alt+left"),
    align("right", "Align right", "alt+right"),
    align("top", "Align top", "alt+up"),
    align("bottom", "Align bottom", "alt+down"),
    align("across", "Spread across"),
    align("down", "Spread down"),
    Action("view.fit", "Fit all", lambda s: s.fit(selected=False), "home", is_open),
    Action("view.fit_selected", "Fit selection", lambda s: s.fit(selected=True), "f", is_open),
    Action("view.in", "Zoom in", lambda s: s.zoom(1.25), "ctrl+plus plus", is_open, repeats=True),
    Action(
        "view.out", "Zoom out", lambda s: s.zoom(0.8), "ctrl+minus minus", is_open, repeats=True
    ),
    Action("view.whole", "Zoom to 100 %", lambda s: s.zoom_to(1.0), "ctrl+0", is_open),
    *views(),
    panel("view.minimap", "Minimap", "minimap", "n", rule=True),
    panel("view.heat", "Time used per node", "heat", "t"),
    panel("view.left", "Palette", "left", "ctrl+b", rule=True),
    panel("view.right", "Column at the right", "right", "ctrl+shift+b"),
    panel("view.inspector", "Inspector", "inspector", "ctrl+i"),
    panel("view.scope", "Scope", "scope", "ctrl+k"),
    panel("view.themes", "Themes", "themes", "ctrl+l"),
    panel("view.foot", "Transport", "foot", "ctrl+t"),
    panel("view.problems", "Problems", "problems", "ctrl+1"),
    panel("view.history", "History", "history", "ctrl+2"),
    panel("view.log", "Log", "log", "ctrl+3"),
    panel("view.telemetry", "Telemetry", "telemetry", "ctrl+4"),
    panel("view.full", "Canvas alone", "full", "f11", rule=True),
    panel("view.picture", "Picture large", "picture", "p"),
    Action("view.screen", "Picture full screen", lambda s: s.toggle("screen"), "shift+p"),
    Action("view.apart", "Picture in its own window", lambda s: s.toggle("apart"), words="output"),
    dress("dark", "Dark", rule=True),
    dress("light", "Light"),
    panel("view.calm", "Reduce motion", "calm"),
    Action("view.larger", "Larger text", lambda s: s.scale(1), "ctrl+shift+plus", words="scale"),
    Action(
        "view.smaller", "Smaller text", lambda s: s.scale(-1), "ctrl+shift+minus", words="scale"
    ),
    Action(
        "show.next",
        "Open on deck next…",
        lambda s: s.filing.open_file("next"),
        "ctrl+shift+o",
        attached,
    ),
    Action(
        "show.fade_next",
        "Fade to next",
        lambda s: s.editing.fade(1.0, FADE),
        "ctrl+right",
        has_next,
        "crossfade deck",
    ),
    Action(
        "show.fade_main",
        "Fade to main",
        lambda s: s.editing.fade(0.0, FADE),
        "ctrl+left",
        has_next,
        "crossfade deck",
    ),
    Action(
        "show.cut_next", "Cut to next", lambda s: s.editing.fade(1.0, 0.0), "", has_next, "deck"
    ),
    Action(
        "show.cut_main", "Cut to main", lambda s: s.editing.fade(0.0, 0.0), "", has_next, "deck"
    ),
    Action(
        "show.close_next",
        "Clear deck next",
        lambda s: s.editing.close("next"),
        "",
        has_next,
        "close eject",
    ),
    hold("hold", "Hold the picture", "h"),
    hold("calm", "Calm the picture", "shift+h"),
    Action(
        "show.look_main",
        "Look at deck main",
        lambda s: s.editing.look_at("main"),
        "f5",
        has_next,
        rule=True,
    ),
    Action(
        "show.look_next", "Look at deck next", lambda s: s.editing.look_at("next"), "f6", has_next
    ),
    Action(
        "show.lock",
        "Lock the patch",
        lambda s: s.editing.lock(),
        "ctrl+shift+l",
        words="show mode protect edit",
        checked=is_locked,
        rule=True,
    ),
    Action(
        "show.reload",
        "Reload plugins",
        lambda s: s.editing.reload_plugins(),
        "",
        attached,
        "import refresh types python",
    ),
    Action(
        "show.end", "End the show…", lambda s: s.end_show(), "", attached, "stop quit", rule=True
    ),
    Action("help.commands", "Find a command…", lambda s: s.show_window("commands"), "ctrl+p"),
    Action("help.keys", "Keyboard and mouse", lambda s: s.show_window("keys"), "f1 shift+slash"),
)
"""In the order of the menus."""

FADE: Final = 4.0
"""Seconds that a fade between decks takes."""

_ABOUT_THE_PICTURE: Final = {"view.picture", "view.screen"}

BY_ID: Final = {action.id: action for action in ACTIONS}
BY_CHORD: Final = {chord: action for action in ACTIONS for chord in action.chords}


def is_for_stage(chord: str) -> bool:
    """Whether a chord calls for what is wanted even while the picture covers the window."""
    action = BY_CHORD.get(chord)
    return action is not None and (action.menu == "show" or action.id in _ABOUT_THE_PICTURE)


def press(chord: str, again: bool, shell: Shell) -> bool:
    """Do what a chord calls for; False if it calls for nothing."""
    action = BY_CHORD.get(chord)
    if action is None:
        return False
    if action.repeats or not again:
        run(action, shell)
    return True
