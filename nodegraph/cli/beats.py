"""`nodegraph beats`: where the beats of a piece of music are, as a show hears them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from nodegraph.cli.arguments import Duration, Json, Rate, check_out
from nodegraph.cli.guard import PROBLEMS

if TYPE_CHECKING:
    from nodegraph.host.instead import Sound
    from nodegraph.runtime import Trace

EXAMPLE = "nodegraph beats song.flac --click clicks.wav"

_HEARD = """{
  "nodegraph": 1,
  "nodes": {
    "beat": {"type": "beat.tracker@3"},
    "song": {"type": "audio.file@1"}
  },
  "wires": ["song.audio -> beat.audio"]
}"""


class Beat(NamedTuple):
    """A beat: when it is and when the tracker told of it (s), its place in the bar from 1, the
    tempo then (1/min), and the confidence (0..1)."""

    time: float
    announced: float
    position: int
    bpm: float
    confidence: float


def beats(
    audio: Annotated[
        str, typer.Argument(metavar="AUDIO", help="A sound file, or 'demo' for the demo track.")
    ],
    ahead: Annotated[
        float, typer.Option(min=0.0, max=0.5, metavar="S", help="Tell of beats so much earlier.")
    ] = 0.0,
    click: Annotated[
        Path | None, typer.Option(metavar="WAV", help="Write the sound with clicks on the beats.")
    ] = None,
    duration: Duration = None,
    rate: Rate = None,
    as_json: Json = False,
) -> None:
    """Run the beat tracker over a sound as in a show, and print the beats that it told of."""
    from nodegraph.cli import terminal

    check_out(click, "--click")
    trace = listen(audio, ahead, duration, rate)
    found = beats_in(trace, ahead)
    if click is not None:
        from nodegraph.cli.clicks import write_clicks

        loud = [(beat.time, 1.0 if beat.position == 1 else 0.6) for beat in found]
        write_clicks(click, audio, loud, trace.rate, trace.duration)
    if as_json:
        terminal.print_json([beat._asdict() for beat in found])
    else:
        _print(found, audio)
    terminal.print_problems(trace.problems)
    if trace.problems:
        raise typer.Exit(PROBLEMS)


def listen(
    audio: Sound, ahead: float = 0.0, duration: float | None = None, rate: int | None = None
) -> Trace:
    """What `beat.tracker` says of a sound. Raises `AudioError`."""
    from nodegraph.graph import parse
    from nodegraph.host.offline import render

    patch, rate = parse(_HEARD).patch, show_rate(audio, rate)
    return render(patch, audio, {"beat.ahead": ahead}, rate=rate, duration=duration, watch=["beat"])


def show_rate(audio: Sound, rate: int | None) -> int | None:
    """The rate to hear a sound at: the one that is wanted, or the file's own if a show may run at
    it, for other rates would widen or narrow the spectrum. Raises `AudioError`."""
    from nodegraph.audio.opening import native_rate
    from nodegraph.host.offline import DEFAULT_RATE

    if rate is not None or audio == "demo" or not isinstance(audio, str | Path):
        return rate
    own = native_rate(Path(audio))
    return own if own in (44_100, 48_000) else DEFAULT_RATE


def beats_in(trace: Trace, ahead: float = 0.0) -> list[Beat]:
    """The beats of a trace of `listen`, in the order in which they were told."""
    told = trace["beat.beat"] > 0.5
    found = []
    for announced, clock in zip(trace.times[told].tolist(), trace["beat.clock"][told], strict=True):
        time = announced - clock.phase * 60.0 / clock.bpm + ahead
        position = int(clock.beats // 1.0 % clock.meter) + 1
        found.append(Beat(time, announced, position, clock.bpm, clock.confidence))
    return found


def _print(found: list[Beat], audio: str) -> None:
    from nodegraph.cli.terminal import columns, err, out, printable, say, show

    if not found:
        say(err(), printable(f"no beat was found in {audio}"), "yellow")
        return
    table = columns(">", ">dim", ">cyan", ">", ">", head=("s", "told", "place", "bpm", "sure"))
    for beat in found:
        table.add_row(
            f"{beat.time:.3f}",
            f"{beat.announced:.3f}",
            str(beat.position),
            f"{beat.bpm:.1f}",
            f"{beat.confidence:.2f}",
        )
    show(out(), table)
