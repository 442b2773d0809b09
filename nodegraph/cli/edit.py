"""`nodegraph edit`: open the editor on a show that runs, or on one that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Loads, Loras, MaybePatch, Pipelines, Scope, Size, Sound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nodegraph.remote.address import RunningShow

EXAMPLE = "nodegraph edit pulse --audio demo"


def edit(
    patch: MaybePatch = None,
    audio: Sound = None,
    scope: Scope = None,
    pipeline: Pipelines = None,
    size: Size = None,
    load: Loads = None,
    lora: Loras = None,
    show: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Attach to the running show of this name or process."),
    ] = None,
) -> None:
    """Open the editor: on the running show of this patch, or on the only one that runs.

    If there is none, a show is started in a process of its own. It plays on when the editor ends,
    unless you tell it otherwise, and another editor finds it as it is.
    """
    from nodegraph.cli.terminal import err, say
    from nodegraph.editor.display import why_no_window
    from nodegraph.editor.opening import open_window
    from nodegraph.errors import NodegraphError
    from nodegraph.remote.address import find_show
    from nodegraph.shipped import patch_path

    if complaint := why_no_window():
        raise NodegraphError(complaint)
    path = None if patch is None else patch_path(patch)
    running = find_show(show) if show is not None else _running(path)
    started = running is None
    asked = [("--audio", audio), ("--scope", scope), ("--size", size)]
    for option, values in (("--pipeline", pipeline), ("--load", load), ("--lora", lora)):
        asked += [(option, value) for value in values or ()]
    words = [word for option, value in asked if value for word in (option, value)]
    if running is None:
        running = _start(path, words)
    elif words:
        say(err(), f"{running.name} is running already, with its own sound and server", "yellow")
    if complaint := open_window(str(running.pid), owns_show=started):
        raise NodegraphError(complaint)
    if _is_there(running):
        told = (
            f"{running.name} plays on; nodegraph edit attaches again, nodegraph tell stop ends it"
        )
        say(err(), told, "dim")


def _running(path: Path | None) -> RunningShow | None:
    """The running show of a patch file, or the only one that runs; None if there is none."""
    from pathlib import Path

    from nodegraph.remote.address import find_show, shows

    running = shows()
    if path is None:
        return find_show() if running else None
    wanted = path.resolve()
    return next((each for each in running if Path(each.patch).resolve() == wanted), None)


def _start(path: Path | None, options: Sequence[str]) -> RunningShow:
    """Start a show that outlives us, and wait until it can be talked to."""
    from nodegraph.cli.starting import start_show
    from nodegraph.cli.terminal import err, say

    say(err(), f"starting a show{f' of {path.stem}' if path else ''}", "dim")
    return start_show([*([] if path is None else [str(path.absolute())]), *options])


def _is_there(show: RunningShow) -> bool:
    from nodegraph.remote.address import shows

    return any(each.pid == show.pid for each in shows())
