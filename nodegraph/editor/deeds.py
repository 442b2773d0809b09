"""What actions and panels ask of the window, and the parts of it that this takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from functools import partial

import dearpygui.dearpygui as dpg

from nodegraph.editor.bookmarks import Spot, marked
from nodegraph.editor.canvas.canvas import Canvas
from nodegraph.editor.changes import Loose
from nodegraph.editor.choices import Wanted
from nodegraph.editor.editing import FRAME, Editing
from nodegraph.editor.filing import Filing
from nodegraph.editor.keyboard import Keyboard
from nodegraph.editor.layout import Layout
from nodegraph.editor.learning import WAYS, Learner
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.commands import Commands
from nodegraph.editor.panels.context import Context
from nodegraph.editor.panels.drawer import TABS, Drawer
from nodegraph.editor.panels.files import Files
from nodegraph.editor.panels.find import Find
from nodegraph.editor.panels.finder import Finder
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.panels.keys import Keys
from nodegraph.editor.panels.picker import Picker
from nodegraph.editor.panels.preview import Preview
from nodegraph.editor.panels.question import Question
from nodegraph.editor.panels.side import PAGES, Side
from nodegraph.editor.panels.start import Start
from nodegraph.editor.panels.tabs import Tabs
from nodegraph.editor.panels.type_in import TypeIn
from nodegraph.editor.pasteboard import Pasteboard
from nodegraph.editor.settings import Settings
from nodegraph.editor.shell import Area
from nodegraph.editor.theme_filing import ThemeFiling
from nodegraph.graph import Port, Position


class Deeds:
    """The `Shell` of a window.

    `quit` is called when the window is to close, `rebuild` when it is to be made anew, larger or
    smaller. `owns_show` says that the editor has started the show, so that it asks before it goes.
    """

    def __init__(
        self, editing: Editing, look: Look, keyboard: Keyboard, settings: Settings, *, owns: bool
    ) -> None:
        self.editing, self.look, self.keyboard, self.owns_show = editing, look, keyboard, owns
        self.quit: Callable[[], None] = lambda: None
        self.rebuild: Callable[[], None] = lambda: None
        self.layout = Layout(look, settings)
        self.canvas = Canvas(editing, look)
        self.canvas.sights.is_calm = settings.calm
        self.preview, self.drawer = Preview(editing, look), Drawer(editing, look)
        self.files, self.question, self.find = Files(look), Question(look), Find(editing, look)
        self.filing = Filing(editing, self.question, self.files, self._remember)
        themes = ThemeFiling(editing, self.filing, self.question)
        self.side = Side(editing, look, self, self.preview, themes)
        self.finder, self.type_in = Finder(editing, look, self), TypeIn(editing, look)
        self.start, self.context = Start(editing, look, self), Context(look)
        self.commands, self.keys = Commands(self, look), Keys(look)
        self.picker = Picker(editing, look, self)
        self.learner = Learner(editing)
        self.question.on_close = self.learner.leave
        self.floats: tuple[Floating, ...] = (
            *(self.start, self.finder, self.find, self.commands, self.keys),
            *(self.context, self.type_in, self.picker, self.files, self.question),
        )
        self._pasteboard = Pasteboard()

    @property
    def settings(self) -> Settings:
        return self.layout.settings

    @property
    def modifiers(self) -> Set[str]:
        return self.keyboard.modifiers

    @property
    def mouse(self) -> tuple[float, float]:
        x, y = dpg.get_mouse_pos(local=False)
        return (x, y)

    @property
    def middle(self) -> Position:
        return self.canvas.camera.seen.middle

    def leave(self) -> None:
        if not self.owns_show or self.editing.link.state != "connected":
            self.quit()
            return
        self.question.ask(
            "Leave the show running?",
            "Without a window it plays on, and the next editor finds it as it is.",
            [("Leave it running", self.quit), ("End the show", self._end)],
        )

    def end_show(self) -> None:
        text = "The music stops, Scope is let go, and this window closes."
        self.question.ask("End the show?", text, [("End the show", self._end)])

    def _end(self) -> None:
        self.editing.link.ask("stop", lambda answer: self.quit(), lambda error: self.quit())

    def add(self, type_id: str) -> None:
        self.editing.add_node(type_id, self.middle)
        self.used(type_id)

    def put_example(self, type_id: str) -> None:
        if area := self.editing.put_example(type_id, self.middle):
            self.canvas.reveal_area(area)
            self.used(type_id)

    def used(self, type_id: str) -> None:
        self.layout.settings = self.settings.added(type_id)

    def steered(self, url: str) -> None:
        self.layout.settings = replace(self.settings, server=url)

    def find_node(self, at: Position | None, loose: Loose | None = None) -> None:
        self.finder.begin_at(at, loose, self.canvas.to_screen(*at) if at else None)

    def type_value(self, node: str, param: str, area: Area) -> None:
        self.type_in.begin(node, param, area)

    def type_text(self, text: str, area: Area, take: Callable[[str], object]) -> None:
        self.type_in.begin_text(text, area, take)

    def choose_stored(self, what: Wanted, take: Callable[[str], object]) -> None:
        self.picker.choose(what, take)

    def learn(self, target: Port, type_id: str) -> None:
        if self.learner.drive(target, type_id):
            self._wait_for(type_id, f"It is to drive {target}.")
            self.used(type_id)

    def teach(self, id: str) -> None:
        self.learner.teach(id)
        self._wait_for(self.editing.patch.nodes[id].type, f"{id} listens to it from then on.")

    def _wait_for(self, type_id: str, why: str) -> None:
        self.question.ask(WAYS[type_id].ask, why, [])

    def ask_text(self, title: str, value: str, label: str, take: Callable[[str], object]) -> None:
        self.question.ask_text(title, value, label, take)

    def rename(self) -> None:
        for id in sorted(self.editing.selection):
            if id.startswith(FRAME):
                group = id.removeprefix(FRAME)
                title = self.editing.patch.groups[group].title
                retitle = partial(self.editing.change_frame, group)
                self.ask_text("Title of the frame", title, "Rename", retitle)
            else:
                self.ask_text(f"Rename {id}", id, "Rename", partial(self.editing.rename, id))
            return

    def put(self, text: str) -> None:
        self._pasteboard.copy(text)

    def copy(self) -> None:
        if text := self.editing.copy_text():
            self.put(text)

    def cut(self) -> None:
        if text := self.editing.cut_text():
            self.put(text)

    def paste(self) -> None:
        if text := self._pasteboard.paste():
            self.editing.paste_text(text, self.canvas.mouse)

    def fit(self, *, selected: bool) -> None:
        self.canvas.fit(self.editing.selected_nodes or None if selected else None)

    def zoom(self, factor: float) -> None:
        self.canvas.zoom(factor)

    def zoom_to(self, zoom: float) -> None:
        self.canvas.zoom_to(zoom)

    def mark_view(self, number: int) -> None:
        camera, view, file = self.canvas.camera, self.editing.view, self.editing.deck.path
        spot = Spot(*camera.seen.middle, camera.zoom, view.path)
        spots = marked(self.settings.spots, file, number, spot)
        self.layout.settings = replace(self.settings, spots=spots)
        self.editing.note(f"View {number} is remembered: press {number} to come back")

    def go_to_view(self, number: int) -> None:
        spot = self._spots[str(number)]
        view = replace(self.editing.view, path=spot.path)
        if view != self.editing.view:
            self.editing.show(view)
            self.canvas.tick()
        self.canvas.look_at(spot.x, spot.y, spot.zoom)

    def has_view(self, number: int) -> bool:
        return str(number) in self._spots

    @property
    def _spots(self) -> Mapping[str, Spot]:
        return self.settings.spots.get(self.editing.deck.path, {})

    def is_shown(self, what: str) -> bool:
        match what:
            case "minimap":
                return self.canvas.has_minimap
            case "heat":
                return self.canvas.heat.wanted
            case "calm":
                return self.settings.calm
            case "full":
                return self.layout.full
            case "picture":
                return self.preview.large
        if what in TABS:
            return self.layout.is_shown("drawer") and self.drawer.tabs.chosen == what
        if what in PAGES:
            return self.layout.is_shown("right") and self.side.tabs.chosen == what
        return self.layout.is_shown(what)

    def toggle(self, what: str) -> None:
        match what:
            case "minimap":
                self.canvas.has_minimap = not self.canvas.has_minimap
            case "heat":
                self.canvas.heat.wanted = not self.canvas.heat.wanted
            case "calm":
                self.canvas.sights.is_calm = calm = not self.settings.calm
                self.layout.settings = replace(self.settings, calm=calm)
            case "full":
                self.layout.full = not self.layout.full
            case "picture":
                self.preview.enlarge()
            case "screen":
                self.preview.fill_screen()
            case "apart":
                self.preview.show_apart()
            case _ if what in TABS:
                self._turn_to(what, "drawer", self.drawer.tabs)
            case _ if what in PAGES:
                self._turn_to(what, "right", self.side.tabs)
            case _:
                self.layout.toggle(what)

    def _turn_to(self, page: str, region: str, tabs: Tabs) -> None:
        """Show a page of a region, or, if it is the one that is shown, shut the region."""
        if self.is_shown(page) or not self.layout.is_shown(region):
            self.layout.toggle(region)
        tabs.choose(page)

    def show_window(self, window: str) -> None:
        match window:
            case "start":
                self.start.begin()
            case "finder":
                self.find_node(self.canvas.mouse)
            case "find":
                self.find.begin()
            case "commands":
                self.commands.begin()
            case "keys":
                self.keys.open()

    def dress(self, theme: str) -> None:
        self.layout.settings = replace(self.settings, theme=theme)
        self.look.dress(theme, self.settings.scale)

    def scale(self, steps: int) -> None:
        self.layout.settings = self.settings.zoomed(steps)
        self.rebuild()

    def _remember(self, path: str) -> None:
        self.layout.settings = self.settings.opened(path)
