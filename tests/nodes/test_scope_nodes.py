"""What leaves for Scope: only what is wired, only what changed, only what may leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Message, Prompt
from nodegraph.compiler import compile_patch
from nodegraph.scope.parameters import PARAMETERS, clean
from nodes.generate import lfo
from nodes.scope import Told, one_param, output
from nodes.theme import preset
from nodes.theme_steer import steer

Run = Callable[..., list[tuple[Any, ...]]]
FIRST = {
    "input_mode": "text",
    "manage_cache": False,
    "noise_controller": False,
    "blend": "linear",
    "interpolation": "slerp",
    "transition_steps": 4,
}


def bodies(results: list[tuple[Any, ...]]) -> list[dict[str, Any] | None]:
    return [message and message.body for (message,) in results]


class TestParam:
    def test_sends_when_the_value_changes(self, run: Run) -> None:
        ticks = [{"value": value} for value in (0.5, 0.5, 0.50001, 0.6, 7.0, 8.0)]
        sent = bodies(run(one_param, ticks, name="noise_scale"))
        assert [body and body["noise_scale"] for body in sent] == [0.5, None, None, 0.6, 1.0, None]

    def test_another_parameter_is_a_change(self) -> None:
        state, _ = one_param(None, 0.5, "noise_scale")
        assert one_param(state, 0.5, "vace_context_scale")[1] == Message(
            "scope", {"vace_context_scale": 0.5}
        )

    @given(st.floats(-1e9, 1e9), st.sampled_from(one_param.__nodegraph__.params["name"].choices))  # type: ignore[attr-defined]  # set by @node
    def test_everything_may_leave(self, value: float, name: str) -> None:
        _, message = one_param(None, value, name)
        assert message is not None
        assert clean(message.body) == (message.body, [])


class TestOutput:
    def test_the_params_go_first_and_once(self, run: Run) -> None:
        assert bodies(run(output, [{}, {}, {}])) == [FIRST, None, None]

    def test_only_what_is_wired(self, run: Run) -> None:
        ticks = [
            {"noise_scale": 0.5, "vace_scale": 1.0, "kv_bias": 0.3, "seed": 7.4, "paused": False}
        ]
        (sent,) = bodies(run(output, ticks))
        assert sent is not None
        assert {name: value for name, value in sent.items() if name not in FIRST} == {
            "noise_scale": 0.5,
            "vace_context_scale": 1.0,
            "kv_cache_attention_bias": 0.3,
            "base_seed": 7,
            "paused": False,
        }

    def test_only_what_changed(self, run: Run) -> None:
        ticks = [
            {"noise_scale": value, "paused": value > 0.5} for value in (0.1, 0.10004, 0.2, 0.9)
        ]
        sent = bodies(run(output, ticks))
        assert sent[1:] == [None, {"noise_scale": 0.2}, {"noise_scale": 0.9, "paused": True}]

    def test_what_is_no_longer_wired_stays_as_it_was(self) -> None:
        wired = {"noise_scale": 0.5, "denoising_steps": 3.0, "seed": 7.0, "paused": True}
        told, _ = output(Told(), (Prompt("x"),), **wired)
        assert output(told) == (told, None)
        assert output(told, (Prompt("x"),), **wired) == (told, None)

    @given(st.floats(0.0, 1.0))
    def test_numbers_have_four_decimals(self, value: float) -> None:
        told, _ = output(Told(), noise_scale=value)
        assert told.noise_scale is not None
        assert round(told.noise_scale, 4) == told.noise_scale
        assert abs(told.noise_scale - value) <= 0.5001e-4

    def test_prompts_bring_their_transition(self, run: Run) -> None:
        ticks = [{"prompts": (Prompt(text, 0.123456),)} for text in ("a", "a", "b")]
        ticks.append({"prompts": ()})
        sent = bodies(run(output, ticks, transition_steps=1, interpolation="linear"))
        assert sent[0] is not None
        assert sent[0]["prompts"] == (Prompt("a", 0.1235),)
        assert sent[1:] == [
            None,
            {
                "prompts": (Prompt("b", 0.1235),),
                "transition_steps": 2,
                "interpolation": "linear",
            },
            None,
        ]

    def test_a_reset_is_sent_once_even_if_nothing_else_changed(self, run: Run) -> None:
        sent = bodies(run(output, [{}, {"reset": True}, {}, {"reset": True}]))
        assert sent == [FIRST, {"reset_cache": True}, None, {"reset_cache": True}]

    def test_a_changed_param_is_sent(self) -> None:
        state, _ = output(Told())
        assert output(state, input_mode="video")[1] == Message("scope", {"input_mode": "video"})

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
    def test_denoising_steps_descend(self, count: int) -> None:
        _, message = output(Told(), denoising_steps=float(count))
        assert message is not None
        steps = message.body["denoising_step_list"]
        assert type(steps) is list
        assert len(steps) == count
        assert steps == sorted(set(steps), reverse=True)
        assert clean({"denoising_step_list": steps}) == ({"denoising_step_list": tuple(steps)}, [])

    def test_the_count_of_steps_does_not_flutter(self, run: Run) -> None:
        ticks = [
            {"denoising_steps": value} for value in (4.0, 4.55, 4.45, 4.55, 4.7, 4.45, 4.3, 99)
        ]
        lengths = [
            len(body["denoising_step_list"]) if body else None
            for body in bodies(run(output, ticks))
        ]
        assert lengths == [4, None, None, None, 5, None, 4, 6]

    @given(
        st.floats(-9.0, 9.0),
        st.floats(-9.0, 9.0),
        st.floats(-9.0, 9.0),
        st.floats(-1e12, 1e12),
        st.floats(-9.0, 99.0),
    )
    def test_everything_may_leave(
        self, noise: float, vace: float, bias: float, seed: float, steps: float
    ) -> None:
        _, message = output(
            Told(), (Prompt("x"),), noise, steps, vace, bias, seed, paused=True, reset=True
        )
        assert message is not None
        cleaned, problems = clean(message.body)
        assert problems == []
        assert message.body.keys() == cleaned.keys() <= PARAMETERS.keys()
        for name in cleaned.keys() - {"prompts", "denoising_step_list"}:
            assert cleaned[name] == message.body[name]


def test_a_theme_reaches_scope_through_an_engine() -> None:
    patch = kit.patch(
        {
            "look": ("theme.preset", {"theme": "ocean"}),
            "swell": ("generate.lfo", {"rate": 0.05}),
            "play": ("theme.steer", {"hold": 2.0, "push": 0.0}),
            "scope": ("scope.output", {"input_mode": "video"}),
        },
        [
            "look.theme -> play.theme",
            "swell.out -> play.energy",
            "swell.cycle -> play.beat",
            "play.prompts -> scope.prompts",
            "play.noise_scale -> scope.noise_scale",
        ],
    )
    engine = kit.engine(compile_patch(patch, kit.catalogue(preset, lfo, steer, output)))
    sent = [message for _ in range(30 * 94) for message in engine.tick({})]
    texts = {prompt.text for message in sent for prompt in message.body.get("prompts", ())}
    noises = [message.body["noise_scale"] for message in sent if "noise_scale" in message.body]
    assert all(clean(message.body)[1] == [] for message in sent)
    assert len(texts) == 3
    assert min(noises) < 0.49
    assert 0.67 < max(noises) <= 0.68
