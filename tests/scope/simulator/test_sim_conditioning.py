"""Every row of the prompt and transition tables, chunk by chunk through the real queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from nodegraph.scope.simulator.conditioning import Conditioning, blend, mix
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import Paint, Picture
from nodegraph.scope.simulator.processor import Processor
from nodegraph.scope.simulator.words import encode

A = [{"text": "burning embers", "weight": 1.0}]
B = [{"text": "calm ocean", "weight": 1.0}]
C = [{"text": "gold temple", "weight": 1.0}]


class TextModel:
    """Only the text state of a pipeline; remembers what was in effect in each chunk."""

    chunk_seconds = 0.0

    def __init__(self) -> None:
        self.conditioning = Conditioning()
        self.shown: list[np.ndarray] = []

    def needs(self, mode: str) -> int:
        return 0

    def transition_done(self) -> bool:
        return not self.conditioning.running

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        if fresh:
            self.conditioning.reset()
        spatial = params.get("spatial_interpolation_method")
        shown = self.conditioning.next(params.get("prompts"), params.get("transition"), spatial)
        self.shown.append(shown)
        return []


class Desk:
    """A processor that has shown prompt A for one chunk; `send` then gives chunks."""

    def __init__(self) -> None:
        self.model = TextModel()
        self.log = Log()
        self.processor = Processor("longlive", self.model, {"prompts": A}, self.log, text_only=True)
        self.processor.step(None)

    def send(self, message: Mapping[str, object], chunks: int = 1) -> str:
        self.processor.put(1, message)
        return self.run(chunks)

    def run(self, chunks: int) -> str:
        """Generate chunks and name what each shows: A, B, C, or how far from A to B."""
        before = len(self.model.shown)
        for _ in range(chunks):
            self.processor.step(None)
        return " ".join(named(each) for each in self.model.shown[before:])


def named(embedding: np.ndarray) -> str:
    for name, prompts in (("A", A), ("B", B), ("C", C)):
        if np.allclose(embedding, encode(prompts[0]["text"]), atol=1e-5):
            return name
    start, goal = encode(A[0]["text"]), encode(B[0]["text"])
    t = float((embedding - start) @ (goal - start)) / float((goal - start) @ (goal - start))
    on_line = np.allclose(embedding, start + t * (goal - start), atol=1e-4)
    return f"{t:.2f}" if on_line else "?"


def to(target: object, steps: object = 4, **more: object) -> dict[str, object]:
    return {"transition": {"target_prompts": target, "num_steps": steps, **more}}


def test_a_transition_takes_n_chunks_from_the_source_to_the_target() -> None:
    assert Desk().send({"prompts": B, **to(B, 4)}, 6) == "A 0.33 0.67 B B B"


def test_the_processor_drops_the_transition_when_it_is_over() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 3)}, 2)
    assert "transition" in desk.processor.params
    desk.run(1)
    assert "transition" not in desk.processor.params


@pytest.mark.parametrize("steps", [0, -2, None, "many", float("nan")])
def test_no_readable_number_of_steps_is_a_cut(steps: object) -> None:
    assert Desk().send({"prompts": B, **to(B, steps)}, 2) == "B B"


def test_prompts_alone_are_a_cut_when_nothing_runs() -> None:
    assert Desk().send({"prompts": B}, 2) == "B B"


def test_one_step_never_arrives_and_sending_it_again_does_nothing() -> None:
    desk = Desk()
    assert desk.send({"prompts": B, **to(B, 1)}, 3) == "A A A"
    assert desk.send({"prompts": B, **to(B, 4)}, 3) == "A A A"
    assert desk.send({"prompts": B}, 2) == "A A"
    assert desk.send({"prompts": C}) == "C"


def test_one_step_is_escaped_by_a_reset_when_the_prompts_were_sent() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 1)}, 2)
    assert desk.send({"reset_cache": True}) == "B"


def test_other_params_leave_a_transition_alone() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 4)}, 2)
    assert desk.send({"noise_scale": 0.3}, 2) == "0.67 B"


def test_the_target_again_without_the_transition_reverts_for_good() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 4)}, 2)
    assert desk.send({"prompts": B}, 3) == "A A A"
    assert desk.send({"prompts": B}, 2) == "A A", "an unchanged value is ignored"
    assert desk.send({"prompts": B, **to(B, 2)}, 2) == "A B", "with the transition it goes again"


def test_after_a_revert_another_prompt_frees_the_first() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 4)}, 2)
    desk.send({"prompts": B}, 1)
    assert desk.send({"prompts": C}) == "C"
    assert desk.send({"prompts": B}) == "B"


def test_the_target_of_a_transition_sent_alone_gives_one_more_step_then_reverts() -> None:
    desk = Desk()
    desk.send(to(B, 4), 2)
    assert desk.send({"prompts": B}, 3) == "0.67 A A"


@pytest.mark.parametrize("together", [True, False])
def test_the_source_reverts(together: bool) -> None:
    desk = Desk()
    desk.send(({"prompts": B} if together else {}) | to(B, 4), 2)
    assert desk.send({"prompts": A}, 2) == "A A"


def test_another_prompt_or_another_weight_snaps() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 4)}, 2)
    assert desk.send({"prompts": C}, 2) == "C C"
    desk = Desk()
    desk.send({"prompts": B, **to(B, 4)}, 2)
    assert desk.send({"prompts": [{"text": "calm ocean", "weight": 0.5}]}, 2) == "B B"


def test_a_new_target_goes_on_from_the_momentary_blend() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 3)}, 2)
    moment = desk.model.shown[-1]
    desk.send({"prompts": C, **to(C, 3)}, 3)
    expected = [mix(moment, encode("gold temple"), t, "linear") for t in (0.0, 0.5, 1.0)]
    assert np.allclose(desk.model.shown[-3:], expected, atol=1e-5)


def test_streaming_prompts_and_transition_together_every_chunk_is_safe() -> None:
    desk = Desk()
    state = {"prompts": B, **to(B, 4)}
    assert " ".join(desk.send(state) for _ in range(6)) == "A 0.33 0.67 B B B"


def test_after_a_transition_sent_alone_the_old_prompts_are_ignored_and_come_back_on_reset() -> None:
    desk = Desk()
    assert desk.send(to(B, 2), 3) == "A B B"
    assert desk.send({"prompts": A}, 2) == "B B"
    assert desk.send(to(A, 2), 2) == "B A", "a transition back works"
    desk.send(to(B, 2), 2)
    assert desk.send({"reset_cache": True}) == "A"


def test_reset_after_prompts_and_transition_stays_at_the_target() -> None:
    desk = Desk()
    desk.send({"prompts": B, **to(B, 2)}, 2)
    assert desk.send({"reset_cache": True}) == "B"


def test_a_reset_is_for_one_chunk_and_false_does_nothing() -> None:
    desk = Desk()
    desk.send(to(B, 2), 2)
    assert desk.send({"reset_cache": False}, 2) == "B B"
    assert "reset_cache" not in desk.processor.params


def test_a_transition_to_what_is_shown_queues_nothing() -> None:
    desk = Desk()
    desk.send(to([{"text": "burning embers", "weight": 2.0}], 4))
    assert not desk.model.conditioning.running


def test_empty_prompts_change_nothing() -> None:
    assert Desk().send({"prompts": []}, 2) == "A A"


@pytest.mark.parametrize("bad", [None, 3, {"text": "x"}, [3], [{"text": "x", "weight": "1"}]])
def test_bad_prompts_fail_every_chunk_until_corrected(bad: object) -> None:
    desk = Desk()
    assert desk.send({"prompts": bad}, 3) == ""
    assert sum("Error processing chunk" in line for line in desk.log.tail(99, 0)[0]) == 3
    assert desk.send({"prompts": B}) == "B"


def test_missing_prompts_are_named_in_the_log() -> None:
    log = Log()
    processor = Processor("longlive", TextModel(), {}, log, text_only=True)
    assert processor.step(None) is None
    assert "Required input 'prompts' is missing" in log.text()


def test_weights_are_normalised_and_all_zero_is_equal() -> None:
    a, b = encode("burning embers"), encode("calm ocean")
    pair = ("burning embers", 3.0), ("calm ocean", 1.0)
    assert np.allclose(blend(pair, None), 0.75 * a + 0.25 * b, atol=1e-6)
    nothing = ("burning embers", 0.0), ("calm ocean", 0.0)
    assert np.allclose(blend(nothing, None), (a + b) / 2, atol=1e-6)


def test_slerp_needs_exactly_two_prompts_and_its_own_key() -> None:
    a, b = encode("burning embers"), encode("calm ocean")
    arc = blend((("burning embers", 1.0), ("calm ocean", 1.0)), "slerp")
    angle = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert np.allclose(arc, (a + b) * np.sin(angle / 2) / np.sin(angle), atol=1e-5)
    three = (("burning embers", 1.0), ("calm ocean", 1.0), ("gold temple", 1.0))
    assert np.allclose(blend(three, "slerp"), blend(three, "linear"))


def test_the_spatial_method_alone_takes_effect_only_with_the_next_prompts() -> None:
    desk = Desk()
    pair = [*A, *B]
    desk.send({"prompts": pair})
    straight = desk.model.shown[-1]
    desk.send({"spatial_interpolation_method": "slerp"})
    assert np.allclose(desk.model.shown[-1], straight)
    desk.send({"prompts": [{**A[0], "weight": 2.0}, {**B[0], "weight": 2.0}]})
    assert not np.allclose(desk.model.shown[-1], straight)
