"""`nodegraph nodes`: the node types there are, and the manual page of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Json
from nodegraph.cli.guard import PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nodegraph.nodetype import NodeType

EXAMPLE = "nodegraph nodes --search smooth"


def nodes(
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="A node type, for its manual page.")
    ] = None,
    family: Annotated[
        str | None, typer.Option(help="Only those of a family, such as audio.")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Words to look for; the best find comes first.")
    ] = None,
    plugins: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where further plugins lie.")
    ] = Path("plugins"),
    as_json: Json = False,
) -> None:
    """List the node types, or show the manual page of one."""
    from nodegraph.cli import manual
    from nodegraph.cli.search import ranked
    from nodegraph.cli.terminal import out, print_json, print_problems, show
    from nodegraph.plugins import find

    catalogue = find(plugins)
    print_problems(catalogue.problems)
    if id is not None:
        if id not in catalogue.types:
            near = ", ".join(type_.id for type_ in ranked(catalogue.types, id)[:3])
            _refuse(id, "node type", near and f"did you mean {near}?")
        type_ = catalogue.types[id]
        if as_json:
            print_json(manual.facts(type_, catalogue.plugins[id]))
        else:
            show(out(), manual.page(type_, catalogue.plugins[id]))
        return
    chosen = ranked(catalogue.types, search) if search else list(catalogue.types.values())
    if family is not None:
        families = sorted({type_.family for type_ in catalogue.types.values()})
        if family not in families:
            _refuse(family, "family", f"there are: {', '.join(families)}")
        chosen = [type_ for type_ in chosen if type_.family == family]
    if as_json:
        print_json([manual.facts(type_, catalogue.plugins[type_.id]) for type_ in chosen])
    else:
        _print_list(chosen, grouped=not search)
    if search and not chosen:
        _refuse(search, "node type like")


def _refuse(name: str, what: str, hint: str = "") -> None:
    from nodegraph.cli.terminal import print_problems

    print_problems([f"nodegraph: there is no {what} {name!r}" + (hint and f"; {hint}")])
    raise typer.Exit(PROBLEMS)


def _print_list(types: Sequence[NodeType], grouped: bool) -> None:
    from nodegraph.cli.terminal import columns, out, show

    console = out()
    families: dict[str, list[NodeType]] = {}
    for type_ in types:
        families.setdefault(type_.family if grouped else "", []).append(type_)
    for family, members in families.items():
        if family:
            console.print(family, style="bold")
        table = columns("cyan", "", "dim")
        for type_ in members:
            table.add_row(f"  {type_.id}", type_.title, type_.summary)
        show(console, table)
