"""OSC packets against python-osc, which was written by others, and against whatever may come."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import OscEvent
from nodegraph.control.osc import read, write

pytest.importorskip("pythonosc", reason="pip install 'nodegraph[dev]' brings python-osc")
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=9)
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
args = st.lists(st.one_of(numbers, st.booleans(), texts), max_size=6)
addresses = st.from_regex(r"(/[a-z0-9 é]{1,9}){1,3}", fullmatch=True)


def theirs(address: str, *given_: tuple[str | None, object]) -> OscMessageBuilder:
    builder = OscMessageBuilder(address)
    for kind, value in given_:
        builder.add_arg(value, kind)
    return builder


@given(addresses, args)
def test_what_python_osc_writes_is_read(address: str, given_: list[float | bool | str]) -> None:
    kinds = [(None, value) for value in given_]
    assert read(theirs(address, *kinds).build().dgram) == [OscEvent(0.0, address, tuple(given_))]


@given(addresses, args)
def test_what_is_written_python_osc_reads(address: str, given_: list[float | bool | str]) -> None:
    message = OscMessage(write(address, given_))
    assert message.address == address
    assert message.params == given_


def test_other_types_are_read_or_stepped_over() -> None:
    message = theirs(
        "/all",
        ("i", -7),
        ("h", 1 << 40),
        ("d", 0.1),
        ("b", b"12345"),
        ("m", (1, 144, 60, 100)),
        ("r", 0xFF00FF),
        ("T", True),
        ("N", None),
        ("s", "end"),
    )
    (event,) = read(message.build().dgram)
    assert event.args == (-7.0, float(1 << 40), 0.1, True, 0.0, "end")
    infinite = struct.pack(">f", float("inf")) + struct.pack(">f", float("nan"))
    assert read(b"/x\0\0,ff\0" + infinite)[0].args == (0.0, 0.0)
    assert read(b"/old\0\0\0\0") == [OscEvent(0.0, "/old")]


def test_bundles_in_bundles_come_in_their_order() -> None:
    inner, outer = OscBundleBuilder(IMMEDIATELY), OscBundleBuilder(IMMEDIATELY)
    inner.add_content(theirs("/2", ("f", 2.0)).build())
    outer.add_content(theirs("/1").build())
    outer.add_content(inner.build())
    outer.add_content(theirs("/3").build())
    assert [event.address for event in read(outer.build().dgram)] == ["/1", "/2", "/3"]


def deep(levels: int) -> bytes:
    packet = b"/x\0\0,\0\0\0"
    for _ in range(levels):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    return packet


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"x",
        b"/no end",
        b"/a\0\0f\0\0\0",
        b"/a\0\0,f\0\0\0\0",
        b"/a\0\0,s\0\0abcd",
        b"/a\0\0,b\0\0" + struct.pack(">i", 1 << 30),
        b"/a\0\0,b\0\0" + struct.pack(">i", -8),
        b"/a\0\0,?\0\0",
        b"#bundle\0" + bytes(8) + struct.pack(">i", 0),
        b"#bundle\0" + bytes(8) + struct.pack(">i", -4),
        b"#bundle\0" + bytes(8) + b"\0",
        deep(9),
        deep(2000),
    ],
)
def test_damage_is_refused(datagram: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(datagram)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda tail: b"/a\0\0," + tail),
        st.binary(max_size=60).map(lambda tail: b"#bundle\0" + bytes(8) + tail),
    )
)
def test_noise_is_read_or_refused_and_nothing_else(datagram: bytes) -> None:
    try:
        events = read(datagram)
    except ValueError:
        return
    assert all(isinstance(event.address, str) for event in events)


def test_a_packet_with_flipped_bits_is_read_or_refused() -> None:
    chance = random.Random(1)
    bundle = OscBundleBuilder(IMMEDIATELY)
    for n in range(4):
        bundle.add_content(theirs(f"/{n}", ("f", 0.5), ("s", "text"), ("b", b"blob")).build())
    whole = bundle.build().dgram
    refused = 0
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged[: chance.randrange(len(damaged)) + 1]))
        except ValueError:
            refused += 1
    assert 1000 < refused < 3000
