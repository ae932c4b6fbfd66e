"""BER as SNMP uses it (X.690; RFC 3417 §8): one-byte tags, definite lengths, values bounded by what encloses them.

Read by a cursor and never by recursion: how deep a message nests is the reader's word, not the sender's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from monitor.wire.errors import ProtocolError

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
#: No datagram is longer, so no length needs more bytes than these; agents do pad them (84 00 00 01 23).
MOST_LENGTH_BYTES = 4
#: RFC 3416 §4.1 bounds an object id to 128 numbers below 2^32.
MOST_NUMBERS = 128
MOST_NUMBER = 2**32 - 1
#: Object ids up to this length are worth remembering.
USUAL_BYTES = 32
#: The longest length that one byte says.
MOST_SHORT = 0x7F
#: What a tag of more than one byte begins with.
MANY_BYTE_TAG = 0x1F
_LONG = 0x80
_LOW = 0x7F


class Value(NamedTuple):
    """A value's tag and where its content stands."""

    tag: int
    start: int
    end: int


def value(data: bytes, at: int, end: int) -> Value:
    """Return the value that begins at ``at``, within ``end``. Raises ProtocolError."""
    start = at + 2
    if start > end:
        raise ProtocolError("BER: cut off in a header")
    tag, size = data[at], data[at + 1]
    if tag & MANY_BYTE_TAG == MANY_BYTE_TAG:
        raise ProtocolError("BER: a tag of several bytes")
    if size & _LONG:
        start, size = _long_length(data, start, end, size & _LOW)
    if start + size > end:
        raise ProtocolError(f"BER: a value of {size} bytes where {end - start} are left")
    return Value(tag, start, start + size)


def _long_length(data: bytes, start: int, end: int, count: int) -> tuple[int, int]:
    """Return where the content begins behind a length of ``count`` bytes, and that length."""
    if not 0 < count <= MOST_LENGTH_BYTES:
        raise ProtocolError("BER: an indefinite length" if not count else f"BER: a length of {count} bytes")
    if start + count > end:
        raise ProtocolError("BER: cut off in a length")
    return start + count, int.from_bytes(data[start : start + count], "big")


def expect(data: bytes, at: int, end: int, tag: int) -> Value:
    """Return the value that begins at ``at``, which must have this tag. Raises ProtocolError."""
    start = at + 2
    if start <= end and data[at] == tag and data[at + 1] < _LONG and start + data[at + 1] <= end:
        return Value(tag, start, start + data[at + 1])  # as nearly always
    found = value(data, at, end)
    if found[0] != tag:
        raise ProtocolError(f"BER: tag {found.tag:#04x} where {tag:#04x} is due")
    return found


def integer(data: bytes, found: Value) -> int:
    """Return a signed whole number of at most 8 bytes. Raises ProtocolError."""
    return signed(data[found.start : found.end])


def signed(content: bytes) -> int:
    """Return the signed whole number that these bytes are, at most 8. Raises ProtocolError."""
    if not 0 < len(content) <= 8:
        raise ProtocolError(f"BER: a number of {len(content)} bytes")
    return int.from_bytes(content, "big", signed=True)


def object_id(data: bytes, found: Value) -> str:
    """Return an object id in digits and dots (X.690 §8.19). Raises ProtocolError."""
    return dotted(data[found.start : found.end])


def dotted(content: bytes) -> str:
    """Return the object id that these bytes are. Raises ProtocolError."""
    return _known_object_id(content) if len(content) <= USUAL_BYTES else _object_id(content)


def _object_id(content: bytes) -> str:
    numbers: list[int] = []
    number = 0
    whole = False
    for byte in content:
        number = number << 7 | byte & _LOW
        whole = not byte & _LONG
        if number > MOST_NUMBER or len(numbers) >= MOST_NUMBERS:
            raise ProtocolError("BER: an object id without bounds")
        if whole:
            numbers.append(number)
            number = 0
    if not whole:
        raise ProtocolError("BER: an object id that is none")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


#: The names that devices answer with are few and the same each minute.
_known_object_id = lru_cache(maxsize=4096)(_object_id)


# Writing ---------------------------------------------------------------------------------------------


def encoded(tag: int, content: bytes) -> bytes:
    """Return a value with its tag and its length."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def encoded_integer(number: int) -> bytes:
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def encoded_object_id(text: str) -> bytes:
    """Return an object id, given in digits and dots. Raises ValueError where it is none."""
    first, second, *rest = map(int, text.split("."))
    if not (0 <= first <= 2 and 0 <= second < (40 if first < 2 else 80)) or len(rest) > MOST_NUMBERS - 2:
        raise ValueError(f"no object id: {text[:80]}")
    content = bytearray((first * 40 + second,))
    for number in rest:
        if not 0 <= number <= MOST_NUMBER:
            raise ValueError(f"no object id: {text[:80]}")
        groups = [number & _LOW]
        while number := number >> 7:
            groups.append(_LONG | number & _LOW)
        content += bytes(reversed(groups))
    return encoded(OID, bytes(content))
