"""Finds plugins, built-in ones among them, and makes a `Catalogue` of what they register.

A plugin is a module with hook implementations (see `nodegraph.hookspecs`). It is found by its
entry point in the group `nodegraph`, or in a folder: as a module `acme.py`, a package `acme/`, or
a project with a `pyproject.toml` that names such entry points. One broken plugin is a `Problem`
and keeps nobody else from loading.
"""

from __future__ import annotations

import sys
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from platformdirs import user_config_path

from nodegraph import hookspecs
from nodegraph.errors import AudioError, Problem, SpecError
from nodegraph.hookspecs import PROJECT, OpenSource, Source
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of


@dataclass(frozen=True)
class Catalogue:
    """Every node type and kind of source there is, by id, and what went wrong on the way.

    `plugins` tells which plugin a node type came from.
    """

    types: Mapping[str, NodeType] = field(default_factory=dict)
    sources: Mapping[str, OpenSource] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def open_source(
        self, kind: str, params: Mapping[str, object], rate: int, folder: Path
    ) -> Source:
        """Open the source that a node asks for; relative paths start from `folder`."""
        if kind not in self.sources:
            known = ", ".join(sorted(self.sources)) or "none"
            raise AudioError(f"no plugin brings sources of kind {kind!r}; there are: {known}")
        return self.sources[kind](params, rate, folder)


def user_folder() -> Path:
    """The folder in which a user's own plugins lie, whatever patch is open."""
    return user_config_path(PROJECT, appauthor=False) / "plugins"


def find(*folders: Path) -> Catalogue:
    """Load every installed plugin, then those in the given folders and in the user's own."""
    return _Loader().load(
        [*_installed(), *(plugin for path in (*folders, user_folder()) for plugin in _in(path))]
    )


def beside(patch: Path) -> Catalogue:
    """What a patch file can use: installed plugins, those in `plugins/` beside it, the user's."""
    return find(patch.parent / "plugins")


@dataclass(frozen=True, slots=True)
class _Found:
    """A plugin that has a name and a place, but has not been imported yet."""

    name: str
    place: str
    load: Callable[[], object]


class _Loader:
    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._types: dict[str, NodeType] = {}
        self._sources: dict[str, OpenSource] = {}
        self._origin: dict[str, str] = {}
        self._problems: list[Problem] = []

    def load(self, plugins: Iterable[_Found]) -> Catalogue:
        for plugin in plugins:
            if self._manager.has_plugin(plugin.name):
                self._say(plugin, "another plugin of this name is already loaded; this one is not")
                continue
            try:
                self._add(plugin)
            except SpecError as error:
                self._say(plugin, str(error))
            except (Exception, SystemExit) as error:  # a guest's code may fail in any way there is
                self._say(plugin, _story(error))
        return Catalogue(self._types, self._sources, self._origin, tuple(self._problems))

    def _add(self, plugin: _Found) -> None:
        """Import one plugin and let it register; what it registers counts only if all goes well."""
        module = plugin.load()
        self._manager.register(module, plugin.name)
        try:
            callers = self._manager.get_hookcallers(module) or []
            self._manager.check_pending()
            if not callers:
                raise SpecError("it has no @hookimpl, so it registers nothing")
            types: dict[str, NodeType] = {}
            sources: dict[str, OpenSource] = {}
            others = [other for other in self._manager.get_plugins() if other is not module]
            ask = self._manager.subset_hook_caller
            ask("register_nodes", others)(register=_adder(types))
            ask("register_sources", others)(register=sources.__setitem__)
        except BaseException:
            self._manager.unregister(module)
            raise
        for id, type_ in types.items():
            if id in self._types:
                held = f"{id} is already registered by {self._origin[id]}, whose node type is kept"
                self._say(plugin, held)
            else:
                self._types[id] = type_
                self._origin[id] = plugin.name
        for kind, open_source in sources.items():
            self._sources.setdefault(kind, open_source)

    def _say(self, plugin: _Found, text: str) -> None:
        self._problems.append(Problem(f"plugin {plugin.name}: {text}", file=plugin.place))


def _adder(types: dict[str, NodeType]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        type_ = type_of(function)
        if type_.id in types:
            raise SpecError(f"{type_.file}:{type_.line}: {type_.id} is registered twice")
        types[type_.id] = type_
        return function

    return register


def _installed() -> Iterator[_Found]:
    """Plugins by entry point; our own come first, so that no guest can take a built-in's id."""
    points = metadata.entry_points(group=PROJECT)
    own = {"nodes", "nodegraph.audio"}
    for point in sorted(points, key=lambda point: (point.value not in own, point.name)):
        yield _Found(point.name, f"entry point {point.value}", point.load)


def _in(folder: Path) -> Iterator[_Found]:
    """Plugins in a folder, by name."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if path.suffix == ".py":
            yield _Found(path.stem, str(path), _importer(path.stem, path))
        elif (path / "pyproject.toml").is_file():
            yield from _in_project(path)
        elif (path / "__init__.py").is_file():
            yield _Found(path.name, str(path), _importer(path.name, path / "__init__.py"))


def _in_project(folder: Path) -> Iterator[_Found]:
    project = folder / "pyproject.toml"
    try:
        document = tomllib.loads(project.read_text("utf-8"))
        points = document["project"]["entry-points"][PROJECT]
        modules = {str(name): str(module) for name, module in points.items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        text = f"{_story(error)}; expected [project.entry-points.{PROJECT}]"
        yield _Found(folder.name, str(project), _raiser(SpecError(text)))
        return
    for name, module in sorted(modules.items()):
        relative = Path(*module.split("."))
        tries = [
            root / relative.with_suffix(".py")
            if not (root / relative).is_dir()
            else root / relative / "__init__.py"
            for root in (folder, folder / "src")
        ]
        path = next((path for path in tries if path.is_file()), None)
        if path is None:
            missing = SpecError(f"pyproject.toml names the module {module}, which is not there")
            yield _Found(name, str(project), _raiser(missing))
        else:
            yield _Found(name, str(path), _importer(module, path))


def _importer(name: str, path: Path) -> Callable[[], ModuleType]:
    """Import a module from its file, under its own name, without a change to the search path."""

    def load() -> ModuleType:
        spec = util.spec_from_file_location(name, path)
        if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
            return sys.modules[name]
        if name in sys.modules:
            raise SpecError(f"a module named {name} is already loaded from elsewhere; rename it")
        if spec is None or spec.loader is None:
            raise SpecError(f"{path} cannot be imported")
        module = util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    return load


def _raiser(error: Exception) -> Callable[[], object]:
    def load() -> object:
        raise error

    return load


def _story(error: BaseException) -> str:
    """An exception in one line, with the innermost place that it came from."""
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    steps = traceback.extract_tb(error.__traceback__)
    return f"{text} ({steps[-1].filename}:{steps[-1].lineno})" if steps else text
