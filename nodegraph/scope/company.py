"""Other clients of the same server, such as Scope's own page: what they change is set right.

A server lets any client set the parameters of all sessions over HTTP, and fills in those that the
client left out: a single field resets the VACE context scale. We set ours again.
"""

from __future__ import annotations

from nodegraph.errors import Problem
from nodegraph.scope.answers import Json, mapping
from nodegraph.scope.sender import Sender

REMEMBERED = 20.0
"""Seconds for which it is told of."""

OURS = {
    "transition": "prompts",
    "spatial_interpolation_method": "blend",
    "prompt_interpolation_method": "blend",
}
"""Parameters that have another name here."""


class Company:
    """Hears the server's messages. Times are in seconds."""

    def __init__(self) -> None:
        self._told = ""
        self._until = 0.0

    def hear(self, message: Json, sender: Sender, now: float) -> None:
        """Have the sender set right what another client has changed."""
        parameters = mapping(message, "parameters")
        if message.get("type") != "parameters_updated" or "node_id" in parameters:
            return
        wanted = sender.state()
        changed = {
            OURS.get(name, name)
            for name, value in parameters.items()
            if name in wanted and wanted[name] != value
        }
        if changed:
            sender.overruled(changed)
            self._until = now + REMEMBERED
            self._told = (
                f"another client of this server has changed {', '.join(sorted(changed))}, and it "
                "was set again: close Scope's own page while a show plays"
            )

    def share(self, now: float) -> None:
        """Another session was there first, and is there still."""
        self._until = now + REMEMBERED
        self._told = (
            "another session of this server is open, and the two share its GPU, its picture and "
            "half of its speed each: close Scope's own page while a show plays"
        )

    def problems(self, now: float) -> tuple[Problem, ...]:
        """That there was another client, lately."""
        return (Problem(self._told),) if now < self._until else ()
