"""`nodegraph plan`: print the Python that a patch is compiled to."""

from __future__ import annotations

import sys
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
    from nodegraph.cli.terminal import out, print_problems
    from nodegraph.compiler import compile_patch
    from nodegraph.host.opening import open_patch
    from nodegraph.shipped import patch_path

    opened, catalogue, _ = open_patch(patch_path(patch))
    made = compile_patch(opened, catalogue.types)
    text = made.careful_text if careful else made.text
    if sys.stdout.isatty():
        from rich.syntax import Syntax

        out().print(Syntax(text, "python", theme="ansi_dark", background_color="default"))
    else:
        typer.echo(text, nl=not text.endswith("\n"))
    if problems := catalogue.problems + made.problems:
        print_problems(problems)
        raise typer.Exit(PROBLEMS)
