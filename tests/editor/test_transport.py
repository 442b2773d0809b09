"""What the transport shows: sources in words, places between two words of the show, the beat."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from nodegraph.editor.gauges import Gauges
from nodegraph.editor.playback import Playhead, Ports, clock_of, clock_text, music, sounds

SONG = {
    "kind": "file",
    "path": "songs/tide.flac",
    "device": "",
    "loop": False,
    "replaced": False,
    "at": 10.0,
    "duration": 60.0,
    "ended": False,
    "paused": False,
}


def status(**changed: Any) -> dict[str, Any]:
    return {"sources": {"main": {"song": SONG | changed}}}


def test_sources_in_words() -> None:
    (sound,) = sounds(status(), "main")
    assert (sound.title, sound.state, sound.is_file) == ("tide.flac", "playing", True)
    assert sounds(status(path=""), "main")[0].title == "Demo track"
    assert sounds(status(paused=True), "main")[0].state == "paused"
    assert sounds(status(ended=True), "main")[0].state == "ended"
    assert sounds(status(gaps=3), "main")[0].state == "playing, gaps: 3"
    device = sounds(status(kind="device", device="Scarlett 2i2", at=None), "main")[0]
    assert (device.title, device.is_file) == ("Scarlett 2i2", False)
    assert sounds(status(kind="midi"), "main")[0].title == "midi"
    assert sounds(status(), "next") == ()
    assert sounds({}, "main") == ()


def test_the_playhead_goes_on_between_two_words_of_the_show() -> None:
    head = Playhead()
    (sound,) = sounds(status(), "main")
    assert head.place(sound, 100.0) == pytest.approx(10.0)
    assert head.place(sound, 100.15) == pytest.approx(10.15)
    assert head.place(sound, 200.0) == pytest.approx(11.0)  # the show says nothing: it waits
    (later,) = sounds(status(at=10.2), "main")
    assert head.place(later, 200.0) == pytest.approx(10.2)
    (held,) = sounds(status(paused=True), "main")
    assert head.place(held, 201.0) == head.place(held, 201.9) == pytest.approx(10.0)
    (near,) = sounds(status(at=59.9), "main")
    head.place(near, 300.0)
    assert head.place(near, 300.5) == pytest.approx(60.0)
    (round_,) = sounds(status(at=59.9, loop=True), "main")
    head.place(round_, 400.0)
    assert head.place(round_, 400.5) == pytest.approx(0.4)
    (device,) = sounds(status(kind="device", at=None, duration=None), "main")
    assert head.place(device, 500.0) is None


class Values:
    def __init__(self, **values: float) -> None:
        self._values = values

    def newest(self, port: str) -> float:
        return self._values.get(port.rpartition(".")[2], nan)


def test_bar_and_beat() -> None:
    def at(beats: float, **more: float) -> Any:
        values = {"bpm": 120.0, "beats": beats, "meter": 4.0, "confidence": 0.9} | more
        return music(Values(**values), "beat.clock")  # type: ignore[arg-type]  # all it asks for

    assert at(0.0)[:5] == (120.0, 4, 0, 0, 0.0)
    assert at(9.25)[1:5] == (4, 2, 1, 0.25)
    assert at(7.0, meter=3.0)[1:4] == (3, 2, 1)
    assert at(1.0, bpm=0.0) is None
    assert music(Values(), "beat.clock") is None  # type: ignore[arg-type]
    assert music(Values(bpm=1.0), "") is None  # type: ignore[arg-type]
    columns = ("beat.bpm", "beat.clock.bpm", "beat.clock.beats", "beat.clock.meter")
    assert clock_of(dict.fromkeys(columns)) == "beat.clock"
    assert clock_of({"a.out": 1}) == ""


def test_ports_are_looked_for_when_there_are_others() -> None:
    ports = Ports()
    assert ports.of({}).level("song") == ports.clock == ""
    first = {"song.audio.rms": 1, "song.audio.peak": 2, "beat.clock.bpm": 3, "beat.clock.meter": 4}
    assert ports.of(first).level("song") == "song.audio"
    assert (ports.level("son"), ports.clock) == ("", "beat.clock")
    assert ports.of({"song.out": 1}).level("song") == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00"), (59.99, "0:59"), (61.0, "1:01"), (3723.0, "1:02:03"), (-1.0, "0:00")],
)
def test_times(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_unknown_times_are_dashes() -> None:
    assert clock_text(None) == clock_text(nan) == "–:––"


def test_gauges_follow_a_minute_of_the_show() -> None:
    gauges = Gauges()
    assert gauges.all()[0].past == ()
    assert gauges.words() == []
    link = {"state": "live", "fps": 12.0, "latency": 1.5, "sent": 4, "merged": 9, "frames": 7}
    link |= {"bitrate": 2.4e6, "loss": 0.02, "dropped": 3}
    for n in range(400):
        told = {"ticks": n * 20, "overruns": n // 100, "load": 0.25, "link": link, "restarts": 0}
        assert gauges.hear(told, n / 5)
        assert not gauges.hear(told, n / 5)
    engine, late, pictures, delay, stream = gauges.all()
    assert (engine.value, engine.tone) == ("25% of its time", "good")
    assert 290 <= len(engine.past) <= 302
    assert set(engine.past) == {0.25}
    assert late.value == "3 in the last minute"
    assert max(late.past) == pytest.approx(0.5)  # one of twenty ticks, where a tenth fills it
    assert (pictures.value, set(pictures.past)) == ("12 a second", {1.0})
    assert delay.value == "about 1.5 s"
    assert (stream.value, stream.tone) == ("2.4 Mbit/s", "warning")
    assert ("3 damaged, 2.0% of the stream lost", "warning") in gauges.words()
    texts = [text for text, _ in gauges.words()]
    assert "7 980 ticks" in texts
    assert "the engine was never restarted" in texts
    gauges.hear({"ticks": 5, "overruns": 0, "load": 0.95, "restarts": 2}, 81.0)
    engine, late = gauges.all()
    assert (engine.tone, late.value) == ("problem", "none in the last minute")
    assert ("2 restarts of the engine", "warning") in gauges.words()
