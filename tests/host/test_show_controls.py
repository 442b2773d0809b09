"""A whole show under a performer's hands: OSC in and out, and keys from a client."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import pytest
from desk_kit import attended
from kit import patch
from show_kit import playing, run, seen, until

from nodegraph import MidiEvent, PatchError
from nodegraph.control.osc import read, write
from nodegraph.host.offline import render

LAMP = """
from nodegraph import Message, hookimpl, node

@node("lamp.light", outlets="message", output=True)
def light() -> Message | None:
    '''Light it.'''
    return Message("lamp", {{}})

class Lamp:
    sent = 0

    def send(self, body):
        self.sent += 1
        if self.sent == 1:
            open({0!r}, "w").write("on")

    def close(self):
        open({0!r}, "a").write(" and off")

@hookimpl
def register_nodes(register):
    register(light)

@hookimpl
def register_sinks(register):
    register("lamp", Lamp)
"""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def test_what_is_sent_to_a_show_comes_out_of_it(tmp_path: Path) -> None:
    async def story() -> None:
        into = free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lamp:
            lamp.bind(("127.0.0.1", 0))
            lamp.settimeout(0.0)
            controls = {
                "fader": ("osc.in", {"port": into, "address": "/fader"}),
                "key": "control.key",
                "lamp": ("osc.out", {"port": lamp.getsockname()[1], "address": "/lamp"}),
            }
            made = patch(controls, ["fader.value -> lamp.value"])
            async with attended(made, tmp_path) as (show, client):
                await until(lambda: "fader.value" in show.meters["main"].columns)

                def touched() -> bool:
                    lamp.sendto(write("/fader", (0.75,)), ("127.0.0.1", into))
                    return seen(show, "fader.value") == 0.75

                await until(touched)
                got: list[tuple[float | bool | str, ...]] = []

                def lit() -> bool:
                    with suppress(BlockingIOError):
                        got.extend(event.args for event in read(lamp.recv(1000)))
                    return got[-1:] == [(0.75,)]

                await until(lit)
                assert seen(show, "key.held") == 0.0
                await client.request("key", key="space", down=True)
                await until(lambda: seen(show, "key.held") == 1.0)
                await client.request("key", key="space", down=False)
                await until(lambda: seen(show, "key.held") == 0.0)
                await client.request("key", key="space")
                await until(lambda: seen(show, "key.on") == 0.0)
                assert show.decks["main"].problems == ()

    run(story())


def test_a_sink_is_let_go_when_its_show_ends(tmp_path: Path) -> None:
    lamp = tmp_path / "lamp"
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "lamp.py").write_text(LAMP.format(str(lamp)))

    async def story() -> None:
        async with playing(patch({"lamp": "lamp.light"}), tmp_path):
            await until(lamp.exists)

    run(story())
    assert lamp.read_text() == "on and off"


def test_a_port_that_is_taken_is_told_on_its_node_and_the_show_plays(tmp_path: Path) -> None:
    async def story() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("", 0))
            port = taken.getsockname()[1]
            made = patch({"fader": ("osc.in", {"port": port}), "n": "t.count"})
            async with attended(made, tmp_path) as (show, _):
                await until(lambda: show.decks["main"].problems)
                (problem,) = show.decks["main"].problems
                assert problem.node == "fader"
                assert f"UDP port {port} cannot be heard" in problem.text
                before = seen(show, "n.out")
                await until(lambda: seen(show, "n.out") > before)

    run(story())


def test_offline_nothing_is_opened_and_what_was_written_down_is_heard() -> None:
    made = patch({"fader": "osc.in", "key": "control.key", "pad": "midi.note"})
    assert not render(made, duration=0.2)["pad.hit"].any()
    strikes = [(0.5, MidiEvent(0.0, "note", 1, 36, 127)), (1.0, MidiEvent(0.0, "note", 1, 36, 0))]
    trace = render(made, duration=2.0, events={"pad": strikes})
    assert trace.problems == ()
    assert trace.times[trace["pad.hit"] > 0] == pytest.approx([0.5], abs=512 / 48_000)
    held = trace.times[trace["pad.held"] > 0]
    assert (held[0], held[-1]) == pytest.approx((0.5, 1.0), abs=512 / 48_000)
    again = render(made, duration=2.0, events={"pad": strikes})
    assert trace.to_bytes() == again.to_bytes()
    with pytest.raises(PatchError, match="'pat' hears no events; these do: fader, key, pad"):
        render(made, duration=0.1, events={"pat": strikes})
