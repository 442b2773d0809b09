"""Writes golden/features.json: what other people's libraries make of the sounds of `feature_kit`.

    pip install -e . librosa==0.11.0 pyloudnorm==0.2.0
    PYTHONPATH=tests:. python tests/nodes/feature_golden.py

The tests read the file and need none of these libraries. Whatever here is computed on a spectrum is
computed on librosa's own, which is scaled so that a full-scale sine reads 1.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import librosa
import numpy as np
import pyloudnorm
from feature_kit import sounds

PATH = Path(__file__).parent / "golden" / "features.json"
RATES = (22_050, 44_100, 96_000)
SIZE, HOP = 2048, 512
BANDS, LOW, HIGH = 40, 40.0, 10_000.0
FRAMES = (10, 30)
"""Spectra that begin at these blocks."""


def spectral(sound: np.ndarray, rate: int) -> list[dict[str, object]]:
    """Figures of some spectra of a sound."""
    spectra = np.abs(librosa.stft(sound, n_fft=SIZE, hop_length=HOP, center=False))
    window = librosa.filters.get_window("hann", SIZE)
    m = spectra * 2.0 / window.sum()
    m[0] *= 0.5
    m[-1] *= 0.5
    mel = librosa.filters.mel(
        sr=rate, n_fft=SIZE, n_mels=BANDS, fmin=LOW, fmax=HIGH, htk=True, norm=1
    )
    levels = librosa.amplitude_to_db(mel @ m, ref=1.0, amin=1e-5, top_db=None)
    mfcc = librosa.feature.mfcc(S=levels, n_mfcc=13, dct_type=2, norm="ortho")
    notes = librosa.filters.chroma(sr=rate, n_fft=SIZE, tuning=0.0) @ m
    feature = librosa.feature
    figures = {
        "centroid": feature.spectral_centroid(S=m, sr=rate)[0],
        "spread": feature.spectral_bandwidth(S=m, sr=rate)[0],
        "flatness": feature.spectral_flatness(S=m, amin=1e-10, power=1.0)[0],
        "rolloff": feature.spectral_rolloff(S=m * m, sr=rate, roll_percent=0.85)[0],
        "mel": (mel @ m).T,
        "mfcc": mfcc.T,
        "chroma": (notes / notes.max(axis=0)).T,
    }
    return [{name: _short(each[at]) for name, each in figures.items()} for at in FRAMES]


def _short(values: np.ndarray) -> object:
    """To six digits."""
    return (
        np.array([float(f"{value:.6g}") for value in np.ravel(values)])
        .reshape(values.shape)
        .tolist()
    )


def main() -> None:
    """Write the file."""
    made: dict[str, object] = {
        "made by": {name: version(name) for name in ("librosa", "pyloudnorm", "numpy", "scipy")}
    }
    for rate in RATES:
        long = sounds(rate, 3.0)
        for name, sound in sounds(rate).items():
            changes = librosa.zero_crossings(sound, threshold=0.0, zero_pos=True, pad=False)
            frame = SIZE * (2 if rate < 50_000 else 4)
            pitch = librosa.yin(sound, fmin=60.0, fmax=1200.0, sr=rate, frame_length=frame)
            made[f"{name} {rate}"] = {
                "frames": spectral(sound, rate),
                "crossings": int(changes[: len(sound) // HOP * HOP].sum()),
                "pitch": round(float(np.median(pitch)), 3),
                "momentary": _lufs(sound[: round(0.4 * rate)], rate, 0.4),
                "short_term": _lufs(long[name], rate, 3.0),
                "stereo": _lufs(np.stack((long[name], long["hiss"]), axis=1), rate, 3.0),
            }
    PATH.parent.mkdir(exist_ok=True)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(it)}" for name, it in made.items())
    PATH.write_text(f"{{\n{lines}\n}}\n", "utf-8")


def _lufs(sound: np.ndarray, rate: int, seconds: float) -> float:
    """The loudness of a sound of so many seconds, as one window."""
    meter = pyloudnorm.Meter(rate, filter_class="DeMan", block_size=seconds)
    return round(float(meter.integrated_loudness(sound.astype(float))), 4)


if __name__ == "__main__":
    main()
