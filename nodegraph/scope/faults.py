"""What can happen to a session, by name, so that each is told apart and survived. Pure."""

# ruff: noqa: N818 - the name says what happened, as those of `errors` do

from __future__ import annotations

from typing import Literal

from nodegraph.scope.errors import PipelineError, ScopeError, ScopeUnreachable, SessionError

Fault = Literal[
    "",
    "unreachable",
    "refused",
    "pipeline",
    "unloaded",
    "restarted",
    "ended",
    "memory",
    "failing",
    "ice",
    "silent",
    "changed",
    "unexpected",
]
"""
    unreachable  nothing answers at the address, or not in time
    refused      the server answers, but not with what was asked for
    pipeline     it does not have the pipeline, or cannot load it
    unloaded     another client had other pipelines loaded
    restarted    the server began anew, with nothing loaded
    ended        the server ended the session: another client did, or it is shutting down
    memory       the GPU's memory was full, and what painted is gone
    failing      the pipeline fails at every chunk
    ice          WebRTC found no way between the two machines
    silent       no frames come, and nothing tells why
    changed      no fault: what was wished for needs another session
    unexpected   a bug, here or there
"""

MEMORY = ("out of memory", "Non-recoverable error")
"""What the server's log says when a worker is gone for good."""


class Lost(SessionError):
    """A session is over, or did not come about; `fault` says how, the text why."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


def fault_of(error: Exception) -> Fault:
    """The name of what went wrong."""
    match error:
        case Lost():
            return error.fault
        case ScopeUnreachable():
            return "unreachable"
        case PipelineError():
            return "pipeline"
        case ScopeError():
            return "unloaded" if "Pipeline not loaded" in str(error) else "refused"
        case _:
            return "unexpected"


def is_memory(line: str) -> bool:
    """Whether a line of the server's log tells that a worker is gone for good."""
    return any(words.lower() in line.lower() for words in MEMORY)
