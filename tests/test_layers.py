"""Arrows point down: who may import whom, read from the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodegraph

ROOT = Path(__file__).parents[1]

LAYERS = (
    {"__main__"},
    {"cli"},
    {"editor", "host"},
    {"scope", "control"},
    {"audio"},
    {"plugins"},
    {"remote"},
    {"runtime"},
    {"compiler"},
    {"themes"},
    {"graph", "shipped"},
    {"hookspecs"},
    {"declaration"},
    {"spec"},
    {"signature"},
    {"mistakes"},
    {"nodetype", "portable"},
    {"plain", "words"},
    {"values", "rng", "body", "inferred", "events"},
    {"theme"},
    {"errors", "native"},
)
"""From the top down. A module imports from below itself, and from itself if it is a package."""

LEVEL = {name: i for i, layer in enumerate(LAYERS) for name in layer}
WORLD = {"dearpygui", "aiortc", "httpx", "sounddevice", "asyncio", "threading", "av", "socket"}
IMPURE = {*WORLD, "os", "pathlib", "io", "subprocess", "urllib", "time", "random", "datetime"}
"""Modules of the standard library among them, which give a node what it must not have."""


def statements(part: ast.AST) -> Iterator[ast.AST]:
    """Those that are reached at run time."""
    typing = isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING"
    for name in ("body", "orelse", "finalbody", "handlers", "cases")[typing:]:
        for each in getattr(part, name, ()):
            yield each
            yield from statements(each)


def imports(text: str) -> Iterator[str]:
    """Every name that a file imports at run time, with its dots: `nodegraph.host.live`."""
    for part in statements(ast.parse(text)):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            module = "." * part.level + (part.module or "")
            yield from (f"{module}.{alias.name}" for alias in part.names)


def complaints(path: str, text: str) -> list[str]:
    """What a file of the package `nodegraph` imports against the rules."""
    room = Path(path).with_suffix("").parts[1]
    level = LEVEL.get(room, -1)
    found = []
    for name in imports(text):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top in ("", "nodes"):
            found.append(f"{path}: imports {name}: no relative imports, and nodes are plugins")
        elif level >= LEVEL["runtime"] and top in WORLD:
            found.append(f"{path}: {room} must not know {top}")
        elif top == "nodegraph" and other != room and level >= LEVEL.get(other, len(LAYERS)):
            found.append(f"{path}: {room} imports {other}, which is not below it")
    return found


def guest_complaints(path: str, text: str) -> list[str]:
    """What a node or plugin imports beside the public names, numpy and the standard library."""
    found = []
    for name in imports(text):
        top, _, rest = name.partition(".")
        if top == "nodegraph":
            if rest not in nodegraph.__all__:
                found.append(f"{path}: imports {name}, which is not a public name")
        elif name.startswith("nodes.training"):
            found.append(f"{path}: imports {name}, which is not installed")
        elif top in IMPURE or top not in {"numpy", "nodes", *sys.stdlib_module_names}:
            found.append(f"{path}: imports {name}, which is not for nodes")
    return found


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_package_imports_only_from_below() -> None:
    files = python_files("nodegraph")
    assert [
        complaint
        for path in files
        for complaint in complaints(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ] == []
    assert {path.relative_to(ROOT).with_suffix("").parts[1] for path in files} >= {*LEVEL}


def test_nodes_and_plugins_are_guests() -> None:
    assert [
        complaint
        for path in (*python_files("nodes"), *python_files("plugins"))
        if not {"tests", "training"} & {*path.parts}  # neither of which is installed
        for complaint in guest_complaints(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "from nodegraph.host import live",
        "from nodegraph import host",
        "import nodegraph.scope.rest",
        "import asyncio",
        "def late():\n    import httpx",
        "from .. import scope",
        "import nodes.audio",
    ],
)
def test_a_planted_upward_import_is_caught(text: str) -> None:
    assert complaints("nodegraph/runtime/engine.py", text) != []


@pytest.mark.parametrize(
    "text",
    [
        "from nodegraph.runtime import Engine",
        "import time",
        "from nodegraph import compiler",
        "import httpx",
    ],
)
def test_a_planted_back_door_is_caught(text: str) -> None:
    assert guest_complaints("nodes/audio.py", text) != []
