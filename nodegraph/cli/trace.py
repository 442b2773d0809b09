"""`nodegraph trace`: what a recorded trace holds, as a table, a picture or a spreadsheet."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from nodegraph.cli.arguments import Json, check_out
from nodegraph.cli.guard import writing

if TYPE_CHECKING:
    from nodegraph.cli.facts import Facts
    from nodegraph.runtime.trace import Trace

EXAMPLE = "nodegraph trace show.trace --plot show.png --only bass --only ease.out"


def trace(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="What `render` wrote.")],
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE.OUTLET", help="Only this outlet or node; repeatable."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a row a tick; - for stdout.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it as a PNG, SVG or PDF.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Sum up a trace: each column, the messages sent, the problems."""
    from nodegraph.cli import facts
    from nodegraph.cli.terminal import print_json
    from nodegraph.runtime.trace import Trace

    read = facts.unfolded(Trace.from_bytes(trace.read_bytes(), str(trace)))
    read = facts.only(read, only or ())
    check_out(plot, "--plot")
    check_out(csv, "--csv")
    if plot is not None:
        from nodegraph.cli.plot import draw

        draw(read, plot)
    if csv == Path("-"):
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(newline="")  # the csv module ends its lines itself
        _write_csv(read, sys.stdout)
        return
    if csv is not None:
        with writing(csv), csv.open("w", encoding="utf-8", newline="") as file:
            _write_csv(read, file)
    found, messages = facts.column_facts(read), facts.message_counts(read)
    if as_json:
        print_json(
            {
                "title": read.title,
                "seconds": read.duration,
                "ticks": len(read),
                "rate": read.rate,
                "block": read.block,
                "columns": found,
                "messages": messages,
                "problems": read.problems,
            }
        )
    else:
        _print(read, found, messages)


def _write_csv(trace: Trace, file: TextIO) -> None:
    """Seconds and the values of every column, one row a tick, as RFC 4180 has it."""
    from csv import writer

    from nodegraph.words import words

    ports = sorted(trace.columns)
    columns: list[list[object]] = []
    for port in ports:
        column = trace[port]
        if trace.kinds[port] in ("boolean", "trigger"):
            columns.append(column.astype(int).tolist())
        else:
            numeric = column.dtype != object
            columns.append(column.tolist() if numeric else [words(value) for value in column])
    rows = writer(file)
    rows.writerow(["seconds", *ports])
    rows.writerows(zip(trace.times.tolist(), *columns, strict=True))


def _print(trace: Trace, found: list[Facts], messages: dict[str, dict[str, int]]) -> None:
    from nodegraph.cli.terminal import columns, out, print_problems, printable, say, show

    console = out()
    title = f"{trace.title}: " if trace.title else ""
    say(
        console,
        printable(
            f"{title}{trace.duration:.2f} s, {len(trace)} ticks of {trace.block} samples "
            f"at {trace.rate} Hz"
        ),
        "bold",
    )
    head = ("outlet", "kind", "min", "mean", "max", "changes", "")
    table = columns("cyan", "", ">", ">", ">", ">", "dim", head=head)
    for each in found:
        numbers = (each.low, each.mean, each.high)
        shown = ("" if number is None else f"{number:.4g}" for number in numbers)
        table.add_row(printable(each.port), each.kind, *shown, str(each.changes), _remark(each))
    show(console, table)
    for sink, counts in messages.items():
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        say(console, printable(f"sent to {sink}: {listed}"))
    if not messages:
        say(console, "no messages were sent")
    print_problems(trace.problems)


def _remark(facts: Facts) -> str:
    if facts.count is not None:
        return f"{facts.count} times, {facts.per_minute:.1f} a minute"
    if facts.distinct is not None:
        return f"{facts.distinct} different"
    return ""
