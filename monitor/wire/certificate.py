"""An X.509 certificate (RFC 5280) as far as a monitor has to read it: which one it is, until when it is valid, whose.

Whether it can be trusted is decided by TLS, or by its fingerprint; nothing read here decides that.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from monitor.wire import ber
from monitor.wire.errors import ProtocolError

VERSION, SET, UTC_TIME, GENERALIZED_TIME = 0xA0, 0x31, 0x17, 0x18
COMMON_NAME = "2.5.4.3"
#: Parts of a name that are looked at, and characters of one that are kept.
MOST_PARTS = 32
NAME_CHARACTERS = 64
#: RFC 5280 §4.1.2.5.1: two digits from 50 on are of the last century.
PIVOT = 50


class Certificate(NamedTuple):
    """A certificate; times are seconds since the epoch. Names are hostile text."""

    fingerprint: str
    """SHA-256 of all of it, in hexadecimal."""
    begins: float
    ends: float
    subject: str
    issuer: str
    self_signed: bool

    def days_left(self, now: float) -> float:
        return (self.ends - now) / 86_400.0


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def parse(der: bytes) -> Certificate:
    """Read a certificate in DER. Raises ProtocolError."""
    whole = ber.expect(der, 0, len(der), ber.SEQUENCE)
    signed = ber.expect(der, whole.start, whole.end, ber.SEQUENCE)
    at, end = signed.start, signed.end
    first = ber.value(der, at, end)
    if first.tag == VERSION:
        at = first.end
    serial = ber.expect(der, at, end, ber.INTEGER)
    algorithm = ber.expect(der, serial.end, end, ber.SEQUENCE)
    issuer = ber.expect(der, algorithm.end, end, ber.SEQUENCE)
    validity = ber.expect(der, issuer.end, end, ber.SEQUENCE)
    subject = ber.expect(der, validity.end, end, ber.SEQUENCE)
    begins = ber.value(der, validity.start, validity.end)
    ends = ber.value(der, begins.end, validity.end)
    return Certificate(
        fingerprint(der),
        _time(der, begins),
        _time(der, ends),
        _name(der, subject),
        _name(der, issuer),
        der[issuer.start : issuer.end] == der[subject.start : subject.end],
    )


def _time(der: bytes, found: ber.Value) -> float:
    """Return a moment; RFC 5280 allows whole seconds in UTC only."""
    text = der[found.start : found.end].decode("ascii", "replace")
    if found.tag == UTC_TIME and text[:2].isdigit():
        text = ("19" if int(text[:2]) >= PIVOT else "20") + text
    elif found.tag != GENERALIZED_TIME:
        raise ProtocolError(f"a certificate with a time of tag {found.tag:#04x}")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ProtocolError(f"a certificate with the time {text[:20]!r}") from None


def _name(der: bytes, name: ber.Value) -> str:
    """Return a name's common name, or "" where it has none."""
    at = name.start
    for _ in range(MOST_PARTS):
        if at >= name.end:
            break
        part = ber.expect(der, at, name.end, SET)
        pair = ber.expect(der, part.start, part.end, ber.SEQUENCE)
        kind = ber.expect(der, pair.start, pair.end, ber.OID)
        if ber.object_id(der, kind) == COMMON_NAME:
            text = ber.value(der, kind.end, pair.end)
            return der[text.start : text.end].decode("utf-8", "replace")[:NAME_CHARACTERS]
        at = part.end
    return ""
