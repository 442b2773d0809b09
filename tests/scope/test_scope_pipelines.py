"""The table of effects, row by row, on the schemas of a real server; and what is known of those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from nodegraph.scope.answers import Schema
from nodegraph.scope.effects import NEEDS, idle, table, without_effect
from nodegraph.scope.pipelines import BUILT_IN, FILTERS
from nodegraph.scope.protocol import CHUNK_FRAMES
from nodegraph.scope.sender import Sender
from nodegraph.scope.simulator.schemas import SCHEMAS as SIMULATED
from nodegraph.scope.situation import Situation

CAPTURES = Path(__file__).parent / "captures"
LORAS = [{"path": "/l"}]


def captured() -> dict[str, Schema]:
    bodies = {}
    for name in ("rest_003_schemas", "longlive_schemas"):
        bodies |= json.loads((CAPTURES / f"{name}.json").read_text("utf-8"))["body"]["pipelines"]
    return {id: Schema.of(id, body) for id, body in bodies.items()}


REAL = captured()


class Case(NamedTuple):
    """A pipeline as a real server tells of it, a mode, and how it is loaded."""

    pipeline: str
    params: dict[str, object]
    load: dict[str, object]


TEXT: dict[str, object] = {"input_mode": "text"}
OVER: dict[str, object] = {"input_mode": "video", "video": "test"}
LEADS = OVER | {"vace_use_input_video": True}
CASES = {
    "text": Case("longlive", TEXT, {}),
    "face": Case("longlive", TEXT | {"vace_ref_images": ("/a",)}, {}),
    "over": Case("longlive", OVER, {}),
    "leads": Case("longlive", LEADS, {}),
    "plain": Case("longlive", LEADS, {"vace_enabled": False}),
    "good": Case("longlive", TEXT, {"loras": LORAS}),
    "moved": Case("longlive", TEXT, {"loras": LORAS, "lora_merge_mode": "runtime_peft"}),
    "gray": Case("gray", OVER, {}),
    "pass": Case("passthrough", OVER, {}),
    "flow": Case("optical-flow", OVER, {}),
    "rife": Case("rife", OVER, {}),
    "keys": Case("controller-viz", TEXT, {}),
    "probe": Case("probe", TEXT, {}),
}
"""good: its LoRA is merged for good; plain: loaded without VACE."""

VALUES: dict[str, object] = {
    "prompts": (("a", 1.0),),
    "blend": "linear",
    "interpolation": "slerp",
    "lora_scales": (("/l", 0.5),),
    "vace_ref_images": ("/a",),
    "denoising_step_list": (1000,),
}

MATRIX = """
                       text face over leads plain good moved gray pass flow rife keys probe
prompts                 +    +    +    +     +    +     +     -    -    -    -    -    +
transition_steps        +    +    +    +     +    +     +     -    -    -    -    -    +
interpolation           +    +    +    +     +    +     +     -    -    -    -    -    +
blend                   +    +    +    +     +    +     +     -    -    -    -    -    +
noise_scale             -    -    +    -     -    -     -     -    -    -    -    -    -
noise_controller        -    -    +    -     -    -     -     -    -    -    -    -    -
denoising_step_list     +    +    +    +     +    +     +     -    -    -    -    -    +
manage_cache            +    +    +    +     +    +     +     -    -    -    -    -    -
reset_cache             +    +    +    +     +    +     +     +    +    +    +    +    +
kv_cache_attention_bias -    -    -    -     -    -     -     -    -    -    -    -    -
vace_context_scale      -    +    -    +     -    -     -     -    -    -    -    -    -
vace_ref_images         +    +    +    +     -    +     +     -    -    -    -    -    -
lora_scales             -    -    -    -     -    -     +     -    -    -    -    -    -
base_seed               +    +    +    +     +    +     +     -    -    -    -    -    +
vace_use_input_video    +    +    +    +     -    +     +     -    -    -    -    -    -
paused                  +    +    +    +     +    +     +     +    +    +    +    +    +
"""
"""Section by section as the protocol has it: + acts, - does nothing."""

HEAD, *LINES = [line.split() for line in MATRIX.strip("\n").splitlines()]


@pytest.mark.parametrize("row", LINES, ids=lambda row: row[0])
def test_what_acts_where_on_the_schemas_of_a_real_server(row: list[str]) -> None:
    name, *marks = row
    for word, mark in zip(HEAD, marks, strict=True):
        case = CASES[word]
        at = Situation(case.pipeline, REAL[case.pipeline], case.load, case.params)
        told = without_effect(name, VALUES.get(name, True), at)
        assert (told is None) == (mark == "+"), f"{word}: {told}"
        assert told is None or "; " in told, f"it does not say what would act: {told}"


def test_every_parameter_of_a_painter_is_in_the_matrix() -> None:
    about_video = {name for name in NEEDS if name.endswith("_output")} | {"video", "input_mode"}
    assert {row[0] for row in LINES} | about_video | {"land"} == set(NEEDS)


FACTS = (
    "name",
    "modes",
    "default_mode",
    "usage",
    "prompts",
    "lora",
    "vace",
    "cache",
    "kv_bias",
    "requires_models",
    "vram_gb",
    "inputs",
    "outputs",
    "quantization",
    "multiple",
    "fp8_below_gb",
)


@pytest.mark.parametrize("id", sorted(REAL.keys() & BUILT_IN.keys()))
def test_what_is_known_of_a_pipeline_is_what_a_real_server_tells(id: str) -> None:
    for fact in FACTS:
        assert getattr(BUILT_IN[id], fact) == getattr(REAL[id], fact), fact


@pytest.mark.parametrize("id", BUILT_IN)
def test_the_simulator_tells_the_same(id: str) -> None:
    told = Schema.of(id, SIMULATED[id])
    for fact in FACTS:
        assert getattr(BUILT_IN[id], fact) == getattr(told, fact), fact


def test_every_built_in_pipeline_is_known() -> None:
    assert set(BUILT_IN) == {id for id, body in SIMULATED.items() if not body["plugin_name"]}
    assert set(BUILT_IN) == set(CHUNK_FRAMES)
    assert {"gray", "passthrough", "controller-viz"} < FILTERS
    assert not {"longlive", "krea-realtime-video"} & FILTERS


def test_without_a_server_the_built_in_ones_decide() -> None:
    assert without_effect("kv_cache_attention_bias", 0.3, Situation("krea-realtime-video")) is None
    assert without_effect("kv_cache_attention_bias", 0.3, Situation("memflow"))


def test_the_table_for_people() -> None:
    rows = {row.parameter: row for row in table(BUILT_IN)}
    assert list(rows) == list(NEEDS)
    assert rows["kv_cache_attention_bias"].pipelines == ("krea-realtime-video",)
    assert rows["paused"].pipelines == tuple(BUILT_IN)
    assert set(rows["noise_scale"].pipelines) == BUILT_IN.keys() - FILTERS
    assert rows["noise_scale"].mode == "video"
    assert rows["lora_scales"].load == "loras, merge_mode runtime_peft"
    assert rows["vace_context_scale"].beside == "vace_ref_images, or video into vace"
    assert "reset_cache" in rows["kv_cache_attention_bias"].instead


def test_a_preprocessor_in_text_mode_is_told() -> None:
    sender = Sender()
    sender.situation = Situation("longlive", REAL["longlive"], before=("gray",))
    assert [problem.field for problem in sender.problems] == ["pipelines"]
    assert "gray does nothing in text mode" in sender.problems[0].text
    sender.set({"input_mode": "video", "video": "test"}, 0.0)
    assert sender.problems == ()
    assert idle(Situation("longlive", params=TEXT)) == ()
