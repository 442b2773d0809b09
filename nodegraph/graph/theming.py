"""The edits of a patch's themes: of a whole one, and of one place in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from nodegraph.errors import EditError
from nodegraph.graph.edits import Edit
from nodegraph.graph.frozen import JSON, encodable, freeze
from nodegraph.graph.model import Patch
from nodegraph.graph.parts import put
from nodegraph.graph.rules import short

Place: TypeAlias = tuple[str | int, ...]
"""Where something stands in a theme: `("variations", 0, "text")`."""


@dataclass(frozen=True, slots=True)
class SetTheme(Edit):
    """Give the patch a theme, or another one under a name it has; None takes it away.

    Like the value of a param it may say anything that a file can hold: what is wrong with it as a
    theme is found when a plan is made.
    """

    nests: ClassVar[bool] = True

    name: str
    theme: Mapping[str, JSON] | None

    def __post_init__(self) -> None:
        try:
            encodable(self.name)
            object.__setattr__(self, "theme", freeze(self.theme))
        except ValueError as fault:
            raise EditError(f"the theme {short(self.name)} cannot be set: {fault}") from None

    @property
    def target(self) -> Hashable:
        return ("theme", self.name)

    def apply(self, patch: Patch) -> Patch:
        if self.theme is None and self.name not in patch.themes:
            raise EditError(f"the patch has no theme {short(self.name)}: it may be removed already")
        return patch.evolve(themes=put(patch.themes, self.name, self.theme))

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetTheme(self.name, patch.themes.get(self.name))


@dataclass(frozen=True, slots=True)
class SetThemePart(Edit):
    """Give one place in a theme another value; None takes a field away.

    All else stays as it is by the time the edit arrives: so edits of two places are both kept,
    whoever makes them and whatever the second one knew of the first.
    """

    nests: ClassVar[bool] = True

    name: str
    place: Place
    value: JSON

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "value", freeze(self.value))
            for step in self.place:
                encodable(str(step))
        except ValueError as fault:
            raise EditError(f"the theme {short(self.name)} cannot be changed: {fault}") from None
        if not self.place or not isinstance(self.place[0], str):
            raise EditError("a place in a theme begins with the name of a field")

    @property
    def target(self) -> Hashable:
        return ("theme", self.name, self.place)

    def apply(self, patch: Patch) -> Patch:
        theme = patch.themes.get(self.name)
        if theme is None:
            raise EditError(f"the patch has no theme {short(self.name)}: it may be removed already")
        field, *inside = self.place
        changed = put(theme, str(field), _placed(theme.get(str(field)), tuple(inside), self.value))
        return SetTheme(self.name, changed).apply(patch)

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetTheme(self.name, patch.themes[self.name])


def _placed(data: JSON, place: Place, value: JSON) -> JSON:
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(step, str):
        fields = data if isinstance(data, Mapping) else {}
        return put(fields, step, _placed(fields.get(step), rest, value))
    listed = data if isinstance(data, tuple) else ()
    if not 0 <= step < len(listed):
        raise EditError(f"number {step} of a list is not there: it may be removed already")
    return (*listed[:step], _placed(listed[step], rest, value), *listed[step + 1 :])
