"""N1, T1, I2 to I4: names, TLS, and who answers."""

from __future__ import annotations

from datetime import UTC, datetime

from catalogue_case import Case, Rows
from peers.hostile import TIME, answering, http, onvif, saying_and_closing, silent

#: The beginning of a server's handshake (RFC 8446 §4.1.3): 64 KB of certificates are announced and never come.
_HANDSHAKE = b"\x16\x03\x03\x40\x00\x02\x00\x00\x26\x03\x03" + bytes(32) + b"\x0b\x01\x00\x00" + bytes(4096)


def at(moment: datetime) -> bytes:
    """Return the reply of a device whose clock stands there."""
    body = TIME.replace(b">12<", b">%d<" % moment.hour).replace(b"<Minute>0<", b"<Minute>%d<" % moment.minute)
    body = body.replace(b">2026<", b">%d<" % moment.year).replace(b">11<", b">%d<" % moment.month)
    return http(body.replace(b">22<", b">%d<" % moment.day))


def clock(moment: datetime) -> Case:
    return Case(
        answering(onvif({"GetSystemDateAndTime": at(moment)})), {"clock": "fail clock", "control": "ok"}, "off by "
    )


DEVICE: Rows = {
    "T1-a handshake on a plain port": Case(
        saying_and_closing(_HANDSHAKE), {"control": "fail protocol"}, "expected HTTP, got b'\\x16\\x03\\x03",
    ),
    "T1-a stall": Case(silent, {"control": "fail no_reply"}, "no reply", waits=True),
    "I2-a serial number is told": Case(
        answering(onvif()), {"control": "ok"}, holds=lambda result: result.verdict.measurements["serial"] == "S",
    ),
    "I3-an old answer": clock(datetime(2024, 1, 2, 3, 4, tzinfo=UTC)),
    "I4-1970": clock(datetime(1970, 1, 1, tzinfo=UTC)),
    "I4-2099": clock(datetime(2099, 12, 31, tzinfo=UTC)),
}  # fmt: skip
