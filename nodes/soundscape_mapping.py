"""How MetaDJ Soundscape steers Scope: its mapping engine as a node, and its denoising steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import floor

from nodegraph import Message, Prompts, Theme, Trigger, inlet, node, outlet, param
from nodes._numbers import nearest
from nodes._soundscape_engine import (
    CHANGE_STEPS,
    Course,
    Heard,
    busy,
    changed,
    frame,
    method,
    reset,
    resting,
    settings,
)
from nodes._soundscape_looks import (
    CUSTOM,
    LOOKS,
    OLDER_NAMES,
    PACES,
    REACTIVITIES,
    RESPONSES,
    SCHEDULES,
    SENSITIVITIES,
    custom,
    turned,
    worded,
)
from nodes.soundscape import milliseconds


@node(
    "soundscape.mapping",
    outlets=[
        outlet("noise_scale", "", 0.0, 1.0),
        outlet("prompts", help="what is sent now: in a transition, where it comes from"),
        outlet("transition", "", 0.0, 8.0, help="its steps, on the tick a transition begins"),
        outlet("denoising_steps", help="a list in text, as scope's schedule: 1000, 750, 500"),
        outlet("target", help="what is sent now or, in a transition, where it goes to"),
        outlet("interpolation", help="how to get there: slerp between two prompts, else linear"),
    ],
    state=Course(),
    title="Soundscape Mapping",
    aliases="MetaDJ Soundscape, Mapping Engine, Theme Player",
)
def mapping(
    state: Course,
    now: float,
    themes: Mapping[str, Theme],
    energy: float = inlet(0.0, "", 0.0, 1.0, help="moves the noise and the words of intensity"),
    brightness: float = inlet(0.0, "", 0.0, 1.0, help="moves the words of light"),
    texture: float = inlet(0.0, "", 0.0, 1.0, help="moves the words of surface"),
    derivative: float = inlet(0.0, help="a sudden rise calls a variation"),
    beat: Trigger = inlet(False, help="pushes the noise"),
    bpm: float = inlet(0.0, "1/min", help="moves the words of motion; 0 if no tempo is known"),
    confidence: float = inlet(0.0, "", 0.0, 1.0, help="a tempo counts above 0.45"),
    turns: float = inlet(0.0, help="how many themes on from the chosen one"),
    restart: Trigger = inlet(False, help="forget what was, and come in anew"),
    theme: str = param(
        "astral", choices=(*LOOKS, CUSTOM, *OLDER_NAMES), help="older names mean the first five"
    ),
    reactivity: str = param(
        "balanced", choices=tuple(REACTIVITIES), help="how quickly and hard music moves the noise"
    ),
    motion_pace: str = param(
        "balanced", choices=tuple(PACES), help="how much motion: pushes, tempo words, camera words"
    ),
    denoising: str = param(
        "balanced", choices=tuple(SCHEDULES), help="how many denoising steps: 3, 4 or 6"
    ),
    own_steps: str = param("", help="denoising steps of your own, as 1000, 600, 300"),
    beat_boost: float = param(1.0, "", 0.6, 1.4, help="factor on what beats push"),
    spike_boost: float = param(1.0, "", 0.6, 1.4, help="factor on what sudden rises push"),
    variation_blend: float = param(1.0, "", 0.7, 1.35, help="factor on a variation's weight"),
    motion_bias: float = param(1.0, "", 0.85, 1.2, help="factor on the tempos of the motion words"),
    noise_ceiling: float = param(1.0, "", 0.35, 1.0, help="noise goes no higher"),
    accent: str = param("", help="a second prompt beside every reactive one"),
    accent_weight: float = param(0.25, "", 0.05, 1.0, help="how much of the accent"),
    playing: bool = param(True, help="off is the ambient hold: calm words, noise stands still"),
    custom_prompt: str = param("", help="for the theme custom: what to paint"),
    custom_style: str = param("high quality, detailed", help="for the theme custom: style words"),
    custom_reactivity: str = param(
        "balanced", choices=tuple(SENSITIVITIES), help="for the theme custom; it has no effect"
    ),
    beat_response: str = param(
        "pulse", choices=tuple(RESPONSES), help="for the theme custom: what beats do"
    ),
) -> tuple[Course, float, Prompts, float, str, Prompts, str]:
    """Steer noise and prompts from music as MetaDJ Soundscape does.

    Energy moves the noise within the theme's range along its curve, a little more on beats. The
    prompt is the theme's, with one phrase for each band of energy, brightness, texture and tempo;
    when a phrase changes, or energy leaps and calls a variation, a transition of 8 steps begins,
    and none begins within 0.9 s. Another theme comes in by a transition too. Wire `target` to
    Scope, `prompts` is what the original sent.
    """
    time = milliseconds(now)
    places = floor(turns + 1e-9)
    if theme == CUSTOM and places < 1:
        look = custom(custom_prompt, custom_style, custom_reactivity, beat_response)
    else:
        numbers = turned(theme, places)
        look = worded(numbers, themes[numbers.id])
    chosen = settings(
        reactivity,
        motion_pace,
        beat_boost,
        spike_boost,
        variation_blend,
        motion_bias,
        noise_ceiling,
        accent,
        accent_weight,
    )
    steps = schedule(own_steps, denoising)
    another = state.look is not None and look != state.look
    if not playing:
        if another:
            state = busy(changed(state, look, time, announced=True), time)
        calm = resting(look, chosen)
        began = float(CHANGE_STEPS) if another else 0.0
        return state._replace(look=look), state.noise, calm, began, steps, calm, method(calm)
    if another:
        state = changed(state, look, time)
    if restart:
        state = reset(state)
    heard = Heard(energy, brightness, texture, derivative, beat, bpm, confidence)
    state, noise, prompts, transition = frame(state, look, chosen, heard, time)
    began = float(transition.steps) if transition else 0.0
    target = state.target or prompts
    return state, noise, prompts, began, steps, target, method(target)


@lru_cache(maxsize=64)
def schedule(own: str, profile: str) -> str:
    """Denoising steps as text: the user's own, whole, above 0 and each once, or a profile's."""
    steps = tuple(dict.fromkeys(step for step in map(_whole, own.split(",")) if step > 0))
    return ", ".join(map(str, steps or SCHEDULES[profile]))


def _whole(word: str) -> int:
    try:
        return nearest(float(word))
    except (ValueError, OverflowError):
        return 0


@node(
    "soundscape.steps",
    outlets="message",
    state="",
    title="Denoising Steps",
    aliases="MetaDJ Soundscape, Denoising Profile, Scope Steps",
)
def send_steps(
    state: str, schedule: str = inlet(help="the steps, as 1000, 750, 500, 250")
) -> tuple[str, Message | None]:
    """Send Scope a list of denoising steps.

    For lists that a number of steps does not tell, such as 1000, 500, 250. It sends when the list
    changes: seldom, for on a running server a change of steps is a cut.
    """
    steps = [step for step in map(_whole, schedule.split(",")) if step > 0]
    if schedule == state or not steps:
        return schedule, None
    return schedule, Message("scope", {"denoising_step_list": steps})


NODES = (mapping, send_steps)
