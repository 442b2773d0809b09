"""What is to be heard in a piece of music, as a show hears it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from nodegraph.cli.beats import Beat, beats_in, show_rate

if TYPE_CHECKING:
    from nodegraph.host.instead import Sound
    from nodegraph.runtime import Trace

_HEARD = """{
  "nodegraph": 1,
  "nodes": {
    "beat": {"type": "beat.tracker@3"},
    "build": {"type": "audio.build@1"},
    "drums": {"type": "audio.drums@1"},
    "loudness": {"type": "audio.loudness@1"},
    "onset": {"type": "audio.onset@1"},
    "part": {"type": "audio.section@1"},
    "song": {"type": "audio.file@1"},
    "spec": {"type": "audio.spectrum@1"},
    "three": {"type": "audio.three_band@1"}
  },
  "wires": [
    "beat.clock -> part.clock",
    "song.audio -> beat.audio",
    "song.audio -> loudness.audio",
    "song.audio -> spec.audio",
    "spec.magnitude -> build.magnitude",
    "spec.magnitude -> drums.magnitude",
    "spec.magnitude -> onset.magnitude",
    "spec.magnitude -> part.magnitude",
    "spec.magnitude -> three.magnitude"
  ]
}"""
_WATCHED = ("beat", "build", "drums", "loudness", "onset", "part", "three")
DRUMS = ("kick", "snare", "hat")


class Analysis(NamedTuple):
    """What was heard. All times are in seconds; onsets, drums and drops as a show hears them, 10 to
    40 ms late. `bpm` is the median over the beats, `loudness` the greatest short-term one (LUFS),
    both None where there is none; `sections` and `breakdowns` are spans."""

    seconds: float
    loudness: float | None
    bpm: float | None
    beats: list[Beat]
    onsets: list[float]
    drums: dict[str, list[float]]
    sections: list[tuple[float, float]]
    breakdowns: list[tuple[float, float]]
    drops: list[float]


def listen(audio: Sound, duration: float | None = None, rate: int | None = None) -> Trace:
    """What all the nodes say of a sound. Raises `AudioError`."""
    from nodegraph.graph import parse
    from nodegraph.host.offline import render

    rate = show_rate(audio, rate)
    return render(parse(_HEARD).patch, audio, rate=rate, duration=duration, watch=_WATCHED)


def read(trace: Trace) -> Analysis:
    """What a trace of `listen` holds."""
    from statistics import median

    beats = beats_in(trace)
    struck = {name: trace.times[trace[f"drums.{name}"] > 0.5].tolist() for name in DRUMS}
    changes = trace["part.change"] > 0.5
    edges = (trace.times[changes] - trace["part.ago"][changes]).tolist()
    edges = [0.0, *edges, trace.duration]
    loud = float(trace["loudness.short_term"].max(initial=-120.0))
    return Analysis(
        trace.duration,
        loud if loud > -120.0 else None,
        median(beat.bpm for beat in beats) if beats else None,
        beats,
        trace.times[trace["onset.onset"] > 0.5].tolist(),
        struck,
        list(pairwise(edges)),
        _spans(trace, "build.breakdown"),
        trace.times[trace["build.drop"] > 0.5].tolist(),
    )


def _spans(trace: Trace, port: str) -> list[tuple[float, float]]:
    """From when to when something was the case."""
    import numpy as np

    edges = np.flatnonzero(np.diff(trace[port] > 0.5, prepend=False, append=False))
    ends = np.append(trace.times, trace.duration)[edges].tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))
