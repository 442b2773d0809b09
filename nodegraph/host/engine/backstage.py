"""The engine's second thread: reads what the host says, has it prepared, reports to it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NoReturn

from nodegraph.control.keys import press
from nodegraph.errors import Problem
from nodegraph.host.engine.imported import Imported
from nodegraph.host.engine.inquiry import (
    Rehearse,
    Rehearsed,
    Reload,
    Reloaded,
    Upgrade,
    Upgraded,
)
from nodegraph.host.engine.loop import Loop
from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.engine.prepare import Preparer
from nodegraph.host.engine.protocol import (
    DECKS,
    Fade,
    Install,
    Param,
    Refused,
    SetParams,
    Started,
    Stop,
    ToEngine,
    Unset,
    Watch,
)
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.engine.reporting import EVERY, Reporting
from nodegraph.host.engine.transport import Press, Transport
from nodegraph.host.engine.wire import to_data, to_engine
from nodegraph.remote.channel import Channel
from nodegraph.remote.errors import FramingError, PeerGone

log = logging.getLogger(__name__)

_SOON = 0.004
"""Seconds between two looks for news of a plan that is about to be installed."""

BUG = 70
"""The exit code of an engine that failed by itself: EX_SOFTWARE of sysexits.h."""


class Backstage:
    """Serves the host until it says stop, or is gone; then sinks are let go, and it ends."""

    def __init__(
        self,
        channel: Channel,
        loop: Loop,
        preparers: Mapping[str, Preparer],
        reporting: Reporting,
        outbox: Outbox,
        pulse: Pulse,
        imported: Imported,
    ) -> None:
        self._channel = channel
        self._loop = loop
        self._preparers = preparers
        self._reporting = reporting
        self._outbox = outbox
        self._pulse = pulse
        self._imported = imported

    def run(self) -> NoReturn:
        """The thread."""
        try:
            while True:
                self._pulse.turn()
                self._listen()
                for each in self._reporting.words():
                    self._channel.send(to_data(each))
        except PeerGone:
            self._end()
        except BaseException:
            log.exception("the engine's second thread failed")
            os._exit(BUG)

    def _listen(self) -> None:
        try:
            waiting = any(preparer.waiting for preparer in self._preparers.values())
            data = self._channel.receive(_SOON if waiting else EVERY)
            if data is not None:
                self._do(to_engine(data))
        except FramingError as error:
            log.warning("%s", error)

    def _do(self, word: ToEngine) -> None:
        match word:
            case Install():
                self._install(word)
            case Rehearse(number, plan):
                self._rehearse(number, plan)
            case Upgrade(number, nodes):
                made = self._preparers[DECKS[0]].upgrade(nodes)
                self._channel.send(to_data(Upgraded(number, made)))
            case Reload():
                self._reload(word)
            case SetParams(deck, params):
                self._loop.inbox.append(partial(self._set, deck, params))
            case Fade():
                self._loop.inbox.append(partial(self._fade, word))
            case Transport(deck):
                self._loop.inbox.append(partial(self._preparers[deck].deck.transport, word))
            case Press(key, down):
                press(key, down)
            case Watch(deck, ports):
                self._reporting.watched[deck] = frozenset(ports)
            case Stop():
                self._end()

    def _end(self) -> NoReturn:
        self._outbox.close()
        os._exit(0)

    def _install(self, word: Install) -> None:
        preparer = self._preparers[word.deck]
        try:
            new = preparer.prepare(word)
        except Exception as error:  # a guest's code may fail in any way there is
            log.exception("a plan cannot be installed")
            why = f"the plan cannot be installed: {type(error).__name__}: {error}"
            self._channel.send(to_data(Refused(word.deck, word.serial, (Problem(why),))))
        else:
            self._loop.inbox.append(partial(preparer.deck.offer, new))

    def _rehearse(self, number: int, plan: bytes) -> None:
        try:
            body = self._preparers[DECKS[0]].rehearse(plan)
        except Exception:  # a guest's code may fail in any way there is
            log.exception("a plan cannot be rehearsed")
            body = {}
        self._channel.send(to_data(Rehearsed(number, body)))

    def _reload(self, word: Reload) -> None:
        made = self._imported.anew(word.places, word.left_out)
        wrong: Sequence[Problem] = ()
        if isinstance(made, Started):
            self._channel.send(to_data(made))
        else:
            wrong = made
        self._channel.send(to_data(Reloaded(word.number, wrong)))

    def _set(self, deck: str, params: Sequence[Param]) -> None:
        """Runs in the tick thread."""
        if refused := self._preparers[deck].deck.set(params):
            self._loop.news.append(Unset(deck, refused))

    def _fade(self, word: Fade) -> None:
        """Runs in the tick thread."""
        if word.start is not None:
            self._loop.mixer.move_to(word.start)
            self._loop.mixer.position = word.start
        self._loop.mixer.move_to(word.position, word.seconds)
