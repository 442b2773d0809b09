"""Edits of how one node plays: its params, its mode, and whether it plays alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from nodegraph.errors import EditError
from nodegraph.graph.edits import Edit
from nodegraph.graph.frozen import ParamValue, encodable, freeze
from nodegraph.graph.model import Patch
from nodegraph.graph.parts import change, find


class Unset(Enum):
    """The type of `UNSET`: a param that goes back to its default."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class SetParam(Edit):
    """Set a param of a node; `UNSET` sets it back to its default."""

    node: str
    param: str
    value: ParamValue | Literal[Unset.UNSET]

    def __post_init__(self) -> None:
        if self.value is UNSET:
            return
        try:
            encodable(self.param)
            object.__setattr__(self, "value", freeze(self.value))
        except ValueError as fault:
            raise EditError(f"{self.node}.{self.param} cannot be set: {fault}") from None

    @property
    def target(self) -> Hashable:
        return ("param", self.node, self.param)

    def apply(self, patch: Patch) -> Patch:
        params = dict(find(patch, self.node).params)
        if self.value is UNSET:
            params.pop(self.param, None)
        else:
            params[self.param] = self.value
        return change(patch, self.node, params=params)

    def inverse(self, patch: Patch) -> Edit:
        params = find(patch, self.node).params
        return SetParam(self.node, self.param, params.get(self.param, UNSET))


@dataclass(frozen=True, slots=True)
class SetMode(Edit):
    """Bypass a node, mute it, or, with an empty mode, let it play."""

    id: str
    mode: str

    def apply(self, patch: Patch) -> Patch:
        return change(patch, self.id, mode=self.mode)

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetMode(self.id, find(patch, self.id).mode)


@dataclass(frozen=True, slots=True)
class SetSolo(Edit):
    """Let a node play alone, with the others that do, or no longer."""

    id: str
    solo: bool

    def apply(self, patch: Patch) -> Patch:
        return change(patch, self.id, solo=self.solo)

    def inverse(self, patch: Patch) -> Edit:
        self.apply(patch)
        return SetSolo(self.id, find(patch, self.id).solo)
