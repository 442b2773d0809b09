"""Which parameter does something, and where: the table that keeps vain parameters off the wire.

A server takes every parameter everywhere, and says nothing when it has no use for one.
`without_effect` says it, with what would have an effect instead. What the server's own schema says
counts for more than what is known of the pipelines that Scope brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nodegraph.errors import Problem
from nodegraph.scope.answers import Schema
from nodegraph.scope.needs import (
    CACHE,
    FOLLOWED,
    KV_BIAS,
    LORA_LOADED,
    LORA_MOVABLE,
    LORAS,
    MODEL,
    OFFERED_MODE,
    OPENED,
    PAINTED_OVER,
    PROMPTS,
    TWO_PROMPTS,
    VACE,
    VACE_LOADED,
    VIDEO_IN,
    VIDEO_MODE,
    WANTED_IN,
    Need,
    if_on,
    shared,
)
from nodegraph.scope.parameters import OUTPUTS, PARAMETERS
from nodegraph.scope.situation import Situation

NEEDS: Mapping[str, tuple[Need, ...]] = {
    "prompts": (PROMPTS,),
    "transition_steps": (PROMPTS,),
    "interpolation": (PROMPTS,),
    "blend": (PROMPTS, TWO_PROMPTS),
    "input_mode": (OFFERED_MODE, VIDEO_IN),
    "noise_scale": (MODEL, VIDEO_MODE, PAINTED_OVER),
    "noise_controller": if_on(MODEL, VIDEO_MODE, PAINTED_OVER),
    "denoising_step_list": (MODEL,),
    "manage_cache": (CACHE,),
    "reset_cache": (),
    "kv_cache_attention_bias": (KV_BIAS,),
    "vace_context_scale": (VACE, VACE_LOADED, FOLLOWED),
    "vace_ref_images": (VACE, VACE_LOADED),
    "lora_scales": (LORAS, LORA_LOADED, LORA_MOVABLE),
    "base_seed": (MODEL,),
    "paused": (),
    "land": (),
    "video": (WANTED_IN, OPENED),
    "vace_use_input_video": if_on(VACE, VACE_LOADED),
    **{f"{kind}_output": (shared(kind),) for kind in OUTPUTS},
}
"""What each parameter needs, in the order of `PARAMETERS`; what is missing first is told."""


def without_effect(name: str, value: object, situation: Situation) -> str | None:
    """A sentence if setting `name` to `value` changes nothing, with what would; None if it acts."""
    for need in NEEDS.get(name, ()):
        if why := need.lacks(value, situation):
            instead = f"; {need.instead}" if need.instead else ""
            return f"{name} does nothing {why}{instead}"
    return None


def idle(situation: Situation) -> tuple[Problem, ...]:
    """The pipelines of a chain that have nothing to work on: a session is made without them."""
    if situation.mode == "video":
        return ()
    return tuple(
        Problem(
            f"{id} does nothing in text mode, as it works on video on its way to "
            f"{situation.pipeline}; set the input_mode of scope.output to video, or leave it out",
            field="pipelines",
        )
        for id in situation.before
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What a parameter takes and needs, in words; empty where it needs nothing of the kind."""

    parameter: str
    takes: str
    pipelines: tuple[str, ...]
    mode: str
    load: str
    beside: str
    instead: str


def table(schemas: Mapping[str, Schema]) -> list[Row]:
    """The whole table for these pipelines, to be read by people."""
    return [_row(name, needs, schemas) for name, needs in NEEDS.items()]


def _row(name: str, needs: Iterable[Need], schemas: Mapping[str, Schema]) -> Row:
    needs = tuple(needs)

    def of(*who: str) -> str:
        return ", ".join(need.text for need in needs if need.of in who)

    choices = PARAMETERS[name].choices
    able = (need for need in needs if need.of == "pipeline")
    lacking = {
        id
        for need in able
        for id, schema in schemas.items()
        if all(need.lacks(value, Situation(id, schema)) for value in choices or (True,))
    }
    return Row(
        name,
        PARAMETERS[name].expects,
        tuple(id for id in schemas if id not in lacking),
        of("mode"),
        of("load"),
        of("beside", "machine"),
        "; or ".join(need.instead for need in needs if need.instead),
    )
