"""What pipelines can be loaded with, and what is refused, with the reason, before it is sent. Pure.

A server checks next to nothing of a load request: it answers that all is well, and fails later
without a reason, or loads something else than was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from nodegraph.scope.answers import Json, LoraFile, Schema, items, mapping, number, text
from nodegraph.scope.fields import kind_of
from nodegraph.scope.pipelines import BUILT_IN
from nodegraph.scope.situation import MERGES

FP8 = "fp8_e4m3fn"
LARGEST_SCALE = 10.0
"""Of a LoRA, on both sides of 0."""

WHILE_PAINTING = "is set while it paints: by a scope.output, for one"
IN_VAIN: Mapping[str, str] = {
    "seed": "is read by no pipeline; say base_seed",
    "lora_merge_strategy": "is read by no pipeline; say lora_merge_mode",
    "vace_use_input_video": "is no load param; set `into` of a scope.video to vace",
    "pipeline_ids": "is no load param; name the pipelines themselves",
    **dict.fromkeys(
        (
            "manage_cache",
            "denoising_steps",
            "denoising_step_list",
            "noise_scale",
            "noise_controller",
            "kv_cache_attention_bias",
            "input_mode",
            "prompts",
        ),
        WHILE_PAINTING,
    ),
}
"""What no pipeline that Scope brings reads when it is loaded, though schemas have some of it."""


class Reads(NamedTuple):
    """A load param: which pipelines read it, and whom to load for it."""

    by: Callable[[Schema], bool]
    instead: str


_PAINTS = Reads(lambda schema: schema.prompts, "load a pipeline that paints from text")
_VACE = Reads(lambda schema: schema.vace, "load a pipeline that has VACE, such as longlive")
_LORA = Reads(lambda schema: schema.lora, "load a pipeline that takes LoRAs, such as longlive")
_SIZED = Reads(
    lambda schema: schema.prompts or schema.is_main, "name the pipeline that paints, too"
)

READ: Mapping[str, Reads] = {
    "width": _SIZED,
    "height": _SIZED,
    "base_seed": _PAINTS,
    "quantization": Reads(  # a field of the schema before there was a flag
        lambda schema: schema.quantization or "quantization" in _fields(schema), "leave it out"
    ),
    "vae_type": Reads(
        lambda schema: schema.prompts and schema.id != "streamdiffusionv2", "leave it out"
    ),
    "vace_enabled": _VACE,
    "vace_context_scale": _VACE,
    "ref_images": _VACE,
    "loras": _LORA,
    "lora_merge_mode": _LORA,
    "model_size": Reads(lambda schema: schema.id == "optical-flow", "load optical-flow"),
}
"""What pipelines that Scope brings read; one of a plugin reads what its schema has."""


def refusals(chain: Sequence[Schema], load_params: Json) -> list[str]:
    """A sentence for each wish that these pipelines cannot be loaded with; none if all is well.

    None as a value wishes for nothing.
    """
    wished = {name: value for name, value in load_params.items() if value is not None}
    found = [why for name, value in wished.items() if (why := _refusal(name, value, chain))]
    return [*found, *_together(wished, chain)]


def _refusal(name: str, value: object, chain: Sequence[Schema]) -> str:
    names = ", ".join(schema.id for schema in chain)
    others = [schema for schema in chain if schema.id not in BUILT_IN]
    owners = [schema for schema in others if name in _fields(schema)]
    if not owners:
        if name in IN_VAIN:
            return f"{name} {IN_VAIN[name]}"
        reads = READ.get(name)
        if reads is None:
            known = (field for schema in others for field in _fields(schema))
            return f"{names} has no load param {name!r}; it has {', '.join([*READ, *known])}"
        owners = [schema for schema in chain if reads.by(schema)]
        if not owners and value is False:
            return ""  # switching off what is not there is no mistake
        if not owners:
            return f"{name} is not read by {names}; {reads.instead}"
    told = (_misfit(name, value, schema) for schema in owners)
    return next(filter(None, told), "")


def _fields(schema: Schema) -> Json:
    return mapping(schema.config, "properties")


def _misfit(name: str, value: object, schema: Schema) -> str:
    """Why a value is none that this pipeline takes."""
    match name:
        case "loras":
            return "; ".join(_lora_misfits(value))
        case "lora_merge_mode":
            return "" if value in MERGES else f"lora_merge_mode is one of {', '.join(MERGES)}"
        case "vace_enabled":
            return "" if isinstance(value, bool) else "vace_enabled is true or false"
    kind = kind_of(mapping(_fields(schema), name), mapping(schema.config, "$defs"))
    why = _unlike(value, kind)
    if not why and name in ("width", "height") and isinstance(value, int):
        rest = value % schema.multiple
        near = max(schema.multiple, value - rest + schema.multiple * (2 * rest > schema.multiple))
        why = f"a multiple of {schema.multiple}, such as {near}" if rest or value <= 0 else ""
    return f"{name} of {schema.id} is {why}, not {value!r:.40}" if why else ""


def _unlike(value: object, kind: Json) -> str:
    """What a JSON Schema wants instead of a value; empty if it takes that."""
    if choices := [each for each in items(kind, "enum") if isinstance(each, str)]:
        return "" if value in choices else f"one of {', '.join(choices)}"
    low, high = number(kind, "minimum"), number(kind, "maximum")
    match text(kind, "type"), value:
        case (None, _) | ("boolean", bool()) | ("string", str()):
            return ""
        case ("array", list() | tuple()) | ("object", dict()):
            return ""
        case ("integer", int() as told) | ("number", int() | float() as told) if (
            not isinstance(value, bool)
            and isfinite(told)
            and (low is None or told >= low)
            and (high is None or told <= high)
        ):
            return ""
    limits = {"from": low, "to": high}
    range_ = "".join(f" {word} {end:g}" for word, end in limits.items() if end is not None)
    return _NAMES.get(text(kind, "type") or "", "something else") + range_


_NAMES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def _lora_misfits(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield 'loras is a list of {"path", "scale"}'
        return
    for one in value:
        path = text(one, "path") if isinstance(one, dict) else None
        if not path:
            yield f'a LoRA is {{"path", "scale"}}, not {one!r:.60}'
            continue
        scale, mode = one.get("scale", 1.0), one.get("merge_mode")
        known = number({"scale": scale}, "scale")
        if known is None or abs(known) > LARGEST_SCALE:
            yield f"the scale of {path} is from -{LARGEST_SCALE:g} to {LARGEST_SCALE:g}"
        if mode is not None and mode not in MERGES:
            yield f"the merge_mode of {path} is one of {', '.join(MERGES)}"


def _together(wished: Json, chain: Sequence[Schema]) -> Iterator[str]:
    """Wishes that do not go with each other."""
    if ("width" in wished) != ("height" in wished):
        alone, missing = ("width", "height") if "width" in wished else ("height", "width")
        yield f"{alone} without {missing}: give both, or neither"
    has_vace = any(schema.vace for schema in chain)
    vace = has_vace and wished.get("vace_enabled", True) is not False
    if vace and wished.get("quantization") == FP8:
        yield (
            f"quantization {FP8} does not go with VACE, which is loaded unless vace_enabled is "
            "false: give up one of them"
        )
    if has_vace and not vace:
        for name in ("vace_context_scale", "ref_images"):
            if wished.get(name):
                yield f"{name} does nothing while vace_enabled is false"


def found_loras(load_params: Json, files: Sequence[LoraFile]) -> tuple[Json, list[str]]:
    """Load params with the paths of LoRAs as the server has them, and what it does not have.

    A LoRA may be named by its path, its name, or the name of its file.
    """
    named: dict[str, str] = {}
    for file in files:
        base = file.path.replace("\\", "/").rpartition("/")[2]
        named |= {base: file.path, file.name: file.path}
    named |= {file.path: file.path for file in files}
    wished, missing = [], []
    for one in items(load_params, "loras"):
        path = text(one, "path") or "" if isinstance(one, dict) else ""
        if path not in named:
            has = ", ".join(file.name for file in files) or "none"
            missing.append(f"there is no LoRA {path!r} on the server; there is {has}")
        elif isinstance(one, dict):
            wished.append({**one, "path": named[path]})
    if missing or not wished:
        return load_params, missing
    return {**load_params, "loras": wished}, []
