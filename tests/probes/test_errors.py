"""The one table from exceptions to reasons: nothing that can be raised falls through it unnoticed."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from monitor.core.verdict import Reason
from monitor.probes import errors
from monitor.wire import errors as wire_errors

CASES = {
    errors.ConnectTimeout("x"): Reason.TIMEOUT,
    errors.ReplyTimeout("x"): Reason.NO_REPLY,
    errors.PeerClosed("x"): Reason.CLOSED,
    errors.OverBudget("x"): Reason.BUDGET,
    errors.Judged(Reason.CLOCK): Reason.CLOCK,
    socket.gaierror(-2, "x"): Reason.DNS,
    ssl.SSLError("x"): Reason.TLS,
    ConnectionRefusedError(errno.ECONNREFUSED, "x"): Reason.REFUSED,
    ConnectionResetError(errno.ECONNRESET, "x"): Reason.CLOSED,
    BrokenPipeError(errno.EPIPE, "x"): Reason.CLOSED,
    TimeoutError(errno.ETIMEDOUT, "x"): Reason.TIMEOUT,
    OSError(errno.EHOSTUNREACH, "x"): Reason.NO_ROUTE,
    OSError(errno.ENETUNREACH, "x"): Reason.NO_ROUTE,
    OSError(errno.EMFILE, "x"): Reason.ABORTED,
    OSError(errno.ENOBUFS, "x"): Reason.ABORTED,
    OSError(errno.EADDRNOTAVAIL, "x"): Reason.ABORTED,
    ZeroDivisionError("x"): Reason.ABORTED,
    KeyError("x"): Reason.ABORTED,
    UnicodeError("label too long"): Reason.DNS,
}


@pytest.mark.parametrize(("error", "reason"), CASES.items(), ids=lambda value: repr(value)[:40])
def test_an_exception_means(error: BaseException, reason: Reason) -> None:
    """Each row of the table, and that a bug of ours is aborted."""
    assert errors.reason_of(error) is reason


def classes(module: object, base: type) -> list[type]:
    return [
        kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base) and kind is not base
    ]


@pytest.mark.parametrize(
    "kind",
    [
        *classes(errors, errors.ProbeError),
        *classes(wire_errors, wire_errors.WireError),
    ],
)
def test_every_exception_of_ours_has_a_row(kind: type[Exception]) -> None:
    """An unmapped exception would be taken for a bug of ours."""
    error = kind(Reason.CLOCK) if kind is errors.Judged else kind("x")
    assert errors.reason_of(error) is not Reason.ABORTED
