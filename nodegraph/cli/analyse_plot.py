"""A piece of music as one picture: how it sounds, what was heard in it, and when."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nodegraph.cli.analysis import Analysis
from nodegraph.cli.plot import figure_of, literal, save
from nodegraph.runtime.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating]

_INK, _SOFT, _LINE = "#1f3a5f", "#9db8d9", "#b3261e"
_THREE = {"low": "#b3261e", "mid": "#c98a1b", "high": "#2b6cb0"}
_SECTIONS = ("#dce8f5", "#f6e3cf", "#e0efdc", "#efe0ee")
_POINTS = 1200
"""Columns that the picture has room for."""
_SIZE = 4096
_WINDOW = np.hanning(_SIZE + 1)[:-1].astype(np.float32) * np.float32(4.0 / _SIZE)
_PITCHES = np.geomspace(30.0, 16000.0, 161)
"""Hz between the rows of the spectrogram."""
_DEPTH = 70.0
_HEIGHTS = {"waveform": 1.1, "spectrogram": 2.4, "bands": 1.2, "strokes": 1.5, "parts": 1.0}


def draw(audio: str, trace: Trace, found: Analysis, path: Path) -> None:
    """Write the picture of a file (or "demo"). Raises `NodegraphError` if matplotlib is missing or
    refuses the file."""
    figure = figure_of((13.0, 9.0))
    rows = figure.subplots(len(_HEIGHTS), 1, sharex=True, height_ratios=list(_HEIGHTS.values()))
    waveform, spectrogram, bands, strokes, parts = rows
    seen = look(audio, trace.rate, trace.duration)
    _waveform(waveform, seen)
    _spectrogram(spectrogram, seen)
    _bands(bands, trace)
    _strokes(strokes, found)
    _parts(parts, found)
    for axis in rows:
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(length=0, labelsize=8, colors="#555555")
        for at, _ in found.sections[1:]:
            axis.axvline(at, color="#444444", linewidth=0.8, linestyle=(0, (4, 3)))
        for at in found.drops:
            axis.axvline(at, color=_LINE, linewidth=1.2)
    parts.set_xlim(0.0, max(trace.duration, 1e-9))
    parts.set_xlabel("seconds", fontsize=9, color="#555555")
    tempo = f", {found.bpm:.1f} beats a minute" if found.bpm else ""
    name = "Demo track" if audio == "demo" else Path(audio).name
    figure.suptitle(literal(name + tempo), fontsize=12, x=0.01, ha="left")
    save(figure, path)


def _name(axis: Axes, name: str) -> None:
    axis.set_title(name, fontsize=8.5, loc="left", pad=3, color="#222222")


class Seen(NamedTuple):
    """Of each column of the picture: when it begins and the last one ends (s), the least and the
    greatest sample, the RMS, and decibels[rows, columns], the greatest spectrum in it."""

    edges: Floats
    low: Floats
    high: Floats
    rms: Floats
    decibels: Floats


def look(audio: str, rate: int, duration: float) -> Seen:
    """Read a sound column by column; its channels are mixed. Raises `AudioError`."""
    from nodegraph.audio.file import FileSource

    path = "" if audio == "demo" else str(Path(audio).absolute())
    source = FileSource({"path": path}, rate, Path())
    width = max(_SIZE // 2, ceil(duration * rate / _POINTS))
    count = max(1, ceil(duration * rate / width))
    starts = np.round(_PITCHES / (rate / _SIZE)).astype(int).clip(0, _SIZE // 2)
    low, high, rms, levels = [], [], [], []
    before = np.zeros(_SIZE // 2, np.float32)
    for _ in range(count):
        new = source.read(width).mean(axis=1)
        frames = sliding_window_view(np.concatenate((before, new)), _SIZE)[:: _SIZE // 2]
        before = new[-(_SIZE // 2) :]
        magnitude = np.abs(np.fft.rfft(frames * _WINDOW, axis=1)).max(axis=0)
        levels.append(np.maximum.reduceat(magnitude, starts)[:-1])
        low.append(new.min())
        high.append(new.max())
        rms.append(np.sqrt(np.mean(new**2)))
    source.close()
    decibels = 20.0 * np.log10(np.maximum(np.stack(levels, axis=1), 1e-6))
    edges = np.arange(count + 1) * (width / rate)
    return Seen(edges, np.array(low), np.array(high), np.array(rms), decibels)


def _waveform(axis: Axes, seen: Seen) -> None:
    times = 0.5 * (seen.edges[1:] + seen.edges[:-1])
    axis.fill_between(times, seen.low, seen.high, color=_SOFT, linewidth=0)
    axis.fill_between(times, -seen.rms, seen.rms, color=_INK, linewidth=0)
    axis.set_yticks([])
    _name(axis, "waveform, and in dark its RMS")


def _spectrogram(axis: Axes, seen: Seen) -> None:
    top = float(seen.decibels.max())
    axis.pcolormesh(seen.edges, _PITCHES, seen.decibels, vmin=top - _DEPTH, vmax=top, cmap="magma")
    axis.set_yscale("log")
    axis.set_yticks([100, 1000, 10000], ["100 Hz", "1 kHz", "10 kHz"])
    axis.minorticks_off()
    _name(axis, f"spectrogram, {_DEPTH:.0f} dB from dark to bright")


def _bands(axis: Axes, trace: Trace) -> None:
    starts = np.arange(0, len(trace), max(1, -(-len(trace) // _POINTS)))
    for name, colour in _THREE.items():
        levels = np.maximum.reduceat(trace[f"three.{name}"], starts)
        levels = levels / max(float(levels.max()), 1e-9)
        axis.plot(trace.times[starts], levels, color=colour, linewidth=0.9, label=name)
    axis.set_yticks([])
    axis.legend(loc="upper right", fontsize=7, ncols=3, frameon=False, bbox_to_anchor=(1, 1.25))
    _name(axis, "bands: each beside its own greatest")


def _strokes(axis: Axes, found: Analysis) -> None:
    beats = [beat.time for beat in found.beats]
    bars = [beat.time for beat in found.beats if beat.position == 1]
    rows = {"onset": found.onsets, **found.drums, "beat": beats, "bar": bars}
    colours = [_SOFT, _THREE["low"], _THREE["mid"], _THREE["high"], _INK, _INK]
    times: Sequence[Any] = list(rows.values())
    axis.eventplot(times, colors=colours, linelengths=0.75, linewidths=_thin(found))
    axis.set_yticks(range(len(rows)), [f"{name} {len(at)}" for name, at in rows.items()])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    _name(axis, "onsets, drums and beats, and how many")


def _thin(found: Analysis) -> float:
    """A line as wide as leaves room between strokes."""
    return float(np.clip(60.0 / max(found.seconds, 1.0), 0.25, 1.0))


def _parts(axis: Axes, found: Analysis) -> None:
    for number, (begin, end) in enumerate(found.sections):
        axis.barh(0, end - begin, 0.8, begin, color=_SECTIONS[number % len(_SECTIONS)])
        if end - begin > 0.03 * found.seconds:
            axis.text(begin, 0, f" {number + 1}", va="center", fontsize=8, clip_on=True)
    for begin, end in found.breakdowns:
        axis.barh(1, end - begin, 0.8, begin, color=_SOFT)
    axis.plot(found.drops, [1.0] * len(found.drops), "v", color=_LINE, markersize=8)
    axis.set_yticks([0, 1], ["section", "breakdown, drop"])
    axis.set_ylim(1.5, -0.5)
    _name(axis, "sections, breakdowns and drops")
