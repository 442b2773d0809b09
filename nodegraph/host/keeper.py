"""Keeps one source of a show alive: silence while it fails, and back again by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from math import isfinite
from time import monotonic
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import AudioError
from nodegraph.hookspecs import Source
from nodegraph.host.engine.transport import Playing

Block = NDArray[np.float32]
Params = Mapping[str, object]
Bookmark = Mapping[str, object]
"""Where a source is in what it plays, as plain data that only a source of its kind reads."""

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 2.0)
"""Seconds between attempts to open a source again; the last stays."""

TRUSTED = 5.0
"""Seconds a source must have played for the pauses to begin anew when it fails."""

MEANWHILE = "silence is held until it can be opened"
PLAYS_ON = "until then it plays on as before"


class LiveSource(Source, Protocol):
    """A source that brings sound at a pace of its own, which the engine may take over.

    It never ends. It may be lost, and may have a `complaint` (str), `overflows` (how often sound
    was lost because nobody took it), or `reopened(params)`, which opens the same input again
    whatever the params mean by now.
    """

    live: bool
    leads: bool
    """Whether the engine runs at its pace. Otherwise it must bridge the two itself."""

    @property
    def lost(self) -> str:
        """Why nothing more will come; "" while it does."""

    def wait(self, timeout: float) -> bool:
        """Whether a block can be read within so many seconds."""


def checked(source: Source, samples: int) -> Block:
    """The source's next block. Raises `AudioError` for whatever a guest's code may do."""
    try:
        block = source.read(samples)
        if block.dtype != np.float32 or block.ndim != 2 or len(block) != samples:
            raise ValueError(f"it gave {block.dtype}{list(block.shape)}, not [{samples}, channels]")
        flat = block.reshape(-1)
        if not isfinite(float(np.dot(flat, flat))):
            raise ValueError("it gave samples that are not finite")
    except AudioError:
        raise
    except Exception as error:
        text = f"a source ({type(source).__name__}) failed: {type(error).__name__}: {error}"
        raise AudioError(text) from error
    return block


class Keeper:
    """One source, read from the tick thread, opened and closed on threads of its own.

    `open` makes the source for its params, or raises `AudioError`. With `why` in place of a
    `source`, it is opened in the background and there is silence until then.
    """

    def __init__(
        self, params: Params, open: Callable[[Params], Source], source: Source | None, why: str = ""
    ) -> None:
        self.params = params
        self.source = source
        self._problem = why
        self._open = open
        self._again: Callable[[Params], Source] | None = None
        self._reopens: Collection[str] = ()
        self.paused = False
        """Whether it is silent where it is. What comes from outside goes on unheard."""
        self._goto: float | None = None
        self._lost = False
        self._channels = source.channels if source is not None else 1
        self._fresh: Source | None = None
        self._old: Source | None = None
        self._since, self._attempt = monotonic(), 0
        self._lock = threading.Lock()
        self._helper: threading.Thread | None = None
        self._nudge = threading.Event()
        self._closed = False
        if source is None:
            self._want()

    @property
    def live(self) -> LiveSource | None:
        """The source, if it can drive the engine's clock."""
        if getattr(self.source, "live", False) and not getattr(self.source, "lost", ""):
            return cast(LiveSource, self.source)
        return None

    @property
    def problem(self) -> str:
        """What is wrong with it, as a sentence; "" if nothing is."""
        return self._problem or str(getattr(self.source, "complaint", ""))

    @property
    def bookmark(self) -> Bookmark | None:
        """Where the source is; None for one that can only begin at its beginning."""
        try:
            found = getattr(self.source, "bookmark", None)
        except Exception:  # a guest's code may fail in any way there is
            return None
        return found if isinstance(found, Mapping) else None

    def resume(self, bookmark: Bookmark) -> None:
        """Have the source go on from where another of its kind was. Before it is read."""
        try:
            resume = getattr(self.source, "resume", None)
            if resume is not None:
                resume(bookmark)
        except Exception as error:  # a guest's code may fail in any way there is
            self._problem = f"it begins anew, as it cannot go on from where it was: {error}"

    @property
    def playing(self) -> Playing:
        """How it plays, as far as the source can tell."""
        try:
            at = (self.bookmark or {}).get("at")
            duration = self.source.duration if self.source is not None else None
            ended = self.source is not None and bool(self.source.ended)
            gaps = int(getattr(self.source, "overflows", 0))
        except Exception:  # a guest's code may fail in any way there is
            return Playing(None, None, False, self.paused)
        return Playing(_seconds(at), _seconds(duration), ended, self.paused, gaps)

    def seek(self, seconds: float) -> None:
        """Go to a place in what it plays, once it is open there; nothing if it has no places."""
        if self.bookmark is not None:
            with self._lock:  # what has just been opened is no longer it
                self._again, self._goto = None, seconds
            self._want()

    def renew(self) -> None:
        """Take over what was opened in the background, between two ticks."""
        if self._fresh is None:
            return
        with self._lock:
            fresh, self._fresh = self._fresh, None
        old, self.source, self._problem = self.source, fresh, ""
        self._since, self._lost = monotonic(), False
        self.update({})  # a knob may have been turned while it was opened
        if old is not None:
            close_aside([old])

    def read(self, samples: int) -> Block:
        """float32[samples, channels]; silence while there is no source. Never raises."""
        if self.source is not None:
            lost = getattr(self.source, "lost", "")
            try:
                if self.paused and self.live is None:
                    return np.zeros((samples, self._channels), np.float32)
                if not lost:
                    block = checked(self.source, samples)
                    if self.paused:
                        block = np.zeros_like(block)
                    self._channels = block.shape[1]
                    return block
                self._fail(f"{lost}: silence is held until it is back", lost=True)
            except AudioError as error:
                self._fail(f"{error}; {MEANWHILE}")
        return np.zeros((samples, self._channels), np.float32)

    def update(self, changed: Params) -> None:
        """Follow the node's params; what cannot be followed while playing is opened beside it."""
        before, params = self.params, {**self.params, **changed}
        self.params = params
        reopens = getattr(self.source, "reopens", self._reopens)
        if any(before.get(name) != params.get(name) for name in reopens):
            self._again, self._lost = None, False  # what is asked for now was not lost
            self._want()
        elif self.source is None:
            self._want()
        else:
            try:
                self.source.update(params)
                self._problem = ""
            except Exception as error:  # a guest's code may fail in any way there is
                self._problem = f"{error}; {PLAYS_ON}"

    def close(self) -> None:
        """Let go of it, and of what is being opened. Waits, but not for ever."""
        with self._lock:
            self._closed = True
            helper, opened = self._helper, [self.source, self._fresh]
            self.source = self._fresh = None
        self._nudge.set()
        close_all(opened)
        if helper is not None:
            helper.join(2.0)

    def _fail(self, why: str, lost: bool = False) -> None:
        self._lost = lost
        self._again = getattr(self.source, "reopened", None)
        self._reopens = getattr(self.source, "reopens", ())
        self._old, self.source, self._problem = self.source, None, why
        if monotonic() - self._since > TRUSTED:
            self._attempt = 0
        self._want()

    def _want(self) -> None:
        """Have it opened in the background, by one helper at a time."""
        with self._lock:
            self._nudge.set()
            if self._helper is None and not self._closed:
                self._helper = threading.Thread(target=self._bring, name="open", daemon=True)
                self._helper.start()

    def _bring(self) -> None:
        """Until it is open. What fails again and again is tried less and less often."""
        while not self._closed:
            self._nudge.clear()
            params, again, goto = self.params, self._again, self._goto
            old, self._old = self._old, None
            close_all([old])  # a device can often be opened only once
            try:
                source = (again or self._open)(params)
                if goto is not None:
                    _go(source, goto)
            except AudioError as error:
                if not self._lost:  # that was told, and says more
                    plays = self.source is not None
                    self._problem = f"{error}; {PLAYS_ON if plays else MEANWHILE}"
            except Exception as error:  # again a guest's code
                self._problem = f"it cannot be opened: {error}; {MEANWHILE}"
            else:
                if self._offer(source, params, goto):
                    return
                continue
            self._nudge.wait(PAUSES[min(self._attempt, len(PAUSES) - 1)])
            self._attempt += 1

    def _offer(self, source: Source, params: Params, goto: float | None) -> bool:
        """Whether it is still wanted; then it is taken over before the next tick."""
        vain: Source | None = source
        reopens = getattr(source, "reopens", ())
        with self._lock:
            same = all(self.params.get(name) == params.get(name) for name in reopens)
            wanted = same and goto == self._goto and not self._closed
            if wanted:
                self._goto = None
                vain, self._fresh, self._helper = self._fresh, source, None
        close_all([vain])
        return wanted


def _seconds(told: object) -> float | None:
    """What a guest's code says is a time, if it is one."""
    return float(told) if isinstance(told, int | float) and isfinite(told) else None


def _go(source: Source, seconds: float) -> None:
    """Have a source that was just opened play from there."""
    bookmark, resume = getattr(source, "bookmark", None), getattr(source, "resume", None)
    if isinstance(bookmark, Mapping) and resume is not None:
        resume({**bookmark, "at": seconds})


class Closing(Protocol):
    """What can be let go of."""

    def close(self) -> None: ...


def close_all(sources: Iterable[Closing | None]) -> None:
    """Close them here and now; a guest's code may do there what it likes."""
    for source in sources:
        if source is not None:
            with suppress(Exception):
                source.close()


def close_aside(sources: Iterable[Closing | None]) -> None:
    """Close them in the background: a driver may take its time."""
    threading.Thread(target=close_all, args=(list(sources),), name="close", daemon=True).start()
