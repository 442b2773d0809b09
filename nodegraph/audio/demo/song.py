"""The demo track, arranged: which instrument plays what, where, how loud; and the mix."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.demo import score, voices
from nodegraph.audio.demo.score import BAR, BARS, BEAT, CHORDS, ROOTS, STEP
from nodegraph.audio.demo.space import Bus, duck, echo, master, reverb, sweep_noise
from nodegraph.audio.demo.voices import Sound, cutoff

LEVELS = 12
"""Brightness comes in so many levels, so that a note is rendered once and played often."""

KICKING = [bar for name in ("intro", "groove", "drop", "outro") for bar in BARS[name]]
FULL = [*range(8, 16), *BARS["drop"]]
"""Bars with stabs and open hats."""
SINGING = [*range(12, 16), *range(20, 24), *range(32, 36)]
"""Bars with the melody."""


@lru_cache(maxsize=2)
def render(rate: int) -> NDArray[np.float32]:
    """The whole song at `rate` Hz, float32[samples, 2], read-only; the same bits at every call."""
    song = _Song(rate)
    song.drums()
    song.rhythm()
    song.harmony()
    song.melody()
    song.transitions()
    mixed = np.ascontiguousarray(song.mix().T)
    mixed.flags.writeable = False
    return mixed


class _Song:
    """Four buses that the instruments are placed on."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.size = round(score.DURATION * rate)
        self.beaten, self.pumped, self.echoed, self.roomy = (
            np.zeros((2, self.size), np.float32) for _ in range(4)
        )

    def place(self, bus: Bus, sound: Sound, at: float, gain: float, pan: float = 0.0) -> None:
        """Add a sound to a bus at a time in seconds; `pan` is -1 (left) to 1."""
        start = round(at * self.rate)
        here = bus[:, start : start + sound.shape[-1]]
        sound = sound[..., : here.shape[1]]
        left, right = (sound, sound) if sound.ndim == 1 else sound
        here[0] += np.float32(gain * (1 - max(pan, 0))) * left
        here[1] += np.float32(gain * (1 + min(pan, 0))) * right

    def drums(self) -> None:
        kick, clap = voices.kick(self.rate), voices.clap(self.rate)
        closed, opened = voices.hat(self.rate, 0.03), voices.hat(self.rate, 0.13)
        for bar in KICKING:
            loud = {"intro": 0.55, "drop": 0.85, "outro": 0.6}.get(_section(bar), 0.72)
            for beat in range(4):
                at = bar * BAR + beat * BEAT
                last = bar in (15, 35) and beat == 3
                if not last:
                    self.place(self.beaten, kick, at, loud)
                if beat % 2 and bar >= 4:
                    self.place(self.beaten, clap, at, 0.42)
                    self.place(self.roomy, clap, at, 0.14)
                if bar in FULL:
                    self.place(self.beaten, opened, at + BEAT / 2, 0.4, 0.15)
            for step in range(16):
                swung = bar * BAR + (step + score.SWING * (step % 2)) * STEP
                accent = (0.30, 0.16, 0.36, 0.20)[step % 4] * (1.0 if bar >= 4 else 0.7)
                self.place(self.beaten, closed, swung, accent, -0.3 if step % 4 == 3 else 0.2)
        for step in (10, 12, 13, 14, 15):  # the fill into the breakdown
            self.place(self.beaten, clap, 15 * BAR + step * STEP, 0.03 * step - 0.1)

    def rhythm(self) -> None:
        """The bass."""
        note = cache(voices.bass)
        for bar in [*BARS["groove"], *BARS["drop"], *range(36, 38)]:
            dropped = bar in BARS["drop"]
            corner = cutoff(_level(bar) * 0.75)
            for step, above in score.BASS_DROP if dropped else score.BASS_GROOVE:
                sound = note(ROOTS[bar % 4] + above, 0.9 * STEP + 0.06, corner, self.rate)
                self.place(self.pumped, sound, bar * BAR + step * STEP, 0.52 if dropped else 0.42)

    def harmony(self) -> None:
        """Pads, stabs and the arpeggio."""
        self._pads()
        stab, pluck = cache(voices.stab), cache(voices.pluck)
        for bar in FULL:
            rhythm = score.STABS_DROP if bar in BARS["drop"] else score.STABS_GROOVE
            for step in rhythm:
                sound = stab(CHORDS[bar % 4], cutoff(_level(bar) * 0.85), self.rate)
                for bus, gain in ((self.pumped, 0.6), (self.echoed, 0.14), (self.roomy, 0.24)):
                    self.place(bus, sound, bar * BAR + step * STEP, gain)
        for bar in range(40):
            loud = {"intro": 0.75, "breakdown": 0.32}.get(_section(bar), 0.5)
            chord = CHORDS[bar % 4]
            for step, pick in enumerate(score.ARPEGGIO):
                pitch = chord[pick % 5] + 12 * (pick // 5) + 12
                sound = pluck(pitch, cutoff(_level(bar + step / 16)), self.rate)
                gain = loud * (1.0 if step % 4 == 0 else 0.7)
                at, pan = bar * BAR + step * STEP, 0.5 * np.sin(step * 2.4 + bar)
                for bus, send in ((self.pumped, 1.0), (self.echoed, 0.35), (self.roomy, 0.3)):
                    self.place(bus, sound, at, gain * send, pan)

    def _pads(self) -> None:
        loop = cache(voices.pad)
        size = round(BAR * self.rate)
        edge = np.minimum(1, np.arange(size, dtype=np.float32) / (0.03 * self.rate))
        shape = edge * edge[::-1]
        for bar in range(40):
            gain = {"breakdown": 0.11, "build": 0.09, "drop": 0.09}.get(_section(bar), 0.06)
            ends = (_level(bar, 6), _level(bar + 0.999, 6))
            fade = np.linspace(1, 0, size, dtype=np.float32)
            for level, weight in zip(ends, (fade, 1 - fade), strict=True):
                sound = loop(CHORDS[bar % 4], cutoff(level), self.rate)[:, :size] * (shape * weight)
                self.place(self.pumped, sound, bar * BAR, gain)
                self.place(self.roomy, sound, bar * BAR, gain)

    def melody(self) -> None:
        sing = cache(voices.lead)
        for bar in SINGING:
            gain = {"breakdown": 0.26, "drop": 0.5}.get(_section(bar), 0.36)
            for of_four, step, pitch, length in score.MELODY:
                if of_four == bar % 4:
                    corner = cutoff(0.35 + 0.4 * _level(bar))
                    sound = sing(pitch, length * STEP, corner, self.rate)
                    for bus, send in ((self.pumped, 1.0), (self.echoed, 0.5), (self.roomy, 0.4)):
                        self.place(bus, sound, bar * BAR + step * STEP, gain * send, 0.1)

    def transitions(self) -> None:
        """What leads from one section to the next: impacts, the roll, the riser."""
        crash, boom = voices.crash(self.rate), voices.boom(self.rate)
        for bar, gain in ((4, 0.4), (8, 0.3), (16, 0.5), (28, 0.9), (32, 0.6), (36, 0.5)):
            self.place(self.beaten, crash, bar * BAR, gain)
        for bar, gain in ((16, 0.4), (28, 0.5), (36, 0.3)):
            self.place(self.beaten, boom, bar * BAR, gain)
        first = BARS["build"][0]
        for bar, between in score.ROLL:
            for step in np.arange(0, 16 if bar < 3 else 8, between):
                done = (bar * 16 + step) / 56
                sound = voices.snare(self.rate, 170 * 2**done)
                at = (first + bar) * BAR + step * STEP
                self.place(self.beaten, sound, at, 0.15 + 0.5 * done)
                self.place(self.roomy, sound, at, 0.1)
        start = 22 * BAR
        riser = sweep_noise(score.HUSH[0] - start, self.rate)
        self.place(self.roomy, riser, start, 0.2)
        self.place(self.beaten, riser, start, 0.55)

    def mix(self) -> Bus:
        """All buses together through the effects."""
        kicks = [bar * BAR + beat * BEAT for bar in KICKING for beat in range(4)]
        wet = echo(self.echoed, 3 * STEP, 0.45, self.rate)
        self.pumped += 0.8 * wet
        self.roomy += 0.3 * wet
        self.pumped += 0.6 * reverb(self.roomy, self.rate)
        duck(self.pumped, kicks, 0.75, self.rate)
        mixed = master(self.beaten + self.pumped, 0.72, 0.97)
        self._fade(mixed, score.HUSH[0], 0.03, score.HUSH[1])
        self._fade(mixed, score.DURATION - 2 * BAR, 2 * BAR, score.DURATION)
        return mixed

    def _fade(self, bus: Bus, start: float, length: float, end: float) -> None:
        """Fade a bus out at `start`, in place, and keep it silent until `end`, all in seconds."""
        first, last = round(start * self.rate), round(end * self.rate)
        fade = np.linspace(1, 0, round(length * self.rate), dtype=np.float32)[: last - first]
        bus[:, first : first + len(fade)] *= fade
        bus[:, first + len(fade) : last] = 0


def _section(bar: int) -> str:
    return next(name for name, bars in BARS.items() if bar in bars)


def _level(bar: float, levels: int = LEVELS) -> float:
    """The brightness at a bar, in one of so many levels."""
    return round(score.brightness(bar) * levels) / levels
