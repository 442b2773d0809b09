"""Beat trackers of other people, each fed as it would be live; a program for any interpreter.

    PYTHON beat_peers.py aubio SOUND.wav …

prints a JSON object: for each file the list of [beat, announced], in seconds. It needs numpy and
the peer, and no part of this project, for some peers want an older Python than we do.
"""

from __future__ import annotations

import json
import sys
import wave

import numpy as np
from numpy.typing import NDArray

HOP = 512

UNAVAILABLE = {
    "BTrack": "the source package of its Python module lacks a part that its build asks for",
    "madmom": "its last release, 0.16.1, is for Python up to 3.9",
    "BeatNet": "needs madmom",
}
"""What cannot be had from the package index, and why."""


def aubio_beats(sound: NDArray[np.float32], rate: int) -> list[tuple[float, float]]:
    """aubio's tempo object with its defaults, hop by hop."""
    import aubio

    tempo = aubio.tempo("default", 2 * HOP, HOP, rate)
    ends = range(HOP, len(sound) + 1, HOP)
    return [
        (float(tempo.get_last_s()), end / rate) for end in ends if tempo(sound[end - HOP : end])[0]
    ]


PEERS = {"aubio": aubio_beats}


def read(path: str) -> tuple[NDArray[np.float32], int]:
    """A mono WAV file of 16 bits."""
    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(np.float32) / 32768.0, file.getframerate()


def main(peer: str, *paths: str) -> None:
    """Run one peer over some files."""
    json.dump({path: PEERS[peer](*read(path)) for path in paths}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
