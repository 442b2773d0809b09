"""Bypass, mute and solo: a node that is switched gets a stand-in for its type, with its ports.

A bypassed node passes on what arrives at its first inlet of an outlet's kind. A muted one gives
nothing: zero, no text, silence. While any node is solo, only what the soloed ones feed arrives at
nodes that send messages; those that none of them feeds are mute.

A stand-in remembers nothing, so that a node finds its own state again when it is switched back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from nodegraph.body import Body
from nodegraph.compiler.plan import Step
from nodegraph.graph import Node
from nodegraph.nodetype import REQUIRED, NodeType

Steps = dict[str, Step]


def switch(steps: Steps, nodes: Mapping[str, Node]) -> Steps:
    """The steps as they run, with each node's mode."""
    modes = {id: nodes[id].mode for id in steps if nodes[id].mode}
    soloed = {id for id in steps if nodes[id].solo}
    if soloed:
        steps, silent = _soloed(steps, soloed)
        modes |= dict.fromkeys(silent, "mute")
    return steps | {id: _switched(steps[id], mode) for id, mode in modes.items()}


def stand_in(
    type_: NodeType, mode: str, passed: Mapping[str, str | None], kinds: Mapping[str, str]
) -> NodeType:
    """What a node type is replaced by. `passed` names the inlet that each outlet passes on, if
    any, `kinds` the kind that each outlet carries."""
    return _stand_in(type_, mode, tuple((out, passed[out], kinds[out]) for out in passed))


@lru_cache(maxsize=512)
def _stand_in(
    type_: NodeType, mode: str, outlets: tuple[tuple[str, str | None, str], ...]
) -> NodeType:
    given = [f"{{{inlet}}}" if inlet else NOTHINGS[kind] for _, inlet, kind in outlets]
    return replace(
        type_,
        mode=mode,
        passed={outlet: inlet for outlet, inlet, _ in outlets},
        arguments=tuple(sorted({inlet for _, inlet, _ in outlets if inlet})),
        keywords=frozenset(),
        stateful=False,
        state=None,
        latch=False,
        rows=None,
        row_params=(),
        ahead=None,
        given_body=Body((), tuple(given), ()),
    )


NOTHINGS = {
    "number": "0.0",
    "boolean": "False",
    "trigger": "False",
    "string": "''",
    "audio": "silence",
    "vector": "nothing['vector']",
    "clock": "nothing['clock']",
    "prompts": "()",
    "theme": "nothing['theme']",
    "message": "None",
}
"""What a muted node gives, as emitted code spells it."""


def _switched(step: Step, mode: str) -> Step:
    """The step with the stand-in for its mode. A bypassed latch stays: it closes a loop."""
    if not mode or (mode == "bypass" and step.type.latch):
        return step
    passed = {
        outlet: _passed(step, kind) if mode == "bypass" else None
        for outlet, kind in step.outlet_kinds.items()
    }
    feeds = {port: feed for port, feed in step.feeds.items() if port in passed.values()}
    return replace(step, type=stand_in(step.type, mode, passed, step.outlet_kinds), feeds=feeds)


def _passed(step: Step, kind: str) -> str | None:
    """The first inlet of a kind at which something arrives."""
    return next(
        (name for name, own in step.inlet_kinds.items() if own == kind and name in step.feeds),
        None,
    )


def _soloed(steps: Steps, soloed: set[str]) -> tuple[Steps, set[str]]:
    """Cut what no soloed node feeds off from all that sends; also gives who is mute for it."""
    reached, found = set(soloed), set(soloed)
    readers: dict[str, set[str]] = {}
    for id, step in steps.items():
        for feed in step.feeds.values():
            readers.setdefault(feed.node, set()).add(id)
    while found:
        found = {reader for id in found for reader in readers.get(id, ())} - reached
        reached |= found
    cut, silent = dict(steps), set()
    for id, step in steps.items():
        if not step.type.sends or id in soloed:
            continue
        if id not in reached:
            silent.add(id)
            continue
        needed = {name for name, inlet in step.type.inlets.items() if inlet.default is REQUIRED}
        feeds = {
            port: feed
            for port, feed in step.feeds.items()
            if feed.node in reached or port in needed
        }
        cut[id] = replace(step, feeds=feeds)
    return cut, silent
