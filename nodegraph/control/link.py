"""Ableton Link: the tempo and the beat that programs on one network share."""

from __future__ import annotations

from nodegraph.control.hub import Hubs, ThreadedHub
from nodegraph.errors import ControlError
from nodegraph.events import LinkEvent

EVERY = 0.02
"""Seconds between two looks at the session."""

ROUND = 720_720.0
"""Beats after which counting begins anew. All bars of 1 to 16 beats go into it, so the place in any
of them, which is what a session shares, can be read off one number."""


class LinkHub(ThreadedHub):
    """Takes part in the session, as one that follows: it never changes the tempo of others."""

    def __str__(self) -> str:
        return "Ableton Link"

    def listen(self) -> None:
        try:
            from link import Link
        except ImportError:
            raise ControlError(
                "Ableton Link is not installed; install it (its licence is the GPL) with: "
                "pip install 'nodegraph[link]'"
            ) from None
        session = Link(120.0)
        clock = session.clock()
        session.enabled = True
        self.complaint = ""
        try:
            while not self.closing.wait(EVERY):
                state = session.captureAppSessionState()
                beats = float(state.phaseAtTime(clock.micros(), ROUND))
                peers, playing = int(session.numPeers()), bool(state.isPlaying())
                self.tell(LinkEvent(0.0, float(state.tempo()), beats, peers, playing))
        finally:
            session.enabled = False


SESSIONS: Hubs[None] = Hubs(lambda _: LinkHub())
