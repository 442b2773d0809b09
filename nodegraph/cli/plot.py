"""A trace as a picture: what moved most, when triggers came, how texts followed each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.cli.facts import change_ticks
from nodegraph.cli.guard import writing
from nodegraph.errors import NodegraphError
from nodegraph.runtime.trace import Trace
from nodegraph.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVES = 10
ROWS = 8
"""At most so many curves, rows of triggers and rows of texts: more cannot be read."""

_INK, _SOFT, _GRID = "#1f3a5f", "#9db8d9", "#e4e4e4"
_BANDS = ("#dce8f5", "#f6e3cf", "#e0efdc", "#efe0ee")
_POINTS = 1200


def draw(trace: Trace, path: Path) -> None:
    """Write the picture. Raises `NodegraphError` if matplotlib is missing or refuses the file."""
    curves = telling(trace, CURVES)
    ticks = [port for port in _of_kind(trace, "trigger") if trace[port].any()][:ROWS]
    texts = [p for p in _of_kind(trace, "string", "prompts", "theme") if len(set(trace[p])) > 1]
    texts = texts[:ROWS]
    heights = [1.0] * len(curves) + [0.35 + 0.22 * len(rows) for rows in (ticks, texts) if rows]
    if not heights:
        raise NodegraphError(f"{path} is not drawn: nothing in the trace ever changes")
    figure = figure_of((13.0, 1.0 + 0.95 * sum(heights)))
    axes = list(
        figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    )
    for axis, port in zip(axes, curves, strict=False):
        _curve(axis, trace, port)
    if ticks:
        _triggers(axes[len(curves)], trace, ticks)
    if texts:
        _texts(axes[-1], trace, texts)
    for axis in axes:
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(length=0, labelsize=8, colors="#555555")
        axis.grid(axis="x", color=_GRID, linewidth=0.8)
        axis.set_axisbelow(True)
    axes[-1].set_xlim(0, max(trace.duration, 1e-9))
    axes[-1].set_xlabel("seconds", fontsize=9, color="#555555")
    figure.suptitle(literal(trace.title or path.stem), fontsize=12, x=0.01, ha="left")
    save(figure, path)


def figure_of(inches: tuple[float, float]) -> Figure:
    """An empty picture. Raises `NodegraphError` if matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise NodegraphError(
            "plots need matplotlib, which is not installed: pip install 'nodegraph[plot]'"
        ) from None
    return Figure(figsize=inches, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a picture. Raises `NodegraphError` if it cannot be, or matplotlib refuses the file."""
    try:
        with writing(path):
            figure.savefig(path, dpi=110)
    except ValueError as error:
        raise NodegraphError(f"{path} is not drawn: {error}") from None


def telling(trace: Trace, most: int) -> list[str]:
    """The numeric columns that together tell most, in the order of their names.

    Columns are scaled to unit range, and the next one is always that which those before, a constant
    and time explain least: QR with column pivoting (Businger and Golub, 1965). So a smoothed copy
    comes late, and a steady ramp last.
    """
    ports = [port for port in sorted(trace.columns) if trace.kinds[port] in ("number", "boolean")]
    ports = [port for port in ports if len(trace) and np.ptp(trace[port]) > 0]
    if len(ports) <= most:
        return ports
    step = max(1, len(trace) // 4000)
    rest = np.array([trace[port][::step] / np.ptp(trace[port]) for port in ports])
    rest -= rest.mean(axis=1, keepdims=True)
    time = np.linspace(-1.0, 1.0, rest.shape[1])
    rest = _without(rest, time)
    chosen: list[int] = []
    for _ in range(most):
        power = (rest**2).sum(axis=1)
        power[chosen] = -1.0
        chosen.append(int(power.argmax()))
        rest = _without(rest, rest[chosen[-1]])
    return [ports[i] for i in sorted(chosen)]


def _without(rows: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """What is left of rows when all that is like a known one is taken away."""
    power = float(known @ known)
    return rows - np.outer(rows @ known, known) / power if power > 0 else rows


def _of_kind(trace: Trace, *kinds: str) -> list[str]:
    return [port for port in sorted(trace.columns) if trace.kinds[port] in kinds]


def _curve(axis: Axes, trace: Trace, port: str) -> None:
    """A line through the means, and a shade from least to greatest where ticks are too dense."""
    times, low, mean, high = _reduced(trace.times, trace[port])
    if trace.kinds[port] == "boolean":
        axis.fill_between(times, mean, step="mid", color=_SOFT, linewidth=0)
    else:
        axis.fill_between(times, low, high, color=_SOFT, linewidth=0)
        axis.plot(times, mean, color=_INK, linewidth=0.9)
    axis.yaxis.set_major_locator(_few_ticks())
    _name(axis, port)


def _reduced(times: NDArray[Any], column: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Time, least, mean and greatest of each run of ticks that falls on one point."""
    starts = np.arange(0, len(column), max(1, -(-len(column) // _POINTS)))
    sizes = np.diff([*starts, len(column)])
    mean = np.add.reduceat(column, starts) / sizes
    low, high = np.minimum.reduceat(column, starts), np.maximum.reduceat(column, starts)
    return times[starts], low, mean, high


def _triggers(axis: Axes, trace: Trace, ports: list[str]) -> None:
    moments = [trace.times[trace[port] > 0] for port in ports]
    axis.eventplot(moments, colors=_INK, linelengths=0.7, linewidths=0.8)
    _rows(axis, ports)
    _name(axis, "triggers")


def _texts(axis: Axes, trace: Trace, ports: list[str]) -> None:
    """A band for as long as a text stands, with the text in it where there is room."""
    for row, port in enumerate(ports):
        column = trace[port]
        starts = [0, *change_ticks(column).tolist()]
        edges = np.array([0.0, *trace.times[starts[1:]], trace.duration])
        seen: dict[object, int] = {}
        for start, left, right in zip(starts, edges, edges[1:], strict=False):
            number = seen.setdefault(column[start], len(seen))
            axis.barh(row, right - left, 0.8, left, color=_BANDS[number % len(_BANDS)])
            room = int(190 * (right - left) / max(trace.duration, 1e-9))
            text = words(column[start])
            if room > 3 and text:
                cut = text if len(text) <= room else text[: room - 1] + "…"
                axis.text(left, row, f" {literal(cut)}", va="center", fontsize=7, clip_on=True)
    _rows(axis, ports)
    _name(axis, "texts")


def _rows(axis: Axes, ports: list[str]) -> None:
    axis.set_yticks(range(len(ports)), [literal(port) for port in ports])
    axis.set_ylim(len(ports) - 0.5, -0.5)


def _name(axis: Axes, name: str) -> None:
    axis.set_title(literal(name), fontsize=8.5, loc="left", pad=3, color="#222222")


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)


def literal(text: str) -> str:
    """A text that matplotlib shows as it is: a dollar sign would begin a formula."""
    return text.replace("$", r"\$")
