"""Scripts of stories: text or Markdown in which every paragraph is a scene.

    # The harbour            a title; it stands for the scenes until the next
    [0:00]                   when it begins: a time, or [bar 33]; without one it waits for a hand
    mood: calm               one of `MOODS`, or `theme:` and the name of a theme
    setting: at dawn         said with the words of every scene from here on
    pace: calm               how slowly scenes come in from here on: one of `PACES`
    pause: 8 s               nothing by hand ends this scene sooner
    when: storm is coming    begins when this is heard
    fishing boats leaving    what to paint; the rest of the paragraph, too
    > They left at four.     is spoken, not painted

Mood, setting and pace go on until another one is said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple, TypeVar

from nodegraph import Prompt, Prompts, Theme
from nodes._timeline import EXAMPLES, WHISKER, Moment, moment_at, prompts_of, several

MOODS = {
    "calm": "ocean",
    "joyful": "aurora",
    "mysterious": "forest",
    "tense": "forge",
    "action": "volcano",
}
"""The theme that a mood brings."""

PACES: dict[str, float] = {
    "cut": 0.0,
    **{
        pace: float(Theme("", "", "", motion=pace).pace.chunks)
        for pace in ("driving", "steady", "calm")
    },
}
"""Chunks that a scene takes to come in: those of a theme that moves so."""

_KEYS = ("mood", "theme", "setting", "pace", "pause", "when")
_KEYED = re.compile(r"(\w+):\s*(.*)")
_TIME = re.compile(r"\[([^\[\]]*)\]\s*")


class Scene(NamedTuple):
    """What is painted, when it begins, and how: `hold` in s, `steps` in chunks."""

    prompts: Prompts
    title: str
    moment: Moment | None
    cue: tuple[str, ...]
    theme: str
    steps: float
    hold: float


class Story(NamedTuple):
    """Scenes in their order; their times are all in `seconds` or all in `bars`."""

    unit: str
    scenes: tuple[Scene, ...]
    timed: tuple[tuple[Moment, int], ...]

    def due(self, before: float | None, now: float, meter: int) -> int | None:
        """The scene whose time has come since `before`, in seconds or beats.

        At the start and after a leap back, when `before` is None, it is the last whose time is
        over.
        """
        place = bisect_right(self.timed, now + WHISKER, key=lambda each: each[0].at(meter)) - 1
        if place < 0:
            return None
        moment, scene = self.timed[place]
        return scene if before is None or moment.at(meter) > before + WHISKER else None


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as they sound."""
    return tuple(re.findall(r"\w+", text.casefold()))


@lru_cache(maxsize=16)
def story(script: str, themes: tuple[str, ...]) -> Story:
    """Read a script that may name `themes`. Raises `ValueError` with each mistake and its line."""
    reader, faults = _Reader(themes), []
    for number, line in enumerate((*script.split("\n"), ""), 1):
        try:
            reader.take(line.strip())
        except ValueError as fault:
            faults.append(f"line {number}: {fault}")
    if reader.waiting:
        faults.append("the last lines belong to no scene; write below them what to paint")
    if faults:
        raise ValueError(several(faults))
    scenes = tuple(reader.scenes)
    timed = tuple((scene.moment, n) for n, scene in enumerate(scenes) if scene.moment)
    return Story(reader.unit or "seconds", scenes, timed)


class _Reader:
    """Takes a script line by line. What is said of a scene is kept until its words have come."""

    def __init__(self, themes: tuple[str, ...]) -> None:
        self.scenes: list[Scene] = []
        self._themes = {name: name for name in themes}
        self.unit = ""
        self._words: list[str] = []
        self._title = self._theme = self._setting = ""
        self._steps = PACES["steady"]
        self._moment: Moment | None = None
        self._last: Moment | None = None
        self._cue: tuple[str, ...] = ()
        self._hold = 0.0

    @property
    def waiting(self) -> bool:
        """Whether something was said of a scene that has not come."""
        return self._moment is not None or bool(self._cue) or self._hold > 0.0

    def take(self, line: str) -> None:
        """Take the next line. Raises `ValueError` for a mistake in it."""
        time = _TIME.match(line)
        if self._words and (time or not line or line.startswith("#")):
            self._end_scene()
        if line.startswith("#"):
            self._title = line.lstrip("#").strip()
        elif not line.startswith(">"):
            if time:
                self._set_moment(time[1].strip())
                line = line[time.end() :]
            self._take_words(line)

    def _take_words(self, line: str) -> None:
        if keyed := _KEYED.fullmatch(line):
            key = keyed[1].casefold()
            if key in _KEYS:
                self._say(key, keyed[2].strip())
                return
            if near := get_close_matches(key, _KEYS, 1, 0.85):
                raise ValueError(f"there is no {key!r}; did you mean {near[0]}?")
        if line:
            self._words.append(line.removeprefix("- "))

    def _set_moment(self, text: str) -> None:
        found = moment_at(text)
        if found is None or found[1]:
            raise ValueError(f"[{text[:30]}] is no time; write it as {EXAMPLES}")
        moment = found[0]
        if self._last and self.unit != moment.unit:
            raise ValueError(f"this is in {moment.unit}, times above in {self.unit}: keep to one")
        if self._last and (moment.bars, moment.rest) <= (self._last.bars, self._last.rest):
            raise ValueError("this does not come after the time above; put the scenes in order")
        self._moment = self._last = moment
        self.unit = moment.unit

    def _say(self, key: str, value: str) -> None:
        match key:
            case "mood":
                self._theme = _known(value, MOODS, key)
            case "theme":
                self._theme = _known(value, self._themes, key) if value else ""
            case "setting":
                self._setting = value
            case "pace":
                self._steps = _known(value, PACES, key)
            case "when":
                self._cue = spoken(value)
                if not self._cue:
                    raise ValueError("when: wants the words that are to be heard")
            case "pause":
                found = moment_at(value)
                if found is None or found[1] or found[0].unit != "seconds":
                    raise ValueError(f"{value[:30]!r} is no length of a pause; write it as 8 s")
                self._hold = found[0].rest

    def _end_scene(self) -> None:
        painted = prompts_of(" ".join(self._words))
        if self._setting:
            painted = tuple(Prompt(f"{text}, {self._setting}", w) for text, w in painted)
        self.scenes.append(
            Scene(
                painted,
                self._title,
                self._moment,
                self._cue,
                self._theme,
                self._steps,
                self._hold,
            )
        )
        self._words, self._moment, self._cue, self._hold = [], None, (), 0.0


_T = TypeVar("_T")


def _known(word: str, known: Mapping[str, _T], what: str) -> _T:
    found = known.get(word.casefold())
    if found is None:
        near = get_close_matches(word.casefold(), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"there is no {what} {word[:30]!r}; {hint}")
    return found
