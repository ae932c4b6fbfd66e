"""The process that speaks through apprise: one message on standard input, and its exit code says what came of it."""

from __future__ import annotations

import json
import sys

import apprise

TAKEN, UNKNOWN, REFUSED = 0, 3, 4


def main() -> int:
    """Send the message. 0: it was taken; 3: the address means nothing to apprise; 4: the service did not take it."""
    order = json.load(sys.stdin)
    speaker = apprise.Apprise()
    if not speaker.add(order["address"]):
        return UNKNOWN
    return TAKEN if speaker.notify(title=order["title"], body=order["text"]) else REFUSED


if __name__ == "__main__":
    sys.exit(main())
