"""Loads the editor's one family of fonts, Inter, in the few sizes that are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dearpygui.dearpygui as dpg

_FOLDER = Path(__file__).parent / "fonts"
_REGULAR, _STRONG = _FOLDER / "Inter-Regular.otf", _FOLDER / "Inter-SemiBold.otf"

BODY, SMALL, TITLE, BIG = 15, 13, 20, 30
"""Sizes in pixels at scale 1."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Items of Dear PyGui, to be bound to others. Figures are tabular in all of them."""

    regular: int
    strong: int
    small: int
    small_strong: int
    title: int
    big: int

    @classmethod
    def load(cls, scale: float) -> Fonts:
        """Load all sizes, so many times larger."""
        with dpg.font_registry():
            return cls(
                regular=_font(_REGULAR, BODY * scale),
                strong=_font(_STRONG, BODY * scale),
                small=_font(_REGULAR, SMALL * scale),
                small_strong=_font(_STRONG, SMALL * scale),
                title=_font(_STRONG, TITLE * scale),
                big=_font(_STRONG, BIG * scale),
            )

    def rescale(self, scale: float) -> None:
        """Make them another size in place, so that nothing needs to be bound again."""
        sizes = (BODY, BODY, SMALL, SMALL, TITLE, BIG)
        for name, size in zip(self.__dataclass_fields__, sizes, strict=True):
            dpg.configure_item(getattr(self, name), size=round(size * scale))


def _font(file: Path, size: float) -> int:
    return int(dpg.add_font(str(file), round(size)))
