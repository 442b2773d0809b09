"""Files become blocks: exact, streamed, resampled, sought, looped."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import many
from numpy.typing import NDArray
from scipy import signal

from nodegraph.audio import open_file
from nodegraph.audio.file import FileSource
from nodegraph.audio.opening import native_rate, probe
from nodegraph.errors import AudioError

Write = Callable[..., Path]
Samples = NDArray[np.float32]

EXACT = {"a.wav": 0.0, "a.16.wav": 1 / 32_768, "a.flac": 1 / 32_768, "a.flac.ogg": 1 / 32_768}
LOSSY = ["a.ogg", "a.mp3", "a.vbr.mp3", "a.m4a", "a.opus"]


def play(path: Path, rate: int, block: int = 512, **params: object) -> Samples:
    """All of a file as its source gives it, block by block, without the silence after the end."""
    source = FileSource({"path": path.name, **params}, rate, path.parent)
    blocks = []
    while not source.ended:
        blocks.append(source.read(block))
    source.close()
    return np.concatenate(blocks) if blocks else np.zeros((0, source.channels), np.float32)


@pytest.mark.parametrize("name", EXACT)
def test_lossless_files_come_back_to_the_sample(name: str, write: Write, music: Samples) -> None:
    got = play(write(name, music, 44_100), 44_100)
    assert len(got) == ceil(len(music) / 512) * 512
    np.testing.assert_allclose(got[: len(music)], music, atol=EXACT[name])
    assert not got[len(music) :].any()


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_start_where_the_music_started(name: str, write: Write, music: Samples) -> None:
    path = write(name, music, 48_000 if name == "a.opus" else 44_100)
    got = play(path, native_rate(path))
    lags = signal.correlation_lags(len(got), len(music))
    matches = signal.correlate(got[:, 0], music[:, 0], method="fft")
    assert lags[np.argmax(matches)] == 0
    assert np.corrcoef(got[: len(music), 0], music[:, 0])[0, 1] > 0.98
    assert abs(len(got) - len(music)) < 1024 + 512


def test_ended_is_known_with_the_last_sample(write_wav: Write) -> None:
    path = write_wav("a.wav", np.full((1000, 1), 9_000, np.int16), 48_000)
    source = FileSource({"path": str(path)}, 48_000, Path("elsewhere"))
    source.read(999)
    assert not source.ended
    source.read(1)
    assert source.ended
    assert not source.read(64).any()
    assert source.read(0).shape == (0, 1)


@pytest.mark.parametrize(("channels", "given"), [(1, 1), (2, 2), (6, 2)])
def test_mono_stays_mono_and_more_becomes_stereo(channels: int, given: int, write: Write) -> None:
    samples = np.zeros((4_800, channels), np.float32)
    samples[:, 0] = 0.25  # front left
    source = FileSource({"path": str(write("a.wav", samples, 48_000))}, 48_000, Path())
    block = source.read(4_800)
    assert source.channels == given
    assert block.shape == (4_800, given)
    assert block.dtype == np.float32
    np.testing.assert_allclose(block[:, 0], 0.25, atol=1e-6)
    assert source.duration == pytest.approx(0.1)


@pytest.mark.parametrize(("stored", "rate"), [(44_100, 48_000), (48_000, 44_100), (96_000, 22_050)])
def test_resampling_keeps_pitch_level_and_place(stored: int, rate: int, write: Write) -> None:
    sine = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(stored) / stored)
    path = write("sine.wav", sine[:, None].astype(np.float32), stored)
    got = play(path, rate, block=rate)[:, 0]
    wanted = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    inside = slice(rate // 50, -rate // 50)
    np.testing.assert_allclose(got[inside], wanted[inside], atol=1e-3)


def test_resampling_agrees_with_scipy(write: Write, music: Samples) -> None:
    low = signal.sosfiltfilt(signal.butter(8, 8_000, fs=44_100, output="sos"), music, axis=0)
    path = write("a.wav", low.astype(np.float32), 44_100)
    got = play(path, 48_000)
    wanted = signal.resample_poly(low, 160, 147, axis=0)
    inside = slice(2_000, len(wanted) - 2_000)
    assert np.abs(got[inside] - wanted[inside]).max() < 2e-3


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("name", [*EXACT, *LOSSY])
def test_position_gives_what_playing_up_to_it_would_have_given(
    name: str, rate: int, write: Write, music: Samples
) -> None:
    path = write(name, music, 48_000 if name == "a.opus" else 44_100)
    whole = play(path, rate)
    for position in (3.1234, 0.0101, 2.0, 4.4):
        start = round(position * rate)
        source = FileSource({"path": str(path)}, rate, Path())
        source.read(777)
        source.update({"path": str(path), "position": position})
        tolerance = 2e-3 if name == "a.opus" else 1e-6  # its decoder forgets, but not at once
        np.testing.assert_allclose(source.read(8_192), whole[start : start + 8_192], atol=tolerance)
        source.close()


def test_position_is_exact_to_the_millisecond_in_matroska(write: Write, music: Samples) -> None:
    path = write("a.webm", music, 48_000)
    whole, late = play(path, 48_000), play(path, 48_000, position=3.0)
    matches = signal.correlate(whole[:, 0], late[:20_000, 0], "valid", method="fft")
    assert abs(int(np.argmax(matches)) - 144_000) <= 48


def test_only_a_changed_position_moves(write: Write, music: Samples) -> None:
    path = write("a.wav", music, 44_100)
    params: dict[str, object] = {"path": str(path), "position": 1.0}
    source = FileSource(params, 44_100, Path())
    source.read(500)
    source.update(params)
    np.testing.assert_array_equal(source.read(500), music[44_600:45_100])
    source.update({**params, "position": 0.0})
    np.testing.assert_array_equal(source.read(500), music[:500])


@pytest.mark.parametrize("position", [99.0, float("nan"), float("inf"), -3.0])
def test_no_position_is_an_error(position: float, write: Write, music: Samples) -> None:
    path = write("a.flac", music, 44_100)
    source = FileSource({"path": str(path), "position": position}, 44_100, Path())
    assert source.ended == (position == 99.0)
    looping = FileSource({"path": str(path), "position": position, "loop": True}, 44_100, Path())
    np.testing.assert_allclose(looping.read(500), music[:500], atol=1 / 32_768)


@pytest.mark.parametrize("name", [*EXACT, *LOSSY])
def test_a_loop_has_no_gap(name: str, write: Write, music: Samples) -> None:
    path = write(name, music[:50_000], 48_000 if name == "a.opus" else 44_100)
    rate = native_rate(path)
    once = FileSource({"path": str(path)}, rate, Path())
    length = 0
    while not once.ended:
        once.read(1)
        length += 1
    first = play(path, rate)[:length]
    source = FileSource({"path": str(path), "loop": True}, rate, Path())
    thrice = source.read(3 * length)
    assert not source.ended
    np.testing.assert_allclose(thrice, np.tile(first, (3, 1)), atol=1e-6)


def test_loop_can_be_changed_while_playing(write_wav: Write) -> None:
    samples = np.arange(1, 101, dtype=np.int16)[:, None] * 100
    path = write_wav("a.wav", samples, 48_000)
    heard = samples.astype(np.float32) / 32_768
    source = FileSource({"path": str(path)}, 48_000, Path())
    source.read(150)
    assert source.ended
    source.update({"path": str(path), "loop": True})
    assert not source.ended
    np.testing.assert_array_equal(source.read(150), np.concatenate([heard, heard[:50]]))
    source.update({"path": str(path), "loop": False})
    np.testing.assert_array_equal(source.read(50), heard[50:])
    assert source.ended


def test_a_loop_survives_the_file_being_moved_away(write: Write, music: Samples) -> None:
    if os.name == "nt":
        pytest.skip("Windows does not let go of an open file")
    path = write("a.mp3", music[:20_000], 44_100)
    source = FileSource({"path": str(path), "loop": True}, 44_100, Path())
    path.unlink()
    block = source.read(60_000)
    assert not source.ended
    assert np.abs(block[50_000:]).max() > 0.1


def test_another_path_is_opened_or_the_old_one_plays_on(write_wav: Write, write: Write) -> None:
    one = write_wav("one.wav", np.full((1000, 1), 8_192, np.int16), 48_000)
    two = write("two.flac", np.full((1000, 2), -0.5, np.float32), 48_000)
    source = FileSource({"path": "one.wav"}, 48_000, one.parent)
    source.read(100)
    with pytest.raises(AudioError, match=r"three\.wav does not exist"):
        source.update({"path": "three.wav"})
    assert source.read(100)[0, 0] == 0.25
    source.update({"path": two.name})
    assert source.channels == 2
    np.testing.assert_array_equal(source.read(1000), np.full((1000, 2), -0.5, np.float32))


def test_floats_beyond_full_scale_pass_and_damage_does_not(write: Write) -> None:
    odd = np.array([[1.5], [-2.0], [np.nan], [np.inf], [-np.inf], [1e30]], np.float32)
    got = play(write("a.wav", odd, 48_000), 48_000, block=6)
    np.testing.assert_array_equal(got[:, 0], [1.5, -2.0, 0.0, 0.0, 0.0, 16.0])


@settings(max_examples=many(25, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 3_000), min_size=1, max_size=20), loop=st.booleans())
def test_the_size_of_blocks_does_not_matter(
    sizes: list[int], loop: bool, write: Write, music: Samples
) -> None:
    path = write("a.flac", music[:9_000], 44_100)
    params = {"path": str(path), "loop": loop}
    parts, whole = (FileSource(params, 48_000, Path()) for _ in range(2))
    got = np.concatenate([parts.read(size) for size in sizes])
    np.testing.assert_array_equal(got, whole.read(sum(sizes)))
    assert parts.ended == whole.ended
    parts.close()
    whole.close()


@settings(max_examples=many(25, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, 30_000), after=st.integers(1, 12_000), loop=st.booleans())
def test_another_source_goes_on_where_a_bookmark_was_left(
    before: int, after: int, loop: bool, write_wav: Write
) -> None:
    ramp = np.arange(9_000, dtype=np.int16)[:, None]
    params = {"path": str(write_wav("a.wav", ramp, 48_000)), "loop": loop, "position": 0.01}
    first, second = (FileSource(params, 48_000, Path()) for _ in range(2))
    first.read(before)
    second.resume(first.bookmark)
    assert second.ended == first.ended
    np.testing.assert_array_equal(second.read(after), first.read(after))
    first.close()
    second.close()


def test_a_bookmark_of_another_place_is_not_followed(write_wav: Write) -> None:
    path = write_wav("a.wav", np.arange(9_000, dtype=np.int16)[:, None], 48_000)
    first = FileSource({"path": str(path)}, 48_000, Path())
    first.read(5_000)
    moved = FileSource({"path": str(path), "position": 0.1}, 48_000, Path())
    for bookmark in (first.bookmark, {"path": str(path)}, {**moved.bookmark, "at": "soon"}):
        moved.resume(bookmark)
        assert moved.bookmark["at"] == 0.1
    assert moved.read(1)[0, 0] == 4_800 / 32_768


def test_facts(write: Write, music: Samples) -> None:
    facts = probe(write("a.flac", music, 44_100))
    assert (facts.channels, facts.rate, facts.codec) == (2, 44_100, "flac")
    assert facts.duration == pytest.approx(5.0)
    assert probe(write("a.mp3", music, 44_100)).duration == pytest.approx(5.0, abs=0.06)
    assert native_rate(write("b.wav", music, 22_050)) == 22_050


def test_the_hook_opens_files_and_the_demo(write: Write, music: Samples) -> None:
    path = write("a.wav", music, 44_100)
    source = open_file({"path": "a.wav", "position": 1.0}, 44_100, path.parent)
    np.testing.assert_array_equal(source.read(100), music[44_100:44_200])
    source.close()
    source.close()
    assert not source.read(10).any()
