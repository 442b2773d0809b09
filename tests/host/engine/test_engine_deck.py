"""A deck changes plans at the right moment and hands everything over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kit import BLOCK, RATE, catalogue, patch

from nodegraph import Clock, inlet, node, param
from nodegraph.compiler import Plan, compile_patch
from nodegraph.graph import Patch
from nodegraph.host.engine.deck import LONGEST_WAIT, Begun
from nodegraph.host.engine.loop import Loop, Report
from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.engine.prepare import Preparer
from nodegraph.host.engine.protocol import DECKS, Begin, Install, Problems
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.engine.transport import Transport
from nodegraph.host.sources import Sources
from nodegraph.plugins import Catalogue
from nodegraph.runtime.shipping import Packer, Unpacker

BPM = 60.0 * RATE / BLOCK / 10  # ten ticks a beat


@node("deck.clock", outlets="clock", state=0)
def clock(
    state: int, bpm: float = param(BPM, "", 0.0, 10_000.0), meter: int = param(4, "", 1, 16)
) -> tuple[int, Clock]:
    """Ten ticks a beat, forty a bar."""
    return state + 1, Clock(bpm, (state + 1) / 10, meter, 1.0)


@node("deck.count", outlets="out", state=0)
def count(state: int, gain: float = param(1.0, "", 0.0, 100.0)) -> tuple[int, float]:
    """Count ticks."""
    return state + 1, (state + 1) * gain


@node("deck.hold", outlets="out")
def hold(value: float = inlet(0.0), by: float = param(0.0, "", 0.0, 100.0)) -> float:
    """Add."""
    return float(sum([value, by]))


@node("deck.fail", outlets="out")
def fail(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Fail if told to."""
    if armed:
        raise RuntimeError("not today")
    return value


TYPES = catalogue(clock, count, fail, hold)


class Hall:
    """One deck, its preparer, and what a host would send."""

    def __init__(self, folder: Path) -> None:
        begin = Begin(RATE, BLOCK, 0, None, "warn", wary=False)
        self.pulse = Pulse.create(folder / "pulse", DECKS)
        unpacker = Unpacker(TYPES)
        self.preparer = Preparer(
            "main", begin, Catalogue(TYPES), unpacker, folder / "engine-1", self.pulse
        )
        self.deck = self.preparer.deck
        self.packer = Packer()
        self.serial = 0
        self.plan: Plan | None = None

    def offer(self, made: Patch, **options: object) -> int:
        self.serial += 1
        self.plan = compile_patch(made, TYPES, before=self.plan)
        word = Install("main", self.serial, self.packer.pack(self.plan), "", **options)  # type: ignore[arg-type]  # tests pass what they like
        self.deck.offer(self.preparer.prepare(word))
        return self.serial

    def tick(self, times: int = 1) -> list[int]:
        """Run; gives the serials of the plans that each tick ran."""
        ran = []
        for _ in range(times):
            self.deck.settle()
            self.deck.tick()
            ran.append(self.deck.serial)
        return ran

    def value(self, port: str) -> object:
        return self.deck.engine.value(port)


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path)


MUSIC = patch({"clock": "deck.clock", "count": "deck.count"})
OTHER = patch({"clock": "deck.clock", "count": "deck.count", "hold": "deck.hold"})


@pytest.mark.parametrize(("when", "ticks"), [("now", 0), ("beat", 6), ("bar", 36)])
def test_the_tick_in_which_a_beat_falls_runs_the_new_plan(
    hall: Hall, when: str, ticks: int
) -> None:
    hall.offer(MUSIC)
    hall.tick(3)
    hall.offer(OTHER, when=when)
    ran = hall.tick(50)
    assert ran == [1] * ticks + [2] * (50 - ticks)
    assert hall.value("count.out") == 53.0
    assert hall.pulse.running("main") == 2


def test_without_a_tempo_nothing_waits(hall: Hall) -> None:
    hall.offer(patch({"count": "deck.count"}))
    hall.tick()
    hall.offer(MUSIC, when="bar")
    assert hall.tick() == [2]
    hall.deck.set([["clock", "bpm", 0.0]])
    hall.tick()
    hall.offer(OTHER, when="bar")
    assert hall.tick() == [3]


def test_a_beat_that_never_comes_is_not_waited_for_longer_than_it_should(hall: Hall) -> None:
    slow = {"clock": ("deck.clock", {"bpm": 0.001, "meter": 16}), "count": "deck.count"}
    hall.offer(patch(slow))
    hall.tick()
    for cell in hall.deck.engine.running.states:
        cell.cell_contents = 0
    hall.offer(OTHER, when="bar")
    most = round(LONGEST_WAIT * RATE / BLOCK)
    assert hall.tick(8) == [1] * 8
    hall.deck.engine.ticks += most - 8
    assert hall.tick() == [2]


def test_what_comes_at_once_takes_what_waits_along(hall: Hall) -> None:
    hall.offer(MUSIC)
    hall.tick(2)
    hall.offer(OTHER, when="bar")
    hall.tick()
    hall.offer(MUSIC)
    assert [begun.word.serial for begun in hall.deck.settle()] == [2, 3]
    hall.deck.tick()
    assert hall.value("count.out") == 4.0


def test_what_is_set_while_a_plan_waits_is_set_on_both(hall: Hall) -> None:
    hall.offer(MUSIC)
    hall.tick(2)
    hall.offer(OTHER, when="bar")
    assert hall.deck.set([["count", "gain", 10.0]]) == []
    hall.tick()
    assert hall.value("count.out") == 30.0
    hall.offer(OTHER)  # compiled without it: the host's newest word counts
    hall.tick()
    assert hall.value("count.out") == 4.0


def test_what_only_a_plan_can_set_is_said(hall: Hall) -> None:
    hall.offer(MUSIC)
    hall.tick()
    assert hall.deck.set([["nobody", "gain", 1.0], ["count", "gain", 2.0]]) == [
        ("nobody", "gain", 1.0)
    ]


def test_a_new_engine_goes_on_from_a_snapshot(hall: Hall, tmp_path: Path) -> None:
    hall.offer(MUSIC)
    hall.tick(30)
    state = hall.deck.engine.snapshot().pack()
    later = tmp_path / "later"
    later.mkdir()
    again = Hall(later)
    again.offer(OTHER, state=state, params=[["count", "gain", 2.0]], fresh=["clock"])
    again.tick()
    assert again.value("count.out") == 62.0
    assert again.value("clock.clock") == Clock(BPM, 0.1, 4, 1.0)
    assert again.deck.engine.ticks == 31


def test_another_patch_inherits_nothing(hall: Hall) -> None:
    hall.offer(MUSIC)
    hall.tick(30)
    hall.offer(MUSIC, anew=True)
    hall.tick()
    assert hall.value("count.out") == 1.0


def test_quarantine_lasts_until_it_is_lifted(hall: Hall) -> None:
    made = patch({"count": "deck.count", "hold": "deck.hold"}, ["count.out -> hold.value"])
    hall.offer(made, quarantined={"hold": "deck.hold on node hold hung"})
    hall.tick(5)
    assert hall.value("hold.out") == 0.0
    assert [str(problem) for problem in hall.deck.problems] == [
        "hold: deck.hold on node hold hung; it runs no more until it is edited"
    ]
    hall.offer(made, quarantined={"hold": "deck.hold on node hold hung"})
    hall.tick(5)
    assert hall.value("hold.out") == 0.0
    hall.offer(made)
    hall.tick()
    assert hall.value("hold.out") == 11.0
    assert hall.deck.problems == ()


def test_params_of_before_a_restart_do_not_lift_it(hall: Hall) -> None:
    made = patch({"count": "deck.count", "hold": "deck.hold"}, ["count.out -> hold.value"])
    hall.offer(made, quarantined={"hold": "it hung"}, params=[["hold", "by", 50.0]])
    hall.tick(3)
    assert hall.value("hold.out") == 0.0
    hall.deck.set([["hold", "by", 60.0]])  # this is an edit
    hall.tick()
    assert hall.value("hold.out") == 64.0


def test_an_outlet_is_born_with_the_tick_in_which_it_first_counts(hall: Hall) -> None:
    hall.offer(MUSIC)
    (begun,) = hall.deck.settle()
    first = hall.preparer.installed(begun)
    hall.tick(7)
    hall.offer(OTHER)
    (begun,) = hall.deck.settle()
    second = hall.preparer.installed(begun)
    assert second.columns["count.out"] == first.columns["count.out"]
    assert first.columns["count.out"].since == 0
    assert second.columns["hold.out"].since == 7
    assert first.ring == second.ring == "engine-1-main-1.ring"


def test_what_happens_is_told_in_its_order(hall: Hall) -> None:
    """A problem comes before the report that counts it, and after the plan that it is of."""
    loop = Loop([hall.deck], Outbox(lambda word: True), hall.pulse, BLOCK / RATE)

    def tick() -> None:
        loop._take_in(float("inf"))
        loop._tick()
        loop._tally.note(0.0, 0.0, 0.0, loop.dt)

    failing = patch({"count": "deck.count", "bad": ("deck.fail", {"armed": True})})
    with_another = patch(
        {"count": "deck.count", "bad": ("deck.fail", {"armed": True}), "hold": "deck.hold"}
    )
    for made in (MUSIC, failing, OTHER):
        hall.offer(made)
        tick()
    loop._report()
    hall.offer(failing)
    tick()
    loop._report()
    hall.offer(with_another)
    tick()
    told: list[object] = []
    for news in loop.news:
        match news:
            case Begun(word, _, faults):
                told.append((word.serial, dict(faults)))
            case Problems(_, problems):
                told.append([problem.node for problem in problems])
            case Report():
                told.append(news.faults["main"])
    assert told == [(1, {}), (2, {}), (3, {}), {}, (4, {}), ["bad"], {"bad": 1}, (5, {"bad": 1})]


def test_a_hand_on_the_transport_is_not_lost_while_a_plan_waits(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked of a source that is only about to be there reaches it, others at once."""
    heard: list[tuple[object, str]] = []
    monkeypatch.setattr(
        Sources, "transport", lambda self, word: heard.append((self, word.node)) or True
    )
    hall.offer(MUSIC)
    hall.tick()
    here = hall.deck.sources
    hall.offer(OTHER, anew=True)
    hall.deck.transport(Transport("main", "song", at=3.0))
    hall.tick()
    assert heard == [(here, "song"), (hall.deck.sources, "song")]
    hall.deck.transport(Transport("main", "song", paused=True))
    assert heard[2:] == [(hall.deck.sources, "song")]


def test_a_source_that_is_there_is_moved_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    there = {"song"}

    def transport(self: Sources, word: Transport) -> bool:
        heard.append(word.node)
        return word.node in there

    monkeypatch.setattr(Sources, "transport", transport)
    hall.offer(MUSIC)
    hall.tick()
    hall.offer(OTHER, when="bar")
    hall.deck.transport(Transport("main", "song", at=3.0))
    hall.deck.transport(Transport("main", "new", at=3.0))
    hall.tick(50)
    assert heard == ["song", "new", "new"]


def told_again(state: object) -> Callable[..., Any]:
    """The node type that counts with other code, and another first state."""

    @node("deck.count", outlets="out", state=state)
    def count(state: Any, gain: float = param(1.0, "", 0.0, 100.0)) -> tuple[Any, float]:
        """Count ticks, from a hundred on."""
        if isinstance(state, tuple):
            return (state[0] + 1,), state[0] + 1
        return state + 1, 100.0 + state + 1

    return count


@pytest.mark.parametrize(
    ("state", "begins"),
    [(0, 106.0), (0.0, 106.0), ((0,), 1.0)],
    ids=["the same", "as good", "another"],
)
def test_new_code_goes_on_with_what_the_old_remembered_if_it_can(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, state: object, begins: float
) -> None:
    hall.offer(OTHER)
    hall.tick(5)
    monkeypatch.setitem(TYPES, "deck.count", *catalogue(told_again(state)).values())
    hall.offer(OTHER)
    hall.tick()
    assert hall.value("count.out") == begins
    assert hall.deck.problems == ()


def test_what_new_code_cannot_take_is_forgotten_at_its_first_failure(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counting(length: int) -> Callable[..., Any]:
        @node("deck.count", outlets="out", state=None)
        def count(state: Any, gain: float = param(1.0, "", 0.0, 100.0)) -> tuple[Any, float]:
            """Count in the last of some numbers."""
            *_, last = state or (0,)
            assert len(state or range(length)) == length
            return (*range(length - 1), last + 1), last + 1.0

        return count

    monkeypatch.setitem(TYPES, "deck.count", *catalogue(counting(2)).values())
    hall.offer(OTHER)
    hall.tick(5)
    monkeypatch.setitem(TYPES, "deck.count", *catalogue(counting(3)).values())
    hall.offer(OTHER)
    hall.tick()
    assert [problem.node for problem in hall.deck.problems] == ["count"]
    hall.tick(3)
    assert hall.value("count.out") == 3.0
    assert hall.deck.problems == ()
