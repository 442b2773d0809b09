"""What parameters need in order to act, each need with the reason why it is not met. Pure.

The facts are those of Scope 0.2.4. Where a fact is not known (a pipeline of a plugin, load params
of another client) nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from nodegraph.scope.answers import Schema, mappings
from nodegraph.scope.pipelines import BUILT_IN, FILTERS
from nodegraph.scope.situation import Situation, loaded_lora, runtime_loras
from nodegraph.scope.video import parse_video
from nodegraph.words import plural

Lacks = Callable[[object, Situation], str]
"""Why a value has no effect, to go on after “… does nothing ”; empty if it may have one."""


class Need(NamedTuple):
    """Something without which a value does nothing.

    `of` says who has to bring it: the pipeline, the mode, the load params, other parameters, or the
    server's machine. `text` is the need, `instead` what to do where it is not met.
    """

    of: Literal["pipeline", "mode", "load", "beside", "machine"]
    text: str
    lacks: Lacks
    instead: str = ""


def _ability(has: Callable[[Schema], bool]) -> Lacks:
    """What only pipelines act on whose schema says so."""

    def lacks(value: object, at: Situation) -> str:
        missing = at.known is not None and not has(at.known)
        return f"on {at.pipeline}" if missing else ""

    return lacks


def _model(value: object, at: Situation) -> str:
    return f"on {at.pipeline}, which has no diffusion model" if at.pipeline in FILTERS else ""


def _video_mode(value: object, at: Situation) -> str:
    usual = ("video",) if at.pipeline in BUILT_IN else ()
    modes = at.modes("noise_scale") or usual
    return f"in {at.mode} mode on {at.pipeline}" if modes and at.mode not in modes else ""


def _painted_over(value: object, at: Situation) -> str:
    leads = at.mode == "video" and at.params.get("vace_use_input_video") is True
    return "on video that leads through VACE" if leads else ""


def _offered_mode(value: object, at: Situation) -> str:
    modes = at.known.modes if at.known else ()
    if not modes or value in modes:
        return ""
    return f"as {value} on {at.pipeline}, which knows {' and '.join(modes)} only"


def _vace_loaded(value: object, at: Situation) -> str:
    if at.load_params is None or at.load_params.get("vace_enabled", True):
        return ""
    return f"on {at.pipeline} loaded without VACE"


def _lora_loaded(value: object, at: Situation) -> str:
    if at.load_params is None or mappings(at.load_params, "loras"):
        return ""
    return "without a LoRA"


def _lora_movable(value: object, at: Situation) -> str:
    if at.load_params is None:
        return ""
    movable = runtime_loras(at.load_params)
    if not movable:
        return "on LoRAs that are merged for good"
    asked = [path for path, _ in value] if isinstance(value, tuple) else []
    if not asked or {loaded_lora(path, at.load_params) for path in asked} & {*movable}:
        return ""
    return f"for {', '.join(asked)}: what can be scaled is {', '.join(movable)}"


def _two_prompts(value: object, at: Situation) -> str:
    prompts = at.params.get("prompts")
    count = len(prompts) if isinstance(prompts, tuple) else 0
    if value != "slerp" or count in (0, 2):
        return ""
    return f"as slerp with {plural(count, 'prompt')}: it mixes exactly two"


def _followed(value: object, at: Situation) -> str:
    if at.known is None:
        return ""
    images = at.params.get("vace_ref_images") or (at.load_params or {}).get("ref_images")
    leads = at.mode == "video" and at.params.get("vace_use_input_video") is True
    return "" if images or leads else "without a reference image or video that leads"


def _video_in(value: object, at: Situation) -> str:
    missing = value == "video" and not at.params.get("video")
    return "without video: nothing would be painted" if missing else ""


def _wanted_in(value: object, at: Situation) -> str:
    return "in text mode" if value and at.mode == "text" else ""


def _opened_there(value: object, at: Situation) -> str:
    video = parse_video(value) if isinstance(value, str) else None
    return _there(video.kind, at) if video is not None else ""


def shared(kind: str) -> Need:
    """The server's machine has that way to share its picture."""

    def lacks(value: object, at: Situation) -> str:
        return _there(kind, at) if value else ""

    return Need("machine", f"{kind} on the server", lacks)


def _there(kind: str, at: Situation) -> str:
    """Why the server's machine does not have a way to share video."""
    output = at.hardware.outputs.get(kind) if at.hardware else None
    if output is None or output.available:
        return ""
    hint = f" ({output.hint})" if output.hint else ""
    return f"on this server: {output.reason or f'it has no {kind}'}{hint}"


def if_on(*needs: Need) -> tuple[Need, ...]:
    """Needs of a switch: switching off what is not there is no mistake."""

    def unless_off(lacks: Lacks) -> Lacks:
        return lambda value, at: lacks(value, at) if value else ""

    return tuple(need._replace(lacks=unless_off(need.lacks)) for need in needs)


MODEL = Need("pipeline", "a diffusion model", _model, "load longlive, for one")
PROMPTS = Need(
    "pipeline",
    "prompts",
    _ability(lambda schema: schema.prompts),
    "load a pipeline that paints from text",
)
VACE = Need(
    "pipeline",
    "VACE",
    _ability(lambda schema: schema.vace),
    "load a pipeline that has VACE, such as longlive",
)
LORAS = Need(
    "pipeline",
    "LoRAs",
    _ability(lambda schema: schema.lora),
    "load a pipeline that takes LoRAs, such as longlive",
)
CACHE = Need(
    "pipeline",
    "a cache",
    _ability(lambda schema: schema.cache),
    "no other parameter is needed in its place",
)
KV_BIAS = Need(
    "pipeline",
    "a cache bias",
    _ability(lambda schema: schema.kv_bias),
    "only krea-realtime-video has it; to let go of past frames, use reset_cache",
)
OFFERED_MODE = Need("pipeline", "that mode", _offered_mode, "set input_mode to what it knows")
VIDEO_MODE = Need(
    "mode",
    "video",
    _video_mode,
    "use denoising steps, prompt weights or transitions, or input_mode video",
)
WANTED_IN = Need("mode", "video", _wanted_in, "set the input_mode of scope.output to video")
VACE_LOADED = Need("load", "vace_enabled", _vace_loaded, "load it with vace_enabled true")
LORA_LOADED = Need("load", "loras", _lora_loaded, "name some in the load param loras")
LORA_MOVABLE = Need(
    "load", "merge_mode runtime_peft", _lora_movable, "load them with merge_mode runtime_peft"
)
TWO_PROMPTS = Need("beside", "two prompts, for slerp", _two_prompts, "use two prompts, or linear")
FOLLOWED = Need(
    "beside",
    "vace_ref_images, or video into vace",
    _followed,
    "send vace_ref_images too, or video with vace_use_input_video",
)
PAINTED_OVER = Need(
    "beside",
    "video into video, not into vace",
    _painted_over,
    "use vace_context_scale, or set `into` of scope.video to video",
)
VIDEO_IN = Need("beside", "video", _video_in, "say with a scope.video what goes in")
OPENED = Need("machine", "a server that can open it", _opened_there)
