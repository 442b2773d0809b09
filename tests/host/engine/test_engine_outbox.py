"""Messages leave without waiting, and nothing that counts is lost while they cannot."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.engine.protocol import Sent
from nodegraph.host.engine.wire import from_engine
from nodegraph.remote.framing import Unpacker, pack
from nodegraph.values import Prompt


class Socket:
    """Takes messages while it is open."""

    def __init__(self) -> None:
        self.open = True
        self.taken: list[Sent] = []

    def send(self, data: Mapping[str, object]) -> bool:
        frame = pack(data)
        if self.open:
            for message in Unpacker().feed(frame):
                word = from_engine(message)
                assert isinstance(word, Sent)
                self.taken.append(word)
        return self.open


def test_scope_hears_the_newest_of_each_parameter_and_others_hear_everything() -> None:
    socket = Socket()
    outbox = Outbox(socket.send)
    outbox.put("scope", {"noise_scale": 0.1})
    outbox.flush()
    assert socket.taken == [Sent("scope", [{"noise_scale": 0.1}])]
    socket.open = False
    for n in range(3):
        outbox.put("scope", {"noise_scale": n / 10, f"seed{n}": n})
        outbox.put("osc", {"n": n})
        outbox.flush()
    socket.open, socket.taken = True, []
    outbox.flush()
    merged = {"noise_scale": 0.2, "seed0": 0, "seed1": 1, "seed2": 2}
    assert socket.taken == [Sent("scope", [merged]), Sent("osc", [{"n": 0}, {"n": 1}, {"n": 2}])]
    socket.taken = []
    outbox.flush()
    assert socket.taken == []


def test_a_sink_that_is_never_heard_loses_its_oldest_messages() -> None:
    socket = Socket()
    socket.open = False
    outbox = Outbox(socket.send)
    for n in range(1003):
        outbox.put("osc", {"n": n})
    outbox.flush()
    assert outbox.dropped == 3
    socket.open = True
    outbox.flush()
    assert [body["n"] for body in socket.taken[0].bodies] == list(range(3, 1003))


def test_values_arrive_as_what_they_were_and_what_cannot_travel_is_dropped_alone() -> None:
    socket = Socket()
    outbox = Outbox(socket.send)
    prompts = (Prompt("a hall", 0.5), Prompt("a sea", 0.25))
    outbox.put("scope", {"prompts": prompts, "seed": np.float32(2.0), "list": np.arange(2)})
    outbox.flush()
    assert socket.taken == [Sent("scope", [{"prompts": prompts, "seed": 2.0, "list": (0, 1)}])]
    socket.taken = []
    outbox.put("scope", {"file": object()})
    outbox.put("osc", {"n": 1})
    outbox.flush()
    assert socket.taken == [Sent("osc", [{"n": 1}])]
    assert outbox.dropped == 1
    outbox.put("scope", {"seed": 3.0})
    outbox.flush()
    assert socket.taken[1:] == [Sent("scope", [{"seed": 3.0}])]


def test_the_host_learns_once_which_node_sends_a_parameter() -> None:
    socket = Socket()
    outbox = Outbox(socket.send)
    outbox.name(["seed", "prompts"], "main", "out")
    outbox.put("scope", {"seed": 1.0})
    socket.open = False
    outbox.flush()
    socket.open, socket.taken = True, []
    outbox.flush()
    told = {"seed": ("main", "out"), "prompts": ("main", "out")}
    assert socket.taken == [Sent("scope", [{"seed": 1.0}], told)]
    outbox.name(["seed"], "main", "out")
    outbox.name(["prompts"], "next", "out")
    outbox.put("scope", {"seed": 2.0})
    outbox.flush()
    assert socket.taken[1:] == [Sent("scope", [{"seed": 2.0}], {"prompts": ("next", "out")})]
