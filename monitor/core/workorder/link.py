"""Signed links: whoever holds one may open its own order, and nothing else.

A link is ``/o/ORDER/SIGNATURE``; the signature is the first 128 bits of HMAC-SHA-256 over the order's number.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest, new

BITS = 128


def signature(key: str, order: str) -> str:
    """Return what a link to an order ends with."""
    digest = new(key.encode(), f"camfleet order {order}".encode(), sha256).digest()
    return urlsafe_b64encode(digest[: BITS // 8]).decode().rstrip("=")


def is_signed(key: str, order: str, shown: str) -> bool:
    """Say whether a link was made with this key. The time it takes tells nothing about it."""
    return compare_digest(signature(key, order).encode(), shown.encode("utf-8", "surrogatepass"))


def path(key: str, order: str) -> str:
    return f"/o/{order}/{signature(key, order)}"
