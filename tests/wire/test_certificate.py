"""Certificates are read as far as a monitor needs them, and no bytes break that."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.certificates import identity

from monitor.wire.certificate import parse
from monitor.wire.errors import ProtocolError

SHOWN = identity("Gate 3 — Süd", issuer=identity("Our CA", authority=True))


def test_what_is_read() -> None:
    """The fingerprint, the moments and the names agree with those of another reader."""
    found = parse(SHOWN.der)
    assert found.fingerprint == SHOWN.fingerprint
    assert datetime.fromtimestamp(found.begins, UTC) == SHOWN.certificate.not_valid_before_utc
    assert datetime.fromtimestamp(found.ends, UTC) == SHOWN.certificate.not_valid_after_utc
    assert (found.subject, found.issuer, found.self_signed) == ("Gate 3 — Süd", "Our CA", False)
    assert found.days_left(found.ends - 86_400) == 1


def test_a_self_signed_one() -> None:
    """Subject and issuer are the same."""
    assert parse(identity().der).self_signed


@pytest.mark.parametrize("days", [(-1, 30_000), (-20_000, -15_000)])
def test_other_centuries(days: tuple[int, int]) -> None:
    """From 2050 on times have four digits of a year, and two from 50 to 99 are of the last century."""
    shown = identity(days=days)
    assert datetime.fromtimestamp(parse(shown.der).ends, UTC) == shown.certificate.not_valid_after_utc


@given(st.integers(0, len(SHOWN.der) - 1), st.binary(max_size=4), st.integers(0, 8))
def test_broken_certificates(at: int, piece: bytes, cut: int) -> None:
    """What is changed anywhere is read or refused, and nothing else."""
    with contextlib.suppress(ProtocolError):
        parse(SHOWN.der[:at] + piece + SHOWN.der[at + cut :])


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever is no certificate is refused."""
    with pytest.raises(ProtocolError):
        parse(data)
