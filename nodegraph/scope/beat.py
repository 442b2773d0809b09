"""The beat of the chunks, as far as it can be heard in the frames that come back.

A server spreads the frames of a chunk evenly over time. But whenever it has shown all it had, the
next frame comes late: at the moment its chunk is done, when the next message is taken, too. Late
frames that are always equally many frames apart are that beat.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

LATE = 1.5  # usual gaps: a frame that took longer to come was waited for
USUAL = 16  # gaps that tell what is usual
ENOUGH = 4  # late frames, equally far apart, that make a beat
LOST = 2.5  # chunks without a late frame, and it is not heard any more


class Beat:
    """Hears frames one by one; `frames` and `seconds` of a chunk are 0 while there is no beat."""

    def __init__(self) -> None:
        self.frames = 0
        self.seconds = 0.0
        self._moment = 0.0
        self._count = 0
        self._newest: float | None = None
        self._gaps: deque[float] = deque(maxlen=USUAL)
        self._late: deque[tuple[int, float]] = deque(maxlen=ENOUGH)

    def heard(self, now: float) -> None:
        """A frame arrived at `now`."""
        self._count += 1
        if self._newest is not None:
            gap = now - self._newest
            if self._gaps and gap > LATE * median(self._gaps):
                self._late.append((self._count, now))
                self._listen()
            self._gaps.append(gap)
        if self._late and self._count - self._late[-1][0] > LOST * self.frames:
            self.frames = 0
        self._newest = now

    def moment(self) -> float | None:
        """When a chunk was done, lately; None while there is no beat."""
        return self._moment if self.frames else None

    def _listen(self) -> None:
        apart = {later - earlier for (earlier, _), (later, _) in pairwise(self._late)}
        # Where every frame is late, frames have only become slower.
        if len(self._late) < ENOUGH or len(apart) > 1 or apart == {1}:
            self.frames = 0
            return
        self.frames = apart.pop()
        first, last = self._late[0][1], self._late[-1][1]
        self.seconds = (last - first) / (ENOUGH - 1)
        left = range(ENOUGH - 1, -1, -1)
        times = (at for _, at in self._late)
        # One frame may be held up on its way; the median of them all tells when this was due.
        self._moment = median(at + n * self.seconds for n, at in zip(left, times, strict=True))
