"""`nodegraph demo`: the whole tool at work, without a GPU and without a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.arguments import Duration, Json, Seed
from nodegraph.cli.guard import PROBLEMS
from nodegraph.errors import NodegraphError

EXAMPLE = "nodegraph demo --duration 30 --out Desktop"

FIRST_FRAME_WITHIN = 60.0
"""Seconds that the simulator has to load and paint, on a machine that is busy."""


def demo(
    duration: Duration = None,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the picture strip and the video go.")
    ] = Path(),
    patch: Annotated[
        str, typer.Option(metavar="PATCH", help="A shipped patch, or a patch file.")
    ] = "demo",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Play the demo track through a patch that steers a simulated Scope server on this machine.

    Leaves what the server painted as a picture strip and a video.
    """
    import asyncio

    from nodegraph.cli.film import Film
    from nodegraph.cli.playing import perform, print_summary
    from nodegraph.cli.simulator import simulator
    from nodegraph.cli.terminal import err, print_problems, printable, say
    from nodegraph.cli.terminal import out as stdout
    from nodegraph.host.document import Document
    from nodegraph.host.show import Show
    from nodegraph.scope.link import ScopeLink
    from nodegraph.shipped import patch_path

    if not out.is_dir():
        raise NodegraphError(f"{out} is not a folder; make it, or choose another --out")
    path = patch_path(patch)
    document = Document.open(path)
    say(err(), "starting a simulated Scope server", "dim")
    with simulator("--caption") as server, Film(out, "demo") as film:
        show = Show(
            ScopeLink(server.url, on_frame=film.add),
            plugins=[path.parent / "plugins"],
            audio="demo",
            seed=seed,
        )
        summary = asyncio.run(
            perform(show, document, duration=duration, first_frame_within=FIRST_FRAME_WITHIN)
        )
        applied = server.applied()
    files = [str(file) for file in film.files]
    print_summary(summary, as_json, applied=applied, files=files)
    if not as_json:
        for file in files:
            say(stdout(), printable(file))
    if film.problem:
        print_problems([film.problem])
    if film.problem or summary.link is None or not summary.link.frames:
        raise typer.Exit(PROBLEMS)
