"""Sound of notes: General MIDI through a soundfont, and a few oscillators of our own."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nodes.training.drums import RATE, Sound, filtered

DRUM_CHANNEL = 9
_TICKS = 10_000
"""Per second: the file says one beat a second, so that times need no tempo map."""


class Sounding(NamedTuple):
    """A note in seconds: from, to, General MIDI program or own voice, key, loudness 0..1."""

    begin: float
    end: float
    voice: int | str
    key: int
    loud: float


def _variable(number: int) -> bytes:
    """A number as the Standard MIDI File 1.0 writes lengths: seven bits a byte."""
    out = [number & 127]
    while number := number >> 7:
        out.append(128 | number & 127)
    return bytes(reversed(out))


def midi_file(notes: Sequence[Sounding], kit: int, volume: dict[int | str, float]) -> bytes:
    """A Standard MIDI File of one track. Voice "drums" goes to channel 10 with program `kit`."""
    free = [channel for channel in range(16) if channel != DRUM_CHANNEL]
    channels: dict[int | str, int] = {"drums": DRUM_CHANNEL}
    for note in notes:
        if note.voice not in channels and free:
            channels[note.voice] = free.pop(0)
    events: list[tuple[int, int, bytes]] = []
    for voice, channel in channels.items():
        program = kit if voice == "drums" else int(voice)
        level = round(127 * volume.get(voice, 0.8))
        start = bytes([0xC0 | channel, program, 0xB0 | channel, 7, level])
        events += [(0, 0, start[:2]), (0, 0, start[2:])]
    for note in notes:
        channel = channels.get(note.voice, 0)
        velocity = round(np.clip(10 + 112 * note.loud, 1, 127))
        begin = round(note.begin * _TICKS)
        end = max(begin + 100, round(note.end * _TICKS))
        events.append((begin, 2, bytes([0x90 | channel, note.key, velocity])))
        events.append((end, 1, bytes([0x80 | channel, note.key, 0])))
    events.sort()
    track, last = bytearray(b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")), 0
    for tick, _, event in events:
        track += _variable(tick - last) + event
        last = tick
    track += b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS)
    return head + b"MTrk" + struct.pack(">I", len(track)) + bytes(track)


def through_soundfont(midi: bytes, samples: int, soundfont: Path, reverb: bool) -> Sound:
    """What FluidSynth makes of a MIDI file, mean of its channels."""
    with tempfile.NamedTemporaryFile(suffix=".mid") as file:
        file.write(midi)
        file.flush()
        wet = "1" if reverb else "0"
        call = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.5", "-R", wet, "-C", wet]
        call += ["-O", "float", "-T", "raw", "-F", "/dev/stdout", str(soundfont), file.name]
        done = subprocess.run(call, check=True, capture_output=True)
    sound = np.frombuffer(done.stdout, "<f4").reshape(-1, 2).mean(axis=1)[:samples]
    return np.pad(sound, (0, samples - sound.size)).astype(np.float64)


def _saw(phase: Sound) -> Sound:
    return 2.0 * (phase % 1.0) - 1.0


def oscillators(notes: Sequence[Sounding], samples: int, rng: np.random.Generator) -> Sound:
    """The notes of one of our own voices: "saw" (several, out of tune), "square", "bass"."""
    out = np.zeros(samples)
    attack, release = rng.uniform(0.002, 0.02), rng.uniform(0.03, 0.25)
    ring = np.exp(rng.uniform(np.log(0.08), np.log(1.5)))
    width, spread, sub = rng.uniform(0.15, 0.5), rng.uniform(0.001, 0.008), rng.random() < 0.4
    for note in notes:
        first, last = round(note.begin * RATE), min(samples, round((note.end + release) * RATE))
        if last <= first:
            continue
        time = np.arange(last - first) / RATE
        turns = time * 440.0 * 2.0 ** ((note.key - 69) / 12)
        if note.voice == "saw":
            detuned = [1.0 - spread, 1.0, 1.0 + spread]
            wave = sum((_saw(turns * by + rng.random()) for by in detuned), np.zeros(1)) / 3.0
        elif note.voice == "square":
            wave = np.where(turns % 1.0 < width, 1.0, -1.0)
        else:
            wave = np.sin(2.0 * np.pi * turns) if sub else _saw(turns)
        fade = np.clip((note.end + release - note.begin - time) / release, 0.0, 1.0)
        shape = np.minimum(1.0, time / attack) * fade * (0.3 + 0.7 * np.exp(-time / ring))
        out[first:last] += note.loud * wave * shape
    corner = np.exp(rng.uniform(np.log(300.0), np.log(9000.0)))
    return filtered(out, "lowpass", float(corner))
