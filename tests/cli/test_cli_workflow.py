"""`nodegraph export` and `nodegraph import`: patches to files of Scope's page and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph.graph import load

WORDS = {
    "nodegraph": 1,
    "name": "Two words",
    "nodes": {
        "out": {"type": "scope.output@1", "params": {"transition_steps": 6}},
        "words": {
            "type": "prompt.schedule@1",
            "params": {"script": "0:00 (8 linear) calm sea\n0:01.5 (cut) storm *0.7 | fog *0.3"},
        },
    },
    "wires": [
        "words.interpolation -> out.interpolation",
        "words.prompts -> out.prompts",
        "words.transition_steps -> out.transition_steps",
    ],
}
LOOKS = [
    (0, 1.504, 8, "linear", [("calm sea", 100)]),
    (1.504, 2.997, 0, "slerp", [("storm", 70), ("fog", 30)]),
]


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.json"
    path.write_text(json.dumps(WORDS), "utf-8")
    return path


def entries(path: Path) -> list[Any]:
    listed = json.loads(path.read_text("utf-8"))["timeline"]["entries"]
    return [
        (
            each["start_time"],
            each["end_time"],
            each["transition_steps"],
            each["temporal_interpolation_method"],
            [(prompt["text"], prompt["weight"]) for prompt in each["prompts"]],
        )
        for each in listed
    ]


def test_a_patch_there_and_back(cli: Any, words: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.scope-workflow.json"
    told = cli("export", words, "--duration", 3, "--out", file)
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout == f"{file}: 2 changes of prompts in 3.0 s\n"
    assert entries(file) == LOOKS
    assert json.loads(file.read_text("utf-8"))["metadata"]["name"] == "Two words"

    told = cli("import", file)
    assert told.exit_code == 0
    assert "it was made for the pipeline longlive: load that one" in told.stderr
    assert told.stdout.startswith(f"{tmp_path / 'two.json'}: 2 changes of prompts")
    made = load(tmp_path / "two.json")
    assert made.nodes["schedule"].params["script"] == (
        "0:00 (8 linear) calm sea\n0:01.504 (cut slerp) storm *0.7 | fog *0.3"
    )
    assert cli("check", tmp_path / "two.json").exit_code == 0

    again = tmp_path / "again.scope-workflow.json"
    assert cli("export", tmp_path / "two.json", "--duration", 3, "--out", again).exit_code == 0
    assert entries(again) == LOOKS


def test_a_trace_and_a_timeline(cli: Any, words: Path, sound: Path, tmp_path: Path) -> None:
    trace, file = tmp_path / "words.trace", tmp_path / "old.json"
    assert cli("render", words, sound, "--out", trace).exit_code == 0
    told = cli("export", trace, "--timeline", "--out", file, "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["entries"] == 2
    made = json.loads(file.read_text("utf-8"))
    assert made["version"] == "2.1"
    assert [each["transitionSteps"] for each in made["prompts"]] == [8, 0]
    told = cli("import", file, "--out", tmp_path / "back.json", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["entries"] == 2
    assert load(tmp_path / "back.json").name == "old"


def test_what_a_timeline_has_no_place_for_is_told(cli: Any, words: Path, tmp_path: Path) -> None:
    params = {"blend": "slerp"}
    nodes = {**WORDS["nodes"], "out": {"type": "scope.output@1", "params": params}}
    words.write_text(json.dumps({**WORDS, "nodes": nodes}), "utf-8")
    told = cli("export", words, "--duration", 2, "--timeline", "--out", tmp_path / "old.json")
    assert told.exit_code == 0
    assert "the blend slerp is not in the file: a Timeline 2.1 is linear" in told.stderr
    told = cli("export", words, "--duration", 2, "--out", tmp_path / "new.json")
    assert told.stderr == ""


def test_no_patch_is_written_over_unasked(cli: Any, words: Path, tmp_path: Path) -> None:
    file = tmp_path / "words.scope-workflow.json"
    assert cli("export", words, "--duration", 1, "--out", file).exit_code == 0
    told = cli("import", file)
    assert told.exit_code == 2
    assert "words.json is there already; say with --out" in told.stderr
    assert json.loads(words.read_text("utf-8")) == WORDS


def test_what_a_show_said_is_exported(cli: Any, words: Path, tmp_path: Path) -> None:
    trace, out = tmp_path / "night.trace", tmp_path / "night.scope-workflow.json"
    assert cli("run", words, "--stay", "--duration", 2, "--record", trace).exit_code == 0
    told = cli("export", trace, "--out", out)
    assert told.exit_code == 0, told.stderr
    workflow = json.loads(out.read_text("utf-8"))
    assert workflow["metadata"]["name"] == "night"
    assert workflow["timeline"]["entries"][0]["prompts"]
    nowhere = cli("run", words, "--record", tmp_path / "gone" / "x")
    assert nowhere.exit_code == 2
    assert "--record" in nowhere.stderr
    folder = cli("run", words, "--record", tmp_path)
    assert folder.exit_code == 2
    assert "is a folder, not a file; choose another --record" in folder.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "nothing.json", "--out", "x"], "nothing.json: is not there"),
        (["export", "WORDS", "--out", "x"], "nothing to hear; say how many seconds"),
        (["export", "WORDS", "--out", "x", "--pipeline", "dream"], "no pipeline 'dream' of its"),
        (["export", "TRACE", "--audio", "demo", "--out", "x"], "is a trace, rendered already"),
        (["export", "BROKEN", "--out", "x"], "is not a nodegraph trace"),
        (["export", "SILENT", "--duration", "1", "--out", "x"], "no prompts were sent to Scope"),
        (["import", "nothing.json"], "nothing.json: is not there"),
        (["import", "WORDS", "--out", "x"], "this is a patch already"),
        (["import", "BROKEN", "--out", "x"], "BROKEN:1: "),
        (["import", "."], "is a folder"),
    ],
)
def test_bad_input_is_a_sentence(
    cli: Any, words: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    silent = tmp_path / "silent.json"
    silent.write_text('{"nodegraph": 1, "nodes": {}}', "utf-8")
    broken, trace = tmp_path / "BROKEN", tmp_path / "words.trace"
    broken.write_bytes(b"\x00no\xff")
    if "TRACE" in arguments:
        assert cli("export", words, "--duration", 1, "--out", tmp_path / "w").exit_code == 0
        trace.write_bytes(_rendered(words))
    files = {"WORDS": words, "SILENT": silent, "BROKEN": broken, "TRACE": trace}
    told = cli(*(files.get(argument, argument) for argument in arguments))
    assert told.exit_code == 2
    assert said in told.stderr
    assert "Traceback" not in told.output
    assert not Path("x").exists()


def _rendered(path: Path) -> bytes:
    from nodegraph import render

    return render(path, duration=1.0).to_bytes()
