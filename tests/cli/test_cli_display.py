"""The live display: what it shows of a status, and that it shows it as it is."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from nodegraph.cli import meters
from nodegraph.cli.meters import bar, display, face, plain_line
from nodegraph.cli.terminal import printable
from nodegraph.errors import Problem
from nodegraph.host.status import Status
from nodegraph.scope.link_stats import LinkStats
from nodegraph.values import Clock, Prompt, Theme
from nodegraph.words import words

LINK = LinkStats("live", "longlive at x.", ("longlive",), 19.8, 420, 0.1, 70, 33, 37, 0.6, 1)
STATUS = Status(
    level=0.1,
    peak=0.5,
    bpm=128.0,
    phase=0.5,
    confidence=0.9,
    beat=True,
    theme="[bold]Astral",
    names={"main": "Show [1]"},
    fade=0.25,
    probes={"kick [dB]": 0.25},
    seconds=65.0,
    duration=190.0,
    ticks=6093,
    overruns=2,
    load=0.12,
    restarts=0,
    sent={"noise_scale": 0.5, "prompts": (Prompt("a \x1b[31mred\nsea", 1.0),)},
    messages=70,
    link=LINK,
    problems=(Problem("rests", node="ease"),),
)


def shown(what: RenderableType, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


@pytest.mark.parametrize(
    "part",
    [
        "Show [1]   1:05 / 3:10",
        "-20.0 dB   peak 0.50",
        "128.0 bpm",
        "sure 90%",
        "[bold]Astral",
        "12%  2 overruns",
        "kick [dB]  ██████··················  0.250",
        "live  19.8 fps  420 frames  33 sent",
        "a \ufffd[31mred sea",
        "ease: rests",
    ],
)
def test_everything_is_at_a_glance(part: str) -> None:
    assert part in shown(face(STATUS))


def test_a_narrow_terminal_loses_no_row_and_no_label() -> None:
    lines = shown(face(STATUS), width=40).splitlines()
    assert len(lines) == len(shown(face(STATUS), width=200).splitlines())
    assert max(map(cell_len, lines)) <= 40
    assert any(line.strip().startswith("noise_scale") for line in lines)


def test_what_is_not_there_is_not_made_up() -> None:
    nothing = replace(STATUS, bpm=None, phase=None, theme=None, link=None, level=0.0, duration=None)
    text = shown(face(nothing))
    assert "no tempo" in text
    assert "theme" not in text
    assert "no server; 70 messages" in text
    assert "-120.0 dB" in text
    assert "Show [1]   1:05 " in text


def test_two_decks_have_a_fader_between_them() -> None:
    both = replace(STATUS, names={"main": "opening", "next": "encore"})
    assert "opening  ██······  encore   1:05 / 3:10" in shown(face(both))


def test_a_sound_that_goes_round_has_no_end() -> None:
    head = shown(face(replace(STATUS, seconds=200.0))).splitlines()[0]
    assert head.strip() == "Show [1]   3:20"


def test_replaced_engines_are_counted() -> None:
    assert "replaced" not in shown(face(STATUS))
    assert "2 overruns  1 engine replaced" in shown(face(replace(STATUS, restarts=1)))
    assert "2 overruns  3 engines replaced" in shown(face(replace(STATUS, restarts=3)))


def test_a_small_terminal_shows_the_problems_rather_than_all_that_was_sent() -> None:
    sent = {f"value_{n:02}": 0.5 for n in range(30)}
    lines = shown(face(replace(STATUS, sent=sent))).splitlines()
    assert next(n for n, line in enumerate(lines) if "ease: rests" in line) < 10
    bars = {line.index("█") for line in lines if "█" in line and "bpm" not in line}
    assert len(bars) == 1  # above the problems as below


def test_a_terminal_that_is_closed_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with display(console) as report:
        report(STATUS)

        def refuse(*_: object) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(console, "print", refuse)
        monkeypatch.setattr(console.file, "write", refuse)
        report(STATUS)


def test_many_problems_are_cut_short() -> None:
    many = replace(STATUS, problems=tuple(Problem(f"number {n}") for n in range(9)))
    text = shown(face(many))
    assert "number 4" in text
    assert "number 5" not in text
    assert "and 4 more" in text


@given(st.floats(-1, 2), st.integers(1, 60))
def test_a_bar_is_as_wide_as_asked_and_as_full_as_its_share(share: float, width: int) -> None:
    made = bar(share, width).plain
    assert cell_len(made) == width
    full = made.count("█")
    assert full <= min(max(share, 0.0), 1.0) * width + 1 / 16 + 1e-9
    assert full + 1 >= min(max(share, 0.0), 1.0) * width - 1 / 16


def test_without_a_terminal_there_is_a_line_each_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=200)
    now = 100.0
    monkeypatch.setattr(meters, "monotonic", lambda: now)
    with display(console) as report, console.capture() as captured:
        for tenth in range(161):
            now = 100.0 + tenth / 10
            heard = now - 0.1 if tenth < 120 else now - 112.1  # another deck is heard from there
            slow = Problem(f"takes 2{tenth}.5 ms of a tick", node="ease")
            report(replace(STATUS, seconds=heard, problems=(slow,)))
    times = [line.split()[0] for line in captured.get().splitlines()]
    assert times == ["ease:", "1:45", "1:50", "0:03"]


def test_a_plain_line_has_the_essentials() -> None:
    assert plain_line(STATUS) == (
        "1:05  6093 ticks, 2 overruns, 128.0 bpm, [bold]Astral, 70 messages, "
        "scope live, 420 frames, 19.8 fps, problem: ease: rests"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (True, "yes"),
        (3, "3"),
        ("calm", "calm"),
        ((Prompt("calm"),), "calm"),
        ((Prompt("calm", 0.7), Prompt("storm", 0.3)), "calm 0.7 + storm 0.3"),
        ((), ""),
        ([1000, 500], "1000, 500"),
        (Clock(128.0, 4.25), "128.0 bpm, beat 4.25"),
        (Theme("a", "Astral", "stars"), "Astral"),
    ],
)
def test_values_in_words(value: object, text: str) -> None:
    assert words(value) == text


@given(st.text())
def test_nothing_printable_steers_the_terminal(text: str) -> None:
    made = printable(text)
    assert made.isprintable()
    assert len(made) == len(text)


def test_without_a_terminal_a_problem_is_told_at_once_and_once() -> None:
    written = io.StringIO()
    with display(Console(file=written, width=200)) as report:
        for seconds in (0.1, 0.2):
            report(replace(STATUS, seconds=seconds))
    assert written.getvalue() == "ease: rests\n"
