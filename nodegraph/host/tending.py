"""Looks after what goes on beside a show that plays: its journal, and files that others save."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping

from nodegraph.errors import NodegraphError
from nodegraph.host.deck import Deck
from nodegraph.host.outgoing import Outgoing
from nodegraph.host.session import Session

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two looks."""


async def tend(session: Session, outgoing: Outgoing, decks: Collection[Deck]) -> None:
    """Do so for ever."""
    noted: Mapping[str, object] = {}
    while True:
        await asyncio.sleep(EVERY)
        try:
            session.tend()
            if outgoing.sent != noted:
                noted = dict(outgoing.sent)
                session.note({"scope": outgoing.to_data()})
            for deck in decks:
                deck.look_at_file()
        except NodegraphError as error:
            log.warning("%s", error)
        except Exception:  # whatever is wrong with a file, the show goes on
            log.exception("the show could not be tended")
