"""What can be wrong with what a peer sent.

WireError
├── ProtocolError   these bytes are no reply of this protocol, even read with tolerance
└── TooLarge        a reply over the limit that keeps the monitor safe
"""

from __future__ import annotations

#: No reply of a camera that we ask for is longer (design law 8).
MOST_BODY_BYTES = 256 * 1024
MOST_HEAD_BYTES = 32 * 1024
MOST_HEADERS = 256


class WireError(Exception):
    """The peer sent something that cannot be used."""


class ProtocolError(WireError):
    """The bytes are not of this protocol."""


class TooLarge(WireError):
    """The peer sent more than we are willing to hold."""
