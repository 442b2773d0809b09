"""Weighted texts, brought into the form that image models take, and chance that repeats nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from nodegraph import Prompt, Prompts, Rng

MOST = 4
"""Prompts that are blended at once; more only blur the picture and cost encoding time."""

LEAST = 0.0005
"""The smallest share that is kept."""


def shares(prompts: Prompts) -> Prompts:
    """The prompts with their weights summing to 1; those without weight are dropped."""
    whole = sum(prompt.weight for prompt in prompts if prompt.weight > 0.0)
    return tuple(Prompt(text, weight / whole) for text, weight in prompts if weight > 0.0)


def blend(parts: Iterable[tuple[Prompts, float]], most: int = MOST) -> Prompts:
    """Several prompts, each with how much of it is wanted, as one: the strongest, summing to 1.

    A text that comes more than once has its weights added. The order stays, so that a change of
    weights does not look like a change of texts.
    """
    weights: dict[str, float] = {}
    for prompts, wanted in parts:
        if wanted > 0.0:
            for text, weight in shares(prompts):
                weights[text] = weights.get(text, 0.0) + weight * wanted
    least = LEAST * sum(weights.values())
    strongest = sorted(weights, key=weights.__getitem__, reverse=True)[:most]
    kept = {text for text in strongest if weights[text] > least}
    return shares(tuple(Prompt(text, weights[text]) for text in weights if text in kept))


def distance(before: Prompts, after: Prompts) -> float:
    """Which share of the picture's words is exchanged, 0..1 (total variation of the weights)."""
    had, has = dict(shares(before)), dict(shares(after))
    if not (had and has):
        return float(bool(had or has))
    return sum(abs(has.get(text, 0.0) - had.get(text, 0.0)) for text in {*had, *has}) / 2.0


def chunks(steps: float) -> float:
    """How many chunks a transition takes: a transition of one would never reach its target."""
    return 2.0 if steps == 1 else float(steps)


@lru_cache(maxsize=256)
def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that have something in them."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def draw(left: tuple[int, ...], last: int, count: int, rng: Rng) -> tuple[int, tuple[int, ...]]:
    """One of `count` by chance, not the `last`, and what is left to be drawn after it.

    All come once before any comes again.
    """
    left = tuple(number for number in left if number < count) or tuple(range(count))
    drawn = rng.choice(tuple(number for number in left if number != last) or left)
    return drawn, tuple(number for number in left if number != drawn)
