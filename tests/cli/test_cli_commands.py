"""Every verb: its help, its exit codes, and what it says to input that it cannot use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from typing import Any

import pytest
from kit import many

import nodegraph
from nodegraph.cli.app import VERBS, command

PYTHON = [sys.executable, "-W", "error"]
NODEGRAPH = [*PYTHON, "-m", "nodegraph"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example_that_names_the_verb(cli: Any, verb: str) -> None:
    result = cli(verb, "--help")
    assert result.exit_code == 0
    assert f"Example: nodegraph {verb}" in " ".join(result.stdout.split())


@pytest.mark.parametrize("verb", VERBS)
def test_the_options_of_an_example_exist(cli: Any, verb: str) -> None:
    listed = cli(verb, "--help").stdout
    options = [word for word in str(command(verb).epilog).split() if word.startswith("--")]
    assert all(option in listed for option in options)


def test_version(cli: Any) -> None:
    assert cli("--version").stdout == f"nodegraph {nodegraph.__version__}\n"


def test_no_verb_shows_all_verbs(cli: Any) -> None:
    shown = cli().output
    assert all(verb in shown for verb in VERBS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nothing.json"], "is not there"),
        (["run", "nothing"], "there is no patch 'nothing'"),
        (["run", "PATCH", "--audio", "nothing.wav"], "nothing.wav does not exist"),
        (["run", "PATCH", "--set", "fall=1"], "NODE.PARAM=VALUE"),
        (["run", "PATCH", "--set", "ease.fall"], "NODE.PARAM=VALUE"),
        (["run", "PATCH", "--set", "eaze.time=1"], "did you mean ease?"),
        (["run", "PATCH", "--set", "ease.tme=1"], "did you mean time?"),
        (["run", "PATCH", "--set", "ease.time=soon"], "wants a number"),
        (["run", "PATCH", "--duration", "0"], "seconds above 0"),
        (["run", "PATCH", "--duration", "nan"], "seconds above 0"),
        (["run", "PATCH", "--rate", "7"], "22050"),
        (["run", "PATCH", "--scope", "ftp://x"], "ftp://"),
        (["run", "."], "is a folder"),
        (["render", "PATCH", "nothing.wav", "--out", "x"], "nothing.wav does not exist"),
        (["render", "PATCH", "PATCH", "--out", "x"], "is not a sound file"),
        (["render", "PATCH", "demo", "--out", "no/x"], "no is not a folder"),
        (["render", "PATCH", "demo"], "--out"),
        (["trace", "nothing"], "is not there: check the name"),
        (["trace", "PATCH"], "is not a nodegraph trace"),
        (["plan", "nothing.json"], "is not there"),
        (["check"], "FILE"),
        (["demo", "--out", "no"], "no is not a folder"),
        (["demo", "--patch", "nothing"], "there is no patch 'nothing'"),
        (["simulate", "--port", "70000"], "65535"),
        (["simulate", "--host", "192.0.2.1"], "cannot listen there"),
        (["scope", "127.0.0.1:1", "loras", "frobnicate"], "wants nothing more"),
        (["scope", "127.0.0.1:1", "sing"], "is nothing to do with a server"),
        (["sing"], "No such command"),
        (["rendre"], "Did you mean 'render'"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    cli: Any, patch_file: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(patch_file.parent)
    given = [str(patch_file) if word == "PATCH" else word for word in arguments]
    result = cli(*given)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


def test_scope_reports_a_server_that_is_not_there(cli: Any) -> None:
    result = cli("scope", "127.0.0.1:1")
    assert result.exit_code == 1
    assert "Nothing answers at http://127.0.0.1:1" in result.stdout


def test_a_mistake_gives_a_traceback_only_with_debug(tmp_path: Path) -> None:
    wrong = ["plan", "nothing.json"]
    plain = subprocess.run([*NODEGRAPH, *wrong], cwd=tmp_path, capture_output=True, text=True)
    debug = subprocess.run(
        [*NODEGRAPH, "--debug", *wrong], cwd=tmp_path, capture_output=True, text=True
    )
    assert plain.stderr == "nodegraph: nothing.json: is not there: check the name and the folder\n"
    assert plain.returncode == 2
    assert "Traceback" in debug.stderr


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = [*NODEGRAPH, "nodes", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


HEAVY = (
    *("PIL", "aiortc", "av", "httpx", "matplotlib", "pydantic", "rich", "scipy"),
    *("sounddevice", "starlette", "uvicorn", *(f"nodegraph.cli.{verb}" for verb in VERBS)),
)
"""What takes long to import, and the verbs themselves."""


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--version"], []),
        (["tell"], []),
        (["check", "--json", "PATCH"], []),
        (["nodes", "--json"], ["rich"]),
        (["render", "PATCH", "SOUND", "--out", "TRACE"], ["av"]),
    ],
)
def test_a_verb_imports_what_it_needs(
    arguments: list[str], needed: list[str], patch_file: Path, sound: Path, tmp_path: Path
) -> None:
    places = {"PATCH": patch_file, "SOUND": sound, "TRACE": tmp_path / "out.trace"}
    code = f"""
import sys
from nodegraph.cli import main
try:
    main()
finally:
    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""
    words = [str(places.get(word, word)) for word in arguments]
    run = subprocess.run([*PYTHON, "-c", code, *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    verb = [f"nodegraph.cli.{word}" for word in words[:1] if word in VERBS]
    assert set(literal_eval(run.stderr.splitlines()[-1])) == {*needed, *verb}


def test_an_interrupt_before_a_verb_begins_is_quiet() -> None:
    code = """
import sys
class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from nodegraph.cli import main
main()
"""
    run = subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


@pytest.mark.slow
def test_start_up_takes_a_few_times_as_long_as_numpy(patch_file: Path) -> None:
    resource = pytest.importorskip("resource")

    def seconds(*command: str) -> float:
        """Of CPU, at best."""
        found = []
        for _ in range(many(3, 5)):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(found)

    unit = seconds("-c", "import numpy")
    assert seconds("-m", "nodegraph", "--help") < 4.0 * unit
    assert seconds("-m", "nodegraph", "check", str(patch_file)) < 5.0 * unit


def test_any_encoding_can_be_written_to(tmp_path: Path) -> None:
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for more in ([], ["--json"]):
        page = [*NODEGRAPH, "nodes", "generate.noise", *more]
        shown = subprocess.run(page, cwd=tmp_path, capture_output=True, env=ascii_only, check=True)
        assert shown.stderr == b""
        assert b"Perlin" in shown.stdout
    assert "6t⁵" in json.loads(shown.stdout)["doc"]


def test_a_closed_output_is_no_error(tmp_path: Path) -> None:
    closed = "import os, runpy, sys; sys.stdout = None; sys.argv = ['nodegraph', 'nodes'];"
    code = f"{closed} runpy.run_module('nodegraph', run_name='__main__')"
    run = subprocess.run([*PYTHON, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.slow
def test_a_full_disk_is_named_in_words(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [*NODEGRAPH, "nodes"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert run.stderr == "nodegraph: No space left on device\n"
    assert run.returncode == 2
    out = ["render", "pulse", "demo", "--duration", "0.1", "--out", "/dev/full"]
    run = subprocess.run([*NODEGRAPH, *out], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert run.stderr == "nodegraph: /dev/full cannot be written: No space left on device\n"


def test_what_fails_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "fails.py").write_text(FAILS)
    (tmp_path / "show.json").write_text('{"nodegraph": 1, "nodes": {"n": {"type": "fails.now@1"}}}')
    out = ["render", "show.json", "demo", "--duration", "0.1", "--out", "show.trace"]
    run = subprocess.run([*NODEGRAPH, *out], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.count("ZeroDivisionError") == 1


FAILS = '''
from nodegraph import hookimpl, node

@node("fails.now", outlets="out", output=True)
def now(dt: float) -> float:
    """Fail."""
    return dt / 0

@hookimpl
def register_nodes(register):
    register(now)
'''
