"""Our beat tracker and those of others, side by side over clips with known beats.

    python tests/bench/bench_beats.py CLIPS [--peers PYTHON] [--keep FOLDER] [--every N]

CLIPS holds `audio/*` and, of the same names, `ann/*.json` with `group` and `beats` (seconds). It
needs mir_eval. PYTHON is an interpreter that has the peers (`beat_peers.py`); this one by default.
FOLDER keeps what they told of each clip, so that a run may be interrupted and repeated, also with
another PYTHON for another peer.

A beat counts when it could first have been acted upon: at its time, or when it was announced if
that was later. Figures are mir_eval's (Raffel et al., ISMIR 2014; Davies, Degara, Plumbley, 2009):
F within 70 ms, CMLt and AMLt; the false beats a minute of clips that have none; and the seconds
from the first beat until six in a row are met, in the median.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import wave
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from beat_peers import PEERS, UNAVAILABLE
from numpy.typing import NDArray

from nodegraph.audio.file import FileSource
from nodegraph.cli.beats import beats_in, listen

RATE = 44_100
_RUN = 6
"""So many beats in a row that are met are no chance."""
Told = Sequence[tuple[float, float]]
"""Beats as (time, announced), s."""


@dataclass(frozen=True)
class Clip:
    """A sound with known beats (s); none at all if it has no beat."""

    name: str
    group: str
    audio: Path
    beats: NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """How well a tracker did on a clip, or in the mean of some. None where it does not apply."""

    f: float | None = None
    cmlt: float | None = None
    amlt: float | None = None
    false_per_minute: float | None = None
    lock: float | None = None
    """Seconds until beats are met, infinite if they never are."""


def clips_in(folder: Path) -> list[Clip]:
    """The clips of a folder, by name."""
    sounds = {path.stem: path for path in (folder / "audio").iterdir()}
    found = []
    for path in sorted((folder / "ann").glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))
        beats = np.asarray(facts["beats"], float)
        found.append(Clip(path.stem, facts["group"], sounds[path.stem], beats))
    return found


def score(true: NDArray[np.float64], told: Told, seconds: float) -> Score:
    """How well beats were told, as they were lived."""
    from mir_eval import beat as measure

    lived = np.unique([max(time, announced) for time, announced in told])
    if len(true) < 2:
        return Score(false_per_minute=float(np.sum(lived < seconds)) / seconds * 60.0)
    lock = seconds_to_lock(true, lived)
    true, lived = measure.trim_beats(true), measure.trim_beats(lived)
    if len(lived) < 2:
        return Score(0.0, 0.0, 0.0, lock=lock)
    _, cmlt, _, amlt = measure.continuity(true, lived)
    return Score(float(measure.f_measure(true, lived)), float(cmlt), float(amlt), lock=lock)


def seconds_to_lock(true: NDArray[np.float64], lived: NDArray[np.float64]) -> float:
    """From the first beat to the first of six in a row that were met: told once each, in time."""
    gaps = np.gradient(true)
    first, last = np.searchsorted(lived, (true - gaps / 2, true + gaps / 2))
    near = np.append(lived, np.inf)[first] - true
    met = (last - first == 1) & (np.abs(near) <= np.minimum(0.07, 0.175 * gaps))
    runs = np.flatnonzero(np.convolve(met, np.ones(_RUN), "valid") == _RUN)
    return float(true[runs[0]] - true[0]) if runs.size else np.inf


def mean(scores: Iterable[Score]) -> Score:
    """Each figure in the mean of those scores that have it, the time to lock in the median."""
    columns = zip(*map(astuple, scores), strict=True)
    known = ([value for value in column if value is not None] for column in columns)
    kinds = (np.mean, np.mean, np.mean, np.mean, np.median)
    pairs = zip(kinds, known, strict=True)
    return Score(*(float(kind(column)) if column else None for kind, column in pairs))


def decoded(clip: Clip) -> NDArray[np.float32]:
    """The sound as float32[samples], mono, at `RATE`."""
    source = FileSource({"path": str(clip.audio.absolute())}, RATE, Path())
    sound = source.read(round((source.duration or 0.0) * RATE))
    source.close()
    return sound.mean(axis=1)


def our_beats(clips: Sequence[Clip]) -> dict[str, Told]:
    """What `beat.tracker` tells in a show, by clip."""
    return {
        clip.name: [(beat.time, beat.announced) for beat in beats_in(listen(clip.audio))]
        for clip in clips
    }


def peer_beats(peer: str, python: str, clips: Sequence[Clip], kept: Path) -> dict[str, Told]:
    """What another tracker tells, or has told before and is kept in a folder, clip by clip.

    Raises `CalledProcessError`, with its errors, if it cannot be run.
    """
    kept.mkdir(parents=True, exist_ok=True)
    missing = [clip for clip in clips if not (kept / f"{clip.name}.json").exists()]
    program = str(Path(__file__).with_name("beat_peers.py"))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as errors:
        paths = [Path(folder) / f"{clip.name}.wav" for clip in missing]
        for clip, path in zip(missing, paths, strict=True):
            write_sound(path, decoded(clip))
        call = [python, program, peer, *map(str, paths)]
        with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=errors, text=True) as running:
            assert running.stdout is not None
            for clip, line in zip(missing, running.stdout, strict=False):
                half = kept / f"{clip.name}.part"
                half.write_text(line, "utf-8")
                half.replace(half.with_suffix(".json"))
        if running.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(running.returncode, call, stderr=errors.read())
    return {
        clip.name: json.loads((kept / f"{clip.name}.json").read_text("utf-8")) for clip in clips
    }


def write_sound(path: Path, sound: NDArray[np.float32]) -> None:
    """A mono WAV file of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).clip(-32768, 32767).astype("<i2"))


def by_group(clips: Sequence[Clip], told: Mapping[str, Told]) -> dict[str, Score]:
    """The scores by group, those of all clips under "all"."""
    scores = defaultdict(list)
    for clip in clips:
        one = score(clip.beats, told[clip.name], len(decoded(clip)) / RATE)
        scores["all"].append(one)
        scores[clip.group].append(one)
    return {group: mean(some) for group, some in scores.items()}


_COLUMNS = (("F", 7, 3), ("CMLt", 7, 3), ("AMLt", 7, 3), ("false/min", 10, 1), ("lock", 6, 1))
"""The figures of a score as they are printed: name, width, places after the point."""


def table(results: Mapping[str, Mapping[str, Score]], sizes: Mapping[str, int]) -> str:
    """One row a group, five columns a tracker."""
    width = sum(width for _, width, _ in _COLUMNS)
    names = "".join(f"{name:>{width}}" for name, width, _ in _COLUMNS)
    head = "".join(f"{name:>{width}}" for name in results)
    lines = [f"{'':24}{head}", f"{'':24}{names * len(results)}"]
    for group, size in sizes.items():
        cells = ""
        for scores in results.values():
            for value, (_, wide, places) in zip(astuple(scores[group]), _COLUMNS, strict=True):
                cells += f"{'-':>{wide}}" if value is None else f"{value:{wide}.{places}f}"
        lines.append(f"{group:18}{size:6}{cells}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all that can be run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", type=Path)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for what the peers told")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th clip only")
    chosen = parser.parse_args(arguments)
    if not (chosen.clips / "ann").is_dir():
        sys.exit(f"{chosen.clips} has no folder `ann` of true beats: nothing is measured")
    clips = clips_in(chosen.clips)[:: chosen.every]
    begun = perf_counter()
    results = {"nodegraph": by_group(clips, our_beats(clips))}
    sys.stdout.write(f"{len(clips)} clips; ours took {perf_counter() - begun:.0f} s\n")
    with tempfile.TemporaryDirectory() as passing:
        for peer in PEERS:
            kept = (chosen.keep or Path(passing)) / peer
            try:
                results[peer] = by_group(clips, peer_beats(peer, chosen.peers, clips, kept))
            except subprocess.CalledProcessError as error:
                why = error.stderr.strip().splitlines()[-1]
                sys.stdout.write(f"{peer} is left out: {why}\n")
    for peer, why in UNAVAILABLE.items():
        sys.stdout.write(f"{peer} is left out: {why}\n")
    sizes = {"all": len(clips)}
    for clip in clips:
        sizes[clip.group] = sizes.get(clip.group, 0) + 1
    sys.stdout.write(table(results, dict(sorted(sizes.items()))) + "\n")


if __name__ == "__main__":
    main()
