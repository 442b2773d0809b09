"""The benchmark of the default patches: all that it plays is one patch, and a row says what is."""

from __future__ import annotations

from bench_themes import DEFAULT, GENTLE, Told, row, together

from nodegraph.compiler import compile_patch
from nodegraph.plugins import find


def test_all_that_is_played_is_one_patch_in_which_what_is_equal_runs_once() -> None:
    plan = compile_patch(together(), find().types)
    assert plan.problems == ()
    trackers = [step.id for step in plan.steps if step.type.id == "beat.tracker"]
    assert len(trackers) == 1
    assert len([step for step in plan.steps if step.type.id == "theme.steer"]) == 2 * len(DEFAULT)
    assert together().nodes[f"{GENTLE}demo_steer"].params["push"] == 0.2


def test_a_row_counts_what_is_met_and_names_the_worst() -> None:
    told = {"a": Told(True, 0.9), "b": None, "c": Told(False, 0.3), "d": Told(False, 0.1)}
    line = row("used", "demo", told)
    assert line.split() == [*["used", "demo", "1", "of", "3", "1", "d"], "0.10,", "c", "0.30"]
