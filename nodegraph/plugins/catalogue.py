"""All that plugins have registered, and how what they bring is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from nodegraph.errors import AudioError, ControlError, NodegraphError, Problem
from nodegraph.hookspecs import EventSource, OpenEvents, OpenSink, OpenSource, Source
from nodegraph.nodetype import NodeType
from nodegraph.plugins.importing import story

_T = TypeVar("_T")


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
        raise fault(f"a source of kind {kind!r} cannot be opened: {story(error)}") from error
