"""What an edit makes of a theme as data, and which of its fields each complaint is about. Pure.

It works on what a file would say, not on a `Theme`: so what is wrong can be seen and mended, and
what this version does not know stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Final, TypeAlias

from nodegraph.errors import Problem
from nodegraph.graph import JSON
from nodegraph.graph.rules import path
from nodegraph.graph.theming import Place
from nodegraph.nodetype import Param
from nodegraph.theme import LORA_SCALES, PARAMETERS, Range, Theme, Variation

Data: TypeAlias = Mapping[str, JSON]

_USUAL: Final = {
    **{each.name: each.default for each in fields(Theme) if each.default is not MISSING},
    **Variation._field_defaults,
    **Range._field_defaults,
}
_NOTHING: Final[tuple[JSON, ...]] = ("", (), {}, None)
_WHOLE: Final = frozenset({"denoising_steps"})


def value_at(data: JSON, place: Place) -> JSON:
    """What stands at a place; None if nothing does."""
    for step in place:
        if isinstance(step, int):
            listed = items(data)
            data = listed[step] if step < len(listed) else None
        else:
            data = data.get(step) if isinstance(data, Mapping) else None
    return data


def text_at(data: Data, place: Place) -> str:
    """The text at a place, or its default; a list with commas between."""
    value = value_at(data, place)
    if listed := items(value):
        return ", ".join(map(str, listed))
    if value is None:
        value = _USUAL.get(str(place[-1]))
    return value if isinstance(value, str) else "" if value in _NOTHING else str(value)


def items(data: JSON) -> tuple[JSON, ...]:
    """What a list holds; nothing if it is none."""
    return tuple(data) if isinstance(data, list | tuple) else ()


def members(data: Data, field: str) -> Data:
    """What a field holds by name; nothing if it does not."""
    value = data.get(field)
    return value if isinstance(value, Mapping) else {}


def put(data: Data, place: Place, value: JSON) -> Data:
    """The theme with something at a place. What is as by default is not said; a place in a list
    that is gone by now changes nothing."""
    made = _put(data, place, value)
    assert isinstance(made, Mapping)
    return made


def add(data: Data, field: str, value: JSON) -> Data:
    """The theme with one more in a list."""
    return put(data, (field,), (*items(data.get(field)), value))


def take(data: Data, place: Place) -> Data:
    """The theme without what stands at a place."""
    *around, last = place
    if isinstance(last, str):
        return put(data, place, None)
    held = items(value_at(data, tuple(around)))
    return put(data, tuple(around), held[:last] + held[last + 1 :])


def differences(one: JSON, other: JSON, place: Place = ()) -> Iterator[tuple[Place, JSON]]:
    """The places at which another theme differs, with what it has there; None is nothing. A list
    that has grown or shrunk differs as a whole."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in {**one, **other}:
            yield from differences(one.get(name), other.get(name), (*place, name))
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, (before, after) in enumerate(zip(one, other, strict=True)):
            yield from differences(before, after, (*place, index))
    elif one != other:
        yield place, other


def typed(place: Place, text: str) -> str | tuple[str, ...]:
    """What a person's text means at a place: style words are typed with commas between."""
    if place != ("style",):
        return text.strip()
    return tuple(word.strip() for word in text.split(",") if word.strip())


def number_of(place: Place) -> Param:
    """What the ends of a range, or of the scales of a LoRA, may be."""
    name = str(place[-1])
    low, high = LORA_SCALES if place[0] == "loras" else PARAMETERS.get(name, (0.0, 1.0))
    return Param(name, "number", low, "", low, high, (), "linear", name in _WHOLE, "")


def ends(data: Data, place: Place) -> tuple[float, float]:
    """Both ends of a range; an end that is no number is that of its limits."""
    param = number_of(place)
    low, high = (value_at(data, (*place, end)) for end in ("low", "high"))
    return _number(low, param.low), _number(high, param.high)


def faults(problems: Iterable[Problem], places: Collection[Place]) -> dict[Place, str]:
    """What is wrong at each place: a problem belongs to the nearest one around it, `()` at last."""
    found: dict[Place, list[str]] = {}
    for problem in problems:
        field = problem.field or ""
        around = [place for place in places if _is_within(field, _field(place))]
        place = max(around, key=len, default=())
        found.setdefault(place, []).append(problem.text)
    return {place: "\n".join(texts) for place, texts in found.items()}


def _put(data: JSON, place: Place, value: JSON) -> JSON:
    if not place:
        return value
    step, *rest = place
    if isinstance(step, int):
        return tuple(
            _put(each, tuple(rest), value) if index == step else each
            for index, each in enumerate(items(data))
        )
    held = dict(data) if isinstance(data, Mapping) else {}
    made = _put(held.pop(step, None), tuple(rest), value)
    if made in _NOTHING or (step in _USUAL and made == _USUAL[step]):
        return held
    return {**held, step: made}


def _field(place: Place) -> str:
    """A place as problems name it: `variations[0].text`."""
    field = ""
    for step in place:
        field = f"{field}[{step}]" if isinstance(step, int) else path(field, step)
    return field


def _is_within(field: str, around: str) -> bool:
    return field == around or (bool(around) and field.startswith((f"{around}.", f"{around}[")))


def _number(value: JSON, otherwise: float | None) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else otherwise or 0.0  # type: ignore[arg-type]  # it is one
