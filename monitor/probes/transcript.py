"""What was said on the wire, kept for a person to read: bounded, and without secrets wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from monitor.core.verdict import Verdict

#: Bytes of one message that are kept; the whole reply was parsed, a reader needs its beginning.
KEPT_BYTES = 4096

#: What may hold a secret or prove one: login headers, token fields, a user's part of an address, query passwords.
_SECRETS = (
    (re.compile(r"(?im)^((?:proxy-)?authorization\s*:\s*\S+).*$"), r"\1 [removed]"),
    (re.compile(r"(?is)(<(?:[\w.-]+:)?(?:Password|Nonce)\b[^>]*>)[^<]*"), r"\1[removed]"),
    (re.compile(r"(?i)\b(rtsps?|https?)://[^\s/@\"'<>]+@"), r"\1://[removed]@"),
    (re.compile(r"(?i)([?&/_](?:password|passwd|pwd|user|username|token)=)[^&\s\"'<>/_]*"), r"\1[removed]"),
)
REMOVED = "[removed]"
#: Shorter secrets are no secrets, and would tear holes into every text.
LEAST_SECRET_CHARACTERS = 4
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


#: A message as it is kept: seconds from the beginning, whether we sent it, its bytes. A plain tuple of plain values
#: costs the garbage collector nothing, and there are tens of thousands.
Raw = tuple[float, bool, bytes]


class Message(NamedTuple):
    """One message of a conversation; ``after_s`` counts from its beginning."""

    after_s: float
    sent: bool
    raw: bytes

    def text(self) -> str:
        """Return the message for a person, without secrets and without control characters."""
        return redact(self.raw.decode("utf-8", "replace"))


def redact(text: str) -> str:
    """Return a text with everything removed that is or proves a secret."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


class Veil:
    """Takes known secrets out of what a device said: some send back what they were sent, wherever they like."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = tuple([secret for secret in secrets if len(secret) >= LEAST_SECRET_CHARACTERS])

    def hide(self, secret: str) -> None:
        """Take this out too, from now on."""
        self.secrets = (*self.secrets, secret)

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, REMOVED)
        return text

    def data(self, data: bytes) -> bytes:
        for secret in self.secrets:
            data = data.replace(secret.encode(), REMOVED.encode())
        return data

    def cut(self, data: bytes) -> bytes:
        """Return as much of a message as is kept; no cut leaves half a secret, which nobody would know again."""
        return data if len(data) <= KEPT_BYTES else self.data(data[: 2 * KEPT_BYTES])[:KEPT_BYTES]


class Conversation(NamedTuple):
    """A verdict and what was said to reach it, to the letter; only ``messages`` are fit to be shown."""

    verdict: Verdict
    said: tuple[Raw, ...]
    secrets: tuple[str, ...] = ()
    judged_by: tuple[int, ...] = ()
    """For each finding of the verdict, how many messages had been said when it was judged."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was said, without the secrets that we hold or showed."""
        veil = Veil(self.secrets)
        return tuple(Message(after_s, sent, veil.data(data)) for after_s, sent, data in self.said)

    def __repr__(self) -> str:
        return f"Conversation({self.verdict!r}, {self.messages!r})"  # what is kept to the letter is not told by chance

    @property
    def failed(self) -> bool:
        return any(finding.reason for finding in self.verdict.findings)
