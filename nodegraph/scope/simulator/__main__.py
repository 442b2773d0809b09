"""Run the simulator from a shell: `python -m nodegraph.scope.simulator --port 8000`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import MISSING, fields

from nodegraph.errors import ScopeError
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.serve import serve


def main(arguments: list[str] | None = None) -> int:
    """Read the options, one per field of `Config`, and serve; returns the exit status."""
    parser = argparse.ArgumentParser(description="A Daydream Scope server that needs no GPU.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--leashed", action="store_true", help="end when standard input closes")
    for each in fields(Config):
        assert each.default is not MISSING
        option = "--" + each.name.replace("_", "-")
        if isinstance(each.default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=each.default)
        else:
            parser.add_argument(option, type=type(each.default), default=each.default)
    given = vars(parser.parse_args(arguments))
    host, port, leashed = given.pop("host"), given.pop("port"), given.pop("leashed")
    try:
        serve(host, port, Config(**given), leashed=leashed)
    except ScopeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
