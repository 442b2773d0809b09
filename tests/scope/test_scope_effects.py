"""Each row of the table of effects, and that what has none stays here until it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodegraph.scope.answers import Hardware, Output, Schema
from nodegraph.scope.effects import NEEDS, without_effect
from nodegraph.scope.parameters import OUTPUTS, PARAMETERS
from nodegraph.scope.pipelines import FILTERS
from nodegraph.scope.protocol import CHUNK_FRAMES
from nodegraph.scope.sender import Sender
from nodegraph.scope.situation import Situation

LONGLIVE = Schema("longlive", "LongLive", prompts=True, lora=True, vace=True, cache=True)
KREA = Schema("krea-realtime-video", "Krea", prompts=True, lora=True, vace=True, kv_bias=True)
GRAY = Schema("gray", "Gray", modes=("video",))
KEYS = Schema("controller-viz", "Keys", modes=("text",))
TEXT, VIDEO = {"input_mode": "text"}, {"input_mode": "video"}
LEADS = {"input_mode": "video", "video": "test", "vace_use_input_video": True}
BARE = Hardware(
    None,
    {
        "ndi": Output(available=False, reason="No SDK", hint="Get it."),
        "spout": Output(available=False),
        "syphon": Output(available=False),
    },
)
RICH = Hardware(24.0, {kind: Output(available=True) for kind in OUTPUTS})
LORA = {"path": "/l.safetensors"}
MOVABLE = LORA | {"merge_mode": "runtime_peft"}
HALF = ((LORA["path"], 0.5),)


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
    ("vace_context_scale", 1.5, at(), "without a reference image or video that leads"),
    ("vace_context_scale", 1.5, at(params=VIDEO), "without a reference image or video that leads"),
    ("noise_scale", 0.5, at(params=LEADS), "on video that leads through VACE; use vace_context"),
    ("noise_controller", True, at(params=LEADS), "on video that leads through VACE"),
    ("vace_context_scale", 1.5, at(GRAY, VIDEO), "on gray"),
    (
        "vace_context_scale",
        1.5,
        at(params=LEADS, load={"vace_enabled": False}),
        "loaded without VACE",
    ),
    ("lora_scales", (("/l", 0.5),), at(GRAY), "on gray; load a pipeline that takes LoRAs"),
    ("lora_scales", (("/l", 0.5),), at(load={}), "without a LoRA"),
    ("lora_scales", (("/l", 0.5),), at(load={"loras": [LORA]}), "merged for good"),
    ("lora_scales", (("/x", 0.5),), at(load={"loras": [MOVABLE]}), "for /x: what can be scaled is"),
    ("input_mode", "text", at(GRAY), "as text on gray, which knows video only"),
    ("input_mode", "video", at(KEYS, VIDEO | {"video": "test"}), "on controller-viz, which knows"),
    ("input_mode", "video", at(params=VIDEO), "without video: nothing would be painted"),
    ("video", "test:", at(), "in text mode; set the input_mode of scope.output to video"),
    ("video", "ndi:stage", replace(at(params=VIDEO), hardware=BARE), "No SDK (Get it.)"),
    ("vace_use_input_video", True, at(GRAY), "on gray; load a pipeline that has VACE"),
    ("vace_use_input_video", True, at(load={"vace_enabled": False}), "loaded without VACE"),
    ("ndi_output", "stage", replace(at(), hardware=BARE), "on this server: No SDK (Get it.)"),
    ("spout_output", "stage", replace(at(), hardware=BARE), "on this server: it has no spout"),
    ("syphon_output", "stage", replace(at(), hardware=BARE), "on this server: it has no syphon"),
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
    ("vace_context_scale", 1.5, at(params=LEADS)),
    ("vace_context_scale", 1.5, at(params={"vace_ref_images": ("/a.png",)})),
    ("vace_context_scale", 1.5, at(load={"ref_images": ["/a.png"]})),
    ("lora_scales", (("/l", 0.5),), at()),  # another client loaded it: not known
    ("lora_scales", HALF, at(load={"loras": [LORA], "lora_merge_mode": "runtime_peft"})),
    ("lora_scales", (*HALF, ("/x", 1.0)), at(load={"loras": [MOVABLE]})),
    ("reset_cache", True, at(GRAY)),  # it drops the frames that wait, everywhere
    ("land", None, at(GRAY)),
    ("paused", True, at(GRAY)),
    ("input_mode", "text", at()),
    ("input_mode", "video", at(params=VIDEO | {"video": "test:"})),
    ("video", "test:", at(params=VIDEO)),
    ("video", "", at()),
    ("video", "ndi:stage", at(params=VIDEO)),  # what the machine has is not known
    ("vace_use_input_video", True, at()),
    ("vace_use_input_video", False, at(GRAY)),
    *((f"{kind}_output", "stage", replace(at(), hardware=RICH)) for kind in OUTPUTS),
    *((f"{kind}_output", "", replace(at(), hardware=BARE)) for kind in OUTPUTS),
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
    assert set(NEEDS) == set(PARAMETERS)
    assert {row[0] for row in VAIN} == {name for name, needs in NEEDS.items() if needs}
    assert {row[0] for row in ACTS} == set(NEEDS)
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
    sender.set({"input_mode": "video"}, 8.0)
    assert sender.due(8.0) == {"base_seed": 8}  # once more, to be sure; there is no video yet
    assert sender.mode == "text"
    sender.set({"video": "test"}, 11.0)
    assert sender.due(11.0) == {"input_mode": "video", "noise_scale": 0.6}
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
