"""What can go wrong in a probe, and the one table that turns it into a reason.

ProbeError
├── ConnectTimeout   nothing answered within the deadline for connecting
├── ReplyTimeout     connected, and no reply came
├── PeerClosed       the peer closed before it had answered
├── Judged           the probe itself knows the reason: it carries it
└── OverBudget       ours: this conversation may send no further request
"""

from __future__ import annotations

import errno
import socket
import ssl

from monitor.core.verdict import Outcome, Reason
from monitor.wire.errors import ProtocolError, TooLarge
from monitor.wire.soap import Fault


class ProbeError(Exception):
    """A probe could not go on."""


class ConnectTimeout(ProbeError):
    """Connecting timed out."""


class ReplyTimeout(ProbeError):
    """No reply within the deadline."""


class PeerClosed(ProbeError):
    """The connection ended before the reply."""


class OverBudget(ProbeError):
    """The device has been asked enough for now."""


class Judged(ProbeError):
    """The probe's own judgement of the question it is asking."""

    def __init__(self, reason: Reason, detail: str = "", outcome: Outcome = Outcome.FAIL) -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail
        self.outcome = outcome


#: Errors of the operating system that are ours, not the camera's: no descriptor, port or memory left.
OURS = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EADDRNOTAVAIL,
        errno.EAGAIN,
        errno.EACCES,
        errno.EPERM,
    }
)
#: What resolving a name says where our resolver failed, and not the name (RFC 3493 §6.1).
RESOLVER = frozenset({socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM})
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})

#: The first row that fits decides. What fits none is a fault of ours.
EXCEPTIONS: tuple[tuple[type[BaseException], Reason], ...] = (
    (ConnectTimeout, Reason.TIMEOUT),
    (ReplyTimeout, Reason.NO_REPLY),
    (PeerClosed, Reason.CLOSED),
    (OverBudget, Reason.BUDGET),
    (ProtocolError, Reason.PROTOCOL),
    (TooLarge, Reason.TOO_LARGE),
    (Fault, Reason.FAULT),
    (socket.gaierror, Reason.DNS),
    (UnicodeError, Reason.DNS),
    (ConnectionRefusedError, Reason.REFUSED),
    (ConnectionResetError, Reason.CLOSED),
    (ConnectionAbortedError, Reason.CLOSED),
    (BrokenPipeError, Reason.CLOSED),
    (TimeoutError, Reason.TIMEOUT),
)


def reason_of(error: BaseException) -> Reason:
    """Return why a question failed; ``aborted`` where the fault is ours."""
    if isinstance(error, Judged):
        return error.reason
    if isinstance(error, ssl.SSLError):
        return Reason.TLS  # its errno is OpenSSL's, not the system's
    if isinstance(error, OSError) and error.errno in (RESOLVER if isinstance(error, socket.gaierror) else OURS):
        return Reason.ABORTED
    if isinstance(error, OSError) and error.errno in NO_ROUTE:
        return Reason.NO_ROUTE
    return next((reason for kind, reason in EXCEPTIONS if isinstance(error, kind)), Reason.ABORTED)
