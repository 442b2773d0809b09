"""The benchmark of the default patches: all that it plays is one patch, a row says what is, and two
runs are the same where a user would say so, and only there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from bench_themes import DEFAULT, GENTLE, Run, Told, apart, row, together

from nodegraph import Message, Prompt, Theme, Trace
from nodegraph.cli.listening import report
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


ASTRAL, FORGE = (Theme(name, name, name) for name in ("astral", "forge"))
Look = tuple[Theme, int]


def turns(now: float) -> Look:
    """Another look every 8 s, the other theme after 24 s."""
    return ASTRAL if now < 24.0 else FORGE, int(now / 8.0) % 2


def otherwise(*spans: tuple[float, float]) -> Callable[[float], Look]:
    """The same, but for some spans of seconds, in which it is the third look."""

    def look(now: float) -> Look:
        theme, number = turns(now)
        return theme, 2 if any(begin <= now < end for begin, end in spans) else number

    return look


def played(
    look: Callable[[float], Look] = turns,
    beats: float = 2.0,
    first: float = 2.0,
    push: float = 0.7,
    energy: float = 0.5,
) -> Run:
    """40 s in which a beat every so many seconds pushes another text into the look for 0.9 s."""
    times = np.arange(1, 2001) / 50.0
    looks = [look(now) for now in times]
    pushed = np.arange(first, 40.0, beats)
    messages, last = [], ()
    for n, (now, (theme, number)) in enumerate(zip(times, looks, strict=True)):
        accent = push if any(begin <= now < begin + 0.9 for begin in pushed) else 0.05
        names = (f"{theme.name} {number}", f"{theme.name} accent")
        prompts = tuple(map(Prompt, names, (1.0 - accent, accent)))
        if prompts != last:
            body = {"prompts": prompts, "transition_steps": 0}
            messages.append((n, Message("scope", body)))
        last = prompts
    themes = np.empty(len(looks), object)
    themes[:] = [theme for theme, _ in looks]
    columns = {
        "energy.out": np.full(len(looks), energy),
        "steer.look": np.array([float(number) for _, number in looks]),
        "steer.theme": themes,
    }
    kinds = {"energy.out": "number", "steer.look": "number", "steer.theme": "theme"}
    trace = Trace(50 * 512, 512, times, columns, kinds, tuple(messages))
    return Run(trace, report(trace, pushed))


SAME = {
    "itself": played,
    "a tick late": lambda: played(lambda now: turns(now - 0.05), first=2.05),
    "half a bar late": lambda: played(lambda now: turns(now - 0.9)),
    "one beat fewer": lambda: played(first=4.0),
    "one look another": lambda: played(otherwise((8.0, 17.0))),
}
ANOTHER = {
    "wilder": lambda: played(energy=0.7),
    "pushed less far": lambda: played(push=0.4),
    "not pushed": lambda: played(push=0.05),
    "every second beat gone": lambda: played(beats=4.0),
    "two looks others": lambda: played(otherwise((2.0, 8.0), (26.0, 32.0))),
    "one look stays": lambda: played(otherwise((8.0, 40.0))),
    "a theme that never comes": lambda: played(lambda now: (ASTRAL, turns(now)[1])),
    "themes in another order": lambda: played(
        lambda now: (FORGE if now < 24.0 else ASTRAL, turns(now)[1])
    ),
    "looks that flutter": lambda: played(
        otherwise(*((second, second + 2.0) for second in range(0, 40, 4)))
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_the_same_show_that_differs_by_one_event(name: str) -> None:
    usual, other = played(), SAME[name]()
    assert max(apart(usual, other), apart(other, usual)) <= 0.15


@pytest.mark.parametrize("name", ANOTHER)
def test_it_is_another_show_that_differs_by_more(name: str) -> None:
    usual, other = played(), ANOTHER[name]()
    assert min(apart(usual, other), apart(other, usual)) > 0.15
