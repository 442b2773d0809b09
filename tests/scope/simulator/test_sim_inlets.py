"""How the simulated server is steered from elsewhere: OSC and DMX over UDP, tempo."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_kit import refused, talk

from nodegraph.scope.answers import Command, DmxMapping
from nodegraph.scope.loading import load
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.simulator.stores.osc import fits, parse


def osc(address: str, *values: object) -> bytes:
    """A message by the Open Sound Control 1.0 specification, written here on its own."""

    def padded(text: str) -> bytes:
        raw = text.encode() + b"\0"
        return raw + b"\0" * (-len(raw) % 4)

    tags, content = ",", b""
    for value in values:
        match value:
            case bool():
                tags += "T" if value else "F"
            case int():
                tags, content = tags + "i", content + struct.pack(">i", value)
            case float():
                tags, content = tags + "f", content + struct.pack(">f", value)
            case str():
                tags, content = tags + "s", content + padded(value)
    return padded(address) + padded(tags) + content


def send(url: str, data: bytes, port: int | None = None) -> None:
    at = httpx.URL(url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(data, (at.host, port or at.port or 0))


def test_osc_sets_what_it_may_and_tells_who_listens() -> None:
    async def work(rest: ScopeRest) -> None:
        told = await rest.osc()
        assert told.listening
        assert rest.url.endswith(f":{told.port}")
        paths = await rest.osc_paths()
        assert {path.address for path in paths.active["Runtime"]} >= {"/scope/noise_scale"}
        await rest.start_session("longlive", prompts=[{"text": "sea", "weight": 1.0}])
        await rest.set_osc_inventory(
            [{"osc_address": "n/x", "type": "float", "node_id": "longlive", "param": "noise_scale"}]
        )
        async with rest.osc_commands() as commands:
            for data in (
                osc("/scope/noise_scale", 1.5),
                osc("/scope/noise_scale", "loud"),
                osc("/scope/nothing", 1),
                b"/scope/noise_scale\0,",
                b"\xff" * 5000,
                osc("/scope/noise_scale", 0.5),
                osc("/scope/n/x", 0.25),
                osc("/scope/denoising_step_list", 1000, 500),
                b"#bundle\0" + bytes(8) + struct.pack(">i", 24) + osc("/scope/paused", True),
            ):
                send(rest.url, data)
            got = [await anext(commands) for _ in range(3)]
        assert [(one.key, one.value) for one in got] == [
            ("noise_scale", 0.5),
            ("noise_scale", 0.25),
            ("denoising_step_list", [1000, 500]),
        ]
        assert got[1].node_id == "longlive"
        log = "".join((await rest.logs_tail(100)).lines)
        assert "OSC UNKNOWN /scope/nothing" in log
        assert log.count("OSC INVALID") >= 3
        await rest.stop_session()

    async def whole(rest: ScopeRest) -> None:
        await load(rest, ["longlive"])
        await work(rest)

    talk(whole, chunk_seconds=0.05)


@given(st.binary(max_size=64), st.integers(0, 40))
def test_no_datagram_harms(rest: bytes, cut: int) -> None:
    for data in (rest, b"#bundle\0" + rest, osc("/scope/noise_scale", 0.5, "x", True)[:cut] + rest):
        with suppress(ValueError, IndexError, struct.error):
            assert all(isinstance(address, str) for address, _ in parse(data))


@pytest.mark.parametrize(
    ("value", "path", "fit"),
    [
        (0.5, {"type": "float", "min": 0.0, "max": 1.0}, True),
        (1, {"type": "float", "min": 0.0, "max": 1.0}, True),
        (1.5, {"type": "float", "min": 0.0, "max": 1.0}, False),
        (True, {"type": "float"}, False),
        (1.0, {"type": "integer"}, False),
        (0, {"type": "bool"}, True),
        ("text", {"type": "string", "enum": ["text"]}, True),
        (3, {"type": "string"}, False),
        ([1000], {"type": "integer_list"}, True),
        (1000, {"type": "integer_list"}, False),
        (float("nan"), {"type": "float", "min": 0.0, "max": 1.0}, False),
    ],
)
def test_osc_is_strict_about_types(value: object, path: dict[str, Any], fit: bool) -> None:
    assert fits(value, path) is fit


def art_dmx(universe: int, *levels: int) -> bytes:
    """An ArtDMX packet by the Art-Net 4 specification."""
    head = b"Art-Net\0" + struct.pack("<H", 0x5000) + struct.pack(">H", 14) + b"\0\0"
    return head + struct.pack("<H", universe) + struct.pack(">H", len(levels)) + bytes(levels)


def test_dmx_is_mapped_and_kept(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        assert not (await rest.dmx()).listening
        kept = await rest.map_dmx(
            [
                DmxMapping(0, 2, "vace_context_scale"),
                DmxMapping(0, 513, "noise_scale"),
                DmxMapping(1, 1, "noise_scale"),
            ]
        )
        assert [one.channel for one in kept.mappings] == [2, 1]
        await refused(rest.restart_dmx(80), 422)
        await rest.restart_dmx(18_454)
        told = await rest.set_dmx(enabled=True)
        assert told.listening
        assert (told.mapped, told.preferred) == (2, 18_454)
        async with rest.dmx_commands() as commands:
            for data in (b"Art-Net\0", b"x" * 600, art_dmx(7, 9, 9), art_dmx(0, 1, 51, 3)):
                send(rest.url, data, told.port)
            send(rest.url, art_dmx(0, 1, 51, 3), told.port)
            send(rest.url, art_dmx(1, 255), told.port)
            assert await anext(commands) == Command("dmx_command", "vace_context_scale", 0.4)
            assert await anext(commands) == Command("dmx_command", "noise_scale", 1.0)
        assert "denoising_step_list" not in {
            one.key for one in (await rest.dmx_paths()).active["Runtime"]
        }

    talk(work, folder=str(tmp_path))

    async def later(rest: ScopeRest) -> None:
        config = await rest.dmx_config()
        assert (config.enabled, len(config.mappings), config.preferred) == (True, 2, 18_454)

    talk(later, folder=str(tmp_path))


def test_the_tempo_runs_only_where_its_package_is() -> None:
    async def without(rest: ScopeRest) -> None:
        assert not (await rest.tempo_sources())["link"].available
        assert "not installed" in await refused(rest.enable_tempo(), 400)
        await refused(rest.set_tempo(120.0), 400)
        await refused(rest.enable_tempo(bpm=5.0), 422)
        assert not (await rest.tempo()).enabled

    async def with_(rest: ScopeRest) -> None:
        began = await rest.enable_tempo(bpm=240.0, beats_per_bar=3)
        assert began.source == "link"
        await asyncio.sleep(0.5)
        beat = (await rest.tempo()).beat
        assert beat is not None
        assert 2.0 <= beat.count <= 6
        assert beat.bar < 3.0
        changed = (await rest.set_tempo(60.0)).beat
        assert changed is not None
        assert changed.count - beat.count <= 2
        assert not (await rest.disable_tempo()).enabled

    talk(without)
    talk(with_, tempo=True)
