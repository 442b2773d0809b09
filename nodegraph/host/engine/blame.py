"""Finds out which node ended an engine: from its mark, else from where its threads were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from nodegraph.compiler import Plan
from nodegraph.compiler.plan import Step

_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.+)')

TICKING = "/engine/loop.py"
BACKSTAGE = "/engine/backstage.py"
"""Files whose frames tell which of the engine's threads a traceback belongs to."""

Address = tuple[str, str]
"""A deck and a node on it."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A node type that ended the engine, and which nodes it may have been: one if that is sure."""

    type: str
    nodes: tuple[Address, ...]
    place: str

    @property
    def sure(self) -> bool:
        """Whether it is known which node it was."""
        return len(self.nodes) == 1

    def did(self, what: str) -> str:
        """A sentence without its end: what it did, and where."""
        names = [node for _, node in self.nodes]
        which = f"node {names[0]}" if self.sure else f"one of the nodes {', '.join(names)}"
        return f"{self.type} on {which} {what} ({self.place})"


@dataclass(frozen=True, slots=True)
class _Frame:
    file: str
    line: int


def blame(
    plans: Mapping[str, Plan], marks: Mapping[str, int], dump: str, thread: str = TICKING
) -> Culprit | None:
    """The culprit, if there is any sign of one.

    `plans` and `marks` are those of each deck as the engine ended, `dump` is what
    `faulthandler` wrote, `thread` the one that is suspected where the dump does not say.
    """
    frames = _guilty(dump, thread)
    for deck, plan in plans.items():
        mark = marks.get(deck, -1)
        if 0 <= mark < len(plan.all_steps):
            step = plan.all_steps[mark]
            return _culprit([(deck, step)], frames)
    for frame in reversed(frames):  # from the plan inwards: the first of a node type is the node
        found = [
            (deck, step)
            for deck, plan in plans.items()
            for step in plan.all_steps
            if _holds(plan, step, frame)
        ]
        if found:
            return _culprit(found, frames)
    return None


def where_in(dump: str) -> list[tuple[str, int]]:
    """Files and lines in which an engine was that imports, innermost first."""
    return [(frame.file, frame.line) for _, frames in _threads(dump) for frame in frames]


def place(dump: str) -> str:
    """Where it was, as the end of a sentence; empty if the dump does not say."""
    own = [(file, line) for file, line in where_in(dump) if not file.startswith("<")]
    return f" ({own[0][0]}:{own[0][1]})" if own else ""


def _culprit(found: list[tuple[str, Step]], frames: list[_Frame]) -> Culprit:
    type_ = found[0][1].type
    lines = [frame.line for frame in frames if frame.file == type_.file]
    place = f"{type_.file}:{lines[0] if lines else type_.line}"
    return Culprit(type_.id, tuple((deck, step.id) for deck, step in found), place)


def _holds(plan: Plan, step: Step, frame: _Frame) -> bool:
    """Whether a frame lies in the function of a step's type: the last that begins above it."""
    if step.type.file != frame.file or step.type.line > frame.line:
        return False
    starts = (other.type.line for other in plan.all_steps if other.type.file == frame.file)
    return step.type.line == max(line for line in starts if line <= frame.line)


def _guilty(dump: str, thread: str) -> list[_Frame]:
    """The frames, innermost first, of the thread that crashed, or else of the suspected one."""
    threads = list(_threads(dump))
    for header, frames in threads:
        if "Fatal Python error" in dump and header.startswith("Current thread"):
            return frames
    for _, frames in threads:
        if any(frame.file.replace("\\", "/").endswith(thread) for frame in frames):
            return frames
    return []


def _threads(dump: str) -> Iterator[tuple[str, list[_Frame]]]:
    lines = dump.splitlines()
    for n, line in enumerate(lines):
        if line.startswith(("Thread 0x", "Current thread 0x")):
            matches = takewhile(bool, map(_FRAME.match, lines[n + 1 :]))
            yield line, [_Frame(m["file"], int(m["line"])) for m in matches if m]


class Offences:
    """Who ended engines before. A second time is enough."""

    def __init__(self) -> None:
        self._earlier: list[Culprit | None] = []

    def again(self, culprit: Culprit | None) -> tuple[Address, ...]:
        """Take note of an end that is some node's doing; gives the nodes that did it before.

        What nobody could be blamed for counts for whoever is found next: it was unmarked then.
        """
        nodes = culprit.nodes if culprit else ()
        caught = tuple(
            node
            for node in nodes
            if any(earlier is None or node in earlier.nodes for earlier in self._earlier)
        )
        if caught:
            self._earlier = [it for it in self._earlier if it and not {*it.nodes} & {*caught}]
        else:
            self._earlier.append(culprit)
        return caught
