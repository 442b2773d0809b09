"""Frames: there and back for whatever may travel, refused alone whatever may not."""

from __future__ import annotations

import struct
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.remote.errors import FramingError, StreamLost
from nodegraph.remote.framing import DEEPEST, LIMIT, MOST_VALUES, Unpacker, pack, unpack

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=300)
    | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=15,
)
MESSAGES = st.dictionaries(st.text(max_size=40), VALUES, max_size=6)

DAY = datetime(2020, 1, 1, tzinfo=UTC)


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def everything(unpacker: Unpacker) -> tuple[list[object], list[FramingError]]:
    """The messages and refusals that can be had now."""
    messages: list[object] = []
    refused: list[FramingError] = []
    while True:
        try:
            messages.append(next(unpacker))
        except FramingError as error:
            refused.append(error)
        except StopIteration:
            return messages, refused


@settings(max_examples=many(40, 1_000))
@given(st.lists(MESSAGES, max_size=5), st.integers(1, 50))
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    messages: list[dict[str, object]], step: int
) -> None:
    stream = b"".join(map(pack, messages))
    unpacker, out = Unpacker(), []
    for at in range(0, len(stream), step):
        out += list(unpacker.feed(stream[at : at + step]))
    assert list(map(pack, out)) == list(map(pack, messages))  # NaN is not equal to itself
    assert len(unpacker) == 0


@given(st.binary(max_size=400))
def test_what_is_let_in_is_what_msgpack_reads(body: bytes) -> None:
    try:
        message = unpack(body)
    except FramingError:
        return
    assert pack(message) == pack(msgpack.unpackb(body))


@given(MESSAGES)
def test_all_that_msgpack_packs_of_plain_data_is_let_in(message: dict[str, object]) -> None:
    body = msgpack.packb(message)
    assert msgpack.packb(unpack(body)) == body


@given(MESSAGES, st.data())
def test_a_changed_byte_is_refused_or_read_but_nothing_else(
    message: dict[str, object], data: st.DataObject
) -> None:
    body = bytearray(msgpack.packb(message))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    unpacker = Unpacker()
    unpacker.feed(framed(bytes(body)) + pack({"next": 1}))
    messages, refused = everything(unpacker)
    assert len(messages) + len(refused) == 2
    assert messages[-1] == {"next": 1}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not a msgpack map"),
        (msgpack.packb([1, 2]), "not a msgpack map"),
        (msgpack.packb({1: 2}), "key at byte 1 is not a text"),
        (msgpack.packb({"a": {b"b": 2}}), "key at byte 4 is not a text"),
        (msgpack.packb({"a": {None: 2}}), "key at byte 4 is not a text"),
        (msgpack.packb({"a": msgpack.ExtType(5, b"xyz")}), "no type used here"),
        (msgpack.packb({"a": DAY}, datetime=True), "no type used here"),
        (b"\x81\xa1a\xc1", "no type used here"),
        (b"\x81\xa1a\xa2\xff\xfe", "utf-8"),
        (b"\x81\xa1a\xa3\xed\xa0\x80", "utf-8"),  # a surrogate
        (b"\x81\xa2\xff\xfe\x01", "utf-8"),
        (msgpack.packb({"a": 1}) + b"\x00", "does not end where it says"),
        (msgpack.packb({"a": "text"})[:-1], "does not end where it says"),
        (msgpack.packb({"a": [1, 2, 3]})[:-1], "values"),
        (b"\x81", "values"),
        (b"\x82\xa1a\x01", "values"),
        (b"\x81\xa3", "values"),
        (b"\x81\xa1a\xda\x00", "does not end where it says"),
        (b"\x81\xa1a\xdd\xff\xff\xff\xff\x00", "at most"),
        (b"\xdf\xff\xff\xff\xff\xa1a", "at most"),
        (b"\x81\xa1a" + b"\x91" * DEEPEST + b"\x00", "inside each other"),
        (b"\x81\xa1a" + b"\x91" * 2_000_000, "inside each other"),
        (b"\x81\xa1a" + b"\x81\xa1a" * 100_000 + b"\x00", "inside each other"),
        (msgpack.packb({"a": [[]] * MOST_VALUES}), "at most"),
        (msgpack.packb({"a": [[0] * 1000] * 1000}), "at most"),
    ],
)
def test_a_bad_message_is_refused_alone(body: bytes, why: str) -> None:
    unpacker = Unpacker()
    unpacker.feed(framed(body) + pack({"next": 1}))
    messages, (refusal,) = everything(unpacker)
    assert why in str(refusal)
    assert messages == [{"next": 1}]


def test_at_the_edge_of_every_limit_it_is_let_in() -> None:
    deep: object = 0
    for _ in range(DEEPEST - 1):
        deep = [deep]
    wide = [0] * (MOST_VALUES - 3)  # beside the message, the key and the list
    long = bytes(LIMIT - len(msgpack.packb({"a": bytes(70_000)})) + 70_000)
    for value in (deep, wide, long):
        (message,) = Unpacker().feed(pack({"a": value}))
        assert message == {"a": value}
    for value in ([deep], [*wide, 0], long + b"\0"):
        with pytest.raises(FramingError):
            pack({"a": value})


def test_numbers_that_are_no_numbers_travel() -> None:
    (message,) = Unpacker().feed(pack({"nan": float("nan"), "inf": float("inf")}))
    assert message["nan"] != message["nan"]
    assert message["inf"] == float("inf")


def _ring() -> list[object]:
    ring: list[object] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(3),
        np.int64(1),
        object(),
        {1, 2},
        2**70,
        "\ud800",
        {1: 2},
        {"a": {b"b": 1}},
        _ring(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_travel_is_refused_before_it_is_sent(value: object) -> None:
    with pytest.raises(FramingError, match="message"):
        pack({"value": value})


def test_a_message_that_is_too_long_is_skipped_without_being_kept() -> None:
    unpacker = Unpacker(limit=1000)
    unpacker.feed(struct.pack(">I", 40_000_000))
    _, (refusal,) = everything(unpacker)
    assert not isinstance(refusal, StreamLost)
    tracemalloc.start()
    for _ in range(40):
        assert everything(unpacker) == ([], [])
        unpacker.feed(bytes(1_000_000))
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
    assert list(unpacker.feed(pack({"next": 1}))) == [{"next": 1}]


@pytest.mark.parametrize("text", [b"GET / HTTP/1.1\r\n", b"\xff\xff\xff\xff"])
def test_what_is_no_stream_of_messages_is_told_apart(text: bytes) -> None:
    with pytest.raises(StreamLost, match="refused"):
        next(Unpacker().feed(text))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([b"\xdd\x00\x03\xff\xf0", b"\x91", b"\x90", b"\x80"]), max_size=80))
def test_few_hostile_bytes_get_little_memory_and_time(parts: list[bytes]) -> None:
    body = b"\x81\xa1a" + b"".join(parts) + bytes(300_000)
    started = time.process_time()
    tracemalloc.start()
    with suppress(FramingError):
        unpack(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert time.process_time() - started < 10.0
