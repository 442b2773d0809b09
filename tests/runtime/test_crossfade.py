"""The fader: a deck alone is untouched, a fade ends at the other deck's own values."""

from __future__ import annotations

from collections.abc import Mapping

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Prompt
from nodegraph.errors import NodegraphError
from nodegraph.runtime.crossfade import Mixer

DT = 0.01
SILENT: dict[str, dict[str, object]] = {}
DECKS = {"main": 0.0, "next": 1.0}
"""Where the fader stands when a deck is on air alone."""

values = st.one_of(
    st.floats(-1.0, 1.0),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(["linear", "slerp"]),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2),
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 1.0)), max_size=3).map(tuple),
)
bodies = st.dictionaries(st.sampled_from(["x", "y", "z", "prompts"]), values, max_size=3)
both = st.fixed_dictionaries({"main": bodies, "next": bodies})


def mixer(main: Mapping[str, object], next: Mapping[str, object]) -> Mixer:
    made = Mixer(DT)
    made.mix({"main": main, "next": next})
    return made


def faded(it: Mixer, deck: str, ticks: int) -> list[Mapping[str, object]]:
    it.move_to(DECKS[deck], ticks * DT)
    sent = [it.mix(SILENT) for _ in range(ticks)]
    assert it.resting
    return sent


def test_a_deck_alone_is_untouched() -> None:
    it = Mixer(DT)
    body = {"noise_scale": 0.5, "reset_cache": True}
    assert it.mix({"main": body, "next": {"noise_scale": 0.1}}) is body
    assert it.mix({"next": {"noise_scale": 0.2}}) == {}
    assert it.mix({"main": body}) is body


@given(both, st.integers(1, 30))
def test_a_fade_ends_at_all_that_the_deck_has_set(
    said: dict[str, dict[str, object]], ticks: int
) -> None:
    it = mixer(**said)
    sent = faded(it, "next", ticks)
    assert sent[-1] == said["next"]
    assert it.mix(SILENT) == {}
    assert faded(it, "main", ticks)[-1] == said["main"]


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(2, 50))
def test_numbers_never_leave_the_two_sides_nor_turn_back(a: float, b: float, ticks: int) -> None:
    sent = faded(mixer({"x": a}, {"x": b}), "next", ticks)
    path = [a, *(body["x"] for body in sent if "x" in body)]
    assert path == sorted(path, reverse=a > b)
    assert path[-1] == b
    assert path[0] == a
    for n, body in enumerate(sent, 1):
        if "x" in body:
            assert body["x"] == pytest.approx(a + (b - a) * n / ticks, abs=1e-9 * abs(b - a))


@given(bodies, st.integers(3, 20))
def test_nothing_is_sent_while_nothing_changes(said: dict[str, object], ticks: int) -> None:
    sent = faded(mixer(said, dict(said)), "next", ticks)
    assert not any(sent[:-1])
    assert sent[-1] == said


steps = st.one_of(
    both,
    st.tuples(st.sampled_from(["main", "next"]), st.floats(0.0, 0.1)),
    st.floats(0.0, 1.0),
)


@given(st.lists(steps, max_size=30), st.sampled_from(["main", "next"]))
def test_whoever_applies_what_is_sent_has_the_decks_values_in_the_end(
    story: list[object], end: str
) -> None:
    it = Mixer(DT)
    has: dict[str, object] = {}
    own: dict[str, dict[str, object]] = {"main": {}, "next": {}}
    for step in [*story, (end, 0.05), *[SILENT] * 5]:
        match step:
            case (str(deck), float(seconds)):
                it.move_to(DECKS[deck], seconds)
            case float(position):
                it.move_to(position)
            case dict(said):
                has |= it.mix(said)
                for deck, body in said.items():
                    own[deck] |= body
    assert it.resting
    assert it.leader == end
    assert {name: has[name] for name in own[end]} == own[end]


def test_texts_and_switches_change_in_the_middle() -> None:
    it = mixer({"input_mode": "text", "base_seed": 1}, {"input_mode": "video", "base_seed": 9})
    sent = faded(it, "next", 10)
    assert [n for n, body in enumerate(sent, 1) if body] == [5, 10]
    assert sent[4] == {"input_mode": "video", "base_seed": 9}


def test_prompts_blend_and_are_the_decks_own_at_both_ends() -> None:
    sea, fog = (Prompt("sea"),), (Prompt("fog", 0.5), Prompt("sea", 0.5))
    it = mixer({"prompts": sea}, {"prompts": fog})
    sent = faded(it, "next", 4)
    assert sent[0]["prompts"] == (("sea", 0.875), ("fog", 0.125))
    assert sent[1]["prompts"] == (("sea", 0.75), ("fog", 0.25))
    assert sent[3]["prompts"] is fog
    assert faded(it, "main", 4)[-1]["prompts"] is sea


def test_what_one_deck_alone_has_set_comes_with_it_and_stays() -> None:
    it = mixer({"old": 1.0}, {"new": 2.0})
    sent = faded(it, "next", 4)
    assert sent == [{}, {"new": 2.0}, {}, {"new": 2.0}]
    it.move_to(0.0, 4 * DT)
    assert it.mix({"main": {"old": 3.0}}) == {}
    assert [it.mix(SILENT) for _ in range(3)] == [{}, {"old": 3.0}, {"old": 3.0}]


def test_requests_pass_from_the_deck_that_has_more_than_half() -> None:
    it = mixer({"x": 1.0, "reset_cache": True}, {"x": 1.0, "reset_cache": True})
    asks = {"main": {"reset_cache": True, "vace_ref_images": ("m",)}, "next": {"reset_cache": True}}
    it.move_to(1.0, 4 * DT)
    assert it.mix(asks) == asks["main"]
    assert it.mix(asks) == asks["next"]
    assert it.mix(SILENT) == {}
    assert it.mix(SILENT) == {"x": 1.0}  # the end: all but what is used up


def test_a_cut_and_a_turn_on_the_way() -> None:
    it = mixer({"x": 0.0}, {"x": 1.0})
    it.move_to(1.0, 0.0)
    assert it.mix(SILENT) == {"x": 1.0}
    it.move_to(0.0, 4 * DT)
    assert [it.mix(SILENT), it.mix(SILENT)] == [{"x": 0.75}, {"x": 0.5}]
    it.move_to(1.0, 2 * DT)  # from where it stands
    assert [it.mix(SILENT), it.mix(SILENT)] == [{"x": 0.75}, {"x": 1.0}]
    assert it.resting


def test_a_fader_under_a_hand_follows_both_decks() -> None:
    it = mixer({"x": 0.0}, {"x": 1.0})
    it.move_to(0.25)
    assert it.mix(SILENT) == {"x": 0.25}
    assert it.mix(SILENT) == {}
    assert it.mix({"main": {"x": 1.0}, "next": {"x": 2.0}}) == {"x": 1.25}


def test_a_swap_is_eased_along_a_line() -> None:
    it = mixer({"x": 0.0, "on": False, "kept": 5.0}, {})
    it.slew(4 * DT)
    assert it.mix({"main": {"x": 1.0, "on": True, "new": 3.0}}) == {"x": 0.25, "on": True, "new": 3}
    assert it.mix(SILENT) == {"x": 0.5}
    assert it.mix({"main": {"x": 2.0}}) == {"x": 1.5}
    assert it.mix(SILENT) == {"x": 2.0}
    assert it.resting


@given(st.lists(bodies, min_size=1, max_size=12), st.integers(1, 6))
def test_after_a_slew_all_is_exact(said: list[dict[str, object]], ticks: int) -> None:
    it = Mixer(DT)
    has = dict(it.mix({"main": said[0]}))
    own = dict(said[0])
    it.slew(ticks * DT)
    for body in [*said[1:], *[{}] * ticks]:
        has |= it.mix({"main": body})
        own |= body
    assert has == own
    assert it.resting


def test_no_slew_is_none() -> None:
    it = mixer({"x": 0.0}, {})
    it.slew(0.0)
    body = {"x": 1.0}
    assert it.mix({"main": body}) is body


@given(both, both, st.integers(1, 9), st.integers(0, 9))
def test_a_checkpoint_goes_on_and_sends_all_that_is_on_air_once(
    first: dict[str, dict[str, object]], then: dict[str, dict[str, object]], ticks: int, at: int
) -> None:
    it = mixer(**first)
    it.slew(0.05)
    it.move_to(1.0, ticks * DT)
    for _ in range(at):
        it.mix(SILENT)
    other = Mixer(DT)
    other.restore(msgpack.unpackb(msgpack.packb(it.state())))
    assert (other.position, other.resting) == (it.position, it.resting)
    one, all_of_it = it.mix(then), other.mix(then)
    assert all_of_it.keys() >= one.keys()
    has = {**all_of_it}
    for _ in range(10):
        sent = it.mix(SILENT)
        assert other.mix(SILENT).keys() == sent.keys()
        has |= sent
    assert has.keys() >= then["next"].keys()
    assert (other.position, other.resting) == (1.0, True) == (it.position, it.resting)


def test_a_deck_with_another_patch_has_set_nothing_yet() -> None:
    it = mixer({"x": 0.0}, {"x": 1.0, "y": 1.0})
    it.forget("next")
    it.mix({"next": {"y": 2.0}})
    assert faded(it, "next", 4) == [{}, {"y": 2.0}, {}, {"y": 2.0}]


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    it = Mixer(DT)
    with pytest.raises(NodegraphError, match="from 0 to 1"):
        it.move_to(float("nan"))
