"""What the default patches do to the picture over many songs, and which numbers they meet there.

    python tests/bench/bench_themes.py [SOUND ...] [--every N] [--jobs N]

A SOUND is a file, or a folder with sounds at any depth; without any it is the music of the
benchmarks beside this project, if that is there. The demo track is always heard. Prints a row for
each number: in how many songs it is met, in how many there is nothing to judge, and the worst ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Theme, Trace
from nodegraph.audio.file import FileSource
from nodegraph.cli.beats import beats_in, show_rate
from nodegraph.cli.listening import MOST_CHANGES, Report, report
from nodegraph.graph import Node, Patch, Port, Wire, load
from nodegraph.graph.frozen import JSON
from nodegraph.host import offline
from nodegraph.plugins import find
from nodegraph.shipped import patch_path

MUSIC = Path(__file__).parents[3] / "shared" / "bench"
SOUNDS = {".aiff", ".flac", ".mp3", ".ogg", ".wav"}
DEFAULT = ("journey", "demo")
GENTLE = "gentle_"
"""Stands before the name of a patch that is played once more, with little push."""

Samples = NDArray[np.float32]

PLAYED = (*DEFAULT, *(GENTLE + name for name in DEFAULT))
WATCHED = ("beat", "both", "energy", "sparkle", "steer", "theme", "tint")
RATES = (44_100, 48_000)
BLOCKS = (512, 1024)
SILENCE = 24.0
"""Seconds of it after the last ones of a song; in the last `QUIET` of them nothing may happen."""

QUIET = 8.0

LOOK, STEP = 12.0, 0.05
"""Seconds for which one look may be another in two runs, and after which they are asked again."""

STEADY = 0.02
"""A sound whose brightness moves by less has none to show: the patch stretches no smaller range."""


class Run(NamedTuple):
    """What a patch did with a song, and what is told of it."""

    trace: Trace
    report: Report


class Heard(NamedTuple):
    """A song through one patch: as it is, and otherwise."""

    usual: Run
    other_rate: Run
    other_block: Run
    gentle: Run
    hushed: Run


class Told(NamedTuple):
    """Whether a number is met, and what it is."""

    met: bool
    value: float


def at_most(limit: float, value: float) -> Told:
    return Told(value <= limit + 1e-9, value)


def at_least(limit: float, value: float) -> Told:
    return Told(value >= limit - 1e-9, value)


def spread(column: NDArray[np.float64]) -> float:
    low, high = np.percentile(column, (5.0, 95.0))
    return float(high - low)


def prompt_changes(heard: Heard) -> Told:
    """In the mean, and in the minute that has the most."""
    found = heard.usual.report
    return at_most(MOST_CHANGES, max(found.prompt_changes_per_minute, found.busiest_minute))


def prompts_used(heard: Heard) -> Told | None:
    if not heard.usual.report.beats:  # no music
        return None
    return at_least(0.5, heard.usual.report.movement("prompts").used)


def brightness_used(heard: Heard) -> Told | None:
    trace = heard.usual.trace
    if "sparkle.out" not in trace or spread(trace["tint.brightness"]) < STEADY:
        return None
    return at_least(0.5, spread(trace["sparkle.out"]))


def beat_seen(heard: Heard) -> Told | None:
    prompts = heard.usual.report.movement("prompts")
    return at_least(0.5, prompts.beat) if prompts.beat else None


def snap_back(heard: Heard) -> Told:
    """The most that the theme which comes in, or has come, loses from one tick to the next."""
    column = "steer.theme" if "steer.theme" in heard.usual.trace else "theme.theme"
    shown = zip(heard.usual.trace[column], heard.usual.trace["steer.prompts"], strict=True)
    shares = [
        (theme, sum(prompt.weight for prompt in prompts if prompt.text in texts_of(theme)))
        for theme, prompts in shown
    ]
    lost = [was - now for (one, was), (two, now) in pairwise(shares) if one is two]
    return at_most(0.01, max(lost, default=0.0))


def rates_apart(heard: Heard) -> Told:
    return at_most(0.15, apart(heard.usual, heard.other_rate))


def blocks_apart(heard: Heard) -> Told:
    return at_most(0.15, apart(heard.usual, heard.other_block))


def sent_in_silence(heard: Heard) -> Told:
    trace = heard.hushed.trace
    late = trace.times > trace.duration - QUIET
    sent = sum(bool(late[tick]) for tick, _ in trace.messages)
    return at_most(0.0, float(np.count_nonzero(trace["beat.beat"][late]) + sent))


def push_acts(heard: Heard) -> Told | None:
    if not heard.usual.report.beats:
        return None
    levels = (run.trace["steer.level"] for run in (heard.usual, heard.gentle))
    return at_least(0.02, float(np.abs(np.subtract(*levels)).mean()))


NUMBERS: Mapping[str, Callable[[Heard], Told | None]] = {
    f"new prompts a minute, at most {MOST_CHANGES:.0f}": prompt_changes,
    "of their range prompts use, at least 0.5": prompts_used,
    "of its range brightness uses, at least 0.5": brightness_used,
    "a beat moves prompts by at least 0.5": beat_seen,
    "a theme that comes in loses at most 0.01": snap_back,
    "44.1 and 48 kHz differ by at most 0.15": rates_apart,
    "blocks of 512 and 1024 by at most 0.15": blocks_apart,
    "beats and messages in silence: 0": sent_in_silence,
    "push moves the level by at least 0.02": push_acts,
}


@cache
def texts_of(theme: Theme) -> frozenset[str]:
    return frozenset((theme.text, *(theme.styled(each.text) for each in theme.variations)))


def apart(one: Run, other: Run) -> float:
    """How far two runs are from each other, as shares: in energy (the mean of it over time), in the
    range that prompts use, in how far a beat moves them; in the beats that do, but for one; in new
    prompts, of as many as there may be, and in the time with another look, but for one look that
    comes and goes; in the time with another theme. Energy that only touches the border of a look
    may call it or not.

    Which beat of a bar it is that moves them is not asked: of much music no tracker is sure of it.
    """
    end = min(one.trace.duration, other.trace.duration) - 0.1
    ticks = [np.searchsorted(run.trace.times, np.arange(0.1, end, STEP)) for run in (one, other)]
    port = "both.out" if "both.out" in one.trace else "energy.out"
    energies = [run.trace[port][at] for run, at in zip((one, other), ticks, strict=True)]
    shown = [shown_in(run.trace)[at] for run, at in zip((one, other), ticks, strict=True)]
    a, b = (run.report.movement("prompts") for run in (one, other))
    minutes = one.report.seconds / 60.0
    hits = abs(a.hits_per_minute - b.hits_per_minute) * minutes
    changes = one.report.prompt_changes_per_minute - other.report.prompt_changes_per_minute
    return max(
        float(np.abs(np.subtract(*energies)).mean()),
        abs(a.used - b.used),
        abs(a.beat - b.beat),
        (hits - 1.0) / max(a.hits_per_minute * minutes, b.hits_per_minute * minutes, 1.0),
        (abs(changes) * minutes - 2.0) / (MOST_CHANGES * minutes),
        *elsewhere(shown[0] != shown[1]),
    )


def shown_in(trace: Trace) -> NDArray[np.str_]:
    """str[ticks, 2]: the name of the theme, and the number of its look."""
    column = "steer.theme" if "steer.theme" in trace else "theme.theme"
    return np.stack([[theme.name for theme in trace[column]], trace["steer.look"].astype(str)], -1)


def elsewhere(differs: NDArray[np.bool_]) -> tuple[float, float]:
    """The share of the time in which the theme differs, and that in which the theme or its look
    does, but for the longest time in one piece, up to `LOOK`."""
    either = differs.any(axis=-1)
    ends = np.flatnonzero(np.diff(either, prepend=False, append=False))
    longest = min(int(np.diff(ends)[::2].max(initial=0)), round(LOOK / STEP))
    return differs[:, 0].mean().item(), (np.count_nonzero(either) - longest) / len(either)


@cache
def together(names: tuple[str, ...] = PLAYED) -> Patch:
    """All that is played as one patch, so that what is equal is done once: each has its name before
    those of its nodes, and steers a server of that name."""
    types = find().types
    nodes, wires, themes = dict[str, Node](), list[Wire](), dict[str, Mapping[str, JSON]]()
    for name in names:
        patch = load(patch_path(name.removeprefix(GENTLE)))
        named = {id: id if id == "song" else f"{name}_{id}" for id in patch.nodes}
        for id, node in patch.nodes.items():
            server = {"server": name} if "server" in types[node.type].params else {}
            mine = {"push": 0.2} if id == "steer" and name.startswith(GENTLE) else {}
            nodes[named[id]] = replace(node, params={**node.params, **mine, **server})
        for (source, out), (target, port) in patch.wires:
            wires.append(Wire(Port(named[source], out), Port(named[target], port)))
        themes |= patch.themes
    return Patch(nodes=nodes, wires=tuple(wires), themes=themes)


def played(samples: Samples, rate: int, block: int, names: tuple[str, ...]) -> dict[str, Trace]:
    """What each that is played does, under the names of its own nodes."""
    patch = together(names)
    watch = {f"{name}_{id}" for name in names for id in WATCHED} & patch.nodes.keys()
    offline.BLOCK = block
    whole = offline.render(patch, samples, rate=rate, watch=watch, strict=True)
    found = {}
    for name in names:
        mine = [port for port in whole if port.startswith(f"{name}_")]
        columns = {port.removeprefix(f"{name}_"): whole[port] for port in mine}
        kinds = {port.removeprefix(f"{name}_"): whole.kinds[port] for port in mine}
        sent = tuple(each for each in whole.messages if min(each[1].body).startswith(f"{name}:"))
        found[name] = replace(whole, columns=columns, kinds=kinds, messages=sent)
    return found


def samples_of(sound: str, rate: int) -> Samples:
    """A song as float32[samples, channels]."""
    source = FileSource({"path": sound}, rate, Path())
    found = source.read(round((source.duration or 0.0) * rate))
    source.close()
    return found


def runs(
    samples: Samples, rate: int, block: int = BLOCKS[0], names: tuple[str, ...] = DEFAULT
) -> dict[str, Run]:
    """What each that is played does, with its report."""
    found = played(samples, rate, block, names)
    beats = np.array([beat.time for beat in beats_in(found[DEFAULT[0]])], np.float64)
    return {name: Run(trace, report(trace, beats, server=name)) for name, trace in found.items()}


def heard(sound: str) -> dict[str, Heard]:
    """A song, by its path, through each of the default patches; "" is the demo track."""
    rate = (show_rate(sound, None) if sound else None) or RATES[1]
    song = samples_of(sound, rate)
    end = song[-round(10.0 * rate) :]
    silence = np.zeros((round(SILENCE * rate), song.shape[1]), np.float32)
    usual, other_block = runs(song, rate, names=PLAYED), runs(song, rate, BLOCKS[1])
    (other,) = {*RATES} - {rate}
    other_rate = runs(samples_of(sound, other), other)
    hushed = runs(np.concatenate([end, silence]), rate)
    return {
        name: Heard(
            usual[name], other_rate[name], other_block[name], usual[GENTLE + name], hushed[name]
        )
        for name in DEFAULT
    }


def judged(sound: str) -> dict[tuple[str, str], Told | None]:
    """Every number of a song, by its name and the patch."""
    return {
        (number, name): tell(found)
        for name, found in heard(sound).items()
        for number, tell in NUMBERS.items()
    }


def row(number: str, patch: str, told: Mapping[str, Told | None]) -> str:
    """A line of the table; `told` by song."""
    known = {song: each for song, each in told.items() if each is not None}
    missed = sorted((song for song in known if not known[song].met), key=lambda s: known[s].value)
    worst = [*missed[:1], *missed[-2:]] if len(missed) > 3 else missed
    names = ", ".join(f"{song} {known[song].value:.2f}" for song in worst)
    met = f"{len(known) - len(missed):4} of {len(known):4}{len(told) - len(known):6}"
    return f"{number:44}{patch:9}{met}  {names}".rstrip()


def sounds_in(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in inside if path.suffix in SOUNDS or path == place)


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear all songs, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sounds", type=Path, nargs="*", metavar="SOUND")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th song only")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at a time")
    chosen = parser.parse_args(arguments)
    places = chosen.sounds or [place for place in (MUSIC,) if place.is_dir()]
    if not places:
        sys.stdout.write("there is no music beside this project: only the demo track is heard\n")
    songs = {"demo": ""} | {path.stem: str(path) for path in sounds_in(places)}
    songs = dict([*songs.items()][:: chosen.every])
    with ProcessPoolExecutor(chosen.jobs) as pool:
        told = dict(zip(songs, pool.map(judged, songs.values()), strict=True))
    sys.stdout.write(f"{len(songs)} songs\n{'':53}     met      none  missed by\n")
    for key in told["demo"]:
        sys.stdout.write(row(*key, {song: each[key] for song, each in told.items()}) + "\n")


if __name__ == "__main__":
    main()
