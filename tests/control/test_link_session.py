"""Ableton Link against another process that leads the session."""

from __future__ import annotations

import subprocess
import sys
import time
from time import perf_counter

import pytest

from nodegraph import LinkEvent
from nodegraph.control import hear_link
from nodegraph.hookspecs import EventSource

LEADER = """
import time
from link import Link
link = Link(97.0)
link.enabled = True
for _ in range(1000):
    state = link.captureAppSessionState()
    phase = state.phaseAtTime(link.clock().micros(), 7.0)
    print(time.monotonic(), link.numPeers(), phase, flush=True)
    time.sleep(0.02)
"""


def latest(source: EventSource) -> tuple[float, LinkEvent] | None:
    now = perf_counter()
    events = source.read(now)
    return (now - events[-1].ago, events[-1]) if events else None


def test_it_says_how_to_install_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    source = hear_link({})
    time.sleep(0.1)
    assert "pip install 'nodegraph[link]'" in source.complaint
    assert source.read(perf_counter()) == ()
    source.close()


@pytest.mark.skipif(sys.platform == "win32", reason="its clocks of two processes do not compare")
def test_it_follows_the_tempo_and_the_bar_of_others() -> None:
    pytest.importorskip("link", reason="pip install 'nodegraph[link]' brings Ableton Link")
    command = [sys.executable, "-c", LEADER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        leader.stdout.readline()  # the session is the leader's, for it was there before
        time.sleep(0.5)
        source = hear_link({})
        try:
            found = None
            for _ in range(400):
                at, _, phase = map(float, leader.stdout.readline().split())
                found = latest(source) or found
                if found is not None and found[1].peers and found[1].bpm < 100.0:
                    break
            else:
                pytest.skip("this machine's network does not carry Link's multicast")
        finally:
            leader.kill()
            source.close()
    moment, event = found
    assert event.bpm == pytest.approx(97.0, abs=0.01)
    later = at + (perf_counter() - time.monotonic()) - moment
    apart = event.beats + later * event.bpm / 60.0 - phase
    assert (apart + 3.5) % 7.0 - 3.5 == pytest.approx(0.0, abs=0.05)
