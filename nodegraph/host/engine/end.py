"""How an engine ended, in words, and whether that may be the doing of what ran in it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from nodegraph.host.engine.blame import TICKING

KILLED = getattr(signal, "SIGKILL", signal.SIGTERM)
_OUTSIDE = frozenset({signal.SIGTERM, signal.SIGINT, KILLED})
"""Signals that somebody else sends, and the last one the kernel, to who takes too much memory."""


@dataclass(frozen=True, slots=True)
class End:
    """How an engine ended.

    `what` it did, as the end of a sentence; whether that may be a node's doing; which of its
    threads is to be looked at if its traceback does not tell.
    """

    what: str
    suspect: bool
    thread: str = TICKING


def of_code(code: int, full: bool = False) -> End:
    """What an exit code says; below 0 it is a signal. `full`: it held a lot of memory."""
    if code >= 0:
        return End(f"ended the process (exit code {code})", True)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if -code in _OUTSIDE:
        return End(f"was killed ({name})", full and -code == KILLED)
    return End(f"crashed ({name})", True)
