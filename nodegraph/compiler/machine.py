"""A small machine for chunks of plain steps: what it can do, and what a program for it looks like.

Native code is such a machine. It works on registers. It knows numbers, switches, None and tuples of
those by what they are when they come, so programs say nothing of types. Whatever else comes, it
gives up before anything has happened.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

OPERATIONS = (
    *("MOVE", "ADD", "SUB", "MUL", "DIV", "FLOORDIV", "MOD", "POW", "NEG", "NOT", "ABS"),
    *("LT", "LE", "GT", "GE", "EQ", "NE", "IS_NONE", "MIN", "MAX", "HELD"),
    *("FLOAT_OF", "INT_OF", "BOOL_OF", "FLOOR", "CEIL"),
    *("JUMP", "JUMP_IF", "JUMP_UNLESS", "MAKE", "MAKE_NAMED", "PART", "FIELD"),
    *("CALL_1", "CALL_2", "END"),
)
"""What the machine can do, each by its number. An instruction is one of these and four operands,
each a word of 16 bits."""

WIDTH = 5
"""Words in an instruction."""

COUNTABLE = 2**53
"""No whole number is further from 0: the machine counts in doubles."""

Constant: TypeAlias = float | int | bool | None


class Program(NamedTuple):
    """What the machine does for a chunk, as data.

    `code` are instructions of `WIDTH` words. `constants` is what the registers hold at first; the
    first two are for `n` and `now`. What a global is (`G·gain·pi`, `G·gain·math.pi`) is known only
    where the plan is installed: `globals` are registers that are to hold one, `calls` the places of
    instructions that call one, with the number of arguments. `cells` and
    `attributes` are the names that operands stand for. Before the first instruction, `reads` (a
    cell and a register) and `slots` (its name, whether in `V`, and a register) are read. `made` are
    the registers of what is laid into `N` from the slot `first` on, `kept` pairs of a cell and the
    register that goes there.
    """

    code: bytes
    constants: tuple[Constant, ...]
    globals: tuple[tuple[int, str], ...]
    calls: tuple[tuple[int, str, int], ...]
    cells: tuple[str, ...]
    reads: tuple[tuple[int, int], ...]
    slots: tuple[tuple[str, bool, int], ...]
    attributes: tuple[str, ...]
    made: tuple[int, ...]
    first: str
    kept: tuple[tuple[int, int], ...]
