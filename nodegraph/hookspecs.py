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


class OpenSource(Protocol):
    """Opens a source, or raises `AudioError` with a sentence."""

    def __call__(self, params: Mapping[str, object], rate: int, folder: Path) -> Source:
        """`rate` is the engine's, in Hz; relative paths start from `folder`."""


@hookspec
def register_nodes(register: Callable[[_Function], _Function]) -> None:
    """Call `register(function)` for each function made a node type by `@node`."""


@hookspec
def register_sources(register: Callable[[str, OpenSource], None]) -> None:
    """Call `register(kind, open)` for each kind of source that `@node(source=kind)` may ask for."""
