"""Finds out who ended an engine, and sees to it that nobody does it twice."""

from __future__ import annotations

import logging

from nodegraph.host.engine.blame import TICKING, Offences, blame
from nodegraph.host.engine.end import End
from nodegraph.host.engine.events import Died
from nodegraph.host.engine.unsolved import Unsolved
from nodegraph.host.engine.wanted import Wanted
from nodegraph.host.engine.worker import Worker

log = logging.getLogger(__name__)


class Inquest:
    """One for each show. `unsolved` are the deaths that nobody can be blamed for."""

    def __init__(self, wanted: Wanted) -> None:
        self.unsolved = Unsolved()
        self._wanted = wanted
        self._offences = Offences()

    def hold(self, worker: Worker, end: End) -> Died:
        """An engine is dead. A node that ended the second one is not wanted any more."""
        trace = worker.trace()
        culprit = None
        if end.suspect:
            plans = self._wanted.running(worker.pulse.running)
            ticking = plans if end.thread == TICKING else ()
            marks = {deck: worker.pulse.mark(deck) for deck in ticking}
            culprit = blame(plans, marks, trace, end.thread)
        story = culprit.did(end.what) if culprit else f"the engine {end.what}"
        caught = self._offences.again(culprit) if end.suspect else ()
        for deck, node in caught:
            self._wanted.quarantine(deck, node, f"{story}, for the second time")
        if culprit is None:
            self.unsolved.add()
        log.warning("%s%s", story, f"\n{trace}" if trace else "")
        return Died(story, culprit, caught)
