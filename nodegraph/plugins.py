"""Finds plugins, built-in ones among them, and makes a `Catalogue` of what they register.

A plugin is a module with hook implementations (see `nodegraph.hookspecs`). It is found by its
entry point in the group `nodegraph`, or in a folder: as a module `acme.py`, a package `acme/`, or
a project with a `pyproject.toml` that names such entry points. One broken plugin is a `Problem`
and keeps nobody else from loading.
"""

from __future__ import annotations

import re
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module, metadata, util
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import pluggy
from platformdirs import user_config_path

from nodegraph import hookspecs
from nodegraph.errors import AudioError, ControlError, NodegraphError, Problem, SpecError
from nodegraph.hookspecs import PROJECT, EventSource, OpenEvents, OpenSink, OpenSource, Source
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of

_T = TypeVar("_T")

_ENTRY = re.compile(r"\w+(\.\w+)*(:\w+(\.\w+)*)?")
"""What an entry point says: a module, or something in it."""


@dataclass(frozen=True)
class Catalogue:
    """Every node type, kind of source and sink there is, by id, and what went wrong on the way.

    `plugins` tells which plugin a node type came from.
    """

    types: Mapping[str, NodeType] = field(default_factory=dict)
    sources: Mapping[str, OpenSource] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    event_sources: Mapping[str, OpenEvents] = field(default_factory=dict)
    sinks: Mapping[str, OpenSink] = field(default_factory=dict)

    def open_source(
        self, kind: str, params: Mapping[str, object], rate: int, folder: Path
    ) -> Source:
        """Open the source that a node asks for; relative paths start from `folder`."""
        return _opened(self.sources, kind, AudioError, params, rate, folder)

    def open_events(self, kind: str, params: Mapping[str, object]) -> EventSource:
        """Open the event source that a node asks for. Raises `ControlError`."""
        return _opened(self.event_sources, kind, ControlError, params)


def _opened(
    known: Mapping[str, Callable[..., _T]], kind: str, fault: type[NodegraphError], *given: object
) -> _T:
    if kind not in known:
        there = ", ".join(sorted(known)) or "none"
        raise fault(f"no plugin brings sources of kind {kind!r}; there are: {there}")
    try:
        return known[kind](*given)
    except fault:
        raise
    except Exception as error:  # a guest's code may fail in any way there is
        raise fault(f"a source of kind {kind!r} cannot be opened: {_story(error)}") from error


def user_folder() -> Path:
    """The folder in which a user's own plugins lie, whatever patch is open."""
    return user_config_path(PROJECT, appauthor=False) / "plugins"


def find(
    *places: Path,
    left_out: Mapping[str, str] | None = None,
    loading: Callable[[str], None] = lambda place: None,
) -> Catalogue:
    """Load every installed plugin, then those at the given places and in the user's folder.

    A plugin can end the process: `loading` is told the place of each before it is imported, so
    that whoever starts the next process can have it `left_out`, by place, for a reason.
    """
    return _Loader(left_out or {}, loading).load(
        [*_installed(), *(plugin for path in (*places, user_folder()) for plugin in inside(path))]
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


_KINDS = {
    "register_sources": "sources of kind",
    "register_event_sources": "sources of events of kind",
    "register_sinks": "sinks named",
}
_HOOKS = ("register_nodes", *_KINDS)


class _Loader:
    def __init__(self, left_out: Mapping[str, str], loading: Callable[[str], None]) -> None:
        self._left_out = left_out
        self._loading = loading
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._types: dict[str, NodeType] = {}
        self._kinds: dict[str, dict[str, Any]] = {hook: {} for hook in _KINDS}
        self._origin: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._problems: list[Problem] = []

    def load(self, plugins: Iterable[_Found]) -> Catalogue:
        for plugin in plugins:
            if plugin.name in self._places:
                place = self._places[plugin.name]
                self._say(plugin, f"one of this name is already loaded ({place}); this one is not")
                continue
            if why := self._left_out.get(plugin.place):
                self._say(plugin, why)
                continue
            self._loading(plugin.place)
            try:
                self._add(plugin)
                self._places[plugin.name] = plugin.place
            except SpecError as error:
                for line in str(error).splitlines():
                    self._say(plugin, line)
            except pluggy.PluginValidationError as error:
                self._say(plugin, f"{error}; there are the hooks {', '.join(_HOOKS)}")
            except (Exception, SystemExit) as error:  # a guest's code may fail in any way there is
                self._say(plugin, _story(error))
        sources, *others = self._kinds.values()
        return Catalogue(self._types, sources, self._origin, tuple(self._problems), *others)

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
            kinds: dict[str, dict[str, Any]] = {hook: {} for hook in _KINDS}
            others = [other for other in self._manager.get_plugins() if other is not module]
            ask = self._manager.subset_hook_caller
            ask("register_nodes", others)(register=_adder(types))
            for hook, found in kinds.items():
                ask(hook, others)(register=found.__setitem__)
            if not types and not any(kinds.values()):
                raise SpecError("it registered nothing; call register(function) for each node type")
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
        for hook, found in kinds.items():
            for kind, open in found.items():
                if self._kinds[hook].setdefault(kind, open) is not open:
                    self._say(plugin, f"there are {_KINDS[hook]} {kind!r} already; those are kept")

    def _say(self, plugin: _Found, text: str) -> None:
        text = text.replace(f"{Path(plugin.place).absolute()}:", "line ")  # the place is told once
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
    own = {"nodes", "nodegraph.audio", "nodegraph.control"}
    for point in sorted(points, key=lambda point: (point.value not in own, point.name)):
        yield _Found(point.name, f"entry point {point.value}", point.load)


def inside(folder: Path) -> Iterator[_Found]:
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


def _at(path: Path) -> Iterator[_Found]:
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
        entries = {str(name): str(entry) for name, entry in points.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield _broken(project, f"{_story(error)}; expected [project.entry-points.{PROJECT}]")
        return
    for name, entry in sorted(entries.items()):
        top = re.split("[.:]", entry)[0]
        roots = (folder, folder / "src")
        tries = [root / file for root in roots for file in (f"{top}/__init__.py", f"{top}.py")]
        path = next((path for path in tries if path.is_file()), None)
        if not _ENTRY.fullmatch(entry) or path is None:
            yield _broken(project, f"it names {entry!r}, and there is no such module", name)
        else:
            yield _Found(name, str(path), _importer(entry, path))


def _broken(path: Path, text: str, name: str = "") -> _Found:
    def load() -> object:
        raise SpecError(text)

    return _Found(name or (path if path.is_dir() else path.parent).name, str(path), load)


def _importer(entry: str, path: Path) -> Callable[[], object]:
    """Import `module` or `module:attribute`, whose first name has its file at `path`, under its
    own name and without a change to the search path."""

    def load() -> object:
        name, _, attribute = entry.partition(":")
        _import_file(name.partition(".")[0], path)
        found: object = import_module(name)
        return attrgetter(attribute)(found) if attribute else found

    return load


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


def _story(error: BaseException) -> str:
    """An exception in one line, with the innermost place that it came from."""
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} ({error.filename}:{error.lineno})"
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    steps = traceback.extract_tb(error.__traceback__)
    return f"{text} ({steps[-1].filename}:{steps[-1].lineno})" if steps else text
