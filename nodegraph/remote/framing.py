"""Messages as bytes: a length of four bytes (big-endian), then a msgpack map with text keys.

msgpack: https://github.com/msgpack/msgpack/blob/master/spec.md. Extension types are not used. A
message is measured before it is unpacked, so that a few hostile bytes cannot ask for a lot of
memory, and a refused message costs one message, not the connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgpack

from nodegraph.remote.errors import Fields, FramingError, StreamLost

LIMIT = 16 * 2**20
"""Bytes of the longest message, without its length."""

MOST_VALUES = 2**18
"""Values in one message, those inside maps and lists included."""

DEEPEST = 32
"""Maps and lists inside each other."""

_MOST_SKIPPED = 64 * 2**20
_HEAD = 4

_SIZES = {
    **dict.fromkeys((*range(0x80), *range(0xE0, 0x100)), 1),  # small integers
    **{0xA0 + length: 1 + length for length in range(32)},  # short texts
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 1),  # nil, false, true
    **dict(zip(range(0xCA, 0xD4), (5, 9, 2, 3, 5, 9, 2, 3, 5, 9), strict=True)),  # numbers
}
_LENGTHS = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}  # texts and bytes
_TEXTS = frozenset({*range(0xA0, 0xC0), 0xD9, 0xDA, 0xDB})
_MAPS = {0x80 + count: 0 for count in range(16)} | {0xDE: 2, 0xDF: 4}
_LISTS = {0x90 + count: 0 for count in range(16)} | {0xDC: 2, 0xDD: 4}
_COUNTS = _MAPS | _LISTS


def pack(
    message: Mapping[str, object],
    limit: int = LIMIT,
    odd: Literal["strict", "replace"] = "strict",
) -> bytes:
    """The frame of a message. Raises `FramingError` for what the other side would refuse.

    A text that has no UTF-8, as the names of some files, is refused too, or it is told as well as
    it can be ("replace").
    """
    try:
        body = bytes(msgpack.packb(dict(message), unicode_errors=odd))
    except (TypeError, ValueError, OverflowError) as error:
        raise FramingError(f"a message cannot carry this: {error}") from error
    if len(body) > limit:
        raise FramingError(_too_long(len(body), limit))
    _measure(body)
    return len(body).to_bytes(_HEAD, "big") + body


def unpack(body: bytes) -> Fields:
    """What a frame holds after its length; raises `FramingError` for anything malformed."""
    _measure(body)
    try:
        message: Fields = msgpack.unpackb(body)
    except (ValueError, msgpack.UnpackException) as error:
        raise FramingError(f"a message is refused: {error}") from error
    return message


class Unpacker:
    """Bytes as they come in, messages out.

    Iterating yields every whole message. `FramingError` refuses one; iterate again for the next.
    What is longer than `limit` is refused and skipped as it comes, without being kept.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._buffer = bytearray()
        self._skip = 0

    def __len__(self) -> int:
        """Bytes that wait."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Fields]:
        """Take in what has arrived; the iterator is the unpacker itself."""
        self._buffer += data
        return self

    def __iter__(self) -> Iterator[Fields]:
        return self

    def __next__(self) -> Fields:
        if self._skip:
            skipped = min(self._skip, len(self._buffer))
            self._skip -= skipped
            del self._buffer[:skipped]
        if self._skip or len(self._buffer) < _HEAD:
            raise StopIteration
        length = int.from_bytes(self._buffer[:_HEAD], "big")
        if length > self.limit:
            del self._buffer[:_HEAD]
            self._skip = length
            raise (StreamLost if length > _MOST_SKIPPED else FramingError)(
                _too_long(length, self.limit)
            )
        if len(self._buffer) < _HEAD + length:
            raise StopIteration
        body = bytes(memoryview(self._buffer)[_HEAD : _HEAD + length])
        del self._buffer[: _HEAD + length]
        return unpack(body)


def _measure(body: bytes) -> None:
    """Walk over a body without building anything; raise `FramingError` unless it is sound."""
    at, end, total = 0, len(body), 1
    left, in_map = 1, False  # values to come in the innermost map or list
    outer: list[tuple[int, bool]] = []
    if not end or body[0] not in _MAPS:
        raise FramingError("a message is refused: it is not a msgpack map")
    while True:
        if at >= end:
            raise FramingError("a message is refused: its end is missing")
        lead = body[at]
        if in_map and not left % 2 and lead not in _TEXTS:
            raise FramingError(f"a message is refused: a key at byte {at} is not a text")
        left -= 1
        if size := _SIZES.get(lead):
            at += size
        elif width := _LENGTHS.get(lead):
            at += 1 + width + int.from_bytes(body[at + 1 : at + 1 + width], "big")
        elif (width := _COUNTS.get(lead, -1)) >= 0:
            count = int.from_bytes(body[at + 1 : at + 1 + width], "big") if width else lead & 15
            at += 1 + width
            if lead in _MAPS:
                count *= 2
            total += count
            if total > MOST_VALUES or count > end - at:
                raise FramingError(
                    f"a message is refused: it says that it has {total} values, "
                    f"but at most {MOST_VALUES} are let in, and each has a byte at least"
                )
            if len(outer) == DEEPEST:
                raise FramingError(
                    f"a message is refused: more than {DEEPEST} maps and lists inside each other"
                )
            outer.append((left, in_map))
            left, in_map = count, lead in _MAPS
        else:
            raise FramingError(f"a message is refused: byte {at} is of no type used here")
        while not left:
            if not outer:
                if at != end:
                    raise FramingError("a message is refused: it does not end where it says")
                return
            left, in_map = outer.pop()


def _too_long(length: int, limit: int) -> str:
    return f"a message of {length} bytes is refused: at most {limit} are let in"
