"""The vocabulary: every parameter a patch may set on Scope, its type, its range, how it acts.

A patch says (the neutral words):

    prompts            weighted texts; any iterable of (text, weight) pairs
    transition_steps   chunks that a change of prompts takes; 0 cuts. 1 becomes 2: a transition of
                       one chunk never reaches its target on a real server
    interpolation      how a transition moves in time: linear or slerp
    blend              how several prompts are mixed: linear or slerp (slerp needs exactly two)
    video              what goes in as video, in the words of `video`
    ndi_output, spout_output, syphon_output
                       the name under which the server shares its picture; empty does not

    land               which of the values that come with it are to be seen on a beat, and where
                       the beats are: {"names", "ahead", "every"}, in seconds (see `cues`)

and Scope's own words: `noise_scale`, `noise_controller`, `denoising_step_list`, `manage_cache`,
`reset_cache`, `kv_cache_attention_bias`, `vace_context_scale`, `vace_ref_images`, `lora_scales`,
`base_seed`, `input_mode`, `vace_use_input_video`, `paused`.

`clean` is the customs office. Numbers are clamped to their range and rounded to four decimals;
what has the wrong type, is NaN or infinite, or is not in the table does not pass and is reported.
The server checks nothing on this path: a bad value would freeze the picture until it is corrected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Literal

import numpy as np

from nodegraph.errors import Problem
from nodegraph.scope.cues import Landing
from nodegraph.scope.video import EXPECTS, parse_video

How = Literal["continuous", "discrete", "once", "session"]
"""continuous: may move with the music; discrete: set now and then; once: an event, used up;
session: what a session begins with, so that a change needs another one."""

DECIMALS = 4
MOST_TEXT = 20 * 1024  # bytes of JSON for prompts: they travel twice, in a message of 64 KiB
MOST_LIST = 6 * 1024  # bytes of JSON for any other list
MOST_STEPS = 1000
MOST_WEIGHT = 1000.0
MOST_SEED = 2**31 - 1
SHORTEST_BEAT = 0.01  # seconds
LONGEST_WAIT = 3600.0


OUTPUTS = ("ndi", "spout", "syphon")
"""The ways in which a server may share its picture."""


class UnfitError(ValueError):
    """A value that may not leave; the text goes on after “noise_scale: ”."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table. `low` and `high` are None where there is no range.

    `dead_band` is the change that is too small to be worth a message of its own.
    """

    name: str
    how: How
    clean: Callable[[object], object]
    expects: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    dead_band: float = 0.0


def clean(params: Mapping[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """What of `params` may leave this machine, and a problem for everything else.

    No prompts at all (an empty list) say nothing and are left out without a problem.
    """
    cleaned: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in params.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            known = ", ".join(PARAMETERS)
            problems.append(
                Problem(f"Scope has no parameter “{name}”; it has {known}.", field=str(name))
            )
            continue
        try:
            passed = parameter.clean(value)
        except UnfitError as unfit:
            text = f"not sent to Scope: {unfit}; it expects {parameter.expects}."
            problems.append(Problem(text, field=name))
            continue
        if passed != ():
            cleaned[name] = passed
    return cleaned, problems


def size(value: object) -> int:
    """Bytes of `value` as JSON in UTF-8, as it travels."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def _number(value: object) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise UnfitError(f"it is {_show(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        raise UnfitError("it is too large a number") from None
    if not isfinite(number):
        raise UnfitError(f"it is {number}")
    return number


def _between(low: float, high: float) -> Callable[[object], float]:
    def clean_number(value: object) -> float:
        return round(min(max(_number(value), low), high), DECIMALS)

    return clean_number


def _whole(low: int, high: int) -> Callable[[object], int]:
    def clean_whole(value: object) -> int:
        return min(max(round(_number(value)), low), high)

    return clean_whole


def _steps(value: object) -> int:
    steps = _whole(0, MOST_STEPS)(value)
    return 2 if steps == 1 else steps


def _boolean(value: object) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise UnfitError(f"it is {_show(value)}, not true or false")
    return bool(value)


def _one_of(*choices: str) -> Callable[[object], str]:
    def clean_choice(value: object) -> str:
        if value not in choices:
            raise UnfitError(f"it is {_show(value)}")
        return str(value)

    return clean_choice


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitError(f"{_show(value)} is not a text")
    return value.encode("utf-8", "replace").decode()  # a lone surrogate has no UTF-8


def _items(value: object) -> list[object]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise UnfitError(f"it is {_show(value)}, not a list")
    return list(value)


def _prompts(value: object) -> tuple[tuple[str, float], ...]:
    weight = _between(0.0, MOST_WEIGHT)
    prompts = tuple((_text(text), weight(much)) for text, much in map(_pair, _items(value)))
    if size([{"text": text, "weight": much} for text, much in prompts]) > MOST_TEXT:
        raise UnfitError(f"the texts are longer than {MOST_TEXT} bytes together")
    return prompts


def _pair(item: object) -> tuple[object, object]:
    if not isinstance(item, (tuple, list)) or len(item) != 2:
        raise UnfitError(f"{_show(item)} is not a pair of text and weight")
    return item[0], item[1]


def _video(value: object) -> str:
    try:
        video = parse_video(_text(value))
    except ValueError as error:
        raise UnfitError(str(error)) from None
    return ":".join(video) if video else ""


def _denoising(value: object) -> tuple[int, ...]:
    steps = {_whole(1, 1000)(item) for item in _items(value)}
    if not steps:
        raise UnfitError("it is empty")
    return tuple(sorted(steps, reverse=True))


def _paths(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else _items(value)
    paths = tuple(path for path in map(_text, items) if path)
    if size(paths) > MOST_LIST:
        raise UnfitError(f"the paths are longer than {MOST_LIST} bytes together")
    return paths


def _scales(value: object) -> tuple[tuple[str, float], ...]:
    """Pairs (path, scale), from such pairs, a mapping, or Scope's own `{"path", "scale"}`."""
    scale = _between(-10.0, 10.0)
    items = list(value.items()) if isinstance(value, Mapping) else _items(value)
    pairs = (
        (item.get("path"), item.get("scale")) if isinstance(item, Mapping) else _pair(item)
        for item in items
    )
    scales = tuple((_text(path), scale(much)) for path, much in pairs)
    if size([{"path": path, "scale": much} for path, much in scales]) > MOST_LIST:
        raise UnfitError(f"the paths are longer than {MOST_LIST} bytes together")
    return scales


def _landing(value: object) -> Landing:
    if not isinstance(value, Mapping):
        raise UnfitError(f"it is {_show(value)}, not a map")
    seconds = _between(0.0, LONGEST_WAIT)
    every = seconds(value.get("every"))
    if every < SHORTEST_BEAT:
        raise UnfitError(f"beats {every:g} s apart are none")
    names = tuple(map(_text, _items(value.get("names"))))
    return Landing(seconds(value.get("ahead")), every, names)


def _show(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _ranged(name: str, low: float, high: float) -> Parameter:
    expects = f"a number from {low:g} to {high:g}"
    band = (high - low) / 1000
    return Parameter(name, "continuous", _between(low, high), expects, low, high, dead_band=band)


def _switch(name: str, how: How = "discrete") -> Parameter:
    return Parameter(name, how, _boolean, "true or false")


def _choice(name: str, *choices: str) -> Parameter:
    return Parameter(name, "discrete", _one_of(*choices), " or ".join(choices), choices=choices)


PARAMETERS: dict[str, Parameter] = {
    row.name: row
    for row in (
        Parameter("prompts", "continuous", _prompts, "(text, weight) pairs", dead_band=0.005),
        Parameter("transition_steps", "discrete", _steps, "a number of chunks", 0, MOST_STEPS),
        _choice("interpolation", "linear", "slerp"),
        _choice("blend", "linear", "slerp"),
        _choice("input_mode", "text", "video"),
        _ranged("noise_scale", 0.0, 1.0),
        _switch("noise_controller"),
        Parameter("denoising_step_list", "discrete", _denoising, "steps from 1000 down to 1"),
        _switch("manage_cache"),
        _switch("reset_cache", "once"),
        _ranged("kv_cache_attention_bias", 0.01, 1.0),
        _ranged("vace_context_scale", 0.0, 2.0),
        Parameter("vace_ref_images", "once", _paths, "paths of images on the server"),
        Parameter("lora_scales", "once", _scales, "(path, scale) pairs", -10.0, 10.0),
        Parameter("base_seed", "discrete", _whole(0, MOST_SEED), "a whole number from 0"),
        _switch("paused"),
        Parameter("land", "once", _landing, '{"names", "ahead", "every"}'),
        Parameter("video", "session", _video, EXPECTS),
        _switch("vace_use_input_video", "session"),
        *(Parameter(f"{kind}_output", "discrete", _text, "a name") for kind in OUTPUTS),
    )
}
"""Every parameter by name, in the order in which a manual should list them."""
