"""The built-in node types, one module per family. They enter by the door that guests use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from nodegraph import hookimpl

FAMILIES = (
    "audio",
    "spectrum",
    "bands",
    "onset",
    "vector",
    "beat",
    "tracker",
    "generate",
    "shape",
    "shape_time",
    "logic",
    "flow",
    "prompt",
    "theme",
    "soundscape",
    "soundscape_mapping",
    "scope",
)


@hookimpl
def register_nodes(register: Callable[[Callable[..., Any]], object]) -> None:
    """Register every function that a family lists in its `NODES`."""
    for family in FAMILIES:
        for function in import_module(f"nodes.{family}").NODES:
            register(function)
