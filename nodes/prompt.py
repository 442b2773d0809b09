"""Prompts: texts for the image model, blended, cycled and faded."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from nodegraph import Prompt, Prompts, Rng, Trigger, inlet, node, outlet, param
from nodes._prompts import blend as blended
from nodes._prompts import lines


@node("prompt.text", outlets="prompts", title="Prompt", aliases="CLIP Text Encode, Prompt, Text")
def prompt(
    text: str = param("", help="what to paint"),
    weight: float = param(1.0, "", 0.0, 2.0, help="how much of it, beside others; 0 is none"),
) -> Prompts:
    """Give a prompt.

    What the picture is about. A prompt without text or weight is none, and Scope keeps the last.
    """
    return (Prompt(text, weight),) if weight > 0.0 and text.strip() else ()


@node("prompt.blend", outlets="prompts", aliases="Conditioning Average, Prompt Mix, Combine")
def blend(
    a: Prompts = inlet((), help="prompts to blend"),
    b: Prompts = inlet((), help="prompts to blend"),
    c: Prompts = inlet((), help="prompts to blend"),
    d: Prompts = inlet((), help="prompts to blend"),
    wa: float = param(1.0, "", 0.0, 1.0, help="how much of a"),
    wb: float = param(1.0, "", 0.0, 1.0, help="how much of b"),
    wc: float = param(1.0, "", 0.0, 1.0, help="how much of c"),
    wd: float = param(1.0, "", 0.0, 1.0, help="how much of d"),
) -> Prompts:
    """Blend prompts by weight.

    Four looks on four faders, or on four bands. The weights of what comes out sum to 1; what has
    none is dropped, and of more than four texts the four strongest are kept.
    """
    return blended(((a, wa), (b, wb), (c, wc), (d, wd)))


@node("prompt.crossfade", outlets="prompts", aliases="Prompt Lerp, Prompt Transition, Morph")
def crossfade(
    a: Prompts = inlet((), help="all of it at x = 0"),
    b: Prompts = inlet((), help="all of it at x = 1"),
    x: float = param(0.5, "", 0.0, 1.0, help="from a to b"),
) -> Prompts:
    """Fade from one prompt to another.

    The picture morphs under your hand. Where one side has no text, the other is taken whole.
    """
    return blended(((a, 1.0 - x), (b, x)))


class Place(NamedTuple):
    """Which prompt it is, seconds since the last change, turns taken, what a shuffle has left."""

    number: int = 0
    age: float = 1e9
    turns: int = 0
    left: tuple[int, ...] = ()


@node(
    "prompt.cycle",
    outlets=[
        "prompts",
        outlet("index", help="which one, from 0"),
        outlet("changed", help="another one has its turn"),
    ],
    state=Place(),
    aliases="Prompt Schedule, Prompt Sequence, Playlist, Prompt List",
)
def cycle(
    state: Place,
    dt: float,
    rng: Rng,
    next: Trigger = inlet(False, help="on to another one"),
    index: float | None = inlet(None, help="which one, from 0; wired, it alone decides"),
    texts: str = param("", help="one prompt per line"),
    order: str = param(
        "order", choices=("order", "shuffle", "ping-pong"), help="shuffle plays all, then again"
    ),
    hold: float = param(4.0, "s", 0.0, 600.0, help="none changes sooner; early triggers are lost"),
) -> tuple[Place, Prompts, float, Trigger]:
    """Go through a list of prompts.

    A setlist of looks: every eighth bar the next one. The hold leaves each picture time to
    arrive, whatever the triggers do.
    """
    prompts = lines(texts)
    if not prompts:
        return Place(), (), 0.0, False
    state = state._replace(number=min(state.number, len(prompts) - 1), age=state.age + dt)
    after = state
    if state.age >= hold - 1e-9:
        if index is not None:
            after = state._replace(number=floor(index + 1e-9) % len(prompts))
        elif next:
            after = _turned(state, order, len(prompts), rng)
    changed = after.number != state.number
    if changed:
        after = after._replace(age=0.0)
    return after, (Prompt(prompts[after.number]),), float(after.number), changed


def _turned(place: Place, order: str, count: int, rng: Rng) -> Place:
    """The place after one more turn."""
    turns = place.turns + 1
    if order == "order":
        return place._replace(number=(place.number + 1) % count, turns=turns)
    if order == "ping-pong":
        way = max(1, 2 * (count - 1))
        at = turns % way
        return place._replace(number=min(at, way - at), turns=turns)
    left = tuple(i for i in place.left if i < count and i != place.number)
    left = left or tuple(i for i in range(count) if i != place.number) or (place.number,)
    drawn = rng.choice(left)
    return place._replace(number=drawn, turns=turns, left=tuple(i for i in left if i != drawn))


NODES = (prompt, blend, crossfade, cycle)
