"""The sender against a model of the server: a queue of eight, one message taken per chunk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.scope.pace import GUESS, MARGIN, Pace
from nodegraph.scope.parameters import PARAMETERS
from nodegraph.scope.protocol import to_wire
from nodegraph.scope.sender import Sender
from nodegraph.scope.situation import Situation

TICK = 0.02


def run(sender: Sender, start: float, seconds: float) -> Iterator[tuple[float, dict[str, object]]]:
    for index in range(round(seconds / TICK)):
        now = start + index * TICK
        if (message := sender.due(now)) is not None:
            yield now, message


def ready(chunk: float = 0.6) -> Sender:
    sender = Sender()
    sender.learn(chunk)
    sender.reset()
    return sender


class Server:
    """One pipeline: chunks of `chunk` seconds, a queue of eight that drops the newest."""

    def __init__(self, chunk: float, state: dict[str, object]) -> None:
        self.chunk, self.next, self.dropped = chunk, 0.0, 0
        self.state = dict(state)
        self.queue: list[dict[str, object]] = []

    def send(self, message: dict[str, object]) -> None:
        if len(self.queue) < 8:
            self.queue.append(message)
        else:
            self.dropped += 1

    def run_until(self, now: float) -> None:
        while self.next <= now:
            if self.queue:
                self.state |= self.queue.pop(0)
            self.next += self.chunk


VALUES = {
    "noise_scale": st.floats(0, 1),
    "vace_context_scale": st.floats(0, 2),
    "noise_controller": st.booleans(),
    "base_seed": st.integers(0, 9),
    "paused": st.booleans(),
    "reset_cache": st.booleans(),
    "prompts": st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=3),
    "transition_steps": st.integers(0, 4),
    "interpolation": st.sampled_from(["linear", "slerp"]),
    "blend": st.sampled_from(["linear", "slerp"]),
    "lora_scales": st.lists(st.tuples(st.sampled_from("xy"), st.floats(-1, 1)), max_size=2),
}
WISH = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: VALUES[name].map(lambda value: {name: value})
)
SCRIPT = st.lists(st.tuples(st.floats(0, 1.5), WISH), max_size=40)


@settings(max_examples=many(60, 600), deadline=None)
@given(SCRIPT, st.sampled_from([0.15, 0.6, 1.2]))
def test_any_script_is_bounded_and_arrives(
    script: list[tuple[float, dict[str, object]]], chunk: float
) -> None:
    sender = Sender()
    sender.learn(chunk)
    server = Server(chunk, sender.reset())
    now = 0.0
    sent: list[tuple[float, dict[str, object]]] = []
    last_scales: dict[str, object] = {}
    resets = 0
    waits = [*script, (20 * chunk + 2, {})]
    for wait, wish in waits:
        for at, message in run(sender, now, wait):
            server.run_until(at)
            server.send(message)
            sent.append((at, message))
        now += round(wait / TICK) * TICK
        sender.set(wish, now)
        resets += wish.get("reset_cache") is True
        for path, scale in wish.get("lora_scales", []):  # type: ignore[attr-defined]  # a list here
            last_scales[path] = round(scale, 4)
    server.run_until(now + 10 * chunk)

    assert len(sent) <= now / (chunk * MARGIN) + 1
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(sent)]
    assert all(gap >= chunk * MARGIN - 1e-9 for gap in gaps)
    assert server.dropped == 0
    assert sender.settled
    assert sender.sent == len(sent)
    # what the server ends with is what was wished for last
    wanted = sender.state()
    transition = wanted.pop("transition")
    assert isinstance(transition, dict)
    scales = wanted.pop("lora_scales", [])
    assert {one["path"]: one["scale"] for one in scales} == last_scales  # type: ignore[attr-defined]  # a list here
    assert wanted.items() <= server.state.items()
    assert server.state.get("paused", False) == sender.paused
    # rules of single messages
    assert sum("reset_cache" in message for _, message in sent) <= resets
    for _, message in sent:
        assert message
        if "paused" in message:
            assert message.keys() == {"paused"}
        if "prompts" in message:
            going = message["transition"]
            assert isinstance(going, dict)
            assert going["target_prompts"] == message["prompts"]
            assert going["num_steps"] != 1


def test_the_measured_overrun_does_not_happen() -> None:
    """30 changes a second into chunks of 0.6 s: a naive sender loses 221 of 240 messages."""
    sender = ready(0.6)
    server = Server(0.6, sender.state())
    sent = 0
    for index in range(240):
        now = index / 30
        sender.set({"noise_scale": index / 240}, now)
        server.run_until(now)
        if message := sender.due(now):
            server.send(message)
            sent += 1
    for now, message in run(sender, 8.0, 4.0):
        server.run_until(now)
        server.send(message)
    server.run_until(13.0)
    assert 11 <= sent <= 13
    assert server.dropped == 0
    assert server.state["noise_scale"] == round(239 / 240, 4)
    assert sender.changes == 240
    assert sender.merged == 240 - sent - 1


def test_an_idle_sender_sends_at_once() -> None:
    sender = ready()
    assert list(run(sender, 0.0, 5.0)) == []
    sender.set({"noise_scale": 0.3}, 5.0)
    assert sender.due(5.0) == {"noise_scale": 0.3}
    sender.set({"noise_scale": 0.4}, 5.1)
    times = [now for now, _ in run(sender, 5.1, 1.0)]
    assert times == [pytest.approx(5.0 + 0.66, abs=TICK)]


def test_the_last_message_is_repeated_once() -> None:
    sender = ready()
    sender.set({"noise_scale": 0.3, "base_seed": 7}, 0.0)
    messages = [message for _, message in run(sender, 0.0, 30.0)]
    assert messages == [{"noise_scale": 0.3, "base_seed": 7}] * 2


def test_events_go_exactly_once_and_together_with_what_belongs_to_them() -> None:
    sender = ready()
    wish = {"reset_cache": True, "prompts": [("b", 1.0)], "vace_ref_images": ["/a.png"]}
    sender.set(wish | {"lora_scales": [("/l", 0.5)]}, 0.0)
    messages = [message for _, message in run(sender, 0.0, 30.0)]
    assert messages[0]["reset_cache"] is True
    assert messages[0]["vace_ref_images"] == ["/a.png"]
    assert messages[0]["lora_scales"] == [{"path": "/l", "scale": 0.5}]
    assert messages[0]["prompts"] == [{"text": "b", "weight": 1.0}]
    assert [message.keys() for message in messages[1:]] == [{"prompts", "transition"}]


def test_lora_scales_waiting_are_merged_by_path() -> None:
    sender = ready()
    sender.set({"lora_scales": [("/a", 0.1), ("/b", 0.2)]}, 0.0)
    sender.set({"lora_scales": [("/a", 0.3)]}, 0.0)
    message = sender.due(0.0)
    assert message == {"lora_scales": [{"path": "/a", "scale": 0.3}, {"path": "/b", "scale": 0.2}]}
    assert sender.state()["lora_scales"] == message["lora_scales"]


def test_a_lora_goes_by_its_file_where_that_is_loaded_to_be_moved() -> None:
    sender = ready()
    loaded = {
        "loras": [{"path": "/models/lora/ink.safetensors"}],
        "lora_merge_mode": "runtime_peft",
    }
    sender.situation = Situation("longlive", load_params=loaded)
    sender.set({"lora_scales": [("ink.safetensors", 0.3)]}, 0.0)
    scales = [{"path": "/models/lora/ink.safetensors", "scale": 0.3}]
    assert sender.due(0.0) == {"lora_scales": scales}
    assert sender.state()["lora_scales"] == scales
    sender.set({"lora_scales": [("oil.safetensors", 0.3)], "base_seed": 3}, 10.0)
    assert sender.due(10.0) == {"base_seed": 3}, "the show goes on"
    (problem,) = sender.problems
    assert "lora_scales does nothing for oil.safetensors: what can be scaled is" in problem.text


def test_prompts_wait_for_a_running_transition() -> None:
    sender = ready(0.5)
    sender.set({"prompts": [("a", 1.0)], "transition_steps": 4}, 0.0)
    first = sender.due(0.0)
    assert first is not None
    assert "prompts" in first
    sender.set({"prompts": [("b", 1.0)], "noise_scale": 0.2}, 0.6)
    later = list(run(sender, 0.6, 10.0))
    assert later[0][1] == {"noise_scale": 0.2}
    when, second = next(one for one in later if "prompts" in one[1])
    assert second["prompts"] == [{"text": "b", "weight": 1.0}]
    assert 4 * 0.5 <= when <= 6 * 0.5 * MARGIN


def test_a_cut_breaks_into_a_transition() -> None:
    sender = ready(0.5)
    sender.set({"prompts": [("a", 1.0)], "transition_steps": 20}, 0.0)
    assert sender.due(0.0)
    sender.set({"prompts": [("b", 1.0)], "transition_steps": 0}, 0.1)
    when, message = next(run(sender, 0.1, 10.0))
    assert when < 0.6
    transition = message["transition"]
    assert isinstance(transition, dict)
    assert transition["num_steps"] == 0


def test_pause_goes_alone_into_an_empty_queue_and_twice() -> None:
    sender = ready(0.5)
    sender.set({"noise_scale": 0.1}, 0.0)
    assert sender.due(0.0)
    sender.set({"paused": True, "noise_scale": 0.9}, 0.1)
    later = list(run(sender, 0.1, 10.0))
    assert [message for _, message in later] == [
        {"paused": True},
        {"paused": True},
        {"noise_scale": 0.9},
        {"noise_scale": 0.9},
    ]
    assert later[0][0] >= 2 * sender.period - 1e-9
    sender.set({"paused": False}, 10.1)
    assert [message for _, message in run(sender, 10.1, 10.0)] == [{"paused": False}] * 2


def test_a_new_session_starts_with_everything() -> None:
    sender = ready()
    sender.set({"prompts": [("a", 1.0)], "transition_steps": 8, "blend": "slerp"}, 0.0)
    sender.set({"paused": True, "noise_scale": 0.25, "reset_cache": True}, 0.0)
    state = sender.reset()
    assert state["noise_scale"] == 0.25
    assert state["prompts"] == [{"text": "a", "weight": 1.0}]
    assert state["spatial_interpolation_method"] == "slerp"
    assert state["transition"]["num_steps"] == 0  # type: ignore[index]  # a dict here
    assert state["input_mode"] == "text"
    assert "paused" not in state  # it would keep the first frame from ever coming
    assert "reset_cache" not in state
    assert [message for _, message in run(sender, 1.0, 9.0)] == [{"paused": True}] * 2


def test_prompts_are_asked_for_from_the_start() -> None:
    assert Sender().reset()["prompts"] == [{"text": "", "weight": 1.0}]


def test_jitter_within_the_dead_band_is_silent_until_it_rests() -> None:
    sender = ready()
    sender.set({"noise_scale": 0.5}, 0.0)
    assert len(list(run(sender, 0.0, 5.0))) == 2
    for index in range(100):
        now = 5.0 + index * TICK
        sender.set({"noise_scale": 0.5 + 0.0004 * (index % 2)}, now)
        assert sender.due(now) is None
    assert next(run(sender, 7.0, 5.0))[1] == {"noise_scale": 0.5004}


def test_problems_come_back_and_nothing_is_lost() -> None:
    sender = ready()
    problems = sender.set({"noise_scale": float("nan"), "base_seed": 3, "bogus": 1}, 0.0)
    assert [problem.field for problem in problems] == ["noise_scale", "bogus"]
    assert sender.due(0.0) == {"base_seed": 3}


@pytest.mark.parametrize("burst", [1, 12])
@pytest.mark.parametrize("fps", [8.0, 20.0])
def test_the_chunk_time_is_learned_from_frames(burst: int, fps: float) -> None:
    pace = Pace(12)
    for index in range(int(6 * fps)):
        pace.heard((index - index % burst) / fps + (index % burst) * 0.002)
    assert pace.chunk == pytest.approx(12 / fps, rel=0.25 if burst > 1 else 0.02)


def test_a_hurried_start_and_a_stall_teach_nothing() -> None:
    pace = Pace(12)
    for index in range(40):
        pace.heard(index / 60)
    assert pace.chunk == GUESS
    for index in range(60):
        pace.heard(100 + index / 20)
    assert pace.chunk == pytest.approx(0.6, rel=0.02)


@given(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=200))
def test_no_arrivals_make_the_period_absurd(times: list[float]) -> None:
    pace = Pace(1)
    for time in times:
        pace.heard(time)
    assert 0.1 <= pace.period <= 11.0


def test_every_parameter_reaches_the_wire() -> None:
    assert set(VALUES) <= set(PARAMETERS)
    assert to_wire({"paused": True}) == {"paused": True}
