"""The command line: one file per verb, put together in `app`.

Exit codes: 0 all is well, 1 problems were found, 2 the command or its input cannot be used,
130 interrupted. A user's mistake is answered with one sentence; `--debug` shows where it arose.

Verbs import what they need when they run, so that `nodegraph --help` is there at once.
"""

from __future__ import annotations

from nodegraph.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line and exit with its code."""
    app()
