"""`nodegraph import`: a file of Scope's own page as a patch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.arguments import Json
from nodegraph.errors import NodegraphError

EXAMPLE = "nodegraph import show.scope-workflow.json"

SUFFIXES = (".scope-workflow.json", ".json", "")


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A *.scope-workflow.json, or a Timeline 2.1.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATCH", help="The patch to write; else one beside FILE."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a patch of a Scope workflow: its prompts on a schedule, its settings as knobs."""
    from nodegraph.cli import terminal
    from nodegraph.graph.store import content, save
    from nodegraph.scope.workflow_patch import patch_of
    from nodegraph.scope.workflow_reading import read
    from nodegraph.words import plural

    data = content(str(file))
    stem = next(file.name.removesuffix(it) for it in SUFFIXES if file.name.endswith(it))
    target = out or file.with_name(f"{stem}.json")
    if out is None and target.exists():
        raise NodegraphError(f"{target} is there already; say with --out where the patch is to go")
    told = read(data, str(file), stem)
    patch, remarks = patch_of(told.workflow)
    save(patch, target)
    remarks = (*told.remarks, *remarks)
    terminal.print_problems(remarks)
    entries = len(told.workflow.entries)
    if as_json:
        terminal.print_json({"patch": str(target), "entries": entries, "remarks": list(remarks)})
    else:
        prompts = plural(entries, "change") + " of prompts"
        typer.echo(
            terminal.printable(f"{target}: {prompts}; open it with: nodegraph edit {target}")
        )
