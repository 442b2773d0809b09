"""What goes to Daydream Scope, in its own words: one parameter, or all that a patch steers."""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

from nodegraph import Clock, Message, Prompt, Prompts, Trigger, inlet, node, param
from nodes._numbers import clamp, nearest

_SINK = "scope"
_DECIMALS = 4
_STEPS = 10.0**_DECIMALS
"""Scope is told numbers to four decimals."""

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


_ON_THE_BEAT = (
    "prompts",
    "transition_steps",
    "interpolation",
    "blend",
    "denoising_step_list",
    "base_seed",
    "reset_cache",
)
"""What can wait for a beat: changes that are seen at once, and are not followed by others soon."""

SERVER = "name of the server, if there are several; see nodegraph run --scope NAME=URL"


def addressed(server: str, body: dict[str, object]) -> Message:
    """A message for one of several servers; without a name, for the one there is."""
    if server:
        body = {f"{server}:{name}": value for name, value in body.items()}
    return Message(_SINK, body)


class Sent(NamedTuple):
    """The parameter and value last sent, and where to."""

    name: str
    value: float
    server: str


@node("scope.param", outlets="message", state=None, title="Scope Param", aliases="OSC Out, Send")
def one_param(
    state: Sent | None,
    value: float = inlet(help="what to set it to; held to the parameter's range"),
    name: str = param("noise_scale", choices=tuple(_RANGES), help="which parameter of Scope"),
    server: str = param("", help=SERVER),
) -> tuple[Sent, Message | None]:
    """Set one parameter of Scope.

    For a patch that steers a single thing. `noise_scale` (0..1) acts on input video only, not on
    pictures from text; `vace_context_scale` (0..2) only with a reference image or VACE video;
    `kv_cache_attention_bias` (0.01..1) only on Krea. It sends when the value changes.
    """
    now = Sent(name, _rounded(value, *_RANGES[name]), server)
    return now, None if now == state else addressed(server, {name: now.value})


class Told(NamedTuple):
    """What Scope was last told, under its own names; None is nothing yet."""

    input_mode: str | None = None
    manage_cache: bool | None = None
    noise_controller: bool | None = None
    blend: str | None = None
    interpolation: str | None = None
    transition_steps: int | None = None
    prompts: Prompts | None = None
    noise_scale: float | None = None
    denoising_step_list: tuple[int, ...] | None = None
    vace_context_scale: float | None = None
    kv_cache_attention_bias: float | None = None
    base_seed: int | None = None
    paused: bool | None = None
    server: str = ""


@node(
    "scope.output",
    outlets="message",
    state=Told(),
    title="Scope Output",
    aliases="OSC Out, Scope Params, Send, Parameter Sender",
)
def output(
    state: Told,
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
    clock: Clock | None = inlet(None, help="where the beats are that `land` waits for"),
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
    land: str = param(
        "at once",
        choices=("at once", "beat", "bar"),
        help="when cuts, prompts, steps and seeds are seen: on the first beat that can be met",
    ),
    server: str = param("", help=SERVER),
) -> tuple[Told, Message | None]:
    """Send to Scope all that a patch steers.

    Wire what you want to steer; what is not wired is left as it is. The params go first, then
    each change of anything, numbers to four decimals. Scope takes about one message per chunk of
    frames and has no answer for most of it, so know what acts: in text mode only prompts, steps,
    seed, reset and pause do; `noise_scale` and `noise_controller` want input video (0.2 and up),
    `vace_scale` a reference image, `kv_bias` Krea. A transition runs to its end before new
    prompts are sent: to ride their weights, set transition steps to 0.

    A change is seen a second or two after it is made. With a clock, `land` has it leave so far
    ahead of a beat or bar that it is seen there, as nearly as chunks allow.
    """
    if server != state.server:
        state = Told(server=server)
    wanted = Told(
        input_mode,
        manage_cache,
        noise_controller,
        blend,
        interpolation,
        2 if transition_steps == 1 else transition_steps,
        tuple(Prompt(p.text, round(p.weight, _DECIMALS)) for p in prompts)
        if prompts
        else state.prompts,
        state.noise_scale if noise_scale is None else _rounded(noise_scale, 0.0, 1.0),
        _schedule(denoising_steps, state.denoising_step_list),
        state.vace_context_scale if vace_scale is None else _rounded(vace_scale, 0.0, 2.0),
        state.kv_cache_attention_bias if kv_bias is None else _rounded(kv_bias, 0.01, 1.0),
        state.base_seed if seed is None else nearest(clamp(seed, 0.0, 2.0**31 - 1.0)),
        state.paused if paused is None else paused,
        server,
    )
    if wanted == state and not reset:
        return state, None
    body = _body(state, wanted, reset)
    return wanted, addressed(server, body | _landing(land, clock, body))


def _rounded(value: float, low: float, high: float) -> float:
    """A number held to its range, to four decimals: a quarter of the time that `round` takes."""
    held = low if value < low else high if value > high else value
    return floor(held * _STEPS + 0.5) / _STEPS


def _schedule(count: float | None, before: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The denoising steps for a wanted count; the last ones stay within 0.6 of theirs."""
    if count is None:
        return before
    held = 1.0 if count < 1.0 else 6.0 if count > 6.0 else count
    if before is not None and -0.6 <= held - len(before) <= 0.6:
        return before
    return _SCHEDULES[nearest(held) - 1]


def _body(before: Told, wanted: Told, reset: bool) -> dict[str, object]:
    """What changed. New prompts always bring along how they come in."""
    body: dict[str, object] = {
        name: value
        for name, value, known in zip(Told._fields, wanted, before, strict=True)
        if value != known
    }
    if "prompts" in body:
        body["transition_steps"] = wanted.transition_steps
        body["interpolation"] = wanted.interpolation
    if "denoising_step_list" in body:
        body["denoising_step_list"] = list(wanted.denoising_step_list or ())
    if reset:
        body["reset_cache"] = True
    return body


def _landing(land: str, clock: Clock | None, body: dict[str, object]) -> dict[str, object]:
    """Where the beats are, and what of a body is for one of them; in seconds."""
    if land == "at once" or clock is None or clock.bpm <= 0.0:
        return {}
    names = [name for name in _ON_THE_BEAT if name in body]
    if not names:
        return {}
    beats = clock.meter if land == "bar" else 1
    second = clock.bpm / 60.0
    ahead = ceil(clock.beats / beats) * beats - clock.beats
    return {"land": {"names": names, "ahead": ahead / second, "every": beats / second}}


NODES = (one_param, output)
