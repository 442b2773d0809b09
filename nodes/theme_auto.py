"""Which theme is played, when nobody chooses: the next one of a list, as the music goes."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import NamedTuple

from nodegraph import Clock, Rng, Theme, Trigger, inlet, node, outlet, param
from nodes._grid import passes
from nodes._numbers import clamp
from nodes._prompts import draw, lines


class Turn(NamedTuple):
    """Whose turn it is: the place in the list, what a shuffle has left, beats since the last
    change, where the clock was, and energy added up since then, over how many seconds."""

    place: int | None = None
    left: tuple[int, ...] = ()
    beats: int = 0
    mark: float | None = None
    energy: float = 0.0
    seconds: float = 0.0


def _listed(names: str, themes: Mapping[str, Theme]) -> tuple[str, ...]:
    """The names of a set list, each of which has a theme."""
    listed = lines(names) or tuple(themes)
    if not listed:
        raise ValueError("there are no themes to go through")
    for name in listed:
        themes[name]  # which says so if there is none
    return listed


@node(
    "theme.auto",
    outlets=[
        "theme",
        outlet("name", help="its name, as in the list"),
        outlet("changed", help="another theme has its turn"),
    ],
    state=Turn(),
    title="Auto Theme",
    aliases="Autopilot, Theme Sequence, Set List, Playlist, Next Theme, Shuffle",
)
def auto(
    state: Turn,
    dt: float,
    rng: Rng,
    themes: Mapping[str, Theme],
    next: Trigger = inlet(False, help="on to another one now: a section, a drop, a hand"),
    clock: Clock | None = inlet(None, help="whose beats are counted"),
    energy: float = inlet(0.0, "", 0.0, 1.0, help="chooses, if the order is by energy"),
    names: str = param(
        "", read=_listed, help="a set list: names of themes, one per line; empty plays them all"
    ),
    order: str = param(
        "order",
        choices=("order", "shuffle", "energy"),
        help="shuffle plays all before one again; by energy the list goes from calm to wild",
    ),
    every: int = param(32, "beats", 0, 1024, help="from one to the next; 0 waits for next alone"),
) -> tuple[Turn, Theme, str, Trigger]:
    """Go from theme to theme by itself.

    Counts the beats that the clock really gives, one by one, so that a new guess of the tempo
    brings no change sooner and skips none; whole bars end with a bar. By energy, the mean since the
    last change chooses. How a theme comes in is left to theme.steer.
    """
    playing = _listed(names, themes)
    state, beat, bar = _counted(state, dt, clock)
    state = state._replace(
        energy=state.energy + clamp(energy, 0.0, 1.0) * dt, seconds=state.seconds + dt
    )
    whole_bars = clock is not None and every % max(1, clock.meter) == 0
    due = 0 < every <= state.beats and (bar if whole_bars else beat)
    place = 0 if state.place is None else min(state.place, len(playing) - 1)
    before = place
    if next or due or state.place is None:
        state, place = _turned(state, place, order, len(playing), rng)
    after = state._replace(place=place)
    changed = state.place is not None and place != before
    return after, themes[playing[place]], playing[place], changed


def _counted(state: Turn, dt: float, clock: Clock | None) -> tuple[Turn, bool, bool]:
    """One more beat if one begins with this tick; whether one does, and whether a bar does."""
    if clock is None or clock.bpm <= 0.0:
        return state, False, False
    mark, beat = passes(state.mark, clock.beats, clock.bpm / 60.0 * dt)
    bar = beat and floor(clock.beats) % max(1, clock.meter) == 0
    return state._replace(mark=mark, beats=state.beats + beat), beat, bar


def _turned(state: Turn, place: int, order: str, count: int, rng: Rng) -> tuple[Turn, int]:
    """A new count, and the place of the next theme; the first of all comes without a step."""
    left, first = state.left, state.place is None
    if order == "shuffle":
        place, left = draw(left, -1 if first else place, count, rng)
    elif order == "energy":
        mean = state.energy / state.seconds if state.seconds > 0.0 else 0.0
        place = min(int(mean * count), count - 1)
    elif not first:
        place = (place + 1) % count
    return state._replace(left=left, beats=0, energy=0.0, seconds=0.0), place


NODES = (auto,)
