"""What goes to Daydream Scope, in its own words: one parameter, or all that a patch steers."""

from __future__ import annotations

from typing import NamedTuple

from nodegraph import Message, Prompt, Prompts, Trigger, inlet, node, param
from nodes._numbers import clamp, nearest

_SINK = "scope"
_DECIMALS = 4

_SCHEDULES: tuple[tuple[int, ...], ...] = (
    (1000,),
    (1000, 500),
    (1000, 750, 500),
    (1000, 750, 500, 250),
    (1000, 800, 600, 400, 250),
    (1000, 850, 700, 550, 400, 250),
)
"""Denoising steps, by how many there are: from nothing but noise down to detail."""

_RANGES = {
    "noise_scale": (0.0, 1.0),
    "vace_context_scale": (0.0, 2.0),
    "kv_cache_attention_bias": (0.01, 1.0),
}
"""Scope's parameters that may move with the music."""


class Sent(NamedTuple):
    """The parameter and value last sent."""

    name: str
    value: float


@node("scope.param", outlets="message", state=None, title="Scope Param", aliases="OSC Out, Send")
def one_param(
    state: Sent | None,
    value: float = inlet(help="what to set it to; held to the parameter's range"),
    name: str = param("noise_scale", choices=tuple(_RANGES), help="which parameter of Scope"),
) -> tuple[Sent, Message | None]:
    """Set one parameter of Scope.

    For a patch that steers a single thing. `noise_scale` (0..1) acts on input video only, not on
    pictures from text; `vace_context_scale` (0..2) only with a reference image or VACE video;
    `kv_cache_attention_bias` (0.01..1) only on Krea. It sends when the value changes.
    """
    now = Sent(name, round(clamp(value, *_RANGES[name]), _DECIMALS))
    return now, None if now == state else Message(_SINK, {name: now.value})


@node(
    "scope.output",
    outlets="message",
    state=(),
    title="Scope Output",
    aliases="OSC Out, Scope Params, Send, Parameter Sender",
)
def output(
    state: tuple[tuple[str, object], ...],
    prompts: Prompts | None = inlet(None, help="what to paint"),
    noise_scale: float | None = inlet(
        None, "", 0.0, 1.0, help="how far to leave the input video; nothing in text mode"
    ),
    denoising_steps: float | None = inlet(
        None, "", 1.0, 6.0, help="how many steps: more is finer and slower"
    ),
    vace_scale: float | None = inlet(
        None, "", 0.0, 2.0, help="pull of the reference image; nothing without one"
    ),
    kv_bias: float | None = inlet(
        None, "", 0.01, 1.0, help="1 remembers, lower lets go of past frames; Krea only"
    ),
    seed: float | None = inlet(None, "", 0.0, help="another picture; shows with the next noise"),
    paused: bool | None = inlet(None, help="stop the picture"),
    reset: Trigger = inlet(False, help="cut: forget all frames and start a new scene"),
    transition_steps: int = param(
        4, "chunks", 0, 32, help="a change of prompts takes so long; 0 cuts, 1 becomes 2"
    ),
    interpolation: str = param(
        "slerp", choices=("linear", "slerp"), help="how a transition moves in time"
    ),
    blend: str = param(
        "linear", choices=("linear", "slerp"), help="how prompts mix; slerp for just two"
    ),
    input_mode: str = param("text", choices=("text", "video"), help="what the picture grows from"),
    noise_controller: bool = param(
        False, help="let Scope move the noise with the video's motion, over yours; video only"
    ),
    manage_cache: bool = param(
        False, help="let Scope start afresh at some changes; off keeps the picture flowing"
    ),
) -> tuple[tuple[tuple[str, object], ...], Message | None]:
    """Send to Scope all that a patch steers.

    Wire what you want to steer; what is not wired is left as it is. The params go first, then
    each change of anything, numbers to four decimals. Scope takes about one message per chunk of
    frames and has no answer for most of it, so know what acts: in text mode only prompts, steps,
    seed, reset and pause do; `noise_scale` and `noise_controller` want input video (0.2 and up),
    `vace_scale` a reference image, `kv_bias` Krea. A transition runs to its end before new
    prompts are sent: to ride their weights, set transition steps to 0.
    """
    before = dict(state)
    wishes: dict[str, object] = {
        "input_mode": input_mode,
        "manage_cache": manage_cache,
        "noise_controller": noise_controller,
        "blend": blend,
        "interpolation": interpolation,
        "transition_steps": 2 if transition_steps == 1 else transition_steps,
    }
    if prompts:
        wishes["prompts"] = tuple(Prompt(p.text, round(p.weight, _DECIMALS)) for p in prompts)
    if noise_scale is not None:
        wishes["noise_scale"] = round(clamp(noise_scale, 0.0, 1.0), _DECIMALS)
    if denoising_steps is not None:
        wishes["denoising_step_list"] = _schedule(
            denoising_steps, before.get("denoising_step_list")
        )
    if vace_scale is not None:
        wishes["vace_context_scale"] = round(clamp(vace_scale, 0.0, 2.0), _DECIMALS)
    if kv_bias is not None:
        wishes["kv_cache_attention_bias"] = round(clamp(kv_bias, 0.01, 1.0), _DECIMALS)
    if seed is not None:
        wishes["base_seed"] = nearest(clamp(seed, 0.0, 2.0**31 - 1.0))
    if paused is not None:
        wishes["paused"] = paused
    after = tuple((before | wishes).items())
    if after == state and not reset:
        return state, None
    return after, Message(_SINK, _body(before, wishes, reset))


def _schedule(count: float, before: object) -> tuple[int, ...]:
    """The denoising steps for a wanted count; the last ones stay within 0.6 of theirs."""
    if isinstance(before, tuple) and abs(clamp(count, 1.0, 6.0) - len(before)) <= 0.6:
        return before
    return _SCHEDULES[nearest(clamp(count, 1.0, 6.0)) - 1]


def _body(before: dict[str, object], wishes: dict[str, object], reset: bool) -> dict[str, object]:
    """What changed. New prompts always bring along how they come in."""
    body = {name: value for name, value in wishes.items() if before.get(name) != value}
    if "prompts" in body:
        body |= {name: wishes[name] for name in ("transition_steps", "interpolation")}
    steps = body.get("denoising_step_list")
    if isinstance(steps, tuple):
        body["denoising_step_list"] = list(steps)
    return body | {"reset_cache": True} if reset else body


NODES = (one_param, output)
