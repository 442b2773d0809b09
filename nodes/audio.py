"""Sound itself: where it comes from, how channels are mixed, when it is silent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodegraph import Audio, Vector, inlet, node, outlet, param


def factor(level: float) -> float:
    """What to multiply by for a gain of `level` dB."""
    return float(10.0 ** (level / 20.0))


def power(audio: Audio) -> float:
    """The mean square over all samples and channels; 0 for an empty block."""
    flat = audio.reshape(-1)
    return float(flat.dot(flat)) / flat.size if flat.size else 0.0


@node(
    "audio.file",
    source="file",
    ahead=True,
    outlets="audio",
    title="Audio File",
    aliases="Audio File In CHOP, playlist~, sfplay~",
)
def play_file(
    audio: Audio,
    path: str = param("", help="The file to play; empty plays the demo track"),
    loop: bool = param(True, help="Start again at the end"),
    position: float = param(0.0, "s", 0.0, 36000.0, help="Where to play from; a change seeks"),
    gain: float = param(0.0, "dB", -60.0, 24.0),
) -> Audio:
    """Play an audio file into the patch.

    Everything that listens (level, spectrum, beat) starts from here. The gain changes what the
    patch hears, so that a quiet recording drives it as a loud one does; nothing is clipped.
    """
    return audio if gain == 0.0 else audio * np.float32(factor(gain))


@node(
    "audio.device",
    source="device",
    ahead=True,
    outlets="audio",
    title="Audio Device",
    aliases="Audio Device In CHOP, adc~, ezadc~, microphone, line in, loopback",
)
def hear_device(
    audio: Audio,
    device: str = param(
        "",
        help="Name of the input, or a part of it; empty: the default one; loopback: what is played",
    ),
    host_api: str = param("", help="Where it is found, if its name alone does not tell"),
    channels: str = param("all", help="all, left, right, or numbers: 3, 3+4"),
    gain: float = param(0.0, "dB", -60.0, 60.0),
) -> Audio:
    """Hear a microphone, a line input, or what this machine plays.

    `nodegraph devices` lists the inputs. `loopback` is what this machine plays, on the output that
    is used by default; the monitor of another output brings what is played there.
    When the input is lost there is silence, never another input, until it is back.
    """
    return audio if gain == 0.0 else audio * np.float32(factor(gain))


@node(
    "audio.mix",
    outlets="out",
    ahead=True,
    title="Channel Mix",
    aliases="Math CHOP, Audio Gain, mid/side",
)
def mix(
    audio: Audio = inlet(),
    mode: str = param(
        "mono",
        choices=("mono", "left", "right", "mid", "side"),
        help="mono: mean of all channels; mid: (left + right) / 2; side: (left - right) / 2",
    ),
    gain: float = param(0.0, "dB", -60.0, 24.0),
) -> Audio:
    """Make one channel of many, and louder or softer.

    The side holds what lies left and right in the mix (reverb, wide synthesisers) and drops what
    sits in the middle (voice, kick, bass). A single channel counts as both left and right.
    """
    left, right = audio[..., :1], audio[..., 1:2] if audio.shape[-1] > 1 else audio[..., :1]
    if mode == "mono":
        chosen = mono(audio)[..., None]
    elif mode == "left":
        chosen = left
    elif mode == "right":
        chosen = right
    else:
        chosen = (left + right if mode == "mid" else left - right) * np.float32(0.5)
    return chosen * np.float32(factor(gain))


def mono(audio: Audio) -> Vector:
    """float32[samples], the mean of the channels."""
    channels = audio.shape[-1]
    if channels == 1:
        return audio[..., 0]
    if channels == 2:  # five times as quick as the mean over so short an axis
        return (audio[..., 0] + audio[..., 1]) * 0.5
    return np.asarray(audio.mean(axis=-1), np.float32)


def latest(heard: Vector, length: int) -> Vector:
    """float32[length], the newest of what was heard; before that there was silence."""
    heard = heard[-length:]
    if heard.size == length:
        return heard
    return np.concatenate((np.zeros(length - heard.size, np.float32), heard))


class Quiet(NamedTuple):
    """How long it has been quiet (s), and how far the fade stands. Before any sound: for long."""

    seconds: float = 3600.0
    fade: float = 0.0


@node(
    "audio.silence",
    outlets=["silent", outlet("fade", "", 0.0, 1.0, help="1 while there is sound, 0 in silence")],
    state=Quiet(),
    aliases="Noise Gate, Silence Detector, FadeInOut",
)
def silence(
    state: Quiet,
    dt: float,
    audio: Audio = inlet(),
    gate: float = param(-60.0, "dB", -120.0, 0.0, help="Below this level it counts as quiet"),
    hold: float = param(1.0, "s", 0.0, 30.0, help="How long it must be quiet to be silence"),
    fade_in: float = param(
        0.1, "s", 0.0, 30.0, help="How long the fade takes to 1 when sound is back"
    ),
    fade_out: float = param(2.0, "s", 0.0, 30.0, help="How long the fade takes to 0 in silence"),
) -> tuple[Quiet, bool, float]:
    """Notice that the music has stopped, and fade out.

    Silence is a level below the gate for as long as `hold`, so that a rest in the music is not
    one. The first sound ends it at once. Multiply by `fade` whatever should calm down.
    """
    seconds = 0.0 if power(audio) >= factor(gate) ** 2 else state.seconds + dt
    silent = seconds > 0.0 and seconds >= hold
    if silent:
        faded = max(0.0, state.fade - dt / fade_out) if fade_out > 0.0 else 0.0
    else:
        faded = min(1.0, state.fade + dt / fade_in) if fade_in > 0.0 else 1.0
    return Quiet(seconds, faded), silent, faded


NODES = (play_file, hear_device, mix, silence)
