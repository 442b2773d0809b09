"""The table of the predecessor's defects is whole, and each test that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "nodes" / "SOUNDSCAPE.md").read_text("utf-8")
ROWS = re.findall(r"^\| (D\d+) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


def named_in(path: Path) -> set[str]:
    """The names of the tests of a file, those in classes as `Class::test`."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for outer in tree.body:
        if isinstance(outer, ast.ClassDef):
            inner = (each.name for each in outer.body if isinstance(each, ast.FunctionDef))
            found |= {f"{outer.name}::{name}" for name in inner}
    return found


def test_all_twenty_defects_are_listed() -> None:
    assert [number for number, *_ in ROWS] == [f"D{n}" for n in range(1, 21)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_is_held_by_a_test_that_exists(row: tuple[str, str, str, str]) -> None:
    named = re.findall(r"`([^`]+\.py)::([^`]+)`", row[3])
    assert named, "no test holds it"
    for path, test in named:
        assert test.rpartition("::")[2].startswith("test_")
        assert test in named_in(ROOT / path), f"{path} has no {test}"


def test_verbs_and_patches_of_the_page_exist() -> None:
    from nodegraph.cli.app import VERBS

    assert set(re.findall(r"`nodegraph (\w+)", PAGE)) <= set(VERBS)
    for path in re.findall(r"`(patches/[\w.]+)`", PAGE):
        assert (ROOT / path).is_file(), path
