"""Settings on disk: kept whole, read with patience."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.settings import (
    MOST_RECENT,
    PLACE,
    SCALES,
    Settings,
    load,
    save,
    settings_file,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
MADE = st.builds(
    Settings,
    theme=st.sampled_from(("dark", "light")),
    scale=st.sampled_from(SCALES),
    window=st.tuples(st.integers(800, 4000), st.integers(500, 3000)),
    calm=st.booleans(),
    left=st.integers(120, 1600),
    right=st.integers(120, 1600),
    drawer=st.integers(120, 1600),
    shown=st.lists(st.sampled_from(("left", "right", "foot")), unique=True).map(tuple),
    server=st.text(),
    recent=st.lists(st.text(min_size=1), unique=True, max_size=MOST_RECENT).map(tuple),
)


@given(settings=MADE)
def test_what_is_kept_is_what_was_there(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("kept") / "deep" / "editor.json"
    assert save(settings, file) == ""
    assert load(file) == (settings, "")
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@given(told=st.dictionaries(st.sampled_from([*Settings.__dataclass_fields__, "else"]), JSON))
def test_whatever_a_file_holds_it_makes_settings(
    told: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("odd") / "editor.json"
    file.write_text(json.dumps(told))
    settings, complaint = load(file)
    assert complaint == ""
    assert settings.window[0] >= 800
    assert 0.5 <= settings.scale <= 4
    assert save(settings, file) == ""


@pytest.mark.parametrize("text", ["", "{", "[1]", "nonsense", '"x"', "\x00"])
def test_a_bad_file_is_told_of_and_passed_over(text: str, tmp_path: Path) -> None:
    file = tmp_path / "editor.json"
    file.write_text(text)
    settings, complaint = load(file)
    assert settings == Settings()
    assert complaint.startswith(str(file))


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == (Settings(), "")


def test_what_another_version_noted_stays(tmp_path: Path) -> None:
    file = tmp_path / "editor.json"
    file.write_text('{"theme": "light", "future": [1, 2]}')
    settings, _ = load(file)
    save(replace(settings, left=300), file)
    told = json.loads(file.read_text())
    assert (told["future"], told["theme"], told["left"]) == ([1, 2], "light", 300)


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    complaint = save(Settings(), tmp_path / "file" / "editor.json")
    assert "cannot be kept" in complaint


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "editor.json"
    save(Settings(theme="light"), file)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert "No space left" in save(Settings(), file)
    assert load(file)[0].theme == "light"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_was_used_last_comes_first() -> None:
    settings = Settings()
    for number in range(20):
        settings = settings.opened(f"{number}.json")
    settings = settings.opened("15.json")
    assert settings.recent[:3] == ("15.json", "19.json", "18.json")
    assert len(settings.recent) == MOST_RECENT
    assert settings.added("a.b").added("c.d").added("a.b").used == ("a.b", "c.d")


def test_scales_end_somewhere() -> None:
    settings = Settings(scale=1.1)
    assert settings.zoomed(1).scale == 1.25
    assert settings.zoomed(100).scale == SCALES[-1]
    assert settings.zoomed(-100).scale == SCALES[0]


def test_the_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path / "mine.json"))
    assert settings_file() == tmp_path / "mine.json"
    monkeypatch.delenv(PLACE)
    assert settings_file().name == "editor.json"
