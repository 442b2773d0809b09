"""The edit of a patch's themes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from nodegraph.errors import EditError
from nodegraph.graph.edits import Edit
from nodegraph.graph.frozen import JSON, encodable, freeze
from nodegraph.graph.model import Patch
from nodegraph.graph.parts import put
from nodegraph.graph.rules import short


@dataclass(frozen=True, slots=True)
class SetTheme(Edit):
    """Give the patch a theme, or another one under a name it has; None takes it away.

    Like the value of a param it may say anything that a file can hold: what is wrong with it as a
    theme is found when a plan is made.
    """

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
