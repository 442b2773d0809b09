"""`nodegraph export`: what a patch sends to Scope, as a file that Scope's own page imports."""

from __future__ import annotations

from codecs import BOM_UTF8
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Duration, Json, Seed, Settings, Sound, check_out, read_settings
from nodegraph.cli.guard import PROBLEMS, writing
from nodegraph.errors import NodegraphError

if TYPE_CHECKING:
    from nodegraph.runtime.trace import Trace

EXAMPLE = "nodegraph export show.json --audio song.flac --out show.scope-workflow.json"


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PATCH|TRACE", help="A patch, or a trace of `render` or `run --record`."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    audio: Sound = None,
    settings: Settings = None,
    duration: Duration = None,
    seed: Seed = 0,
    pipeline: Annotated[
        str, typer.Option(metavar="NAME", help="The pipeline that is to paint it.")
    ] = "longlive",
    server: Annotated[
        str,
        typer.Option(metavar="NAME", help="Whose prompts, if the patch steers several servers."),
    ] = "",
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Write a Timeline 2.1, for Scope before 0.1.6.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write what a patch sends to Scope as a workflow file: prompts on a timeline, and settings."""
    from nodegraph.cli import terminal
    from nodegraph.scope.protocol import CHUNK_FRAMES
    from nodegraph.scope.workflow import recorded
    from nodegraph.scope.workflow_file import dump_timeline, dump_workflow, timeline_leaves_out
    from nodegraph.words import plural

    if pipeline not in CHUNK_FRAMES:
        raise NodegraphError(
            f"Scope has no pipeline {pipeline!r} of its own; it has {', '.join(CHUNK_FRAMES)}"
        )
    check_out(out, "--out")
    trace, problems = _trace(source, audio, settings, duration, seed)
    terminal.print_problems(problems)
    workflow, remarks = recorded(trace, pipeline, trace.title or Path(source).stem, server)
    made = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = (dump_timeline if timeline else dump_workflow)(workflow, made)
    if timeline:
        remarks = (*remarks, *timeline_leaves_out(workflow))
    with writing(out):
        out.write_text(text, "utf-8")
    terminal.print_problems(remarks)
    end = workflow.entries[-1].end
    if as_json:
        terminal.print_json(
            {
                "file": str(out),
                "seconds": end,
                "entries": len(workflow.entries),
                "problems": problems,
                "remarks": list(remarks),
            }
        )
    else:
        prompts = plural(len(workflow.entries), "change") + " of prompts"
        typer.echo(terminal.printable(f"{out}: {prompts} in {end:.1f} s"))
    if problems:
        raise typer.Exit(PROBLEMS)


def _trace(
    source: str, audio: str | None, settings: list[str] | None, duration: float | None, seed: int
) -> tuple[Trace, list[str]]:
    """The trace that a file is, or that its patch makes, and what went wrong while it did."""
    from nodegraph.host.offline import render
    from nodegraph.plugins import beside
    from nodegraph.runtime.trace import Trace
    from nodegraph.shipped import patch_path

    path = patch_path(source)
    with path.open("rb") as file:
        is_text = file.read(64).removeprefix(BOM_UTF8).lstrip()[:1] in (b"{", b"")
    if not is_text:
        if audio or settings or duration:
            raise NodegraphError(f"{path} is a trace, rendered already; name the patch instead")
        trace = Trace.from_bytes(path.read_bytes(), str(path))
        return trace, list(trace.problems)
    catalogue = beside(path)
    trace = render(
        path, audio, read_settings(settings), duration=duration, seed=seed, catalogue=catalogue
    )
    return trace, [*map(str, catalogue.problems), *trace.problems]
