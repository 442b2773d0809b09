"""`nodegraph profile`: the parts make the whole, in the table, as JSON and in the picture."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from nodegraph.cli.flame import REST, in_cells, in_svg, rows
from nodegraph.cli.profile import table
from nodegraph.runtime.profile import NodeCost, Profile

NODES = {"ease", "hit", "level", "out", "seen", "song"}
"""Those of the small patch that run on every tick; its prompt never changes."""

MADE = Profile(
    ticks=10,
    measured=5,
    dt=1e-2,
    mean=100e-6,
    worst=1e-3,
    undisturbed=90e-6,
    nodes=(
        NodeCost("big", "audio.big", "audio", 50e-6, 60e-6, 1.0),
        NodeCost("mid<&>", "shape.mid", "shape", 25e-6, 30e-6, 1.0),
        NodeCost("tiny", "audio.tiny", "audio", 0.1e-6, 1e-6, 0.5),
    ),
)


def test_the_parts_are_the_whole(cli: Any, patch_file: Path, sound: Path) -> None:
    result = cli("profile", patch_file, sound, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["ticks"] == 188
    assert found["measured"] == (188 - 32) / 2
    assert {node["node"] for node in found["nodes"]} == NODES
    assert "words" in found["constants"]
    parts = sum(node["mean"] for node in found["nodes"])
    assert parts + found["rest"] == pytest.approx(found["mean"], rel=1e-12)
    assert sum(found["families"].values()) == pytest.approx(parts, rel=1e-12)
    assert 0 < found["rest"] < found["mean"] < found["worst"] < 1.0
    assert all(0 < node["mean"] <= node["worst"] and node["runs"] == 1 for node in found["nodes"])
    means = [node["mean"] for node in found["nodes"]]
    assert means == sorted(means, reverse=True)


def test_the_table_adds_up(cli: Any, patch_file: Path, sound: Path) -> None:
    result = cli("profile", patch_file, sound, "--ticks", 100, "--set", "ease.time=1")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Small [show]: a tick takes ")
    assert lines[1].startswith("34 of 100 ticks were measured; those between took ")
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
    head = next(i for i, row in enumerate(cells) if row[:2] == ["node", "type"])
    means = {
        row[0]: float(next(cell for cell in row[1:] if re.fullmatch(r"\d+\.\d\d", cell)))
        for row in cells[head + 1 : head + 9]
    }
    assert means.keys() == {*NODES, REST, "tick"}
    assert sum(means.values()) - means["tick"] == pytest.approx(means["tick"], abs=0.05)
    assert lines[-1] == "never change, so no tick runs them: words"


def test_the_picture_is_written(cli: Any, patch_file: Path, sound: Path, tmp_path: Path) -> None:
    picture = tmp_path / "ticks.svg"
    assert cli("profile", patch_file, sound, "--svg", picture).exit_code == 0
    titles = [part.text for part in ElementTree.parse(picture).iter() if part.tag.endswith("title")]
    names = {str(title).partition(":")[0] for title in titles}
    assert names == {"tick", "audio", "flow", "logic", "scope", "shape", REST, *NODES}


def test_segments_lie_under_their_family_and_fill_the_tick() -> None:
    tick, families, nodes = rows(MADE)
    assert [(s.label, s.start, s.end) for s in tick] == [("tick", 0.0, 1.0)]
    assert [s.label for s in families] == ["audio", "shape", REST]
    assert [s.label for s in nodes] == ["big", "tiny", "mid<&>"]
    assert [s.end for s in nodes] == pytest.approx([0.5, 0.501, 0.751])
    assert families[-1].end == pytest.approx(1.0)
    assert [s.start for s in families] == pytest.approx([0.0, 0.501, 0.751])
    assert nodes[0].colour == nodes[1].colour == families[0].colour != families[1].colour


def test_a_table_of_very_many_nodes_ends_with_the_sum_of_the_others() -> None:
    many = tuple(NodeCost(f"n{i}", "a.b", "a", 1e-6, 1e-6, 1.0) for i in range(90))
    made = table(replace(MADE, nodes=many), 100)
    names, means = (list(column.cells) for column in (made.columns[0], made.columns[2]))
    assert [str(name) for name in names[-4:]] == ["n39", "and 50 more", REST, "tick"]
    assert means[-4:] == ["1.00", "50.00", "10.00", "100.00"]


@pytest.mark.parametrize("width", [1, 7, 40, 99, 300])
def test_every_line_fits_the_terminal(width: int) -> None:
    tick, families, nodes = in_cells(MADE, width)
    assert tick.cell_len == families.cell_len == width
    assert nodes.cell_len == round(0.751 * width)


def test_a_picture_holds_any_name() -> None:
    root = ElementTree.fromstring(in_svg(MADE, "A <title> & \x1b[2J more"))
    assert any(part.text == "mid<&>: 25.00 µs, 25.0%" for part in root.iter())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.json", "SOUND"], "is not there"),
        (["PATCH", "nothing.wav"], "nothing.wav does not exist"),
        (["PATCH", "PATCH"], "is not a sound file"),
        (["PATCH", "SOUND", "--ticks", "20"], "20 ticks are too few to measure"),
        (["PATCH", "SOUND", "--ticks", "0"], "--ticks"),
        (["PATCH", "SOUND", "--svg", "no/x.svg"], "no is not a folder"),
        (["PATCH", "SOUND", "--set", "eaze.time=1"], "did you mean ease?"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    cli: Any, patch_file: Path, sound: Path, arguments: list[str], said: str
) -> None:
    places = {"PATCH": str(patch_file), "SOUND": str(sound)}
    result = cli("profile", *(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_problems_are_told_and_the_rest_is_measured(
    cli: Any, patch_file: Path, sound: Path
) -> None:
    data = json.loads(patch_file.read_text("utf-8"))
    data["nodes"]["ghost"] = {"type": "nowhere.known"}
    patch_file.write_text(json.dumps(data), "utf-8")
    result = cli("profile", patch_file, sound)
    assert result.exit_code == 1
    assert "nowhere.known" in result.stderr
    assert "everything else" in result.stdout


def test_a_state_that_becomes_one_that_can_be_changed_is_told(
    cli: Any, tmp_path: Path, sound: Path
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "grows.py").write_text(GROWS)
    patch = tmp_path / "show.json"
    patch.write_text('{"nodegraph": 1, "nodes": {"n": {"type": "grows.list@1"}}}', "utf-8")
    result = cli("profile", patch, sound)
    assert result.exit_code == 1
    assert "n: its state holds a list, which can be changed in place; use a tuple" in result.stderr


GROWS = """
from nodegraph import hookimpl, node

@node("grows.list", outlets="out", state=((),))
def grows(state: tuple) -> tuple[tuple, float]:
    '''Remember more and more.'''
    return ([1.0],), 0.0

@hookimpl
def register_nodes(register):
    register(grows)
"""
