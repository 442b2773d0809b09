"""Spoken phrases: what is heard of a synthetic voice, and how a recogniser begins and ends."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from control.waiting import soon
from numpy.typing import NDArray

from nodegraph import SpeechEvent
from nodegraph.audio.devices import Device
from nodegraph.control import hear_speech, recogniser, speech
from nodegraph.control.recogniser import RATE, Ear, microphone
from nodegraph.errors import ControlError
from nodegraph.hookspecs import EventSource
from nodes.speech import hear

PHRASES = ["The storm is coming!", "open the door"]


def spoken(text: str) -> NDArray[np.int16]:
    """A sentence in the voice of eSpeak NG, with a second of silence before it."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng is not installed, which speaks for this test")
    said = subprocess.run(
        [program, "-v", "en-us", "-s", "140", "--stdout", text], check=True, capture_output=True
    )
    with wave.open(io.BytesIO(said.stdout)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(said.stdout[44:], "<i2")
    places = np.arange(0.0, len(samples), rate / RATE)
    heard = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return np.concatenate([np.zeros(RATE, np.int16), heard])


def heard(ear: Ear, sound: NDArray[np.int16]) -> list[str]:
    data, piece = sound.tobytes(), ear.piece
    pieces = (data[at : at + piece] for at in range(0, len(data) - piece, piece))
    return [phrase for piece in pieces if (phrase := ear.hear(piece))]


class TestEar:
    @pytest.mark.slow
    def test_spots_its_phrases_in_what_is_said_and_nothing_else(self) -> None:
        pytest.importorskip("pocketsphinx", reason="pip install 'nodegraph[speech]' brings it")
        told = [
            "Once upon a time there was a harbour, and the boats lay still.",
            "Look, the storm is coming!",
            "Nobody dared to speak.",
            "Please open the door.",
            "",
        ]
        sound = np.concatenate([spoken(sentence) for sentence in told])
        assert heard(Ear(PHRASES, 0.8), sound) == ["the storm is coming", "open the door"]
        assert heard(Ear(["the lantern goes out"], 0.8), sound) == []
        assert heard(Ear(PHRASES, 0.0), sound) == ["open the door"], "it is to be sure"

    def test_hears_a_soft_voice_out_of_digital_silence(self) -> None:
        """As a virtual cable brings it: between the words there is nothing, not even a room."""
        pytest.importorskip("pocketsphinx", reason="pip install 'nodegraph[speech]' brings it")
        sentences = [
            "The boats lay still.",
            "Look, the storm is coming!",
            "Please open the door.",
            "",
        ]
        sound = np.concatenate([spoken(sentence) for sentence in sentences])
        soft = (0.3 * sound).astype(np.int16)
        assert heard(Ear(PHRASES, 0.8), soft) == ["the storm is coming", "open the door"]

    def test_says_which_words_it_does_not_know(self) -> None:
        pytest.importorskip("pocketsphinx", reason="pip install 'nodegraph[speech]' brings it")
        with pytest.raises(ControlError, match="does not know 42, sturmflut: it knows English"):
            Ear(["the Sturmflut", "42 boats"], 0.5)
        with pytest.raises(ControlError, match="write phrases, one per line"):
            Ear(["!"], 0.5)


class Tone:
    """A stream of a tone of 440 Hz, left only, that is gone after half a second."""

    place = 0

    def read(self, frames: int) -> tuple[bytes, bool]:
        if self.place >= 24_000:
            raise OSError("unplugged")
        times = np.arange(self.place, self.place + frames) / 48_000
        self.place += frames
        left = 0.5 * np.sin(2.0 * np.pi * 440.0 * times)
        return np.stack((left, 0.0 * left), axis=1).astype(np.float32).tobytes(), False


def test_an_input_is_found_by_its_name_and_brought_to_the_models_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = {"stage": Device("Monitor of Stage", "PulseAudio", 2, 48_000)}
    monkeypatch.setattr(recogniser, "find", inputs.__getitem__)
    monkeypatch.setattr(recogniser, "open_stream", lambda device, tag, latency: (Tone(), 240))
    pieces: list[bytes] = []
    with pytest.raises(ControlError, match=r"'Monitor of Stage' \(PulseAudio\) is gone: unplugged"):
        pieces.extend(microphone("stage", 960))
    assert {len(piece) for piece in pieces} == {960}
    heard = np.frombuffer(b"".join(pieces), "<i2")[1600:6400] / 32768.0
    expected = 0.25 * np.sin(2.0 * np.pi * 440.0 * np.arange(1600, 6400) / RATE)
    assert heard.std() == pytest.approx(expected.std(), rel=0.01)
    assert np.abs(np.fft.rfft(heard)).argmax() * RATE / len(heard) == pytest.approx(440.0, abs=4.0)


RECOGNISER = """
import json, sys
asked = json.loads(sys.argv[1])
print(json.dumps({"ready": True}), flush=True)
for phrase in asked["phrases"]:
    print(json.dumps({"heard": phrase}), flush=True)
if asked["device"]:
    print(json.dumps({"complaint": "there is no " + asked["device"]}), flush=True)
else:
    sys.stdin.read()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser that at once hears all it listens for."""
    program = tmp_path / "recogniser.py"
    program.write_text(RECOGNISER, "utf-8")
    monkeypatch.setattr(speech, "find_spec", lambda name: name)
    monkeypatch.setattr(speech.SpeechHub, "command", (sys.executable, str(program)))


def ended(source: EventSource) -> None:
    """Close, and wait until the recogniser is gone."""
    (hub,) = speech.RECOGNISERS._open.values()
    assert isinstance(hub, speech.SpeechHub)
    process = hub._process
    assert process is not None
    source.close()
    soon(lambda: process.poll() is not None, within=20.0)


@pytest.mark.usefixtures("stand_in")
class TestHub:
    def test_brings_what_is_heard_and_ends_the_process(self) -> None:
        source = hear_speech({"phrases": "the storm\n\n  open the door "})
        events: list[SpeechEvent] = []
        soon(lambda: events.extend(source.read(perf_counter())) or len(events) == 2, within=20.0)
        assert [event.text for event in events] == ["the storm", "open the door"]
        assert source.complaint == ""
        ended(source)

    def test_shows_what_is_wrong(self) -> None:
        source = hear_speech({"phrases": "the storm", "device": "gramophone"})
        soon(lambda: source.complaint == "there is no gramophone", within=20.0)
        ended(source)

    def test_starts_nothing_while_a_param_is_dragged(self) -> None:
        source = hear_speech({"phrases": "the storm", "sensitivity": 0.0})
        dragged = []
        for step in range(10):
            dragged += speech.RECOGNISERS._open.values()
            source.update({"phrases": "the storm", "sensitivity": step / 10})
        soon(lambda: source.read(perf_counter()), within=20.0)
        assert all(hub._process is None for hub in dragged if isinstance(hub, speech.SpeechHub))
        ended(source)


def test_without_a_recogniser_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    source = hear_speech({"phrases": "the storm"})
    soon(lambda: "pip install 'nodegraph[speech]'" in source.complaint, within=20.0)
    source.close()


def test_the_node_holds_the_last_phrase() -> None:
    assert hear("", ()) == ("", "", False)
    events = (SpeechEvent(0.01, "the storm"), SpeechEvent(0.0, "open the door"))
    assert hear("", events) == ("open the door", "open the door", True)
    assert hear("open the door", ()) == ("open the door", "open the door", False)
