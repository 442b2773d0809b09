"""Puts the verbs together to one command with common options."""

from __future__ import annotations

import os
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from nodegraph import __version__
from nodegraph.cli.guard import DEBUG, guarded

VERBS = (
    "demo",
    "edit",
    "run",
    "tell",
    "render",
    "trace",
    "export",
    "import",
    "report",
    "profile",
    "beats",
    "analyse",
    "plan",
    "check",
    "nodes",
    "themes",
    "devices",
    "simulate",
    "scope",
)
"""Each is a module here, with a function of the same name and an `EXAMPLE`; one that Python itself
has a use for has an underscore after it."""


def command(verb: str) -> TyperCommand:
    """One verb, imported."""
    name = f"{verb}_" if iskeyword(verb) else verb
    module = import_module(f"nodegraph.cli.{name}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(verb, epilog=f"Example: {module.EXAMPLE}")(guarded(getattr(module, name)))
    made = typer.main.get_command(alone)
    assert isinstance(made, TyperCommand)
    return made


class Verbs(TyperGroup):
    """All verbs by name; each is imported when it is called, or asked for its help."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {verb: TyperCommand(verb) for verb in VERBS}

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:
        """The verb of that name, if there is one."""
        return command(cmd_name) if cmd_name in self.commands else None


app = typer.Typer(
    cls=Verbs,
    name="nodegraph",
    help="Patch music into real-time AI video: a node graph that steers Daydream Scope.",
    epilog="Begin with: nodegraph demo",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
