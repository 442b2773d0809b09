"""A band in pixels: places and values are each other's reverse, and a drag stays in the ranges."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import numpy as np
import pytest
from editor.drawn import built_in
from hypothesis import assume, given
from hypothesis import strategies as st

from nodegraph import Trigger, Vector, inlet, node, outlet, param
from nodegraph.editor.band import Band, Grip, Setting, band_of
from nodegraph.editor.band_charts import Charts, levels_for
from nodegraph.editor.band_curves import PIECE, ages_of, columns, line_of
from nodegraph.editor.band_drag import Grab, moved
from nodegraph.nodetype import Param
from nodegraph.spec import type_of


def band_level() -> Band:
    found = band_of(built_in()["audio.band_level"])
    assert found is not None
    return found


BAND = band_level()
WIDTHS = st.sampled_from([200.0, 286.0, 520.0, 900.0])
SETTINGS = st.builds(
    Setting,
    low=st.floats(10.0, 400.0),
    high=st.floats(500.0, 24000.0),
    threshold=st.floats(0.001, 1.0),
    hysteresis=st.floats(0.0, 0.99),
    cooldown=st.floats(0.0, 10.0),
)
PIXELS = st.floats(-2000.0, 2000.0)


def charts(width: float = 286.0, setting: Setting | None = None) -> Charts:
    threshold = setting.threshold if setting else 0.05
    return Charts.within(BAND, width, levels_for(BAND, 0.2, threshold))


# Which nodes have one.


def test_a_type_that_listens_to_a_range_is_known_by_its_params() -> None:
    assert (BAND.spectrum, BAND.level, BAND.hit) == ("magnitude", "level", "hit")
    assert BAND.hysteresis is not None
    assert BAND.cooldown is not None
    others = {id for id, type_ in built_in().items() if band_of(type_)} - {"audio.band_level"}
    assert others == set()


def test_a_strangers_type_may_do_without_hysteresis_cooldown_and_hits() -> None:
    @node("acme.hum", outlets=[outlet("loud", "", 0.0, 1.0)])
    def hum(
        bins: Vector = inlet(),
        low: float = param(40.0, "Hz", 20.0, 200.0),
        high: float = param(60.0, "Hz", 20.0, 200.0),
        threshold: float = param(0.5, "", 0.0, 2.0),
        hysteresis: float = param(6.0, "dB", 0.0, 60.0),
    ) -> float:
        """Hum."""
        return 0.0

    found = band_of(type_of(hum))
    assert found is not None
    assert (found.spectrum, found.level, found.hit) == ("bins", "loud", "")
    assert found.hysteresis is found.cooldown is None
    assert levels_for(found, 0.1, 0.5) == (0.0, 2.0)
    made = Charts.within(found, 300.0, (0.0, 2.0))
    assert made.y_of(1.0) == pytest.approx(made.past.middle[1])
    assert made.level_at(made.y_of(0.5)) == 0.5


def test_params_that_mean_something_else_make_no_band() -> None:
    @node("acme.window", outlets="hit")
    def window(
        value: float = inlet(0.0),
        low: float = param(0.1, "", 0.0, 1.0),
        high: float = param(0.9, "", 0.0, 1.0),
        threshold: float = param(0.5, "", 0.0, 1.0),
    ) -> Trigger:
        """Not of frequencies."""
        return False

    assert band_of(type_of(window)) is None


# Places.


@given(hz=st.floats(10.0, 24000.0), width=WIDTHS)
def test_a_frequency_is_where_it_is_found(hz: float, width: float) -> None:
    made = charts(width)
    assert made.hz_at(made.x_of(hz)) == pytest.approx(hz, rel=1e-6)
    assert made.spectrum.left <= made.x_of(hz) <= made.spectrum.right + 1e-9


def test_octaves_are_equally_wide() -> None:
    made = charts()
    steps = np.diff([made.x_of(20.0 * 2**n) for n in range(10)])
    assert steps == pytest.approx(steps[0])


@given(threshold=st.floats(0.0001, 1.0), peak=st.floats(0.0, 1.0))
def test_the_threshold_is_always_in_the_chart(threshold: float, peak: float) -> None:
    made = Charts.within(BAND, 286.0, levels_for(BAND, peak, threshold))
    low, high = made.levels
    assert 0.0 < low <= threshold <= high
    assert peak <= high
    assert made.level_at(made.y_of(threshold)) == pytest.approx(threshold, rel=0.006)


@given(st.lists(st.floats(0.01, 0.06), min_size=1, max_size=20))
def test_the_axis_stands_still_while_it_does(peaks: list[float]) -> None:
    first = now = levels_for(BAND, 0.06, 0.02)
    for peak in peaks:
        now = levels_for(BAND, peak, 0.02, now)
        assert now == first
    assert levels_for(BAND, 0.5, 0.02, now)[1] == 1.0


# What a hand takes.


def test_what_lies_under_the_mouse() -> None:
    made, setting = charts(), Setting(35.0, 1100.0, 0.05, 0.5, 0.2)
    left, right = made.x_of(35.0), made.x_of(1100.0)
    middle = made.spectrum.middle[1]
    assert made.hit(left - 4, middle, setting) == "low"
    assert made.hit(left + 4, middle, setting) == "low"
    assert made.hit(right + 4, middle, setting) == "high"
    assert made.hit((left + right) / 2, middle, setting) == "band"
    assert made.hit(right + 40, middle, setting) is None
    x = made.past.middle[0]
    assert made.hit(x, made.y_of(0.05) - 4, setting) == "threshold"
    assert made.hit(x, made.y_of(0.025) + 4, setting) == "hysteresis"
    assert made.hit(x, made.y_of(0.2), setting) is None
    assert made.hit(x, made.strip.middle[1], setting) == "cooldown"
    assert made.hit(x, made.spectrum.bottom + 4, setting) is None


def test_two_lines_that_are_one_can_both_be_taken() -> None:
    made, setting = charts(), Setting(35.0, 110.0, 0.05, 0.0, 0.2)
    x, y = made.past.middle[0], made.y_of(0.05)
    assert made.hit(x, y - 2, setting) == made.hit(x, y, setting) == "threshold"
    assert made.hit(x, y + 2, setting) == "hysteresis"


@given(low=st.floats(10.0, 20000.0), ratio=st.floats(1.0, 3.0))
def test_both_edges_of_a_narrow_band_can_be_taken(low: float, ratio: float) -> None:
    made, setting = charts(), Setting(low, min(low * ratio, 24000.0), 0.05)
    left, right = made.x_of(setting.low), made.x_of(setting.high)
    assume(left > made.spectrum.left + 3 and right < made.spectrum.right - 3)
    y = made.spectrum.middle[1]
    assert made.hit(left - 2, y, setting) == "low"
    assert made.hit(right + 2, y, setting) == "high"


# What a drag does.


@given(setting=SETTINGS, grip=st.sampled_from(get_args(Grip)), dx=PIXELS, dy=PIXELS)
def test_a_drag_stays_in_the_ranges_and_changes_what_it_holds(
    setting: Setting, grip: Grip, dx: float, dy: float
) -> None:
    now = moved(charts(286.0, setting), setting, grip, dx, dy)
    its = ("low", "high") if grip == "band" else (grip,)
    for name, value in asdict(now).items():
        of = BAND.named(name)
        assert isinstance(of, Param)
        assert of.low is not None
        assert of.high is not None
        assert of.low <= value <= of.high
        assert name in its or value == getattr(setting, name)
    assert now.low < now.high


@given(setting=SETTINGS, x=st.floats(-40.0, 40.0))
def test_a_band_that_is_moved_keeps_its_interval(setting: Setting, x: float) -> None:
    now = moved(charts(), setting, "band", x, 0.0)
    assert now.high / now.low == pytest.approx(setting.high / setting.low, rel=0.02)


@given(setting=SETTINGS, dx=st.floats(-60.0, 60.0), dy=st.floats(-30.0, 30.0))
def test_lines_go_with_the_mouse(setting: Setting, dx: float, dy: float) -> None:
    made = charts(286.0, setting)
    low = moved(made, setting, "low", dx, dy).low
    if 10.0 < low < setting.high / 1.1:
        assert made.x_of(low) == pytest.approx(made.x_of(setting.low) + dx, abs=0.5)
    threshold = moved(made, setting, "threshold", dx, dy).threshold
    if made.levels[0] < threshold < made.levels[1]:
        assert made.y_of(threshold) == pytest.approx(made.y_of(setting.threshold) + dy, abs=0.5)


def test_a_hand_tells_only_what_changed_and_may_be_fine() -> None:
    made, setting = charts(), Setting(35.0, 110.0, 0.05, 0.3, 0.2)
    grab = Grab(made, "threshold", setting, 100.0, 50.0)
    assert grab.move(100.0, 50.0) == grab.move(102.0, 51.0) == {}, "a trembling click is no drag"
    told = grab.move(130.0, 40.0)
    assert told == {"threshold": grab.setting.threshold}
    assert made.y_of(told["threshold"]) == pytest.approx(made.y_of(0.05) - 10.0, abs=0.5)
    (fine,) = grab.move(130.0, 30.0, fine=True).values()
    assert made.y_of(fine) == pytest.approx(made.y_of(0.05) - 11.0, abs=0.5)
    assert grab.move(130.0, 30.0, fine=True) == {}


def test_the_release_is_a_share_of_the_threshold() -> None:
    setting = Setting(35.0, 110.0, 0.1, 0.5, 0.2)
    made = charts(286.0, setting)
    down = made.y_of(0.02) - made.y_of(0.05)
    assert moved(made, setting, "hysteresis", 0.0, down).hysteresis == pytest.approx(0.8)
    assert moved(made, setting, "hysteresis", 0.0, -100.0).hysteresis == 0.0
    assert moved(made, setting, "cooldown", made.past.width / 5.0, 0.0).cooldown == 1.2


# What is drawn.


@given(size=st.sampled_from([2, 257, 1025, 4097]), at=st.floats(0.0, 1.0), count=st.integers(1, 99))
def test_a_tone_is_seen_in_its_column_and_no_other_is_higher(
    size: int, at: float, count: int
) -> None:
    rate, place = 48_000.0, round(at * (size - 1))
    magnitude = np.zeros(size)
    magnitude[place] = 0.5
    found = columns(magnitude, rate, 10.0, 24000.0, count)
    assert len(found) == count
    assert found.max(initial=0.0) <= 0.5
    hz = place * rate / 2 / (size - 1)
    if size == 4097 and 1000.0 < hz < 20000.0:
        edges = np.geomspace(10.0, 24000.0, count + 1)
        assert found[np.searchsorted(edges, hz, "right") - 1] == 0.5


def test_a_flat_spectrum_is_flat_and_ends_where_sound_does() -> None:
    found = columns(np.ones(1025), 32_000.0, 10.0, 24000.0, 80)
    edges = np.geomspace(10.0, 24000.0, 81)
    assert (found[edges[1:] < 16000.0] == 1.0).all()
    assert (found[edges[:-1] > 16100.0] == 0.0).all()
    assert (columns(np.zeros(0), 48_000.0, 10.0, 24000.0, 5) == 0.0).all()


@given(count=st.integers(0, 600), ticks=st.integers(600, 5000), data=st.data())
def test_a_peak_moves_on_with_time(count: int, ticks: int, data: st.DataObject) -> None:
    levels = np.zeros(count)
    assert [len(each) for each in line_of(levels[:0], ticks)] == [0, 0]
    if count < 3 * PIECE:
        return
    place = data.draw(st.integers(PIECE, count - 2 * PIECE))
    levels[place] = 1.0
    ages, most = line_of(levels, ticks)
    assert (np.diff(ages) < 0).all()
    assert most.max() == 1.0
    later_ages, later = line_of(np.append(levels[1:], 0.0), ticks + 1)
    assert later_ages[later.argmax()] == ages[most.argmax()] + 1
    assert abs(ages[most.argmax()] - (count - place - 0.5)) <= PIECE / 2


def test_hits_are_rises() -> None:
    assert ages_of(np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0])).tolist() == [3.5, 0.5]
    assert ages_of(np.zeros(0)).tolist() == []
