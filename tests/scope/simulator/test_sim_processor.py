"""The message queue of a pipeline: eight slots, one per chunk, one-shots, pause, dead stretches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.filters import Filter, each, gray
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import LongLive, Paint, Picture
from nodegraph.scope.simulator.processor import ONE_SHOT, Processor

PROMPTS = [{"text": "neon city", "weight": 1.0}]


class Witness:
    """A pipeline that keeps the params of every call; "boom" makes it fail."""

    chunk_seconds = 0.0

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, object], bool]] = []

    def needs(self, mode: str) -> int:
        return 2 if mode == "video" else 0

    def transition_done(self) -> bool:
        return True

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        if params.get("boom"):
            raise RuntimeError("boom")
        self.calls.append((dict(params), fresh))
        return []


class NoFrames:
    def take(self, count: int) -> None:
        return None


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def processor(witness: Witness) -> Processor:
    return Processor("main", witness, {}, Log(), text_only=False)


def test_the_ninth_message_is_dropped_and_the_first_eight_wait(
    processor: Processor, witness: Witness
) -> None:
    kept = [processor.put(i, {"value": i}) for i in range(1, 12)]
    assert kept == [True] * 8 + [False] * 3
    for _ in range(10):
        processor.step(None)
    assert [call["value"] for call, _ in witness.calls] == [*range(1, 9), 8, 8]
    assert (processor.received, processor.applied, processor.dropped) == (11, 8, 3)


def test_a_dropped_message_is_only_logged() -> None:
    log = Log()
    processor = Processor("main", Witness(), {}, log, text_only=False)
    for i in range(9):
        processor.put(i, {})
    assert "Parameter queue full for main, dropping parameter update" in log.text()


def test_empty_messages_take_a_place_too(processor: Processor) -> None:
    for i in range(8):
        processor.put(i, {})
    assert not processor.put(9, {"value": 1})


@pytest.mark.parametrize("key", ONE_SHOT)
def test_one_shot_keys_live_for_one_chunk(processor: Processor, witness: Witness, key: str) -> None:
    processor.put(1, {key: ["x"], "noise_scale": 0.5})
    processor.step(None)
    processor.step(None)
    first, second = (call for call, _ in witness.calls)
    assert first[key] == ["x"]
    assert key not in second
    assert second["noise_scale"] == 0.5


def test_the_first_chunk_a_reset_and_a_change_of_mode_start_afresh(
    processor: Processor, witness: Witness
) -> None:
    processor.step(None)
    processor.step(None)
    processor.put(1, {"reset_cache": True})
    chunk = processor.step(None)
    assert chunk is not None
    assert chunk.flush
    assert [fresh for _, fresh in witness.calls] == [True, False, True]
    assert "reset_cache" not in witness.calls[-1][0]


def test_video_mode_without_video_generates_nothing(processor: Processor) -> None:
    processor.put(1, {"input_mode": "video"})
    assert processor.step(NoFrames()) is None
    processor.put(2, {"input_mode": "anything else is text"})
    assert processor.step(NoFrames()) is not None


def test_pause_stops_generation_but_not_the_queue(processor: Processor) -> None:
    processor.put(1, {"paused": True, "value": 1})
    processor.put(2, {"value": 2})
    processor.put(3, {"paused": None})
    processor.put(4, {"paused": False})
    assert [processor.step(None) is None for _ in range(4)] == [True, True, True, False]
    assert processor.params["value"] == 2


def test_a_resume_can_be_lost_when_the_queue_is_full(processor: Processor) -> None:
    processor.put(1, {"paused": True})
    for i in range(2, 9):
        processor.put(i, {"value": i})
    assert not processor.put(9, {"paused": False})
    for _ in range(20):
        assert processor.step(None) is None


def test_a_bad_value_is_a_dead_stretch_that_a_good_one_ends(
    processor: Processor, witness: Witness
) -> None:
    processor.put(1, {"boom": True})
    assert [processor.step(None) for _ in range(3)] == [None] * 3
    processor.put(2, {"boom": False})
    assert processor.step(None) is not None


def longlive(**params: object) -> tuple[LongLive, Processor]:
    config = Config(chunk_frames=2, chunk_seconds=0.0)
    model = LongLive({"width": 64, "height": 32}, config)
    log = Log()
    return model, Processor("ll", model, {"prompts": PROMPTS, **params}, log, text_only=True)


def pictures(processor: Processor) -> list[Picture]:
    chunk = processor.step(None)
    assert chunk is not None
    return [frame() for frame in chunk.frames]


@pytest.mark.parametrize(
    "bad",
    [
        {"denoising_step_list": []},
        {"denoising_step_list": "1000"},
        {"denoising_step_list": [1000.5]},
        {"base_seed": "x"},
        {"transition": "soon"},
    ],
)
def test_longlive_fails_on_what_it_cannot_use(bad: dict[str, object]) -> None:
    assert longlive(**bad)[1].step(None) is None


@pytest.mark.parametrize(
    "odd", [{"noise_scale": "0.5"}, {"noise_scale": float("nan")}, {"bpm2": 1}, {"seed": "x"}]
)
def test_longlive_lives_with_what_it_does_not_read(odd: dict[str, object]) -> None:
    assert longlive(**odd)[1].step(None) is not None


def test_a_missing_reference_image_costs_one_chunk() -> None:
    _, processor = longlive(vace_ref_images=["/nowhere/at/all.png"])
    assert processor.step(None) is None
    assert processor.step(None) is not None


def test_a_change_of_steps_is_a_jump_unless_the_cache_is_not_managed() -> None:
    for managed in (True, False):
        model, processor = longlive(manage_cache=managed)
        processor.step(None)
        processor.put(1, {"denoising_step_list": [1000, 500]})
        processor.step(None)
        assert model._scene == (1 if managed else 0)


def test_honest_longlive_ignores_noise_in_text_mode() -> None:
    for honest in (True, False):
        seen = []
        for noise in (0.0, 1.0):
            config = Config(chunk_frames=1, chunk_seconds=0.0, honest=honest)
            model = LongLive({"width": 64, "height": 32}, config)
            start = {"prompts": PROMPTS, "noise_scale": noise}
            processor = Processor("ll", model, start, Log(), text_only=True)
            seen.append(pictures(processor)[0])
        assert np.array_equal(*seen) == honest


def test_two_runs_give_the_same_pictures() -> None:
    runs = []
    for _ in range(2):
        _, processor = longlive()
        run = pictures(processor)
        processor.put(1, {"noise_scale": 0.9})
        runs.append(run + pictures(processor))
    assert np.array_equal(*runs)


def test_sizes_must_be_multiples_of_16() -> None:
    with pytest.raises(ValueError, match="divisible by 16"):
        LongLive({"width": 577, "height": 320}, Config())


def test_gray_takes_the_colour_out() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    (frame,) = Filter(1, each(gray)).generate({}, False, [picture])
    assert np.ptp(frame(), axis=2).max() == 0
