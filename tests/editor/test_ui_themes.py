"""A theme is browsed, used, changed and kept by mouse and keys, while the show steers a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from editor.patcher import Patcher
from editor.screen import Screen
from editor.show import Show
from kit import patch
from PIL import Image

from nodegraph.cli.simulator import Simulator, simulator
from nodegraph.themes import load, shipped

PATCH = patch(
    {
        "look": ("theme.preset", {"theme": "forge"}),
        "parts": "theme.read",
        "scope": ("scope.output", {"transition_steps": 0}),
    },
    [
        "look.theme -> parts.theme",
        "parts.prompts -> scope.prompts",
        "parts.noise_low -> scope.noise_scale",
    ],
).evolve(layout={"look": (0, 0), "parts": (300, 0), "scope": (640, 0)})

FAST = ("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6")
CARD = "nodegraph.themes.shipped.astral"
PAGE = "nodegraph.theme"


@pytest.fixture(scope="module")
def scope() -> Iterator[Simulator]:
    with simulator(*FAST) as server:
        yield server


@pytest.fixture(scope="module")
def show(file: Path, scope: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with Show(tmp_path_factory.mktemp("show"), file, "--scope", scope.url) as show:
        yield show


@pytest.fixture(scope="module")
def opened(screen: Screen, show: Show) -> Iterator[Patcher]:
    with Patcher(screen, show) as editor:
        yield editor
        assert editor.close() == 0


@pytest.fixture
def editor(editor: Patcher) -> Patcher:
    """With the themes in sight, as cards."""
    if not editor.tell("app.window.is_shown('themes')"):
        editor.key("ctrl+l")
    editor.tell("app.window.side.themes._back()")
    editor.frames(6)
    return editor


def arrives(scope: Simulator, name: str, wanted: object, within: float = 10.0) -> None:
    """Wait until the server works with a value."""
    end, told = time.monotonic() + within, list[Any]()
    while wanted not in told:
        assert time.monotonic() < end, (wanted, told)
        state = httpx.get(f"{scope.url}/simulator/state", timeout=5.0).json()
        told = [each["parameters"].get(name) for each in state["sessions"].values()]
        time.sleep(0.05)


def paints(text: str) -> list[dict[str, object]]:
    return [{"text": text, "weight": 1.0}]


def search(editor: Patcher, words: str) -> None:
    editor.click(editor.middle("nodegraph.themes.search"))
    editor.key("ctrl+a")
    editor.type(words)
    editor.key("Return")
    editor.frames(6)


def copied(editor: Patcher) -> None:
    """Have the selected node play astral, and the page of a copy of it open."""
    editor.click(editor.node("look"))
    search(editor, "astral")
    editor.click(editor.middle(f"{CARD}.use"))
    editor.wait("editing.param('look', 'theme') == 'astral'")
    editor.click(editor.middle(f"{CARD}.edit"))
    editor.wait("'astral' in editing.themes")
    editor.frames(6)


def sight(editor: Patcher, tag: str) -> tuple[float, float]:
    """Scroll until a field of the page is well in sight; where its middle is."""
    for _ in range(20):
        x, y = editor.middle(tag)
        if 420 < y < 640:
            break
        editor.scroll((1120, 560), -1 if y > 600 else 1)
        editor.frames(2)
    return x, y


def test_a_theme_is_changed_while_it_plays(editor: Patcher, show: Show, scope: Simulator) -> None:
    copied(editor)
    arrives(scope, "prompts", paints(shipped()["astral"].text))
    editor.click(editor.middle(f"{PAGE}.prompt"))
    editor.wait("dpg.is_item_active('nodegraph.type_in.field')")
    editor.key("ctrl+a")
    editor.type("a calm lake")
    editor.key("ctrl+Return")
    editor.wait("editing.themes['astral']['prompt'] == 'a calm lake'")
    style = ", ".join(shipped()["astral"].style)
    arrives(scope, "prompts", paints(f"a calm lake, {style}"))
    steps = ["Use the theme astral", "Copy the theme astral", "Change the theme astral"]
    editor.wait(f"[*mirror.decks['main'].done][-3:] == {steps!r}")
    editor.key("ctrl+z")
    arrives(scope, "prompts", paints(shipped()["astral"].text))


def test_a_drag_of_a_range_is_one_step_and_seen_at_the_server(
    editor: Patcher, show: Show, scope: Simulator
) -> None:
    copied(editor)
    tag = f"{PAGE}.ranges.noise_scale"
    sight(editor, tag)
    left, top, width, height = editor.rect(tag)
    before = editor.done()
    start = left + 5 + 0.48 * (width - 10)
    editor.drag((start, top + height - 8), (start - 40, top + height - 8), steps=8)
    editor.wait("editing.themes['astral']['ranges']['noise_scale']['low'] < 0.4")
    editor.wait(f"[*mirror.decks['main'].done] == {[*before, 'Change the theme astral']!r}")
    low = show.patch().themes["astral"]["ranges"]["noise_scale"]["low"]  # type: ignore[index,call-overload]  # as it is
    arrives(scope, "noise_scale", low)
    editor.key("ctrl+z")
    arrives(scope, "noise_scale", 0.48)


def test_an_end_is_typed_and_what_is_no_number_is_told_beside_it(editor: Patcher) -> None:
    copied(editor)
    tag = f"{PAGE}.ranges.noise_scale"
    sight(editor, tag)
    editor.click(editor.middle(f"{tag}.low"))
    editor.key("ctrl+a")
    editor.type("loud")
    editor.key("Return")
    editor.wait(f"dpg.is_item_shown('{tag}.fault')")
    assert "loud" in editor.tell(f"dpg.get_value('{tag}.fault')")
    editor.click(editor.middle(f"{tag}.low"))
    editor.key("ctrl+a")
    editor.type("1/4")
    editor.key("Return")
    editor.wait("editing.themes['astral']['ranges']['noise_scale']['low'] == 0.25")
    editor.wait(f"not dpg.is_item_shown('{tag}.fault')")


def test_a_mistake_stands_beside_its_field_and_goes_with_it(editor: Patcher) -> None:
    copied(editor)
    editor.click(editor.middle(f"{PAGE}.prompt"))
    editor.wait("dpg.is_item_active('nodegraph.type_in.field')")
    editor.key("ctrl+a", "BackSpace", "ctrl+Return")
    editor.wait(f"'what to paint' in dpg.get_value('{PAGE}.fault')")
    editor.key("ctrl+z")
    editor.wait(f"not dpg.is_item_shown('{PAGE}.fault')")


def test_a_colour_is_picked_in_one_step(editor: Patcher) -> None:
    copied(editor)
    x, y = sight(editor, f"{PAGE}.palette.1")
    before = editor.done()
    editor.click((x, y))
    editor.frames(6)
    editor.drag((x - 40, y - 120), (x - 10, y - 140), (x + 40, y - 160), steps=4)
    editor.wait(f"mirror.decks['main'].done != {tuple(before)!r}")
    editor.wait(f"[*mirror.decks['main'].done] == {[*before, 'Change the theme astral']!r}")
    palette = editor.tell("editing.themes['astral']['palette']")
    assert palette[1] != shipped()["astral"].palette[1]
    assert len(palette) == 5
    editor.click((300, 640))  # beside the picker, which closes it
    editor.click(editor.middle(f"{PAGE}.palette.0.take"))
    editor.wait("len(editing.themes['astral']['palette']) == 4")


def test_variations_and_ranges_are_added_and_taken_away(editor: Patcher) -> None:
    copied(editor)
    editor.click(sight(editor, f"{PAGE}.add.variations"))
    editor.wait("len(editing.themes['astral']['variations']) == 5")
    editor.frames(4)
    editor.click(sight(editor, f"{PAGE}.variations.0.take"))
    editor.wait("len(editing.themes['astral']['variations']) == 4")
    x, y = sight(editor, f"{PAGE}.add.ranges")
    editor.click((x, y))
    editor.frames(4)
    editor.click((x, y + 22))
    editor.wait("len(editing.themes['astral']['ranges']) == 2")
    editor.frames(4)
    editor.click(sight(editor, f"{PAGE}.ranges.noise_scale.take"))
    editor.wait("len(editing.themes['astral']['ranges']) == 1")


def test_a_theme_is_kept_in_the_library_and_used_from_there(editor: Patcher, show: Show) -> None:
    copied(editor)
    editor.click(editor.middle(f"{PAGE}.rename"))
    editor.write("Dusk Lake", "nodegraph.question.field")
    editor.wait("'dusk_lake' in editing.themes")
    assert editor.params("look")["theme"] == "dusk_lake"
    editor.frames(6)
    editor.click(editor.middle(f"{PAGE}.keep"))
    file = show.folder / "config" / "nodegraph" / "themes" / "dusk_lake.theme.json"
    editor.wait("'is in your library' in editing.notes[-1].text")
    assert load(file).theme.prompt == shipped()["astral"].prompt
    editor.click(editor.middle(f"{PAGE}.remove"))
    editor.wait("not editing.themes")
    editor.frames(6)
    search(editor, "dusk")
    editor.click((300, 640))
    editor.wait("not editing.selection")
    editor.click(editor.middle("nodegraph.themes.library.dusk_lake.use"))
    editor.wait("len(editing.patch.nodes) == 4 and 'dusk_lake' in editing.themes")


def test_a_picture_is_uploaded_and_chosen_from_the_server(
    editor: Patcher, scope: Simulator, tmp_path: Path
) -> None:
    Image.new("RGB", (640, 360), (200, 40, 40)).save(tmp_path / "red fox.png")
    (tmp_path / "notes.txt").write_text("no picture")
    copied(editor)
    editor.click(sight(editor, f"{PAGE}.reference.choose"))
    editor.wait("any(entry.id == 'upload' for entry in app.window.picker.entries)")
    editor.type("upl")  # what is typed is offered as it is, and the upload below it
    editor.frames(6)
    editor.key("Down", "Return")
    editor.wait("app.window.files.is_open")
    editor.write(str(tmp_path), "nodegraph.files.name")
    editor.frames(6)
    assert editor.tell("dpg.get_item_configuration('nodegraph.files.0')['label']") == "red fox.png"
    assert not editor.tell("dpg.does_item_exist('nodegraph.files.1')")
    editor.move(editor.middle("nodegraph.files.0"))
    editor.wait("dpg.get_value('nodegraph.files.thumbnail.told') == 'red fox.png'")
    editor.click(editor.middle("nodegraph.files.0"))
    editor.wait("'red' in str(editing.themes['astral'].get('reference'))")
    editor.frames(6)
    path = editor.tell("editing.themes['astral']['reference']")
    assert editor.tell(f"dpg.get_value('{PAGE}.reference')") == path
    editor.key("ctrl+z")
    editor.wait("'reference' not in editing.themes['astral']")
    editor.click(sight(editor, f"{PAGE}.reference.choose"))
    editor.wait(f"[entry.id for entry in app.window.picker.entries][:1] == [{path!r}]")
    editor.key("Return")
    editor.wait(f"editing.themes['astral'].get('reference') == {path!r}")


def test_a_lora_is_added_by_its_path(editor: Patcher) -> None:
    copied(editor)
    editor.click(sight(editor, f"{PAGE}.add.loras"))
    editor.write("styles/ink.safetensors", "nodegraph.picker.input")
    editor.wait("'styles/ink.safetensors' in editing.themes['astral'].get('loras', {})")
    assert editor.tell("editing.themes['astral']['loras']") == {
        "styles/ink.safetensors": {"low": 0.0, "high": 1.0}
    }


def test_an_open_menu_of_the_inspector_knows_a_theme_that_comes(editor: Patcher) -> None:
    editor.click(editor.node("look"))
    editor.key("ctrl+i")
    editor.frames(6)
    items = "dpg.get_item_configuration('nodegraph.inspector.param.theme')['items']"
    assert "still_water" not in editor.tell(items)
    editor.tell("editing.new_theme('Still water')")
    editor.wait(f"'still_water' in {items}")
