"""Which steps stand together in a chunk, and which chunks are known from the plan before.

Steps that are plain (see `nodegraph.plain`) keep to themselves where there are some in a row, for
then the chunk needs no guards.
Chunks are cut by what the steps are called, not by counting: wherever a step is added, the cuts
before and after it stay where they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from types import CodeType
from zlib import crc32

from nodegraph.compiler.emit import emit, is_plain
from nodegraph.compiler.names import cells_in
from nodegraph.compiler.plan import Chunk, Part, Product, Step
from nodegraph.compiler.translate import program_of

SHORTEST, LONGEST = 20, 40
"""Parts of a chunk. Shorter ones cost more calls, longer ones more compiling for each edit."""

WORTH = 4
"""Plain steps in a row from which on they get chunks of their own."""

_CUT = 10
"""One in so many steps can be the last of its chunk."""


def in_phases(steps: Sequence[Step]) -> list[Part]:
    """What a tick does: latches give, all others run, latches take."""
    latches = [step for step in steps if step.type.latch]
    return [
        *(Part("give", step) for step in latches),
        *(Part("run", step) for step in steps if not step.type.latch),
        *(Part("take", step) for step in latches),
    ]


def make_chunks(
    parts: Sequence[Part],
    products: Sequence[Product],
    members: Mapping[str, Step],
    before: Iterable[Chunk],
    *,
    constant: bool,
) -> tuple[Chunk, ...]:
    """The code of some parts of a plan. `members` are the steps that have a part in `products`."""
    product_of = {id: product for product in products for id in product.members}
    known = {_key(chunk.parts): chunk for chunk in before}
    made = []
    for cut in _cut(parts, constant):
        own = tuple(product_of[part.step.id] for part in cut if part.step.id in product_of)
        chunk = known.get(_key(cut))
        if chunk is None or chunk.parts != cut or chunk.products != own:
            text = emit(cut, product_of, members, careful=False, constant=constant)
            careful = emit(cut, product_of, members, careful=True, constant=constant)
            plain = not constant and all(map(is_plain, cut))
            chunk = Chunk(
                *(cut, own, text, careful, function_code(text), function_code(careful)),
                program=program_of(text) if plain else None,
            )
        made.append(chunk)
    return tuple(made)


@lru_cache(maxsize=512)
def function_code(text: str) -> CodeType:
    """The code of the one function that a text defines, with cells for what it does not say."""
    around = f"def room({', '.join(cells_in(text))}):\n " + text.replace("\n", "\n ")
    code = compile(around, "<plan>", "exec", dont_inherit=True)
    for _ in ("room", "chunk"):
        code = next(const for const in code.co_consts if isinstance(const, CodeType))
    return code


def _key(parts: tuple[Part, ...]) -> tuple[str, str]:
    """What tells a chunk from the others of its plan."""
    return parts[0].phase, parts[0].step.id


def _cut(parts: Sequence[Part], constant: bool) -> Iterator[tuple[Part, ...]]:
    shortest = 2 if constant else SHORTEST  # what runs seldom may cost more calls
    for run in [parts] if constant else _runs(parts):
        chunk: list[Part] = []
        for part in run:
            chunk.append(part)
            if len(chunk) >= LONGEST or (len(chunk) >= shortest and _may_end(part.step)):
                yield tuple(chunk)
                chunk = []
        if chunk:
            yield tuple(chunk)


def _may_end(step: Step) -> bool:
    return crc32(step.id.encode()) % _CUT == 0


def _runs(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts, cut where plain ones begin and end."""
    mixed: list[Part] = []
    for plain, group in groupby(parts, is_plain):
        run = [*group]
        if not plain or len(run) < WORTH:
            mixed += run
            continue
        if mixed:
            yield mixed
        yield run
        mixed = []
    if mixed:
        yield mixed
