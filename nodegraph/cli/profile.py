"""`nodegraph profile`: what each tick of a patch costs, node by node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Json, PatchName, Rate, Seed, Settings, check_out, read_settings
from nodegraph.cli.guard import PROBLEMS, writing
from nodegraph.errors import NodegraphError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from nodegraph.host.sources import Sources
    from nodegraph.runtime.profile import Profile

EXAMPLE = "nodegraph profile demo demo --ticks 5000 --svg ticks.svg"

MOST_ROWS = 40
"""Nodes that are listed one by one; a table of a thousand is for `--json`."""

_BARS = 4, 20
_OTHERS = 77
"""Cells of a bar, at least and at most, and of all the other columns of the table together."""


def profile(
    patch: PatchName,
    audio: Annotated[
        str, typer.Argument(metavar="AUDIO", help="A sound file, or 'demo' for the demo track.")
    ],
    ticks: Annotated[
        int | None, typer.Option("--ticks", min=1, metavar="N", help="End after so many ticks.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture, too.")
    ] = None,
    settings: Settings = None,
    rate: Rate = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Run a patch on a sound file and tell what each tick costs, by node, as table and picture."""
    from time import perf_counter

    from nodegraph.audio.opening import native_rate
    from nodegraph.cli import flame, terminal
    from nodegraph.compiler import compile_patch
    from nodegraph.host.offline import BLOCK, DEFAULT_RATE
    from nodegraph.host.opening import open_patch, with_params
    from nodegraph.host.sources import Sources
    from nodegraph.mistakes import state_problems
    from nodegraph.runtime import Engine
    from nodegraph.runtime.profile import measure
    from nodegraph.shipped import patch_path

    path = patch_path(patch)
    check_out(svg, "--svg")
    opened, catalogue, folder = open_patch(path)
    plan = compile_patch(
        with_params(opened, read_settings(settings), catalogue.types), catalogue.types
    )
    rate = rate or (DEFAULT_RATE if audio == "demo" else native_rate(Path(audio)))
    with Sources(
        plan.sources, catalogue, rate=rate, folder=folder, instead=audio, strict=True
    ) as sources:
        engine = Engine(plan, rate=rate, block=BLOCK, seed=seed)
        with _no_garbage():
            found = measure(engine, _blocks(sources, BLOCK, ticks), perf_counter)
    if not found.measured:
        raise NodegraphError(
            f"{found.ticks} ticks are too few to measure; take a longer sound, or more --ticks"
        )
    title = opened.name or path.stem
    if svg is not None:
        with writing(svg):
            svg.write_text(flame.in_svg(found, _headline(title, found)), "utf-8")
    states = {id: state for id, (_, state) in engine.snapshot().states.items()}
    problems = [*catalogue.problems, *engine.problems, *state_problems(states)]
    terminal.print_problems(problems)
    constants = [step.id for step in plan.constants]
    if as_json:
        terminal.print_json(_facts(found, plan.shared, constants))
    else:
        _print(title, found, plan.shared, constants)
    if problems:
        raise typer.Exit(PROBLEMS)


def _blocks(sources: Sources, block: int, ticks: int | None) -> Iterator[Mapping[str, object]]:
    done = 0
    while not sources.ended and (ticks is None or done < ticks):
        yield sources.read(block)
        done += 1


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Without pauses of the garbage collector, as an engine runs in a show."""
    import gc

    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _headline(title: str, found: Profile) -> str:
    return (
        f"{title}: a tick takes {found.mean * 1e6:.1f} µs on average, "
        f"{found.mean / found.dt:.2%} of its {found.dt * 1e3:.2f} ms; "
        f"{found.worst * 1e6:.1f} µs at worst"
    )


def _print(title: str, found: Profile, shared: Mapping[str, str], constants: list[str]) -> None:
    from nodegraph.cli import flame
    from nodegraph.cli.terminal import out, printable, say, show

    console = out()
    say(console, printable(_headline(title, found)), "bold")
    between = f"; those between took {found.undisturbed * 1e6:.1f} µs" if found.undisturbed else ""
    say(console, f"{found.measured} of {found.ticks} ticks were measured{between}", "dim")
    console.print()
    width = min(console.width - 1, 100)
    for line in flame.in_cells(found, width):
        show(console, line)
    console.print()
    show(console, table(found, console.width))
    if shared:
        pairs = ", ".join(f"{id} with {stand_in}" for id, stand_in in sorted(shared.items()))
        say(console, printable(f"run once for several: {pairs}"), "dim")
    if constants:
        say(
            console, printable(f"never change, so no tick runs them: {', '.join(constants)}"), "dim"
        )


def table(found: Profile, width: int) -> Table:
    """Every node with its cost; the last row is what all rows before it make together."""
    from rich.text import Text

    from nodegraph.cli import flame
    from nodegraph.cli.meters import bar
    from nodegraph.cli.terminal import columns, printable

    head = ("node", "type", "mean µs", "of tick", "", "worst µs", "runs/tick")
    made = columns("cyan", "", ">", ">", "", ">dim", ">dim", head=head)
    colour = flame.colours(found)
    cells = min(max(width - _OTHERS, _BARS[0]), _BARS[1])
    longest = max([found.rest, *(node.mean for node in found.nodes)])

    def row(name: str, type_: str, mean: float, style: str, *last: str) -> None:
        filled = bar(mean / longest, cells, style) if style else ""
        share = f"{mean / found.mean:.1%}"
        made.add_row(Text(printable(name)), type_, f"{mean * 1e6:.2f}", share, filled, *last)

    for node in found.nodes[:MOST_ROWS]:
        last = f"{node.worst * 1e6:.1f}", f"{node.runs:.2f}".rstrip("0").rstrip(".")
        row(node.node, node.type, node.mean, colour[node.family], *last)
    if others := found.nodes[MOST_ROWS:]:
        row(f"and {len(others)} more", "", sum(node.mean for node in others), "white")
    row(flame.REST, "", found.rest, "white")
    row("tick", "", found.mean, "", f"{found.worst * 1e6:.1f}")
    return made


def _facts(found: Profile, shared: Mapping[str, str], constants: list[str]) -> dict[str, object]:
    return {
        "ticks": found.ticks,
        "measured": found.measured,
        "dt": found.dt,
        "mean": found.mean,
        "worst": found.worst,
        "undisturbed": found.undisturbed,
        "rest": found.rest,
        "families": found.families,
        "nodes": [
            {
                "node": node.node,
                "type": node.type,
                "mean": node.mean,
                "share": node.mean / found.mean,
                "worst": node.worst,
                "runs": node.runs,
            }
            for node in found.nodes
        ],
        "shared": dict(shared),
        "constants": constants,
    }
