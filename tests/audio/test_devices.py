"""Finding an input by name, and machines on which there is nothing to find."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nodegraph.audio import devices, open_device, pulse
from nodegraph.audio.device import columns
from nodegraph.audio.devices import Device
from nodegraph.audio.finding import find
from nodegraph.cli.app import app
from nodegraph.errors import AudioError

SCARLETT = Device("Scarlett 2i2", "ALSA", 2, 48_000)
OLDER = Device("Scarlett 2i2", "OSS", 2, 48_000)
BIGGER = Device("Scarlett 18i20", "ALSA", 18, 96_000)
BUILT_IN = Device("Built-in Microphone", "ALSA", 1, 44_100, default=True)
INPUTS = [SCARLETT, OLDER, BIGGER, BUILT_IN]


@pytest.mark.parametrize(
    ("name", "host_api", "found"),
    [
        ("", "", BUILT_IN),
        ("Scarlett 2i2", "ALSA", SCARLETT),
        ("Scarlett 2i2", "oss", OLDER),
        ("18I20", "", BIGGER),
        ("built-in", "ALSA", BUILT_IN),
    ],
)
def test_a_name_or_an_unambiguous_part_of_it_finds(name: str, host_api: str, found: Device) -> None:
    assert find(name, host_api, INPUTS) is found


@pytest.mark.parametrize(
    ("name", "host_api", "text"),
    [
        ("Scarlett 2i2", "", "the name of several inputs: 'Scarlett 2i2' (ALSA), 'Scarlett 2i2' ("),
        ("scarlett", "ALSA", "several inputs: 'Scarlett 2i2' (ALSA), 'Scarlett 18i20' (ALSA)"),
        ("Behringer", "", "there is no input 'Behringer'; there are: 'Scarlett 2i2' (ALSA), "),
        ("", "OSS", None),
        ("Scarlett 2i2", "JACK", "no input of the host API 'JACK'; there are: ALSA, OSS"),
    ],
)
def test_what_is_not_there_is_a_sentence(name: str, host_api: str, text: str | None) -> None:
    if text is None:
        assert find(name, host_api, INPUTS) is OLDER, "the only one"
        return
    with pytest.raises(AudioError) as caught:
        find(name, host_api, INPUTS)
    assert text in str(caught.value)


def test_what_was_lost_is_not_replaced_by_what_has_a_similar_name() -> None:
    assert find("2i2", "ALSA", INPUTS) is SCARLETT
    with pytest.raises(AudioError, match="there is no input '2i2'"):
        find("2i2", "ALSA", INPUTS, exact=True)


def test_no_default_input_is_not_any_other_input() -> None:
    with pytest.raises(AudioError, match="no input is the default one"):
        find("", "", [replace(one, default=False) for one in INPUTS])
    with pytest.raises(AudioError, match="this machine has no audio input"):
        find("", "", [])


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [("all", ()), ("left", (0,)), ("right", (1,)), ("3", (2,)), ("4+3", (3, 2)), ("", ())],
)
def test_channels_are_chosen_in_a_word(choice: str, chosen: tuple[int, ...]) -> None:
    assert columns(choice, BIGGER) == chosen


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ("2", "has 1 channel; '2' is not among them"),
        ("0", "is not among them"),
        ("middle", "write all, left, right, or numbers"),
        ("1+", "write all, left"),
    ],
)
def test_channels_that_are_not_there_are_a_sentence(choice: str, text: str) -> None:
    with pytest.raises(AudioError, match=text.replace("+", r"\+")):
        columns(choice, BUILT_IN)


def test_without_portaudio_there_is_a_sentence_and_files_still_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> Any:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(AudioError, match="apt install libportaudio2"):
        open_device({}, 48_000, Path())
    answer = CliRunner().invoke(app, ["devices"])
    assert answer.exit_code == 2
    assert "PortAudio is not installed" in answer.stderr
    from nodegraph.audio import open_file

    open_file({}, 48_000, Path()).close()


def test_a_machine_without_inputs_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_inputs", lambda probe=False: [])
    answer = CliRunner().invoke(app, ["devices"])
    assert answer.exit_code == 0
    assert "no audio input" in answer.stderr


SAID = """Source #7
\tState: SUSPENDED
\tName: alsa_input.usb-Maß-00.analog
\tDescription: Pièce “2”: Line
\tSample Specification: s24le 18ch 96000Hz
\tMute: yes
\tMonitor of Sink: n/a
\tProperties:
\t\tdevice.description = "Name: not this"

Source #9
\tName: broken
\tSample Specification: n/a
"""


def test_what_the_server_says_is_read_and_what_is_broken_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse, "_ask", lambda *words: SAID)
    (source,) = pulse.sources()
    assert source == pulse.PulseSource(
        7, "alsa_input.usb-Maß-00.analog", "Pièce “2”: Line", 18, 96_000, False, True
    )


PLAYED = Device("Monitor of Speakers", "PulseAudio", 2, 48_000, monitor=True, played=True)
OTHER = Device("Monitor of HDMI", "PulseAudio", 2, 48_000, monitor=True)


def test_loopback_is_what_the_default_output_plays() -> None:
    assert find("loopback", "", [*INPUTS, OTHER, PLAYED]) is PLAYED
    assert find("Loopback", "", [*INPUTS, OTHER]) is OTHER
    with pytest.raises(AudioError, match="several inputs bring what is played: 'Monitor of HDMI'"):
        find("loopback", "", [OTHER, replace(OTHER, name="Monitor of USB")])


@pytest.mark.parametrize(
    ("platform", "advice"), [("darwin", "BlackHole"), ("win32", "Stereo Mix"), ("linux", "pactl")]
)
def test_no_loopback_is_a_sentence_that_says_what_to_do(
    platform: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(AudioError, match=advice):
        find("loopback", "", INPUTS)


@pytest.mark.parametrize(
    ("name", "monitor"),
    [
        ("Speakers (Realtek(R) Audio) [Loopback]", True),
        ("Stereo Mix (Realtek HD Audio)", True),
        ("CABLE Output (VB-Audio Virtual Cable)", True),
        ("BlackHole 2ch", True),
        ("Microphone (USB Audio)", False),
    ],
)
def test_virtual_cables_are_known_by_their_names(name: str, monitor: bool) -> None:
    assert bool(devices._PLAYED.search(name)) is monitor
