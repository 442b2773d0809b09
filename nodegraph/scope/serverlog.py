"""The server's log, the only place where Scope tells why there is no picture."""

from __future__ import annotations

from nodegraph.scope.errors import ScopeError
from nodegraph.scope.rest import ScopeRest

TELLING = (
    "No pipeline IDs provided",
    "Pipeline setup failed",
    "Failed to load",
    "Error processing chunk",
    "Non-recoverable error",
    "out of memory",
    " - ERROR - ",
)
LONGEST = 300  # characters of a line that are shown


async def mark(rest: ScopeRest) -> int:
    """Where the log ends now, so that old errors are not taken for new ones."""
    try:
        return (await rest.logs_tail(1)).offset
    except ScopeError:
        return 0


async def telling_line(rest: ScopeRest, since: int) -> str | None:
    """The newest line after `since` that tells of an error, without its time stamp, or None."""
    try:
        log = await rest.logs_tail(200, since)
    except ScopeError:
        return None
    for line in reversed(log.lines):
        if any(words in line for words in TELLING):
            return line.split(" - ", 3)[-1].strip()[:LONGEST]
    return None
