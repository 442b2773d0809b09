"""Each row of the table of effects, and that what has none stays here until it has."""

from __future__ import annotations

import pytest

from nodegraph.scope.answers import Schema
from nodegraph.scope.effects import FILTERS, RULES, Situation, without_effect
from nodegraph.scope.parameters import PARAMETERS
from nodegraph.scope.protocol import CHUNK_FRAMES
from nodegraph.scope.sender import Sender

LONGLIVE = Schema("longlive", "LongLive", prompts=True, lora=True, vace=True, cache=True)
KREA = Schema("krea-realtime-video", "Krea", prompts=True, lora=True, vace=True, kv_bias=True)
GRAY = Schema("gray", "Gray")
TEXT, VIDEO = {"input_mode": "text"}, {"input_mode": "video"}
LORA = {"path": "/l.safetensors"}


def at(
    schema: Schema = LONGLIVE,
    params: dict[str, object] | None = None,
    load: dict[str, object] | None = None,
) -> Situation:
    return Situation(schema.id, schema, load, params if params is not None else TEXT)


def prompts(count: int) -> dict[str, object]:
    return {"prompts": tuple((f"scene {i}", 1.0) for i in range(count))}


VAIN: list[tuple[str, object, Situation, str]] = [
    ("noise_scale", 0.5, at(), "in text mode on longlive; use denoising steps, prompt weights"),
    ("noise_scale", 0.5, at(params={}), "in text mode"),
    ("noise_scale", 0.5, at(GRAY, VIDEO), "on gray, which has no diffusion model"),
    ("noise_controller", True, at(), "in text mode"),
    ("noise_controller", True, at(GRAY, VIDEO), "on gray"),
    ("denoising_step_list", (1000,), at(GRAY), "on gray"),
    ("base_seed", 3, at(GRAY), "on gray"),
    ("prompts", (("a", 1.0),), at(GRAY), "on gray; load a pipeline that paints from text"),
    ("transition_steps", 4, at(GRAY), "on gray"),
    ("interpolation", "slerp", at(GRAY), "on gray"),
    ("blend", "slerp", at(GRAY), "on gray"),
    ("blend", "slerp", at(params=prompts(3)), "with 3 prompts: it mixes exactly two"),
    ("blend", "slerp", at(params=prompts(1)), "with 1 prompt: it mixes exactly two"),
    ("manage_cache", False, at(GRAY), "on gray"),
    ("kv_cache_attention_bias", 0.3, at(), "on longlive; only krea-realtime-video has it"),
    ("vace_ref_images", ("/a.png",), at(GRAY), "on gray; load a pipeline that has VACE"),
    ("vace_ref_images", ("/a.png",), at(load={"vace_enabled": False}), "loaded without VACE"),
    ("vace_context_scale", 1.5, at(), "without a reference image or input video"),
    ("vace_context_scale", 1.5, at(GRAY, VIDEO), "on gray"),
    (
        "vace_context_scale",
        1.5,
        at(params=VIDEO, load={"vace_enabled": False}),
        "loaded without VACE",
    ),
    ("lora_scales", (("/l", 0.5),), at(GRAY), "on gray; load a pipeline that takes LoRAs"),
    ("lora_scales", (("/l", 0.5),), at(load={}), "without a LoRA"),
    ("lora_scales", (("/l", 0.5),), at(load={"loras": [LORA]}), "merged for good"),
]

ACTS: list[tuple[str, object, Situation]] = [
    ("noise_scale", 0.5, at(params=VIDEO)),
    ("noise_controller", True, at(params=VIDEO)),
    ("noise_controller", False, at()),  # nothing is asked for
    ("denoising_step_list", (1000,), at()),
    ("base_seed", 3, at()),
    ("prompts", (("a", 1.0),), at()),
    ("transition_steps", 4, at()),
    ("interpolation", "slerp", at()),
    ("blend", "slerp", at(params=prompts(2))),
    ("blend", "linear", at(params=prompts(3))),
    ("manage_cache", False, at()),
    ("kv_cache_attention_bias", 0.3, at(KREA)),
    ("vace_ref_images", ("/a.png",), at()),
    ("vace_context_scale", 1.5, at(params=VIDEO)),
    ("vace_context_scale", 1.5, at(params={"vace_ref_images": ("/a.png",)})),
    ("vace_context_scale", 1.5, at(load={"ref_images": ["/a.png"]})),
    ("lora_scales", (("/l", 0.5),), at()),  # another client loaded it: not known
    ("lora_scales", (("/l", 0.5),), at(load={"loras": [LORA], "lora_merge_mode": "runtime_peft"})),
    ("lora_scales", (("/l", 0.5),), at(load={"loras": [LORA | {"merge_mode": "runtime_peft"}]})),
    ("paused", True, at(GRAY)),
]


@pytest.mark.parametrize(("name", "value", "situation", "why"), VAIN)
def test_what_does_nothing_is_said_to(
    name: str, value: object, situation: Situation, why: str
) -> None:
    told = without_effect(name, value, situation)
    assert told is not None
    assert told.startswith(f"{name} does nothing ")
    assert why in told


@pytest.mark.parametrize(("name", "value", "situation"), ACTS)
def test_what_acts_passes(name: str, value: object, situation: Situation) -> None:
    assert without_effect(name, value, situation) is None


def test_every_row_is_tested_both_ways_and_names_what_exists() -> None:
    assert set(RULES) <= set(PARAMETERS)
    assert {row[0] for row in VAIN} == set(RULES)
    assert {row[0] for row in ACTS} >= set(RULES)
    assert set(CHUNK_FRAMES) >= FILTERS


@pytest.mark.parametrize("name", PARAMETERS)
def test_nothing_is_claimed_of_a_pipeline_that_is_not_known(name: str) -> None:
    assert without_effect(name, None, Situation("somebodys-plugin", params=VIDEO)) is None


def test_the_schema_counts_for_more_than_the_table() -> None:
    ui = {"ui": {"modes": ["text", "video"]}}
    config = {"properties": {"noise_scale": ui}}
    told = Schema("longlive", "LongLive", prompts=True, config=config)
    assert without_effect("noise_scale", 0.5, at(told)) is None


def test_the_sender_leaves_it_out_until_it_acts() -> None:
    sender = Sender()
    sender.situation = at(params={})
    assert sender.set({"noise_scale": 0.5, "base_seed": 7}, 0.0) == []
    assert [str(problem) for problem in sender.problems] == [
        "noise_scale: noise_scale does nothing in text mode on longlive; use denoising steps, "
        "prompt weights or transitions, or input_mode video"
    ]
    assert "noise_scale" not in sender.reset()
    sender.set({"noise_scale": 0.6, "base_seed": 8}, 1.0)
    assert sender.due(1.0) == {"base_seed": 8}
    assert len(sender.problems) == 1
    sender.set({"input_mode": "video"}, 9.0)
    assert sender.due(9.0) == {"input_mode": "video", "noise_scale": 0.6}
    assert sender.problems == ()
    assert sender.reset()["noise_scale"] == 0.6


def test_an_event_without_effect_is_dropped_and_told() -> None:
    sender = Sender()
    sender.situation = at(load={"vace_enabled": False})
    sender.reset()
    sender.set({"vace_ref_images": ["/a.png"]}, 0.0)
    assert sender.due(0.0) is None
    assert [problem.field for problem in sender.problems] == ["vace_ref_images"]
    sender.situation = at(load={"vace_enabled": True})
    sender.set({"vace_ref_images": ["/b.png"], "vace_context_scale": 1.5}, 5.0)
    message = sender.due(5.0)
    assert message == {"vace_ref_images": ["/b.png"], "vace_context_scale": 1.5}
    assert sender.problems == ()


def test_before_a_server_is_known_nothing_is_held_back() -> None:
    sender = Sender()
    sender.set({"noise_scale": 0.5}, 0.0)
    assert sender.problems == ()
    assert sender.due(0.0) == {"noise_scale": 0.5}
