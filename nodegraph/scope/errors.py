"""What can go wrong between this machine and Scope; each text says what to do.

ScopeError                 (nodegraph.errors)
├── BadAddress             the URL cannot be one of a Scope server
├── ScopeUnreachable       nothing answers there
│   └── ScopeSilent        something may be there, but it does not answer in time
├── NotScope               something answers, but not Scope
├── ScopeRefused           Scope answers with an HTTP error; `.status`, `.detail`
├── FileError              a file here cannot be read or written
├── InTheClear             a key would be sent where others can read it
├── PipelineError          a pipeline is unknown, did not load, or is not loaded
└── SessionError           WebRTC did not come up, brought no frames, or ended
"""

# ruff: noqa: N818 - the names say what happened, not that something did

from __future__ import annotations

from nodegraph.errors import ScopeError

__all__ = [
    "BadAddress",
    "FileError",
    "InTheClear",
    "NotScope",
    "PipelineError",
    "ScopeError",
    "ScopeRefused",
    "ScopeSilent",
    "ScopeUnreachable",
    "SessionError",
]


class BadAddress(ScopeError):
    """The URL given cannot be the address of a Scope server."""


class ScopeUnreachable(ScopeError):
    """Nothing answers at the URL."""


class ScopeSilent(ScopeUnreachable):
    """No answer in time: the server may be busy, or a firewall may be between."""


class NotScope(ScopeError):
    """Something answers at the URL, but with a page or with JSON that is not Scope's."""


class ScopeRefused(ScopeError):
    """Scope answered with an HTTP error."""

    def __init__(self, text: str, status: int, detail: str) -> None:
        super().__init__(text)
        self.status = status
        self.detail = detail


class FileError(ScopeError):
    """A file on this machine cannot be sent, or what was fetched cannot be written."""


class InTheClear(ScopeError):
    """A key or token would be sent, or kept, where others can read it."""


class PipelineError(ScopeError):
    """A pipeline is not there, did not load, or is not loaded."""


class SessionError(ScopeError):
    """A WebRTC session did not come up, brought no frames, or has ended."""
