"""Clients see how sources play, move in them, pause them, and see what they look like."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_kit import attended
from kit import patch
from show_kit import playing, run, seen, until

from nodegraph.audio.overview import peaks
from nodegraph.errors import AudioError
from nodegraph.graph import SetParam, save
from nodegraph.host.desk import Desk
from nodegraph.remote.client import Client
from nodegraph.remote.errors import RequestRefused

RATE = 48_000


pytestmark = pytest.mark.usefixtures("own_folder")


def write_stairs(path: Path, seconds: int = 20) -> Path:
    """A file whose loudness says where in it one is: in second n it is at (n + 1) / 40."""
    steps = np.repeat((np.arange(seconds) + 1) / 40, RATE)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.round(steps * 32767).astype("<i2").tobytes())
    return path


@asynccontextmanager
async def attached(tmp_path: Path, **params: Any) -> AsyncIterator[tuple[Any, Client]]:
    path = str(write_stairs(tmp_path / "stairs.wav"))
    made = patch(
        {"song": ("audio.file", {"path": path, "loop": False} | params), "level": "audio.level"},
        ["song.audio -> level.audio"],
    )
    async with attended(made, tmp_path) as (show, client):
        await until(lambda: seen(show, "level.rms") > 0)
        yield show, client


def second(show: Any) -> float:
    """Where in the file the engine is, by what it hears."""
    return seen(show, "level.rms") * 40 - 1


async def told(client: Client, holds: Callable[[Any], object], within: float = 5.0) -> Any:
    """What the status says of the song, as soon as something holds of it."""
    async with asyncio.timeout(within):
        while True:
            event = await client.next_event()
            assert event is not None
            if event["event"] == "status":
                song = event["sources"]["main"].get("song")
                if song and holds(song):
                    return song


def test_a_source_tells_what_it_is_and_how_it_plays(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (_show, client):
            song = await told(client, lambda it: it["at"] is not None)
            assert song["kind"] == "file"
            assert song["path"].endswith("stairs.wav")
            assert song["duration"] == pytest.approx(20.0)
            assert (song["ended"], song["paused"], song["loop"]) == (False, False, False)
            later = await told(client, lambda it: it["at"] > song["at"] + 1.0)
            assert later["at"] < song["at"] + 10.0

    run(story())


@pytest.mark.slow
def test_a_hand_on_the_transport(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (show, client):
            await told(client, lambda it: it["at"] is not None)
            await client.request("transport", node="song", at=12.25)
            await told(client, lambda it: 12.0 < it["at"] < 14.5)
            await until(lambda: 11.9 < second(show) < 14.5)
            await client.request("transport", node="song", paused=True)
            await until(lambda: seen(show, "level.rms") == 0.0)
            await asyncio.sleep(1.2)
            held = await told(client, lambda it: it["paused"])
            await asyncio.sleep(1.2)
            assert (await told(client, lambda it: True))["at"] == held["at"]
            await client.request("transport", node="song", at=3.0)
            await asyncio.sleep(0.3)
            assert seen(show, "level.rms") == 0.0
            await client.request("transport", node="song", paused=False)
            await until(lambda: 2.9 < second(show) < 4.9)
            await client.request("transport", node="song", at=19.5)
            await told(client, lambda it: it["ended"])
            await client.request("transport", node="song", at=0.0)
            await until(lambda: -0.1 < second(show) < 2.0)
            await told(client, lambda it: not it["ended"])
            assert show.decks["main"].document.labels() == ((), ())

    run(story())


def test_the_sound_that_replaces_all_others_is_moved_in_too(tmp_path: Path) -> None:
    async def story() -> None:
        path = str(write_stairs(tmp_path / "instead.wav"))
        made = patch({"song": "audio.file", "level": "audio.level"}, ["song.audio -> level.audio"])
        async with playing(made, tmp_path, audio=path) as show, Desk(show, "test"):
            client = await Client.open()
            try:
                song = await told(client, lambda it: it["at"] is not None)
                assert song["path"] == path
                await client.request("transport", node="song", at=10.0)
                await until(lambda: 9.9 < second(show) < 12.0)
            finally:
                await client.close()

    run(story())


@pytest.mark.slow
def test_what_is_paused_stays_so_in_the_next_engine(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (show, client):
            await client.request("transport", node="song", at=8.0, paused=True)
            song = await told(client, lambda it: it["paused"] and it["at"] == pytest.approx(8.0))
            await asyncio.sleep(1.5)
            os.kill(show.engine._worker.process.pid, signal.SIGKILL)
            await until(lambda: show.tally.restarts == 1, within=15.0)
            await asyncio.sleep(1.5)
            assert seen(show, "level.rms") == 0.0
            assert (await told(client, lambda it: True))["at"] == pytest.approx(song["at"], abs=1.5)

    run(story())


def test_the_waveform_of_a_file(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (show, client):
            answer: Any = await client.request("waveform", node="song", count=20)
            assert answer["seconds"] == pytest.approx(20.0, abs=0.02)
            expected = (np.arange(20) + 1) / 40 * 255
            assert np.frombuffer(answer["peaks"], np.uint8) == pytest.approx(expected, abs=1.5)
            show.decks["main"].do(SetParam("song", "path", "gone.wav"), "Lose it")
            with pytest.raises(RequestRefused, match=r"gone.wav cannot be read: No such file"):
                await client.request("waveform", node="song")
            broken = tmp_path / "broken.wav"
            broken.write_bytes(b"RIFF" + bytes(100))
            show.decks["main"].do(SetParam("song", "path", str(broken)), "Break it")
            with pytest.raises(RequestRefused, match=r"broken.wav is not a sound file"):
                await client.request("waveform", node="song")

    run(story())


@pytest.mark.parametrize(("samples", "moments"), [(RATE * 3 // 10, 30), (RATE + 1, 101), (1, 1)])
def test_the_peaks_end_with_the_sound(samples: int, moments: int, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "short.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"\xff\x3f" * samples)
    found = np.concatenate(list(peaks(str(tmp_path / "short.wav"))))
    assert len(found) == moments
    assert found.tolist() == [128] * moments


def test_many_who_ask_for_a_waveform_have_it_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who vanishes meanwhile takes the program that makes it along."""

    async def story() -> None:
        begun: list[str] = []
        at_once = 0

        async def slowly(module: str, *words: str, within: float = 0.0) -> bytes:
            nonlocal at_once
            begun.append(module)
            at_once += 1
            assert at_once == 1
            try:
                await asyncio.sleep(0.3)
            finally:
                at_once -= 1
            return bytes(100)

        monkeypatch.setattr("nodegraph.host.desk_sound.run_aside", slowly)
        async with attached(tmp_path) as (_show, client):
            others = [await Client.open() for _ in range(3)]
            leaving = asyncio.create_task(others[0].request("waveform", node="song"))
            await until(lambda: begun)
            asking = [each.request("waveform", node="song") for each in (client, *others[1:])]
            answers = asyncio.gather(*asking, client.request("waveform", node="song"))
            await others[0].close()
            await asyncio.wait([leaving])
            assert leaving.exception() is not None
            assert all(answer["seconds"] == 1.0 for answer in await answers)
            assert len(begun) == 2
            for each in others[1:]:
                await each.close()

    run(story())


@pytest.mark.slow
def test_a_hand_on_the_transport_of_what_was_just_opened(tmp_path: Path) -> None:
    """It is not lost, though the engine has not opened the file yet."""

    async def story() -> None:
        async with attached(tmp_path) as (show, client):
            path = tmp_path / "again.json"
            save(show.decks["main"].document.patch, path)
            for paused, wanted in ((True, 0.0), (False, 0.2)):
                await client.request("open", path=str(path))
                await client.request("transport", node="song", at=15.0, paused=paused)
                await told(client, lambda it: it["at"] and 14.9 < it["at"] < 19.0)
                await until(lambda p=paused: (seen(show, "level.rms") > 0.3) is not p, within=5.0)
                await asyncio.sleep(0.2)
                assert (seen(show, "level.rms") > wanted) is not paused

    run(story())


@pytest.mark.slow
def test_what_is_paused_when_the_engine_dies_again_and_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (show, client):
            await client.request("transport", node="song", paused=True)
            for count in (1, 2):
                os.kill(show.engine._worker.process.pid, signal.SIGKILL)
                await until(lambda c=count: show.tally.restarts == c, within=15.0)
                assert show.tally.sources.get("main", {}).get("song", (0, 0, 0, True))[3]
                await until(lambda: seen(show, "level.rms") == 0.0, within=2.0)
                await asyncio.sleep(0.3)
                assert seen(show, "level.rms") == 0.0

    run(story())


def test_the_peaks_of_the_demo_track_and_of_what_is_no_sound() -> None:
    found = np.concatenate(list(peaks("")))
    assert len(found) > 1000
    assert found.max() > 100
    with pytest.raises(AudioError, match="does not exist"):
        list(peaks("not/there.wav"))


def test_devices_and_what_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with attached(tmp_path) as (_show, client):
            with pytest.raises(RequestRefused, match="'level' brings no sound on deck main"):
                await client.request("transport", node="level", paused=True)
            with pytest.raises(RequestRefused, match="at must be a number from 0"):
                await client.request("transport", node="song", at=-1)
            with pytest.raises(RequestRefused, match="nothing lies on a deck called 'next'"):
                await client.request("waveform", deck="next", node="song")
            command = (sys.executable, "-m", "nodegraph", "devices", "--json")
            shown = subprocess.run(command, capture_output=True, check=False)
            if shown.returncode:
                with pytest.raises(RequestRefused, match="PortAudio"):
                    await client.request("devices")
            else:
                answer: Any = await client.request("devices")
                assert answer["devices"] == json.loads(shown.stdout)

    run(story())
