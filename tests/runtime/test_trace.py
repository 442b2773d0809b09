"""Traces: recorded, packed, unpacked, and what is not one is refused."""

from __future__ import annotations

from contextlib import suppress

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import BLOCK, RATE, catalogue, engine, patch

from nodegraph import Clock, Message, Prompt, Prompts, Range, Theme, inlet, node
from nodegraph.compiler import compile_patch
from nodegraph.errors import TraceError
from nodegraph.runtime import Recorder, Trace

LOOK = Theme("dusk", "Dusk", "a lake", ("film",), ("fire",), (Range("noise_scale", 0.1, 0.2),))


@node("t.things", outlets="number flag text prompts clock theme", state=0)
def things(
    state: int, value: float = inlet(0.0)
) -> tuple[int, float, bool, str, Prompts, Clock, Theme]:
    """One of each kind."""
    prompts = (Prompt("a"), Prompt("b", state / 3))
    return (
        state + 1,
        state / 7,
        state % 2 == 0,
        f"{state // 4}",
        prompts,
        Clock(120.0, state),
        LOOK,
    )


@node("t.tell", outlets="message", state=0)
def tell(state: int) -> tuple[int, Message | None]:
    """Say something every third tick."""
    said = Message("scope", {"prompts": (Prompt("x"),), "steps": [1000, 500], "n": state})
    return state + 1, said if state % 3 == 0 else None


def recorded(ticks: int) -> Trace:
    plan = compile_patch(patch({"a": "t.things", "t": "t.tell"}), catalogue(things, tell))
    it = engine(plan)
    recorder = Recorder(plan, RATE, BLOCK, "test")
    for _ in range(ticks):
        messages = it.tick({})
        recorder.record(it.values, messages)
    return recorder.trace(["something"])


def test_columns_have_one_row_a_tick() -> None:
    trace = recorded(10_000)
    assert len(trace) == 10_000
    np.testing.assert_allclose(trace.times, np.arange(1, 10_001) * BLOCK / RATE)
    np.testing.assert_array_equal(trace["a.number"], np.arange(10_000) / 7)
    assert trace["a.flag"].dtype == np.float64
    assert trace["a.text"][9] == "2"
    assert trace["a.prompts"][3] == (Prompt("a"), Prompt("b", 1.0))
    assert trace["a.clock"][5] == Clock(120.0, 5)
    assert [n for n, _ in trace.messages][:3] == [0, 3, 6]
    with pytest.raises(KeyError, match=r"a\.nothing is not in this trace, which has a\.clock"):
        trace["a.nothing"]


def test_what_is_packed_is_unpacked_the_same_and_packs_to_the_same_bytes() -> None:
    trace = recorded(50)
    data = trace.to_bytes()
    again = Trace.from_bytes(data)
    assert again.to_bytes() == data
    for port in trace.columns:
        assert list(again[port]) == list(trace[port])
    assert again["a.theme"][0] == LOOK
    assert again.messages[1][1].body["prompts"] == (Prompt("x"),)
    assert again.problems == ("something",)


def test_an_empty_trace_is_a_trace() -> None:
    assert len(Trace.from_bytes(recorded(0).to_bytes())) == 0


@given(st.binary(max_size=200))
def test_any_bytes_give_a_sentence_not_a_crash(data: bytes) -> None:
    with pytest.raises(TraceError, match=r"song\.trace"):
        Trace.from_bytes(data, "song.trace")


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damaged_traces_are_refused_or_read(at: int, byte: int) -> None:
    data = bytearray(recorded(5).to_bytes())
    data[at % len(data)] = byte
    with suppress(TraceError):
        Trace.from_bytes(bytes(data))


def test_a_newer_version_is_named() -> None:
    data = msgpack.packb({"nodegraph-trace": 99})
    with pytest.raises(TraceError, match="version 99; this nodegraph reads version 1"):
        Trace.from_bytes(data)


def test_a_record_without_a_name_is_damage() -> None:
    packed = msgpack.unpackb(Trace(48_000, 512, np.zeros(1), {}, {}).to_bytes())
    packed["ticks"] = 1
    packed["columns"] = {"a.out": ["clock", [[0, {"Clock": [120.0, {}, 4, 0.0]}]]]}
    with pytest.raises(TraceError, match="damaged"):
        Trace.from_bytes(msgpack.packb(packed))
