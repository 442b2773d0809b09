"""The themes that the nodes of a patch can ask for."""

from __future__ import annotations

from nodegraph.errors import Problem
from nodegraph.graph import Patch
from nodegraph.graph.rules import path
from nodegraph.theme import Themes
from nodegraph.themes import read, shipped


def themes_at_hand(patch: Patch) -> tuple[Themes, list[Problem]]:
    """The patch's own themes over those that come along, by name, and what is wrong with its own.

    Those that come along are first and keep their places; the others follow in order.
    """
    themes = Themes(shipped())
    problems: list[Problem] = []
    for name, data in patch.themes.items():
        themes[name], mistakes = read(name, data, path("themes", name))
        problems += mistakes
    return themes, problems
