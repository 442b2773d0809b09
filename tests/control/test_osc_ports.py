"""OSC over the loopback, with python-osc's own client and server at the other end."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from time import perf_counter

import pytest
from control.waiting import soon

from nodegraph import OscEvent
from nodegraph.control import hear_osc, osc_ports, send_osc
from nodegraph.control import hub as hub_module
from nodegraph.control.osc import write
from nodegraph.errors import ControlError
from nodegraph.hookspecs import EventSource

pytest.importorskip("pythonosc", reason="pip install 'nodegraph[dev]' brings python-osc")
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def source(port: int) -> Iterator[EventSource]:
    made = hear_osc({"port": float(port)})
    _listening(made, port)
    yield made
    made.close()


def _listening(source: EventSource, port: int) -> None:
    """Wait until a datagram arrives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:

        def arrives() -> bool:
            out.sendto(write("/ready", ()), ("127.0.0.1", port))
            time.sleep(0.01)
            return bool(source.read(perf_counter()))

        soon(arrives)
    time.sleep(0.05)
    source.read(perf_counter())


def heard(source: EventSource, count: int) -> list[OscEvent]:
    found: list[OscEvent] = []
    end = time.monotonic() + 5.0
    while len(found) < count and time.monotonic() < end:
        found += source.read(perf_counter())
        time.sleep(0.005)
    return found


def test_a_client_is_heard(source: EventSource, port: int) -> None:
    with SimpleUDPClient("127.0.0.1", port) as client:
        client.send_message("/1/fader1", 0.25)
        client.send_message("/1/label", ["hello", True, 3])
    first, second = heard(source, 2)
    assert first[1:] == ("/1/fader1", (0.25,))
    assert second[1:] == ("/1/label", ("hello", True, 3.0))
    assert 0.0 <= second.ago <= 5.0
    assert source.complaint == ""


def test_two_nodes_hear_one_port(source: EventSource, port: int) -> None:
    other = hear_osc({"port": port})
    with SimpleUDPClient("127.0.0.1", port) as client:
        client.send_message("/x", 1.0)
    assert [event.address for event in heard(source, 1)] == ["/x"]
    assert [event.address for event in heard(other, 1)] == ["/x"]
    other.close()


def test_noise_and_floods_end_nothing(
    source: EventSource, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(2000):
            out.sendto(chance.randbytes(chance.randrange(1, 80)), ("127.0.0.1", port))
            out.sendto(b"#bundle\0" + chance.randbytes(20), ("127.0.0.1", port))
    soon(lambda: source.complaint == f"what arrives at UDP port {port} is no OSC")
    monkeypatch.setattr(osc_ports, "FORGOTTEN", 0.1)
    soon(lambda: source.complaint == "")
    source.read(perf_counter())
    with SimpleUDPClient("127.0.0.1", port) as client:
        client.send_message("/still", 1.0)
    assert [event.address for event in heard(source, 1)] == ["/still"]


def test_a_port_that_is_taken_is_a_sentence_and_is_heard_once_it_is_free(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "AGAIN", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", port))
        source = hear_osc({"port": port})
        soon(lambda: f"UDP port {port} cannot be heard" in source.complaint)
    _listening(source, port)
    assert source.complaint == ""
    source.close()


def test_messages_arrive_at_a_server(port: int) -> None:
    arrived: list[tuple[object, ...]] = []
    dispatcher = Dispatcher()
    dispatcher.set_default_handler(lambda *message: arrived.append(message))
    with BlockingOSCUDPServer(("127.0.0.1", port), dispatcher) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        sink = send_osc()
        sink.send({"host": "localhost", "port": port, "address": "/dim", "args": (0.5, "on")})
        soon(lambda: arrived)
        server.shutdown()
        thread.join()
        sink.close()
    assert arrived == [("/dim", 0.5, "on")]


@pytest.mark.parametrize(
    "change", [{"host": "no such machine.invalid"}, {"port": 70000}, {"args": (1e300,)}]
)
def test_what_cannot_be_sent_is_a_sentence(change: dict[str, object]) -> None:
    sink = send_osc()
    body = {"host": "127.0.0.1", "port": 9, "address": "/dim", "args": (0.5,)} | change
    with pytest.raises(ControlError, match="/dim cannot be sent to"):
        sink.send(body)
    sink.close()


def test_a_host_that_is_not_found_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look(host: str) -> str:
        asked.append(host)
        if host == "gone":
            raise socket.gaierror("nobody knows it")
        return "127.0.0.1"

    monkeypatch.setattr(socket, "gethostbyname", look)
    sink = send_osc()
    body = {"port": 9, "address": "/dim", "args": (0.5,)}
    for _ in range(3):
        with pytest.raises(ControlError, match="/dim cannot be sent to gone:9: nobody knows it"):
            sink.send(body | {"host": "gone"})
        sink.send(body | {"host": "lamp"})
    assert asked == ["gone", "lamp"]
    sink.close()
