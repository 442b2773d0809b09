"""Messages come with the number of the step that made each, on quick ticks and on careful ones."""

from __future__ import annotations

import pytest
from kit import catalogue, engine, patch

from nodegraph import Message, node, param
from nodegraph.compiler import compile_patch


@node("t.every", outlets="message", state=0)
def every(state: int, ticks: int = param(1, "", 1, 100)) -> tuple[int, Message | None]:
    """Say something now and then."""
    return state + 1, None if state % ticks else Message("scope", {"after": ticks})


@pytest.mark.parametrize("careful", [False, True])
def test_each_message_has_its_node(careful: bool) -> None:
    made = patch({"b": ("t.every", {"ticks": 2}), "a": "t.every", "c": ("t.every", {"ticks": 3})})
    plan = compile_patch(made, catalogue(every))
    runs = engine(plan)
    runs.wary = careful
    told = []
    for _ in range(5):
        messages = runs.tick({})
        nodes = [plan.all_steps[number].id for number in runs.said.numbers]
        told.append([(it, m.body["after"]) for it, m in zip(nodes, messages, strict=True)])
    a, b, c = ("a", 1), ("b", 2), ("c", 3)
    assert list(map(sorted, told)) == [[a, b, c], [a], [a, b], [a, c], [a, b]]
