"""Makes a theme of what a file or a patch says of it; each mistake is a sentence with its place.

    {"prompt": "drifting over a dark sea", "motion": "calm", "style": ["moonlit", "film grain"],
     "ranges": {"noise_scale": {"low": 0.5, "high": 0.7, "curve": "exponential"}},
     "variations": [{"text": "the sea rises in glass towers", "on": "drop"}]}

What is wrong falls back to the default, so that a theme always plays as far as it makes sense.
Fields that nobody knows are left alone, unless their names are nearly those of fields that count.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches

from nodegraph.errors import Problem
from nodegraph.graph.frozen import JSON, is_number
from nodegraph.graph.rules import ID, path, short
from nodegraph.theme import (
    CURVES,
    LORA_SCALES,
    MOTIONS,
    PARAMETERS,
    PROFILES,
    TRIGGERS,
    Lora,
    Range,
    Theme,
    Variation,
)

FIELDS = tuple(sorted(each.name for each in fields(Theme) if each.name != "id"))
"""What a theme says; its id is the name under which it is kept."""

_NOTHING = Theme("", "", "")
_NOUNS = {"on": "trigger", "denoising": "denoising profile"}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def read(id: str, data: Mapping[str, JSON], place: str = "") -> tuple[Theme, tuple[Problem, ...]]:
    """The theme that is kept under the name `id`, and all that is wrong with it.

    `place` is the path of the theme inside its file.
    """
    reading = _Reading(place)
    theme = reading.theme(id, data)
    return theme, tuple(reading.problems)


def id_mistake(id: str) -> str | None:
    """Why a theme cannot be kept under a name, if it cannot."""
    if re.fullmatch(ID, id):
        return None
    return f"{short(id)} is no name for a theme: use small letters, digits and _, a letter first"


def title(id: str) -> str:
    """What a theme is called that does not say it."""
    return id.replace("_", " ").title()


def data_of(theme: Theme) -> dict[str, JSON]:
    """What a file says of a theme: all that differs from the default, but for its id."""
    said: dict[str, JSON] = {"name": theme.name, "prompt": theme.prompt}
    for name in ("style", "negative", "palette", "denoising", "motion", "reference"):
        said[name] = getattr(theme, name)
    said["variations"] = tuple([_differing(each) for each in theme.variations])
    said["ranges"] = {each.parameter: _differing(each, "parameter") for each in theme.ranges}
    said["loras"] = {each.path: _differing(each, "path") for each in theme.loras}
    usual = {"name": title(theme.id), "ranges": {}, "loras": {}}
    return {
        name: value
        for name, value in said.items()
        if value != usual.get(name, getattr(_NOTHING, name))
    }


def _differing(part: Variation | Range | Lora, key: str = "") -> dict[str, JSON]:
    """The fields of a part that have no default or differ from it, but for what it is kept by."""
    usual = part._field_defaults
    return {
        name: value
        for name, value in part._asdict().items()
        if name != key and (name not in usual or value != usual[name])
    }


class _Reading:
    """Reads one theme; `problems` grow."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: list[Problem] = []

    def say(self, fault: str, where: str) -> None:
        inside = ".".join(filter(None, (self.place, where)))
        self.problems.append(Problem(fault, field=inside or None))

    def theme(self, id: str, data: Mapping[str, JSON]) -> Theme:
        if fault := id_mistake(id):
            self.say(fault, "")
        self.strays(data, FIELDS, "")
        return Theme(
            id,
            self.text(data, "name") or title(id),
            self.painting(data, "prompt", "a theme"),
            style=tuple(self.texts(data, "style")),
            variations=tuple(self.variations(data)),
            ranges=tuple(self.ranges(data)),
            negative=self.text(data, "negative"),
            palette=tuple(self.palette(data)),
            denoising=self.one_of(PROFILES, data, "denoising", _NOTHING.denoising),
            motion=self.one_of(MOTIONS, data, "motion", _NOTHING.motion),
            loras=tuple(self.loras(data)),
            reference=self.text(data, "reference"),
        )

    def palette(self, data: Mapping[str, JSON]) -> Iterator[str]:
        for index, colour in enumerate(self.texts(data, "palette")):
            if _COLOUR.fullmatch(colour):
                yield colour
            else:
                fault = f"{short(colour)} is no colour: write it as '#rrggbb', with digits and a-f"
                self.say(fault, f"palette[{index}]")

    def variations(self, data: Mapping[str, JSON]) -> Iterator[Variation]:
        for index, entry in enumerate(self.items(data, "variations", "variations")):
            where = f"variations[{index}]"
            if not isinstance(entry, Mapping):
                shape = '{"text": "…", "on": "beat"}'
                self.say(f"a variation wants an object such as {shape}, not {short(entry)}", where)
                continue
            self.strays(entry, Variation._fields, where)
            on = self.one_of(TRIGGERS, entry, "on", "energy", where)
            if text := self.painting(entry, "text", "a variation", where):
                yield Variation(text, on)

    def ranges(self, data: Mapping[str, JSON]) -> Iterator[Range]:
        for name, entry, where in self.spans(data, "ranges", Range._fields[1:]):
            if name not in PARAMETERS:
                self.say(f"Scope has no number {short(name)}; {_hint(name, PARAMETERS)}", where)
            elif ends := self.ends(entry, PARAMETERS[name], where):
                yield Range(name, *ends, self.one_of(CURVES, entry, "curve", "linear", where))

    def loras(self, data: Mapping[str, JSON]) -> Iterator[Lora]:
        for name, entry, where in self.spans(data, "loras", Lora._fields[1:]):
            if ends := self.ends(entry, LORA_SCALES, where):
                yield Lora(name, *ends)

    def spans(
        self, data: Mapping[str, JSON], field: str, known: Collection[str]
    ) -> Iterator[tuple[str, Mapping[str, JSON], str]]:
        """What is kept by name in a field, with its place."""
        for name, entry in self.members(data, field).items():
            where = path(field, name)
            if isinstance(entry, Mapping):
                self.strays(entry, known, where)
                yield name, entry, where
            else:
                shape = '{"low": 0.5, "high": 0.7}'
                self.say(f"wants an object such as {shape}, not {short(entry)}", where)

    def ends(
        self, entry: Mapping[str, JSON], limits: tuple[float, float], where: str
    ) -> tuple[float, float] | None:
        """Both ends of a range; None unless both are there."""
        low, high = (self.end(entry, end, limits, where) for end in ("low", "high"))
        return None if low is None or high is None else (low, high)

    def end(
        self, entry: Mapping[str, JSON], end: str, limits: tuple[float, float], where: str
    ) -> float | None:
        low, high = limits
        value = entry.get(end)
        if end not in entry:
            self.say(f'wants both ends of its range: add "{end}"', where)
        elif not isinstance(value, int | float) or not is_number(value):
            self.say(
                f"wants a number from {low:g} to {high:g}, not {short(value)}", f"{where}.{end}"
            )
        else:
            held = min(max(float(value), low), high)
            if held != value:
                fault = f"{value:g} is outside {low:g} to {high:g}; {held:g} is used"
                self.say(fault, f"{where}.{end}")
            return held
        return None

    def one_of(
        self,
        choices: Collection[str],
        data: Mapping[str, JSON],
        name: str,
        usual: str,
        where: str = "",
    ) -> str:
        """A field that is one of some words; it may be absent."""
        value = data.get(name, usual)
        if value == usual or (isinstance(value, str) and value in choices):
            return str(value)
        fault = f"there is no {_NOUNS.get(name, name)} {short(value)}; {_hint(value, choices)}"
        self.say(fault, path(where, name))
        return usual

    def painting(self, data: Mapping[str, JSON], name: str, what: str, where: str = "") -> str:
        """A field that is a text with something in it."""
        text = self.text(data, name, where)
        if not text and isinstance(data.get(name, ""), str):
            self.say(f'{what} wants to say what to paint: add "{name}": "…"', where)
        return text

    def text(self, data: Mapping[str, JSON], name: str, where: str = "") -> str:
        """A field that is text; it may be absent."""
        value = data.get(name, "")
        if isinstance(value, str):
            return value.strip()
        self.say(f"wants text, not {short(value)}", path(where, name))
        return ""

    def texts(self, data: Mapping[str, JSON], name: str) -> Iterator[str]:
        """The items of a field that is a list of texts."""
        for index, item in enumerate(self.items(data, name, "texts")):
            if not isinstance(item, str):
                self.say(f"wants text, not {short(item)}", f"{name}[{index}]")
            elif item.strip():
                yield item.strip()

    def items(self, data: Mapping[str, JSON], name: str, what: str) -> Collection[JSON]:
        """A field that is a list; it may be absent."""
        value = data.get(name, ())
        if isinstance(value, tuple | list):
            return value
        self.say(f"wants a list of {what}, in brackets: […], not {short(value)}", name)
        return ()

    def members(self, data: Mapping[str, JSON], name: str) -> Mapping[str, JSON]:
        """A field that is an object; it may be absent."""
        value = data.get(name, {})
        if isinstance(value, Mapping):
            return value
        self.say(f"wants an object, in braces: {{…}}, not {short(value)}", name)
        return {}

    def strays(self, data: Mapping[str, JSON], known: Collection[str], where: str) -> None:
        """Fields that nobody reads, although their names are nearly those of fields that count."""
        for name in data:
            near = () if name in known else get_close_matches(name, known, 1, 0.7)
            if near:
                self.say(f"is read by nobody; did you mean {near[0]}?", path(where, name))


def _hint(value: JSON, choices: Collection[str]) -> str:
    near = get_close_matches(value, choices, 1) if isinstance(value, str) else ()
    return f"did you mean {near[0]}?" if near else f"choose one of {', '.join(choices)}"
