"""The engine process: `python -m nodegraph.host.engine ADDRESS`, started by the host alone."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from nodegraph.errors import AudioError, Problem
from nodegraph.host.engine.backstage import BUG, Backstage
from nodegraph.host.engine.door import call
from nodegraph.host.engine.imported import Imported
from nodegraph.host.engine.loop import Loop
from nodegraph.host.engine.machine import ASKS, die_with, quiet_output, tell_where
from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.engine.prepare import Preparer
from nodegraph.host.engine.protocol import (
    DECKS,
    PULSE,
    TRACE,
    Begin,
    Importing,
    Refused,
    Stop,
    Welcome,
    engine_name,
)
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.engine.reporting import Reporting
from nodegraph.host.engine.wire import to_data, to_engine
from nodegraph.host.sinks import Sinks
from nodegraph.remote.channel import Channel
from nodegraph.remote.errors import PeerGone
from nodegraph.runtime.shipping import Unpacker

SWITCH = 1e-4
"""Seconds after which Python lets the other thread run, if both want to."""

log = logging.getLogger(__name__)


def main(address: str) -> None:
    """Import the plugins, wait for the word to begin, and tick until the process ends."""
    quiet_output()
    channel = Channel(call(address))
    try:
        welcome = to_engine(channel.receive() or {})
        assert isinstance(welcome, Welcome)
        die_with(welcome.host)
        folder = Path(welcome.folder)
        tell_where((folder / engine_name(welcome.number)).with_suffix(TRACE))

        def loading(place: str) -> AbstractContextManager[None]:
            channel.send(to_data(Importing(place)))
            return nullcontext()

        imported = Imported([*map(Path, welcome.plugins)], welcome.left_out, loading)
        channel.send(to_data(imported.started()))
        begin = to_engine(channel.receive() or {})
        assert isinstance(begin, Begin | Stop)
    except PeerGone:
        return
    if isinstance(begin, Begin):
        _play(channel, imported, begin, folder / engine_name(welcome.number))


def _play(channel: Channel, imported: Imported, begin: Begin, files: Path) -> NoReturn:
    catalogue = imported.catalogue
    pulse = Pulse(files.with_suffix(PULSE), DECKS)
    unpacker = Unpacker(catalogue.types)

    def prepare(begin: Begin) -> dict[str, Preparer]:
        return {it: Preparer(it, begin, catalogue, unpacker, files, pulse) for it in DECKS}

    try:
        preparers = prepare(begin)
    except AudioError as error:  # what was to replace all sound cannot be had
        channel.send(to_data(Refused(DECKS[0], 0, (Problem(str(error)),))))
        preparers = prepare(replace(begin, instead=None))
    outbox = Outbox(channel.try_send, Sinks(catalogue.sinks))
    loop = Loop([it.deck for it in preparers.values()], outbox, pulse, begin.block / begin.rate)
    if begin.mixer is not None:
        loop.mixer.restore(pickle.loads(begin.mixer))
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.disable()
    granted = [name for name, ask in ASKS.items() if ask()]
    reporting = Reporting(loop, preparers, outbox, granted)
    backstage = Backstage(channel, loop, preparers, reporting, outbox, pulse, imported)
    threading.Thread(target=backstage.run, name="backstage", daemon=True).start()
    try:
        loop.run()
    except BaseException:  # a node's KeyboardInterrupt, or a bug of ours
        log.exception("the tick thread failed")
    os._exit(BUG)


if __name__ == "__main__":
    main(sys.argv[1])
