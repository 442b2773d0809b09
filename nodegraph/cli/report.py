"""`nodegraph report`: what a patch would do to the picture over a whole piece of music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Duration, Json, PatchName, Rate, Settings, read_settings
from nodegraph.cli.guard import PROBLEMS

if TYPE_CHECKING:
    from nodegraph.cli.listening import Movement, Report
    from nodegraph.cli.tracks import Floats
    from nodegraph.host.instead import Sound
    from nodegraph.runtime import Trace

EXAMPLE = "nodegraph report journey song.flac --set theme.names=forest"

_MOST = 80
"""Characters of a prompt that are shown."""


def report(
    patch: PatchName,
    audio: Annotated[
        str, typer.Argument(metavar="[AUDIO]", help="A sound file; else the demo track.")
    ] = "demo",
    settings: Settings = None,
    duration: Duration = None,
    rate: Rate = None,
    pipeline: Annotated[
        str, typer.Option(metavar="NAME", help="Scope's pipeline; what it ignores is left out.")
    ] = "longlive",
    chunk: Annotated[
        float, typer.Option(min=0.03, max=10.0, metavar="S", help="Seconds in which it makes one.")
    ] = 0.75,
    server: Annotated[
        str, typer.Option(metavar="NAME", help="Which server, if the patch steers several.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Listen to a patch: how often prompts change, what moves how far, whether beats are seen."""
    from nodegraph.cli import listening, terminal
    from nodegraph.host.offline import render
    from nodegraph.plugins import beside
    from nodegraph.shipped import patch_path

    path = patch_path(patch)
    catalogue = beside(path)
    params = read_settings(settings)
    trace = render(path, audio, params, rate=rate, duration=duration, catalogue=catalogue)
    found = listening.report(trace, beats_of(trace, audio), pipeline, chunk, server)
    if as_json:
        terminal.print_json(found)
    else:
        _print(found)
    terminal.print_problems(trace.problems)
    if trace.problems:
        raise typer.Exit(PROBLEMS)


def beats_of(trace: Trace, audio: Sound) -> Floats:
    """The seconds of the beats in the sound that a trace is of, as `nodegraph beats` tells them."""
    import numpy as np

    from nodegraph.cli.beats import beats_in, listen

    heard = listen(audio, duration=trace.duration, rate=trace.rate)
    return np.array([beat.time for beat in beats_in(heard)], np.float64)


def _print(found: Report) -> None:
    from nodegraph.cli.terminal import columns, out, printable, say, show

    console = out()
    say(console, printable(f"{found.title}: {found.seconds:.1f} s, {found.beats} beats"), "bold")
    say(
        console,
        f"a minute: {found.prompt_changes_per_minute:.1f} new prompts, {found.busiest_minute} at "
        f"the most, {found.messages_per_minute:.0f} messages",
    )
    say(
        console,
        f"still for {100 * found.still:.0f} % of the time, {found.longest_still:.1f} s at most",
    )
    head = ("parameter", "range", "used", "changes/min", "hits/min", "on beats", "a beat moves it")
    table = columns("cyan", "", ">", ">", ">", ">", ">", head=head)
    for each in found.movements:
        counts = (f"{count:.0f}" for count in (each.changes_per_minute, each.hits_per_minute))
        shares = (f"{100 * share:.0f} %" for share in (each.used, each.on_beat, each.beat))
        used, on_beat, beat = shares
        table.add_row(each.name, _range(each), used, *counts, on_beat, beat)
    show(console, table)
    for text, share in found.looks:
        shown = text if len(text) <= _MOST else f"{text[:_MOST]}…"
        say(console, printable(f"{100 * share:4.0f} %  {shown}"))
    for remark in found.remarks:
        say(console, printable(remark), "dim")


def _range(each: Movement) -> str:
    return "weights" if each.low is None else f"{each.low:g}..{each.high:g}"
