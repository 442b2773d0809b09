"""What holds for every node type that is registered, whoever wrote it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import numpy as np
import pytest

import nodes
from nodegraph import Clock, Message, Prompt, Rng, Theme
from nodegraph.nodetype import ANY, REQUIRED, NodeType
from nodegraph.runtime.guards import GUARDS
from nodegraph.spec import type_of
from nodegraph.theme import Themes
from nodegraph.themes import shipped

RATE, BLOCK, TICKS = 48_000, 512, 40
_OF_TIME = {"s", "ms", "/s", "1/min", "Hz", "beats", "bars", "samples", "ticks", "chunks"}
UNITS = {"", "%", "dB", "octaves", "semitones", "cents", *_OF_TIME}
CLEAR = {"audio", "clock", "magnitude", "value", "values", "bpm", "gain", "reset"}
"""Names that say it all."""

EXACT = (
    "generate.lfo",
    "generate.noise",
    "generate.pulse",
    "logic.cooldown",
    "shape.accumulate",
    "shape.auto_range",
    "shape.lag",
    "shape.peak_hold",
    "shape.smooth",
)
"""Node types whose numbers are the same however finely time is cut."""

REFUSED = {("prompt.blend", "slerp")}
"""Choices that a node refuses, with a sentence, while all its inlets are wired."""


def registered() -> list[NodeType]:
    found: list[Callable[..., Any]] = []
    nodes.register_nodes(found.append)
    return [type_of(function) for function in found]


TYPES = registered()


def every_type() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.id)


def arriving(kind: str, rng: Rng) -> object:
    """Something that may arrive on an inlet of a kind."""
    match kind:
        case "number" | "any":
            return rng.uniform(-2.0, 2.0)
        case "boolean" | "trigger":
            return rng.random() < 0.3
        case "string":
            return rng.choice(("a lake", ""))
        case "audio" | "vector":
            draw = np.random.default_rng(rng.below(2**32)).uniform
            array = draw(0.0, 1.0, BLOCK) if kind == "vector" else draw(-1.0, 1.0, (BLOCK, 2))
            array = array.astype(np.float32)
            array.flags.writeable = False
            return array
        case "clock":
            return Clock(120.0, rng.uniform(0.0, 64.0), 4, rng.random())
        case "prompts":
            return tuple(Prompt(text, rng.random()) for text in "xyz"[: rng.below(4)])
        case "theme":
            return Theme("x", "X", "a lake", ("blue",), ("a wave", "a flood"))
    raise AssertionError(f"no value for the kind {kind}")


def context(type_: NodeType, params: dict[str, object], given: dict[str, object], n: int) -> Any:
    """All that a node can ask for on tick `n`, except its state."""
    sound = arriving("audio", Rng(1, "sound").at(n))
    whole = {
        "dt": BLOCK / RATE,
        "now": (n + 1) * BLOCK / RATE,
        "rate": float(RATE),
        "audio": sound,
        "events": (),
        "rng": Rng(0, "node").at(n),
        "themes": Themes(shipped()),
    }
    if "product" in type_.context:
        assert type_.rows is not None
        vector = next(given[i.name] for i in type_.inlets.values() if i.kind == "vector")
        assert isinstance(vector, np.ndarray)
        own = {name: params[name] for name in type_.row_params}
        product = type_.rows(len(vector), float(RATE), **own) @ vector
        product.flags.writeable = False
        whole["product"] = product
    return {name: whole[name] for name in type_.context - {"state"}}


def inputs(type_: NodeType, wired: bool, rng: Rng) -> dict[str, object]:
    """A value for every inlet, or only for those that need one."""
    return {
        inlet.name: arriving(inlet.kind, rng)
        if wired or inlet.default is REQUIRED
        else inlet.default
        for inlet in type_.inlets.values()
    }


def play(
    type_: NodeType,
    *,
    wired: bool = True,
    params: dict[str, object] | None = None,
    thaw: Callable[[Any], Any] = lambda state: state,
) -> list[tuple[object, ...]]:
    """What comes out of a node in some ticks of lively input."""
    values = {param.name: param.default for param in type_.params.values()} | (params or {})
    state, results = type_.state, []
    for n in range(TICKS):
        given = inputs(type_, wired, Rng(2, "inputs").at(n))
        asked = context(type_, values, given, n)
        if type_.stateful:
            asked["state"] = state
        got = type_.function(**asked, **given, **values)
        if type_.latch:
            got = (got, got)
        outlets: tuple[object, ...]
        if type_.stateful:
            state, *rest = got
            state, outlets = thaw(state), tuple(rest)
        else:
            outlets = got if len(type_.outlets) != 1 else (got,)
        results.append(outlets or ())
    return results


def numbers(type_: NodeType, wired: bool, pieces: int) -> list[list[object]]:
    """A node's numbers after each tick, when a tick is run in so many pieces of its time.

    Inlets stay as they are through all pieces; triggers come with the last.
    """
    state, results = type_.state, []
    params = {param.name: param.default for param in type_.params.values()}
    rng = Rng(0, "node")
    for n in range(TICKS):
        given = inputs(type_, wired, Rng(2, "inputs").at(n))
        quiet = {i.name: False for i in type_.inlets.values() if i.kind == "trigger"}
        for piece in range(1, pieces + 1):
            now = (n + piece / pieces) * BLOCK / RATE
            whole = {"dt": BLOCK / RATE / pieces, "now": now, "state": state, "rng": rng.at(n)}
            asked = {name: whole[name] for name in type_.context}
            state, *outlets = type_.function(
                **asked, **(given if piece == pieces else given | quiet), **params
            )
        ports = zip(type_.outlets.values(), outlets, strict=True)
        results.append([value for outlet, value in ports if outlet.kind == "number"])
    return results


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(np.asarray(a), np.asarray(b))
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def complaints(type_: NodeType, results: list[tuple[object, ...]]) -> Iterator[str]:
    """What came out that the outlets' kinds do not allow."""
    for n, outlets in enumerate(results):
        for outlet, value in zip(type_.outlets.values(), outlets, strict=True):
            wrong = ""
            if outlet.kind in ("number", ANY):
                if type(value) is not float and outlet.kind != ANY:
                    wrong = "is no float"
                elif isinstance(value, float) and not isfinite(value):
                    wrong = "is not finite"
            elif outlet.kind in ("boolean", "trigger"):
                if type(value) is not bool:
                    wrong = "is no bool"
            elif outlet.kind == "message":
                if value is not None and not isinstance(value, Message):
                    wrong = "is no message"
            else:
                GUARDS[f"check_{outlet.kind}"](value)
            if wrong:
                yield f"tick {n}, {outlet.name}: {value!r} {wrong}"


def extremes(type_: NodeType) -> Iterator[dict[str, object]]:
    """Each param at its ends, and at each of its choices, by itself."""
    for param in type_.params.values():
        if param.kind == "number":
            for end in (param.low, param.high):
                assert end is not None  # a number's range is part of its declaration
                yield {param.name: round(end) if param.integer else end}
        elif param.kind == "boolean":
            yield {param.name: not param.default}
        else:
            yield from ({param.name: choice} for choice in param.choices)
            yield from ({param.name: id} for id in shipped() if param.themes)


def test_ids_are_unique_and_carry_their_family() -> None:
    ids = [type_.id for type_ in TYPES]
    assert len(set(ids)) == len(ids)
    assert len(ids) >= 50
    assert all(id.count(".") == 1 for id in ids)


@every_type()
def test_is_explained(type_: NodeType) -> None:
    summary, _, rest = type_.doc.partition("\n\n")
    assert summary.endswith("."), "the first paragraph is one sentence"
    assert len(summary) <= 100, "the tooltip is short"
    assert len(rest) > 10, "the manual page says what it is for"
    for port in (*type_.inlets.values(), *type_.params.values()):
        told = port.help or port.name in CLEAR or port.name.replace("_", " ") in type_.doc
        assert told, f"{port.name} has no help, and the text does not name it"
        assert port.unit in UNITS, f"{port.name} has a strange unit, {port.unit}"


@pytest.mark.parametrize("id", ["shape.smooth", "shape.lag", "shape.auto_range", "logic.threshold"])
def test_what_patches_have_many_of_stands_in_plans_without_a_call(id: str) -> None:
    assert next(type_ for type_ in TYPES if type_.id == id).body is not None


@every_type()
def test_gives_what_its_outlets_promise(type_: NodeType) -> None:
    assert list(complaints(type_, play(type_, wired=False))) == []
    assert list(complaints(type_, play(type_))) == []


@every_type()
def test_stands_its_extremes(type_: NodeType) -> None:
    for params in extremes(type_):
        wired = (type_.id, *params.values()) not in REFUSED
        assert list(complaints(type_, play(type_, wired=wired, params=params))) == [], params


@every_type()
def test_is_deterministic_and_can_be_rewound(type_: NodeType) -> None:
    first = play(type_)
    assert same(first, play(type_)), "two runs differ"
    revived = play(type_, thaw=lambda state: pickle.loads(pickle.dumps(state)))
    assert same(first, revived), "a run from saved states differs"


@every_type()
def test_changes_no_argument(type_: NodeType) -> None:
    rng = Rng(3, "inputs").at(0)
    params = {param.name: param.default for param in type_.params.values()}
    state = type_.state
    for n in range(8):
        given = inputs(type_, True, rng)
        asked = context(type_, params, given, n)
        if type_.stateful:
            asked["state"] = state
        seen = {name: value for name, value in (asked | given).items() if name != "rng"}
        before = pickle.dumps(seen)
        got = type_.function(**asked, **given, **params)
        for name, value in pickle.loads(before).items():
            assert same(value, seen[name]), f"{name} was changed"
        if type_.stateful:
            state = got if type_.latch else got[0]


@pytest.mark.parametrize("wired", [True, False], ids=["wired", "unwired"])
@pytest.mark.parametrize("id", EXACT)
def test_is_the_same_however_finely_time_is_cut(id: str, wired: bool) -> None:
    type_ = next(type_ for type_ in TYPES if type_.id == id)
    coarse = numbers(type_, wired, 1)
    for pieces in (2, 7):
        fine = numbers(type_, wired, pieces)
        for n, (expected, got) in enumerate(zip(coarse, fine, strict=True)):
            assert got == pytest.approx(expected, abs=1e-9), f"tick {n}"
