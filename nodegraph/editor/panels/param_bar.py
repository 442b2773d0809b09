"""The bar under a param's number: where it stands in its range, and what a wire makes of it."""

from __future__ import annotations

from typing import Final, NamedTuple

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.look.colours import CLEAR, Colour, faded
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import share
from nodegraph.nodetype import Param

HEIGHT: Final = 3
HEIGHT_DRIVEN: Final = 7


class Driven(NamedTuple):
    """What a wire brings to a param: now, and at the least and the most in the last seconds; each
    0..1 of the param's range."""

    now: float
    least: float
    most: float


def driven(param: Param, past: NDArray[np.float64]) -> Driven | None:
    """What a port's past, the oldest first, means for the param; None while nothing is known."""
    known = past[np.isfinite(past)]
    if not len(known):
        return None
    now, least, most = float(known[-1]), float(known.min()), float(known.max())
    return Driven(share(now, param), share(least, param), share(most, param))


def draw(
    look: Look, bar: str, width: int, at: float, by: Driven | None, *, is_driven: bool, is_set: bool
) -> None:
    """Draw on a drawlist: what is set, 0..1, as a line, or, if the param is driven, as a tick under
    the range of what drives it."""
    c, height = look.colours, look.px(HEIGHT_DRIVEN if is_driven else HEIGHT)
    thick, middle = look.px(HEIGHT), height / 2
    dpg.delete_item(bar, children_only=True)
    dpg.configure_item(bar, width=width, height=height)

    def line(a: float, b: float, colour: Colour) -> None:
        ends = (a * width, middle), (b * width, middle)
        dpg.draw_line(*ends, color=colour, thickness=thick, parent=bar)

    line(0.0, 1.0, c.line)
    if not is_driven:
        line(0.0, at, c.accent if is_set else c.faint)
        return
    tone = c.kind("number")
    if by is not None:
        line(by.least, by.most, faded(tone, 0.45))
    x = min(max(at * width, 1.0), width - 1.0)
    dpg.draw_line((x, 0), (x, height), color=c.dim, thickness=look.px(2), parent=bar)
    if by is not None:
        x = min(max(by.now * width, middle), width - middle)
        dpg.draw_circle((x, middle), middle, fill=tone, color=CLEAR, parent=bar)
