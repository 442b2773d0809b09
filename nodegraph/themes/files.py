"""A theme as a file `NAME.theme.json` and back: canonical JSON, one line for each of its parts.

    {
      "nodegraph_theme": 1,
      "prompt": "drifting over a dark sea",
      "ranges": {
        "noise_scale": {"high": 0.7, "low": 0.5}
      },
      "style": ["moonlit", "film grain"],
      "variations": [
        {"on": "drop", "text": "the sea rises in glass towers"}
      ]
    }

`dump(parse(text).data) == text` for every text that `dump` wrote, with fields that this version
does not know.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodegraph.errors import Problem
from nodegraph.graph import jsontext
from nodegraph.graph.draft import Draft, Report
from nodegraph.graph.frozen import JSON, freeze
from nodegraph.graph.patchfile import spread
from nodegraph.graph.store import content
from nodegraph.theme import Theme
from nodegraph.themes.reading import read

SUFFIX = ".theme.json"
FORMAT = 1

_FORMAT_FIELD = "nodegraph_theme"


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """What a file says: the theme as far as it could be read, all that is wrong, and the file's
    own words, which also hold what this version does not know."""

    theme: Theme
    data: Mapping[str, JSON]
    problems: tuple[Problem, ...]


def load(path: str | os.PathLike[str]) -> ThemeFile:
    """Read a theme file, whose name is that of the theme. PatchError if it cannot be read."""
    file = os.fspath(path)
    return parse(content(file), Path(file).name.removesuffix(SUFFIX), file)


def parse(text: str | bytes, id: str, file: str | None = None) -> ThemeFile:
    """Read the theme that is kept under the name `id`. Never raises; problems name the `file`."""
    document = jsontext.read(text)
    report = Report(document, file)
    top = document.value if isinstance(document.value, dict) else {}
    if not isinstance(document.value, dict):
        report.add(Problem("a theme is an object, in braces: {…}"))
    elif fault := _format_mistake(top):
        report.add(Problem(fault, field=_FORMAT_FIELD))
        top = {}
    said = {name: value for name, value in top.items() if name != _FORMAT_FIELD}
    data = Draft(report, document.value).values(said, "")
    theme, mistakes = read(id, data)
    for mistake in mistakes if top else ():
        report.add(mistake)
    problems = sorted(report.problems, key=lambda problem: problem.line or 0)
    return ThemeFile(theme, data, tuple(problems))


def dump(data: Mapping[str, JSON]) -> str:
    """Write what a theme says as canonical JSON. ValueError if a file could not hold it."""
    frozen = freeze(data)
    assert isinstance(frozen, Mapping)
    return spread({_FORMAT_FIELD: FORMAT, **frozen}) + "\n"


def _format_mistake(top: Mapping[str, jsontext.Tree]) -> str | None:
    version = top.get(_FORMAT_FIELD)
    if version is None and "nodes" in top:
        return "this is a patch, not a theme; the themes in it are under its own themes"
    if version is None:
        return f'nothing says that this is a theme: begin it with "{_FORMAT_FIELD}": {FORMAT}'
    if type(version) is not int or version < 1:
        return f"wants the format of the file, a number up to {FORMAT}"
    if version > FORMAT:
        return (
            f"the theme was saved by a newer nodegraph, in format {version}; "
            f"this one reads up to {FORMAT}: update nodegraph"
        )
    return None
