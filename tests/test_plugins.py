"""Plugins: found by entry point and folder, and a broken one stops nobody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from nodegraph.errors import AudioError
from nodegraph.plugins import Catalogue, beside, find, waiting
from nodegraph.plugins.importing import bring_back, forget

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.usefixtures("forget_plugins")

GOOD = '''
from nodegraph import hookimpl, inlet, node
@node("{plugin}.twice", outlets="out")
def twice(value: float = inlet(0.0)) -> float:
    """Double a number."""
    return 2.0 * value
@hookimpl
def register_nodes(register):
    register(twice)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = tmp_path / "plugins"
    made.mkdir()
    return made


def plugin_problems(catalogue: Catalogue) -> list[str]:
    return [str(problem) for problem in catalogue.problems]


def test_built_ins_come_by_the_same_door(folder: Path) -> None:
    catalogue = find(folder)
    assert plugin_problems(catalogue) == []
    assert catalogue.plugins["audio.file"] == "nodes"
    assert "file" in catalogue.sources


def test_modules_packages_and_projects_in_a_folder_are_plugins(folder: Path) -> None:
    (folder / "one.py").write_text(GOOD.format(plugin="one"))
    (folder / "two").mkdir()
    (folder / "two" / "__init__.py").write_text(GOOD.format(plugin="two"))
    shutil.copytree(ROOT / "plugins" / "acme-smooth", folder / "acme-smooth")
    catalogue = beside(folder.parent / "show.json")
    assert plugin_problems(catalogue) == []
    assert {"one.twice", "two.twice", "acme.smooth"} <= catalogue.types.keys()
    assert catalogue.plugins["acme.smooth"] == "acme_smooth"


def test_a_plugin_is_found_again_in_the_same_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "again.py").write_text(GOOD.format(plugin="again"))
    monkeypatch.chdir(folder.parent)
    for _ in range(2):
        catalogue = beside(Path("show.json"))
        assert plugin_problems(catalogue) == []
        assert "again.twice" in catalogue.types


def test_the_users_own_folder_is_searched_too(folder: Path) -> None:
    own = folder.parent / "config" / "nodegraph" / "plugins"
    own.mkdir(parents=True)
    (own / "mine.py").write_text(GOOD.format(plugin="mine"))
    if sys.platform != "linux":
        pytest.skip("the user's config folder is set by XDG_CONFIG_HOME on Linux only")
    assert "mine.twice" in find().types


BROKEN = {
    "raises.py": ("1 / 0", "ZeroDivisionError", "(line 1)"),
    "exits.py": ("raise SystemExit(3)", "SystemExit", "(line 1)"),
    "syntax.py": ("def (:", "SyntaxError", "(line 1)"),
    "missing.py": ("import no_such_module", "ModuleNotFoundError", "(line 1)"),
    "nothing.py": ("x = 1", "it has no @hookimpl", "nothing.py"),
    "silent.py": (
        "from nodegraph import hookimpl\n@hookimpl\ndef register_nodes(register):\n    return [1]",
        "it registered nothing",
        "silent.py",
    ),
    "typo.py": (
        "from nodegraph import hookimpl\n@hookimpl\ndef register_node(register): pass",
        "register_node",
        "typo.py",
    ),
    "plain.py": (
        "from nodegraph import hookimpl\n"
        "def f(): pass\n@hookimpl\ndef register_nodes(register):\n    register(f)",
        "is not a node type",
        "plain.py",
    ),
    "wrong.py": (
        "from nodegraph import hookimpl, node\n"
        "@node('wrong.x', outlets='out')\ndef x(value): return 1.0",
        "argument 'value' is neither",
        "plugin wrong: line 2: wrong.x",
    ),
    "twice.py": (
        GOOD.format(plugin="twice") + "    register(twice)\n",
        "registered twice",
        "twice.py",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_told_with_its_place_and_stops_nobody(folder: Path, name: str) -> None:
    text, what, where = BROKEN[name]
    (folder / name).write_text(text)
    (folder / "zgood.py").write_text(GOOD.format(plugin="zgood"))
    catalogue = find(folder)
    problems = plugin_problems(catalogue)
    assert any(what in problem and where in problem for problem in problems)
    assert all(name.removesuffix(".py") in problem for problem in problems)
    assert "zgood.twice" in catalogue.types
    assert f"{name.removesuffix('.py')}.x" not in catalogue.types


def test_the_first_to_register_an_id_keeps_it(folder: Path) -> None:
    (folder / "a.py").write_text(GOOD.format(plugin="same"))
    (folder / "b.py").write_text(GOOD.format(plugin="same"))
    (folder / "c.py").write_text(GOOD.format(plugin="audio").replace("audio.twice", "audio.file"))
    catalogue = find(folder)
    assert catalogue.plugins["same.twice"] == "a"
    assert catalogue.plugins["audio.file"] == "nodes"
    assert len(catalogue.problems) == 2
    assert all("is already registered by" in str(problem) for problem in catalogue.problems)


def test_a_project_without_entry_points_is_told(folder: Path) -> None:
    project = folder / "odd"
    project.mkdir()
    (project / "pyproject.toml").write_text("[project]\nname = 'odd'\n")
    (problem,) = plugin_problems(find(folder))
    assert "expected [project.entry-points.nodegraph]" in problem


@pytest.mark.parametrize("name", ["numpy", "random", "wave", "colorsys", "zipapp"])
def test_a_plugin_takes_no_name_from_another_module_loaded_or_not(folder: Path, name: str) -> None:
    loaded = sys.modules.pop(name, None) if name in ("wave", "colorsys", "zipapp") else None
    (folder / f"{name}.py").write_text(GOOD.format(plugin="mine"))
    catalogue = find(folder)
    (problem,) = plugin_problems(catalogue)
    assert f"a module named {name} is there already" in problem
    assert "mine.twice" not in catalogue.types
    assert not hasattr(import_module(name), "twice")
    if loaded:
        sys.modules[name] = loaded


PROJECT = """
[project.entry-points.nodegraph]
lights = "{entry}"
"""


@pytest.mark.parametrize("source", ["", "src"])
@pytest.mark.parametrize("entry", ["lights_plugin.all", "lights_plugin.all:plugin"])
def test_a_project_may_name_a_module_in_a_package_or_something_in_it(
    folder: Path, source: str, entry: str
) -> None:
    package = folder / "lights" / source / "lights_plugin"
    package.mkdir(parents=True)
    (folder / "lights" / "pyproject.toml").write_text(PROJECT.format(entry=entry))
    (package / "__init__.py").write_text("")
    (package / "twice.py").write_text(GOOD.format(plugin="lights"))
    (package / "all.py").write_text(
        "import sys\nfrom lights_plugin.twice import register_nodes\n"
        "from . import twice\nplugin = twice\n"
    )
    catalogue = find(folder)
    assert plugin_problems(catalogue) == []
    assert catalogue.plugins["lights.twice"] == "lights"


@pytest.mark.parametrize(
    "text",
    [
        b"project = 1",
        b"project = []",
        b"project = 'x'",
        b"[project]\nentry-points = 'x'",
        b"[project.entry-points]\nnodegraph = 'x'",
        b"\xff\xfe",
        b"[",
        *(
            PROJECT.format(entry=e).encode()
            for e in ("", ".", "..", "a b", "a:", "../x", "/", "1:2")
        ),
    ],
)
def test_a_project_that_says_nonsense_is_told(folder: Path, text: bytes) -> None:
    (folder / "odd").mkdir()
    (folder / "odd" / "pyproject.toml").write_bytes(text)
    (folder / "zgood.py").write_text(GOOD.format(plugin="zgood"))
    catalogue = find(folder)
    (problem,) = plugin_problems(catalogue)
    assert "pyproject.toml" in problem
    assert "zgood.twice" in catalogue.types


def test_links_that_go_in_circles_and_odd_files_are_passed_over(folder: Path) -> None:
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "up").symlink_to(folder.parent)
    (folder / "gone.py").symlink_to(folder / "nowhere")
    (folder / "dir.py").mkdir()
    (folder / "bytes.py").write_bytes(b"\x00\xff")
    (folder / "zgood.py").write_text(GOOD.format(plugin="zgood"))
    catalogue = find(folder)
    assert "zgood.twice" in catalogue.types
    assert [p.split(": plugin ")[1].split(":")[0] for p in plugin_problems(catalogue)] == [
        "bytes",
        "dir",
        "gone",
    ]


def test_a_folder_that_cannot_be_read_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "secret").mkdir()
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path.parent.name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    (problem,) = plugin_problems(find(folder))
    assert "Permission denied" in problem


def test_an_import_that_takes_long_is_told_with_its_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "LONG", 0.1)
    text = GOOD.format(plugin="late") + "import queue\nwait = queue.Queue().get\ntry:\n    "
    text += "wait(timeout=0.5)\nexcept queue.Empty:\n    pass\n"
    (folder / "late.py").write_text(text)
    line = text[: text.index("wait(")].count("\n") + 1
    assert "late.twice" in find(folder).types
    (told,) = (line for line in capsys.readouterr().err.splitlines() if "late.py" in line)
    assert f"its import is not done after 0 s; it is at {folder / 'late.py'}:{line}, in " in told
    assert "threading.py:" in told


def test_what_is_forgotten_is_imported_anew_and_can_be_brought_back(folder: Path) -> None:
    package = folder / "changed"
    package.mkdir()
    (package / "__init__.py").write_text("from changed.parts import register_nodes\n")
    (package / "parts.py").write_text(GOOD.format(plugin="changed"))
    place = str(package)
    before = find(folder).types["changed.twice"]
    assert find(folder).types["changed.twice"] is before
    (package / "parts.py").write_text(GOOD.format(plugin="changed").replace("2.0", "3.0"))
    modules = forget([place])
    assert sorted(modules) == ["changed", "changed.parts"]
    assert find(folder).types["changed.twice"].function(1.0) == 3.0
    bring_back([place], modules)
    assert find(folder).types["changed.twice"] is before


SOURCES = """
from nodegraph import hookimpl
def open_it(params, rate, folder):
    raise ZeroDivisionError("guests")
@hookimpl
def register_sources(register):
    register("{kind}", open_it)
"""


def test_a_kind_of_source_that_is_there_already_is_told(folder: Path) -> None:
    (folder / "a.py").write_text(SOURCES.format(kind="file"))
    (problem,) = plugin_problems(find(folder))
    assert "there are sources of kind 'file' already" in problem


def test_a_source_that_fails_in_its_own_way_is_a_sentence(folder: Path) -> None:
    (folder / "a.py").write_text(SOURCES.format(kind="mine"))
    with pytest.raises(AudioError, match="'mine' cannot be opened: ZeroDivisionError: guests"):
        find(folder).open_source("mine", {}, 48_000, folder)


@pytest.mark.slow
def test_the_example_plugin_installs_with_pip_and_is_found(tmp_path: Path) -> None:
    """A stranger's whole plugin: twelve lines and a pyproject.toml, installed with pip."""
    pytest.importorskip("hatchling", reason="building a wheel offline needs hatchling (extra: dev)")
    source = tmp_path / "source"
    shutil.copytree(ROOT / "plugins" / "acme-smooth", source)
    lines = (source / "acme_smooth.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 12
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--disable-pip-version-check", "--target", str(site), str(source)], check=True
    )
    patch = tmp_path / "show.json"
    patch.write_text(
        '{"nodegraph": 1, "nodes": {"a": {"type": "generate.constant@1"}, '
        '"s": {"type": "acme.smooth@1", "params": {"rise": 1.0}}}, "wires": ["a.out -> s.value"]}'
    )
    code = (
        "import sys, numpy as np, nodegraph\n"
        "silence = np.zeros(48000, np.float32)\n"
        f"trace = nodegraph.render({str(patch)!r}, silence, {{'a.value': 1.0}}, rate=48000)\n"
        "assert not trace.problems, trace.problems\n"
        "print(trace['s.out'][-1])"
    )
    paths = [str(site), str(ROOT)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert float(done.stdout) == pytest.approx(1 - 2.718281828 ** -(93 * 512 / 48000), rel=1e-3)
