"""MetaDJ Soundscape's mapping engine, as of February 2026: one frame of it as a pure function.

Quirks are kept, because they are what its users know: noise is smoothed per tick, a beat's push is
smoothed away with it, and prompts change as often as the lock on running transitions allows.
Times are whole milliseconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from nodegraph import Prompt, Prompts
from nodes._soundscape_looks import PACES, REACTIVITIES, Look
from nodes._soundscape_words import (
    BRIGHTNESS,
    INTENSITY,
    TEXTURE,
    Bands,
    Ladder,
    ambient,
    reactive,
)

NEVER: Final = float("-inf")
CHANGE_STEPS: Final = 8
"""Steps of a change of theme or of words."""
_STEP_MS, _MARGIN_MS = 100.0, 100.0
_SETTLE_MS = 800.0
"""No spikes so soon after a change of theme."""
_SPIKE_REST_MS = 2200.0
_BEAT_REST_MS = 260.0
_TRUSTED = 0.45
"""The confidence from which a tempo counts."""


class Heard(NamedTuple):
    """What one tick brings. `bpm` is 0 where no tempo is known."""

    energy: float
    brightness: float
    texture: float
    derivative: float
    beat: bool
    bpm: float
    confidence: float


class Settings(NamedTuple):
    """What the user chose, made ready."""

    smoothing: float
    ceiling: float
    beat_push: float
    spike: float
    spike_push: float
    variation: float
    tempo: Ladder
    pace: str
    accent: Prompts


class Transition(NamedTuple):
    """A change under way: what the prompts become, in how many steps."""

    target: Prompts
    steps: int


class Course(NamedTuple):
    """Where the engine stands.

    `fresh` says that noise jumps to its target on the next frame. `last` are the prompts that the
    next transition starts from, `texts` what they said (empty: forgotten). While a transition runs
    (until `busy_until`), `source` is what goes out and `target` what comes after.
    """

    look: Look | None = None
    noise: float = 0.5
    fresh: bool = True
    bands: Bands = Bands()
    beat_at: float = NEVER
    spike_at: float = NEVER
    variation: int = 0
    last: Prompts = ()
    texts: tuple[str, ...] = ()
    source: Prompts = ()
    target: Prompts = ()
    busy_until: float = NEVER
    calm_until: float = NEVER
    pending: bool = False


@lru_cache(maxsize=256)
def settings(
    reactivity: str = "balanced",
    pace: str = "balanced",
    beat_boost: float = 1.0,
    spike_boost: float = 1.0,
    variation: float = 1.0,
    tempo: float = 1.0,
    ceiling: float = 1.0,
    accent: str = "",
    accent_weight: float = 0.25,
) -> Settings:
    """Profiles and sliders as the numbers that a frame needs."""
    reacts, moves = REACTIVITIES[reactivity], PACES[pace]
    return Settings(
        smoothing=reacts.smoothing,
        ceiling=ceiling,
        beat_push=reacts.push * moves.beat * beat_boost,
        spike=reacts.spike,
        spike_push=0.1 * reacts.push * moves.spike * spike_boost,
        variation=moves.variation * variation,
        tempo=Ladder(tuple(x * tempo for x in moves.up), tuple(x * tempo for x in moves.down)),
        pace=pace,
        accent=(Prompt(accent.strip(), accent_weight),) if accent.strip() else (),
    )


def frame(
    course: Course, look: Look, chosen: Settings, heard: Heard, now: float
) -> tuple[Course, float, Prompts, Transition | None]:
    """The next course, the noise, the prompts, and a transition on the tick in which it begins."""
    bands = _climbed(course.bands, chosen, heard)
    boost, beat_at = _pulse(course, look, chosen, heard, now)
    spike, spike_at, variation = _spike(course, look, chosen, heard, now)
    if spike is not None:
        boost = max(boost, min(1.0, heard.derivative / 0.20) * chosen.spike_push)
    noise = min(1.0, _driven(look, heard.energy) + boost)
    noise = min(noise, chosen.ceiling)
    if not course.fresh:
        noise = course.noise + (noise - course.noise) * chosen.smoothing
    words = Prompt(reactive(look.text, bands, chosen.pace))
    sent = _say(course, (words, *chosen.accent), spike, now)
    after = Course(
        look=look,
        noise=noise,
        fresh=False,
        bands=bands,
        beat_at=beat_at,
        spike_at=spike_at,
        variation=variation,
        last=sent.last,
        texts=sent.texts,
        source=sent.source,
        target=sent.target,
        busy_until=sent.busy_until,
        calm_until=course.calm_until,
        pending=False,
    )
    return after, noise, sent.prompts, sent.transition


def changed(course: Course, look: Look, now: float, announced: bool = False) -> Course:
    """Another look. Unless it is `announced` already, its prompt comes in by a transition."""
    return course._replace(
        look=look,
        fresh=True,
        bands=Bands(),
        texts=(),
        pending=not announced,
        calm_until=now + _SETTLE_MS,
    )


def busy(course: Course, now: float, steps: int = CHANGE_STEPS) -> Course:
    """A transition of so many steps was begun from elsewhere."""
    return course._replace(busy_until=_until(now, steps))


def reset(course: Course) -> Course:
    """Start afresh with the same look, by a transition to its prompt."""
    return course._replace(
        fresh=True,
        bands=course.bands._replace(intensity=0),
        beat_at=NEVER,
        spike_at=NEVER,
        variation=0,
        last=(),
        texts=(),
        pending=True,
    )


def resting(look: Look, chosen: Settings) -> Prompts:
    """What is sent while no music plays."""
    return (Prompt(ambient(look.text)), *chosen.accent)


def method(prompts: Prompts) -> str:
    """How a transition to these prompts moves: slerp goes with exactly two."""
    return "slerp" if len(prompts) == 2 else "linear"


def _until(now: float, steps: int) -> float:
    return now + steps * _STEP_MS + _MARGIN_MS


def _climbed(bands: Bands, chosen: Settings, heard: Heard) -> Bands:
    tempo = bands.tempo
    if heard.bpm and heard.confidence > _TRUSTED:
        tempo = chosen.tempo.climb(tempo, heard.bpm)
    return Bands(
        INTENSITY.climb(bands.intensity, heard.energy),
        BRIGHTNESS.climb(bands.brightness, heard.brightness),
        TEXTURE.climb(bands.texture, heard.texture),
        tempo,
    )


def _driven(look: Look, energy: float) -> float:
    """Where energy alone puts the noise: the mean of the drives, weighed by sensitivity."""
    low, high = look.low, look.high
    weight = sum(drive.sensitivity for drive in look.drives)
    if weight <= 0.0:
        return low
    levels = ((low + (high - low) * d(energy)) * d.sensitivity for d in look.drives)
    return max(low, min(high, sum(levels) / weight))


def _pulse(
    course: Course, look: Look, chosen: Settings, heard: Heard, now: float
) -> tuple[float, float]:
    """What a beat adds to the noise, and when one last added more than the least."""
    if not heard.beat:
        return 0.0, course.beat_at
    if look.pulse is None or now - course.beat_at < max(_BEAT_REST_MS, look.cooldown):
        return 0.05 * chosen.beat_push, course.beat_at
    return max(0.05, look.pulse) * chosen.beat_push, now


def _spike(
    course: Course, look: Look, chosen: Settings, heard: Heard, now: float
) -> tuple[Transition | None, float, int]:
    """A sudden rise of energy calls the next variation, unless something else goes on."""
    if (
        not look.variations
        or heard.derivative <= chosen.spike
        or now < course.calm_until
        or now < course.busy_until
        or now - course.spike_at < _SPIKE_REST_MS
    ):
        return None, course.spike_at, course.variation
    variation = (course.variation + 1) % len(look.variations)
    share = (0.4 + 0.2 * min(1.0, heard.derivative / 0.20)) * chosen.variation
    weight = min(0.75, share)
    target = (Prompt(look.variations[variation], weight), Prompt(look.text, 1.0 - weight))
    return Transition(target, look.blend), now, variation


class _Said(NamedTuple):
    """What goes out, and what of it is remembered."""

    prompts: Prompts
    transition: Transition | None
    last: Prompts
    texts: tuple[str, ...]
    source: Prompts
    target: Prompts
    busy_until: float


def _say(course: Course, wanted: Prompts, spike: Transition | None, now: float) -> _Said:
    """Choose between the wanted prompts, a transition to them, and one that still runs."""
    before = course.last or wanted
    texts = tuple(prompt.text for prompt in wanted)
    running = now < course.busy_until
    begun = spike
    if course.pending or (spike is None and course.texts and texts != course.texts and not running):
        begun = Transition(wanted, CHANGE_STEPS)
    if begun is not None:
        until = _until(now, begun.steps)
        return _Said(before, begun, wanted, texts, before, begun.target, until)
    until = course.busy_until
    if running and (course.source or not course.texts):
        out = course.source or before
        return _Said(out, None, wanted, texts, course.source, course.target, until)
    if not running and course.target:
        said = tuple(prompt.text for prompt in course.target)
        return _Said(course.target, None, course.target, said, (), (), until)
    return _Said(wanted, None, wanted, texts, (), (), until)
