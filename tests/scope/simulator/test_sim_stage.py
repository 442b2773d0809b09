"""One session's messages on their way to its pipelines: whom they reach, and what they stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.graph import lay_out
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import LongLive
from nodegraph.scope.simulator.stage import Stage
from nodegraph.scope.simulator.tempo import Tempo

PARAMS = {
    "pipeline_ids": ["first", "second"],
    "input_mode": "text",
    "prompts": [{"text": "a sea", "weight": 1.0}],
}


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def stage(log: Log) -> Iterator[Stage]:
    config = Config(chunk_frames=1, chunk_seconds=0.01)
    models = {id: LongLive({"width": 64, "height": 32}, config) for id in ("first", "second")}
    tempo = Tempo(lambda message: None, installed=False)
    stage = Stage(lay_out(PARAMS, {}), models, PARAMS, config, log, tempo)
    yield stage
    stage.stop()


def becomes(holds: Callable[[], object]) -> None:
    begun = monotonic()
    while not holds():
        assert monotonic() - begun < 20.0
        sleep(0.005)


def test_a_message_reaches_all_pipelines_or_the_one_that_it_names(stage: Stage, log: Log) -> None:
    first, second = stage.processors
    stage.update({"noise_scale": 0.1})
    stage.update({"noise_scale": 0.2, "node_id": "second"})
    becomes(lambda: (first.applied, second.applied) == (1, 2))
    assert (first.params["noise_scale"], second.params["noise_scale"]) == (0.1, 0.2)
    assert "node_id" not in second.params
    stage.update({"noise_scale": 0.3, "node_id": "third"})
    assert (first.received, second.received) == (1, 2)
    assert stage.mirror["noise_scale"] == 0.3, "it shows what was accepted, and not what is used"
    assert "Unknown node_id third" in log.text()


def test_control_keys_take_a_place_and_reach_no_pipeline(stage: Stage) -> None:
    first, _ = stage.processors
    stage.update({"bpm": 120.0, "beat_phase": 0.5, "output_sinks": {}, "quantize_mode": "bar"})
    becomes(lambda: first.applied == 1)
    assert first.params.keys() == PARAMS.keys() - {"pipeline_ids"}
    with pytest.raises(TypeError, match="output_sinks must be an object"):
        stage.update({"output_sinks": "ndi", "noise_scale": 0.5})
    assert "noise_scale" not in stage.mirror, "all of that message is lost"


@pytest.mark.parametrize(("value", "stops"), [("yes", True), (0, False), ([], False)])
def test_whatever_is_true_pauses(stage: Stage, value: object, stops: bool) -> None:
    first, _ = stage.processors
    stage.update({"paused": value})
    becomes(lambda: first.applied == 1)
    assert (stage.paused, first.paused) == (stops, stops)


def test_null_resumes_the_track_and_not_the_pipeline(stage: Stage) -> None:
    first, _ = stage.processors
    stage.update({"paused": True})
    stage.update({"paused": None})
    becomes(lambda: first.applied == 2)
    assert (stage.paused, first.paused) == (False, True)


def test_video_mode_without_video_stands_still_until_text_is_asked_for(stage: Stage) -> None:
    first, _ = stage.processors
    stage.update({"input_mode": "video"})
    becomes(lambda: first.applied == 1)
    sleep(0.05)  # what was begun before
    chunks = first.chunks
    sleep(0.1)
    assert first.chunks == chunks
    stage.update({"input_mode": "audio"})  # nothing checks it, and what is not video is text
    becomes(lambda: first.chunks > chunks)
