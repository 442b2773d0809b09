"""Where plugins are: entry points of what is installed, and files in folders.

In a folder a plugin is a module `acme.py`, a package `acme/`, or a project with a `pyproject.toml`
that names entry points of the group `nodegraph`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from nodegraph.errors import SpecError
from nodegraph.hookspecs import PROJECT
from nodegraph.plugins.importing import importer, story

_ENTRY = re.compile(r"\w+(\.\w+)*(:\w+(\.\w+)*)?")
"""What an entry point says: a module, or something in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that has a name and a place, but has not been imported yet."""

    name: str
    place: str
    load: Callable[[], object]


def installed() -> Iterator[Found]:
    """Plugins by entry point; our own come first, so that no guest can take a built-in's id."""
    points = metadata.entry_points(group=PROJECT)
    own = {"nodes", "nodegraph.audio", "nodegraph.control"}
    for point in sorted(points, key=lambda point: (point.value not in own, point.name)):
        yield Found(point.name, f"entry point {point.value}", point.load)


def inside(folder: Path) -> Iterator[Found]:
    """Plugins in a folder, by name; or the one that is a file of its own."""
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder][: folder.is_file()]
    except OSError as error:
        yield _broken(folder, str(error))
        return
    for path in paths:
        if not path.name.startswith((".", "_")):
            try:
                yield from _at(path)
            except OSError as error:
                yield _broken(path, str(error))


def _at(path: Path) -> Iterator[Found]:
    if path.suffix == ".py":
        yield Found(path.stem, str(path), importer(path.stem, path))
    elif (path / "pyproject.toml").is_file():
        yield from _in_project(path)
    elif (path / "__init__.py").is_file():
        yield Found(path.name, str(path), importer(path.name, path / "__init__.py"))


def _in_project(folder: Path) -> Iterator[Found]:
    project = folder / "pyproject.toml"
    try:
        document = tomllib.loads(project.read_text("utf-8"))
        points = document["project"]["entry-points"][PROJECT]
        entries = {str(name): str(entry) for name, entry in points.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield _broken(project, f"{story(error)}; expected [project.entry-points.{PROJECT}]")
        return
    for name, entry in sorted(entries.items()):
        top = re.split("[.:]", entry)[0]
        roots = (folder, folder / "src")
        tries = [root / file for root in roots for file in (f"{top}/__init__.py", f"{top}.py")]
        path = next((path for path in tries if path.is_file()), None)
        if not _ENTRY.fullmatch(entry) or path is None:
            yield _broken(project, f"it names {entry!r}, and there is no such module", name)
        else:
            yield Found(name, str(path), importer(entry, path))


def _broken(path: Path, text: str, name: str = "") -> Found:
    def load() -> object:
        raise SpecError(text)

    return Found(name or (path if path.is_dir() else path.parent).name, str(path), load)
