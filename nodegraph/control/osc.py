"""Open Sound Control 1.0 (Wright and Freed, 2002) as bytes and as events.

Datagrams come from anybody on the network. What is damaged, lies about its length or nests too deep
raises `ValueError` and nothing else; what is merely unknown is skipped over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, TypeAlias

from nodegraph.events import OscEvent

Arg: TypeAlias = float | bool | str

_BUNDLE = b"#bundle\0"
_DEEPEST = 8
"""Bundles in bundles. Programs send one, seldom two."""

_NUMBERS = {"f": ">f", "d": ">d", "i": ">i", "h": ">q"}
_TEXTS = "sS"
_FIXED = {"T": True, "F": False, "N": 0.0, "I": 1.0}
"""Arguments that are told by their tag alone; an impulse is 1, nil 0."""

_SKIPPED = {"c": 4, "r": 4, "m": 4, "t": 8}
"""Bytes of arguments that no wire can carry."""


def read(datagram: bytes) -> list[OscEvent]:
    """Every message of a packet, in order. Time tags are not waited for: what comes, happens."""
    return list(_packet(datagram, 0))


def _packet(data: bytes, depth: int) -> Iterator[OscEvent]:
    if not data.startswith(_BUNDLE):
        yield _message(data)
        return
    if depth == _DEEPEST:
        raise ValueError(f"bundles are nested more than {_DEEPEST} deep")
    at = len(_BUNDLE) + 8  # the time tag
    while at < len(data):
        (size,) = _unpack(">i", data, at)
        at += 4
        if size <= 0 or at + size > len(data):
            raise ValueError(f"an element of a bundle claims {size} bytes")
        yield from _packet(data[at : at + size], depth + 1)
        at += size


def _message(data: bytes) -> OscEvent:
    address, at = _string(data, 0)
    if not address.startswith("/"):
        raise ValueError("an address begins with /")
    if at == len(data):
        return OscEvent(0.0, address)  # some old programs leave the type tags out
    tags, at = _string(data, at)
    if not tags.startswith(","):
        raise ValueError("type tags begin with a comma")
    args: list[Arg] = []
    for tag in tags[1:]:
        if tag in _NUMBERS:
            (number,) = _unpack(_NUMBERS[tag], data, at)
            args.append(float(number) if isfinite(number) else 0.0)
            at += struct.calcsize(_NUMBERS[tag])
        elif tag in _TEXTS:
            text, at = _string(data, at)
            args.append(text)
        elif tag in _FIXED:
            args.append(_FIXED[tag])
        elif tag == "b":
            (size,) = _unpack(">i", data, at)
            at = _past(data, at + 4, size)
        elif tag in _SKIPPED:
            at = _past(data, at, _SKIPPED[tag])
        elif tag not in "[]":  # how long it is, nobody knows
            raise ValueError(f"there is no argument of type {tag!r}")
    return OscEvent(0.0, address, tuple(args))


def _unpack(form: str, data: bytes, at: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error as error:
        raise ValueError("it ends too early") from error


def _past(data: bytes, at: int, size: int) -> int:
    """The place after so many bytes, and what fills them up to four."""
    end = at + (size + 3) // 4 * 4
    if size < 0 or end > len(data):
        raise ValueError("it ends too early")
    return end


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise ValueError("a text has no end")
    return data[at:end].decode("utf-8", "replace"), _past(data, at, end + 1 - at)


def write(address: str, args: Sequence[Arg]) -> bytes:
    """A message as a datagram: numbers as floats, switches and texts as they are."""
    tags, values = ",", b""
    for arg in args:
        if isinstance(arg, bool):
            tags += "T" if arg else "F"
        elif isinstance(arg, str):
            tags, values = tags + "s", values + _padded(arg)
        else:
            tags, values = tags + "f", values + struct.pack(">f", arg)
    return _padded(address) + _padded(tags) + values


def _padded(text: str) -> bytes:
    data = text.replace("\0", "").encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)
