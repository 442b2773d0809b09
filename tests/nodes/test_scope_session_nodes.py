"""Video in, pictures out, a reference, servers by name, changes that land on a beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock, Message, Prompt
from nodegraph.runtime.crossfade import Mixer
from nodegraph.scope.parameters import clean
from nodes.scope import Told, one_param, output
from nodes.scope_session import Applied, reference, share, video

Run = Callable[..., list[tuple[Any, ...]]]


def bodies(results: list[tuple[Any, ...]]) -> list[dict[str, Any] | None]:
    return [message and message.body for (message,) in results]


def test_video_is_said_once_and_when_it_changes() -> None:
    state, message = video(None, "file", "rain.mp4")
    assert message == Message("scope", {"video": "file:rain.mp4", "vace_use_input_video": False})
    assert video(state, "file", "rain.mp4") == (state, None)
    _, message = video(state, "none", "rain.mp4", "vace")
    assert message == Message("scope", {"video": "", "vace_use_input_video": True})


@pytest.mark.parametrize("source", video.__nodegraph__.params["source"].choices)  # type: ignore[attr-defined]  # set by @node
def test_every_source_may_leave(source: str) -> None:
    _, message = video(None, source, "stage")
    assert message is not None
    cleaned, problems = clean(message.body)
    assert problems == []
    assert cleaned["video"] == ("" if source == "none" else f"{source}:stage")


def test_another_way_to_share_ends_the_one_before() -> None:
    state, message = share(None, "ndi", "show")
    assert message == Message("scope", {"ndi_output": "show"})
    assert share(state, "ndi", "show") == (state, None)
    _, message = share(state, "spout", "show")
    assert message == Message("scope", {"spout_output": "show", "ndi_output": ""})
    assert clean(message.body)[1] == []


def test_a_reference_begins_a_scene_and_is_sent_again_and_again(run: Run) -> None:
    ticks = [{}] * 200 + [{"apply": True}] + [{}] * 10
    sent = bodies(run(reference, ticks, image="/assets/me.png", every=0.5))
    first = {"vace_ref_images": ("/assets/me.png",), "reset_cache": True}
    assert sent[0] == sent[200] == first
    between = [n for n, body in enumerate(sent[:200]) if body and n]
    assert all(sent[n] == {"vace_ref_images": ("/assets/me.png",)} for n in between)
    gaps = [later - n for n, later in zip([0, *between], between, strict=False)]
    assert set(gaps) == {47}  # half a second of ticks
    assert reference(Applied(), 0.01) == (Applied(), None)


def test_a_reference_for_once(run: Run) -> None:
    sent = bodies(run(reference, [{}] * 300, image="/assets/me.png", every=0.0))
    assert sum(body is not None for body in sent) == 1


def test_a_name_sends_it_all_to_that_server() -> None:
    told, message = output(Told(), (Prompt("x"),), 0.5, server="left")
    assert message is not None
    assert all(name.startswith("left:") for name in message.body)
    assert message.body["left:noise_scale"] == 0.5
    assert output(told, (Prompt("x"),), 0.5, server="left") == (told, None)
    _, message = output(told, (Prompt("x"),), 0.5)
    assert message is not None
    assert message.body.keys() >= {"prompts", "noise_scale", "input_mode"}  # all of it anew
    _, message = one_param(None, 0.5, "noise_scale", "left")
    assert message == Message("scope", {"left:noise_scale": 0.5})
    _, message = video(None, "test", "", "video", "left")
    assert message is not None
    assert message.body.keys() == {"left:video", "left:vace_use_input_video"}


def test_what_is_asked_for_once_is_so_for_every_server() -> None:
    mixer = Mixer(0.01)
    mixer.move_to(0.5)
    mixer.mix({"main": {"left:base_seed": 1}, "next": {"left:base_seed": 1}})
    asked = {"left:reset_cache": True, "left:land": {"names": []}}
    assert asked.items() <= mixer.mix({"next": asked}).items()
    assert not asked.keys() & mixer.mix({}).keys()
    assert not asked.keys() & mixer.mix({"main": asked}).keys()  # the other deck leads


class TestLanding:
    def test_on_the_next_beat_or_bar(self) -> None:
        clock = Clock(120.0, 5.25, 4, 1.0)
        for land, ahead, every in (("beat", 0.375, 0.5), ("bar", 1.375, 2.0)):
            _, message = output(Told(), (Prompt("x"),), 0.5, clock=clock, land=land)
            assert message is not None
            told = message.body["land"]
            assert told["ahead"] == pytest.approx(ahead)
            assert told["every"] == pytest.approx(every)
            assert set(told["names"]) == {"prompts", "transition_steps", "interpolation", "blend"}

    def test_a_number_that_moves_waits_for_none(self) -> None:
        told, _ = output(Told(), clock=Clock(120.0, 5.25), land="beat")
        _, message = output(told, None, 0.7, clock=Clock(120.0, 5.3), land="beat")
        assert message == Message("scope", {"noise_scale": 0.7})

    def test_without_a_tempo_at_once(self) -> None:
        for clock in (None, Clock()):
            _, message = output(Told(), (Prompt("x"),), clock=clock, land="bar")
            assert message is not None
            assert "land" not in message.body

    @given(st.floats(1e-3, 400.0), st.floats(-1e3, 1e6), st.integers(1, 12))
    def test_everything_may_leave(self, bpm: float, beats: float, meter: int) -> None:
        clock = Clock(bpm, beats, meter)
        _, message = output(Told(), (Prompt("x"),), reset=True, clock=clock, land="bar")
        assert message is not None
        cleaned, problems = clean(message.body)
        if meter * 60.0 / bpm <= 3600.0:
            assert problems == []
            assert cleaned.keys() == message.body.keys()
