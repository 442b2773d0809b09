"""Canonical text out and back, byte for byte, and everything wrong reported at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from kit import many

from nodegraph.graph import Node, Patch, Port, Wire, dump, parse


@given(data=st.data())
@settings(max_examples=many(50, 1_000))
def test_any_patch_survives_byte_for_byte(
    data: st.DataObject, patches: SearchStrategy[Patch]
) -> None:
    patch = data.draw(patches)
    text = dump(patch)
    reading = parse(text.encode())
    assert reading.problems == ()
    assert reading.patch == patch
    assert dump(reading.patch) == text
    assert json.loads(text)["nodegraph"] == 1  # another reader agrees that it is JSON


def test_a_file_with_everything_survives_byte_for_byte(golden: Path) -> None:
    text = (golden / "everything.json").read_bytes()
    reading = parse(text)
    assert reading.problems == ()
    assert dump(reading.patch).encode() == text


@pytest.mark.parametrize("change", ["\r\n", "bom", "indent", "shuffle"])
def test_another_layout_of_the_text_is_the_same_patch(golden: Path, change: str) -> None:
    text = (golden / "everything.json").read_text(encoding="utf-8")
    tree = json.loads(text)
    changed = {
        "\r\n": text.replace("\n", "\r\n"),
        "bom": "\ufeff" + text,
        "indent": json.dumps(tree, indent=7),
        "shuffle": json.dumps(dict(reversed(tree.items()))),
    }[change]
    reading = parse(changed.encode())
    assert reading.problems == ()
    assert dump(reading.patch) == text


def test_an_empty_patch_is_short() -> None:
    assert dump(Patch()) == '{\n  "nodegraph": 1,\n  "nodes": {}\n}\n'


def test_one_edit_is_one_line_of_difference() -> None:
    nodes = {name: Node("a.b", params={"x": 1}) for name in "bdf"}
    wires = (Wire(Port("b", "out"), Port("d", "in")), Wire(Port("d", "out"), Port("f", "in")))
    before = Patch(nodes=nodes, wires=wires)
    lines = set(dump(before).splitlines())
    changed = Patch(nodes={**nodes, "d": Node("a.b", params={"x": 2})}, wires=wires)
    assert set(dump(changed).splitlines()) - lines == {
        '    "d": {"type": "a.b@1", "params": {"x": 2}},'
    }
    added = Patch(nodes={**nodes, "c": Node("a.c")}, wires=wires)
    assert set(dump(added).splitlines()) - lines == {'    "c": {"type": "a.c@1"},'}


def test_lines_are_known_by_path(golden: Path) -> None:
    text = (golden / "format1.json").read_text(encoding="utf-8")
    lines = parse(text).lines
    rows = text.splitlines()
    assert '"ease": {' in rows[lines["nodes.ease.params.fall"] - 1]
    assert "mic.level ->" in rows[lines["wires[1]"] - 1]
    assert "80.5" in rows[lines["layout.mic"] - 1]


HEAD = '{"nodegraph": 1,\n'
NODES = '"nodes": {"a": {"type": "x.y@1"},\n "b": {"type": "x.y@1"}}'
MALFORMED = [
    ("", 1, None, "the file is empty"),
    (" \n\t\n", 3, None, "the file is empty"),
    ("hello", 1, None, "expected a value, found 'hello'"),
    ("[]", 1, None, "a patch is an object"),
    ("{}", 1, None, "it has no nodes"),
    ('"nodes"', 1, None, "a patch is an object"),
    (b"\x89PNG\r\n\x1a\n", 1, None, "not UTF-8"),
    ("\x00", 1, None, "expected a value"),
    ("[" * 100_000, 1, None, "nested deeper than 66"),
    ('{"a":' * 100_000, 1, None, "nested deeper than 66"),
    ('{"nodegraph": 2, "nodes": 7}', 1, "nodegraph", "saved by a newer nodegraph, in format 2"),
    ('{"nodegraph": true, "nodes": {}}', 1, "nodegraph", "wants the format"),
    ('{"nodegraph": -1, "nodes": {}}', 1, "nodegraph", "wants the format"),
    (HEAD + NODES, 3, None, "the file ends inside the object that begins on line 1"),
    (HEAD + NODES + ",}", 3, None, "a comma before '}'"),
    (HEAD + NODES + "}\n}", 4, None, "the value ends before this"),
    (HEAD + '"nodes": []}', 2, "nodes", "wants an object"),
    (HEAD + '"nodes": {"a": 3}}', 2, "nodes.a", "a node wants an object"),
    (HEAD + '"nodes": {"a": {}}}', 2, "nodes.a.type", "wants the type"),
    (HEAD + '"nodes": {"a":\n{"type": "x y"}}}', 3, "nodes.a.type", "not 'x y'"),
    (HEAD + '"nodes": {"a":\n{"type": "x@0"}}}', 3, "nodes.a.type", "not 'x@0'"),
    (HEAD + '"nodes": {"A": {"type": "x"}}}', 2, "nodes.A", "'A' is not an id"),
    (HEAD + '"nodes": {"a": {"type": "x"},\n"a": {"type": "y"}}}', 3, "nodes.a", "on line 2"),
    (HEAD + '"nodes": {"a": {"type": "x", "params": 1}}}', 2, "nodes.a.params", "wants an object"),
    (
        HEAD + '"nodes": {"a": {"type": "x", "params": {\n"p": NaN}}}}',
        3,
        "nodes.a.params.p",
        "NaN cannot be kept",
    ),
    (
        HEAD + '"nodes": {"a": {"type": "x", "params": {"p": [1,\n1e999]}}}}',
        3,
        "nodes.a.params.p[1]",
        "too large",
    ),
    (
        HEAD + '"nodes": {"a": {"type": "x", "params": {"p": 9223372036854775808}}}}',
        2,
        "nodes.a.params.p",
        "too large for 64 bits",
    ),
    (
        HEAD + '"nodes": {"a": {"type": "x", "params": {"p": "\\ud800"}}}}',
        2,
        "nodes.a.params.p",
        "half of a surrogate pair",
    ),
    (
        (HEAD + '"note": "caf\xe9",\n"nodes": {}}').encode("latin-1"),
        2,
        "note",
        "not UTF-8",
    ),
    (HEAD + '"nodes": {}, "note": "a\n}', 2, "note", "does not end on its line"),
    (HEAD + '"note": "a\\x", "nodes": {}}', 2, "note", "not an escape"),
    (HEAD + '"note": "a\tb", "nodes": {}}', 2, "note", "\\u0009"),
    (HEAD + '"note": 1, "nodes": {}}', 2, "note", "wants text, not 1"),
    (HEAD + '"requires": {"p": 1}, "nodes": {}}', 2, "requires.p", "as text"),
    (HEAD + NODES + ',\n"wires": {}}', 4, "wires", "wants a list"),
    (HEAD + NODES + ',\n"wires": [\n3]}', 5, "wires[0]", "a wire wants text"),
    (HEAD + NODES + ',\n"wires": ["a -> b"]}', 4, "wires[0]", "'a -> b' is not a wire"),
    (HEAD + NODES + ',\n"wires": ["a.o -> c.i"]}', 4, "wires[0]", "no node 'c'"),
    (
        HEAD + NODES + ',\n"wires": ["a.o -> b.i",\n "b.o -> b.i"]}',
        5,
        "wires[1]",
        "b.i has a wire from a.o already",
    ),
    (HEAD + NODES + ',\n"groups": {"g": 1}}', 4, "groups.g", "a group wants an object"),
    (HEAD + NODES + ',\n"groups": {"G": {}}}', 4, "groups.G", "is not an id"),
    (HEAD + NODES + ',\n"groups": {"g": {"nodes": ["z"]}}}', 4, "groups.g.nodes", "no node 'z'"),
    (HEAD + NODES + ',\n"groups": {"g": {"nodes": [1]}}}', 4, "groups.g.nodes", "list of node"),
    (HEAD + NODES + ',\n"groups": {"g": {"color": "red"}}}', 4, "groups.g.color", "not a color"),
    (HEAD + NODES + ',\n"layout": {"a": [1]}}', 4, "layout.a", "two finite numbers"),
    (HEAD + NODES + ',\n"layout": {"a": [1, true]}}', 4, "layout.a", "two finite numbers"),
    (HEAD + NODES + ',\n"layout": {"a": [1, Infinity]}}', 4, "layout.a[1]", "finite"),
    (HEAD + NODES + ',\n"layout": {"z": [1, 2]}}', 4, "layout.z", "no node 'z' to place"),
    (HEAD + '"nodes": {"a": {"type": "x", "mode": "off"}}}', 2, "nodes.a.mode", "not 'off'"),
    (HEAD + '"nodes": {"a": {"type": "x", "mode": 1}}}', 2, "nodes.a.mode", "wants text"),
    (HEAD + '"nodes": {"a": {"type": "x",\n"solo": 1}}}', 3, "nodes.a.solo", "true or false"),
    (HEAD + NODES + ',\n"exposed": 1}', 4, "exposed", "wants an object"),
    (HEAD + NODES + ',\n"exposed": {"x": 1}}', 4, "exposed.x", "'node.param'"),
    (HEAD + NODES + ',\n"exposed": {"x": "a"}}', 4, "exposed.x", "not the address of a param"),
    (HEAD + NODES + ',\n"exposed": {"x y": "a.p"}}', 4, "exposed.x y", "not the name of a param"),
    (HEAD + NODES + ',\n"exposed": {"x": "z.p"}}', 4, "exposed.x", "there is no node 'z'"),
    (HEAD + NODES + ',\n"exposed": {"x": "a.p",\n"y": "a.p"}}', 5, "exposed.y", "as 'x' already"),
    (HEAD + NODES + ',\n"themes": []}', 4, "themes", "wants an object"),
    (HEAD + NODES + ',\n"themes": {\n"t": null}}', 5, "themes.t", "wants an object"),
    (HEAD + NODES + ',\n"subpatches": []}', 4, "subpatches", "wants an object"),
    (HEAD + NODES + ',\n"subpatches": {"v": []}}', 4, "subpatches.v", "wants an object"),
    (HEAD + NODES + ',\n"subpatches": {"v": {}}}', 4, "subpatches.v", "it has no nodes"),
    (HEAD + NODES + ',\n"subpatches": {"V": {"nodes": {}}}}', 4, "subpatches.V", "is not an id"),
]
# What is wrong in a definition is said as it is of a patch, with the way there before its path.
INSIDE = [
    ('"nodegraph": 9, "nodes": {}', 0, "nodegraph", "saved by a newer nodegraph, in format 9"),
    ('"nodes": {},\n"themes": {}', 1, "themes", "a definition has no themes of its own"),
    ('"nodes": {},\n"subpatches": {}', 1, "subpatches", "a definition holds no others"),
    ('"nodes": {\n"a": {}}', 1, "nodes.a.type", "wants the type"),
    (
        '"nodes": {"a": {"type": "x", "params": {\n"p": 1,\n"rise": 1e999}}}',
        2,
        "nodes.a.params.rise",
        "too large",
    ),
    ('"nodes": {},\n"wires": [\n"a.o -> b.i"]', 2, "wires[0]", "no node 'a'"),
    ('"nodes": {},\n"layout": {"a": [1, 2]}', 1, "layout.a", "no node 'a' to place"),
    ('"nodes": {}, "exposed": {\n"x": "a.p"}', 1, "exposed.x", "no node 'a'"),
    ('"nodes": {}, "name": \n5', 1, "name", "wants text, not 5"),
]


@pytest.mark.parametrize(("text", "line", "field", "fault"), MALFORMED)
def test_each_fault_is_one_problem_at_its_place(
    text: str | bytes, line: int, field: str | None, fault: str
) -> None:
    reading = parse(text, "show.json")
    assert [fault in problem.text for problem in reading.problems] == [True], reading.problems
    (problem,) = reading.problems
    assert problem.file == "show.json"
    assert problem.line == line
    if field is not None:
        assert problem.field == field


@pytest.mark.parametrize(("text", "line", "field", "fault"), INSIDE)
def test_a_fault_in_a_definition_is_told_at_its_place(
    text: str, line: int, field: str, fault: str
) -> None:
    reading = parse(HEAD + NODES + ',\n"subpatches": {"voice": {' + text + "}}}")
    (problem,) = reading.problems
    assert fault in problem.text
    assert problem.field == f"subpatches.voice.{field}"
    assert problem.line == 4 + line
    assert problem.node is None  # it is no node of the patch itself
    assert list(reading.patch.nodes) == ["a", "b"]


def test_what_is_sound_in_a_broken_definition_is_kept() -> None:
    text = """{"nodegraph": 1, "nodes": {}, "subpatches": {"voice": {
  "nodes": {"a": {"type": "x.y@1"}, "b": 5, "c": {"type": "x.y@1"}},
  "wires": ["a.out -> c.in", "b.out -> a.in"],
  "exposed": {"x": "a.x", "y": "b.y"}
}}}"""
    reading = parse(text)
    assert [problem.field for problem in reading.problems] == ["subpatches.voice.nodes.b"]
    voice = reading.patch.subpatches["voice"]
    assert list(voice.nodes) == ["a", "c"]
    assert [str(wire) for wire in voice.wires] == ["a.out -> c.in"]
    assert voice.exposed == {"x": "a.x"}


@pytest.mark.parametrize("format", [0, 1])
def test_a_patch_file_may_be_pasted_as_a_definition(golden: Path, format: int) -> None:
    pasted = (golden / f"format{format}.json").read_text(encoding="utf-8")
    reading = parse(f'{{"nodes": {{}}, "subpatches": {{"pasted": {pasted}}}}}')  # format 0 itself
    assert reading.problems == ()
    assert reading.patch.subpatches["pasted"] == parse(pasted).patch


def test_what_is_not_set_is_not_in_the_file() -> None:
    text = '{"nodegraph": 1, "nodes": {"a": {"type": "x@1", "mode": "", "solo": false}}}'
    reading = parse(text)
    assert reading.problems == ()
    assert '"a": {"type": "x@1"}\n' in dump(reading.patch)


def test_all_faults_are_told_at_once_and_the_rest_is_read() -> None:
    text = """{
  "nodegraph": 1
  "name": 'Pulse',
  "nodes": {
    "mic": {"type": "audio.level@1", "params": {"floor": nan, "gain": 2}},
    "ease": {"type": 5},
    "out": {"type": "scope.param@1",},
  },
  "wires": ["mic.level -> ease.value", "mic.level -> out.value", "mic.level -> gone.value"],
  "layout": {"mic": [1, "2"], "out": [3, 4]}
}"""
    reading = parse(text)
    assert [problem.line for problem in reading.problems] == [3, 3, 5, 6, 7, 8, 9, 10]
    patch = reading.patch
    assert patch.nodes == {
        "mic": Node("audio.level", 1, {"gain": 2}),
        "out": Node("scope.param"),
    }
    assert patch.wires == (Wire(Port("mic", "level"), Port("out", "value")),)
    assert patch.layout == {"out": (3, 4)}


def test_what_follows_from_a_fault_is_not_told_again() -> None:
    text = (
        '{"nodegraph": 1, "nodes": {"a": {"type": x.y@1}, "b": {"type": "x.y@1"}}, "wires": [5x]}'
    )
    reading = parse(text)
    assert [problem.field for problem in reading.problems] == ["nodes.a.type", "wires[0]"]
