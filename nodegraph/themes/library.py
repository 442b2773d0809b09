"""Where themes lie: those that come along, and the user's own library. They are found by name.

A patch has themes of its own, which go before these. To use one of the library, it is copied into
the patch: so a patch carries all that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, NoReturn

from platformdirs import user_config_path

from nodegraph.errors import PatchError, Problem
from nodegraph.graph import store
from nodegraph.graph.frozen import JSON
from nodegraph.hookspecs import PROJECT
from nodegraph.shipped import patches_folder
from nodegraph.theme import Theme, Themes
from nodegraph.themes.files import SUFFIX, ThemeFile, dump, load
from nodegraph.themes.reading import data_of, id_mistake, read


class Entry(NamedTuple):
    """A theme, what a file would say of it, where it comes from, and what is wrong with it."""

    theme: Theme
    data: Mapping[str, JSON]
    origin: Literal["patch", "shipped", "library"]
    problems: tuple[Problem, ...] = ()


def entries(
    patch: Mapping[str, Mapping[str, JSON]], library: Mapping[str, ThemeFile]
) -> list[Entry]:
    """Every theme: a patch's own, those that come along, and those of a library."""
    found = []
    for id, data in patch.items():
        theme, problems = read(id, data, f"themes.{id}")
        found.append(Entry(theme, data, "patch", problems))
    found += [Entry(theme, data_of(theme), "shipped") for theme in shipped().values()]
    for file in library.values():
        found.append(Entry(file.theme, file.data, "library", file.problems))
    return found


@cache
def shipped() -> Mapping[str, Theme]:
    """The themes that come along, by name."""
    folder = patches_folder()
    found = _found(folder / "themes") if folder else {}
    return MappingProxyType(Themes((id, file.theme) for id, file in found.items()))


def folder() -> Path:
    """Where the user's library lies; it need not be there yet."""
    return user_config_path(PROJECT, appauthor=False) / "themes"


def mine() -> Mapping[str, ThemeFile]:
    """The user's library by name, read anew. A file with mistakes, or one that cannot be read at
    all, is there with its problems."""
    return _found(folder())


def save(id: str, data: Mapping[str, JSON]) -> Path:
    """Put a theme into the library, over one of that name, which stays as a generation.

    Raises PatchError with all that is wrong with it; then the library is as it was.
    """
    path = folder() / f"{id}{SUFFIX}"
    _, problems = read(id, data)
    if problems:
        raise PatchError([Problem(f"{id} is not kept: {problem}") for problem in problems])
    try:
        text = dump(data)
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        _refuse(f"the theme {id} cannot be kept: {store.reason(error)}", path)
    store.write(str(path), text.encode())
    return path


def remove(id: str) -> None:
    """Take a theme out of the library; a generation of it stays. Raises PatchError."""
    path = folder() / f"{id}{SUFFIX}"
    if id_mistake(id) or not path.is_file():
        near = get_close_matches(id, mine(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        _refuse(f"your library has no theme {id!r}{hint}")
    try:
        store.remove(path)
    except OSError as error:
        _refuse(f"cannot be removed: {store.reason(error)}", path)


def _found(folder: Path) -> dict[str, ThemeFile]:
    """The themes of a folder, in the order of their names."""
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return {}
    return {path.name.removesuffix(SUFFIX): _loaded(path) for path in paths}


def _loaded(path: Path) -> ThemeFile:
    try:
        return load(path)
    except PatchError as error:
        id = path.name.removesuffix(SUFFIX)
        return ThemeFile(Theme(id, id, ""), {}, error.problems)


def _refuse(fault: str, path: Path | None = None) -> NoReturn:
    raise PatchError([Problem(fault, file=str(path) if path else None)]) from None
