"""What can go wrong, as exceptions and as data.

    NodegraphError                 anything a caller of this package may want to catch
    ├── SpecError                  a node type is declared wrongly (file:line: id: what)
    ├── PatchError                 a patch has problems; carries all of them
    ├── EditError                  an edit does not fit the patch it is applied to
    ├── UpgradeError               params of an older version of a node type cannot be carried over
    ├── FaultError                 a node failed while running (strict mode only)
    ├── TraceError                 a file is not a trace this version can read
    ├── AudioError                 sound cannot be had from where it was asked for
    ├── ControlError               a MIDI port, OSC or Ableton Link cannot be had
    ├── ScopeError                 Scope cannot be reached or refuses; see `nodegraph.scope.errors`
    ├── RemoteError                processes of a show do not understand each other; see
    │                              `nodegraph.remote.errors`
    ├── ProtocolError              the same between host and engine
    └── RecoveryError              a lost show cannot be recovered, as somebody else does or did

A `Problem` is not raised: it is shown on a node, listed by `nodegraph check`, or carried by a
`PatchError`. Each is one sentence with an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    `field` is the path inside the file (`nodes.ease.params.fall`, `wires[3]`), `node` and `port`
    the place in the patch; whichever is known is given. `line` counts from 1.
    """

    text: str
    file: str | None = None
    line: int | None = None
    field: str | None = None
    node: str | None = None
    port: str | None = None

    def __str__(self) -> str:
        place = self.file or ""
        if self.line is not None:
            place += f":{self.line}" if place else f"line {self.line}"
        end = ".".join(part for part in (self.node, self.port) if part)
        address = ": ".join(part for part in (place, self.field or end) if part)
        return f"{address}: {self.text}" if address else self.text


class NodegraphError(Exception):
    """Anything this package raises on purpose; its text is a sentence for the user."""


class SpecError(NodegraphError):
    """A node type is declared wrongly. Seen by the plugin's author, with file and line."""


class PatchError(NodegraphError):
    """A patch cannot be used as it stands. `problems` has every reason, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EditError(NodegraphError):
    """An edit does not fit the patch it is applied to; the patch is unchanged."""


class UpgradeError(NodegraphError):
    """Params of an older version cannot be carried over; the text says why, and where it failed."""


class FaultError(NodegraphError):
    """A node failed while running in strict mode; otherwise it would have rested."""


class TraceError(NodegraphError):
    """A file is not a trace, or not one this version can read."""


class AudioError(NodegraphError):
    """Sound cannot be had from where it was asked for: a file, a device, a source kind."""


class ControlError(NodegraphError):
    """A control cannot be had or reached: a MIDI port, an OSC port, Ableton Link."""


class ScopeError(NodegraphError):
    """Scope cannot be reached, refuses, or stopped answering."""
