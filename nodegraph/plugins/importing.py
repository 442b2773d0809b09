"""Imports a plugin from its file, and anew when it has changed."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import util
from operator import attrgetter
from pathlib import Path
from types import ModuleType

from nodegraph.errors import SpecError


def importer(entry: str, path: Path) -> Callable[[], object]:
    """Import `module` or `module:attribute`, whose first name has its file at `path`, under its
    own name and without a change to the search path."""

    def load() -> object:
        name, _, attribute = entry.partition(":")
        with _no_bytecode():
            _import_file(name.partition(".")[0], path)
            found: object = importlib.import_module(name)
        return attrgetter(attribute)(found) if attribute else found

    return load


def root(place: str) -> Path:
    """The file or the folder in which all of a plugin lies that is at a place."""
    path = Path(place)
    return path.parent if path.name == "__init__.py" else path


def modules_in(places: Collection[str]) -> dict[str, ModuleType]:
    """What has been imported of the plugins at these places."""
    roots = [root(place).resolve() for place in places]
    return {name: module for name, module in [*sys.modules.items()] if _lies_in(module, roots)}


def forget(places: Collection[str]) -> Mapping[str, ModuleType]:
    """Have the plugins at these places imported anew by who loads them next; gives their modules
    of before, for `bring_back`."""
    modules = modules_in(places)
    for name in modules:
        del sys.modules[name]
    importlib.invalidate_caches()
    return modules


def bring_back(places: Collection[str], modules: Mapping[str, ModuleType]) -> None:
    """Have the modules of before in the place of those that have been imported since."""
    forget(places)
    sys.modules.update(modules)


def story(error: BaseException) -> str:
    """An exception in one line, with the innermost place that it came from."""
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} ({error.filename}:{error.lineno})"
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    steps = traceback.extract_tb(error.__traceback__)
    return f"{text} ({steps[-1].filename}:{steps[-1].lineno})" if steps else text


def _lies_in(module: ModuleType, roots: Collection[Path]) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return False
    path = Path(file).resolve()
    return any(path.is_relative_to(root) for root in roots)


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Keep no bytecode: it is told from stale one by size and whole seconds, and a plugin may be
    saved twice in one."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _import_file(name: str, path: Path) -> None:
    # Not loaded yet is no reason to take a name: who imports that module later wants the real one.
    other = sys.modules.get(name) or util.find_spec(name)
    place = getattr(other, "__file__", None) or getattr(other, "origin", None)
    if (place or name in sys.modules) and Path(place or "").resolve() != path.resolve():
        raise SpecError(f"a module named {name} is there already ({place}); rename this one")
    if name in sys.modules:
        return
    spec = util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SpecError(f"{path} cannot be imported")
    sys.modules[name] = module = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for each in [each for each in sys.modules if f"{each}.".startswith(f"{name}.")]:
            del sys.modules[each]
        raise
