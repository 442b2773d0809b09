"""Lays out the Markdown of notes: headings, lists, code, and words that are bold, slanted, code or
links.

A small part of CommonMark, for what people write on a canvas; what it does not know stands there as
it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nodegraph.editor.canvas.lettering import fitted, width
from nodegraph.editor.canvas.shape import NoteLine, Run, Tone

_INLINE: Final = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\[(?P<link>[^\]]+)\]\((?P<url>[^)\s]+)\)"
    r"|\*\*(?P<strong>\S(?:.*?\S)?)\*\*"
    r"|(?<![\w*])\*(?P<slanted>\S(?:[^*]*?\S)?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<slanted_>\S(?:[^_]*?\S)?)_(?![\w_])"
)
_HEADING: Final = re.compile(r"#{1,6} +(.*)|#{1,6}$")
_ITEM: Final = re.compile(r"( *)([-*+]|\d{1,3}[.)]) +(.*)")
_FENCE: Final = "```"
_STEP: Final = 12.0  # pixels by which a list in a list stands further right


def lines_of(text: str, room: float, size: float) -> tuple[NoteLine, ...]:
    """A text as lines of letters of a size, each at most `room` wide, both in pixels."""
    return tuple(_lines(text, room, size))


def links_of(text: str) -> tuple[tuple[str, str], ...]:
    """The links of a text: the words, and where they lead."""
    found = (each.group("link", "url") for each in _INLINE.finditer(text))
    return tuple((words, url) for words, url in found if url)


def _lines(text: str, room: float, size: float) -> Iterator[NoteLine]:
    is_code = False
    for line in text.split("\n"):
        if line.strip().startswith(_FENCE):
            is_code = not is_code
        elif is_code:
            yield NoteLine((Run(0.0, fitted(line, room, size), "code"),))
        elif heading := _HEADING.fullmatch(line.strip()):
            yield from _flowed([(heading[1] or "", "strong")], room, size)
        elif item := _ITEM.fullmatch(line):
            yield from _item(item, room, size)
        else:
            yield from _flowed(list(_spans(line)), room, size)


def _item(item: re.Match[str], room: float, size: float) -> Iterator[NoteLine]:
    """An item of a list: its sign, and its lines beside that."""
    indent, sign, words = item.groups()
    left = min(len(indent) // 2, 4) * _STEP
    sign = sign if sign[0].isdigit() else "•"
    inner = left + width(f"{sign} ", size)
    for row, line in enumerate(_flowed(list(_spans(words)), room - inner, size)):
        runs = tuple(run._replace(x=run.x + inner) for run in line.runs)
        yield NoteLine((Run(left, sign), *runs) if row == 0 else runs)


def _spans(text: str) -> Iterator[tuple[str, Tone]]:
    """Parts of a line with their tones."""
    at = 0
    for found in _INLINE.finditer(text):
        yield text[at : found.start()], "plain"
        at = found.end()
        match found.lastgroup:
            case "code":
                yield found["code"], "code"
            case "url":
                yield found["link"], "link"
            case "strong":
                yield found["strong"], "strong"
            case _:
                yield found["slanted"] or found["slanted_"], "slanted"
    yield text[at:], "plain"


def _flowed(spans: list[tuple[str, Tone]], room: float, size: float) -> Iterator[NoteLine]:
    """Words put on lines; between two tones there is a space only where one was typed."""
    runs: list[Run] = []
    x = 0.0
    for text, tone in spans:
        bold = tone == "strong"
        space = width(" ", size, bold)
        for index, word in enumerate(text.split(" ")):
            gap = space if index and runs else 0.0
            if not word:
                x += gap
                continue
            wide = width(word, size, bold)
            if runs and x + gap + wide > room:
                yield NoteLine(tuple(runs))
                runs, x, gap = [], 0.0, 0.0
            if wide > room:
                word = fitted(word, room, size, bold)
                wide = width(word, size, bold)
            last = runs[-1] if runs and index else None
            if last and last.tone == tone:
                runs[-1] = last._replace(text=f"{last.text} {word}")
            else:
                runs.append(Run(x + gap, word, tone))
            x += gap + wide
    yield NoteLine(tuple(runs))
