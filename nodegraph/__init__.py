"""Patch music into real-time AI video. A plugin imports nothing below this.

Authors of node types use `node`, `inlet`, `param`, `outlet`, `hookimpl` and the value types.
Programs use `load` and `render`:

    trace = nodegraph.render(nodegraph.load("patches/pulse.json"), "song.flac")
    trace.times, trace["bass.level"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodegraph.errors import NodegraphError, PatchError, Problem
    from nodegraph.events import KeyEvent, LinkEvent, MidiEvent, OscEvent, SpeechEvent
    from nodegraph.graph import Patch, load
    from nodegraph.hookspecs import EventSource, Sink, Source, hookimpl
    from nodegraph.host.offline import render
    from nodegraph.rng import Rng
    from nodegraph.runtime.trace import Trace
    from nodegraph.spec import THEMES, inlet, node, outlet, param
    from nodegraph.theme import Lora, Range, Theme, Variation
    from nodegraph.values import Audio, Clock, Message, Prompt, Prompts, Trigger, Vector

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

_HOMES = {
    "errors": "NodegraphError PatchError Problem",
    "events": "KeyEvent LinkEvent MidiEvent OscEvent SpeechEvent",
    "graph": "Patch load",
    "hookspecs": "EventSource Sink Source hookimpl",
    "host.offline": "render",
    "rng": "Rng",
    "runtime.trace": "Trace",
    "spec": "THEMES inlet node outlet param",
    "theme": "Lora Range Theme Variation",
    "values": "Audio Clock Message Prompt Prompts Trigger Vector",
}
_LATER = {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: a plugin loads nothing more than it needs, and a command
    that is interrupted as it begins has begun."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    """Offer the names that are imported when asked for, too."""
    return sorted({*globals(), *_LATER})
