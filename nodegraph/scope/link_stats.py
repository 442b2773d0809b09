"""How a link to a server does, and how long it waits for what. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nodegraph.scope.faults import Fault

LinkState = Literal["connecting", "loading", "starting", "live", "stalled", "waiting", "closed"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the link waits for what, in seconds."""

    answer: float = 5.0
    """For an answer over HTTP."""
    first_frame: float = 30.0
    load: float = 900.0
    stall: float = 3.0
    """Without a frame for this long, the server is asked whether it is well."""
    give_up: float = 15.0
    """Without a frame for this long, a well server gets a new offer all the same."""
    retry: float = 0.5
    """The first pause before connecting again; each next one is twice as long."""
    longest_retry: float = 10.0
    unreachable: float = 1.0
    """The longest pause before a server that did not answer is tried again: it is to be had soon
    after it is back."""
    proven: float = 10.0
    """A session that lasted so long begins the pauses anew, whatever ended it."""


@dataclass(frozen=True, slots=True)
class LinkStats:
    """How the link is doing. `reason` is a sentence; `age` is None before the first frame.

    Counts are over the whole life of the link. `fps`, `decode` (seconds that a frame takes) and
    `bitrate` (bits a second) are those of late, as is `loss`, the share of packets that did not
    arrive, 0..1. `dropped` counts the frames that arrived too damaged to be decoded, `sounds` the
    packets of sound. `fault` is what went wrong last, until frames come.
    """

    state: LinkState
    reason: str
    pipelines: tuple[str, ...]
    fps: float
    frames: int
    age: float | None
    changes: int
    sent: int
    merged: int
    chunk_seconds: float
    sessions: int
    decode: float = 0.0
    bitrate: float = 0.0
    loss: float = 0.0
    dropped: int = 0
    sounds: int = 0
    fault: Fault = ""
