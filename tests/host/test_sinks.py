"""Messages to sinks of the engine: in order, never waited for, and whatever a guest's do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import pytest

from nodegraph.errors import ControlError
from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.sinks import Sinks


def soon(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 5.0
    while not holds():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.005)


class Lamp:
    """Keeps what it is told, or does what its bodies say instead."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self.gate = threading.Event()
        self.gate.set()

    def send(self, body: Mapping[str, object]) -> None:
        assert self.gate.wait(5.0)
        if isinstance(body.get("raise"), Exception):
            raise body["raise"]  # type: ignore[misc]  # it is one
        self.got.append(body["n"])

    def __len__(self) -> int:  # empty is not absent
        return 0

    def close(self) -> None:
        self.got.append("closed")


def test_messages_arrive_in_their_order_on_another_thread() -> None:
    lamp = Lamp()
    sinks = Sinks({"lamp": lambda: lamp})
    assert not sinks.put("fog", {})
    for n in range(50):
        assert sinks.put("lamp", {"n": n})
    soon(lambda: lamp.got == [*range(50)])


def test_one_that_takes_its_time_keeps_nobody_waiting_and_the_oldest_are_dropped() -> None:
    slow, quick = Lamp(), Lamp()
    slow.gate.clear()
    sinks = Sinks({"slow": lambda: slow, "quick": lambda: quick})
    begun = perf_counter()
    for n in range(3000):
        sinks.put("slow", {"n": n})
    sinks.put("quick", {"n": 1})
    assert perf_counter() - begun < 1.0
    soon(lambda: quick.got == [1])
    assert [problem.text for problem in sinks.problems] == [
        "the sink slow does not keep up: messages are lost"
    ]
    slow.gate.set()
    soon(lambda: len(slow.got) >= 1000 and slow.got[-1] == 2999)
    assert len(slow.got) <= 1001


def test_what_goes_wrong_is_a_problem_until_all_goes_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nodegraph.host.sinks._CALM", 0.1)
    lamp, opened = Lamp(), []

    def open() -> Lamp:
        opened.append(1)
        if len(opened) == 1:
            raise ControlError("the lamp is not plugged in")
        return lamp

    sinks = Sinks({"lamp": open})
    sinks.put("lamp", {"n": 1})
    soon(lambda: [str(it) for it in sinks.problems] == ["the lamp is not plugged in"])
    sinks.put("lamp", {"n": 2})
    soon(lambda: lamp.got == [2])
    assert sinks.problems  # another lamp may still be out
    time.sleep(0.15)
    sinks.put("lamp", {"n": 3})
    soon(lambda: lamp.got == [2, 3] and not sinks.problems)
    assert len(opened) == 2
    sinks.put("lamp", {"raise": ValueError("oh")})
    soon(lambda: "the sink lamp failed: ValueError: oh" in str(sinks.problems[:1]))


def test_what_is_put_just_before_the_end_is_delivered() -> None:
    for _ in range(200):
        lamp = Lamp()
        sinks = Sinks({"lamp": lambda lamp=lamp: lamp})
        sinks.put("lamp", {"n": 1})
        sinks.close()
        assert lamp.got == [1, "closed"]


def test_what_waits_is_delivered_before_a_sink_is_closed_and_none_is_waited_for_long() -> None:
    lamp, stuck, unused = Lamp(), Lamp(), Lamp()
    stuck.gate.clear()
    sinks = Sinks({"lamp": lambda: lamp, "stuck": lambda: stuck, "unused": lambda: unused})
    for n in range(20):
        sinks.put("lamp", {"n": n})
    sinks.put("stuck", {"n": 1})
    begun = perf_counter()
    sinks.close()
    assert perf_counter() - begun < 2.0
    assert lamp.got == [*range(20), "closed"]
    assert stuck.got == unused.got == []
    stuck.gate.set()


def test_what_a_sink_of_the_engine_takes_does_not_go_to_the_host() -> None:
    sent: list[Any] = []
    lamp = Lamp()
    outbox = Outbox(lambda word: sent.append(word) or True, Sinks({"lamp": lambda: lamp}))
    outbox.put("lamp", {"n": 1})
    outbox.put("fog", {"n": 2})
    outbox.put("scope", {"noise_scale": 0.5})
    outbox.flush()
    soon(lambda: lamp.got == [1])
    assert [word["sink"] for word in sent] == ["scope", "fog"]
