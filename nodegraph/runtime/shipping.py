"""Plans on their way from the process that compiles them to the one that runs them.

A plan is packed with code for the same version of Python. What belongs to node types (functions,
first states) stays behind: the receiver has its own. Code that it has already is not sent again.
Both ends forget what has not been used for a while, and as they see the same plans, they forget
the same.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeVar

import msgpack

from nodegraph.compiler.machine import Program
from nodegraph.compiler.plan import Chunk, Feed, Plan, Product, Step
from nodegraph.compiler.switch import stand_in
from nodegraph.errors import Problem
from nodegraph.nodetype import NodeType
from nodegraph.portable import plain, rich
from nodegraph.theme import Theme, Themes

_SPARE = 500
"""How many things are remembered beside those of the last plan."""

_Key = TypeVar("_Key")
_Thing = TypeVar("_Thing")


class _Recent(dict[_Key, _Thing]):
    """Things in the order in which they were used last."""

    def use(self, key: _Key, thing: _Thing) -> None:
        """This is the newest now."""
        self.pop(key, None)
        self[key] = thing

    def forget(self, used: int) -> None:
        """Drop the oldest, but for those that were just used and some more."""
        for key in [*islice(self, max(0, len(self) - used - _SPARE))]:
            del self[key]


class Packer:
    """Packs one plan after the other for one receiver, who reads them in the same order."""

    def __init__(self) -> None:
        self._steps: _Recent[str, Step] = _Recent()
        self._chunks: _Recent[bytes, None] = _Recent()
        self._themes: _Recent[str, Theme] = _Recent()

    def pack(self, plan: Plan) -> bytes:
        """A plan as bytes, less what the receiver has from plans before."""
        news = [step for step in plan.all_steps if self._steps.get(step.id) is not step]
        for step in plan.all_steps:
            self._steps.use(step.id, step)
        new_themes = [it for id, it in plan.themes.items() if self._themes.get(id) != it]
        for id, theme in plan.themes.items():
            self._themes.use(id, theme)
        document = {
            "news": [_step(step) for step in news],
            "constants": [step.id for step in plan.constants],
            "steps": [step.id for step in plan.steps],
            "products": [[_feed(product.feed), product.members] for product in plan.products],
            "shared": dict(plan.shared),
            "problems": [[p.text, p.file, p.line, p.field, p.node, p.port] for p in plan.problems],
            "constant_chunks": [self._chunk(chunk) for chunk in plan.constant_chunks],
            "chunks": [self._chunk(chunk) for chunk in plan.chunks],
            "settling": [self._chunk(chunk) for chunk in plan.settling],
            "new_themes": plain(new_themes),
            "themes": list(plan.themes),
        }
        self._steps.forget(len(plan.all_steps))
        self._themes.forget(len(plan.themes))
        self._chunks.forget(len(plan.every_chunk))
        packed: bytes = msgpack.packb(document)
        return packed

    def _chunk(self, chunk: Chunk) -> list[object]:
        known = chunk.digest in self._chunks
        self._chunks.use(chunk.digest, None)
        if known:
            return [chunk.digest]
        codes = map(marshal.dumps, (chunk.code, chunk.careful_code))
        return [chunk.digest, chunk.program, *codes]


class Unpacker:
    """Reads what a `Packer` packed, where the node types are."""

    def __init__(self, types: Mapping[str, NodeType]) -> None:
        self._types = types
        self._steps: _Recent[str, Step] = _Recent()
        self._chunks: _Recent[bytes, Chunk] = _Recent()
        self._themes: _Recent[str, Theme] = _Recent()

    def unpack(self, data: bytes) -> Plan:
        """The next plan. Raises `KeyError` for what is unknown here: a mistake of the sender."""
        document = msgpack.unpackb(data, use_list=False)
        for each in document["news"]:
            step = _read_step(each, self._types)
            self._steps[step.id] = step
        for theme in rich(document["new_themes"]):
            self._themes[theme.id] = theme
        plan = Plan(
            constants=tuple(map(self._step, document["constants"])),
            steps=tuple(map(self._step, document["steps"])),
            products=tuple(Product(Feed(*feed), members) for feed, members in document["products"]),
            shared=document["shared"],
            problems=tuple(Problem(*problem) for problem in document["problems"]),
            constant_chunks=tuple(map(self._chunk, document["constant_chunks"])),
            chunks=tuple(map(self._chunk, document["chunks"])),
            settling=tuple(map(self._chunk, document["settling"])),
            themes=Themes((id, self._theme(id)) for id in document["themes"]),
        )
        self._steps.forget(len(plan.all_steps))
        self._themes.forget(len(plan.themes))
        self._chunks.forget(len(plan.every_chunk))
        return plan

    def _theme(self, id: str) -> Theme:
        theme = self._themes[id]
        self._themes.use(id, theme)
        return theme

    def _step(self, id: str) -> Step:
        step = self._steps[id]
        self._steps.use(id, step)
        return step

    def _chunk(self, data: tuple[Any, ...]) -> Chunk:
        digest, *new = data
        if new:
            program, *codes = new
            code, careful = map(marshal.loads, codes)
            known = Chunk((), (), "", "", code, careful, program and Program(*program))
        else:
            known = self._chunks[digest]
        self._chunks.use(digest, known)
        return known


def _step(step: Step) -> list[Any]:
    feeds = {port: _feed(feed) for port, feed in step.feeds.items()}
    switched = [step.type.mode, step.type.passed] if step.type.mode else []
    kinds = [dict(step.inlet_kinds), dict(step.outlet_kinds)]
    return [step.id, step.type.id, switched, dict(step.params), feeds, *kinds]


def _read_step(data: tuple[Any, ...], types: Mapping[str, NodeType]) -> Step:
    id, type_id, switched, params, feeds, inlet_kinds, outlet_kinds = data
    type_ = types[type_id]
    if switched:
        mode, passed = switched
        type_ = stand_in(type_, mode, passed, outlet_kinds)
    read = {port: Feed(*feed) for port, feed in feeds.items()}
    return Step(id, type_, params, read, inlet_kinds, outlet_kinds)


def _feed(feed: Feed) -> list[str]:
    return [feed.node, feed.outlet, feed.conversion]
