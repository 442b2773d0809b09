"""A patch as text and back: canonical JSON, one line for each node, wire, group and position.

    {
      "nodegraph": 1,
      "nodes": {
        "ease": {"type": "acme.smooth@1", "params": {"fall": 0.45}},
        "mic": {"type": "audio.level@1"}
      },
      "wires": [
        "mic.level -> ease.value"
      ],
      "layout": {
        "ease": [240, 80],
        "mic": [40, 80]
      }
    }

The same patch always gives the same text, so that a change of one thing is a change of one line,
and `dump(parse(text).patch) == text` for every text that `dump` wrote, whatever it holds of node
types, params and fields that this version does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nodegraph.errors import Problem
from nodegraph.graph import jsontext
from nodegraph.graph.draft import Draft
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
    return "{\n  " + ",\n  ".join(_sections(patch)) + "\n}\n"


def parse(text: str | bytes, file: str | None = None) -> Reading:
    """Read a patch of any format so far. Never raises; `file` is named in the problems."""
    document = jsontext.read(text)
    draft = Draft(document, file)
    patch = draft.patch()
    problems = sorted(draft.problems, key=lambda problem: problem.line or 0)
    return Reading(patch, tuple(problems), document.lines)


def _sections(patch: Patch) -> Iterator[str]:
    yield f'"nodegraph": {FORMAT}'
    if patch.name:
        yield f'"name": {_json(patch.name)}'
    if patch.note:
        yield f'"note": {_json(patch.note)}'
    if patch.requires:
        yield _object("requires", patch.requires)
    yield _object("nodes", {name: _node_entry(node) for name, node in patch.nodes.items()})
    if patch.wires:
        lines = ",\n    ".join(_json(str(wire)) for wire in patch.wires)
        yield f'"wires": [\n    {lines}\n  ]'
    if patch.groups:
        yield _object("groups", {name: _group_entry(each) for name, each in patch.groups.items()})
    if patch.layout:
        yield _object("layout", patch.layout)
    for name, value in patch.extra.items():
        yield f"{_json(name)}: {_json(value)}"


def _object(name: str, members: Mapping[str, JSON]) -> str:
    if not members:
        return f'"{name}": {{}}'
    lines = ",\n    ".join(f"{_json(key)}: {_json(value)}" for key, value in members.items())
    return f'"{name}": {{\n    {lines}\n  }}'


def _node_entry(node: Node) -> JSON:
    params = {"params": node.params} if node.params else {}
    return {"type": f"{node.type}@{node.version}", **params, **node.extra}


def _group_entry(group: Group) -> JSON:
    known = {"title": group.title, "color": group.color, "nodes": group.nodes}
    return {**{name: value for name, value in known.items() if value}, **group.extra}


def _json(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=dict)
