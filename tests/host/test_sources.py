"""The sources of a show: silence while one fails, back by itself, exchanged without a gap."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import BLOCK, RATE

from nodegraph.compiler.plan import SourceNeed
from nodegraph.errors import AudioError
from nodegraph.host.engine.transport import Playing
from nodegraph.host.keeper import Keeper
from nodegraph.host.sources import Sources, pack, unpack
from nodegraph.plugins import Catalogue


class Counter:
    """Gives blocks that all hold its number, until told to misbehave."""

    duration = None
    ended = False
    reopens = frozenset({"path"})

    def __init__(self, number: int, params: Mapping[str, object], channels: int = 1) -> None:
        self.number, self.params, self.channels = number, dict(params), channels
        self.bad: Any = None
        self.lost = ""
        self.closed = 0
        self.reads = 0
        self.threads: set[str] = set()

    def read(self, samples: int) -> Any:
        self.reads += 1
        if isinstance(self.bad, Exception):
            raise self.bad
        return (
            self.bad
            if self.bad is not None
            else np.full((samples, self.channels), self.number, np.float32)
        )

    def update(self, params: Mapping[str, object]) -> None:
        if params.get("refuse"):
            raise AudioError("it will not")
        self.params = dict(params)

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed += 1


class Live(Counter):
    live = True
    leads = True
    ready = True

    def wait(self, timeout: float) -> bool:
        if not self.ready:
            time.sleep(timeout)
        return self.ready


class Shop:
    """Opens counters, or refuses."""

    def __init__(self, made: type[Counter] = Counter) -> None:
        self.made = made
        self.opened: list[Counter] = []
        self.refuses = ""
        self.gate = threading.Event()
        self.gate.set()
        self.opening_threads: list[str] = []
        self.channels = 1

    def open(self, params: Mapping[str, object], rate: int, folder: Path) -> Any:
        self.opening_threads.append(threading.current_thread().name)
        assert self.gate.wait(5.0)
        if self.refuses:
            raise AudioError(self.refuses)
        self.opened.append(self.made(len(self.opened) + 1, params, self.channels))
        return self.opened[-1]


def need(node: str = "a", kind: str = "x", **params: object) -> SourceNeed:
    return SourceNeed(node, kind, params)


@contextmanager
def sources(shop: Shop, *needs: SourceNeed, **options: Any) -> Iterator[Sources]:
    catalogue = Catalogue(sources={"x": shop.open, "y": shop.open})
    with Sources(needs, catalogue, rate=RATE, folder=Path(), **options) as made:
        yield made


def heard(it: Sources, node: str = "a") -> float:
    """The number that is in the next block; 0 for silence."""
    it.wait(0.0)
    block = it.read(BLOCK)[node]
    assert block.dtype == np.float32
    assert block.shape[0] == BLOCK
    assert (block == block[0, 0]).all()
    return float(block[0, 0])


def until(holds: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


BAD = [
    ZeroDivisionError("guests"),
    AudioError("the disk is gone"),
    "text",
    np.zeros(BLOCK, np.float32),
    np.zeros((BLOCK, 1)),
    np.zeros((BLOCK - 1, 1), np.float32),
    np.full((BLOCK, 1), np.nan, np.float32),
    np.full((BLOCK, 1), np.inf, np.float32),
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_source_that_fails_is_silent_told_and_opened_again(bad: Any) -> None:
    shop = Shop()
    with sources(shop, need()) as it:
        assert heard(it) == 1
        shop.gate.clear()
        shop.opened[0].bad = bad
        assert heard(it) == 0
        (problem,) = it.problems
        assert problem.node == "a"
        assert "silence is held until it can be opened" in problem.text
        assert [heard(it) for _ in range(5)] == [0] * 5
        shop.gate.set()
        until(lambda: heard(it) == 2)
        assert it.problems == ()
        assert shop.opened[0].closed == 1
        assert shop.opening_threads[1] != threading.current_thread().name
    assert [one.closed for one in shop.opened] == [1, 1]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_strict_raises_instead(bad: Any) -> None:
    shop = Shop()
    with sources(shop, need(), strict=True) as it:
        shop.opened[0].bad = bad
        with pytest.raises(AudioError):
            it.read(BLOCK)
    assert shop.opened[0].closed == 1


def test_strict_opens_all_or_nothing() -> None:
    shop = Shop()
    with (
        pytest.raises(AudioError, match="no plugin brings sources of kind 'z'"),
        sources(shop, need(), need("b", "z"), strict=True),
    ):
        pass
    assert [one.closed for one in shop.opened] == [1]


def test_what_is_lost_is_reopened_with_other_channels_and_rests_in_its_own() -> None:
    shop = Shop(Live)
    shop.channels = 2
    with sources(shop, need()) as it:
        heard(it)
        shop.refuses, shop.channels = "not yet", 1
        shop.opened[0].lost = "the input 'Mic' (ALSA) is gone"
        assert heard(it) == 0
        assert it.read(BLOCK)["a"].shape == (BLOCK, 2)
        assert not it.live
        assert "'Mic' (ALSA) is gone: silence is held until" in it.problems[0].text
        until(lambda: len(shop.opening_threads) > 2)
        shop.refuses = ""
        until(lambda: heard(it) == 2)
        assert it.read(BLOCK)["a"].shape == (BLOCK, 1)
        assert it.live


def test_what_fails_again_and_again_is_tried_less_and_less() -> None:
    shop = Shop()
    shop.refuses = "no"
    with sources(shop, need()) as it:
        assert it.problems[0].text == "no; silence is held until it can be opened"
        started = time.monotonic()
        until(lambda: heard(it) or time.monotonic() - started > 1.0)
        assert 3 <= len(shop.opening_threads) <= 6


def test_opening_never_holds_a_tick_up() -> None:
    shop = Shop()
    with sources(shop, need()) as it:
        shop.gate.clear()
        shop.opened[0].bad = ValueError()
        worst = 0.0
        for _ in range(50):
            started = time.perf_counter()
            heard(it)
            worst = max(worst, time.perf_counter() - started)
            time.sleep(0.002)
        assert worst < 0.05
        shop.gate.set()


def test_a_plan_is_exchanged_and_what_stands_plays_on() -> None:
    shop = Shop()
    with sources(shop, need("a", path="1"), need("b", path="1")) as it:
        heard(it)
        new = it.prepare([need("a", path="1", gain=2.0), need("b", "y", path="1"), need("c")])
        assert len(shop.opened) == 4, "opened before it is heard"
        assert heard(it, "b") == 2, "and not yet heard"
        it.take(new)
        assert it.read(BLOCK).keys() == {"a", "b", "c"}
        assert [heard(it, node) for node in "abc"] == [1, 3, 4]
        assert shop.opened[0].params["gain"] == 2.0
        assert shop.opened[0].closed == 0
        until(lambda: shop.opened[1].closed)
        assert shop.opened[1].threads == {"close"}
        it.take(it.prepare([]))
        assert it.read(BLOCK) == {}
        until(lambda: all(one.closed == 1 for one in shop.opened))


def test_a_plan_that_is_not_taken_leaves_nothing_open() -> None:
    shop = Shop()
    with sources(shop, need()) as it:
        it.prepare([need(), need("b")]).close()
        assert [one.closed for one in shop.opened] == [0, 1]
        assert heard(it) == 1


def test_a_plan_prepared_for_another_moment_is_heard_too() -> None:
    shop = Shop()
    with sources(shop, need()) as it:
        late = it.prepare([need()])
        it.take(it.prepare([]))
        it.take(late)
        until(lambda: heard(it) == 2)


def test_params_are_followed_in_place_or_beside_what_plays() -> None:
    shop = Shop()
    with sources(shop, need(path="1", gain=0.0)) as it:
        it.update("a", {"gain": 3.0})
        assert shop.opened[0].params == {"path": "1", "gain": 3.0}
        shop.gate.clear()
        it.update("a", {"path": "2"})
        it.update("a", {"path": "3"})
        assert heard(it) == 1, "plays on meanwhile"
        shop.gate.set()
        until(lambda: heard(it) != 1)
        until(lambda: heard(it) and shop.opened[-1].params == {"path": "3", "gain": 3.0})
        until(lambda: [one.closed for one in shop.opened[:-1]] == [1] * (len(shop.opened) - 1))
        it.update("unknown", {"gain": 1.0})


def test_a_change_that_cannot_be_followed_is_told_and_what_plays_plays_on() -> None:
    shop = Shop()
    with sources(shop, need(path="1")) as it:
        it.update("a", {"refuse": True})
        assert it.problems[0].text == "it will not; until then it plays on as before"
        it.update("a", {"refuse": False})
        assert it.problems == ()
        shop.refuses = "2 does not exist"
        it.update("a", {"path": "2"})
        until(lambda: it.problems)
        assert it.problems[0].text == "2 does not exist; until then it plays on as before"
        assert heard(it) == 1
        shop.refuses = ""
        until(lambda: heard(it) == 2)
        assert it.problems == ()


def test_one_live_source_drives_the_clock_and_another_takes_over() -> None:
    shop = Shop(Live)
    with sources(shop, need("a"), need("b")) as it:
        first, second = shop.opened
        assert it.live
        assert (first.leads, second.leads) == (True, False)  # type: ignore[attr-defined]  # live
        first.ready = False  # type: ignore[attr-defined]  # live
        assert not it.wait(0.01)
        shop.refuses = "gone"
        first.lost = "it is gone"
        assert it.wait(0.01), "the second drives"
        heard(it)
        assert second.leads  # type: ignore[attr-defined]  # live
        shop.refuses = ""
        until(lambda: heard(it) == 3)
        assert (second.leads, shop.opened[2].leads) == (True, False)  # type: ignore[attr-defined]  # live
        it.follows = True
        assert not it.live
        assert not second.leads  # type: ignore[attr-defined]  # live


def test_nothing_live_needs_no_waiting() -> None:
    with sources(Shop(), need()) as it:
        assert not it.live
        assert it.wait(10.0)


def test_what_replaces_the_sound_is_shared_and_hears_no_params(tmp_path: Path) -> None:
    shop = Shop()
    samples = np.full((2 * BLOCK, 1), 0.5, np.float32)
    with sources(shop, need("a"), need("b"), instead=samples) as it:
        assert shop.opened == []
        it.update("a", {"path": "elsewhere"})
        both = it.read(BLOCK)
        assert both["a"] is both["b"]
        it.take(it.prepare([need("b"), need("c")]))
        assert it.read(BLOCK).keys() == {"b", "c"}
        assert it.ended
        assert it.duration == pytest.approx(2 * BLOCK / RATE)
        assert not it.read(BLOCK)["b"].any()
    with pytest.raises(AudioError, match=r"no_such\.wav"):
        Sources(
            [need()],
            Catalogue(sources={"file": _file}),
            rate=RATE,
            folder=tmp_path,
            instead=tmp_path / "no_such.wav",
        )


def _file(params: Mapping[str, object], rate: int, folder: Path) -> Any:
    from nodegraph.audio import open_file

    return open_file(params, rate, folder)


class Marked(Counter):
    """Counts what it is asked for, and can go on from there."""

    def read(self, samples: int) -> Any:
        self.number += 1
        return super().read(samples)

    @property
    def bookmark(self) -> Any:
        if isinstance(self.bad, Exception):
            raise self.bad
        return {"number": self.number}

    def resume(self, bookmark: Mapping[str, Any]) -> None:
        self.number = bookmark["number"]


def test_sources_go_on_from_bookmarks_and_those_that_cannot_begin_anew() -> None:
    shop = Shop(Marked)
    with sources(shop, need("a"), need("b")) as it:
        for _ in range(10):
            it.read(BLOCK)
        assert (heard(it, "a"), heard(it, "b")) == (12.0, 14.0)
        kept = unpack(pack(it.bookmarks))
        shop.opened[1].bad = ZeroDivisionError("guests")
        assert it.bookmarks.keys() == {"a"}
    assert kept == {"a": {"number": 13}, "b": {"number": 14}}
    with sources(Shop(Marked)) as it:
        it.take(it.prepare([need("a"), need("b"), need("c")], {**kept, "b": {"odd": 1}}))
        assert (heard(it, "a"), heard(it, "b"), heard(it, "c")) == (14.0, 4.0, 6.0)
        assert [problem.node for problem in it.problems] == ["b"]
        assert "cannot go on from where it was" in it.problems[0].text
    with sources(Shop()) as it:
        it.take(it.prepare([need("a")], kept))
        assert heard(it) == 1.0
        assert it.bookmarks == {}
        assert it.problems == ()


def test_bookmarks_that_cannot_travel_are_left_out() -> None:
    assert unpack(pack({"a": {"lock": threading.Lock()}})) == {}
    assert unpack(b"no pickle") == {}


def test_what_replaces_the_sound_goes_on_too(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "ramp.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.arange(10 * BLOCK, dtype="<i2").tobytes())
    options: Any = {
        "catalogue": Catalogue(sources={"file": _file}),
        "rate": RATE,
        "folder": tmp_path,
        "instead": tmp_path / "ramp.wav",
    }
    with Sources([need()], **options) as first, Sources([], **options) as second:
        first.read(3 * BLOCK)
        second.take(second.prepare([need("x")], first.bookmarks))
        np.testing.assert_array_equal(second.read(BLOCK)["x"], first.read(BLOCK)["a"])


def test_closing_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    shop = Shop()
    shop.refuses = "no"
    with sources(shop, need("a"), need("b")) as it:
        heard(it)
    until(lambda: threading.active_count() <= before)


class Placed(Counter):
    """Has places, and says where it is."""

    duration: Any = 60.0
    at: Any = 0.0

    @property
    def bookmark(self) -> dict[str, object]:
        return {"at": self.at}

    def resume(self, bookmark: Mapping[str, object]) -> None:
        self.at = bookmark["at"]


def keeping(source: Placed, opens: Callable[[], Placed] | None = None) -> Keeper:
    return Keeper({}, lambda params: opens() if opens else source, source)


def test_a_paused_source_stands_still_and_a_live_one_goes_on_unheard() -> None:
    still, live = Placed(1, {}), Live(2, {})
    keeper, other = keeping(still), Keeper({}, lambda params: live, live)
    keeper.paused = other.paused = True
    assert not keeper.read(8).any()
    assert not other.read(8).any()
    assert (still.reads, live.reads) == (0, 1)
    assert keeper.playing == Playing(0.0, 60.0, False, True)
    keeper.paused = False
    assert (keeper.read(8) == 1.0).all()


def test_a_place_is_opened_aside_and_the_last_word_counts() -> None:
    first, gate, made = Placed(1, {}), threading.Event(), list[Placed]()

    def open_again() -> Placed:
        gate.wait(5.0)
        made.append(Placed(2, {}))
        return made[-1]

    keeper = keeping(first, open_again)
    keeper.seek(10.0)
    keeper.seek(30.0)
    assert (keeper.read(8) == 1.0).all()  # meanwhile it plays on
    gate.set()
    end = time.monotonic() + 5.0
    while keeper.source is first and time.monotonic() < end:
        keeper.renew()
        time.sleep(0.01)
    assert keeper.playing.at == 30.0
    assert first.closed or time.monotonic() < end
    keeper.close()


def test_a_word_that_comes_as_a_place_is_reached_is_not_forgotten() -> None:
    threads: list[threading.Thread] = []

    class Reached(float):
        """Somebody seeks just as it is found that this is still where to go."""

        def __eq__(self, other: object) -> bool:
            if not threads:
                threads.append(threading.Thread(target=keeper.seek, args=(30.0,)))
                threads[0].start()
                threads[0].join(0.2)
            return self is other

        __hash__ = float.__hash__

    keeper = keeping(Placed(1, {}), lambda: Placed(2, {}))
    keeper.seek(Reached(10.0))
    end = time.monotonic() + 5.0
    while keeper.playing.at != 30.0 and time.monotonic() < end:
        keeper.renew()
        time.sleep(0.01)
    threads[0].join()
    assert keeper.playing.at == 30.0
    keeper.close()


def test_a_source_without_places_is_not_moved() -> None:
    only = Counter(1, {})
    keeper = Keeper({}, lambda params: Counter(2, params), only)
    keeper.seek(10.0)
    assert keeper.playing == Playing(None, None, False, False)
    assert keeper.source is only


def test_lost_sound_is_counted() -> None:
    source = Counter(1, {})
    source.overflows = 3  # type: ignore[attr-defined]  # what a device has
    assert keeping(source).playing.gaps == 3


@pytest.mark.parametrize("told", ["soon", float("nan"), np.float32(3.0), None, [1]])
def test_what_a_guest_says_of_times_is_not_taken_for_granted(told: Any) -> None:
    source = Placed(1, {})
    source.at = source.duration = told
    assert keeping(source).playing == Playing(None, None, False, False)
