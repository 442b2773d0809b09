"""A theme played with the music: which look is painted, and how far each parameter goes."""

from __future__ import annotations

from math import exp, floor
from typing import Any, NamedTuple

from nodegraph import Clock, Prompts, Theme, Trigger, inlet, node, outlet, param
from nodes import _mixture as mixed
from nodes._grid import passes
from nodes._numbers import clamp

_HYSTERESIS = 0.3
"""How far energy goes beyond a look's share of it before that look is left, in such shares."""

_LATELY = 4.0
"""How many times as slowly as parameters a look follows energy: not the beat that is passing is to
choose it, and not the moment at which a bar is noticed."""

_BEAT = 0.5
"""Seconds that stand for a beat while there is no tempo."""

_HELD = 1.1
"""In chunks: how long a beat is held, so that one message takes it along, and the next takes it
away. It goes at once: one that is still on its way down would stay until the next beat."""

_APART, _CLOSE = 2.0 * _HELD, 0.96
"""In chunks: from one beat that is shown to the next; and the share of it that is enough to go on
with as many, for a tempo that trembles about that border."""

_LONG_AGO = 3600.0

_MOST, _MINUTE = 12, 61.0
"""Looks that begin in a minute at the most, whatever happens; the last is kept for silence. The
minute is longer by what messages are late."""


class Course(NamedTuple):
    """Where a steered theme stands.

    What is shown; how fast the newest look gains, per second; seconds since it began to, and since
    a beat was last shown; every how many beats one is; looks begun so far; smoothed energy, and
    that of some time, by which looks are chosen; where the clock's grid was; seconds in all, and
    when the last looks began.
    """

    mixture: mixed.Mixture
    speed: float = 0.0
    age: float = 0.0
    since: float = _LONG_AGO
    every: int = 1
    turn: int = 0
    energy: float = 0.0
    lately: float = 0.0
    mark: float | None = None
    time: float = 0.0
    begun: tuple[float, ...] = ()


class Call(NamedTuple):
    """A look that is wanted, and whether it comes at once or waits for the music's grid."""

    look: int
    at_once: bool = False


def _upgrade(params: dict[str, Any], from_version: int) -> dict[str, Any]:
    """Before version 2, the hysteresis was set, and how long a beat was seen, by `fade`."""
    return {name: value for name, value in params.items() if name not in ("hysteresis", "fade")}


@node(
    "theme.steer",
    outlets=[
        "prompts",
        outlet(
            "blend", help="slerp for exactly two prompts, else linear, as scope.output wants it"
        ),
        outlet("noise_scale", "", 0.0, 1.0, help="within the theme's range; acts in video mode"),
        outlet("denoising_steps", "", 1.0, 6.0, help="changes only when a look comes in"),
        outlet("vace_scale", "", 0.0, 2.0, help="within the theme's range"),
        outlet("kv_bias", "", 0.01, 1.0, help="within the theme's range; acts on Krea"),
        outlet("level", "", 0.0, 1.0, help="energy and beats together, as the parameters follow"),
        outlet("look", help="0 is the theme's own prompt, then its variations"),
        outlet("transition", help="another look begins to come in"),
    ],
    state=None,
    version=2,
    upgrade=_upgrade,
    aliases="Soundscape, Theme Player, Reactive Prompt, Energy Bands, Ambient, Theme Crossfade",
)
def steer(
    state: Course | None,
    dt: float,
    theme: Theme = inlet(help="the theme to steer; another one is crossfaded"),
    energy: float = inlet(0.0, "", 0.0, 1.0, help="how much the music gives right now"),
    clock: Clock | None = inlet(None, help="looks come on its beats or bars"),
    beat: Trigger = inlet(False, help="pushes the prompt and the parameters"),
    spike: Trigger = inlet(False, help="calls the variations for spikes"),
    section: Trigger = inlet(False, help="calls the variations for sections"),
    drop: Trigger = inlet(False, help="calls the variations for drops, whatever the hold"),
    silent: bool = inlet(False, help="calm down: the look for silence, or the theme's own"),
    smooth: float = param(0.5, "s", 0.01, 30.0, curve="log", help="how slowly energy is followed"),
    hold: float = param(0.0, "s", 0.0, 120.0, help="no look goes sooner; 0 leaves it to the theme"),
    push: float = param(0.65, "", 0.0, 1.0, help="share of prompt and ranges kept for beats"),
    chunk: float = param(
        0.75, "s", 0.05, 5.0, curve="log", help="what Scope needs for one: 12 frames at 16/s"
    ),
    when: str = param(
        "bar",
        choices=("now", "beat", "bar"),
        help="where a look or another theme begins; on a beat, it hangs on no bar that is unclear",
    ),
    over: float = param(8.0, "beats", 0.0, 128.0, help="how long another theme takes to come in"),
) -> tuple[Course, Prompts, str, float, float, float, float, float, float, Trigger]:
    """Play a theme with the music.

    The quick way to a whole show. Energy, smoothed by one pole four times as slow as `smooth` says,
    is divided evenly among the theme's own prompt and its variations for energy; other variations
    come with their event and stay as long as any look. No more than twelve begin in a minute. A
    look comes in by the weights of prompts, over as many chunks as the theme's motion says; another
    theme over so many beats, its ranges with it. Without a tempo a beat is half a second, and
    nothing waits for one.

    A beat mixes in the theme's variation for beats, or else the next look, and pushes whatever the
    theme has a range for; what is left of both follows energy. Scope takes one value per chunk: so
    a beat is held for a chunk and gone by the next, and only each second, fourth, eighth beat is
    shown, so that two chunks lie between. In silence no beat counts, energy sinks to 0 and the calm
    look comes in, until there is sound again.

    Prompt weights act on every pipeline that paints, in text and in video mode. Set the transition
    steps of scope.output to 0, so that they get there.
    """
    energy = 0.0 if silent else clamp(energy, 0.0, 1.0)
    course = _begun(theme, energy, silent) if state is None else state
    lately = energy + (course.lately - energy) * exp(-dt / (_LATELY * smooth))
    energy += (course.energy - energy) * exp(-dt / smooth)
    since, every = course.since + dt, course.every
    if beat and not silent:
        every = _grid(every, clock, chunk)
        if _is_seen(since + dt, clock, every, chunk):
            since = 0.0
    mark, on_grid = _on_grid(course.mark, clock, when, dt)
    mixture = mixed.edited(course.mixture, theme)
    course = course._replace(
        mixture=mixture,
        age=course.age + dt,
        since=since,
        every=every,
        energy=energy,
        lately=lately,
        mark=mark,
        time=course.time + dt,
    )
    call = _call(course, theme, {"drop": drop, "spike": spike, "section": section}, silent, hold)
    begins = call is not None and (call.at_once or on_grid) and _has_rested(course, silent)
    if call is not None and begins:
        another = not mixed.same(mixture[-1].theme, theme)
        span = over * (_beat(clock) or _BEAT) if another else theme.pace.chunks * chunk
        course = _gone(course, theme, call.look, max(span, dt))
    course = course._replace(mixture=mixed.grown(course.mixture, course.speed * dt))
    pulse = float(since < _HELD * chunk)
    shown = mixed.shown(course.mixture, energy, push, pulse)
    return (
        course,
        shown.prompts,
        "slerp" if len(shown.prompts) == 2 else "linear",
        shown.noise_scale,
        shown.denoising_steps,
        shown.vace_scale,
        shown.kv_bias,
        (1.0 - push) * energy + push * pulse,
        float(course.mixture[-1].look),
        begins,
    )


def _begun(theme: Theme, energy: float, silent: bool) -> Course:
    """A first look, which any other may follow at once."""
    first = mixed.part(theme, _usual(theme, energy, silent), energy, 0, 1.0)
    return Course((first,), age=_LONG_AGO, energy=energy, lately=energy)


def _gone(course: Course, theme: Theme, look: int, span: float) -> Course:
    """The course on its way to another look, which has all of the picture after `span` seconds."""
    turn = course.turn + 1
    part = mixed.part(theme, look, course.energy, turn)
    mixture = mixed.towards(course.mixture, part)
    begun = (*course.begun[1 - _MOST :], course.time)
    return course._replace(mixture=mixture, speed=1.0 / span, age=0.0, turn=turn, begun=begun)


def _has_rested(course: Course, silent: bool) -> bool:
    """Whether another look may begin without there being too many in a minute."""
    others = _MOST if silent else _MOST - 1
    return len(course.begun) < others or course.time - course.begun[-others] > _MINUTE


def _usual(theme: Theme, energy: float, silent: bool) -> int:
    """The look that is played while nothing else happens."""
    called = mixed.sheet(theme).called
    ladder = called["energy"]
    if silent:
        return called.get("silence", ladder)[0]
    return ladder[min(int(energy * len(ladder)), len(ladder) - 1)]


def _call(
    course: Course, theme: Theme, events: dict[str, bool], silent: bool, hold: float
) -> Call | None:
    """The look to go to; None to stay."""
    now, called = course.mixture[-1], mixed.sheet(theme).called
    usual = Call(_usual(theme, course.lately, silent), at_once=silent)
    if not mixed.same(now.theme, theme):
        return usual
    if silent:
        return None if now.look == usual.look else usual
    calm = now.look in called.get("silence", ())
    held = not calm and course.age < (hold or theme.pace.hold) - 1e-9
    for on, happens in events.items():
        others = called.get(on, ())
        free = on == "drop" and now.look not in others and len(course.mixture) == 1
        if happens and others and (free or not held):
            return Call(others[course.turn % len(others)], at_once=True)
    ladder = called["energy"]
    if held or (now.look in ladder and _fits(ladder, now.look, course.lately)):
        return None
    return usual


def _fits(ladder: tuple[int, ...], look: int, energy: float) -> bool:
    """Whether energy is still where a look is played, or not far from there."""
    beyond = energy * len(ladder) - ladder.index(look)
    return -_HYSTERESIS <= beyond < 1.0 + _HYSTERESIS or (look == ladder[-1] and beyond >= 0.0)


def _on_grid(
    mark: float | None, clock: Clock | None, when: str, dt: float
) -> tuple[float | None, bool]:
    """Whether a beat or bar begins with this tick; without a tempo there is nothing to wait for."""
    beat = _beat(clock)
    if clock is None or beat is None:
        return None, True
    length = float(max(1, clock.meter)) if when == "bar" else 1.0
    mark, begins = passes(mark, clock.beats, dt / beat, length)
    return mark, begins or when == "now"


def _beat(clock: Clock | None) -> float | None:
    """Seconds from one beat to the next; None without a tempo that anybody could tap."""
    return 60.0 / clock.bpm if clock is not None and 20.0 <= clock.bpm <= 600.0 else None


def _grid(every: int, clock: Clock | None, chunk: float) -> int:
    """Every how many beats one is shown: 1, 2, 4 …, so that two chunks lie between."""
    if beat := _beat(clock):
        while every * beat < _CLOSE * _APART * chunk:
            every *= 2
        while every > 1 and every * beat >= 2.0 * _APART * chunk:
            every //= 2
    return every


def _is_seen(since: float, clock: Clock | None, every: int, chunk: float) -> bool:
    """Whether a beat is one to show: two chunks after the last one or later, and on the grid,
    unless nothing has come on that for twice its length. `since` may be longer by a tick, for beats
    are told by ticks."""
    if since < _CLOSE * _APART * chunk - 1e-9:
        return False
    beat = _beat(clock)
    if clock is None or beat is None:
        return True
    return floor(clock.beats + 0.5) % every == 0 or since >= 2.0 * every * beat


NODES = (steer,)
