"""What Scope paints, ready to be shown: a buffer for one texture, in which the newest picture lies.

A texture is made once, because the toolkit never gives back what one has cost, and it is sent to
the graphics card with every frame, so it should not be larger than it has to be. Smaller pictures
lie in its corner; the show is asked to make larger ones fit.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.link import Link
from nodegraph.editor.mirror import Mirror
from nodegraph.remote.pictures import PictureReader

SIZE: Final = (832, 480)
"""Width and height of the buffer. Twice as wide and high would cost four times as much."""

LONGEST: Final = 4096
"""The longest side of any picture that a show hands on."""

FPS: Final = 30.0
_LOOK: Final = 0.25  # seconds between two looks for pictures while there are none
_SCALE = np.float32(1.0 / 255.0)


class Box(NamedTuple):
    """A rectangle of the screen."""

    left: float
    top: float
    right: float
    bottom: float


class Pictures:
    """The newest picture of a show, as long as somebody wants it.

    `buffer` is float32[height, width, 3], 0..1; what of it is a picture `size` and `uv` tell. If it
    `grows`, a larger picture is given another, larger one, instead of being made to fit.
    """

    def __init__(
        self, link: Link, mirror: Mirror, size: tuple[int, int] = SIZE, *, grows: bool = False
    ) -> None:
        width, height = size
        self.buffer: NDArray[np.float32] = np.zeros((height, width, 3), np.float32)
        self.size = (0, 0)
        self._link, self._mirror = link, mirror
        self._reader: PictureReader | None = None
        self._number = 0
        self._arrived: float | None = None
        self._wanted = False
        self._grows = grows
        self._longest = LONGEST if grows else max(size)
        self._asked = (False, 0)
        self._look: object = None
        self._look_at = 0.0

    @property
    def uv(self) -> tuple[float, float]:
        """Where in the buffer the picture ends, half a pixel before its neighbours begin."""
        height, width, _ = self.buffer.shape
        return (max(self.size[0] - 0.5, 0.0) / width, max(self.size[1] - 0.5, 0.0) / height)

    @property
    def age(self) -> float | None:
        """Seconds since the newest picture came; None before the first."""
        return None if self._arrived is None else monotonic() - self._arrived

    def want(self, wanted: bool) -> None:
        """Have pictures come from now on, or no more."""
        self._wanted = wanted

    def tick(self) -> bool:
        """Take over what is new; whether there is another picture now. Once a frame."""
        self._ask()
        if not self._wanted or self._reader is None:
            return False
        if self._number == 0:  # to look for a file costs more than to look into one
            if monotonic() < self._look_at:
                return False
            self._look_at = monotonic() + _LOOK
        found = self._reader.newest(self._number)
        if found is None:
            return False
        self._number, self._arrived = found.number, found.arrived
        height, width, _ = found.pixels.shape
        most_high, most_wide, _ = self.buffer.shape
        if width > most_wide or height > most_high:
            if not self._grows:
                self._longest = min(most_wide, most_high)
                return False
            larger = (max(height, most_high), max(width, most_wide), 3)
            self.buffer = np.zeros(larger, np.float32)
        np.multiply(found.pixels, _SCALE, out=self.buffer[:height, :width], casting="unsafe")
        self.size = (width, height)
        return True

    def _ask(self) -> None:
        """Tell the show what is wanted, whenever that or the show has changed."""
        if not self._mirror.attached:
            return
        if self._look is not self._mirror.look:
            self._look, self._asked = self._mirror.look, (False, 0)
            self._reader, self._number = PictureReader(Path(self._mirror.folder)), 0
        asked = (self._wanted, self._longest if self._wanted else 0)
        if asked != self._asked:
            self._asked = asked
            wish = {"want": self._wanted, "fps": FPS, "longest": self._longest}
            self._link.ask("pictures", None, _ignore, **wish)


def _ignore(error: Exception) -> None:
    """A show of an older version knows nothing of pictures: there are none, then."""


def fitted(size: tuple[int, int], room: Box) -> Box:
    """Where a picture of a size lies in a room: whole, as large as can be, in the middle."""
    width, height = size
    across, down = room.right - room.left, room.bottom - room.top
    if width <= 0 or height <= 0 or across <= 0 or down <= 0:
        return Box(room.left, room.top, room.left, room.top)
    scale = min(across / width, down / height)
    left = room.left + (across - width * scale) / 2
    top = room.top + (down - height * scale) / 2
    return Box(left, top, left + width * scale, top + height * scale)
