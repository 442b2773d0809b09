"""`nodegraph run`: play a patch live, with a Scope server or without."""

from __future__ import annotations

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
    read_settings,
)
from nodegraph.cli.guard import PROBLEMS

EXAMPLE = "nodegraph run pulse --audio song.flac --scope 127.0.0.1:8000"


def run(
    patch: PatchName,
    audio: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Hear this sound file instead of the patch's, or 'demo'."
        ),
    ] = None,
    scope: Annotated[
        str | None, typer.Option(metavar="URL", help="The Scope server to steer.")
    ] = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A pipeline for the server to load; repeatable."),
    ] = None,
    settings: Settings = None,
    rate: Rate = None,
    duration: Duration = None,
    seed: Seed = 0,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Play a patch live until its sound ends or Ctrl-C, and steer a Scope server with it."""
    import asyncio

    from nodegraph.cli.playing import perform, print_summary
    from nodegraph.cli.shipped import patch_path
    from nodegraph.cli.terminal import err, print_problems, say
    from nodegraph.host.live import Show
    from nodegraph.host.offline import DEFAULT_RATE
    from nodegraph.host.opening import open_patch, with_params
    from nodegraph.scope.link import ScopeLink

    path = patch_path(patch)
    opened, catalogue, folder = open_patch(path)
    print_problems(catalogue.problems)
    opened = with_params(opened, read_settings(settings), catalogue.types)
    link = ScopeLink(scope, pipeline or ()) if scope is not None else None
    show = Show(
        opened,
        catalogue,
        folder,
        audio=audio,
        rate=rate or DEFAULT_RATE,
        seed=seed,
        strict=strict,
    )
    if link is None:
        say(err(), "no --scope is given: it plays without a server", "dim")
    title = opened.name or path.stem
    summary = asyncio.run(perform(show, link, duration=duration, title=title))
    print_summary(summary, as_json)
    if show.problems or (summary.link is not None and not summary.link.frames):
        raise typer.Exit(PROBLEMS)
