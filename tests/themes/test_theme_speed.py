"""A theme is dragged at 60 Hz: what an edit costs both processes, from the command to running."""

from __future__ import annotations

import time
from statistics import median

from kit import catalogue, engine, patch

from nodegraph.compiler import compile_patch
from nodegraph.compiler.flatten import flatten
from nodegraph.graph import Patch, SetTheme
from nodegraph.host.difference import difference
from nodegraph.host.document import Document
from nodegraph.runtime.shipping import Packer, Unpacker
from nodegraph.themes import data_of, shipped
from nodes.generate import lfo
from nodes.scope import output
from nodes.theme import preset, read

NODES = 30
LONGEST = 5e-3
"""Seconds of CPU."""


def played() -> Patch:
    """A theme that goes to Scope, among many nodes that have nothing to do with it."""
    nodes = {f"wave{n}": ("generate.lfo", {"rate": 0.1 * n + 0.1}) for n in range(NODES - 3)}
    nodes |= {"look": ("theme.preset", {"theme": "mine"})}
    wires = ["look.theme -> parts.theme", "parts.prompts -> scope.prompts"]
    made = patch({**nodes, "parts": "theme.read", "scope": "scope.output"}, wires)
    return made.evolve(themes={"mine": data_of(shipped()["forge"])})


def test_a_drag_of_a_theme_keeps_up_with_the_hand() -> None:
    types = catalogue(lfo, preset, read, output)
    document = Document(played())
    plan = compile_patch(document.patch, types)
    packer, unpacker = Packer(), Unpacker(types)
    run = engine(unpacker.unpack(packer.pack(plan)))
    taken = []
    for step in range(60):
        ranges = {"noise_scale": {"low": step / 100, "high": 0.9}}
        began = time.thread_time()
        edit = SetTheme("mine", {**document.patch.themes["mine"], "ranges": ranges})
        change = document.do(edit, "Edit the theme mine", 1)
        before, after = (flatten(each).patch for each in (change.before, change.after))
        assert difference(before, after, types, plan).structure
        plan = compile_patch(document.patch, types, before=plan)
        run.swap(run.prepare(unpacker.unpack(packer.pack(plan))))
        run.tick({})
        taken.append(time.thread_time() - began)
        assert run.value("parts.noise_low") == step / 100
    assert median(taken) < LONGEST
