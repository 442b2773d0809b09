"""Making values out of nothing but time and chance: LFO, pulse, random, noise, constants."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import cos, floor, pow, tau
from typing import NamedTuple

from nodegraph import Clock, Rng, Trigger, inlet, node, outlet, param
from nodes._numbers import clamp, mix, nearest

_SHAPES: dict[str, Callable[[float], float]] = {
    "sine": lambda x: 0.5 - 0.5 * cos(tau * x),
    "triangle": lambda x: 1.0 - abs(2.0 * x - 1.0),
    "ramp": lambda x: x,
    "saw": lambda x: 1.0 - x,
    "square": lambda x: 1.0 if x < 0.5 else 0.0,
}


class Wave(NamedTuple):
    """Where an LFO stands, in cycles; the clock's beats at the last reset; whole cycles done."""

    position: float = 0.0
    origin: float = 0.0
    turn: int | None = None


@node(
    "generate.lfo",
    outlets=["out", outlet("cycle", help="a cycle begins")],
    state=Wave(),
    title="LFO",
    aliases="LFO CHOP, Oscillator, cycle~, phasor~, Wave, Modulator",
)
def lfo(
    state: Wave,
    dt: float,
    clock: Clock | None = inlet(None, help="wire one to count in beats"),
    reset: Trigger = inlet(False, help="begin a cycle now"),
    shape: str = param("sine", choices=tuple(_SHAPES), help="ramp rises, saw falls"),
    rate: float = param(0.25, "Hz", 0.01, 20.0, curve="log", help="without a clock"),
    beats: float = param(4.0, "beats", 0.0625, 128.0, curve="log", help="a cycle, with a clock"),
    phase: float = param(0.0, "", 0.0, 1.0, help="start so far into the cycle"),
    skew: float = param(0.5, "", 0.0, 1.0, help="where the middle of the wave lies; pulse width"),
    low: float = param(0.0, "", -1000.0, 1000.0, help="the wave's bottom"),
    high: float = param(1.0, "", -1000.0, 1000.0, help="the wave's top"),
) -> tuple[Wave, float, Trigger]:
    """Swing between two values, freely or with the beat.

    The simplest motion there is. Waves begin at their low end (saw and square at the high one).
    With a clock a cycle lasts that many beats and begins with the bar, or at the last reset, and
    stands still while the clock does.
    """
    origin = state.origin
    if reset:
        position, origin = 0.0, clock.beats if clock else 0.0
    elif clock is None:
        position = state.position + rate * dt
    else:
        position = (clock.beats - origin) / beats
    x = position + phase
    turn = floor(x)
    wave = _SHAPES[shape](_skewed(x - turn, skew))
    begins = reset or (state.turn is not None and turn > state.turn)
    return Wave(position, origin, turn), low + (high - low) * wave, begins


def _skewed(x: float, middle: float) -> float:
    """Warp 0..1 so that what was at 1/2 lies at `middle`."""
    return 0.5 * x / middle if x < middle else 1.0 - 0.5 * (1.0 - x) / max(1.0 - middle, 1e-9)


class Flash(NamedTuple):
    """Seconds since the hit, the level it came at, its height; idle below 0 seconds."""

    age: float = -1.0
    start: float = 0.0
    strength: float = 1.0


@node(
    "generate.pulse",
    outlets=[outlet("out", "", 0.0, 1.0), outlet("done", help="the pulse has ended")],
    state=Flash(),
    title="Decay Pulse",
    aliases="Trigger CHOP, AR, Envelope, On Beat, Flash, line~, adsr~, Pulse",
)
def pulse(
    state: Flash,
    dt: float,
    hit: Trigger = inlet(False, help="start it, also in the middle of another"),
    strength: float = inlet(1.0, "", 0.0, 1.0, help="how high it goes, taken when it is hit"),
    attack: float = param(0.0, "s", 0.0, 10.0, help="time to rise; 0 is there at once"),
    decay: float = param(0.4, "s", 0.01, 30.0, curve="log", help="time to fall to nothing"),
    curve: float = param(2.0, "", 0.2, 8.0, curve="log", help="1 straight; above, falls early"),
) -> tuple[Flash, float, Trigger]:
    """Flash at a hit and fade away.

    What a kick drum should look like. It rises in a straight line from where it is, then falls as
    (1 - t / decay)^curve and ends exactly at 0.
    """
    if hit:
        level = _flash(state, attack, decay, curve) if state.age >= 0.0 else 0.0
        state = Flash(0.0, level, clamp(strength, 0.0, 1.0))
    elif state.age < 0.0:
        return state, 0.0, False
    else:
        state = state._replace(age=state.age + dt)
    if state.age >= attack + decay - 1e-9:
        return Flash(), 0.0, True
    return state, _flash(state, attack, decay, curve), False


def _flash(flash: Flash, attack: float, decay: float, curve: float) -> float:
    if flash.age < attack:
        return mix(flash.start, flash.strength, flash.age / attack)
    left = clamp(1.0 - (flash.age - attack) / decay, 0.0, 1.0)
    return flash.strength * pow(left, curve)


class Draw(NamedTuple):
    """What was drawn, 0..1; where the glide to it began; seconds since."""

    target: float
    start: float
    age: float = 0.0


@node(
    "generate.random",
    outlets="out",
    state=None,
    aliases="Random, drunk, Noise CHOP, Dice, Sample and Hold Noise, rand",
)
def random(
    state: Draw | None,
    dt: float,
    rng: Rng,
    new: Trigger = inlet(False, help="draw another number"),
    distribution: str = param(
        "uniform",
        choices=("uniform", "normal", "steps"),
        help="all alike, mostly the middle, or equally spaced numbers",
    ),
    steps: int = param(4, "", 2, 64, help="how many numbers, with steps; never one twice running"),
    low: float = param(0.0, "", -1000.0, 1000.0, help="no number is below"),
    high: float = param(1.0, "", -1000.0, 1000.0, help="no number is above"),
    glide: float = param(0.0, "s", 0.0, 60.0, help="time to go over to the new number"),
) -> tuple[Draw, float]:
    """Draw a number and hold it until the next.

    Variety that keeps the beat: wire a bar to it and every bar is different. The same patch on
    the same sound draws the same numbers. Normal has its middle in the middle and a standard
    deviation of a sixth of the range.
    """
    if state is None:
        first = _draw(rng, distribution, steps, None)
        state = Draw(first, first)
    else:
        state = state._replace(age=state.age + dt)
        if new:
            state = Draw(_draw(rng, distribution, steps, state.target), _glided(state, glide))
    return state, low + (high - low) * _glided(state, glide)


def _draw(rng: Rng, distribution: str, steps: int, last: float | None) -> float:
    if distribution == "normal":
        return clamp(rng.normal(0.5, 1.0 / 6.0), 0.0, 1.0)
    if distribution == "uniform":
        return rng.random()
    if last is None:
        return rng.below(steps) / (steps - 1)
    other = nearest(last * (steps - 1)) + 1 + rng.below(steps - 1)
    return other % steps / (steps - 1)


def _glided(draw: Draw, glide: float) -> float:
    return draw.target if draw.age >= glide else mix(draw.start, draw.target, draw.age / glide)


class Drift(NamedTuple):
    """Which noise this node's is, and how far along it is."""

    key: int
    position: float


@node(
    "generate.noise",
    outlets="out",
    state=None,
    aliases="Noise CHOP, Perlin, Wander, Drift, noise~, Simplex",
)
def noise(
    state: Drift | None,
    dt: float,
    now: float,
    rng: Rng,
    rate: float = param(0.2, "Hz", 0.001, 20.0, curve="log", help="how often it changes its mind"),
    octaves: int = param(
        1, "", 1, 8, help="finer noise on top, each twice as fast and half as high"
    ),
    low: float = param(0.0, "", -1000.0, 1000.0, help="it never goes below"),
    high: float = param(1.0, "", -1000.0, 1000.0, help="it never goes above"),
) -> tuple[Drift, float]:
    """Wander smoothly and without end.

    Keeps a still picture alive. Value noise: a random level at each whole position, joined by the
    fade 6t⁵ - 15t⁴ + 10t³ (Perlin, "Improving noise", 2002). Where it is depends on the time and
    the node's own seed only; a change of rate never makes it jump.
    """
    if state is None:
        state = Drift(int(rng.at(0).random() * 2**53), now * rate)
    else:
        state = Drift(state.key, state.position + rate * dt)
    total = sum(
        _value_noise(state.key, octave, state.position * 2**octave) / 2**octave
        for octave in range(octaves)
    )
    return state, low + (high - low) * total / (2.0 - 2.0 ** (1 - octaves))


def _value_noise(key: int, octave: int, x: float) -> float:
    whole = floor(x)
    t = x - whole
    fade = t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
    return mix(_lattice(key, octave, whole), _lattice(key, octave, whole + 1), fade)


@lru_cache(maxsize=4096)
def _lattice(key: int, octave: int, position: int) -> float:
    return Rng(key, f"{octave}:{position}").random()


@node(
    "generate.time",
    outlets=[
        outlet("seconds", "s", 0.0),
        outlet("ticks", help="ticks since this node began"),
        outlet("step", "s", help="what one tick stands for"),
    ],
    state=0,
    aliases="Timer CHOP, Clock, Elapsed, cpuclock, Absolute Time",
)
def time(state: int, now: float, dt: float) -> tuple[int, float, float, float]:
    """Tell the time since the sound began.

    For formulas that move by themselves. It is counted in samples, so it is exact, and the same
    live and offline.
    """
    return state + 1, now, state + 1.0, dt


@node("generate.constant", outlets="out", aliases="Constant CHOP, Value, Number, float, Slider")
def constant(
    value: float = param(0.0, "", -1000.0, 1000.0, help="the number it gives"),
) -> float:
    """Give one number.

    A slider for many nodes at once.
    """
    return value


@node("generate.text", outlets="out", aliases="Text DAT, String, message, symbol")
def text(value: str = param("", help="the text it gives")) -> str:
    """Give one text.

    Write it once and wire it to every node that needs it.
    """
    return value


NODES = (lfo, pulse, random, noise, time, constant, text)
