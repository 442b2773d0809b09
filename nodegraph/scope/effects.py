"""Which parameter does something, and where: the table that keeps vain parameters off the wire.

A server takes every parameter everywhere, and says nothing when it has no use for one.
`without_effect` says it, with what would have an effect instead. The facts are those of Scope
0.2.4. Where a fact is not known (a pipeline of a plugin, load params of another client) nothing is
claimed, and what the server's own schema says counts for more than the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nodegraph.scope.answers import Json, Schema, mapping, mappings, strings

RUNTIME_MERGE = "runtime_peft"

FILTERS = frozenset(
    {
        "passthrough",
        "gray",
        "scribble",
        "optical-flow",
        "video-depth-anything",
        "rife",
        "controller-viz",
    }
)
"""Pipelines that change or draw pictures without a diffusion model."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides: the pipeline, what its server says of it, how it is loaded, what is wished.

    `load_params` are None where they are not known. `params` are cleaned, by their names in
    `parameters`.
    """

    pipeline: str
    schema: Schema | None = None
    load_params: Json | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        """Whether pictures are made from `text` or from `video`."""
        return mode_of(self.params)

    def modes(self, name: str) -> tuple[str, ...]:
        """The modes in which the schema says that a parameter acts; none if it does not say."""
        config = self.schema.config if self.schema else {}
        return strings(mapping(mapping(mapping(config, "properties"), name), "ui"), "modes")


def mode_of(params: Mapping[str, object]) -> str:
    """`text` or `video`: whatever is not video counts as text, as on the server."""
    return "video" if params.get("input_mode") == "video" else "text"


def without_effect(name: str, value: object, situation: Situation) -> str | None:
    """A sentence if setting `name` to `value` changes nothing, with what would; None if it acts."""
    for rule in RULES.get(name, ()):
        if why := rule(value, situation):
            return f"{name} does nothing {why}"
    return None


Rule = Callable[[object, Situation], str]
"""Why a value has no effect, to go on after “… does nothing ”; empty if it may have one."""


def _not_on_filters(value: object, at: Situation) -> str:
    if at.pipeline not in FILTERS:
        return ""
    return f"on {at.pipeline}, which has no diffusion model; load longlive, for one"


def _needs(flag: Callable[[Schema], bool], instead: str) -> Rule:
    """What only pipelines act on whose schema says so."""

    def rule(value: object, at: Situation) -> str:
        lacks = at.schema is not None and not flag(at.schema)
        return f"on {at.pipeline}; {instead}" if lacks else ""

    return rule


def _video_only(value: object, at: Situation) -> str:
    if value is False or at.mode in (at.modes(_NOISE) or ("video",)):
        return ""  # switching off what is not there is no mistake
    return (
        f"in {at.mode} mode on {at.pipeline}; use denoising steps, prompt weights or transitions, "
        "or input_mode video"
    )


def _two_prompts(value: object, at: Situation) -> str:
    prompts = at.params.get("prompts")
    count = len(prompts) if isinstance(prompts, tuple) else 0
    if value != "slerp" or count in (0, 2):
        return ""
    word = "prompt" if count == 1 else "prompts"
    return f"as slerp with {count} {word}: it mixes exactly two; use two prompts, or linear"


def _vace_loaded(value: object, at: Situation) -> str:
    if at.load_params is None or at.load_params.get("vace_enabled", True):
        return ""
    return f"on {at.pipeline} loaded without VACE; load it with vace_enabled true"


def _something_to_follow(value: object, at: Situation) -> str:
    images = at.params.get("vace_ref_images") or (at.load_params or {}).get("ref_images")
    if images or at.mode == "video":
        return ""
    return "without a reference image or input video; send vace_ref_images too"


def _lora_at_runtime(value: object, at: Situation) -> str:
    if at.load_params is None:
        return ""
    loras = mappings(at.load_params, "loras")
    if not loras:
        return "without a LoRA; name some in the load param loras"
    common = at.load_params.get("lora_merge_mode")
    if any((one.get("merge_mode") or common) == RUNTIME_MERGE for one in loras):
        return ""
    return f"on LoRAs that are merged for good; load them with merge_mode {RUNTIME_MERGE}"


_NOISE = "noise_scale"
_PROMPTS = _needs(lambda schema: schema.prompts, "load a pipeline that paints from text")
_VACE = _needs(lambda schema: schema.vace, "load a pipeline that has VACE, such as longlive")
_CACHE = _needs(lambda schema: schema.cache, "no other parameter is needed in its place")
_LORA = _needs(lambda schema: schema.lora, "load a pipeline that takes LoRAs, such as longlive")
_KV_BIAS = _needs(
    lambda schema: schema.kv_bias,
    "only krea-realtime-video has it; to let go of past frames, use reset_cache",
)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "prompts": (_PROMPTS,),
    "transition_steps": (_PROMPTS,),
    "interpolation": (_PROMPTS,),
    "blend": (_PROMPTS, _two_prompts),
    "noise_scale": (_not_on_filters, _video_only),
    "noise_controller": (_not_on_filters, _video_only),
    "denoising_step_list": (_not_on_filters,),
    "base_seed": (_not_on_filters,),
    "manage_cache": (_CACHE,),
    "kv_cache_attention_bias": (_KV_BIAS,),
    "vace_ref_images": (_VACE, _vace_loaded),
    "vace_context_scale": (_VACE, _vace_loaded, _something_to_follow),
    "lora_scales": (_LORA, _lora_at_runtime),
}
"""By parameter, what may keep it from acting; the first reason is told."""
