"""A patch as text and back: canonical JSON, one line for each node, wire, group and position.

    {
      "nodegraph": 1,
      "nodes": {
        "ease": {"type": "acme.smooth@1", "params": {"fall": 0.45}},
        "mic": {"type": "audio.level@1", "mode": "mute"}
      },
      "wires": [
        "mic.level -> ease.value"
      ],
      "layout": {
        "ease": [240, 80],
        "mic": [40, 80]
      }
    }

A definition of a subpatch is such an object too, in `subpatches`, with the same lines deeper in.

The same patch always gives the same text, so that a change of one thing is a change of one line,
and `dump(parse(text).patch) == text` for every text that `dump` wrote, whatever it holds of node
types, params and fields that this version does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nodegraph.errors import Problem
from nodegraph.graph import jsontext
from nodegraph.graph.draft import Draft, Report
from nodegraph.graph.frozen import JSON
from nodegraph.graph.migrate import FORMAT
from nodegraph.graph.model import Group, Node, Patch


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: the patch as far as it could be read, all that is wrong, and the lines.

    `lines` gives the line of a field by its path, such as `nodes.ease.params.fall` or `wires[3]`.
    """

    patch: Patch
    problems: tuple[Problem, ...]
    lines: Mapping[str, int]


def dump(patch: Patch) -> str:
    """Write a patch as canonical JSON."""
    return _enclose("{", (f'"nodegraph": {FORMAT}', *_sections(patch)), "}") + "\n"


def parse(text: str | bytes, file: str | None = None) -> Reading:
    """Read a patch of any format so far. Never raises; `file` is named in the problems."""
    document = jsontext.read(text)
    report = Report(document, file)
    patch = Draft(report, document.value).patch()
    problems = sorted(report.problems, key=lambda problem: problem.line or 0)
    return Reading(patch, tuple(problems), document.lines)


def _sections(patch: Patch) -> Iterator[str]:
    if patch.name:
        yield f'"name": {_json(patch.name)}'
    if patch.note:
        yield f'"note": {_json(patch.note)}'
    if patch.requires:
        yield _object("requires", patch.requires)
    if patch.exposed:
        yield _object("exposed", patch.exposed)
    yield _object("nodes", {name: node_entry(node) for name, node in patch.nodes.items()})
    if patch.wires:
        yield _enclose('"wires": [', (_json(str(wire)) for wire in patch.wires), "]")
    if patch.groups:
        yield _object("groups", {name: group_entry(each) for name, each in patch.groups.items()})
    if patch.layout:
        yield _object("layout", patch.layout)
    for name, value in patch.extra.items():
        yield f"{_json(name)}: {_json(value)}"
    if patch.themes:
        yield _block("themes", {name: spread(theme) for name, theme in patch.themes.items()})
    if patch.subpatches:
        inner = {id: _enclose("{", _sections(each), "}") for id, each in patch.subpatches.items()}
        yield _block("subpatches", inner)


def _object(name: str, members: Mapping[str, JSON]) -> str:
    if not members:
        return f'"{name}": {{}}'
    return _block(name, {key: _json(value) for key, value in members.items()})


def _block(name: str, texts: Mapping[str, str]) -> str:
    members = (f"{_json(key)}: {text}" for key, text in texts.items())
    return _enclose(f'"{name}": {{', members, "}")


def spread(theme: Mapping[str, JSON]) -> str:
    """Write a theme with each field on a line, and each part of those that have further ones."""
    fields = [f"{_json(name)}: {_field(value)}" for name, value in theme.items()]
    return _enclose("{", fields, "}") if fields else "{}"


def _field(value: JSON) -> str:
    if isinstance(value, Mapping) and any(map(_has_parts, value.values())):
        return _enclose("{", [f"{_json(key)}: {_json(each)}" for key, each in value.items()], "}")
    if isinstance(value, tuple) and any(map(_has_parts, value)):
        return _enclose("[", map(_json, value), "]")
    return _json(value)


def _has_parts(value: JSON) -> bool:
    return isinstance(value, Mapping | tuple)


def _enclose(opening: str, members: Iterable[str], closing: str) -> str:
    """Write members on lines of their own; one that is several lines already moves in as it is."""
    inside = ",\n".join(members).replace("\n", "\n  ")
    return f"{opening}\n  {inside}\n{closing}"


def node_entry(node: Node) -> Mapping[str, JSON]:
    """Return a node as its line in the file says it."""
    known: dict[str, JSON] = {"params": node.params, "mode": node.mode, "solo": node.solo}
    given = {name: value for name, value in known.items() if value}
    return {"type": f"{node.type}@{node.version}", **given, **node.extra}


def group_entry(group: Group) -> Mapping[str, JSON]:
    """Return a group as its line in the file says it."""
    known = {"title": group.title, "color": group.color, "nodes": group.nodes}
    return {**{name: value for name, value in known.items() if value}, **group.extra}


def _json(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=dict)
