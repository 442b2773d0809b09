"""Plugins: found by entry point and folder, and a broken one stops nobody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nodegraph.plugins import Catalogue, beside, find

ROOT = Path(__file__).parents[1]

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


@pytest.fixture(autouse=True)
def forget_modules() -> object:
    before = set(sys.modules)
    yield None
    for name in set(sys.modules) - before:
        if "/plugins/" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


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


def test_the_users_own_folder_is_searched_too(folder: Path) -> None:
    own = folder.parent / "config" / "nodegraph" / "plugins"
    own.mkdir(parents=True)
    (own / "mine.py").write_text(GOOD.format(plugin="mine"))
    if sys.platform != "linux":
        pytest.skip("the user's config folder is set by XDG_CONFIG_HOME on Linux only")
    assert "mine.twice" in find().types


BROKEN = {
    "raises.py": ("1 / 0", "ZeroDivisionError", "raises.py:1"),
    "exits.py": ("raise SystemExit(3)", "SystemExit", "exits.py:1"),
    "syntax.py": ("def (:", "SyntaxError", "syntax.py"),
    "missing.py": ("import no_such_module", "ModuleNotFoundError", "missing.py:1"),
    "nothing.py": ("x = 1", "it has no @hookimpl", "nothing.py"),
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
        "wrong.py:2: wrong.x",
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
    (problem,) = plugin_problems(catalogue)
    assert what in problem
    assert where in problem
    assert name.removesuffix(".py") in problem
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
