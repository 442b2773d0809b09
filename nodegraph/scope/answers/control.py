"""What a server says of the ways to steer it from elsewhere: tempo, OSC, DMX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodegraph.scope.answers.reading import Told, told


@dataclass(frozen=True, slots=True)
class Beat(Told):
    """Where the server's clock is; `phase` is 0 to 1, `bar` counts beats from 0."""

    bpm: float = 0.0
    phase: float = told("beat_phase", 0.0)
    bar: float = told("bar_position", 0.0)
    count: int = told("beat_count", 0)
    playing: bool = told("is_playing", False)
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Tempo(Told):
    """Whether the server follows a tempo, whose, and where the beat is now."""

    enabled: bool = False
    source: str | None = told("source.type", None)
    peers: int | None = told("source.num_peers", None)
    beats_per_bar: int = 4
    beat: Beat | None = told("beat_state", None)


@dataclass(frozen=True, slots=True)
class TempoSource(Told):
    """A clock that the server could follow, and what to install where it cannot."""

    name: str = ""
    available: bool = False
    devices: tuple[str, ...] = ()
    hint: str | None = told("install_hint", None)


@dataclass(frozen=True, slots=True)
class Osc(Told):
    """The server's OSC inlet: UDP on the host and port of its HTTP."""

    enabled: bool = False
    listening: bool = False
    host: str | None = None
    port: int | None = None
    log_all: bool = told("log_all_messages", False)


@dataclass(frozen=True, slots=True)
class Dmx(Told):
    """The server's Art-Net inlet; `port` is the one it has, `preferred` the one it tries first."""

    enabled: bool = False
    listening: bool = False
    host: str | None = None
    port: int | None = None
    preferred: int = told("preferred_port", 6454)
    mapped: int = told("mapping_count", 0)
    log_all: bool = told("log_all_messages", False)


@dataclass(frozen=True, slots=True)
class DmxMapping(Told):
    """Which param a DMX channel (1 to 512 of a universe) sets."""

    universe: int = 0
    channel: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class DmxConfig(Told):
    """What the server keeps of its Art-Net inlet."""

    enabled: bool = False
    preferred: int = told("preferred_port", 6454)
    log_all: bool = told("log_all_messages", False)
    mappings: tuple[DmxMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlPath(Told):
    """A param that OSC or DMX can set: its type and, where it has one, its range."""

    key: str = ""
    type: str = ""
    description: str = ""
    low: float | None = told("min", None)
    high: float | None = told("max", None)
    choices: tuple[object, ...] = told("enum", ())
    address: str | None = told("osc_address", None)


@dataclass(frozen=True, slots=True)
class ControlPaths(Told):
    """What can be set now (`active`) and after another load, by group."""

    active: Mapping[str, tuple[ControlPath, ...]] = field(default_factory=dict)
    available: Mapping[str, tuple[ControlPath, ...]] = field(default_factory=dict)
    pipelines: tuple[str, ...] = told("active_pipeline_ids", ())


@dataclass(frozen=True, slots=True)
class Command(Told):
    """A param that somebody has set by OSC or DMX; `type` is osc_command or dmx_command."""

    type: str = ""
    key: str = ""
    value: object = None
    node_id: str | None = None
    param: str | None = None
