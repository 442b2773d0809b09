"""What emitted code calls to keep values within their kind. Each raises if that cannot be done."""

from __future__ import annotations

from collections.abc import Collection
from math import dist, inf
from typing import Any

import numpy as np

from nodegraph.values import Clock, Message, Prompt, Theme

_FLOAT32 = np.dtype(np.float32)

_COUNTABLE = 2.0**53
"""Beyond it a float and the next one are more than 1 apart."""


class UnfitError(ValueError):
    """A node returned something that its outlet's kind does not allow."""


def unfit(value: object, kind: str) -> UnfitError:
    """The error for a value that is not of its kind."""
    shown = repr(value)
    return UnfitError(f"returned {shown if len(shown) < 60 else type(value).__name__} as a {kind}")


def number(value: Any) -> float:
    """A finite float from what counts as a number: an int, a boolean, a numpy scalar."""
    scalar = isinstance(value, float | int | np.floating | np.integer | np.bool_)
    if not scalar or isinstance(value, np.timedelta64):
        raise unfit(value, "number")
    try:
        made = float(value)
    except OverflowError:
        raise unfit(value, "number") from None
    if made - made:
        raise unfit(value, "number")
    return made


def truth(value: Any) -> bool:
    """A switch from what is nearly one: a numpy boolean, 0 or 1."""
    if isinstance(value, np.bool_) or (isinstance(value, int | float) and value in (0, 1)):
        return bool(value)
    raise unfit(value, "boolean")


def check_vector(value: Any, kind: str = "vector", dimensions: int = 1) -> None:
    """Fail unless the value is float32[n] and finite."""
    if not isinstance(value, np.ndarray):
        raise unfit(value, kind)
    if value.ndim != dimensions or (value.dtype is not _FLOAT32 and value.dtype != _FLOAT32):
        raise UnfitError(f"returned {value.dtype}{list(value.shape)} as a {kind}")
    flat = value if dimensions == 1 else value.ravel()
    if not flat.dot(flat) < inf and not np.isfinite(value).all():
        raise UnfitError(f"returned a {kind} with NaN or infinity in it")


def check_audio(value: Any) -> None:
    """Fail unless the value is float32[samples, channels] and finite."""
    check_vector(value, "audio", 2)


def check_string(value: object) -> None:
    """Fail unless the value is a text that can be written down (no half of a surrogate pair)."""
    if not isinstance(value, str):
        raise unfit(value, "string")
    if not value.isascii():
        value.encode()


def check_clock(value: object) -> None:
    """Fail unless the value is a clock of numbers that can be counted, and a bar has beats."""
    if not isinstance(value, Clock):
        raise unfit(value, "clock")
    counted = abs(value.bpm) <= _COUNTABLE and abs(value.beats) <= _COUNTABLE
    if not (counted and 1 <= value.meter <= _COUNTABLE and abs(value.confidence) <= _COUNTABLE):
        raise unfit(value, "clock")


def check_prompts(value: object) -> None:
    """Fail unless the value is a tuple of prompts with finite weights."""
    if not isinstance(value, tuple):
        raise unfit(value, "prompts")
    for prompt in value:
        if not isinstance(prompt, Prompt) or prompt.weight - prompt.weight:
            raise unfit(value, "prompts")
        check_string(prompt.text)


def check_theme(value: object) -> None:
    """Fail unless the value is a theme."""
    if not isinstance(value, Theme):
        raise unfit(value, "theme")


def check_message(value: object) -> None:
    """Fail unless the value is None or a message with a sink's name and a body by names."""
    if value is None:
        return
    if not isinstance(value, Message) or not isinstance(value.sink, str):
        raise unfit(value, "message")
    if not isinstance(value.body, dict) or not all(isinstance(name, str) for name in value.body):
        raise unfit(value, "message")


def held(value: float, low: float, high: float) -> float:
    """A number held between two others."""
    return low if value < low else high if value > high else value


def chosen(value: str, choices: Collection[str], default: str) -> str:
    """A text if it is one of the choices, else the default."""
    return value if value in choices else default


GUARDS = {
    guard.__name__: guard
    for guard in (
        check_audio,
        check_clock,
        check_message,
        check_prompts,
        check_string,
        check_theme,
        check_vector,
        chosen,
        dist,
        held,
        number,
        truth,
        Prompt,
    )
}
"""The names that emitted code knows."""
