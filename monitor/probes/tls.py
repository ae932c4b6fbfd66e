"""TLS to one device: a handshake bounded in bytes and time, the certificate judged before the first word is said.

A device that knows nothing newer than TLS 1.1 is measured all the same, over a context of its own (``WEAK``) that no
login goes through unless the inventory allows it. The device itself is never asked twice for that: the first
conversation finds out, the next ones know.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from monitor.core.model import Tls
from monitor.core.verdict import Reason
from monitor.probes.connection import Connection
from monitor.probes.errors import Judged, PeerClosed, ReplyTimeout
from monitor.wire import certificate
from monitor.wire.certificate import Certificate
from monitor.wire.errors import TooLarge

#: A whole handshake of a camera takes 3 to 6 KB; OpenSSL would take 100 KB of certificates alone.
MOST_HANDSHAKE_BYTES = 1 << 16
READ_BYTES = 1 << 16
#: Every cipher that there still is, but for finite-field Diffie-Hellman, which may be of any size at this level.
WEAK_CIPHERS = "ALL:!aNULL:!eNULL:!kDHE:@SECLEVEL=0"
#: RFC 5746 is younger than some cameras (ssl.OP_LEGACY_SERVER_CONNECT from Python 3.12 on).
LEGACY_SERVER_CONNECT = 0x4
VERSIONS = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
NEW_VERSIONS = frozenset({"TLS 1.2", "TLS 1.3"})
#: What OpenSSL says where the two sides have no version or cipher in common.
TOO_OLD = frozenset(
    {
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "WRONG_SIGNATURE_TYPE",
        "DH_KEY_TOO_SMALL",
        "WRONG_SSL_VERSION",
        "NO_CIPHERS_AVAILABLE",
    }
)
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})


class TooOld(Judged):
    """The device knows no TLS that may carry a login; how it can be measured all the same is known now."""


class HungUp(PeerClosed):
    """The device hung up within the handshake, after so many bytes."""

    def __init__(self, taken: int) -> None:
        super().__init__("the connection ended within the TLS handshake")
        self.wordless = not taken


class Line(NamedTuple):
    """What was agreed on: the version ("TLS 1.3"), and the device's certificate."""

    version: str
    certificate: Certificate
    weak: bool
    """Whether no login goes through it, unless the inventory allows that."""


class TlsConnection(Connection):
    """A connection whose bytes are encrypted once ``shake`` has returned."""

    def __init__(self, note: Callable[[bool, bytes], None], context: ssl.SSLContext, host: str) -> None:
        super().__init__(note)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._taken = 0
        self._shaken = False

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        if self._shaken:
            self._decrypt()
            return
        self._taken += len(data)
        if self._taken > MOST_HANDSHAKE_BYTES and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def _decrypt(self) -> None:
        """Hand on what can be read by now."""
        try:
            while plain := self._tls.read(READ_BYTES):
                super().data_received(plain)
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.eof_received()
        except ssl.SSLError as error:
            self._error = Judged(Reason.TLS, f"the encryption broke: {_words(error)}")
            self.eof_received()
        self._flush()

    def _flush(self) -> None:
        if (data := self._outgoing.read()) and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _write(self, transport: asyncio.Transport, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view) :]
        self._flush()

    async def shake(self, timeout_s: float) -> None:
        """Agree on the encryption. Raises Judged, TooOld, TooLarge, ReplyTimeout, PeerClosed."""
        deadline = self._loop.time() + timeout_s
        while not self._step():
            if self.ended:
                raise HungUp(self._taken)
            taken = self._taken
            await self._more(deadline)
            if taken == self._taken and not self.ended:
                raise ReplyTimeout("the TLS handshake was not finished in time")
        self._shaken = True
        self._decrypt()

    def _step(self) -> bool:
        """Take the handshake as far as it goes with what has come; whether it is over."""
        if self._taken > MOST_HANDSHAKE_BYTES:
            raise TooLarge(f"a TLS handshake of over {MOST_HANDSHAKE_BYTES} bytes")
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise _judged(error) from error
        finally:
            self._flush()
        return True

    def line(self, weak: bool) -> Line:
        """Return what was agreed on. Raises ProtocolError where the certificate is none."""
        der = self._tls.getpeercert(binary_form=True) or b""
        version = VERSIONS.get(self._tls.version() or "", "TLS")
        return Line(version, certificate.parse(der), weak or version not in NEW_VERSIONS)


def _judged(error: ssl.SSLError) -> Judged:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Judged(Reason.TLS, f"its certificate is not trusted: {error.verify_message.rstrip('.')}")
    if error.reason in TOO_OLD:
        return TooOld(Reason.TLS, f"it speaks no TLS that is good enough for a login ({_words(error)})")
    if error.reason in NO_TLS:
        return Judged(Reason.TLS, "what answers on this port speaks no TLS")
    return Judged(Reason.TLS, f"the TLS handshake failed: {_words(error)}")


def _words(error: ssl.SSLError) -> str:
    return (error.reason or "unknown error").replace("_", " ").lower()


def judge(line: Line, tls: Tls, pinned: str) -> str:
    """Return why a certificate is not trusted, or "". ``pinned`` is the one seen first; OpenSSL asked authorities."""
    expected = {"pinned": tls.fingerprint, "first-use": pinned}.get(tls.trust, "")
    found = line.certificate.fingerprint
    if not expected or found == expected:
        return ""
    was = "the pinned one" if tls.trust == "pinned" else "the one seen first"
    return f"its certificate is sha256:{found[:16]}…, not {was}, sha256:{expected[:16]}…: nothing was asked"


def context(tls: Tls, weak: bool = False) -> ssl.SSLContext:
    """Return how TLS is spoken to such a device; ``weak``: whatever it knows, to measure it."""
    return _context(tls.authorities if tls.trust == "ca" else None, weak)


@lru_cache(maxsize=64)
def _context(authorities: str | None, weak: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.options |= ssl.OP_NO_RENEGOTIATION
    if authorities is None:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif authorities:
        made.load_verify_locations(cadata=authorities)
    else:
        made.load_default_certs()
    if weak:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the point
            made.minimum_version = ssl.TLSVersion.TLSv1
        made.set_ciphers(WEAK_CIPHERS)
        made.options |= LEGACY_SERVER_CONNECT
    else:
        made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
