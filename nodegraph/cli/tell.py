"""`nodegraph tell`: say something to a show that is running."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from nodegraph.cli.arguments import Json, read_settings

EXAMPLE = "nodegraph tell fade position=1 seconds=8"

WORDS = """
set NODE.PARAM=VALUE …      turn params
undo, redo                  take back or do again what was done last
open path=PATCH             put another patch on a deck
close                       take it away
fade position=1 seconds=8   0 is all of deck main, 1 all of next
save [path=FILE]            save the deck's patch
status                      how the show stands
stop                        end the show

All but fade, status and stop take deck=main or deck=next; set, undo and redo also when=beat or
when=bar, and slew=0.3 (seconds).
"""


def tell(
    verb: Annotated[
        str | None, typer.Argument(metavar="VERB", help="What to do; without it: what there is.")
    ] = None,
    words: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE")] = None,
    show: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which show, by name or process, if several run."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell a running show what to do: turn params, undo, open a patch on a deck, fade.

    Without a verb it lists the shows that are running, and the verbs.
    """
    from nodegraph.cli.shipped import patch_path
    from nodegraph.cli.terminal import out, print_json, printable, say
    from nodegraph.remote.address import shows
    from nodegraph.remote.client import connect

    if verb is None:
        for each in shows():
            say(out(), printable(f"{each.name}  process {each.pid}  {each.patch}"))
        typer.echo(WORDS.strip())
        return
    fields: dict[str, object] = {}
    params: dict[str, str] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"{word!r} does not read as NAME=VALUE")
        if "." in name:
            params |= read_settings([word])
        else:
            fields[name] = _value(value)
    if verb == "set":
        verb, fields["label"] = "edit", "Set params"
        fields["edit"] = {"do": "batch", "edits": [_set(*each) for each in params.items()]}
    elif params:
        raise typer.BadParameter(f"{verb} takes no params; write: tell set {next(iter(params))}=…")
    if "path" in fields and verb == "open":
        fields["path"] = str(patch_path(str(fields["path"])).absolute())
    with connect(show) as remote:
        answer = remote.request(verb, **fields)
    if as_json or verb == "status":
        print_json(answer)
    else:
        told = answer.get("label") or answer.get("path") or answer.get("name") or "done"
        say(out(), printable(str(told)))


def _set(address: str, value: str) -> dict[str, object]:
    node, _, param = address.rpartition(".")
    return {"do": "set_param", "node": node, "param": param, "value": _value(value)}


def _value(text: str) -> object:
    """A number or a switch, if it reads as one; else the text itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text
