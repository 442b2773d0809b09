"""Why no pictures come: asks a server's health, log and status, because it tells by itself nothing.

Neither the channel nor the connection says a word when a pipeline fails, when its worker dies, or
when a session was never fit to paint.
"""

from __future__ import annotations

from nodegraph.scope.errors import ScopeError, ScopeSilent
from nodegraph.scope.faults import Lost, is_memory
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.serverlog import telling_line

MEND_MEMORY = "load a smaller size, fewer LoRAs, or without VACE"


async def never_began(rest: ScopeRest, log_mark: int, within: float) -> Lost:
    """The best reason that can be had why a session that is connected shows nothing at all."""
    what = f"Scope sent no frame within {within:g} s"
    if told := await telling_line(rest, log_mark):
        if is_memory(told):
            return _memory(told)
        return Lost("failing", f"{what}; its log says: {told}")
    try:
        status = await rest.pipeline_status()
    except ScopeError as error:
        return Lost("silent", f"{what}, and then: {error}")
    if status.state != "loaded":
        state = status.state.replace("_", " ")
        return Lost("unloaded", f"{what}: its pipeline is {state}; load it again.")
    return Lost(
        "silent",
        f"{what} although {status.pipeline_id} is loaded; "
        "the first chunk may still be coming, or the pipeline waits for video input.",
    )


async def has_stopped(rest: ScopeRest, log_mark: int, started: float | None) -> str:
    """What the server's log says of a session that showed pictures and does no more; may be empty.

    `started` is when the server had started. Raises `Lost` if there is nothing to wait for.
    """
    try:
        health = await rest.health()
    except ScopeSilent:
        return ""  # busy, perhaps
    if health.server_start_time != started:
        raise Lost("restarted", "Scope was restarted.")
    told = await telling_line(rest, log_mark)
    if told and is_memory(told):
        raise _memory(told)
    return told or ""


def _memory(told: str) -> Lost:
    return Lost("memory", f"Scope ran out of GPU memory ({told}); {MEND_MEMORY}.")
