"""Writes golden/onsets.json: when other people's libraries hear something begin in the sounds of
`rhythm_kit`.

    pip install librosa==0.11.0 aubio-ledfx==0.4.12
    PYTHONPATH=tests python tests/nodes/onset_golden.py

The tests read the file and need none of these libraries. Both run with their own defaults.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import aubio
import librosa
from rhythm_kit import Played, drum_track, melody

PATH = Path(__file__).parent / "golden" / "onsets.json"
RATE, SIZE, HOP = 48_000, 2048, 512


def played() -> dict[str, Played]:
    """The sounds by the names that they have in the file."""
    drums = {f"{kit} {n}": drum_track(kit, n, music) for kit, n, music in CASES}
    return {**drums, **{kind: melody(kind, RATE) for kind in ("plucked", "slurred", "trembling")}}


CASES = (("machine", 1, 0.0), ("wood", 1, 0.0), ("floor", 1, 0.0), ("wood", 2, 0.4))


def _aubio(song: Played, method: str) -> list[float]:
    heard = aubio.onset(method, SIZE, HOP, RATE)
    starts = range(0, len(song.sound) - HOP + 1, HOP)
    return [
        round(heard.get_last_s(), 4)
        for start in starts
        if heard(song.sound[start : start + HOP])[0]
    ]


def _librosa(song: Played) -> list[float]:
    times = librosa.onset.onset_detect(y=song.sound, sr=RATE, hop_length=HOP, units="time")
    return [round(float(time), 4) for time in times]


def main() -> None:
    """Write the file."""
    made: dict[str, object] = {
        "made by": {name: version(name) for name in ("librosa", "aubio-ledfx", "numpy")}
    }
    for name, song in played().items():
        made[name] = {
            "librosa": _librosa(song),
            **{method: _aubio(song, method) for method in ("energy", "hfc", "complex")},
        }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(it)}" for name, it in made.items())
    PATH.write_text(f"{{\n{lines}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
