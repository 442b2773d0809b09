"""Runs a plan. No I/O, no threads of its own: sound goes in as arguments, messages come out."""

from __future__ import annotations

from nodegraph.runtime.engine import Engine
from nodegraph.runtime.trace import Recorder, Trace

__all__ = ["Engine", "Recorder", "Trace"]
