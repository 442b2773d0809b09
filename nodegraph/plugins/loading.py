"""Loads plugins one by one, so that a broken one is a `Problem` and stops nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pluggy

from nodegraph import hookspecs
from nodegraph.errors import Problem, SpecError
from nodegraph.hookspecs import PROJECT
from nodegraph.nodetype import NodeType
from nodegraph.plugins.catalogue import Catalogue
from nodegraph.plugins.importing import story
from nodegraph.plugins.places import Found
from nodegraph.spec import type_of

Loading = Callable[[str], AbstractContextManager[object]]

_KINDS = {
    "register_sources": "sources of kind",
    "register_event_sources": "sources of events of kind",
    "register_sinks": "sinks named",
}
_HOOKS = ("register_nodes", *_KINDS)


class Loader:
    """Makes one catalogue. `loading` is told the place of each plugin, and entered around its
    import; those `left_out`, by place, are not imported, for a reason."""

    def __init__(self, left_out: Mapping[str, str], loading: Loading) -> None:
        self._left_out = left_out
        self._loading = loading
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._types: dict[str, NodeType] = {}
        self._kinds: dict[str, dict[str, Any]] = {hook: {} for hook in _KINDS}
        self._origin: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._problems: list[Problem] = []

    def load(self, plugins: Iterable[Found]) -> Catalogue:
        """Import them in their order, and let each register what it brings."""
        for plugin in plugins:
            if plugin.name in self._places:
                place = self._places[plugin.name]
                self._say(plugin, f"one of this name is already loaded ({place}); this one is not")
                continue
            if why := self._left_out.get(plugin.place):
                self._say(plugin, why)
                continue
            try:
                with self._loading(plugin.place):
                    self._add(plugin)
                self._places[plugin.name] = plugin.place
            except SpecError as error:
                for line in str(error).splitlines():
                    self._say(plugin, line)
            except pluggy.PluginValidationError as error:
                self._say(plugin, f"{error}; there are the hooks {', '.join(_HOOKS)}")
            except (Exception, SystemExit) as error:  # a guest's code may fail in any way there is
                self._say(plugin, story(error))
        sources, *others = self._kinds.values()
        return Catalogue(self._types, sources, self._origin, tuple(self._problems), *others)

    def _add(self, plugin: Found) -> None:
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

    def _say(self, plugin: Found, text: str) -> None:
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
