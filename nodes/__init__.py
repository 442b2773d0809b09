"""The built-in node types, one module per family. They enter by the door that guests use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from nodegraph import hookimpl

FAMILIES = (
    "audio",
    "signal",
    "effect",
    "level",
    "spectrum",
    "colour",
    "bands",
    "cepstrum",
    "tonal",
    "pitch",
    "layers",
    "onset",
    "drums",
    "presence",
    "structure",
    "vector",
    "beat",
    "tracker",
    "clock",
    "clock_in",
    "midi",
    "osc",
    "control",
    "speech",
    "generate",
    "shape",
    "shape_time",
    "logic",
    "flow",
    "prompt",
    "prompt_time",
    "story",
    "theme",
    "theme_steer",
    "theme_auto",
    "theme_loras",
    "soundscape",
    "soundscape_mapping",
    "scope",
    "scope_session",
)


@hookimpl
def register_nodes(register: Callable[[Callable[..., Any]], object]) -> None:
    """Register every function that a family lists in its `NODES`."""
    for family in FAMILIES:
        for function in import_module(f"nodes.{family}").NODES:
            register(function)
