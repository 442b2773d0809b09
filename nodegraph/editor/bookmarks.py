"""Places of a patch that the user wants to find again, each under a number. Pure.

They belong to the editor, not to the patch: they are kept with its settings, by the patch's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias

NUMBERS: Final = tuple(range(1, 10))

_MOST_FILES: Final = 40


@dataclass(frozen=True, slots=True)
class Spot:
    """What lies in the middle of the window, from where it is seen, and the instances of
    subpatches that were entered for it, outermost first."""

    x: float
    y: float
    zoom: float
    path: tuple[str, ...] = ()


Spots: TypeAlias = Mapping[str, Mapping[str, Spot]]
"""By the file of the patch, the newest last, and by the number as text."""


def marked(spots: Spots, file: str, number: int, spot: Spot) -> Spots:
    """With one more; of the files, those are kept that were marked lately."""
    others = [(each, found) for each, found in spots.items() if each != file]
    own = {**spots.get(file, {}), str(number): spot}
    return {**dict(others[-(_MOST_FILES - 1) :]), file: own}


def read(told: object) -> Spots:
    """What of a settings file makes sense."""
    found: dict[str, Mapping[str, Spot]] = {}
    for file, own in told.items() if isinstance(told, dict) else ():
        spots = {n: spot for n, each in _items(own) if (spot := _spot(each)) is not None}
        if file and spots:
            found[str(file)] = spots
    return found


def _items(own: object) -> list[tuple[str, object]]:
    numbers = set(map(str, NUMBERS))
    return [each for each in own.items() if each[0] in numbers] if isinstance(own, dict) else []


def _spot(told: object) -> Spot | None:
    match told:
        case {"x": x, "y": y, "zoom": zoom, "path": list() | tuple() as path}:
            numbers = [float(n) for n in (x, y, zoom) if isinstance(n, int | float) and isfinite(n)]
            if len(numbers) == 3 and numbers[2] > 0.0 and all(isinstance(id, str) for id in path):
                return Spot(numbers[0], numbers[1], numbers[2], tuple(path))
    return None
