"""What the README says is true: its blocks are run, its paths exist, its verbs are there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import nodegraph
from nodegraph.compiler import compile_patch
from nodegraph.graph import parse
from nodegraph.plugins import find

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_plugin_in_the_readme_is_the_one_in_plugins() -> None:
    plugin = next(block for block in blocks("python") if "hookimpl" in block)
    assert plugin == (ROOT / "plugins/acme-smooth/acme_smooth.py").read_text("utf-8")


def test_the_python_in_the_readme_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "patches", tmp_path / "patches")
    monkeypatch.chdir(tmp_path)
    room: dict[str, object] = {}
    exec(next(block for block in blocks("python") if "render" in block), room)
    trace = room["trace"]
    assert isinstance(trace, nodegraph.Trace)
    assert len(trace) == 10 * 48_000 // 512


def test_the_patch_in_the_readme_has_no_problems() -> None:
    (text,) = blocks("json")
    reading = parse(text)
    assert reading.problems == ()
    assert compile_patch(reading.patch, find().types).problems == ()


def test_the_commands_in_the_readme_exist() -> None:
    verbs = set(re.findall(r"^nodegraph (\w+)", README, re.MULTILINE))
    from nodegraph.cli.app import VERBS

    assert verbs <= set(VERBS)
    targets = set(re.findall(r"^make (\w+)", README, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"\n{target}:" in makefile for target in targets)


@pytest.mark.parametrize(
    "document",
    ["README.md", "nodegraph/README.md", "nodegraph/editor/README.md", "CHANGELOG.md"],
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    for link in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        if not link.startswith("http"):
            assert (path.parent / link).exists(), link


def test_public_names_are_there_and_sorted() -> None:
    constants_first = sorted(nodegraph.__all__, key=lambda name: (not name.isupper(), name))
    assert nodegraph.__all__ == constants_first
    for name in nodegraph.__all__:
        assert getattr(nodegraph, name) is not None
    assert set(nodegraph.__all__) <= set(dir(nodegraph))


LONGEST = 300


def test_no_file_is_longer_than_a_person_reads() -> None:
    """A file over this length probably holds two ideas."""
    folders = ("nodegraph", "nodes", "plugins")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert long == {}
