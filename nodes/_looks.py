"""What a theme paints, as prompts."""

from __future__ import annotations

from functools import lru_cache

from nodegraph import Prompt, Prompts, Theme


@lru_cache(maxsize=64)
def looks(theme: Theme) -> tuple[Prompts, ...]:
    """The prompts of a theme: its own, then its variations, each with the style words."""
    texts = (theme.text, *(theme.styled(variation.text) for variation in theme.variations))
    return tuple((Prompt(text),) if text.strip(", ") else () for text in texts)
