"""`nodegraph nodes`: the list, the search and the manual pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph.cli.search import ranked
from nodegraph.plugins import find

GUEST = '''
from nodegraph import hookimpl, inlet, node, param

@node("acme.swell", outlets="out", state=0.0, aliases="Grow [slowly], Bloom")
def swell(state: float, dt: float, value: float = inlet(help="what swells"),
          time: float = param(0.5, "s", 0.01, 8.0, curve="log", help="how long it takes"),
          shape: str = param("round", choices=("round", "sharp"))) -> tuple[float, float]:
    """Let a number grow.

    It [never] shrinks.
    """
    return state, state

@hookimpl
def register_nodes(register):
    register(swell)
'''


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests: a module is loaded once in a process."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "guest_of_the_manual.py").write_text(GUEST)
    return folder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No plugins lie where the command is typed."""
    monkeypatch.chdir(tmp_path)


def test_the_list_has_every_node_type_under_its_family(cli: Any) -> None:
    lines = cli("nodes").stdout.splitlines()
    family, listed = "", {}
    for line in lines:
        if line.startswith("  "):
            listed[line.split()[0]] = family
        else:
            family = line
    assert listed == {id: type_.family for id, type_ in find().types.items()}


def test_one_family(cli: Any) -> None:
    told = json.loads(cli("nodes", "--family", "audio", "--json").stdout)
    assert {each["family"] for each in told} == {"audio"}
    refused = cli("nodes", "--family", "audi")
    assert refused.exit_code == 1
    assert "no family 'audi'; there are: " in refused.stderr
    assert "audio, beat, " in refused.stderr


def test_json_is_the_whole_catalogue(cli: Any) -> None:
    told = {each["id"]: each for each in json.loads(cli("nodes", "--json").stdout)}
    for id, type_ in find().types.items():
        assert told[id]["doc"] == type_.doc
        assert [param["name"] for param in told[id]["params"]] == list(type_.params)
        assert [outlet["kind"] for outlet in told[id]["outlets"]] == [
            outlet.kind for outlet in type_.outlets.values()
        ]


def test_a_manual_page_says_all_there_is(cli: Any, plugins: Path) -> None:
    page = cli("nodes", "acme.swell", "--plugins", plugins).stdout
    for part in (
        "also known as Grow [slowly], Bloom",
        "It [never] shrinks.",
        "value  number  required  what swells",
        "0.5 s    0.01..8 s, log  how long it takes",
        "'round'  round | sharp",
        f"acme.swell@1 from guest_of_the_manual, {plugins / 'guest_of_the_manual.py'}:4",
    ):
        assert " ".join(part.split()) in " ".join(page.split())


def test_a_manual_page_as_json(cli: Any, plugins: Path) -> None:
    told = json.loads(cli("nodes", "acme.swell", "--json", "--plugins", plugins).stdout)
    assert told["inlets"][0]["required"] is True
    assert "default" not in told["inlets"][0]
    assert told["params"][1]["choices"] == ["round", "sharp"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("audio.lvl", "audio.level"), ("smooth", "shape.smooth")]
)
def test_an_unknown_node_type_brings_the_nearest(cli: Any, typed: str, meant: str) -> None:
    result = cli("nodes", typed)
    assert result.exit_code == 1
    assert f"did you mean {meant}" in result.stderr


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("smooth", "shape.smooth"),
        ("LFO", "generate.lfo"),
        ("beat~", "beat.tracker"),
        ("cross prompt", "prompt.crossfade"),
        ("bloom", "acme.swell"),
        ("Schmitt", "logic.threshold"),
    ],
)
def test_search_puts_the_best_find_first(plugins: Path, words: str, first: str) -> None:
    found = ranked(find(plugins).types, words)
    assert found[0].id == first


def test_a_search_that_finds_nothing(cli: Any) -> None:
    result = cli("nodes", "--search", "xyzzy quux")
    assert result.exit_code == 1
    assert "xyzzy quux" in result.stderr
    assert json.loads(cli("nodes", "--search", "xyzzy quux", "--json").stdout) == []


def test_an_outlet_of_any_kind_says_whose_kind_it_has(cli: Any) -> None:
    page = cli("nodes", "flow.probe").stdout
    assert "  out  as value" in page
