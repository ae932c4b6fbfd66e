"""Signatures of messages, made and checked: HMAC-SHA-256 over the moment and the body, so that none is told twice."""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest, new

HEADER = "Camfleet-Signature"
#: How far a signature's moment may be from now, in seconds.
LATEST_S = 300.0
_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def signed(secret: str, body: bytes, now: float) -> str:
    """Return the header's value for a body that is sent now."""
    moment = str(int(now))
    return f"t={moment},v1={_digest(secret, moment, body)}"


def is_signed(secret: str, body: bytes, header: str, now: float) -> bool:
    """Say whether a body was signed with this secret, and just now."""
    found = _FORM.fullmatch(header)
    if found is None or abs(now - int(found[1])) > LATEST_S:
        return False
    return compare_digest(_digest(secret, found[1], body), found[2])


def _digest(secret: str, moment: str, body: bytes) -> str:
    return new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()
