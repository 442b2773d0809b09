"""Lets native code run the programs of chunks where there is any; elsewhere Python runs texts."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from types import CellType as Cell

from nodegraph.compiler.machine import OPERATIONS, WIDTH, Program
from nodegraph.native import code

NATIVE: bool = code is not None and code.OPERATIONS == OPERATIONS
"""Whether there is native code, and made for these very programs."""

_WHOLE = {math.floor: "FLOOR", math.ceil: "CEIL", math.trunc: "INT_OF"}


def machine(
    program: Program | None, cells: Mapping[str, Cell], given: Mapping[str, object]
) -> Callable[..., None] | None:
    """What does the same as the function of a chunk; None where only Python can.

    `cells` are those of the plan, by name, `given` what is the same for all plans.
    """
    if program is None or not NATIVE:
        return None

    def meant(text: str) -> object:
        name, _, attribute = text.partition(".")
        of = cells[name].cell_contents if name in cells else given[name]
        return getattr(of, attribute) if attribute else of

    registers: list[object] = [*program.constants]
    for register, name in program.globals:
        registers[register] = meant(name)
    words = array("H", program.code)
    own = [cells[name] for name in program.cells]
    for place, name, count in program.calls:
        function, its = meant(name), slice(WIDTH * place, WIDTH * (place + 1))
        _, to, _, first, _ = words[its]
        instruction = _calling(function, count, to, first, len(own))
        if instruction is None:
            return None
        words[its] = instruction
        own.append(Cell(function))
    slots = [(cells[name].cell_contents, before, to) for name, before, to in program.slots]
    try:
        return code.Machine(
            words.tobytes(),
            tuple(registers),
            tuple(own),
            program.attributes,
            _words(chain(*program.reads)),
            _words(chain(*slots)),
            _words(program.made),
            cells[program.first].cell_contents,
            _words(chain(*program.kept)),
        )
    except (OverflowError, ValueError):
        return None  # a global is no number, or there are too many slots


def _calling(function: object, count: int, to: int, first: int, cell: int) -> array[int] | None:
    """The instruction that calls a function with what stands in registers from `first` on; None if
    there is none. `cell` is where the function will lie."""
    words: list[int] = []
    name = getattr(function, "__name__", "")
    if getattr(math, name, None) is function:
        if function in _WHOLE and count == 1:
            words = [OPERATIONS.index(_WHOLE[function]), to, first]
        elif count == 1 and name in code.FUNCTIONS_1:
            words = [OPERATIONS.index("CALL_1"), to, code.FUNCTIONS_1.index(name), first]
        elif count == 2 and name in code.FUNCTIONS_2:
            number = code.FUNCTIONS_2.index(name)
            words = [OPERATIONS.index("CALL_2"), to, number, first, first + 1]
    elif isinstance(function, type) and issubclass(function, tuple):
        fields = getattr(function, "_fields", ())  # those left out have defaults
        words = [OPERATIONS.index("MAKE_NAMED"), to, first, count, cell]
        words = words if len(fields) == count else []
    return array("H", words + [0] * (WIDTH - len(words))) if words else None


def _words(numbers: Iterable[int]) -> bytes:
    return array("H", numbers).tobytes()
