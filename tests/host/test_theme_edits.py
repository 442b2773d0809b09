"""Themes edited while a show plays: the new one is heard, and every state stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kit import patch
from show_kit import playing, run, seen, until

from nodegraph.graph import JSON, SetTheme, edit_from_data, edit_to_data
from nodegraph.host.deck import Deck

LOOK = patch(
    {"n": "t.count", "look": ("theme.preset", {"theme": "mine"}), "parts": "theme.read"},
    ["look.theme -> parts.theme"],
)


def mine(low: float) -> dict[str, JSON]:
    return {"prompt": "a lake", "ranges": {"noise_scale": {"low": low, "high": 0.9}}}


def turn(deck: Deck, low: float, gesture: int | None = None) -> None:
    edit = edit_from_data(edit_to_data(SetTheme("mine", mine(low))))  # as a client sends it
    deck.do(edit, "Edit the theme mine", gesture)


def test_a_theme_is_edited_undone_and_done_again(tmp_path: Path) -> None:
    async def story() -> None:
        made = LOOK.evolve(themes={"mine": mine(0.25)})
        async with playing(made, tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 50 and seen(show, "parts.noise_low") == 0.25)
            for change, low in (
                (lambda: turn(deck, 0.5), 0.5),
                (deck.undo, 0.25),
                (deck.redo, 0.5),
            ):
                counted = seen(show, "n.out")
                change()
                await until(lambda low=low: seen(show, "parts.noise_low") == low)
                assert seen(show, "n.out") >= counted
            assert deck.problems == ()

    run(story())


def test_a_drag_is_heard_all_along_and_undone_as_a_whole(tmp_path: Path) -> None:
    async def story() -> None:
        made = LOOK.evolve(themes={"mine": mine(0.0)})
        async with playing(made, tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 0)
            heard: set[float] = set()
            for step in range(1, 61):
                turn(deck, step / 100, gesture=7)
                await asyncio.sleep(1 / 60)
                heard.add(seen(show, "parts.noise_low"))
            await until(lambda: seen(show, "parts.noise_low") == 0.6)
            assert len(heard) > 15
            deck.undo()
            await until(lambda: seen(show, "parts.noise_low") == 0.0)
            assert deck.document is not None
            assert deck.document.patch == made

    run(story())


def test_a_node_whose_theme_is_gone_falls_back_and_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        made = LOOK.evolve(themes={"mine": mine(0.25)})
        async with playing(made, tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "parts.noise_low") == 0.25)
            deck.do(SetTheme("mine", None), "Remove the theme mine")
            await until(lambda: seen(show, "parts.noise_low") == 0.48)
            (problem,) = deck.problems
            assert problem.node == "look"
            assert problem.text.startswith("there is no theme 'mine'")
            deck.undo()
            await until(lambda: seen(show, "parts.noise_low") == 0.25 and not deck.problems)

    run(story())
