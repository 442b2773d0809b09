"""Lets `python -m nodegraph` do what the command `nodegraph` does."""

from __future__ import annotations

from nodegraph.cli import main

main()
