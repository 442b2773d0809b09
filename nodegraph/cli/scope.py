"""`nodegraph scope`: look at a Scope server and say what is there and what is wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from nodegraph.cli.arguments import Json
from nodegraph.cli.guard import PROBLEMS

EXAMPLE = "nodegraph scope 127.0.0.1:8000"


def scope(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the server is.")],
    as_json: Json = False,
) -> None:
    """Tell whether a Scope server is ready for a show, and what it has."""
    import asyncio

    from nodegraph.cli.terminal import columns, out, print_json, printable, show
    from nodegraph.scope.diagnose import diagnose

    findings = asyncio.run(diagnose(url))
    well = all(finding.ok is not False for finding in findings)
    if as_json:
        print_json({"ok": well, "findings": findings})
    else:
        marks = {True: "[ok]", False: "[!!]", None: ""}
        table = columns("bold", "cyan", "")
        for finding in findings:
            style = "red" if finding.ok is False else ""
            row = (marks[finding.ok], finding.what, printable(finding.text))
            table.add_row(*row, style=style)
        show(out(), table)
    if not well:
        raise typer.Exit(PROBLEMS)
