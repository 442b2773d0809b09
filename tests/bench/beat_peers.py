"""Beat trackers of other people, each fed as it would be live; a program for any interpreter.

    PYTHON beat_peers.py aubio SOUND.wav …

prints a line of JSON for each file: the list of [beat, announced], in seconds. It needs numpy and
the peer, and no part of this project, for some peers want an older Python than we do:

    python3.9 -m venv madmom
    madmom/bin/pip install "numpy<1.24" "scipy<1.12" "cython<3" "setuptools<66" wheel mido
    madmom/bin/pip install --no-build-isolation madmom==0.16.1
    python3.11 -m venv aubio
    aubio/bin/pip install aubio-ledfx==0.4.12  # finds many more beats than aubio 0.4.9
"""

from __future__ import annotations

import json
import sys
import wave

import numpy as np
from numpy.typing import NDArray

WINDOW, HOP = 1024, 128
"""At which aubio does best, of windows of 512 to 4096 samples and hops of 128 to 512, and with the
default one of its onset methods."""

UNAVAILABLE = {
    "BTrack": "its Python module is in no package index (what PyPI calls btrack follows cells)",
    "BeatNet": "needs PyTorch and PyAudio beside madmom, which is too much for a bench",
}
"""What is not measured, and why."""


def aubio_beats(sound: NDArray[np.float32], rate: int) -> list[tuple[float, float]]:
    """aubio's tempo object, hop by hop."""
    import aubio

    tempo = aubio.tempo("default", WINDOW, HOP, rate)
    ends = range(HOP, len(sound) + 1, HOP)
    return [
        (float(tempo.get_last_s()), end / rate) for end in ends if tempo(sound[end - HOP : end])[0]
    ]


def madmom_beats(sound: NDArray[np.float32], rate: int) -> list[tuple[float, float]]:
    """madmom's DBN beat tracker in its online mode, 100 frames a second, one after another."""
    from madmom.audio.signal import Signal
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor

    signal = Signal((sound * 32767.0).astype(np.int16), sample_rate=rate, num_channels=1)
    heard = RNNBeatProcessor(online=True, origin="online")(signal)
    tracker = DBNBeatTrackingProcessor(fps=100, online=True)
    found = []
    for frame in range(len(heard)):
        beats = tracker.process_online(heard[frame : frame + 1], reset=False)
        found += [(float(beat), (frame + 1) / 100.0) for beat in np.atleast_1d(beats)]
    return found


PEERS = {"aubio": aubio_beats, "madmom": madmom_beats}


def read(path: str) -> tuple[NDArray[np.float32], int]:
    """A mono WAV file of 16 bits."""
    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(np.float32) / 32768.0, file.getframerate()


def main(peer: str, *paths: str) -> None:
    """Run one peer over some files."""
    for path in paths:
        sys.stdout.write(json.dumps(PEERS[peer](*read(path))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
