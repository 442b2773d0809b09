"""How a verb ends: what went wrong becomes one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell which file cannot be written: what a full disk says names none."""
    try:
        yield
    except OSError as error:
        raise NodegraphError(f"{path} cannot be written: {error.strerror or error}") from error


def _settle_output() -> None:
    """Drop what stdout cannot take (a full disk, a reader gone), or Python complains at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentences(error: NodegraphError | OSError) -> list[str]:
    if isinstance(error, FileNotFoundError) and error.filename:
        return [f"{error.filename}: is not there: check the name and the folder"]
    if isinstance(error, IsADirectoryError) and error.filename:
        return [f"{error.filename}: is a folder: name a file in it"]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return str(error).splitlines()
