"""`nodegraph devices NAME`: hear an input, and show how loud each of its channels is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Final

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from nodegraph.audio.device import DeviceSource
from nodegraph.audio.devices import Device
from nodegraph.cli.meters import bar
from nodegraph.cli.terminal import printable, say
from nodegraph.errors import AudioError
from nodegraph.words import plural

_EVERY: Final = 0.05
_PLAIN: Final = 20  # looks between two lines where there is no terminal
_FLOOR: Final = -60.0  # dB at the left end of a meter
_FALL: Final = 20.0  # dB a second by which a peak falls


def show_level(console: Console, device: Device, seconds: float | None) -> None:
    """Until interrupted, or for so many seconds. Raises `AudioError`."""
    with closing(DeviceSource(device, {}, device.rate)) as source:
        levels = _levels(source, seconds)
        if not console.is_terminal:
            for peaks in islice(levels, _PLAIN, None, _PLAIN):
                told = ", ".join(f"{peak:.1f}" for peak in peaks)
                say(console, f"{printable(str(device))}: {told} dB")
            return
        with Live(console=console, auto_refresh=False) as live:
            for peaks in levels:
                live.update(_face(source, peaks), refresh=True)


def _levels(source: DeviceSource, seconds: float | None) -> Iterator[list[float]]:
    """The peak of each channel in dB, again and again; they fall slowly, for eyes to follow."""
    began, count = time.monotonic(), round(_EVERY * source.device.rate)
    shown = np.full(source.channels, -120.0)
    while seconds is None or time.monotonic() - began < seconds:
        if source.lost:
            raise AudioError(source.lost)
        peaks = np.abs(source.read(count)).max(axis=0)
        now = 20.0 * np.log10(np.maximum(peaks, 1e-6))
        shown = np.maximum(now, shown - _FALL * _EVERY)
        yield shown.tolist()
        source.wait(2.0 * _EVERY)


def _face(source: DeviceSource, peaks: list[float]) -> Group:
    rows = [
        Text.assemble(
            (f"{number:>4}  ", "dim"),
            bar(1.0 - peak / _FLOOR, style="red" if peak > -0.1 else "green"),
            f"  {peak:6.1f} dB",
        )
        for number, peak in enumerate(peaks, 1)
    ]
    lost = source.overflows
    told = source.complaint or (f"sound was lost {plural(lost, 'time')}" if lost else "")
    return Group(Text(printable(str(source.device)), "bold"), *rows, Text(told, "yellow"))
