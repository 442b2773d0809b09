"""Patch music into real-time AI video. A plugin imports nothing below this.

Authors of node types use `node`, `inlet`, `param`, `outlet`, `hookimpl` and the value types.
Programs use `load` and `render`:

    trace = nodegraph.render(nodegraph.load("patches/pulse.json"), "song.flac")
    trace.times, trace["bass.level"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodegraph.errors import NodegraphError, PatchError, Problem
from nodegraph.events import KeyEvent, LinkEvent, MidiEvent, OscEvent, SpeechEvent
from nodegraph.hookspecs import EventSource, Sink, Source, hookimpl
from nodegraph.rng import Rng
from nodegraph.spec import THEMES, inlet, node, outlet, param
from nodegraph.theme import Lora, Range, Theme, Variation
from nodegraph.values import (
    Audio,
    Clock,
    Message,
    Prompt,
    Prompts,
    Trigger,
    Vector,
)

if TYPE_CHECKING:
    from nodegraph.graph import Patch, load
    from nodegraph.host.offline import render
    from nodegraph.runtime.trace import Trace

__version__ = "0.1.0"

__all__ = [
    "THEMES",
    "Audio",
    "Clock",
    "EventSource",
    "KeyEvent",
    "LinkEvent",
    "Lora",
    "Message",
    "MidiEvent",
    "NodegraphError",
    "OscEvent",
    "Patch",
    "PatchError",
    "Problem",
    "Prompt",
    "Prompts",
    "Range",
    "Rng",
    "Sink",
    "Source",
    "SpeechEvent",
    "Theme",
    "Trace",
    "Trigger",
    "Variation",
    "Vector",
    "hookimpl",
    "inlet",
    "load",
    "node",
    "outlet",
    "param",
    "render",
]

_LATER = {
    "Patch": "nodegraph.graph",
    "Trace": "nodegraph.runtime.trace",
    "load": "nodegraph.graph",
    "render": "nodegraph.host.offline",
}


def __getattr__(name: str) -> Any:
    """Import what only programs need when it is asked for, so that a plugin loads nothing more."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    """Offer the names that are imported when asked for, too."""
    return sorted({*globals(), *_LATER})
