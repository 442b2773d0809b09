"""Check request bodies as the real server does: the same values pass, errors have the same shape.

A check takes a value and its place and returns the value, coerced, or adds to the list of errors
(`{"type", "loc", "msg", "input", "ctx"?}`, the form of FastAPI's 422 answers).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]
Errors = list[dict[str, Any]]
Check = Callable[[Any, Loc, Errors], Any]

_TRUE, _FALSE = ("1", "on", "t", "true", "y", "yes"), ("0", "f", "false", "n", "no", "off")


class InvalidError(Exception):
    """A request body is refused; `errors` is the `detail` of the 422 answer."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        super().__init__(f"{len(errors)} errors in the request")


def _refuse(errors: Errors, kind: str, loc: Loc, text: str, value: Any, **ctx: Any) -> Any:
    """Add an error and return the value as it came."""
    shown = repr(value) if isinstance(value, float) and not math.isfinite(value) else value
    error = {"type": kind, "loc": list(loc), "msg": text, "input": shown}
    errors.append(error | ({"ctx": ctx} if ctx else {}))
    return value


def string(value: Any, loc: Loc, errors: Errors) -> Any:
    """Accept a string."""
    if not isinstance(value, str):
        _refuse(errors, "string_type", loc, "Input should be a valid string", value)
    return value


def text(low: int, high: int | None = None) -> Check:
    """Accept a string of so many characters."""

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        if not isinstance(string(value, loc, errors), str):
            return value
        if len(value) < low:
            said = f"String should have at least {low} character{'s' * (low != 1)}"
            return _refuse(errors, "string_too_short", loc, said, value, min_length=low)
        if high is not None and len(value) > high:
            said = f"String should have at most {high} characters"
            return _refuse(errors, "string_too_long", loc, said, value, max_length=high)
        return value

    return check


def boolean(value: Any, loc: Loc, errors: Errors) -> Any:
    """Accept a boolean, 0 or 1, or a word for one."""
    if isinstance(value, bool):
        return value
    word = str(int(value)) if isinstance(value, int | float) and value in (0, 1) else value
    if isinstance(word, str) and word.lower() in _TRUE + _FALSE:
        return word.lower() in _TRUE
    text = "Input should be a valid boolean"
    if isinstance(value, str | int | float) and not isinstance(value, float):
        _refuse(errors, "bool_parsing", loc, f"{text}, unable to interpret input", value)
    else:
        _refuse(errors, "bool_type", loc, text, value)
    return value


def integer(low: int | None = None, high: int | None = None) -> Check:
    """Accept an integer, or what is exactly one, from `low` to `high`."""

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        text = "Input should be a valid integer"
        if isinstance(value, str):
            try:
                value = int(value)
            except ValueError:
                unable = f"{text}, unable to parse string as an integer"
                return _refuse(errors, "int_parsing", loc, unable, value)
        if isinstance(value, float):
            if not math.isfinite(value):
                return _refuse(
                    errors, "finite_number", loc, "Input should be a finite number", value
                )
            if value != int(value):
                fraction = f"{text}, got a number with a fractional part"
                return _refuse(errors, "int_from_float", loc, fraction, value)
        elif not isinstance(value, int):
            return _refuse(errors, "int_type", loc, text, value)
        return _bounded(int(value), value, low, high, loc, errors)

    return check


def number(low: float | None = None, high: float | None = None) -> Check:
    """Accept a number, or a string that is one, from `low` to `high`."""

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        text = "Input should be a valid number"
        if not isinstance(value, int | float | str):
            return _refuse(errors, "float_type", loc, text, value)
        try:
            read = float(value)
        except ValueError:
            unable = f"{text}, unable to parse string as a number"
            return _refuse(errors, "float_parsing", loc, unable, value)
        return _bounded(read, value, low, high, loc, errors)

    return check


def _bounded(
    read: float, value: Any, low: float | None, high: float | None, loc: Loc, errors: Errors
) -> float:
    if high is not None and not read <= high:
        text = f"Input should be less than or equal to {high:g}"
        _refuse(errors, "less_than_equal", loc, text, value, le=high)
    elif low is not None and not read >= low:
        text = f"Input should be greater than or equal to {low:g}"
        _refuse(errors, "greater_than_equal", loc, text, value, ge=low)
    return read


def one_of(*choices: str) -> Check:
    """Accept one of some words."""
    quoted = [repr(choice) for choice in choices]
    expected = " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        if not isinstance(value, str) or value not in choices:
            text = f"Input should be {expected}"
            _refuse(errors, "literal_error", loc, text, value, expected=expected)
        return value

    return check


def list_of(item: Check, *, most: int | None = None) -> Check:
    """Accept a list of items, at `most` so many."""

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        if not isinstance(value, list):
            return _refuse(errors, "list_type", loc, "Input should be a valid list", value)
        if most is not None and len(value) > most:
            said = f"List should have at most {most} items after validation, not {len(value)}"
            limits = {"max_length": most, "actual_length": len(value)}
            return _refuse(errors, "too_long", loc, said, value, field_type="List", **limits)
        return [item(each, (*loc, i), errors) for i, each in enumerate(value)]

    return check


def mapping(value: Any, loc: Loc, errors: Errors) -> Any:
    """Accept any object."""
    if not isinstance(value, dict):
        _refuse(errors, "dict_type", loc, "Input should be a valid dictionary", value)
    return value


def mapping_of(item: Check) -> Check:
    """Accept an object all of whose values pass."""

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        if not isinstance(mapping(value, loc, errors), dict):
            return value
        return {key: item(each, (*loc, key), errors) for key, each in value.items()}

    return check


@dataclass(frozen=True)
class Field:
    """One key of a model: how it is checked, and what stands for it when it is absent."""

    check: Check
    required: bool = False
    default: Any = None
    nullable: bool = True


def needed(check: Check) -> Field:
    """Make a key that must be there."""
    return Field(check, required=True, nullable=False)


def preset(check: Check, default: Any) -> Field:
    """Make a key that is put in when it is absent."""
    return Field(check, default=default, nullable=False)


def model(fields: Mapping[str, Field], *, extra: bool = False) -> Check:
    """Accept an object with these keys; others are kept if `extra`, else left out.

    Keys that are null or absent without a default do not appear in the result.
    """

    def check(value: Any, loc: Loc, errors: Errors) -> Any:
        if not isinstance(value, dict):
            text = "Input should be a valid dictionary or object to extract fields from"
            return _refuse(errors, "model_attributes_type", loc, text, value)
        out: dict[str, Any] = {}
        for key, field in fields.items():
            if key not in value:
                if field.required:
                    _refuse(errors, "missing", (*loc, key), "Field required", value)
                elif field.default is not None:
                    out[key] = field.default
            elif value[key] is not None or not field.nullable:
                out[key] = field.check(value[key], (*loc, key), errors)
        rest = {k: v for k, v in value.items() if k not in fields and v is not None}
        return out | rest if extra else out

    return check


def checked(check: Check, body: Any) -> Any:
    """Run a check over a whole body.

    Raises:
        InvalidError: with every reason, in the order of the fields.
    """
    errors: Errors = []
    out = check(body, ("body",), errors)
    if errors:
        raise InvalidError(errors)
    return out
