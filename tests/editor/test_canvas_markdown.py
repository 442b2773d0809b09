"""Markdown in notes: all of it is there, fits its room, and has the tones that it asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.canvas.lettering import width
from nodegraph.editor.canvas.markdown import lines_of, links_of
from nodegraph.editor.canvas.shape import TEXT

ROOM = 216.0


def told(text: str) -> list[list[tuple[str, str]]]:
    """The lines as their words with their tones."""
    return [[(run.text, run.tone) for run in line.runs] for line in lines_of(text, ROOM, TEXT)]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("plain words", [("plain words", "plain")]),
        ("# Hear", [("Hear", "strong")]),
        ("#1 is no heading", [("#1 is no heading", "plain")]),
        ("a **bold word** here", [("a", "plain"), ("bold word", "strong"), ("here", "plain")]),
        ("*slowly* _too_", [("slowly", "slanted"), ("too", "slanted")]),
        ("open `gate_1`.", [("open", "plain"), ("gate_1", "code"), (".", "plain")]),
        ("`**as it is**`", [("**as it is**", "code")]),
        ("see [the guide](https://example.org)", [("see", "plain"), ("the guide", "link")]),
        ("snake_case_name 2*3*4 a * b", [("snake_case_name 2*3*4 a * b", "plain")]),
        ("**not closed", [("**not closed", "plain")]),
        ("- an item", [("•", "plain"), ("an item", "plain")]),
        ("2. second", [("2.", "plain"), ("second", "plain")]),
        ("-5 dB is no item", [("-5 dB is no item", "plain")]),
        ("", []),
    ],
)
def test_a_line_has_its_tones(text: str, runs: list[tuple[str, str]]) -> None:
    assert told(text) == [runs]


def test_code_between_fences_stands_as_it_is() -> None:
    assert told("```\n# no *heading*\n```\nafter") == [
        [("# no *heading*", "code")],
        [("after", "plain")],
    ]


def test_lists_hang_and_lists_in_lists_stand_further_right() -> None:
    first, second, deeper = lines_of(f"- {'word ' * 8}\n  - in", ROOM, TEXT)
    assert first.runs[0].x == 0.0
    assert second.runs[0].x == first.runs[1].x > 0.0
    assert deeper.runs[0].x > first.runs[0].x


def test_links_lead_somewhere() -> None:
    assert links_of("[a](https://a.org) `[b](c)` [d](e f)") == (("a", "https://a.org"),)


@given(st.text(alphabet="ab *_`#-.[]()\n1", max_size=80))
def test_any_text_can_be_laid_out_within_its_room(text: str) -> None:
    for line in lines_of(text, ROOM, TEXT):
        end = 0.0
        for run in line.runs:
            assert run.x >= end - 0.01, "words do not lie on each other"
            end = run.x + width(run.text, TEXT, run.tone == "strong")
        assert end <= ROOM + 0.01


@given(st.lists(st.text(alphabet="abcxyz", min_size=1, max_size=9), min_size=1, max_size=30))
def test_plain_words_stay_in_their_order_and_within_the_room(words: list[str]) -> None:
    lines = lines_of(" ".join(words), ROOM, TEXT)
    assert " ".join(line.text for line in lines).split() == words
    assert all(run.x + width(run.text, TEXT) <= ROOM + 0.01 for line in lines for run in line.runs)
