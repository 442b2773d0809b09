"""Texts with slots, `a {adj} city at {time}`, and the banks of words that fill them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nodes._prompts import lines
from nodes._timeline import several

WIRED = ("a", "b")
"""Slots that are filled by a wire, unless there is a bank of that name."""

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_BANK = re.compile(r"(\w+)\s*:(.*)")


class Slot(NamedTuple):
    """A place to be filled: its name, the words that may stand there (none: a wire fills it), and
    the text up to it."""

    name: str
    words: tuple[str, ...]
    before: str


class Template(NamedTuple):
    """Slots, each with the text before it, and the text after the last."""

    slots: tuple[Slot, ...]
    end: str


@lru_cache(maxsize=64)
def template(text: str, banks: str) -> Template:
    """Read a template and its banks. Raises `ValueError` with what is wrong."""
    words, faults = _banks(banks)
    slots, literal, end = [], "", 0
    for piece in _PIECE.finditer(text):
        literal += text[end : piece.start()]
        end = piece.end()
        column = f"column {piece.start() + 1}"
        if piece[1] is not None:
            name = piece[1].strip()
            if not re.fullmatch(r"\w+", name):
                faults.append(
                    f"{column}: {piece[0][:40]} is no slot; write it as {{adj}}, one word"
                )
            elif name not in words and name not in WIRED:
                example = f"{name}: misty, neon, drowned"
                faults.append(
                    f"{column}: there is no bank {name!r} to fill {piece[0]}; "
                    f"add a line such as {example}"
                )
            slots.append(Slot(name, words.get(name, ()), literal))
            literal = ""
            continue
        if len(piece[0]) == 1:
            other = "}" if piece[0] == "{" else "{"
            faults.append(
                f"{column}: {piece[0]} without {other}; "
                f"write {piece[0] * 2} for the character itself"
            )
        literal += piece[0][0]
    if faults:
        raise ValueError(several(faults))
    return Template(tuple(slots), literal + text[end:])


def _banks(text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The words of each bank, and what is wrong."""
    banks: dict[str, tuple[str, ...]] = {}
    faults = []
    for line in lines(text):
        found = _BANK.fullmatch(line)
        words = tuple(word.strip() for word in found[2].split(",") if word.strip()) if found else ()
        if not (found and words):
            faults.append(f"{line[:40]!r} is no bank; write it as name: word, word")
        elif found[1] in banks:
            faults.append(f"the bank {found[1]} is there twice; put all its words on one line")
        else:
            banks[found[1]] = words
    return banks, faults
