"""What was said on the wire, kept for a person to read: bounded, and without secrets wherever it is shown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from monitor.core.verdict import Verdict

#: Bytes of one message that are kept; the whole reply was parsed, a reader needs its beginning.
KEPT_BYTES = 4096
#: Conversations kept of one device.
KEPT_CONVERSATIONS = 6

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
        self._secrets = [secret for secret in secrets if len(secret) >= LEAST_SECRET_CHARACTERS]

    def hide(self, secret: str) -> None:
        """Take this out too, from now on."""
        self._secrets.append(secret)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        return text

    def data(self, data: bytes) -> bytes:
        for secret in self._secrets:
            data = data.replace(secret.encode(), REMOVED.encode())
        return data


class Conversation(NamedTuple):
    """A verdict and what was said to reach it."""

    verdict: Verdict
    said: tuple[Raw, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(Message(*raw) for raw in self.said)


class Journal:
    """The newest conversations of each device, newest first; failures outlive successes."""

    def __init__(self) -> None:
        self._devices: dict[str, deque[Conversation]] = {}

    def add(self, conversation: Conversation) -> None:
        kept = self._devices.setdefault(conversation.verdict.device, deque())
        kept.appendleft(conversation)
        if len(kept) > KEPT_CONVERSATIONS:
            _drop_one(kept)

    def of(self, device: str) -> tuple[Conversation, ...]:
        return tuple(self._devices.get(device, ()))

    def forget(self, devices: Iterable[str]) -> None:
        for device in devices:
            self._devices.pop(device, None)


def _drop_one(kept: deque[Conversation]) -> None:
    """Drop the oldest success, if at least half of what is kept are failures; otherwise the oldest of all."""
    successes = [c for c in kept if all(f.reason is None for f in c.verdict.findings)]
    if successes and len(successes) < len(kept):
        kept.remove(successes[-1])
    else:
        kept.pop()
