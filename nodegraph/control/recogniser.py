"""A process that hears phrases in a sound input: `python -m nodegraph.control.recogniser`.

Asked by a JSON object (`device`, `phrases`, `sensitivity`) as its argument, it says what happens as
a JSON object per line. It ends when its standard input does, and so with whoever started it. The
recogniser is PocketSphinx (BSD) with the model of American English that is in its package.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from nodegraph.audio.devices import open_stream
from nodegraph.audio.finding import find
from nodegraph.audio.resampling import Resampler
from nodegraph.errors import AudioError, ControlError

RATE = 16_000
"""Hz, of the model."""

ROOM = 30.0
"""The noise of a quiet room, -60 dB, in steps of 16 bits. It is added to all that is heard, for the
model knows no silence without one, such as that of a virtual cable, and then misses what is said.
"""


class Ear:
    """Spots phrases in sound, and passes over everything else that is said.

    `sensitivity` is 0..1: the more, the readier it is to take something for a phrase. Raises
    `ControlError` for phrases without words, and words that the model does not know.
    """

    def __init__(self, phrases: Sequence[str], sensitivity: float) -> None:
        from pocketsphinx import Config, Decoder, Endpointer

        spoken = list(dict.fromkeys(" ".join(_words(phrase)) for phrase in phrases))
        self._decoder = Decoder(Config(lm=None, loglevel="FATAL"))
        words = {word for phrase in spoken for word in phrase.split()}
        unknown = sorted(word for word in words if self._decoder.lookup_word(word) is None)
        if unknown:
            raise ControlError(
                f"the recogniser does not know {', '.join(unknown)}: it knows English words, with "
                "numbers written out; say it otherwise"
            )
        if not all(spoken) or not spoken:
            raise ControlError("there is nothing to listen for: write phrases, one per line")
        threshold = 10.0 ** -(50.0 * sensitivity + 5.0)
        with TemporaryDirectory() as folder:
            listed = Path(folder, "phrases")
            listed.write_text("".join(f"{one} /{threshold:g}/\n" for one in spoken), "utf-8")
            self._decoder.add_kws("phrases", str(listed))
        self._decoder.activate_search("phrases")
        self._ends = Endpointer(sample_rate=RATE)
        self.piece: int = self._ends.frame_bytes
        """How many bytes are listened to at once."""
        self._room = np.random.default_rng(0)

    def hear(self, sound: bytes) -> str:
        """Listen on, to a piece of int16 samples, mono, at `RATE`; the phrase that was said, or "".

        What lies between two pauses is listened to by itself, so that the ear gets used to a voice.
        """
        began = self._ends.in_speech
        samples = np.frombuffer(sound, "<i2") + self._room.normal(0.0, ROOM, len(sound) // 2)
        speech = self._ends.process(samples.clip(-32768.0, 32767.0).astype("<i2").tobytes())
        if speech is None:
            return ""
        if not began:
            self._decoder.start_utt()
        self._decoder.process_raw(speech, False, False)
        found = self._decoder.hyp()
        if found is not None or not self._ends.in_speech:
            self._decoder.end_utt()
            found = found or self._decoder.hyp()  # the end may tell
        if found is not None and self._ends.in_speech:
            self._decoder.start_utt()
        return str(found.hypstr).strip() if found is not None else ""


def _words(phrase: str) -> list[str]:
    return re.findall(r"[\w']+", phrase.casefold())


def listen(ear: Ear, pieces: Iterable[bytes]) -> None:
    """Tell what is heard in a sound."""
    tell(ready=True)
    for piece in pieces:
        if phrase := ear.hear(piece):
            tell(heard=phrase)


def tell(**word: object) -> None:
    """A word to whoever started this process."""
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def microphone(device: str, piece: int) -> Iterator[bytes]:
    """The sound of an input, found as `audio.device` finds it, in pieces of so many bytes. Raises
    `AudioError`, and `ControlError` once the input is gone."""
    found = find(device)
    stream, frames = open_stream(found, "speech", latency=0.2)
    resampler, waiting = Resampler(found.rate, RATE, found.channels), b""
    while True:
        try:
            heard, _ = stream.read(frames)
        except Exception as error:  # of PortAudio, or of a driver under it
            raise ControlError(f"the input {found} is gone: {error}") from error
        sound = resampler.resample(np.frombuffer(heard, np.float32).reshape(-1, found.channels))
        waiting += (32767.0 * sound.mean(axis=1).clip(-1.0, 1.0)).astype("<i2").tobytes()
        while len(waiting) >= piece:
            yield waiting[:piece]
            waiting = waiting[piece:]


def main() -> None:
    """Listen until nobody is there to be told."""
    asked = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        ear = Ear(asked["phrases"], asked["sensitivity"])
        listen(ear, microphone(asked["device"], ear.piece))
    except (AudioError, ControlError) as error:
        tell(complaint=str(error))


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
