"""`nodegraph check`: all that is wrong with patches, themes and plugins, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Json
from nodegraph.cli.guard import PROBLEMS
from nodegraph.errors import Problem

if TYPE_CHECKING:
    from nodegraph.graph import Patch, Reading
    from nodegraph.plugins import Catalogue

EXAMPLE = "nodegraph check patches/*.json"


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Patches, themes, plugins.")
    ],
    as_json: Json = False,
) -> None:
    """List all that is wrong with patches, themes, and the plugins that patches can use."""
    from nodegraph.cli.terminal import err, out, print_json, printable, say
    from nodegraph.plugins import find
    from nodegraph.words import plural

    places = {path: path if _is_plugin(path) else path.parent / "plugins" for path in files}
    catalogues = {place: find(place) for place in dict.fromkeys(places.values())}
    found = {path: examine(path, catalogues[place]) for path, place in places.items()}
    told = {problem for problems in found.values() for problem in problems}
    plugins = dict.fromkeys(
        problem
        for catalogue in catalogues.values()
        for problem in catalogue.problems
        if problem not in told
    )
    well = not plugins and not any(found.values())
    if as_json:
        print_json(
            {
                "ok": well,
                "patches": [{"file": str(p), "problems": list(found[p])} for p in found],
                "plugins": list(plugins),
            }
        )
    else:
        for problem in plugins:  # a node type that is not there may be why a patch has problems
            say(out(), printable(str(problem)))
        for path, problems in found.items():
            if not problems:
                say(out(), printable(f"{path}: ok"), "green")
            for problem in problems:
                say(out(), printable(str(problem)))
        count = sum(map(len, found.values())) + len(plugins)
        if count:
            say(err(), plural(count, "problem"), "yellow")
    if not well:
        raise typer.Exit(PROBLEMS)


def examine(path: Path, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Every problem of a patch, theme or plugin, each with its line where it has one."""
    from nodegraph.compiler import compile_patch
    from nodegraph.graph import parse
    from nodegraph.themes import SUFFIX, load

    if _is_plugin(path):
        return _plugin_problems(path, catalogue)
    if not path.is_file():
        return (Problem("is not a file: check the name and the folder", file=str(path)),)
    if path.name.endswith(SUFFIX):
        return load(path).problems
    try:
        data = path.read_bytes()
    except OSError as error:
        return (Problem(f"cannot be read: {error.strerror}", file=str(path)),)
    reading = parse(data, str(path))
    text = data.decode("utf-8", "replace").splitlines()
    compiled = compile_patch(reading.patch, catalogue.types).problems
    found = (*compiled, *_strays(reading.patch))
    placed = [_place(problem, str(path), reading, text) for problem in found]
    return (*reading.problems, *sorted(placed, key=lambda problem: problem.line or 0))


def _is_plugin(path: Path) -> bool:
    """Whether it is a plugin, or a folder with some."""
    return path.suffix == ".py" or path.is_dir()


def _plugin_problems(path: Path, catalogue: Catalogue) -> tuple[Problem, ...]:
    """What is wrong with a plugin, or with those in a folder."""
    from nodegraph.plugins import inside

    if not any(inside(path)):
        return (Problem("has no plugin: check the name and the folder", file=str(path)),)
    return tuple(it for it in catalogue.problems if Path(it.file or "").is_relative_to(path))


def _strays(patch: Patch, where: str = "") -> Iterator[Problem]:
    """Fields that nobody reads, although their names are nearly those of fields that count."""
    from nodegraph.graph.model import NODE_FIELDS, PATCH_FIELDS

    places: list[tuple[str, Mapping[str, object], tuple[str, ...]]] = [
        (where, patch.extra, PATCH_FIELDS)
    ]
    places += [(f"{where}nodes.{id}.", node.extra, NODE_FIELDS) for id, node in patch.nodes.items()]
    for place, extra, known in places:
        for name in extra:
            if near := get_close_matches(name, known, 1, 0.7):
                yield Problem(f"is read by nobody; did you mean {near[0]}?", field=place + name)
    for name, definition in patch.subpatches.items():
        yield from _strays(definition, f"subpatches.{name}.")


def _place(problem: Problem, file: str, reading: Reading, text: list[str]) -> Problem:
    """The problem with its line: of its wire, its field, or the nearest field around that."""
    lines, field = reading.lines, problem.field or ""
    line = None
    if field == "wires":
        where, patch, id = _home(reading.patch, problem.node or "")
        field = f"{where}wires"
        ends = f"{id}.{problem.port}"
        for wire in patch.wires:
            if line is None and ends in map(str, wire):
                line = _line_of_wire(str(wire), field, lines, text)
    nearest = field
    while nearest and nearest not in lines:
        nearest = nearest.rpartition(".")[0]
    return replace(problem, file=file, line=line or lines.get(nearest), field=field or None)


def _home(patch: Patch, node: str) -> tuple[str, Patch, str]:
    """Where a node of the flat patch stands in the file: the field, the patch there, and its id."""
    from nodegraph.graph.definitions import INSTANCE

    where, inside = "", patch
    *instances, id = node.split("/")
    for instance in instances:
        name = inside.nodes[instance].type.removeprefix(INSTANCE)
        where, inside = f"subpatches.{name}.", patch.subpatches[name]
    return where, inside, id


def _line_of_wire(wire: str, wires: str, lines: Mapping[str, int], text: list[str]) -> int | None:
    """The line that holds a wire; a file may list its wires in any order and spacing."""
    wanted = f'"{wire}"'.replace(" ", "")
    for field, line in lines.items():
        if field.startswith(f"{wires}[") and wanted in text[line - 1].replace(" ", ""):
            return line
    return lines.get(wires)
