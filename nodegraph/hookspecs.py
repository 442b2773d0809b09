"""Everything a plugin may implement, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pluggy
from numpy.typing import NDArray

PROJECT = "nodegraph"
"""The name of the entry point group, and the one that hook markers carry."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Source(Protocol):
    """Something that brings sound, opened for one node and read once per tick.

    It may also have a `bookmark`, a mapping that says where it is (`at`, in seconds), and
    `resume(bookmark)`, which goes there: so the sound goes on after the engine was replaced.
    """

    @property
    def channels(self) -> int:
        """How many columns `read` gives."""

    @property
    def duration(self) -> float | None:
        """Seconds of sound there are; None where it is endless or unknown."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come. Never true while looping."""

    def read(self, samples: int) -> NDArray[np.float32]:
        """The next float32[samples, channels], -1..1 and finite; silence after the end."""

    def update(self, params: Mapping[str, object]) -> None:
        """Take over the node's params, which may have changed while it plays."""

    def close(self) -> None:
        """Let go of the file or device. Never raises."""


class EventSource(Protocol):
    """Something that brings events (see `nodegraph.events`), opened for one node.

    All of it returns at once; whatever takes time is done on a thread of its own, which tries
    again and again, too. `complaint` is what is wrong right now, as a sentence, or "".
    """

    @property
    def complaint(self) -> str: ...

    def read(self, now: float) -> tuple[Any, ...]:
        """What happened since the last call, oldest first: frozen values, whose `ago` is the
        seconds from then to `now`, a moment of `time.perf_counter` at which the tick's block ends.
        """

    def update(self, params: Mapping[str, object]) -> None:
        """Take over the node's params, which may have changed while it plays."""

    def close(self) -> None:
        """Let go. Never raises."""


class Sink(Protocol):
    """Where messages of one name go. It belongs to a thread of its own, and may take its time."""

    def send(self, body: Mapping[str, object]) -> None:
        """Deliver the body of a `Message`. Raises `NodegraphError` with a sentence if it cannot."""

    def close(self) -> None:
        """Let go, as the show ends; there is half a second for it. Never raises."""


class OpenSource(Protocol):
    """Opens a source, or raises `AudioError` with a sentence."""

    def __call__(self, params: Mapping[str, object], rate: int, folder: Path) -> Source:
        """`rate` is the engine's, in Hz; relative paths start from `folder`."""


OpenEvents = Callable[[Mapping[str, object]], EventSource]
"""Opens a source of events for a node's params."""

OpenSink = Callable[[], Sink]
"""Opens a sink, when the first message for it is there."""


@hookspec
def register_nodes(register: Callable[[_Function], _Function]) -> None:
    """Call `register(function)` for each function made a node type by `@node`."""


@hookspec
def register_sources(register: Callable[[str, OpenSource], None]) -> None:
    """Call `register(kind, open)` for each kind of sound that `@node(source=kind)` may ask for."""


@hookspec
def register_event_sources(register: Callable[[str, OpenEvents], None]) -> None:
    """Call `register(kind, open)` for each kind of source that brings events instead of sound."""


@hookspec
def register_sinks(register: Callable[[str, OpenSink], None]) -> None:
    """Call `register(name, open)` for each sink that a `Message` may name."""
