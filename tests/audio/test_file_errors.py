"""Whatever lies at a path: a sentence, or the sound that is left in it; never a traceback."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import many
from numpy.typing import NDArray
from scipy import signal

from nodegraph.audio.file import FileSource
from nodegraph.audio.opening import native_rate
from nodegraph.audio.track import FileTrack
from nodegraph.errors import AudioError

Write = Callable[..., Path]
Samples = NDArray[np.float32]


def refusal(path: Path | str) -> str:
    """The sentence that opening gives, in good time."""
    began = time.process_time()
    with pytest.raises(AudioError) as caught:
        FileSource({"path": str(path)}, 48_000, Path())
    assert time.process_time() - began < 2
    text = str(caught.value)
    assert Path(path).name in text or repr(str(path)) in text
    assert ";" in text  # what is wrong; what to do
    assert "\n" not in text
    return text


def riff(form: int, channels: int, rate: int, data: bytes) -> bytes:
    """A WAV file with 16 bits a sample and any format tag."""
    size = 2 * channels
    header = struct.pack("<HHIIHH", form, channels, rate, rate * size, size, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + header
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def test_what_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.wav")
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "empty.wav").touch()
    assert "is empty (0 bytes)" in refusal(tmp_path / "empty.wav")
    assert "cannot be opened" in refusal("nul\0byte.wav")
    assert "cannot be opened" in refusal("x" * 5000)
    assert "does not exist" in refusal("http://localhost/a.mp3")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert "device or a pipe" in refusal(tmp_path / "pipe.wav")


def test_what_may_not_be_read(write_wav: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_wav("secret.wav", np.ones((100, 1), np.int16), 48_000)
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        path.chmod(0)
    else:  # the superuser may read all: let the system's refusal come from where it would

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    assert "may not be read" in refusal(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"RIFF",
        bytes(range(256)) * 40,
        np.random.default_rng(3).bytes(100_000),
        b"hello, this is no music\n" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"fLaC",
        b"OggS" + bytes(60),
        b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10),
    ],
)
def test_what_is_not_sound(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "not.mp3"
    path.write_bytes(data)
    text = refusal(path)
    assert any(word in text for word in ("not a sound file", "no audio track", "no sample"))


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.m4a"])
def test_files_cut_off_anywhere(name: str, write: Write, music: Samples) -> None:
    path = write(name, music, 44_100)
    data = path.read_bytes()
    refused = []
    for length in (12, 40, 50, 200, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        try:
            source = FileSource({"path": str(path)}, 44_100, Path())
        except AudioError as error:
            refused.append(str(error))
        else:
            assert np.isfinite(source.read(6 * 44_100)).all()
            assert source.ended
            source.close()
    assert refused
    assert all(path.name in text and ";" in text for text in refused)


def test_a_video_with_and_without_sound(tmp_path: Path) -> None:
    def film(name: str, sound: bool) -> Path:
        with av.open(str(tmp_path / name), "w") as container:
            video = container.add_stream("mpeg4", rate=25)
            video.width, video.height = 64, 48
            audio = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
            for _ in range(25):
                picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")
                container.mux(video.encode(picture))
            container.mux(video.encode(None))
            if audio is not None:
                ramp = np.linspace(-0.5, 0.5, 1024, dtype=np.float32)[None]
                for start in range(0, 40 * 1024, 1024):
                    frame = av.AudioFrame.from_ndarray(ramp, "fltp", "mono")
                    frame.sample_rate, frame.pts = 44_100, start
                    container.mux(audio.encode(frame))
                container.mux(audio.encode(None))
        return tmp_path / name

    assert "no audio track" in refusal(film("silent.mp4", sound=False))
    source = FileSource({"path": str(film("loud.mp4", sound=True))}, 44_100, Path())
    assert source.channels == 1
    assert np.abs(source.read(20_000)).max() > 0.3


def test_a_codec_nobody_knows(tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    path.write_bytes(riff(0x7777, 2, 44_100, bytes(4_000)))
    assert "cannot be decoded" in refusal(path)


@pytest.mark.parametrize("channels", [3, 4, 7, 16])
def test_many_channels_are_mixed(channels: int, tmp_path: Path) -> None:
    path = tmp_path / "many.wav"
    path.write_bytes(riff(1, channels, 48_000, b"\x00\x10" * (100 * channels)))
    block = FileSource({"path": str(path)}, 44_100, Path()).read(64)
    assert block.shape == (64, 2)
    assert block[20:40].min() > 0.1


def test_too_many_channels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.wav"
    path.write_bytes(riff(1, 64, 48_000, bytes(64 * 200)))
    assert "64 channels that cannot be mixed" in refusal(path)


def test_a_playlist_does_not_reach_out(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n"
    )
    refusal(path)


@pytest.mark.parametrize(
    ("name", "counted"),
    [("a.mp3", True), ("a.m4a", True), ("a.ogg", False), ("a.flac", False)],
)
def test_damage_in_the_middle_is_skipped(
    name: str, counted: bool, write: Write, music: Samples
) -> None:
    path = write(name, music, 44_100)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 6_000] = np.random.default_rng(5).bytes(6_000)
    path.write_bytes(data)
    track = FileTrack(path, 44_100)
    played = np.concatenate(list(track.pieces(0)))
    assert track.skipped > 0 or not counted  # Ogg and FLAC drop damage before it is a packet
    track.close()
    assert np.isfinite(played).all()
    assert 3 * 44_100 < len(played) <= 5.1 * 44_100
    for part, place in ((slice(9_000, 49_000), 9_000), (slice(-60_000, -20_000), None)):
        matches = signal.correlate(played[:, 0], music[part, 0], "valid", method="fft")
        found = int(np.argmax(matches))
        assert place is None or found == place
        heard = played[found : found + 40_000, 0]
        assert np.corrcoef(heard, music[part, 0])[0, 1] > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.wav", "a.flac", "a.m4a"])
@settings(max_examples=many(6, 200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=40))
def test_no_flipped_byte_raises_mid_show(
    name: str, flips: list[tuple[float, int]], write: Write, music: Samples
) -> None:
    path = write(name, music[:60_000], 44_100)
    data = bytearray(path.read_bytes())
    for place, mask in flips:
        data[int(place * (len(data) - 1))] ^= mask
    path.write_bytes(data)
    try:
        source = FileSource({"path": str(path), "loop": True}, 48_000, Path())
    except AudioError:
        return
    for position in (0.0, 1.1):
        source.update({"path": str(path), "loop": True, "position": position})
        for _ in range(40):
            assert np.isfinite(source.read(2_048)).all()
    source.close()


@pytest.mark.slow
def test_a_file_of_nothing_but_bad_packets_is_refused_quickly(write: Write, music: Samples) -> None:
    path = write("a.m4a", np.tile(music, (12, 1)), 44_100)
    data = path.read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:start] + b"\xff" * (end - start) + data[end:])
    assert "no sample that can be decoded" in refusal(path)


def test_chained_streams_of_different_rates_play_on(write: Write, music: Samples) -> None:
    first = write("a.ogg", music[:44_100], 44_100).read_bytes()
    path = write("b.ogg", music[:22_050], 22_050)
    path.write_bytes(first + path.read_bytes())
    track = FileTrack(path, 44_100)
    played = np.concatenate(list(track.pieces(0)))
    assert len(played) >= 44_100
    assert np.isfinite(played).all()


def test_the_rate_of_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="does not exist"):
        native_rate(tmp_path / "none.wav")
