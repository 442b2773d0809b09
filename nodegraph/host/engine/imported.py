"""The plugins of an engine, as it imported them last, and how it imports some of them anew."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from nodegraph.declaration import declare
from nodegraph.errors import Problem
from nodegraph.hookspecs import OpenEvents, OpenSink, OpenSource
from nodegraph.host.engine.protocol import Started
from nodegraph.nodetype import NodeType
from nodegraph.plugins import Catalogue, find
from nodegraph.plugins.importing import bring_back, forget, modules_in
from nodegraph.plugins.loading import Loading


class Imported:
    """Imports all plugins. What is in the `catalogue` follows those that are imported anew, so that
    whoever has it opens and unpacks what is there now.

    `loading` is entered around each import, as `find` does.
    """

    def __init__(
        self, folders: Sequence[Path], left_out: Mapping[str, str], loading: Loading
    ) -> None:
        self._folders = folders
        self._found = find(*folders, left_out=left_out, loading=loading)
        self._types: UserDict[str, NodeType] = UserDict(self._found.types)
        self._sources: UserDict[str, OpenSource] = UserDict(self._found.sources)
        self._events: UserDict[str, OpenEvents] = UserDict(self._found.event_sources)
        self._sinks: UserDict[str, OpenSink] = UserDict(self._found.sinks)
        self.catalogue = Catalogue(
            self._types, self._sources, event_sources=self._events, sinks=self._sinks
        )

    def started(self, anew: Sequence[str] = ()) -> Started:
        """What the host is told. Node types that are `anew` have other code than they had."""
        found = self._found
        return Started(
            types=[declare(type_) for type_ in found.types.values()],
            plugins=dict(found.plugins),
            sources=sorted(found.sources),
            problems=found.problems,
            anew=anew,
        )

    def anew(
        self, places: Collection[str], left_out: Mapping[str, str]
    ) -> Started | Sequence[Problem]:
        """Import the plugins at these places anew; if one of them is not sound, nothing changes.

        Those `left_out` that are here from before, when they were sound, stay.
        """
        left_out = {place: why for place, why in left_out.items() if not modules_in([place])}
        modules = forget(places)
        found = find(*self._folders, left_out=left_out, loading=lambda place: nullcontext())
        if wrong := [problem for problem in found.problems if problem.file in places]:
            bring_back(places, modules)
            return wrong
        before, self._found = self._found.types, found
        self._types.data = {**self._types.data, **found.types}  # a plan with them may be under way
        self._sources.data = dict(found.sources)
        self._events.data = dict(found.event_sources)
        self._sinks.data = dict(found.sinks)
        return self.started([id for id, it in found.types.items() if before.get(id) is not it])
