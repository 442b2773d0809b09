from collections.abc import Callable
from types import CellType

OPERATIONS: tuple[str, ...]
FUNCTIONS_1: tuple[str, ...]
FUNCTIONS_2: tuple[str, ...]

class Machine:
    def __new__(
        cls,
        program: bytes,
        registers: tuple[object, ...],
        cells: tuple[CellType, ...],
        names: tuple[str, ...],
        reads: bytes,
        slots: bytes,
        made: bytes,
        first: int,
        kept: bytes,
        /,
    ) -> Machine: ...
    __call__: Callable[..., None]

def publish(
    ring: memoryview, rows: int, tick: int, values: list[object], places: bytes, /
) -> None: ...
