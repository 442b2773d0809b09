"""What features cost in CPU time, beside Meyda, aubio and librosa.

python tests/bench/bench_features.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from math import isclose
from typing import Any

import numpy as np
import reactive
import scalars
from measuring import BLOCK, RATE, Live, Row, Side, micro, race, table, timed
from peers import JavaScript, MissingError, fetch_aubio, fetch_librosa

from nodegraph.compiler import compile_patch
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.host.offline import render

SIZE = reactive.SIZE
TICKS = 1722
"""20 s of sound."""

OURS, MEYDA, AUBIO, LIBROSA = "nodegraph", "Meyda", "aubio", "librosa, all frames at once"

COMMON = ("level", "crossings", "shape", "moments", "bands", "mfcc", "chroma")
"""What everybody has."""
ALL = (*COMMON, "loudness", "band_level", "three_band", "key", "pitch", "layers")


def patch(features: tuple[str, ...]) -> Patch:
    """A sound, its spectrum, and features of them."""
    nodes = {
        "source": Node("audio.file"),
        "fft": Node("audio.spectrum", params={"size": str(SIZE)}),
        **{name: Node(f"audio.{name}") for name in features},
    }
    nodes["bands"] = Node("audio.bands", params={"count": 40, "scale": "mel"})
    wires = [Wire(Port("source", "audio"), Port("fft", "audio"))]
    for name in features:
        (inlet,) = scalars.catalogue().types[f"audio.{name}"].inlets
        source = Port("source", "audio") if inlet == "audio" else Port("fft", "magnitude")
        wires.append(Wire(source, Port(name, inlet)))
    return Patch(nodes=dict(sorted(nodes.items())), wires=tuple(sorted(wires)))


def ours(features: tuple[str, ...], sound: reactive.Signal) -> tuple[Live, Callable[[int], None]]:
    """An engine that publishes, and so many ticks of it."""
    live = Live(compile_patch(patch(features), scalars.catalogue().types))
    return live, _again(live.tick, reactive.blocks(sound))


def _again(tick: Callable[[Any], object], heard: list[Any]) -> Callable[[int], None]:
    """So many ticks of something that hears the same sound again and again."""
    position = 0

    def run(ticks: int) -> None:
        nonlocal position
        for _ in range(ticks):
            tick(heard[position])
            position = (position + 1) % len(heard)

    return run


def offline(features: tuple[str, ...], sound: reactive.Signal) -> Side:
    """The same of a sound that is known beforehand, by `render`: opening, compiling, the trace."""
    made, known = patch(features), scalars.catalogue()

    def run(ticks: int) -> None:
        assert ticks % TICKS == 0
        for _ in range(ticks // TICKS):
            trace = render(made, sound[:, None], rate=RATE, catalogue=known)
            assert not trace.problems, trace.problems

    return whole(run)


def whole(run: Callable[[int], None]) -> Side:
    """A side that does `TICKS` ticks at once, and as often as comes near to what is asked."""
    side = timed(run)

    def rounded(ticks: int) -> float:
        asked = max(1, round(ticks / TICKS)) * TICKS
        return side(asked) * ticks / asked

    return rounded


def by_librosa(sound: reactive.Signal, *, everything: bool) -> AbstractContextManager[Side]:
    """The same features of `TICKS` frames by librosa, as its manual has them: from one spectrogram,
    all frames at once. With `everything`, pitch by YIN and harmonic/percussive separation, too."""
    librosa = fetch_librosa()
    feature = librosa.feature

    def run(ticks: int) -> None:
        assert ticks % TICKS == 0
        for _ in range(ticks // TICKS):
            spectra = np.abs(librosa.stft(sound, n_fft=SIZE, hop_length=BLOCK, center=False))
            feature.rms(y=sound, frame_length=SIZE, hop_length=BLOCK)
            feature.zero_crossing_rate(sound, frame_length=SIZE, hop_length=BLOCK)
            for figure in (feature.spectral_centroid, feature.spectral_bandwidth):
                figure(S=spectra, sr=RATE)
            feature.spectral_flatness(S=spectra)
            feature.spectral_rolloff(S=spectra, sr=RATE)
            mel = feature.melspectrogram(S=spectra * spectra, sr=RATE, n_mels=40)
            feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)
            feature.chroma_stft(S=spectra * spectra, sr=RATE, tuning=0.0)
            if everything:
                librosa.yin(sound, fmin=60, fmax=1200, sr=RATE, frame_length=2048, hop_length=BLOCK)
                librosa.decompose.hpss(spectra, kernel_size=17)

    return nullcontext(whole(run))


def by_aubio(sound: reactive.Signal) -> Callable[[int], None]:
    """The same features by aubio, frame by frame; it has no flatness, entropy, crest and chroma."""
    aubio = fetch_aubio()
    analysis = aubio.pvoc(SIZE, BLOCK)
    names = ("centroid", "spread", "skewness", "kurtosis", "slope", "rolloff", "specflux")
    figures = [aubio.specdesc(name, SIZE) for name in names]
    mel, mfcc = aubio.filterbank(40, SIZE), aubio.mfcc(SIZE, 40, 13, RATE)
    mel.set_mel_coeffs(RATE, 40.0, 16_000.0)

    def tick(block: reactive.Signal) -> None:
        spectrum = analysis(block)
        aubio.level_lin(block)
        aubio.zero_crossing_rate(block)
        for figure in figures:
            figure(spectrum)
        mel(spectrum)
        mfcc(spectrum)

    return _again(tick, [*np.split(sound, TICKS)])


def rows(seconds: float = 0.3, rounds: int = 9) -> Iterator[Row]:
    """Measure everything here; each row as it is done."""
    sound = reactive.sound(TICKS)
    live, run = ours(COMMON, sound)
    common, everything = "features that both have, FFT 1024, hop 512", "every feature, the same"
    peers: Mapping[str, tuple[str, float, Callable[[], AbstractContextManager[Side]], Side]] = {
        MEYDA: (common, 3.0, lambda: _meyda(live, sound), timed(run)),
        AUBIO: (common, 1.0, lambda: nullcontext(timed(by_aubio(sound))), timed(run)),
        LIBROSA: (common, 2.5, lambda: by_librosa(sound, everything=False), offline(COMMON, sound)),
        f"{LIBROSA}, with pitch and layers": (
            everything,
            2.5,
            lambda: by_librosa(sound, everything=True),
            offline(ALL, sound),
        ),
    }
    for name, (what, goal, peer, own) in peers.items():
        try:
            with peer() as side:
                found = race({OURS: own, name: side}, seconds, rounds)
        except MissingError as error:
            yield Row(what, name, "", "", None, goal, note=str(error))
            continue
        theirs, mine = found.median(name), found.median(OURS)
        yield Row(what, name, _told(theirs), _told(mine), found.ratio(name, OURS), goal)


def _told(seconds: float) -> str:
    return f"{micro(seconds)} ({1.0 / seconds:,.0f} frames/s)"


@contextmanager
def _meyda(live: Live, sound: reactive.Signal) -> Iterator[Side]:
    """Meyda, once it was seen to find what we find: to 3 %, for its window is symmetric. Its
    kurtosis is left out, where it adds 6 m1 m2 for 6 m1² m2."""
    ticks = 64
    for block in reactive.blocks(sound)[:ticks]:
        live.tick(block)
    with closing(JavaScript("features_meyda.js", sound)) as peer:
        theirs = peer.values(ticks)
        expected = {
            "shape.centroid": theirs["spectralCentroid"] * RATE / SIZE,
            "shape.spread": theirs["spectralSpread"] * RATE / SIZE,
            "shape.flatness": theirs["spectralFlatness"],
            "moments.skewness": theirs["spectralSkewness"],
        }
        for port, value in expected.items():
            own = live.engine.value(port)
            assert isinstance(own, float)
            assert isclose(own, value, rel_tol=0.03), (port, own, value)
        peer.run(1000)
        yield peer.run


if __name__ == "__main__":
    sys.stdout.write(table([*rows()]))
