"""`nodegraph scope`: look at a Scope server, and look after what lies on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.arguments import Json, Loads, Loras, Size, read_load
from nodegraph.cli.guard import PROBLEMS

EXAMPLE = "nodegraph scope 127.0.0.1:8000 loras"

WORDS = """
(nothing)                       is it ready for a show, and what has it
load PIPELINE…                  load these, with what --size, --load and --lora say
try [PIPELINE…]                 have them paint for five seconds: do the pictures come, how well
models [PIPELINE]               whose model files are there
models download PIPELINE        have it fetch them
loras                           its LoRA files, with the paths that load params name
loras install ADDRESS [NAME]    have it fetch one from Hugging Face or CivitAI
loras remove NAME               delete one
assets [TYPE]                   its images, videos and sounds; of a type: image, video, audio
assets upload FILE…             put files there
assets get PATH                 fetch one
recordings start [SESSION]      record what it paints, from now on
recordings get [SESSION]        fetch what was recorded so far, and go on recording
recordings stop [SESSION]       record no more; what was not fetched is lost
plugins                         its own plugins
plugins install PACKAGE         install one; `restart` makes it count
plugins remove NAME             take one away
plugins reload NAME             read one anew that is being worked on
logs [LINES]                    what it has logged last
logs follow                     … and what it logs from now on, until Ctrl-C
logs get                        fetch all of it
keys                            of which services it has a key
keys set SERVICE                give it one, from the environment, keyring, a pipe or typed blindly
keys remove SERVICE             have it forget one
restart                         begin anew, with nothing loaded

A key is never an argument, because others can read those; nor is a TURN server of your own, which a
server beyond the internet may need: set NODEGRAPH_TURN to turn:NAME:PASSWORD@HOST:3478. What is
fetched goes to --to, or into the folder you are in. SESSION is the one there is, unless another is
named.
"""


def scope(
    url: Annotated[
        str | None,
        typer.Argument(metavar="URL", help="Where the server is."),
    ] = None,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WHAT", help="What to do; see `nodegraph scope`.")
    ] = None,
    to: Annotated[
        Path, typer.Option(metavar="PATH", help="The file or folder for what is fetched.")
    ] = Path(),
    size: Size = None,
    load: Loads = None,
    lora: Loras = None,
    effects: Annotated[
        bool,
        typer.Option(
            "--effects",
            help="List what each parameter needs in order to act, on the pipelines of a server, "
            "or on those that Scope brings.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell whether a Scope server is ready for a show, and look after what lies on it.

    Without a URL it lists what can be done.
    """
    if effects:
        _effects(url, as_json)
        return
    if url is None:
        typer.echo(WORDS.strip())
        return
    import asyncio

    from nodegraph.cli.scope_deeds import act
    from nodegraph.cli.scope_rows import heads, row
    from nodegraph.cli.terminal import columns, out, print_json, printable, show

    if not words:
        _look(url, as_json)
        return
    answer = asyncio.run(act(url, words, to, read_load(size, load, lora)))
    if as_json:
        print_json(answer)
    elif isinstance(answer, list):
        table = columns("cyan", "", "dim", head=heads(answer))
        for one in answer:
            table.add_row(*map(printable, row(one)))
        show(out(), table)
    elif answer is not None:
        typer.echo(printable("  ".join(filter(None, row(answer)))))


def _look(url: str, as_json: bool) -> None:
    """Everything worth knowing before a show."""
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
            cells = (marks[finding.ok], finding.what, printable(finding.text))
            table.add_row(*cells, style=style)
        show(out(), table)
    if not well:
        raise typer.Exit(PROBLEMS)


def _effects(url: str | None, as_json: bool) -> None:
    """The table of what has an effect."""
    import asyncio

    from nodegraph.cli.scope_deeds import schemas_of
    from nodegraph.cli.terminal import columns, out, print_json, printable, show
    from nodegraph.scope.effects import table
    from nodegraph.scope.pipelines import BUILT_IN

    schemas = BUILT_IN if url is None else asyncio.run(schemas_of(url))
    rows = table(schemas)
    if as_json:
        print_json(rows)
        return
    painters = tuple(id for id, schema in schemas.items() if schema.prompts)
    groups = {tuple(schemas): "all", painters: "painters", (): "none"}
    head = ("parameter", "takes", "acts on", "in mode", "loaded with", "beside", "otherwise")
    made = columns("cyan", "", "", "", "", "", "dim", head=head)
    for row in rows:
        able = groups.get(row.pipelines) or ", ".join(row.pipelines)
        cells = (row.parameter, row.takes, able, row.mode, row.load, row.beside, row.instead)
        made.add_row(*map(printable, cells))
    show(out(), made)
    typer.echo(f"\npainters: {printable(', '.join(painters)) or 'none'}")
