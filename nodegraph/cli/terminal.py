"""Consoles for people, which print a user's text as it is, and JSON for programs."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, TextIO

from nodegraph.errors import Problem

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

_WIDE = 1000
"""Columns of a console that is not a terminal: nothing is folded on its way into a file."""


def out() -> Console:
    """Results go here."""
    return _console(sys.stdout)


def err() -> Console:
    """Progress and problems go here."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    wide = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(
        file=stream, markup=False, highlight=False, emoji=False, width=_WIDE if wide else None
    )


def say(console: Console, text: str | Text, style: str = "") -> None:
    """Print a line as it is: no markup, no wrapping."""
    console.print(text, style=style, soft_wrap=True)


def show(console: Console, what: RenderableType) -> None:
    """Print a table or a page; into a file without the spaces that would fill its lines."""
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as captured:
        console.print(what)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def print_json(value: object) -> None:
    """Print a value on stdout as JSON (RFC 8259) in ASCII: what is not finite becomes null."""
    sys.stdout.write(json.dumps(_plain(value), indent=2) + "\n")


def print_problems(problems: Iterable[Problem | str]) -> None:
    """Print problems on stderr, one a line."""
    for problem in problems:
        say(err(), printable(str(problem)), "yellow")


def printable(text: str) -> str:
    """The text with line ends as spaces and without what would steer the terminal."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def columns(*styles: str, head: Iterable[str] = ()) -> Table:
    """A table without lines. Styles that begin with `>` align right."""
    from rich.table import Table

    names = list(head)
    table = Table(box=None, show_header=bool(names), padding=(0, 2, 0, 0), header_style="dim")
    for i, style in enumerate(styles):
        right = style.startswith(">")
        table.add_column(
            names[i] if names else "",
            style=style.lstrip(">") or None,
            justify="right" if right else "left",
            overflow="fold",
        )
    return table


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
