"""How wide a text is before it is drawn, how it is cut, wrapped or folded to that, how it begins.

The widths are those of Inter, the editor's own font, in thousandths of its size; so the layout of a
box needs no window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"

_TABLE = """
232 230 333 521 527 671 528 183 299 299 413 545 228 380 228 295 535 535 535 535 535 535
535 535 535 535 228 231 545 545 545 419 773 559 538 601 594 494 485 614 612 218 448 539
465 735 622 629 525 629 528 527 531 613 559 784 531 549 516 299 295 299 387 373 411 466
513 461 513 481 298 504 488 196 196 450 196 718 484 493 504 504 308 432 300 480 460 671
446 460 447 299 270 299 545
"""
_WIDTHS: Final = tuple(int(word) for word in _TABLE.split())
"""Of the characters from space to tilde."""

_OTHER: Final = 560
_BOLD: Final = 1.035


@lru_cache(maxsize=8192)
def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is, in the pixels that `size` is given in."""
    units = sum(
        _WIDTHS[place] if 0 <= (place := ord(character) - 32) < len(_WIDTHS) else _OTHER
        for character in text
    )
    return units * size / 1000 * (_BOLD if bold else 1.0)


def fitted(text: str, room: float, size: float, bold: bool = False) -> str:
    """As much of a text as there is room for, with an ellipsis where it was cut."""
    line = text.replace("\n", " ")
    if width(line, size, bold) <= room:
        return line
    for end in range(len(line) - 1, 0, -1):
        cut = line[:end].rstrip() + ELLIPSIS
        if width(cut, size, bold) <= room:
            return cut
    return ELLIPSIS


@lru_cache(maxsize=256)
def wrapped(text: str, room: float, size: float, most: int = 40) -> tuple[str, ...]:
    """A text as lines that fit; its own line ends stay. At most so many lines."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width(longer, size) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            line = fitted(word, room, size)
        lines.append(line)
    if len(lines) > most:
        lines[most - 1 :] = [fitted(lines[most - 1] + " " + ELLIPSIS, room, size)]
    return tuple(lines)


def folded(text: str, room: float, size: float) -> str:
    """A text for a field that does not wrap: it has line ends at words, so that all of it is seen.

    A line that ends in a space goes on in the next (RFC 3676); `unfolded` takes its end out again.
    """
    return "\n".join(line for each in text.split("\n") for line in _folds(each, room, size))


def unfolded(text: str) -> str:
    """A text as it was before it was folded, and changed in a field."""
    return re.sub(r" \n", " ", text)


def poured(text: str) -> str:
    """A text with its paragraphs in one line each, for where it is wrapped anew. Blank lines stay,
    and the beginnings of what is listed."""
    return re.sub(r"(?<!\n)\n(?!\n| *[-*+>#|]| *\d+[.)] )", " ", text)


def _folds(paragraph: str, room: float, size: float) -> Iterator[str]:
    line = ""
    for word in re.findall(r"[^ ]+ *| +", paragraph.rstrip(" ")):
        if line and width(f"{line}{word}".rstrip(" "), size) > room:
            yield line
            line = ""
        line += word
    yield line


def sentence(text: str) -> str:
    """A text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
