"""Our beat tracker and those of others, side by side over clips with known beats.

    python tests/bench/bench_beats.py CLIPS [--peers PYTHON] [--keep FOLDER] [--every N]

CLIPS holds `audio/*` and, of the same names, `ann/*.json` with `group` and `beats` (seconds). It
needs mir_eval. PYTHON is an interpreter that has the peers (`beat_peers.py`); this one by default.
FOLDER keeps what they told of each clip, so that a run may be interrupted and repeated.

A beat counts when it could first have been acted upon: at its time, or when it was announced if
that was later. Figures are mir_eval's (Raffel et al., ISMIR 2014; Davies, Degara, Plumbley, 2009):
F within 70 ms, CMLt and AMLt, and the false beats a minute of clips that have none.
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
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from beat_peers import PEERS, UNAVAILABLE
from numpy.typing import NDArray

from nodegraph.audio.file import FileSource
from nodegraph.cli.beats import beats_in, listen

RATE = 44_100
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
    true, lived = measure.trim_beats(true), measure.trim_beats(lived)
    if len(lived) < 2:
        return Score(0.0, 0.0, 0.0)
    _, cmlt, _, amlt = measure.continuity(true, lived)
    return Score(float(measure.f_measure(true, lived)), float(cmlt), float(amlt))


def mean(scores: Iterable[Score]) -> Score:
    """Each figure in the mean of those scores that have it."""
    columns = zip(*((s.f, s.cmlt, s.amlt, s.false_per_minute) for s in scores), strict=True)
    known = ([value for value in column if value is not None] for column in columns)
    return Score(*(float(np.mean(column)) if column else None for column in known))


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


def table(results: Mapping[str, Mapping[str, Score]], sizes: Mapping[str, int]) -> str:
    """One row a group, four columns a tracker."""
    head = "".join(f"{name:>30}" for name in results)
    names = "".join(f"{word:>7}" for word in ("F", "CMLt", "AMLt")) + f"{'false/min':>9}"
    lines = [f"{'':24}{head}", f"{'':24}{names * len(results)}"]
    for group, size in sizes.items():
        cells = ""
        for scores in results.values():
            one = scores[group]
            for value, form in ((one.f, "7.3f"), (one.cmlt, "7.3f"), (one.amlt, "7.3f")):
                cells += format(value, form) if value is not None else f"{'-':>7}"
            false = one.false_per_minute
            cells += f"{false:9.1f}" if false is not None else f"{'-':>9}"
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
