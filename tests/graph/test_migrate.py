"""Files of old formats become files of the present one; the golden pairs say how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodegraph.graph import FORMAT, dump, migrate, parse
from nodegraph.graph.jsontext import Tree
from nodegraph.graph.migrate import STEPS


@pytest.mark.parametrize("version", sorted(STEPS))
def test_each_format_has_a_golden_pair(golden: Path, version: int) -> None:
    old = (golden / f"format{version}.json").read_text(encoding="utf-8")
    new = (golden / f"format{version + 1}.json").read_text(encoding="utf-8")
    reading = parse(old)
    assert reading.problems == ()
    assert dump(reading.patch) == new


def test_the_steps_are_a_chain() -> None:
    assert sorted(STEPS) == list(range(FORMAT))


def test_a_step_does_not_change_its_argument(golden: Path) -> None:
    text = (golden / "format0.json").read_text(encoding="utf-8")
    document = json.loads(text)
    migrate(document, 0)
    assert document == json.loads(text)


def test_the_present_format_is_left_alone() -> None:
    document: dict[str, Tree] = {"nodegraph": 1, "nodes": {}}
    assert migrate(document, FORMAT) is document


def test_faults_in_an_old_file_have_their_lines() -> None:
    text = """{
  "nodes": {
    "a": {"type": "x.y", "version": "two"},
    "b": {"type": "x.y", "version": 1},
    "c": 5
  },
  "wires": [
    ["b.out", "b.in"],
    ["b.out"],
    ["b.out", "z.in"]
  ]
}"""
    reading = parse(text)
    assert [(problem.line, problem.field) for problem in reading.problems] == [
        (3, "nodes.a.type"),
        (5, "nodes.c"),
        (9, "wires[1]"),
        (10, "wires[2]"),
    ]
    assert list(reading.patch.nodes) == ["b"]
    assert [str(wire) for wire in reading.patch.wires] == ["b.out -> b.in"]
