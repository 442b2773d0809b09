"""What a server says of sessions: the answer to an offer, how fast frames go, where TURN is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nodegraph.scope.answers.reading import Json, Told, told


@dataclass(frozen=True, slots=True)
class IceServer(Told):
    """A STUN or TURN server; nulls of the answer are None here and must not reach WebRTC."""

    urls: tuple[str, ...] = ()
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer(Told):
    """The answer to an offer."""

    sdp: str = ""
    type: str = ""
    session_id: str = told("sessionId", "")


@dataclass(frozen=True, slots=True)
class Metrics(Told):
    """One entry of `GET /api/v1/session/metrics`.

    `fps_in` and `fps_out` are means since the session began; `pipeline_fps` is the rate now, 30
    while nothing runs. `elapsed` is in seconds.
    """

    frames_in: int = 0
    frames_out: int = 0
    elapsed: float = told("elapsed_seconds", 0.0)
    fps_in: float = 0.0
    fps_out: float = 0.0
    pipeline_fps: float | None = None
    output_sinks: Json = field(default_factory=dict)
    input_source: str | None = told("input_source_type", None)
    relay: bool = told("relay_mode", False)
    headless: bool = False


@dataclass(frozen=True, slots=True)
class Headless(Told):
    """A session without a client that began: `POST /api/v1/session/start`."""

    input_mode: str = ""
    cloud: bool = told("cloud_mode", False)
    pipeline_id: str | None = None
    pipeline_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = told("source_node_ids", ())
    sinks: tuple[str, ...] = told("sink_node_ids", ())


@dataclass(frozen=True, slots=True)
class Recording(Told):
    """What became of a request to begin or end a recording."""

    state: Literal["started", "already_recording", "stopped", "not_recording"] | None = told(
        "status", None
    )
