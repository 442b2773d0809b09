"""Prompts: texts for the image model, written, filled in, blended, and accented.

There is no negative prompt: no model that Scope runs listens to one. Say what is to be seen.
"""

from __future__ import annotations

from operator import lt
from typing import NamedTuple

from nodegraph import Prompt, Prompts, Rng, Trigger, inlet, node, outlet, param
from nodes._numbers import clamp
from nodes._prompts import blend as blended
from nodes._prompts import draw as drawn
from nodes._template import Slot
from nodes._template import template as template_of


def _single(text: str, weight: float = 1.0) -> Prompts:
    """One prompt, or none without text or weight."""
    return (Prompt(text, weight),) if weight > 0.0 and text.strip() else ()


@node("prompt.text", outlets="prompts", title="Prompt", aliases="CLIP Text Encode, Prompt, Text")
def prompt(
    text: str = param("", help="what to paint"),
    weight: float = param(1.0, "", 0.0, 2.0, help="how much of it, beside others; 0 is none"),
) -> Prompts:
    """Give a prompt.

    What the picture is about. A prompt without text or weight is none, and Scope keeps the last.
    Say what is to be seen: Scope has no negative prompts.
    """
    return _single(text, weight)


class Words(NamedTuple):
    """Which word of its bank stands in each slot; by bank the last drawn and what is left."""

    slots: tuple[int, ...] = ()
    banks: tuple[tuple[str, int, tuple[int, ...]], ...] = ()


@node(
    "prompt.template",
    outlets=["prompts", outlet("text", help="the same as a text, for the slot of another")],
    state=Words(),
    aliases="Wildcards, Dynamic Prompts, Random Prompt, Mad Libs, Text Template, Word Bank",
)
def template(
    state: Words,
    rng: Rng,
    draw: Trigger = inlet(False, help="other words"),
    a: str = inlet("", help="what stands in the slot {a}"),
    b: str = inlet("", help="what stands in the slot {b}"),
    text: str = param("", read=template_of, help="what to paint, such as: a {adj} city at {time}"),
    banks: str = param("", help="one bank per line, such as: adj: misty, neon, drowned"),
) -> tuple[Words, Prompts, str]:
    """Fill the slots of a prompt with words.

    Another picture at every draw: each slot takes a word of its bank, and all words of a bank come
    before one comes again. {{ and }} are the brackets themselves.
    """
    slots, end = template_of(text, banks)
    if draw or not _fits(state.slots, slots):
        state = _drawn(state, slots, rng)
    wired = {"a": a, "b": b}
    filled = end
    for (name, words, before), number in zip(reversed(slots), reversed(state.slots), strict=True):
        filled = before + (words[number] if words else wired[name]) + filled
    return state, _single(filled), filled


def _fits(numbers: tuple[int, ...], slots: tuple[Slot, ...]) -> bool:
    """Whether there is a drawn word for each slot of a template that may have been edited."""
    sizes = [len(slot.words) or 1 for slot in slots]
    return len(numbers) == len(slots) and all(map(lt, numbers, sizes))


def _drawn(state: Words, slots: tuple[Slot, ...], rng: Rng) -> Words:
    """Draw a word for every slot that has a bank."""
    banks = {name: (last, left) for name, last, left in state.banks}
    numbers = []
    for name, words, _ in slots:
        number = 0
        if words:
            last, left = banks.get(name, (-1, ()))
            number, left = drawn(left, last, len(words), rng)
            banks[name] = (number, left)
        numbers.append(number)
    return Words(tuple(numbers), tuple((name, *kept) for name, kept in banks.items()))


@node(
    "prompt.blend",
    outlets=["prompts", outlet("blend", help="how Scope is to mix them; for scope.output's blend")],
    aliases="Conditioning Average, Prompt Mix, Combine",
)
def blend(
    a: Prompts = inlet((), help="prompts to blend"),
    b: Prompts = inlet((), help="prompts to blend"),
    c: Prompts | None = inlet(None, help="prompts to blend; linear only"),
    d: Prompts | None = inlet(None, help="prompts to blend; linear only"),
    wa: float = param(1.0, "", 0.0, 1.0, help="how much of a"),
    wb: float = param(1.0, "", 0.0, 1.0, help="how much of b"),
    wc: float = param(1.0, "", 0.0, 1.0, help="how much of c"),
    wd: float = param(1.0, "", 0.0, 1.0, help="how much of d"),
    mode: str = param("linear", choices=("linear", "slerp"), help="slerp mixes a and b, no more"),
) -> tuple[Prompts, str]:
    """Blend prompts by weight.

    Four looks on four faders, or on four bands. The weights of what comes out sum to 1; what has
    none is dropped, and of more than four texts the four strongest are kept. Slerp goes from one
    look to another on an arc, without the paleness between them, and knows no third.
    """
    if mode == "slerp" and (c is not None or d is not None):
        raise ValueError("slerp mixes exactly two: unwire c and d, or set the mode to linear")
    return blended(((a, wa), (b, wb), (c or (), wc), (d or (), wd))), mode


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


@node(
    "prompt.accent",
    outlets=["prompts", outlet("share", "", 0.0, 1.0, help="how much of the words there is")],
    state=1e9,
    aliases="Prompt Accent, Prompt Hit, Emphasis, Burst",
)
def accent(
    state: float,
    dt: float,
    prompts: Prompts = inlet((), help="what is painted anyway"),
    hit: Trigger = inlet(False, help="now"),
    words: str = param("", help="what comes in, such as: sparks flying"),
    amount: float = param(0.3, "", 0.0, 1.0, help="how much of the picture it takes"),
    hold: float = param(1.5, "s", 0.0, 60.0, help="how long it stays; two chunks at least"),
    fade: float = param(1.5, "s", 0.0, 60.0, help="how long it takes to go, evenly"),
) -> tuple[float, Prompts, float]:
    """Bring words in for a while, at every hit.

    Sparks on the drop. They come as a prompt of their own and go by weight, so that the rest of
    the picture stays; set scope.output's transition steps to 0, or the weights cannot be ridden.
    """
    since = 0.0 if hit else state + dt
    over = since - hold
    level = 1.0 if over <= 0.0 else clamp(1.0 - over / fade, 0.0, 1.0) if fade > 0.0 else 0.0
    share = amount * level if words.strip() else 0.0
    if share == 0.0:
        return since, prompts, share
    return since, blended(((prompts, 1.0 - share), (_single(words), share))), share


NODES = (prompt, template, blend, crossfade, accent)
