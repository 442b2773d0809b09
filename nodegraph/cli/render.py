"""`nodegraph render`: run a patch on sound faster than real time and keep what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.arguments import (
    Duration,
    Json,
    PatchName,
    Rate,
    Seed,
    Settings,
    Strict,
    check_out,
    read_settings,
)
from nodegraph.cli.bar import progress_bar
from nodegraph.cli.guard import PROBLEMS, writing

EXAMPLE = "nodegraph render show.json song.flac --out show.trace --set ease.fall=0.4"


def render(
    patch: PatchName,
    audio: Annotated[
        str, typer.Argument(metavar="AUDIO", help="A sound file, or 'demo' for the demo track.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="TRACE", help="The trace to write.")],
    settings: Settings = None,
    rate: Rate = None,
    duration: Duration = None,
    seed: Seed = 0,
    strict: Strict = False,
    watch: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE.OUTLET", help="Trace only this outlet or node; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a patch on a sound file, faster than real time, and write a trace of all that it did."""
    from time import perf_counter

    from nodegraph.cli import terminal
    from nodegraph.host.offline import render as render_patch
    from nodegraph.plugins import beside
    from nodegraph.shipped import patch_path

    path = patch_path(patch)
    check_out(out, "--out")
    catalogue = beside(path)
    terminal.print_problems(catalogue.problems)
    started = perf_counter()
    with progress_bar() as progress:
        trace = render_patch(
            path,
            audio,
            read_settings(settings),
            rate=rate,
            duration=duration,
            seed=seed,
            watch=watch,
            strict=strict,
            catalogue=catalogue,
            progress=progress,
        )
    took = perf_counter() - started
    with writing(out):
        out.write_bytes(trace.to_bytes())
    problems = [*trace.problems, *_unseen(watch, trace.columns)]
    terminal.print_problems(problems)
    speed = trace.duration / took
    if as_json:
        terminal.print_json(
            {
                "trace": str(out),
                "seconds": trace.duration,
                "ticks": len(trace),
                "columns": len(trace.columns),
                "messages": len(trace.messages),
                "took": took,
                "speed": speed,
                "problems": [*map(str, catalogue.problems), *problems],
            }
        )
    else:
        typer.echo(
            terminal.printable(
                f"{out}: {trace.duration:.1f} s, {len(trace)} ticks, {len(trace.columns)} columns, "
                f"{len(trace.messages)} messages; rendered in {took:.1f} s, "
                f"{speed:.1f} times as fast as real time"
            )
        )
    if problems or catalogue.problems:
        raise typer.Exit(PROBLEMS)


def _unseen(watch: list[str] | None, ports: Iterable[str]) -> Iterator[str]:
    """What was to be watched and is not in the trace."""
    kept = {name for port in ports for name in (port, port.partition(".")[0])}
    for name in watch or ():
        if name not in kept:
            yield f"--watch {name}: the patch has no such node or outlet that a trace can keep"
