"""Read JSON (RFC 8259) without recursion, keeping lines, and going on after what is wrong.

The standard library's reader stops at the first fault, forgets where things stood, keeps the last
of two equal names without a word, takes NaN, and recurses. A patch edited by hand or merged by git
deserves better: here each fault is a `Problem` with line and column, and the rest is still read.
A value that could not be read stands as `UNREAD`, which no reader downstream mistakes for one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import nan
from typing import TypeAlias

from nodegraph.errors import Problem
from nodegraph.graph.frozen import encodable, number
from nodegraph.graph.rules import path as join
from nodegraph.graph.rules import short

Tree: TypeAlias = "bool | int | float | str | list[Tree] | dict[str, Tree] | None"

UNREAD = nan  # not a number a file may hold, so whatever takes it up refuses it

MAX_DEPTH = 66
MAX_PROBLEMS = 50
LINES_DEPTH = 6  # lines are kept as deep as `subpatches.voice.nodes.ease.params.fall`

_BLANK = re.compile(r"[ \t\r\n]*+")
_COMMENT = re.compile(r"(?://|#)[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_WORD = re.compile(r'[^ \t\r\n,:{}\[\]"]++')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_TEXT = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+')
_TO_QUOTE = re.compile(r'(?:[^"\\\n]|\\[^\n])*+"?')
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_NOT_FINITE = {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"}


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: the value, the line of each field by its path, and everything wrong."""

    value: Tree
    lines: Mapping[str, int]
    problems: tuple[Problem, ...]


def read(text: str | bytes) -> Document:
    """Read JSON text, bytes as UTF-8, with or without a byte order mark. Never raises."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    reader = _Reader(text.removeprefix("\ufeff"))
    with suppress(_GiveUpError):
        reader.read()
    return Document(reader.root, reader.lines, tuple(reader.problems))


class _GiveUpError(Exception):
    """Reading on would only produce noise."""


@dataclass(slots=True)
class _Frame:
    """A list or object that is being read."""

    value: list[Tree] | dict[str, Tree]
    path: str
    line: int
    names: dict[str, int] = field(default_factory=dict)  # the line of each name so far
    ready: bool = True  # a member may begin here: at the start, and after a comma
    comma: bool = False  # the last thing read is a comma

    @property
    def closer(self) -> str:
        return "}" if isinstance(self.value, dict) else "]"

    @property
    def kind(self) -> str:
        return "object" if isinstance(self.value, dict) else "list"


class _Reader:
    """Goes through the text once; `frames` are the lists and objects around the present place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.counted = 0  # `line` is the line of this place
        self.frames: list[_Frame] = []
        self.root: Tree = UNREAD
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.reported = -1  # the place of the last problem: one is enough there

    def read(self) -> None:
        if not self.peek():
            self.report("the file is empty: it wants to begin with {")
            return
        self.member_value("", None)
        if self.problems and not self.frames:
            return  # not even a beginning
        while self.frames:
            self.step(self.frames[-1])
        if self.peek():
            self.report(f"the value ends before this, found {self.found()}: remove the rest")

    def step(self, frame: _Frame) -> None:
        """Read one comma, closing bracket or member of the innermost list or object."""
        char = self.peek()
        if not char:
            self.report(f"the file ends inside the {frame.kind} that begins on line {frame.line}")
            raise _GiveUpError
        if char in "]}":
            self.close(frame, char)
        elif char == ",":
            if frame.ready:
                self.report("a comma too many: remove it")
            self.at += 1
            frame.ready = frame.comma = True
        else:
            if not frame.ready:
                self.report(f"expected ',' or '{frame.closer}', found {self.found()}")
            frame.ready = frame.comma = False
            self.member(frame, char)

    def close(self, frame: _Frame, char: str) -> None:
        if char == frame.closer:
            if frame.comma:
                self.report(f"a comma before '{char}': remove it")
        else:
            opened = f"the {frame.kind} that begins on line {frame.line}"
            self.report(f"expected '{frame.closer}' to end {opened}, found '{char}'")
            if all(outer.closer != char for outer in self.frames):
                self.at += 1
                return
            while self.frames[-1].closer != char:
                self.frames.pop()
        self.at += 1
        self.frames.pop()

    def member(self, frame: _Frame, char: str) -> None:
        if isinstance(frame.value, list):
            self.member_value(f"{frame.path}[{len(frame.value)}]", None)
            return
        line = self.here()
        name = self.name(frame, char)
        path = join(frame.path, name) if name is not None else frame.path
        if name is not None:
            first = frame.names.setdefault(name, line)
            if name in frame.value:
                self.report(f"{short(name)} is here twice, first on line {first}: keep one", path)
        if self.peek() == ":":
            self.at += 1
        else:
            self.report(f"expected ':' and a value, found {self.found()}", path)
        self.member_value(path, name)

    def name(self, frame: _Frame, char: str) -> str | None:
        """Read the name of a member; None, with a problem, if it cannot be known."""
        if char == '"':
            name = self.string(frame.path)
            return name if isinstance(name, str) else None
        self.report(f"expected a name in double quotes, found {self.found()}", frame.path)
        if word := _WORD.match(self.text, self.at):
            self.at = word.end()
        return None

    def member_value(self, path: str, name: str | None) -> None:
        """Read a value, or its beginning, and put it where it belongs."""
        char = self.peek()
        if len(self.frames) > LINES_DEPTH:
            path = self.frames[-1].path
        else:
            self.lines.setdefault(path, self.here())
        if char in ("{", "["):
            if len(self.frames) == MAX_DEPTH:
                self.report(f"lists and objects are nested deeper than {MAX_DEPTH}", path)
                raise _GiveUpError
            self.at += 1
            opened: list[Tree] | dict[str, Tree] = {} if char == "{" else []
            self.put(opened, name)
            self.frames.append(_Frame(opened, path, self.here()))
        else:
            self.put(self.string(path) if char == '"' else self.word(path), name)

    def put(self, value: Tree, name: str | None) -> None:
        if not self.frames:
            self.root = value
            return
        parent = self.frames[-1].value
        if isinstance(parent, list):
            parent.append(value)
        elif name is not None:
            parent[name] = value

    def word(self, path: str) -> Tree:
        """Read a number, true, false or null."""
        found = _WORD.match(self.text, self.at)
        if found is None:
            self.report(f"expected a value, found {self.found()}", path)
            self.at += self.text.startswith(":", self.at)
            return UNREAD
        word = found[0]
        value: Tree = UNREAD
        if word in _WORDS:
            value = _WORDS[word]
        elif digits := _NUMBER.fullmatch(word):
            try:
                value = number(word, whole=digits.lastindex is None)
            except ValueError as fault:
                self.report(f"{short(word)} cannot be kept: {fault}", path)
        elif word in _NOT_FINITE:
            self.report(f"{word} cannot be kept: write a finite number", path)
        else:
            self.report(f"expected a value, found {self.found()}", path)
        self.at = found.end()
        return value

    def string(self, path: str) -> Tree:
        """Read text in double quotes."""
        match = _TEXT.match(self.text, self.at)
        assert match is not None  # it begins with a quote
        end = match.end()
        stop = self.text[end : end + 1]
        if stop != '"':
            self.report(_text_fault(stop, self.text[end : end + 2]), path, end)
            rest = _TO_QUOTE.match(self.text, end + (stop not in ("", "\n")))
            self.at = rest.end() if rest else end
            return UNREAD
        raw, start = self.text[self.at : end + 1], self.at
        self.at = end + 1
        try:
            encodable(raw)
        except ValueError:
            self.report("the text is not UTF-8: save the file as UTF-8", path, start)
            return UNREAD
        value: str = json.loads(raw) if "\\" in raw else raw[1:-1]
        try:
            return encodable(value)
        except ValueError as fault:
            self.report(f"{fault}: write both halves, or the character itself", path, start)
            return UNREAD

    def peek(self) -> str:
        """Skip blanks, and comments with a problem; return the next character, empty at the end."""
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                return self.text[self.at : self.at + 1]
            self.report('JSON has no comments: remove it, or write it as the text of "note"')
            self.at = comment.end()

    def found(self) -> str:
        """Describe what stands here."""
        word = _WORD.match(self.text, self.at)
        found = word[0] if word else self.text[self.at : self.at + 1]
        if any("\udc80" <= char <= "\udcff" for char in found[:40]):
            return "bytes that are not UTF-8"
        return short(found[:40]) if found else "the end of the file"

    def here(self) -> int:
        """Return the line of the present place; places only grow."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = max(self.counted, self.at)
        return self.line

    def report(self, fault: str, path: str | None = None, at: int | None = None) -> None:
        place = self.at if at is None else at
        if place == self.reported:
            return
        self.reported = place
        if path is None:
            path = self.frames[-1].path if self.frames else ""
        line = self.here() + self.text.count("\n", self.counted, place)
        column = place - self.text.rfind("\n", 0, place)
        self.problems.append(Problem(f"{fault} (column {column})", line=line, field=path or None))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem("there may be more: mend these first", line=line))
            raise _GiveUpError


def _text_fault(stop: str, two: str) -> str:
    if not stop:
        return "the file ends inside a text: expected '\"'"
    if stop == "\n":
        return "the text does not end on its line: expected '\"' (a line break inside is \\n)"
    if stop == "\\":
        return f"{short(two)} is not an escape that JSON knows: a backslash is \\\\"
    return f"the control character {short(stop)} wants an escape: \\u{ord(stop):04x}"
