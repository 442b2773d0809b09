"""How a journal is written down: records that are found again whatever happens around them.

    marker (8 bytes) | length (u32) | CRC-32 (u32) | payload: msgpack [number, when, whole, body]

Integers are in network order; length and CRC are those of the payload.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgpack

Body = Mapping[str, Any]
"""Plain data, as msgpack knows it: its shape is the business of whoever reads it back."""

_HEAD = struct.Struct("!8sII")
_MARKER = b"\xc1\xffnodes\x00"  # neither of the first two bytes occurs in UTF-8
_PATIENCE = 1 << 31  # bytes that checking what only looks like a record may cost, about 2 s
_LATEST = 1e11  # seconds since 1970 that a calendar can say


class Record(NamedTuple):
    """One entry: the number of changes so far, when (seconds since 1970), and what.

    The body of a `whole` record says everything, that of another one change.
    """

    number: int
    when: float
    whole: bool
    body: dict[str, Any]


def pack(number: int, whole: bool, body: Body) -> bytes:
    """A record of now."""
    entry = [number, time.time(), whole, body]
    payload: bytes = msgpack.packb(entry, unicode_errors="surrogatepass")
    return _HEAD.pack(_MARKER, len(payload), zlib.crc32(payload)) + payload


def copied(body: Body) -> dict[str, Any]:
    """Data as it would be read back; raises TypeError if no record can hold it."""
    try:
        copy: dict[str, Any] = msgpack.unpackb(msgpack.packb(dict(body)))
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"this is no plain data: {error}") from None
    return copy


def scan(data: bytes) -> Iterator[Record | None]:
    """Every record that is whole, in order, and None wherever something is not.

    Takes a few seconds at most for whatever 50 MB there are.
    """
    patience = _PATIENCE
    at = 0
    while 0 <= at < len(data) and patience > 0:
        record, size = _unpack(data, at)
        yield record
        if record is not None:
            at += size
        else:
            patience -= size
            at = data.find(_MARKER, at + 1)


def _unpack(data: bytes, at: int) -> tuple[Record | None, int]:
    """The record that begins here, if it is whole, and how many bytes were looked at."""
    start = at + _HEAD.size
    if len(data) < start:
        return None, 0
    marker, length, check = _HEAD.unpack_from(data, at)
    if marker != _MARKER or len(data) < start + length:
        return None, 0
    payload = memoryview(data)[start : start + length]
    if zlib.crc32(payload) != check:
        return None, length
    try:
        number, when, whole, body = msgpack.unpackb(payload, unicode_errors="surrogatepass")
        record = Record(int(number), float(when), bool(whole), dict(body))
    except Exception:  # msgpack fails in many ways on what is not msgpack
        return None, length
    return (record if 0 <= record.when < _LATEST else None), _HEAD.size + length
