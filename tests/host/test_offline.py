"""Rendering: the same input gives the same bytes, params by address, and ends where it should."""

from __future__ import annotations

import time
import wave
from pathlib import Path

import numpy as np
import pytest
from kit import BLOCK, RATE, patch, tone

import nodegraph
from nodegraph import NodegraphError, PatchError
from nodegraph.graph import dump

LEVEL = patch({"song": "audio.file", "level": "audio.level"}, ["song.audio -> level.audio"])
ROOT = Path(__file__).parents[2]


def test_a_tone_has_the_level_it_should() -> None:
    trace = nodegraph.render(LEVEL, tone(1000.0, 1.0), rate=RATE)
    assert len(trace) == RATE // BLOCK
    np.testing.assert_allclose(trace.times[[0, -1]], [BLOCK / RATE, 93 * BLOCK / RATE])
    np.testing.assert_allclose(trace["level.rms"], 0.5 / np.sqrt(2), rtol=0.02)


def test_two_files_are_heard_side_by_side(tmp_path: Path) -> None:
    for name, level in (("loud", 0.5), ("soft", 0.05)):
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            samples = tone(1000.0, 1.0, level=level) * 32767.0
            file.writeframes(samples.astype("<i2").tobytes())
    both = patch(
        {
            "loud": ("audio.file", {"path": "loud.wav", "loop": False}),
            "soft": ("audio.file", {"path": "soft.wav", "loop": False}),
            "first": "audio.level",
            "second": "audio.level",
        },
        ["loud.audio -> first.audio", "soft.audio -> second.audio"],
    )
    path = tmp_path / "both.json"
    path.write_text(dump(both))
    trace = nodegraph.render(path, rate=RATE)
    assert len(trace) >= RATE // BLOCK
    whole = RATE // BLOCK
    np.testing.assert_allclose(trace["first.rms"][:whole], 0.5 / np.sqrt(2), rtol=0.02)
    np.testing.assert_allclose(trace["second.rms"][:whole], 0.05 / np.sqrt(2), rtol=0.02)


def test_only_whole_blocks_are_run() -> None:
    for samples in (BLOCK * 10, BLOCK * 10 + 1, BLOCK * 11 - 1):
        trace = nodegraph.render(LEVEL, np.zeros(samples, np.float32), rate=RATE)
        assert len(trace) == 10


def test_params_are_set_by_address_and_texts_are_read() -> None:
    quiet = nodegraph.render(LEVEL, tone(1000.0, 0.5), {"song.gain": "-20"}, rate=RATE)
    np.testing.assert_allclose(quiet["level.rms"], 0.05 / np.sqrt(2), rtol=0.02)


@pytest.mark.parametrize(
    ("address", "value", "text"),
    [
        (
            "sogn.gain",
            0,
            "the patch has no node 'sogn'; write node.param=value; did you mean song?",
        ),
        ("song.gian", 0, "has no param 'gian'; did you mean gain?"),
        ("song.gain", "loud", 'wants a number, not "loud"'),
        ("song.gain", 500, "500 dB is outside"),
        ("song", 1, "the patch has no node ''"),
        ("level.audio", 1, "audio is an inlet of audio.level: bring its value on a wire"),
    ],
)
def test_wrong_params_are_sentences(address: str, value: object, text: str) -> None:
    with pytest.raises(PatchError) as caught:
        nodegraph.render(LEVEL, tone(440.0, 0.1), {address: value})
    assert text in str(caught.value)


def test_a_patch_without_sound_wants_a_duration() -> None:
    lfo = patch({"lfo": "generate.lfo"})
    with pytest.raises(PatchError, match="say how many seconds"):
        nodegraph.render(lfo)
    assert len(nodegraph.render(lfo, duration=1.0)) == RATE // BLOCK


def test_a_missing_file_is_a_sentence() -> None:
    with pytest.raises(NodegraphError, match=r"no_such\.wav"):
        nodegraph.render(LEVEL, "no_such.wav")


def test_strict_raises_what_is_otherwise_in_the_trace() -> None:
    ghost = patch({"song": "audio.file", "x": "no.such"})
    assert "no node type no.such" in nodegraph.render(ghost, tone(440.0, 0.1)).problems[0]
    with pytest.raises(PatchError, match="no node type"):
        nodegraph.render(ghost, tone(440.0, 0.1), strict=True)


def test_only_what_is_watched_is_kept() -> None:
    both = patch(
        {"song": "audio.file", "level": "audio.level", "lfo": "generate.lfo"},
        ["song.audio -> level.audio"],
    )
    trace = nodegraph.render(both, tone(440.0, 0.1), watch=["level.rms"])
    assert "level.rms" in trace
    assert "lfo.out" not in trace


SHIPPED = sorted((ROOT / "patches").glob("*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_patch_is_canonical_has_a_note_and_no_problems(path: Path) -> None:
    loaded = nodegraph.load(path)
    assert dump(loaded) == path.read_text("utf-8")
    assert len(loaded.note) > 100
    assert loaded.layout.keys() == loaded.nodes.keys()


@pytest.fixture(scope="module")
def demo_once() -> None:
    """The demo track is synthesised once per process; that is not what is timed below."""
    nodegraph.render(LEVEL, "demo", duration=0.1)


def _yardstick() -> float:
    """Seconds of CPU of a spectrum and a little arithmetic for each tick of a minute. A machine
    that is slow, or busy with something else, needs more of them, and more for a render."""
    started, window, total = time.process_time(), np.hanning(2048), 0.0
    for n in range(60 * RATE // BLOCK):
        total += float(np.abs(np.fft.rfft(window))[n % 1024])
        for i in range(100):
            total = 0.5 * total + i
    return time.process_time() - started


@pytest.mark.slow
@pytest.mark.usefixtures("demo_once")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_patch_renders_the_demo_fast(path: Path) -> None:
    before, started = _yardstick(), time.process_time()
    trace = nodegraph.render(path, "demo", duration=60.0, strict=True)
    took = time.process_time() - started
    assert took < 25.0 * (before + _yardstick()) / 2
    assert trace.problems == ()
    assert len(trace.messages) > 5, "it steers nothing"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_patch_renders_the_demo_twice_the_same(path: Path) -> None:
    first, second = (nodegraph.render(path, "demo", duration=3.0, strict=True) for _ in range(2))
    assert first.problems == ()
    assert first.messages
    assert first.to_bytes() == second.to_bytes()


def test_there_are_six_patches_or_more() -> None:
    assert len(SHIPPED) >= 6
