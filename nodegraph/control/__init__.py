"""Controls into events, and messages out: MIDI, OSC, Ableton Link, keys of the computer, speech.

Inputs are heard by threads of their own (`hub`), and what they bring waits in bounded inboxes for
the ticks. The libraries behind it are extras: what is not installed, not plugged in or taken is a
sentence on the node, and is tried again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nodegraph.hookspecs import EventSource, OpenEvents, OpenSink, Sink, hookimpl


def hear_midi(params: Mapping[str, object]) -> EventSource:
    """The MIDI input named `device`, or all there are."""
    from nodegraph.control.hub import Listener
    from nodegraph.control.midi_ports import INPUTS

    return Listener(INPUTS, lambda params: str(params.get("device", "")), params)


def hear_osc(params: Mapping[str, object]) -> EventSource:
    """What arrives at the UDP port `port`."""
    from nodegraph.control.hub import Listener
    from nodegraph.control.osc_ports import PORTS, port_of

    return Listener(PORTS, port_of, params)


def hear_link(params: Mapping[str, object]) -> EventSource:
    """The Ableton Link session of this network."""
    from nodegraph.control.hub import Listener
    from nodegraph.control.link import SESSIONS

    return Listener(SESSIONS, lambda params: None, params)


def hear_keys(params: Mapping[str, object]) -> EventSource:
    """The keys that clients of the show say are pressed."""
    from nodegraph.control.hub import Listener
    from nodegraph.control.keys import KEYBOARDS

    return Listener(KEYBOARDS, lambda params: None, params)


def hear_speech(params: Mapping[str, object]) -> EventSource:
    """The `phrases` that are spoken into an input."""
    from nodegraph.control.hub import Listener
    from nodegraph.control.speech import RECOGNISERS, asked

    return Listener(RECOGNISERS, asked, params)


def send_midi() -> Sink:
    """MIDI outputs, each opened when something is sent there."""
    from nodegraph.control.midi_ports import MidiSink

    return MidiSink()


def send_osc() -> Sink:
    """OSC over UDP to anywhere."""
    from nodegraph.control.osc_ports import OscSink

    return OscSink()


@hookimpl
def register_event_sources(register: Callable[[str, OpenEvents], None]) -> None:
    register("midi", hear_midi)
    register("osc", hear_osc)
    register("link", hear_link)
    register("keys", hear_keys)
    register("speech", hear_speech)


@hookimpl
def register_sinks(register: Callable[[str, OpenSink], None]) -> None:
    register("midi", send_midi)
    register("osc", send_osc)
