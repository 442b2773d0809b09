"""What may leave this machine for Scope, and in which shape."""

from __future__ import annotations

import json
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.errors import SessionError
from nodegraph.scope.parameters import OUTPUTS, PARAMETERS, clean
from nodegraph.scope.protocol import LIMIT, OTHERWISE, differs, dumps, encode, to_wire

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


def numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [n for one in value.values() for n in numbers(one)]
    if isinstance(value, (list, tuple)):
        return [n for one in value for n in numbers(one)]
    return [value] if isinstance(value, float) else []


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)) | st.text(max_size=8), ANYTHING))
def test_whatever_comes_in_only_valid_json_goes_out(params: dict[str, object]) -> None:
    message, problems = encode(params)
    assert len(dumps(message).encode()) < LIMIT
    assert json.loads(dumps(message)) == message
    assert all(isfinite(number) and round(number, 4) == number for number in numbers(message))
    assert ("prompts" in message) == ("transition" in message)
    for name in params.keys() - PARAMETERS.keys():
        assert name not in message
        assert any(problem.field == name for problem in problems)
    for name, value in message.items():
        row = PARAMETERS.get(name)
        if row and row.low is not None and row.high is not None and isinstance(value, float):
            assert row.low <= value <= row.high


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), ANYTHING))
def test_cleaning_twice_changes_nothing(params: dict[str, object]) -> None:
    cleaned, _ = clean(params)
    assert clean(cleaned) == (cleaned, [])


@pytest.mark.parametrize(
    ("name", "value", "wire"),
    [
        ("noise_scale", 0.123456, 0.1235),
        ("noise_scale", 7, 1.0),
        ("noise_scale", np.float32(0.5), 0.5),
        ("noise_scale", -1.0, 0.0),
        ("kv_cache_attention_bias", 0.0, 0.01),
        ("vace_context_scale", 9.0, 2.0),
        ("noise_controller", np.bool_(True), True),
        ("base_seed", 41.7, 42),
        ("base_seed", -3, 0),
        ("denoising_step_list", [250, 1000.0, 750, 750], [1000, 750, 250]),
        ("vace_ref_images", "/a.png", ["/a.png"]),
        ("lora_scales", {"/a.safetensors": 99.0}, [{"path": "/a.safetensors", "scale": 10.0}]),
        ("lora_scales", [{"path": "/a", "scale": 1}], [{"path": "/a", "scale": 1.0}]),
        ("input_mode", "video", "video"),
        ("reset_cache", True, True),
        ("paused", False, False),
    ],
)
def test_values_are_clamped_and_rounded(name: str, value: object, wire: object) -> None:
    assert encode({name: value}) == ({name: wire}, [])


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("noise_scale", nan, "it is nan; it expects a number from 0 to 1"),
        ("noise_scale", inf, "it is inf"),
        ("noise_scale", 10**400, "too large"),
        ("noise_scale", "0.5", "'0.5', not a number"),
        ("noise_scale", True, "True, not a number"),
        ("noise_scale", None, "None, not a number"),
        ("noise_controller", 1, "not true or false"),
        ("base_seed", nan, "nan"),
        ("denoising_step_list", [], "empty"),
        ("denoising_step_list", "1000", "not a list"),
        ("input_mode", "audio", "text or video"),
        ("blend", "cubic", "linear or slerp"),
        ("prompts", "calm sea", "not a list"),
        ("prompts", [("calm sea", nan)], "nan"),
        ("prompts", [("calm sea",)], "not a pair"),
        ("prompts", [(3, 1.0)], "3 is not a text"),
        ("prompts", [("sea " * 20_000, 1.0)], "longer than"),
        ("lora_scales", [{"path": "/a"}], "None, not a number"),
        ("seed", 3, "no parameter “seed”"),
        ("bpm", 120.0, "no parameter “bpm”"),
    ],
)
def test_what_cannot_be_sent_is_a_problem(name: str, value: object, says: str) -> None:
    message, problems = encode({name: value, "noise_controller": True} | {name: value})
    assert name not in message
    assert [problem.field for problem in problems] == [name]
    assert says in problems[0].text
    assert problems[0].text.endswith(".")


def test_prompts_bring_their_transition() -> None:
    message, _ = encode(
        {
            "prompts": (("calm sea", 0.75), ("storm", 0.25)),
            "transition_steps": 4.0,
            "interpolation": "slerp",
            "blend": "slerp",
        }
    )
    target = [{"text": "calm sea", "weight": 0.75}, {"text": "storm", "weight": 0.25}]
    assert message == {
        "prompts": target,
        "transition": {
            "target_prompts": target,
            "num_steps": 4,
            "temporal_interpolation_method": "slerp",
        },
        "spatial_interpolation_method": "slerp",
        "prompt_interpolation_method": "slerp",
    }


@pytest.mark.parametrize(("asked", "sent"), [(0, 0), (1, 2), (2, 2), (-4, 0), (0.4, 0)])
def test_no_transition_of_one_step_ever(asked: float, sent: int) -> None:
    message, _ = encode({"prompts": [("a", 1.0)], "transition_steps": asked})
    transition = message["transition"]
    assert isinstance(transition, dict)
    assert transition["num_steps"] == sent


def test_half_a_character_has_no_utf8() -> None:
    message, problems = encode({"prompts": [("sea \ud83c", 1.0)]})
    assert not problems
    assert message["prompts"] == [{"text": "sea ?", "weight": 1.0}]
    dumps(message).encode()


def test_nothing_said_is_nothing_sent() -> None:
    assert encode({"prompts": ()}) == ({}, [])
    assert encode({"reset_cache": False}) == ({}, [])
    assert encode({"transition_steps": 8, "interpolation": "slerp"}) == ({}, [])


def test_the_fullest_message_fits() -> None:
    params: dict[str, object] = {
        "prompts": [("ü" * 10_000, 1.0)],
        "denoising_step_list": range(1, 1001),
        "vace_ref_images": ["/" + "a" * 5_900],
        "lora_scales": [("/" + "b" * 5_900, 1.0)],
    }
    message, problems = encode(params)
    assert not problems
    assert message.keys() == params.keys() | {"transition"}
    assert 60_000 > len(dumps(message).encode()) > 50_000


def test_what_does_not_fit_raises() -> None:
    with pytest.raises(SessionError, match="shorten the prompts"):
        dumps({"text": "x" * LIMIT})


@pytest.mark.parametrize(
    ("name", "value", "sent", "worth"),
    [
        ("noise_scale", 0.5, 0.5004, False),
        ("noise_scale", 0.5, 0.502, True),
        ("noise_scale", 0.5, None, True),
        ("vace_context_scale", 1.0, 1.0015, False),
        ("prompts", (("a", 0.5),), (("a", 0.502),), False),
        ("prompts", (("a", 0.5),), (("a", 0.51),), True),
        ("prompts", (("a", 0.5),), (("b", 0.5),), True),
        ("prompts", (("a", 0.5), ("b", 0.5)), (("a", 0.5),), True),
        ("base_seed", 1, 2, True),
        ("blend", "slerp", "slerp", False),
    ],
)
def test_dead_band(name: str, value: object, sent: object, worth: bool) -> None:
    assert differs(name, value, sent) is worth


def test_every_row_has_an_example_that_passes() -> None:
    examples: dict[str, object] = {
        "prompts": [("a", 1)],
        "denoising_step_list": [1000],
        "vace_ref_images": ["/a"],
        "lora_scales": [("/a", 1)],
        "land": {"ahead": 0.2, "every": 0.5, "names": ["prompts"]},
        "video": "file:/rain.mp4",
        **{f"{kind}_output": "stage" for kind in OUTPUTS},
    }
    for name, row in PARAMETERS.items():
        value = examples.get(name, row.choices[0] if row.choices else 1)
        if row.expects == "true or false":
            value = True
        cleaned, problems = clean({name: value})
        assert not problems
        assert to_wire(cleaned) or name in OTHERWISE
