"""Which steps run, and in which order: prune, order, fold, share, group products."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from nodegraph.compiler.plan import Product, Step

Steps = dict[str, Step]


def prune(steps: Steps, watch: Collection[str] | None) -> Steps:
    """Only what an output or a watcher reads, directly or not. Nobody watching means everything.

    `watch` holds node ids or `node.outlet`.
    """
    if watch is None:
        return steps
    watched = {name.partition(".")[0] for name in watch}
    wanted = [
        id
        for id, step in steps.items()
        if step.type.is_output or id in watched or not watched.isdisjoint(_around(id))
    ]
    kept: set[str] = set()
    while wanted:
        id = wanted.pop()
        if id in steps and id not in kept:
            kept.add(id)
            wanted += [feed.node for feed in steps[id].feeds.values()]
    return {id: step for id, step in steps.items() if id in kept}


def _around(id: str) -> list[str]:
    """The instances of subpatches that a node is in: `a/b/c` is in `a` and `a/b`."""
    parts = id.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def order(steps: Steps) -> Steps:
    """Every step after those it reads from; latches first: what they give was decided a tick ago.

    Depth first, in the order of node ids: each step comes right before the first one that needs
    it, so that a step more or less moves no other.
    """
    ordered = {id: steps[id] for id in sorted(steps) if steps[id].type.latch}
    for id in sorted(steps):
        waiting = [id]
        while waiting:
            step = steps[waiting[-1]]
            feeds = () if step.id in ordered else step.feeds.values()
            missing = [feed.node for feed in feeds if feed.node not in ordered]
            if missing:
                waiting += sorted(missing, reverse=True)
            else:
                ordered[waiting.pop()] = step
    return ordered


def gather(steps: Steps) -> Steps:
    """Plain steps (see `nodegraph.plain`) as late as somebody needs them, so that they stand
    together and make transactions. Takes and gives ordered steps, latches first."""
    gathered: Steps = {}
    place = {id: number for number, id in enumerate(steps)}
    for id, step in steps.items():
        if step.type.latch:
            gathered[id] = step
        elif not step.is_plain:
            needed, asking = {id}, [id]
            while asking:
                read = {feed.node for feed in steps[asking.pop()].feeds.values()}
                more = (read & place.keys()) - needed - gathered.keys()
                needed |= more
                asking += more
            gathered |= {id: steps[id] for id in sorted(needed, key=place.__getitem__)}
    return gathered | {id: step for id, step in steps.items() if id not in gathered}


def fold(steps: Steps) -> tuple[Steps, Steps]:
    """Split into what never changes by itself, which runs once (and again when one of its params
    changes), and what runs every tick. Takes and gives ordered steps.

    What is read through a rising edge stays: turning a switch must be seen as an edge. So does
    what sends: a message a tick is not one message.
    """
    edges = {feed.node for step in steps.values() for feed in step.edges}
    constant: Steps = {}
    for id, step in steps.items():
        if not step.type.is_constant or id in edges:
            continue
        if all(feed.node in constant for feed in step.feeds.values()):
            constant[id] = step
    return constant, {id: step for id, step in steps.items() if id not in constant}


def share(
    steps: Steps, past: Mapping[str, int] | None, fresh: Collection[str]
) -> tuple[Steps, dict[str, str]]:
    """Run equal steps once: same type, same params, same inputs. Takes and gives ordered steps.

    `past` has the slots of the plan that runs now, if one does. Steps that lie apart there stay
    apart: what has come to be different, a toggle or the phase of a wave, does not become equal by
    an edit; nor does a `fresh` step, which begins anew. Also gives, for each step that is left out,
    the one that stands for it. Chance, sources, latches and outputs are never shared.
    """
    kept: Steps = {}
    stands_for: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    for id, step in steps.items():
        step = _redirected(step, stands_for)
        ports = step.slotted.values()
        lain = [] if past is None or id in fresh else [past.get(port) for port in ports]
        back = step.type.stateful and None in lain  # it may come with a state that it had
        first = id if step.type.is_unique or back else seen.setdefault((step.recipe, *lain), id)
        if first == id:
            kept[id] = step
        else:
            stands_for[id] = first
    # Latches come before what they read, so that they are told last.
    moved = {id: _redirected(step, stands_for) for id, step in kept.items() if step.type.latch}
    return kept | moved, stands_for


def _redirected(step: Step, stands_for: Mapping[str, str]) -> Step:
    """The step, reading from those that stand for what it read from."""
    if not stands_for or stands_for.keys().isdisjoint([feed.node for feed in step.feeds.values()]):
        return step
    feeds = {
        port: feed._replace(node=stands_for.get(feed.node, feed.node))
        for port, feed in step.feeds.items()
    }
    return replace(step, feeds=feeds)


def products(steps: Steps) -> tuple[Product, ...]:
    """Put the steps that multiply one vector by rows of their own into one product each.

    A step whose rows depend on a driven param has a product to itself, for its rows change.
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for id, step in steps.items():
        if step.type.rows is None:
            continue
        driven = any(name in step.feeds for name in step.type.row_params)
        groups.setdefault((step.feeds[vector_of(step)], id if driven else ""), []).append(id)
    return tuple(
        Product(steps[ids[0]].feeds[vector_of(steps[ids[0]])], tuple(ids))
        for ids in groups.values()
    )


def vector_of(step: Step) -> str:
    """The inlet of the vector that a step multiplies by its rows."""
    return next(inlet.name for inlet in step.type.inlets.values() if inlet.kind == "vector")
