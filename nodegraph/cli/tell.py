"""`nodegraph tell`: say something to a show that is running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from nodegraph.cli.arguments import Json, read_settings
from nodegraph.cli.guard import PROBLEMS
from nodegraph.errors import Problem

EXAMPLE = "nodegraph tell fade position=1 seconds=8"

WORDS = """
set NODE.PARAM=VALUE …      turn params
undo, redo                  take back or do again what was done last
open path=PATCH             put another patch on a deck
new                         put an empty patch there
close                       take it away
fade position=1 seconds=8   0 is all of deck main, 1 all of next
hold                        leave the picture as it is, whatever the patch says
calm                        have it become what the patch paints in silence, and hold that
resume                      have it follow the patch again
key key=space               press a key, for nodes that hear it
save [path=FILE]            save the deck's patch; to another file, which it belongs to from then on
connect url=URL             steer this Scope server from now on
disconnect                  play without a server; both take server=NAME, of several servers
reload                      import plugins anew; those that are saved are so by themselves
status                      how the show stands
log                         what nodes have printed
stop                        end the show

All but fade, hold, calm, resume, key, connect, disconnect, reload, status, log and stop take
deck=main or deck=next; set, undo and redo also when=beat or when=bar, and slew=0.3 (seconds).
"""

_TURN = ("deck", "when", "slew")
_TAKES: Mapping[str, tuple[str, ...]] = {
    "set": _TURN,
    "undo": _TURN,
    "redo": _TURN,
    "open": ("path", "deck"),
    "new": ("deck",),
    "close": ("deck",),
    "fade": ("position", "seconds"),
    "hold": (),
    "calm": (),
    "resume": (),
    "key": ("key",),
    "save": ("path", "deck"),
    "connect": ("url", "server"),
    "disconnect": ("server",),
    "reload": (),
    "status": (),
    "log": (),
    "stop": (),
}
"""What each verb takes; a show knows further ones, for programs."""

_NUMBERS = ("position", "seconds", "slew")

_SHORT, _LONG = 10.0, 90.0
"""Seconds in which a show answers; an import may take a while, and is given up by the show."""


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
    from nodegraph.cli.terminal import out, print_json, print_problems, printable, say
    from nodegraph.remote.address import shows
    from nodegraph.remote.client import connect
    from nodegraph.shipped import patch_path

    if verb is None:
        running = shows()
        for each in running:
            say(out(), printable(f"{each.name}  process {each.pid}  {each.patch}"))
        if not running:
            typer.echo("no show is running; start one with: nodegraph run PATCH\n")
        typer.echo(WORDS.strip())
        return
    fields = _read(verb, words or [])
    if verb == "open" and "path" in fields:
        fields["path"] = str(patch_path(str(fields["path"])).absolute())
    with connect(show, timeout=_LONG if verb == "reload" else _SHORT) as remote:
        if verb == "log":
            folder = Path(str(remote.request("look")["folder"]))
            typer.echo((folder / "engine.log").read_text("utf-8", "replace"), nl=False)
            return
        answer: Mapping[str, Any] = remote.request(verb, **fields)
        found = answer["problems"] if verb in ("open", "reload") else ()
        problems = [Problem(**each) for each in found]
    if as_json or verb not in _TAKES or verb == "status":
        print_json(answer)
    elif not problems or answer.get("name"):
        told = answer.get("label") or answer.get("path") or answer.get("name") or "done"
        say(out(), printable(f"{_BEFORE.get(verb, '')}{told}"))
    print_problems(problems)
    if problems:
        raise typer.Exit(PROBLEMS)


_BEFORE = {"undo": "undone: ", "redo": "done again: "}


def _read(verb: str, words: list[str]) -> dict[str, object]:
    """The fields of a request, `params` by address among them if it sets some."""
    fields: dict[str, object] = {}
    params: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"{word!r} does not read as NAME=VALUE")
        if verb == "set" and "." in name:
            params |= read_settings([word])
        elif name not in _TAKES.get(verb, (name,)):
            takes = ", ".join((*("NODE.PARAM",) * (verb == "set"), *_TAKES[verb])) or "nothing"
            raise typer.BadParameter(f"{verb} knows no {name!r}; it takes: {takes}")
        else:
            fields[name] = _number(value) if name in _NUMBERS else value
    if verb == "set":
        if not params:
            raise typer.BadParameter("say what to set: NODE.PARAM=VALUE")
        fields["params"] = params
    return fields


def _number(text: str) -> object:
    """A number, if it reads as one; else the text itself, which the show refuses."""
    try:
        return float(text)
    except ValueError:
        return text
