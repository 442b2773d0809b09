"""The user's own themes on disk, and the verb that lists and takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nodegraph.cli.app import app
from nodegraph.errors import PatchError
from nodegraph.graph import Patch, save
from nodegraph.themes import data_of, dump, library, shipped

SOUND = Path(__file__).parent / "sound.theme.json"
LAKE = {"prompt": "a lake"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "folder", lambda: tmp_path / "themes")


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["themes", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_what_is_saved_is_there_and_what_is_removed_is_not() -> None:
    assert library.mine() == {}
    library.save("lake", LAKE)
    path = library.save("lake", LAKE | {"motion": "calm"})
    (found,) = library.mine().values()
    assert (found.theme.id, found.theme.motion, found.problems) == ("lake", "calm", ())
    library.remove("lake")
    assert library.mine() == {}
    kept = [each.name for each in sorted((path.parent / ".generations").glob("lake*"))]
    assert kept == ["lake.theme.json~1~", "lake.theme.json~2~"]


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(PatchError, match="My Lake is not kept: 'My Lake' is no name for a theme"):
        library.save("My Lake", LAKE)
    with pytest.raises(PatchError, match="lake is not kept: motion: there is no motion 'quick'"):
        library.save("lake", LAKE | {"motion": "quick"})
    with pytest.raises(
        PatchError, match="the theme lake cannot be kept: nan is not a finite number"
    ):
        library.save("lake", LAKE | {"smell": float("nan")})
    assert library.mine() == {}
    library.save("lake", LAKE)
    for wrong in ("lakes", "../lake", ""):
        with pytest.raises(PatchError, match="your library has no theme"):
            library.remove(wrong)
    (library.folder() / ".generations").write_text("where a folder wants to be")
    with pytest.raises(PatchError, match=r"lake\.theme\.json: cannot be removed"):
        library.remove("lake")
    with pytest.raises(PatchError, match="cannot be saved, and is as it was"):
        library.save("lake", {"prompt": "another lake"})
    assert library.mine()["lake"].theme.prompt == "a lake"


def test_a_broken_file_is_there_with_its_problems() -> None:
    library.save("lake", LAKE)
    (library.folder() / "torn.theme.json").write_text('{"nodegraph_theme": 1, "prompt": ')
    (library.folder() / "folder.theme.json").mkdir()
    found = library.mine()
    assert [*found] == ["folder", "lake", "torn"]
    assert "is a folder" in str(found["folder"].problems[0])
    assert "found the end of the file" in str(found["torn"].problems[0])
    assert "torn.theme.json:1:" in said()


def test_the_verb_lists_what_there_is(tmp_path: Path) -> None:
    library.save("lake", LAKE)
    show = tmp_path / "show.json"
    save(Patch(themes={"dusk": {"prompt": "a hill"}}), show)
    lines = [line.split()[:3] for line in said("list", "--patch", str(show)).splitlines()]
    assert lines[0] == ["dusk", "patch", "steady"]
    assert ["forge", "shipped", "driving"] in lines
    assert lines[-1] == ["lake", "library", "steady"]
    facts = json.loads(said("--json"))
    assert {
        "id": "lake",
        "name": "Lake",
        "origin": "library",
        "problems": [],
        "theme": LAKE,
    } in facts


def test_what_is_shown_can_be_checked_and_added(tmp_path: Path) -> None:
    text = said("show", "forge")
    assert text == dump(data_of(shipped()["forge"]))
    path = tmp_path / "dusk.theme.json"
    path.write_text(text, "utf-8")
    assert said("check", str(path)) == f"{path}: ok\n"
    assert "Dusk is in your library" in said("add", str(path))
    assert library.mine()["dusk"].theme.prompt == shipped()["forge"].prompt
    path.write_text(text.replace("driving", "drvng"), "utf-8")
    assert "did you mean driving?" in said("check", str(path), code=1)
    assert "did you mean driving?" in said("add", str(path), code=1)
    assert library.mine()["dusk"].theme.motion == "driving"


def test_of_two_of_one_name_the_users_own_is_shown(tmp_path: Path) -> None:
    library.save("forge", LAKE)
    assert said("show", "forge") == dump(LAKE)
    show = tmp_path / "show.json"
    save(Patch(themes={"forge": {"prompt": "a hill"}}), show)
    assert said("show", "forge", "--patch", str(show)) == dump({"prompt": "a hill"})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "forg"), "there is no theme 'forg'; did you mean forge?"),
        (("show",), "show wants a name"),
        (("add",), "add wants a file"),
        (("list", "forge"), "list wants no names"),
        (("drop", "forge"), "'drop' is none of list, show, check, add"),
        (("add", "gone.theme.json"), "gone.theme.json: is not there"),
        (("add", "dusk.json"), "is called NAME.theme.json; rename it, such as dusk.theme.json"),
    ],
)
def test_what_the_verb_cannot_do_is_told(words: tuple[str, ...], sentence: str) -> None:
    result = CliRunner().invoke(app, ["themes", *words], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert sentence in result.output
