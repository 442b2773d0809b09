"""Themes of a real show, changed through the editor's model: each change is one undoable edit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from editor.editing_kit import edited, pumped
from kit import patch

from nodegraph.editor.editing import Editing
from nodegraph.editor.filing import Asking, Filing
from nodegraph.editor.theme_filing import ThemeFiling
from nodegraph.themes import data_of, dump, library, read, shipped
from nodegraph.themes.library import Entry

PATCH = patch(
    {"look": ("theme.preset", {"theme": "forge"}), "parts": "theme.read", "scope": "scope.output"},
    ["look.theme -> parts.theme", "parts.prompts -> scope.prompts"],
)
LAKE = {"prompt": "a lake", "motion": "calm"}


def entry_of(name: str, data: Any, origin: Any) -> Entry:
    theme, problems = read(name, data)
    return Entry(theme, data, origin, problems)


SHIPPED = entry_of("forge", data_of(shipped()["forge"]), "shipped")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(library, "folder", lambda: tmp_path / "themes")
    return tmp_path / "themes"


def test_copy_change_rename_and_remove_are_a_step_each(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PATCH, tmp_path) as (_, editing):

            def done() -> tuple[str, ...]:
                return editing.deck.done

            assert editing.take_theme(SHIPPED) == "forge"
            await pumped(editing, lambda: "forge" in editing.themes)
            assert editing.take_theme(entry_of("forge", editing.themes["forge"], "shipped"))
            gesture = editing.begin_gesture()
            for low in (0.1, 0.2, 0.3):
                ranges = {"noise_scale": {"low": low, "high": 0.9}}
                editing.change_theme("forge", {**SHIPPED.data, "ranges": ranges}, gesture)
            await pumped(editing, lambda: len(done()) == 2)
            assert done() == ("Copy the theme forge", "Change the theme forge")
            await pumped(editing, lambda: "0.3" in str(editing.themes["forge"]["ranges"]))
            editing.change_theme("forge", editing.themes["forge"])  # no other: no step
            shown = editing.themes["forge"]
            gesture = editing.begin_gesture()
            editing.change_theme("forge", {**shown, "motion": "calm"}, gesture)
            editing.change_theme("forge", {**shown, "negative": "text"}, gesture)
            await pumped(editing, lambda: "negative" in editing.themes["forge"])
            assert editing.themes["forge"] == {**shown, "motion": "calm", "negative": "text"}
            editing.undo()
            await pumped(editing, lambda: editing.themes["forge"] == shown)
            assert editing.rename_theme("forge", "My Forge") == "my_forge"
            await pumped(editing, lambda: "my_forge" in editing.themes)
            assert editing.patch.nodes["look"].params["theme"] == "my_forge"
            assert editing.rename_theme("my_forge", "!") == "my_forge"
            editing.remove_theme("my_forge")
            await pumped(editing, lambda: not editing.themes and len(done()) == 4)
            for _ in range(4):
                editing.undo()
            await pumped(editing, lambda: not done())
            assert editing.deck.patch == PATCH
            assert [note.text for note in editing.notes] == ["a name wants letters or digits"]

    asyncio.run(story())


def test_a_theme_is_used_by_what_is_selected_or_by_a_new_node(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PATCH, tmp_path) as (_, editing):
            editing.select(["look", "scope"])
            editing.use_theme(entry_of("astral", {"prompt": "x"}, "shipped"))
            await pumped(editing, lambda: editing.deck.done == ("Use the theme astral",))
            assert editing.param("look", "theme") == "astral"
            assert not editing.themes, "one that comes along needs no copy"
            editing.select(["scope"])
            editing.use_theme(entry_of("lake", LAKE, "library"), (100.0, 50.0))
            await pumped(editing, lambda: len(editing.patch.nodes) == 4)
            (new,) = editing.patch.nodes.keys() - PATCH.nodes.keys()
            assert editing.patch.nodes[new].params == {"theme": "lake"}
            assert editing.themes["lake"] == LAKE
            assert editing.selection == {new}
            editing.undo()  # the copy and the node at once
            await pumped(editing, lambda: len(editing.patch.nodes) == 3)
            assert not editing.themes

    asyncio.run(story())


def test_one_of_the_library_never_takes_the_place_of_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PATCH, tmp_path) as (_, editing):
            mine = entry_of("forge", LAKE, "library")
            assert editing.take_theme(mine) == "forge_2"
            await pumped(editing, lambda: "forge_2" in editing.themes)
            assert editing.new_theme("Forge 2", LAKE) == "forge_2_2"
            assert editing.new_theme("Still Water") == "still_water"
            assert editing.new_theme("!") is None
            await pumped(editing, lambda: "still_water" in editing.themes)
            assert editing.themes["still_water"] == {"name": "Still Water", "prompt": "Still Water"}
            assert editing.themes["forge_2_2"] == {**LAKE, "name": "Forge 2"}

    asyncio.run(story())


class Desk:
    """A `ThemeFiling` with an editor that is none; `answer` is what a person does next."""

    def __init__(self) -> None:
        self.editing: Any = create_autospec(Editing, instance=True)
        self.filing: Any = create_autospec(Filing, instance=True)
        self.asking: Any = create_autospec(Asking, instance=True)
        self.themes = ThemeFiling(self.editing, self.filing, self.asking)

    def answer(self) -> Callable[[], object]:
        ((_, act),) = self.asking.ask.call_args.args[2]
        self.asking.reset_mock()
        return act

    def choose(self, path: Path) -> None:
        self.filing.choose_theme.call_args.args[0](str(path))

    def note(self) -> str:
        return str(self.editing.note.call_args.args[0])


def test_a_theme_goes_into_the_library_and_out_again(folder: Path) -> None:
    desk = Desk()
    lake = entry_of("lake", LAKE, "patch")
    desk.themes.keep(lake)
    assert (folder / "lake.theme.json").read_text() == dump(LAKE)
    desk.themes.keep(lake)  # the same once more: nothing to ask
    assert not desk.asking.ask.called
    desk.themes.keep(entry_of("lake", {"prompt": "a pond"}, "patch"))
    assert library.mine()["lake"].data == LAKE, "not before the question is answered"
    desk.answer()()
    assert library.mine()["lake"].data == {"prompt": "a pond"}
    before = desk.themes.version
    desk.themes.discard(lake)
    desk.answer()()
    assert not library.mine()
    assert desk.themes.version > before


def test_what_is_wrong_is_not_kept_and_told(folder: Path) -> None:
    desk = Desk()
    desk.themes.keep(entry_of("lake", {"prompt": "a", "motion": "fast"}, "patch"))
    assert "there is no motion 'fast'" in desk.note()
    desk.themes.discard(entry_of("lake", LAKE, "library"))
    desk.answer()()
    assert "your library has no theme 'lake'" in desk.note()
    assert not folder.exists()


def test_a_theme_is_written_to_a_file_and_read_again(tmp_path: Path) -> None:
    desk, path = Desk(), tmp_path / "Dusk Lake.theme.json"
    desk.themes.export(entry_of("lake", LAKE, "patch"))
    desk.choose(path)
    assert path.read_text() == dump(LAKE)
    desk.themes.export(entry_of("lake", LAKE, "patch"))
    desk.choose(tmp_path / "gone" / "lake.theme.json")
    assert "cannot be saved" in desk.note()
    opened = list[str | None]()
    desk.editing.add_theme.return_value = "dusk_lake"
    desk.themes.bring_in(opened.append)
    desk.choose(path)
    desk.editing.add_theme.assert_called_once_with("Dusk Lake", LAKE)
    assert opened == ["dusk_lake"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "begin it with"),
        ('{"nodegraph": 1, "nodes": {}}', "this is a patch"),
        ("[", "line 1"),
    ],
)
def test_a_file_that_is_no_theme_changes_nothing(tmp_path: Path, text: str, told: str) -> None:
    desk, path = Desk(), tmp_path / "lake.theme.json"
    path.write_text(text)
    assert desk.themes.take_in(str(path)) is None
    assert told in desk.note()
    assert not desk.editing.add_theme.called
    assert desk.themes.take_in(str(tmp_path / "none")) is None
    assert "is not there" in desk.note()


def test_a_theme_with_mistakes_comes_in_to_be_mended(tmp_path: Path) -> None:
    desk, path = Desk(), tmp_path / "lake.theme.json"
    path.write_text('{"nodegraph_theme": 1, "prompt": "a lake", "motion": "fast"}')
    desk.editing.add_theme.return_value = "lake"
    assert desk.themes.take_in(str(path)) == "lake"
    assert desk.editing.add_theme.call_args.args[1]["motion"] == "fast"
