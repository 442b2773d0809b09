"""Measure how fast the engine is, beside others, and write the table.

    python tests/bench/bench_engine.py

Both sides of every row are measured in one run, by turns, and the medians are told. Throughput is
CPU time, without the garbage collector on any side; jitter is the clock on the wall. Before two
sides are timed, it is checked that they make the same numbers. The table is printed and written to
`tests/bench/RESULTS.md`. It takes a quarter of an hour on a machine that is idle otherwise; how
busy that is by itself is told with the table. What fails is told, and the others are measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import bench_edit
import bench_features
import bench_jitter
import bench_render
import bench_steady
import bench_throughput
import numpy as np
from measuring import Row, table

from nodegraph.runtime.machine import NATIVE

RESULTS = Path(__file__).with_name("RESULTS.md")

PARTS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "throughput": bench_throughput.rows,
    "features": bench_features.rows,
    "edit": bench_edit.rows,
    "jitter": bench_jitter.rows,
    "steady": bench_steady.rows,
    "render": bench_render.rows,
}

QUICK: Mapping[str, Callable[[], Iterator[Row]]] = {
    "throughput": lambda: bench_throughput.rows(0.02, 3),
    "features": lambda: bench_features.rows(0.05, 3),
    "edit": lambda: bench_edit.rows(number=10),
    "jitter": lambda: bench_jitter.rows(2.0, 2),
    "steady": lambda: bench_steady.rows(20_000),
    "render": lambda: bench_render.rows(60, 1),
}
"""The same, so short that the numbers say little."""

TEXT = """\
# How fast the engine is

Written by `python tests/bench/bench_engine.py` (or `make bench`), which measures both sides of each
line in the same run, by turns. Numbers of another machine differ; the ratios should not by much.
Here: {machine}.

{table}
Times of scalar nodes are per node, those of patches per tick; both are medians of CPU time. The
engine runs as in a show: every value guarded, every node timed now and then, every number published
in shared memory. The walkers do the same arithmetic and nothing else. A share of late ticks is told
with its standard error over the turns, and compared to one tick in a thousand. "Longer at worst" is
the worst of all edits.
"""


def machine() -> str:
    """What it is measured on, and how busy that is with something else."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{os.cpu_count()} cores with a load of {load} before it began, "
        f"Python {platform.python_version()}, numpy {np.__version__}, "
        f"{'with' if NATIVE else 'without'} native code"
    )


def main() -> None:
    """Print each row as it is done, then write the table. Ends with 1 if a part failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; repeatable")
    parser.add_argument("--quick", action="store_true", help="a minute, to see that all of it runs")
    parser.add_argument("--out", type=Path, help="where to write the table instead")
    given = parser.parse_args()
    out = given.out or (None if given.quick or given.only else RESULTS)
    parts = QUICK if given.quick else PARTS
    rows: list[Row] = []
    failed: list[str] = []
    here = machine()
    sys.stdout.write(f"{here}\n\n{table([])}")
    for name in given.only or parts:
        try:
            for row in parts[name]():
                rows.append(row)
                sys.stdout.write(f"| {' | '.join(row.cells())} |\n")
                sys.stdout.flush()
        except Exception:  # the others are worth knowing
            traceback.print_exc()
            failed.append(name)
    if out is not None:
        out.write_text(TEXT.format(machine=here, table=table(rows)), "utf-8")
    if failed:
        sys.exit(f"not measured, see above: {', '.join(failed)}")


if __name__ == "__main__":
    main()
