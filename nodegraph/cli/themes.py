"""`nodegraph themes`: the themes there are, the text of one, and new ones for your library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Json
from nodegraph.cli.guard import PROBLEMS

if TYPE_CHECKING:
    from nodegraph.themes.library import Entry

EXAMPLE = "nodegraph themes show forge > dusk.theme.json"

ACTIONS = ("list", "show", "check", "add")


def themes(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help=f"One of {', '.join(ACTIONS)}.")
    ] = "list",
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME|FILE...", help="What to show; the files to check or to add."),
    ] = None,
    patch: Annotated[
        str | None,
        typer.Option(metavar="PATCH", help="Look at this patch's own themes too, before others."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the themes that come along and those of your library; show, check and add some.

    A theme that is shown is the text of a file: change it, check it, add it. What is added lies in
    your library, from where the editor puts themes into patches. Of several of one name that of the
    patch is shown, or else yours.
    """
    from nodegraph.cli.check import check

    given = names or []
    if action not in ACTIONS:
        raise typer.BadParameter(f"{action!r} is none of {', '.join(ACTIONS)}")
    if bool(given) == (action == "list"):
        wanted = "no names" if given else "a file" if action in ("check", "add") else "a name"
        raise typer.BadParameter(f"{action} wants {wanted}")
    if action == "list":
        _list(entries(patch), as_json)
    elif action == "check":
        check([Path(name) for name in given], as_json)
    elif action == "show":
        for name in given:
            _show(name, entries(patch))
    else:
        for name in given:
            _add(Path(name))


def entries(patch: str | None) -> list[Entry]:
    """Every theme, those of a patch file first."""
    from nodegraph.graph import load
    from nodegraph.shipped import patch_path
    from nodegraph.themes import library

    own = load(patch_path(patch)).themes if patch else {}
    return library.entries(own, library.mine())


def _list(found: list[Entry], as_json: bool) -> None:
    from nodegraph.cli.terminal import columns, out, print_json, print_problems, show

    if as_json:
        print_json([_facts(entry) for entry in found])
        return
    table = columns("cyan", "", "", "dim")
    for theme, _, origin, _ in found:
        table.add_row(theme.id, origin, theme.motion, _brief(theme.prompt))
    show(out(), table)
    print_problems(problem for entry in found for problem in entry.problems)


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.theme.id,
        "name": entry.theme.name,
        "origin": entry.origin,
        "problems": [str(problem) for problem in entry.problems],
        "theme": entry.data,
    }


def _brief(text: str, most: int = 70) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _show(name: str, found: list[Entry]) -> None:
    from nodegraph.errors import NodegraphError
    from nodegraph.theme import unknown
    from nodegraph.themes import dump

    found = sorted(found, key=lambda entry: entry.origin == "patch")  # the last of a name counts
    named = {entry.theme.id: entry for entry in found}
    if name not in named:
        raise NodegraphError(unknown(name, named))
    typer.echo(dump(named[name].data), nl=False)


def _add(path: Path) -> None:
    from nodegraph.cli.terminal import out, print_problems, printable, say
    from nodegraph.errors import NodegraphError
    from nodegraph.themes import SUFFIX, library, load

    if not path.name.endswith(SUFFIX):
        hint = f"rename it, such as {path.name.split('.')[0]}{SUFFIX}"
        raise NodegraphError(f"{path}: the file of a theme is called NAME{SUFFIX}; {hint}")
    file = load(path)
    if file.problems:
        print_problems(file.problems)
        raise typer.Exit(PROBLEMS)
    kept = library.save(path.name.removesuffix(SUFFIX), file.data)
    say(out(), printable(f"{file.theme.name} is in your library: {kept}"))
