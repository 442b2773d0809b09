"""One opened input for many listeners: events in order, bounded, and closed after the last."""

from __future__ import annotations

import threading
import time
from time import perf_counter

import pytest
from control.waiting import soon

from nodegraph import KeyEvent
from nodegraph.control import hub as hub_module
from nodegraph.control.hub import MOST, Hub, Hubs, Inbox, Listener, ThreadedHub
from nodegraph.errors import ControlError


def test_an_inbox_tells_how_long_ago_and_never_less_than_nothing() -> None:
    inbox = Inbox()
    inbox.put(10.0, KeyEvent(0.0, "a", True))
    inbox.put(10.5, KeyEvent(0.0, "b", True))
    assert inbox.take(10.25) == (KeyEvent(0.25, "a", True), KeyEvent(0.0, "b", True))
    assert inbox.take(11.0) == ()


def test_a_flood_drops_the_oldest() -> None:
    inbox = Inbox()
    for n in range(3 * MOST):
        inbox.put(float(n), KeyEvent(0.0, str(n), True))
    kept = inbox.take(0.0)
    assert len(kept) == MOST
    assert kept[-1].key == str(3 * MOST - 1)  # type: ignore[union-attr]  # all are keys


def test_a_flood_from_several_threads_keeps_neither_side_waiting() -> None:
    hub, inbox = Hub(), Inbox()
    hub.inboxes = (inbox,)
    stop = threading.Event()

    def flood() -> None:
        while not stop.is_set():
            hub.tell(KeyEvent(0.0, "a", True))

    threads = [threading.Thread(target=flood) for _ in range(3)]
    for thread in threads:
        thread.start()
    taken, slowest = 0, 0.0
    for _ in range(20):
        begun = perf_counter()
        taken += len(inbox.take(begun))
        slowest = max(slowest, perf_counter() - begun)
        time.sleep(0.002)
    stop.set()
    for thread in threads:
        thread.join()
    assert taken > 20
    assert slowest < 0.5  # of a thread that the others let run only now and then


class Counted(ThreadedHub):
    """Counts how often it is opened, and may refuse."""

    opened: list[str]
    refuses: Exception | None = None

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()

    def __str__(self) -> str:
        return f"input {self.key}"

    def listen(self) -> None:
        if Counted.refuses is not None:
            raise Counted.refuses
        self.complaint = ""
        Counted.opened.append(self.key)
        self.closing.wait()
        Counted.opened.remove(self.key)


@pytest.fixture
def hubs(monkeypatch: pytest.MonkeyPatch) -> Hubs[str]:
    monkeypatch.setattr(hub_module, "AGAIN", 0.01)
    Counted.opened, Counted.refuses = [], None
    return Hubs(Counted)


def listener(hubs: Hubs[str], key: str) -> Listener[str]:
    return Listener(hubs, lambda params: str(params["key"]), {"key": key})


def test_it_is_opened_once_and_closed_after_the_last(hubs: Hubs[str]) -> None:
    one, two = listener(hubs, "x"), listener(hubs, "x")
    soon(lambda: Counted.opened == ["x"])
    one.close()
    one.close()
    time.sleep(0.02)
    assert Counted.opened == ["x"]
    two.close()
    soon(lambda: Counted.opened == [])


def test_a_param_moves_a_listener_to_another_input(hubs: Hubs[str]) -> None:
    one, two = listener(hubs, "x"), listener(hubs, "x")
    one.update({"key": "x"})
    one.update({"key": "y"})
    soon(lambda: sorted(Counted.opened) == ["x", "y"])
    two.close()
    soon(lambda: Counted.opened == ["y"])
    one.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [(ControlError("it is taken"), "it is taken"), (OSError("hm"), "input x failed: OSError: hm")],
)
def test_what_cannot_be_opened_says_so_and_is_tried_again(
    hubs: Hubs[str], error: Exception, told: str
) -> None:
    Counted.refuses = error
    one = listener(hubs, "x")
    soon(lambda: one.complaint == told)
    Counted.refuses = None
    soon(lambda: not one.complaint and Counted.opened == ["x"])
    one.close()
