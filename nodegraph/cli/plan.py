"""`nodegraph plan`: print the Python that a patch is compiled to."""

from __future__ import annotations

from typing import Annotated

import typer

from nodegraph.cli.arguments import PatchName
from nodegraph.cli.guard import PROBLEMS

EXAMPLE = "nodegraph plan show.json"


def plan(
    patch: PatchName,
    careful: Annotated[
        bool, typer.Option("--careful", help="The variant that runs while a node rests.")
    ] = False,
) -> None:
    """Print the plan of a patch: the straight-line Python that runs on every tick."""
    from rich.syntax import Syntax

    from nodegraph.cli.shipped import patch_path
    from nodegraph.cli.terminal import out, print_problems
    from nodegraph.compiler import compile_patch
    from nodegraph.host.opening import open_patch

    opened, catalogue, _ = open_patch(patch_path(patch))
    made = compile_patch(opened, catalogue.types)
    text = made.careful_text if careful else made.text
    console = out()
    if console.is_terminal:
        console.print(Syntax(text, "python", theme="ansi_dark", background_color="default"))
    else:
        typer.echo(text, nl=not text.endswith("\n"))
    if problems := catalogue.problems + made.problems:
        print_problems(problems)
        raise typer.Exit(PROBLEMS)
