"""Params of older versions of node types, carried over by the engine, which has the code for it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nodegraph.compiler.flatten import flatten
from nodegraph.errors import UpgradeError
from nodegraph.graph import Patch
from nodegraph.host.engine.inquiry import OldNode
from nodegraph.nodetype import NodeType

Ask = Callable[[Sequence[OldNode]], Awaitable[Sequence[tuple[str, str]]]]
"""Gives, for each, the params of today as JSON and what went wrong, one of the two empty."""


class Upgrades:
    """Asks the engine once for each kind of old params, and remembers the answer.

    Node types declared with `carry_over` find there what they need, once `fetch` has returned for
    their patch.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[OldNode, tuple[str, str]] = {}

    def carry_over(self, type_: str, params: Mapping[str, Any], version: int) -> dict[str, Any]:
        """The params of an older version as the present one has them.

        Raises `UpgradeError` if that failed, or the engine did not answer.
        """
        made, fault = self._known.get(
            (type_, version, _text(params)), ("", "the engine did not answer")
        )
        if fault:
            raise UpgradeError(fault)
        found: dict[str, Any] = json.loads(made)
        return found

    def forget(self) -> None:
        """Ask again: the node types may be other ones."""
        self._known.clear()

    async def fetch(self, patch: Patch, types: Mapping[str, NodeType]) -> None:
        """Have the engine carry over what it has not been asked for yet."""
        wanted: list[OldNode] = []
        for node in flatten(patch).patch.nodes.values():
            type_ = types.get(node.type)
            if type_ is not None and type_.upgrade is not None and node.version < type_.version:
                old = (node.type, node.version, _text(node.params))
                if old not in self._known and old not in wanted:
                    wanted.append(old)
        if wanted:
            made = await self._ask(wanted)
            self._known |= dict(zip(wanted, made, strict=False))


def _text(params: Mapping[str, Any]) -> str:
    return json.dumps(dict(params), default=dict, sort_keys=True)
