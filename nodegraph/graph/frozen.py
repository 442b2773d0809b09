"""What a param may hold: the values JSON can say, made immutable.

Lists become tuples and objects read-only mappings, so a patch can be shared without copying. What
could not be written to a patch file and read back (NaN, bytes, half a surrogate pair, an integer
beyond 64 bits) is refused here, where it enters, and not when the patch is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
ParamValue: TypeAlias = JSON

MAX_DEPTH = 60  # lists and objects inside each other; a file adds up to six levels of its own


def freeze(value: object, depth: int = 0) -> JSON:
    """Return `value` deeply immutable; raise ValueError with a clause saying why it cannot be."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return fitting(int(value))
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{float(value)!r} is not a finite number")
        return float(value)
    if isinstance(value, str):
        return encodable(str(value))
    if depth == MAX_DEPTH:
        raise ValueError(f"it has lists or objects nested deeper than {MAX_DEPTH}")
    if isinstance(value, list | tuple):
        return tuple([freeze(item, depth + 1) for item in value])
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(value[key], depth + 1) for key in _names(value)})
    raise ValueError(f"{type(value).__name__} is not a kind of value that a patch file can hold")


def fitting(number: int) -> int:
    """Return `number`; raise ValueError unless it fits in 64 bits, as msgpack demands."""
    if -(2**63) <= number < 2**63:
        return number
    raise ValueError("it is an integer too large for 64 bits")


def encodable(text: str) -> str:
    """Return `text`; raise ValueError if it holds half a surrogate pair, which UTF-8 cannot say."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{text[:40]!r} holds half of a surrogate pair") from None
    return text


def is_number(value: object) -> bool:
    """Say whether `value` is a number that a patch file can hold; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) if isinstance(value, float) else -(2**63) <= value < 2**63


def _names(mapping: Mapping[object, object]) -> list[str]:
    for key in mapping:
        if not isinstance(key, str):
            raise ValueError(f"it has the name {key!r}, which is not text")
    return sorted(encodable(str(key)) for key in mapping)


def number(word: str, whole: bool) -> int | float:
    """Read the digits of a JSON number. Raises ValueError if it needs more than 64 bits."""
    if whole:
        return fitting(int(word)) if len(word) <= 20 else fitting(10**20)
    value = float(word)
    if not isfinite(value):
        raise ValueError("it is too large for a number of 64 bits")
    return value
