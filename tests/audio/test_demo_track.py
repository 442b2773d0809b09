"""The demo track: measured as a listener would hear it, by means that are not its own."""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from nodegraph.audio import demo, open_file
from nodegraph.audio.demo.score import BAR, HUSH
from nodegraph.audio.demo.song import KICKING

RATE = 48_000


@pytest.fixture(scope="module")
def song() -> NDArray[np.float32]:
    return demo.render(RATE)


def section(song: NDArray[np.float32], name: str, rate: int = RATE) -> NDArray[np.float32]:
    found = next(part for part in demo.demo_sections() if part.name == name)
    return song[round(found.start * rate) : round(found.end * rate)]


def loudness(sound: NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS at 48 kHz, filters and gates of ITU-R BS.1770-4."""
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585])  # fmt: skip # noqa: E501
    high_pass = ([1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621])
    weighted = signal.lfilter(*high_pass, signal.lfilter(*shelf, sound, axis=0), axis=0)
    tenths = np.add.reduceat((weighted**2).sum(1), np.arange(0, len(sound), RATE // 10))
    power = np.convolve(tenths, np.ones(4), "valid")[:-1] / (0.4 * RATE)
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    power = power[power > power.mean() / 10]
    return float(-0.691 + 10 * np.log10(power.mean()))


def centroid(sound: NDArray[np.float32]) -> float:
    """The middle of the amplitude spectrum in Hz."""
    frequencies, power = signal.welch(sound.mean(1), RATE, nperseg=4096)
    return float(np.sum(frequencies * np.sqrt(power)) / np.sum(np.sqrt(power)))


def test_the_song_is_whole_and_within_bounds(song: NDArray[np.float32]) -> None:
    assert song.shape == (round(40 * BAR * RATE), 2)
    assert 64 <= len(song) / RATE <= 80
    assert song.dtype == np.float32
    assert np.isfinite(song).all()
    assert 0.85 < np.abs(song).max() <= 0.98
    assert not song.flags.writeable
    assert np.abs(song.mean(0)).max() < 3e-3
    assert demo.render(RATE) is song


def test_sections_follow_each_other_in_whole_bars() -> None:
    sections = demo.demo_sections()
    assert [part.name for part in sections] == [
        "intro", "groove", "breakdown", "build", "drop", "outro",
    ]  # fmt: skip
    assert sections[0].start == 0
    for before, after in pairwise(sections):
        assert before.end == after.start
    assert sections[-1].end == pytest.approx(demo.DemoTrack.duration)
    edges = np.array([part.end for part in sections]) / BAR
    np.testing.assert_allclose(edges, np.round(edges))


def test_beats_are_even_and_begin_at_nought() -> None:
    beats = demo.demo_beats()
    assert len(beats) == 160
    assert beats[0] == 0
    np.testing.assert_allclose(np.diff(beats), 60 / demo.DEMO_BPM)
    np.testing.assert_array_equal(demo.demo_downbeats(), beats[::4])


def test_kicks_fall_on_the_beats(song: NDArray[np.float32]) -> None:
    low = signal.sosfilt(signal.butter(2, 500, fs=RATE, output="sos"), song.mean(1))
    hop, window = RATE // 2000, 20  # half a millisecond; ten of them before against ten after
    power = np.add.reduceat(low**2, np.arange(0, len(low) - hop, hop))
    sums = np.concatenate([[0.0], np.cumsum(power)])
    rise = sums[2 * window :] - 2 * sums[window:-window] + sums[: -2 * window]
    late = []
    for beat in demo.demo_beats()[1:]:
        if int(beat / BAR + 1e-6) in KICKING:
            centre = round(beat * RATE / hop) - window
            late.append((np.argmax(rise[centre - 60 : centre + 60]) - 60) / 2000)
    near = np.abs(late) <= 0.005
    assert near.mean() > 0.97


def test_breakdown_and_build_have_no_kick(song: NDArray[np.float32]) -> None:
    sos = signal.butter(4, [35, 120], "band", fs=RATE, output="sos")
    low = {p.name: signal.sosfilt(sos, section(song, p.name).mean(1)) for p in demo.demo_sections()}
    assert low["build"].std() < 0.03 * low["groove"].std()
    after_the_impact = low["breakdown"][4 * RATE :]
    assert after_the_impact.std() < 0.03 * low["groove"].std()


def test_a_second_of_silence_before_the_drop(song: NDArray[np.float32]) -> None:
    start, end = (round(at * RATE) for at in HUSH)
    assert end - start == pytest.approx(RATE, rel=0.05)
    assert not song[start + RATE // 20 : end].any()
    assert np.abs(song[end : end + RATE // 50]).max() > 0.5


def test_loud_as_a_club_track_with_contrast(song: NDArray[np.float32]) -> None:
    assert -14 < loudness(song) < -10
    level = {part.name: loudness(section(song, part.name)) for part in demo.demo_sections()}
    assert level["drop"] == max(level.values())
    assert level["drop"] - level["breakdown"] > 5
    assert level["drop"] - level["intro"] > 4
    assert level["groove"] - level["breakdown"] > 3


def test_brightness_moves(song: NDArray[np.float32]) -> None:
    breakdown = section(song, "breakdown")
    assert centroid(breakdown[-4 * RATE :]) > 1.5 * centroid(breakdown[3 * RATE : 7 * RATE])
    build = section(song, "build")
    assert centroid(build[5 * RATE : 6 * RATE]) > 1.5 * centroid(build[:RATE])


def test_left_and_right_differ_but_agree_in_the_bass(song: NDArray[np.float32]) -> None:
    middle, side = song.mean(1), song[:, 0] - song[:, 1]
    assert 0.05 < side.std() / middle.std() < 1
    sos = signal.butter(4, 100, fs=RATE, output="sos")
    assert signal.sosfilt(sos, side).std() < 0.1 * signal.sosfilt(sos, middle).std()


@pytest.mark.slow
@pytest.mark.parametrize("rate", [44_100, 22_050])
def test_other_rates_play_the_same_song(rate: int, song: NDArray[np.float32]) -> None:
    other = demo.render(rate)
    assert len(other) == round(40 * BAR * rate)
    for part in demo.demo_sections():
        for low, high in ((30, 120), (120, 500), (500, 2_000), (2_000, 8_000)):
            level = []
            for sound, at in ((song, RATE), (other, rate)):
                sos = signal.butter(4, [low, high], "band", fs=at, output="sos")
                heard = signal.sosfilt(sos, section(sound, part.name, at).mean(1))
                level.append(20 * np.log10(heard.std()))
            assert level[0] == pytest.approx(level[1], abs=1.0), (part.name, low)


def test_the_same_bits_in_another_process() -> None:
    script = (
        "from hashlib import sha256; from nodegraph.audio.demo import render;"
        "print(sha256(render(22050).tobytes()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True
    )
    assert run.stdout.strip() == sha256(demo.render(22_050).tobytes()).hexdigest()


def test_rendering_is_quick() -> None:
    began = time.process_time()
    demo.render.__wrapped__(RATE)
    assert time.process_time() - began < 3  # about one second on one core; slow machines differ


def test_the_source_plays_the_song_where_the_path_is_empty(song: NDArray[np.float32]) -> None:
    params: dict[str, object] = {"path": "", "loop": True, "position": 10.0}
    source = open_file(params, RATE, Path())
    assert source.channels == 2
    assert source.duration == pytest.approx(len(song) / RATE)
    np.testing.assert_array_equal(source.read(1000), song[480_000:481_000])
    source.update({**params, "position": 77.4})
    start = round(77.4 * RATE)
    around = np.concatenate([song[start:], song])[:5000]
    np.testing.assert_array_equal(source.read(5000), around)
    assert not source.ended
    source.update({"path": "", "loop": False, "position": 77.39})
    source.read(5000)
    assert source.ended
    assert source.read(10).shape == (10, 2)
    source.close()
