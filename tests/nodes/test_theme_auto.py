"""Going from theme to theme: on the beat that was said, in the order that was said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph import Clock, Rng
from nodegraph.themes import shipped
from nodes.theme_auto import Turn, auto

Run = Callable[..., list[tuple[Any, ...]]]
PER_SECOND = 93.75
THREE = "forge\nastral\nocean"


def clocks(bpm: float, seconds: float, start: float = 0.0) -> list[Clock]:
    return [
        Clock(bpm, start + bpm / 60.0 * (n + 1) / PER_SECOND, 4, 1.0)
        for n in range(round(seconds * PER_SECOND))
    ]


def changes(results: list[tuple[Any, ...]]) -> list[tuple[float, str]]:
    """The seconds at which another theme came, and its name."""
    return [((n + 1) / PER_SECOND, name) for n, (_, name, changed) in enumerate(results) if changed]


def test_the_next_theme_comes_every_so_many_beats(run: Run) -> None:
    ticks = [{"clock": clock} for clock in clocks(120.0, 40.0)]
    found = changes(run(auto, ticks, names=THREE, every=16))
    expected = [(8.0, "astral"), (16.0, "ocean"), (24.0, "forge"), (32.0, "astral")]
    assert [name for _, name in found][:4] == [name for _, name in expected]
    assert [at for at, _ in found][:4] == pytest.approx([at for at, _ in expected], abs=0.02)


def test_the_first_of_the_list_is_first(run: Run) -> None:
    ((theme, name, changed),) = run(auto, [{}], names=THREE)
    assert (theme, name, changed) == (shipped()["forge"], "forge", False)
    assert run(auto, [{}])[0][1] == next(iter(shipped()))


@settings(max_examples=many(12, 300), deadline=None)
@given(
    st.lists(st.sampled_from([0.5, 2.0, 0.97, 1.03, 1.0, 1.0]), min_size=40, max_size=40),
    st.lists(st.sampled_from([0, 0, 0, 0, -4, -1, 4, 40]), min_size=40, max_size=40),
)
def test_no_estimate_of_the_tempo_brings_it_early_or_skips_it(
    run: Run, wrong: list[float], leaps: list[int]
) -> None:
    """The clock's tempo is wrong by halves and doubles, its count is set anew, as trackers do: one
    beat is one beat, and the theme changes with the first bar after the 16th."""
    position, ticks, beats = 0.0, [], []
    for n in range(round(40 * PER_SECOND)):
        second = n // round(PER_SECOND)
        before = position
        position += 2.0 / PER_SECOND
        if n % round(PER_SECOND) == 50:
            position += leaps[second]
        elif int(position) > int(before):
            beats.append(n)
        ticks.append({"clock": Clock(120.0 * wrong[second], position, 4, 1.0)})
    found = [n for n, (_, _, changed) in enumerate(run(auto, ticks, every=16)) if changed]
    at = [0, *found]
    for one, other in pairwise(at):
        counted = sum(one < beat <= other for beat in beats)
        assert counted + 1 >= 16
    assert len(found) <= len(beats) / 16 + 1
    assert len(found) >= 1, "it never stops to change"


def test_whole_bars_end_with_a_bar(run: Run) -> None:
    ticks = [{"clock": clock} for clock in clocks(120.0, 20.0, start=2.0)]
    results = run(auto, ticks, names=THREE, every=8)
    for (_, _, changed), tick in zip(results, ticks, strict=True):
        if changed:
            assert tick["clock"].beats % 4 < 0.05
    assert len(changes(results)) >= 3


def test_nothing_comes_by_itself_without_a_tempo_or_with_every_at_0(run: Run) -> None:
    still = [{"clock": Clock(0.0, 3.0)} for _ in range(2000)]
    assert changes(run(auto, still, every=1)) == []
    beating = [{"clock": clock} for clock in clocks(120.0, 20.0)]
    assert changes(run(auto, beating, every=0)) == []
    assert changes(run(auto, [{} for _ in range(2000)], every=1)) == []


def test_a_section_or_a_hand_brings_the_next_one(run: Run) -> None:
    ticks = [{"next": n in (50, 60, 90)} for n in range(100)]
    assert [name for _, name in changes(run(auto, ticks, names=THREE))] == [
        "astral",
        "ocean",
        "forge",
    ]


def test_a_hand_begins_the_count_anew(run: Run) -> None:
    ticks = [{"clock": clock, "next": n == 375} for n, clock in enumerate(clocks(120.0, 14.0))]
    at = [at for at, _ in changes(run(auto, ticks, every=16))]
    assert at == pytest.approx([4.01, 12.0], abs=0.02)


def test_shuffle_plays_all_before_one_again(run: Run) -> None:
    ticks = [{"next": True} for _ in range(45)]
    names = [name for _, name, _ in run(auto, ticks, order="shuffle", seed=3)]
    count = len(shipped())
    for start in range(0, 45, count):
        assert len(set(names[start : start + count])) == count
    assert names != [name for _, name, _ in run(auto, ticks, order="shuffle", seed=4)]


def test_by_energy_the_mean_since_the_last_change_chooses(run: Run) -> None:
    def ticks() -> Iterator[dict[str, object]]:
        for n in range(500):
            energy = {0: 0.1, 1: 0.9, 2: 0.5}.get(n // 100, 0.0)
            yield {"energy": energy, "next": n % 100 == 99}

    names = [name for _, name, _ in run(auto, ticks(), names=THREE, order="energy")]
    assert [names[n] for n in (98, 150, 250, 350, 499)] == [
        "forge",
        "forge",
        "ocean",
        "astral",
        "forge",
    ]


def test_a_name_that_no_theme_has_is_a_sentence(run: Run) -> None:
    with pytest.raises(LookupError, match="there is no theme 'forgee'; did you mean forge"):
        run(auto, [{}], names="astral\nforgee")
    with pytest.raises(LookupError, match="there is no theme 'zzz'; there are "):
        run(auto, [{}], names="zzz")


def test_a_shorter_list_while_it_plays_is_no_accident() -> None:
    rng = Rng(0, "auto").at(0)
    _, theme, name, changed = auto(Turn(place=2), 0.01, rng, shipped(), names="astral")
    assert (theme, name, changed) == (shipped()["astral"], "astral", False)
