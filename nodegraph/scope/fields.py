"""Parameters that a pipeline of a plugin declares for itself, as its schema has them. Pure.

They are named with their pipeline, such as `depth.strength`, and travel in messages of their own to
that one. The server checks nothing, so they are checked here, once the schemas are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from nodegraph.errors import Problem
from nodegraph.scope.answers import Json, Schema, items, mapping, mappings, number, text
from nodegraph.scope.parameters import DECIMALS, PARAMETERS, UnfitError, size

Value = bool | int | float | str

LONGEST = 2048
"""Characters of a text."""

MOST = 48 * 1024
"""Bytes of JSON in a message, which may have 64 KiB; what is left goes with the next."""


def is_field(name: str) -> bool:
    """Whether that is the name of a parameter of one pipeline."""
    return "." in name


def fit(schema: Schema, name: str, value: object) -> Value:
    """The value as the schema takes it: held to its range, rounded. Raises `UnfitError`."""
    field = mapping(mapping(schema.config, "properties"), name)
    if not field or name in PARAMETERS:
        raise UnfitError(f"{schema.id} has no parameter {name!r} of its own")
    if mapping(field, "ui").get("is_load_param") is not False:
        raise UnfitError(f"{name} is set when {schema.id} is loaded, and not while it paints")
    kind = kind_of(field, mapping(schema.config, "$defs"))
    if choices := [each for each in items(kind, "enum") if isinstance(each, str)]:
        if value not in choices:
            raise UnfitError(f"{name} is one of {', '.join(choices)}")
        return str(value)
    match text(kind, "type"), value:
        case "boolean", bool():
            return value
        case "integer" | "number", int() | float() if not isinstance(value, bool):
            return _held(kind, name, value)
        case "string", str() if len(value) <= LONGEST:
            return value.encode("utf-8", "replace").decode()  # a lone surrogate has no UTF-8
    raise UnfitError(f"{name} takes a {text(kind, 'type') or 'value of another kind'}")


def kind_of(field: Json, defined: Json) -> Json:
    """The part of a JSON Schema that says what a value is: without null, without references."""
    options = [field, *mappings(field, "anyOf")]
    named = [mapping(defined, (text(each, "$ref") or "").rpartition("/")[2]) for each in options]
    found = (each for each in [*named, *options] if text(each, "type") not in (None, "null"))
    return next(found, {})


def _held(kind: Json, name: str, value: float) -> float | int:
    if not isfinite(value):
        raise UnfitError(f"{name} is {value}")
    low, high = number(kind, "minimum"), number(kind, "maximum")
    held = max(value, low) if low is not None else value
    held = min(held, high) if high is not None else held
    return round(held) if text(kind, "type") == "integer" else round(float(held), DECIMALS)


class Fields:
    """What is wished for of them, and what of that was sent. Until `schemas`, those of the
    pipelines of the session, are known, all of it waits."""

    def __init__(self) -> None:
        self._schemas: Mapping[str, Schema] = {}
        self._desired: dict[str, object] = {}
        self._fit: dict[str, Value] = {}
        self._sent: dict[str, Value] = {}
        self._refused: dict[str, str] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What cannot be sent."""
        return tuple(Problem(why, field=name) for name, why in sorted(self._refused.items()))

    def begin(self, schemas: Mapping[str, Schema]) -> None:
        """A session begins, with these pipelines, which know nothing yet."""
        self._schemas = schemas
        self._sent.clear()
        for name, value in self._desired.items():
            self._check(name, value)

    def ask(self, name: str, value: object) -> None:
        """Wish for a value."""
        self._desired[name] = value
        if self._schemas:
            self._check(name, value)

    def _check(self, name: str, value: object) -> None:
        pipeline, _, field = name.partition(".")
        try:
            if pipeline not in self._schemas:
                raise UnfitError(f"no {pipeline!r} is loaded; there is {', '.join(self._schemas)}")
            self._fit[name] = fit(self._schemas[pipeline], field, value)
            self._refused.pop(name, None)
        except UnfitError as unfit:
            self._fit.pop(name, None)
            self._refused[name] = f"not sent to Scope: {unfit}"

    def due(self) -> dict[str, object] | None:
        """A message with what is new for one pipeline, as much as fits; it counts as sent."""
        news = {name: it for name, it in self._fit.items() if self._sent.get(name) != it}
        if not news:
            return None
        pipeline = next(iter(news)).partition(".")[0]
        message: dict[str, object] = {"node_id": pipeline}
        for name, it in news.items():
            owner, _, field = name.partition(".")
            if owner == pipeline and size(longer := message | {field: it}) <= MOST:
                message = longer
                self._sent[name] = it
        return message
