"""Which steps run, and in which order: prune, order, fold, share, group products."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter

from nodegraph.compiler.plan import Product, Step

Steps = dict[str, Step]


def prune(steps: Steps, watch: Collection[str] | None) -> Steps:
    """Only what an output or a watcher reads, directly or not. Nobody watching means everything.

    `watch` holds node ids or `node.outlet`.
    """
    if watch is None:
        return steps
    watched = {name.partition(".")[0] for name in watch}
    wanted = [id for id, step in steps.items() if step.type.is_output or id in watched]
    kept: set[str] = set()
    while wanted:
        id = wanted.pop()
        if id in steps and id not in kept:
            kept.add(id)
            wanted += [feed.node for feed in steps[id].feeds.values()]
    return {id: step for id, step in steps.items() if id in kept}


def order(steps: Steps) -> Steps:
    """Every step after those it reads from, ties broken by node id. Latches come first: what they
    give was decided a tick ago."""
    latches = {id: step for id, step in steps.items() if step.type.latch}
    sorter = TopologicalSorter(
        {
            id: [feed.node for feed in step.feeds.values() if feed.node not in latches]
            for id, step in steps.items()
            if id not in latches
        }
    )
    sorter.prepare()
    ordered = dict(sorted(latches.items()))
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered |= {id: steps[id] for id in ready}
        sorter.done(*ready)
    return ordered


def fold(steps: Steps) -> tuple[Steps, Steps]:
    """Split into what never changes by itself, which runs once (and again when one of its params
    changes), and what runs every tick. Takes and gives ordered steps.

    What is read through a rising edge stays: turning a switch must be seen as an edge. So does
    what sends: a message a tick is not one message.
    """
    edges = {feed.node for step in steps.values() for feed in step.feeds.values() if feed.on_edge}
    constant: Steps = {}
    for id, step in steps.items():
        type_ = step.type
        pure = not (type_.stateful or type_.source or type_.rows or type_.context - {"rate"})
        pure = pure and "message" not in step.outlet_kinds.values()
        if pure and id not in edges and all(f.node in constant for f in step.feeds.values()):
            constant[id] = step
    return constant, {id: step for id, step in steps.items() if id not in constant}


def share(steps: Steps, past: Mapping[str, int]) -> tuple[Steps, dict[str, str]]:
    """Run equal steps once: same type, same params, same inputs. Takes and gives ordered steps.

    `past` has the slots of the plan that runs now. Steps that lie apart there stay apart: what has
    come to be different, a toggle or the phase of a wave, does not become equal by an edit. Also
    gives, for each step that is left out, the one that stands for it. Chance, sources, latches and
    outputs are never shared.
    """
    kept: Steps = {}
    stands_for: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    for id, step in steps.items():
        feeds = {
            port: replace(feed, node=stands_for.get(feed.node, feed.node))
            for port, feed in step.feeds.items()
        }
        step = replace(step, feeds=feeds)
        type_ = step.type
        if type_.source or type_.latch or type_.is_output or "rng" in type_.context:
            kept[id] = step
            continue
        params = tuple((name, repr(value)) for name, value in sorted(step.params.items()))
        lain = tuple(past.get(f"{id}.{outlet}") for outlet in step.outlet_kinds)
        key = (str(type_), params, tuple(sorted(feeds.items(), key=lambda item: item[0])), lain)
        first = seen.setdefault(key, id)
        if first == id:
            kept[id] = step
        else:
            stands_for[id] = first
    return _latches_follow(kept, stands_for), stands_for


def _latches_follow(steps: Steps, stands_for: Mapping[str, str]) -> Steps:
    """Point latches, which come before what they read, to the steps that stand for others."""
    moved = {
        id: {
            port: replace(feed, node=stands_for.get(feed.node, feed.node))
            for port, feed in step.feeds.items()
        }
        for id, step in steps.items()
        if step.type.latch
    }
    return {id: replace(step, feeds=moved.get(id, step.feeds)) for id, step in steps.items()}


def products(steps: Steps) -> tuple[Product, ...]:
    """Put the steps that multiply one vector by rows of their own into one product each.

    A step whose rows depend on a driven param has a product to itself, for its rows change.
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for id, step in steps.items():
        if step.type.rows is None:
            continue
        driven = any(name in step.feeds for name in step.type.row_params)
        groups.setdefault((step.feeds[_vector(step)], id if driven else ""), []).append(id)
    return tuple(
        Product(steps[ids[0]].feeds[_vector(steps[ids[0]])], tuple(ids)) for ids in groups.values()
    )


def _vector(step: Step) -> str:
    return next(inlet.name for inlet in step.type.inlets.values() if inlet.kind == "vector")
