"""`nodegraph check` and `nodegraph plan`: problems with the right lines, and the plan as Python."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

SPOILED = """{
  "nodegraph": 1,
  "nodes": {
    "ease": {
      "type": "shape.smooth@1",
      "params": {
        "time": 999,
        "foo": 1
      }
    },
    "odd": {"type": "shape.smoth@1"},
    "level": {"type": "audio.level@1"}
  },
  "wires": [
    "level.zonk -> odd.value",
    "level.rms->ease.nope",
    "level.rms -> ease.value"
  ]
}
"""


def line_of(part: str) -> int:
    """Where a part of the spoiled patch stands, counted by hand."""
    return SPOILED[: SPOILED.index(part)].count("\n") + 1


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    path = tmp_path / "spoiled.json"
    path.write_text(SPOILED, "utf-8")
    return path


def test_a_sound_patch_is_ok(cli: Any, patch_file: Path) -> None:
    result = cli("check", patch_file)
    assert result.exit_code == 0
    assert result.stdout == f"{patch_file}: ok\n"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ('"time": 999', "outside 0.001 to 60"),
        ('"foo"', "no param foo"),
        ('"odd"', "did you mean shape.smooth?"),
        ('"level":', "needs a wire that brings audio"),
        ("level.zonk", "no outlet zonk"),
        ("level.rms->ease.nope", "no inlet or param nope"),
    ],
)
def test_every_problem_has_its_line(cli: Any, spoiled: Path, part: str, said: str) -> None:
    result = cli("check", spoiled)
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if said in line)
    assert line.startswith(f"{spoiled}:{line_of(part)}: ")


def test_all_files_are_looked_at_and_counted(
    cli: Any, spoiled: Path, patch_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"nodes": {"a": ')
    result = cli("check", spoiled, broken, patch_file, tmp_path / "none.json", tmp_path)
    assert result.exit_code == 1
    assert f"{patch_file}: ok" in result.stdout
    assert f"{broken}:1: " in result.stdout
    assert f"{tmp_path / 'none.json'}: is not a file" in result.stdout
    counted = len(result.stdout.splitlines()) - 1
    assert result.stderr == f"{counted} problems\n"


def test_json_says_the_same(cli: Any, spoiled: Path, patch_file: Path) -> None:
    told = json.loads(cli("check", "--json", spoiled, patch_file).stdout)
    assert told["ok"] is False
    first, second = told["patches"]
    assert [problem["line"] for problem in first["problems"]] == [7, 8, 11, 12, 15, 16]
    assert second == {"file": str(patch_file), "problems": []}


def test_a_broken_plugin_is_a_problem(cli: Any, patch_file: Path) -> None:
    folder = patch_file.parent / "plugins"
    folder.mkdir()
    (folder / "breaks.py").write_text("raise RuntimeError('no luck')")
    result = cli("check", patch_file)
    assert result.exit_code == 1
    assert "plugin breaks: RuntimeError: no luck" in result.stdout


def test_a_plugin_is_checked_by_itself(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("checked.py").write_text("from nodegraph import node\n@node\ndef f(): ...\n")
    Path("empty").mkdir()
    result = cli("check", "checked.py", ".", "empty", "none.py")
    said = "checked.py: plugin checked: line 2: f: wants an id: @node("
    assert [line.startswith(said) for line in result.stdout.splitlines()] == [True, True] + [
        False
    ] * 2
    assert "empty: has no plugin: check the name and the folder\nnone.py: has no" in result.stdout


def test_what_is_wrong_with_another_plugin_is_told_once(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodegraph.plugins.user_folder", lambda: tmp_path / "own")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "breaks_too.py").write_text("raise RuntimeError('no luck')")
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('none here')")
    result = cli("check", tmp_path / "one.py", tmp_path / "two.py")
    assert result.stdout.count("no luck") == 1
    assert result.stdout.count("none here") == 2


def test_a_broken_plugin_comes_before_what_it_causes(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "breaks_first.py").write_text("raise RuntimeError('no luck')")
    patch = tmp_path / "show.json"
    patch.write_text('{"nodegraph": 1, "nodes": {"n": {"type": "breaks.node@1"}}}', "utf-8")
    cause, effect = cli("check", patch).stdout.splitlines()
    assert "no luck" in cause
    assert "there is no node type breaks.node" in effect


def test_a_field_that_is_nearly_one_that_counts(cli: Any, tmp_path: Path) -> None:
    patch = tmp_path / "show.json"
    patch.write_text(
        """{"nodegraph": 1, "studio": "ours", "wire": [],
        "nodes": {"n": {"type": "generate.time@1",
                        "param": {"a": 1}, "colour": "red"}}}""",
        "utf-8",
    )
    assert cli("check", patch).stdout.splitlines() == [
        f"{patch}:1: wire: is read by nobody; did you mean wires?",
        f"{patch}:3: nodes.n.param: is read by nobody; did you mean params?",
    ]


def test_plan_is_python_with_a_step_for_each_node(cli: Any, patch_file: Path) -> None:
    for options in ([], ["--careful"]):
        result = cli("plan", patch_file, *options)
        assert result.exit_code == 0
        functions = [part.name for part in ast.parse(result.stdout).body if hasattr(part, "name")]
        assert all(name.startswith(("chunk_", "constants_", "settled_")) for name in functions)
        assert "chunk_0" in functions
        assert len(re.findall(r"# level: audio\.level@1", result.stdout)) == 1


def test_the_careful_plan_also_wakes_nodes(cli: Any, patch_file: Path) -> None:
    assert "wake[" not in cli("plan", patch_file).stdout
    assert "wake[" in cli("plan", patch_file, "--careful").stdout


def test_plan_of_a_spoiled_patch_names_the_problems(cli: Any, spoiled: Path) -> None:
    result = cli("plan", spoiled)
    assert result.exit_code == 1
    assert "no param foo" in result.stderr


def test_what_is_wrong_inside_a_definition_has_its_line_there(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "spoiled.json"
    path.write_text(SPOILED_INSIDE, "utf-8")
    lines = cli("check", path).stdout.splitlines()

    def told(part: str, text: str) -> None:
        line = SPOILED_INSIDE[: SPOILED_INSIDE.index(part)].count("\n") + 1
        assert [each for each in lines if each.startswith(f"{path}:{line}: ") and text in each]

    told('"mod": "mute"', "subpatches.ease.nodes.slow.mod: is read by nobody; did you mean mode?")
    told('"exposd"', "subpatches.ease.exposd: is read by nobody; did you mean exposed?")
    told('"in.out -> slow.zonk"', "subpatches.ease.wires: shape.smooth has no inlet or param zonk")
    told('"one": {', "nodes.one: subpatch.ease has no inlet or exposed param nope")
    assert len(lines) == 4


SPOILED_INSIDE = """{
  "nodegraph": 1,
  "nodes": {
    "level": {"type": "audio.level@1"},
    "one": {"type": "subpatch.ease@1"},
    "song": {"type": "audio.file@1"}
  },
  "wires": [
    "level.rms -> one.in",
    "level.rms -> one.nope",
    "song.audio -> level.audio"
  ],
  "subpatches": {
    "ease": {
      "exposd": {"time": "slow.time"},
      "nodes": {
        "in": {"type": "flow.inlet@1"},
        "out": {"type": "flow.outlet@1"},
        "slow": {"type": "shape.smooth@1", "mod": "mute"}
      },
      "wires": [
        "in.out -> slow.value",
        "in.out -> slow.zonk",
        "slow.out -> out.value"
      ]
    }
  }
}
"""


def test_themes_are_looked_at_in_patches_and_in_files(cli: Any, tmp_path: Path) -> None:
    patch = tmp_path / "show.json"
    patch.write_text(
        """{"nodegraph": 1,
        "nodes": {"look": {"type": "theme.preset@1",
                           "params": {"theme": "lakes"}}},
        "themes": {"lake": {"prompt": "a lake",
                            "ranges": {"noise_scale": {"low": 0.5,
                                                       "high": 7}}}}}""",
        "utf-8",
    )
    theme = tmp_path / "lake.theme.json"
    theme.write_text('{"nodegraph_theme": 1,\n"prompt": 1}', "utf-8")
    told = [
        line.removeprefix(f"{tmp_path}/") for line in cli("check", patch, theme).stdout.splitlines()
    ]
    assert told == [
        "show.json:3: nodes.look.params.theme: there is no theme 'lakes'; did you mean lake?; "
        "'astral' is used",
        "show.json:6: themes.lake.ranges.noise_scale.high: 7 is outside 0 to 1; 1 is used",
        "lake.theme.json:2: prompt: wants text, not 1",
    ]


MISREAD = {
    "bend": ("shape.curve@1", {"points": "0:0 x"}, "'x' is not a point"),
    "cues": ("prompt.schedule@1", {"script": "0:10 sea\n0:05 storm"}, "line 2: this does not come"),
    "list": ("theme.auto@1", {"names": "astral\nforj"}, "no theme 'forj'; did you mean forge?"),
    "sum": ("shape.expression@1", {"text": "a +"}, "column 1: invalid syntax"),
    "tale": ("story.script@1", {"script": "mood: tensed\nthe sea"}, "line 1: there is no mood"),
    "words": ("prompt.template@1", {"text": "a {x}", "banks": "y: z"}, "there is no bank 'x'"),
}


def test_a_text_that_its_node_cannot_read_is_told_with_its_line(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "texts.json"
    nodes = {id: {"type": type_, "params": params} for id, (type_, params, _) in MISREAD.items()}
    path.write_text(json.dumps({"nodegraph": 1, "nodes": nodes}, indent=1), "utf-8")
    lines = path.read_text("utf-8").splitlines()
    told = cli("check", path).stdout.splitlines()
    assert len(told) == len(MISREAD)
    for id, (_, params, said) in MISREAD.items():
        (fault,) = [line for line in told if f"nodes.{id}.params.{next(iter(params))}: " in line]
        assert said in fault
        assert f'"{next(iter(params))}"' in lines[int(fault.split(":")[1]) - 1]
