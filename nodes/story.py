"""Stories: a script that steers what is painted, scene by scene.

Spoken words reach a story as a text on a wire: from `speech.in`, or any other recogniser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nodegraph import Clock, Prompts, Theme, Trigger, inlet, node, outlet, param
from nodes._story import Story, spoken
from nodes._story import story as story_of
from nodes._timeline import Position


class Told(NamedTuple):
    """Where a story stands: its scene (-1 before the first), seconds of it, what was last heard,
    and whether the next scene waits until a pause is over."""

    position: Position = Position()
    scene: int = -1
    age: float = 0.0
    heard: str = ""
    waits: bool = False


def _read(script: str, themes: Mapping[str, Theme]) -> Story:
    return story_of(script, tuple(themes))


@node(
    "story.script",
    outlets=[
        "prompts",
        outlet("transition_steps", "chunks", 0.0, help="for scope.output"),
        outlet("theme", help="the theme of the scene's mood; for theme.preset's theme"),
        outlet("title", help="the heading above the scene"),
        outlet("scene", help="which scene, from 0; -1 before the first"),
        outlet("changed", help="another scene begins"),
    ],
    state=Told(),
    title="Story",
    aliases="Storyteller, Script, Narrator, Screenplay, Cue Stack, Teleprompter",
)
def story(
    state: Told,
    dt: float,
    themes: Mapping[str, Theme],
    clock: Clock | None = inlet(None, help="what bars are counted with"),
    next: Trigger = inlet(False, help="on to the next scene"),
    back: Trigger = inlet(False, help="back to the scene before"),
    restart: Trigger = inlet(False, help="from the beginning"),
    heard: str = inlet("", help="words that were spoken"),
    script: str = param("", read=_read, help="text or Markdown; every paragraph is a scene"),
) -> tuple[Told, Prompts, float, str, str, float, Trigger]:
    """Tell a story, scene by scene.

    Every paragraph of the script is a scene. It begins at its time, [0:45] or [bar 33]; or at
    `next` (a key, MIDI, a beat), or when its `when: the storm` is heard. Lines above or in it say
    more: `# title`, `mood: calm` (joyful, mysterious, tense, action) or `theme: forge`,
    `setting: at dawn`, `pace: calm` (steady, driving, cut), `pause: 8 s`. Mood, setting and pace
    go on until another one is said. What begins with > is spoken, not painted.

    For live speech wire the text of speech.in to `heard`, with the words of each `when:` among its
    phrases. Any other recogniser will do: one that sends what it hears to an osc.in, or a plugin.
    """
    found = _read(script, themes)
    scenes = found.scenes
    if restart:
        state = Told(state.position, heard=heard)
    position = state.position.moved(found.unit, dt, clock, restart)
    at, age = min(state.scene, len(scenes) - 1), state.age + dt
    before = state.position.at if at >= 0 and state.position.at <= position.at else None
    due = found.due(before, position.at, clock.meter if clock else 4)
    ahead = scenes[at + 1] if at + 1 < len(scenes) else None
    said = heard != state.heard and ahead is not None and _within(ahead.cue, spoken(heard))
    waits = ahead is not None and (state.waits or next or said)
    to = at
    if due is not None:
        to = due
    elif back:
        to = max(min(0, at), at - 1)
    elif at < 0 and ahead is not None:
        to = 0 if waits or not (ahead.moment or ahead.cue) else -1
    elif waits and age >= scenes[at].hold - 1e-9:
        to = at + 1
    changed = to != at
    after = Told(position, to, 0.0 if changed else age, heard, waits and not changed)
    if to < 0:
        return after, (), 0.0, "", "", -1.0, changed
    scene = scenes[to]
    return after, scene.prompts, scene.steps, scene.theme, scene.title, float(to), changed


def _within(cue: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a cue is among the words, in one piece."""
    pieces = (words[i : i + len(cue)] for i in range(len(words) - len(cue) + 1))
    return bool(cue) and cue in pieces


NODES = (story,)
