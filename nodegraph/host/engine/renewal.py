"""What becomes of what nodes remember, when their code is another one from a tick on."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any, Final

import numpy as np

from nodegraph.nodetype import NodeType
from nodegraph.runtime import Engine

_YOUNG: Final = 1.0
"""Seconds in which a node that fails is taken not to understand what it remembers."""


class _LostError(Exception):
    """A state cannot be handed on."""


class Renewal:
    """Hands states on to new code, and has the nodes begin anew that cannot go on with them. It
    belongs to the tick thread."""

    def __init__(self) -> None:
        self._young: dict[str, int] = {}

    def begin(self, engine: Engine, before: Mapping[str, NodeType]) -> None:
        """The engine has begun to run nodes, by id, that were of these types `before`."""
        run = engine.running
        for id, type_ in before.items():
            step, cell = run.plan.by_id[id], run.states[run.plan.state_slots[id]]
            try:
                state = handed_on(cell.cell_contents, type_, step.type)
                if not step.remembers(state):
                    raise _LostError
                cell.cell_contents = state
                self._young[id] = engine.ticks + round(_YOUNG / engine.dt)
            except _LostError:
                run.begin(id)

    def look(self, engine: Engine) -> None:
        """Between two ticks: what failed begins anew, once."""
        if not self._young:
            return
        run = engine.running
        for id in [it.node for it in engine.rest.problems if it.node in self._young]:
            if id in run.numbers:
                run.begin(id)
                engine.rest.wake(run.numbers[id])
            del self._young[id]
        self._young = {id: end for id, end in self._young.items() if engine.ticks < end}


def handed_on(state: object, before: NodeType, now: NodeType) -> object:
    """The state of a node of the type `before`, for the same type as it is `now`: what is of a
    class of the plugin's is of the class that is called so now."""
    if _shape(before.state) != _shape(now.state):
        raise _LostError
    try:
        held = io.BytesIO()
        _ByName(held, pickle.HIGHEST_PROTOCOL).dump(state)
        handed: object = pickle.loads(held.getvalue())
        return handed
    except Exception as error:  # a guest's class may refuse in any way there is, or be gone
        raise _LostError from error


def _shape(state: object) -> object:
    """What a first state is like; equal where one function can go on with what another made."""
    kind = type(state).__qualname__
    match state:
        case bool():
            return kind
        case int() | float():
            return "number"
        case tuple():
            return kind, *map(_shape, state)
        case np.ndarray():
            return kind, state.dtype.str, state.shape
    if is_dataclass(state):
        return kind, {it.name: _shape(getattr(state, it.name)) for it in fields(state)}
    return kind


class _ByName(pickle.Pickler):
    """Keeps of a class what it is called: a plain pickler refuses one that is another by now."""

    def reducer_override(self, thing: object) -> Any:
        if isinstance(thing, type) and thing.__module__ != "builtins":
            return _called, (thing.__module__, thing.__qualname__)
        return NotImplemented


def _called(module: str, name: str) -> object:
    return attrgetter(name)(sys.modules[module])
