"""How a verb ends: what went wrong becomes one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from nodegraph.errors import NodegraphError

DEBUG = "NODEGRAPH_DEBUG"
PROBLEMS = 1
BAD_INPUT = 2
INTERRUPTED = 130
"""As a shell counts it: 128 and the number of SIGINT."""

P = ParamSpec("P")


def guarded(verb: Callable[P, None]) -> Callable[P, None]:
    """The verb, but a user's mistake ends it with a sentence on stderr instead of a traceback."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            verb(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # whoever read our output has seen enough
            _settle_output()
            raise typer.Exit(PROBLEMS) from None
        except (NodegraphError, OSError) as error:
            if os.environ.get(DEBUG, "0") not in ("", "0"):
                raise
            for line in _sentences(error):
                typer.echo(f"nodegraph: {line}", err=True)
            _settle_output()
            raise typer.Exit(BAD_INPUT) from None

    return run


def _settle_output() -> None:
    """Drop what stdout cannot take (a full disk, a reader gone), or Python complains at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentences(error: NodegraphError | OSError) -> list[str]:
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return str(error).splitlines()
