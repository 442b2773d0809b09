"""Every folder in `plugins/` is a complete project whose nodes load and run."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from kit import patch

import nodegraph
from nodegraph.plugins import find

pytestmark = pytest.mark.usefixtures("forget_plugins")

FOLDER = Path(__file__).parents[1] / "plugins"
PROJECTS = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_project_names_its_entry_point_and_what_it_depends_on(project: Path) -> None:
    document = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    assert document["project"]["entry-points"]["nodegraph"]
    assert any(need.startswith("nodegraph") for need in document["project"]["dependencies"])


def test_they_all_load_from_the_folder_and_their_nodes_run() -> None:
    catalogue = find(FOLDER)
    assert catalogue.problems == ()
    types = [id for id in catalogue.types if id.startswith(("acme.", "motion."))]
    assert len(types) >= 4
    nodes = {id.replace(".", "_"): id for id in types}
    beat = {"lfo": ("generate.lfo", {"shape": "square", "rate": 2.0}), **nodes}
    made = patch(beat, [f"lfo.out -> {id}.value" for id in nodes])
    trace = nodegraph.render(made, duration=2.0, catalogue=catalogue, strict=True)
    assert all(trace[f"{id}.out"].std() > 0.01 for id in nodes)
