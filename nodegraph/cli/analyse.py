"""`nodegraph analyse`: what is to be heard in a piece of music, as a table, a picture or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.analysis import Analysis, listen, read
from nodegraph.cli.arguments import Duration, Json, Rate, check_out
from nodegraph.cli.guard import PROBLEMS

EXAMPLE = "nodegraph analyse song.flac --plot song.png"


def analyse(
    audio: Annotated[
        str, typer.Argument(metavar="AUDIO", help="A sound file, or 'demo' for the demo track.")
    ],
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it as a PNG, SVG or PDF.")
    ] = None,
    duration: Duration = None,
    rate: Rate = None,
    as_json: Json = False,
) -> None:
    """Hear a sound as a show would: its bands, onsets, drums, beats and sections."""
    from nodegraph.cli import terminal

    check_out(plot, "--plot")
    trace = listen(audio, duration, rate)
    found = read(trace)
    if plot is not None:
        from nodegraph.cli.analyse_plot import draw

        draw(audio, trace, found, plot)
    if as_json:
        terminal.print_json({**found._asdict(), "beats": [beat._asdict() for beat in found.beats]})
    else:
        _print(found)
    terminal.print_problems(trace.problems)
    if trace.problems:
        raise typer.Exit(PROBLEMS)


def _print(found: Analysis) -> None:
    from nodegraph.cli.terminal import columns, out, show

    table = columns("cyan", "")
    table.add_row("length", _clock(found.seconds))
    if found.loudness is not None:
        table.add_row("loudest", f"{found.loudness:.1f} LUFS over 3 s")
    tempo = f", {found.bpm:.1f} a minute" if found.bpm else ""
    table.add_row("beats", f"{len(found.beats)}{tempo}")
    table.add_row("onsets", str(len(found.onsets)))
    for name, times in found.drums.items():
        table.add_row(f"{name}s", str(len(times)))
    table.add_row("sections", ", ".join(_clock(begin) for begin, _ in found.sections))
    if found.breakdowns:
        spans = (f"{_clock(begin)} to {_clock(end)}" for begin, end in found.breakdowns)
        table.add_row("breakdowns", ", ".join(spans))
    if found.drops:
        table.add_row("drops", ", ".join(_clock(at) for at in found.drops))
    show(out(), table)


def _clock(seconds: float) -> str:
    """Minutes and seconds, as on a display."""
    minutes, tenths = divmod(round(seconds * 10.0), 600)
    return f"{minutes}:{tenths / 10.0:04.1f}"
