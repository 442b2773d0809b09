"""The command line: one file per verb, put together in `app`.

Exit codes: 0 all is well, 1 problems were found, 2 the command or its input cannot be used,
130 interrupted. A user's mistake is answered with one sentence; `--debug` shows where it arose.

Only what runs is imported: a verb when it is called, and what it needs when it gets there. So the
top of a verb's module imports what its options are made of, and nothing heavier.
"""

from __future__ import annotations

import sys
from io import StringIO, TextIOWrapper
from typing import TextIO

__all__ = ["main"]

_INTERRUPTED = 130
"""As `guard` has it, which is not imported yet."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from logging import NullHandler, getLogger

        from nodegraph.cli.app import app

        getLogger("nodegraph.runtime").addHandler(NullHandler())  # verbs tell problems themselves
        sys.stdout, sys.stderr = _lenient(sys.stdout), _lenient(sys.stderr)
        app()
    except KeyboardInterrupt:  # before a verb began, which sees to its own
        sys.exit(_INTERRUPTED)


def _lenient(stream: TextIO | None) -> TextIO:
    """The stream, which writes `?` for what its encoding has not; a sink if it is closed.

    An old Windows console or a plain C locale would else fail at the first superscript.
    """
    if stream is None:
        return StringIO()
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream
