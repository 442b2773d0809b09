"""Puts the verbs together to one command with common options."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from nodegraph import __version__
from nodegraph.cli import (
    check,
    demo,
    devices,
    nodes,
    plan,
    profile,
    render,
    run,
    scope,
    simulate,
    tell,
    trace,
)
from nodegraph.cli.guard import DEBUG, guarded

VERBS = (demo, run, tell, render, trace, profile, plan, check, nodes, devices, simulate, scope)

app = typer.Typer(
    name="nodegraph",
    help="Patch music into real-time AI video: a node graph that steers Daydream Scope.",
    epilog="Begin with: nodegraph demo",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in VERBS:
    name = verb.__name__.rpartition(".")[2]
    app.command(name, epilog=f"Example: {verb.EXAMPLE}")(guarded(getattr(verb, name)))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nodegraph {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Tell the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help=f"Show where an error arose; as {DEBUG}=1 does.")
    ] = False,
) -> None:
    """Take the options that stand before the verb."""
    if debug:
        os.environ[DEBUG] = "1"
