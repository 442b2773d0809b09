"""Lists of numbers, such as spectra and band levels, made one number."""

from __future__ import annotations

from nodegraph import Vector, inlet, node, param


@node(
    "vector.reduce",
    outlets="value index",
    aliases="Analyze CHOP, zl.sum, Array Max, Average, Unpack",
)
def reduce(
    values: Vector = inlet(),
    mode: str = param("max", choices=("max", "min", "mean", "sum"), help="What is made of them"),
    first: int = param(0, "", 0, 8191, help="The first entry looked at, counted from 0"),
    last: int = param(8191, "", 0, 8191, help="The last one; the end of the list at the most"),
) -> tuple[float, float]:
    """Make one number of a list: its greatest, least, mean or sum.

    Looks at the entries from `first` to `last`; the same number for both picks out one entry. Of
    the greatest and least, `index` tells which entry it is, otherwise it is `first`. No entries
    give 0.
    """
    part = values[int(first) : int(last) + 1]
    if not part.size:
        return 0.0, float(first)
    if mode == "mean" or mode == "sum":
        total = float(part.sum())
        return total if mode == "sum" else total / part.size, float(first)
    at = int(part.argmax() if mode == "max" else part.argmin())
    return float(part[at]), float(first) + at


NODES = (reduce,)
