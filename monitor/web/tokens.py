"""Who may read: tokens with roles from a file, and which addresses may be listened on without them.

The file has one token a line, ``ROLE TOKEN`` or ``ROLE sha256:HEX`` (the digest of a token); ``#`` begins a comment.
It is read once, at the start. Every mistake in it is named at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path

from monitor.web.roles import ROLES

LEAST_CHARACTERS = 20
MOST_BYTES = 65536
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class TokensError(ValueError):
    """The token file cannot be used; the text says why, one line a mistake."""


class Tokens:
    """The tokens of a file, as digests: none can be read back from here."""

    def __init__(self, digests: Mapping[bytes, str]) -> None:
        self._digests = dict(digests)

    def __len__(self) -> int:
        return len(self._digests)

    def __repr__(self) -> str:
        return f"Tokens({len(self)})"

    @classmethod
    def read(cls, path: Path) -> Tokens:
        """Return the tokens of a file that only its owner can read. Raises TokensError."""
        try:
            mode = path.stat().st_mode & 0o777
            with path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise TokensError(f"{path}: {error.strerror}") from None
        if mode & 0o077:
            raise TokensError(f"{path}: others can read it (mode {mode:04o}); make it yours alone: chmod 600 {path}")
        if len(raw) > MOST_BYTES:
            raise TokensError(f"{path}: larger than {MOST_BYTES} bytes")
        return cls.parse(raw.decode("utf-8", "replace"), str(path))

    @classmethod
    def parse(cls, text: str, name: str) -> Tokens:
        """Return the tokens of a file's text. Raises TokensError, which never repeats a token."""
        digests: dict[bytes, str] = {}
        mistakes: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            mistake = _mistake(words, digests)
            if mistake:
                mistakes.append(f"{name}:{number}: {mistake}")
            else:
                digests[_digest(words[1])] = words[0]
        if not digests and not mistakes:
            mistakes.append(f"{name}: no token in it")
        if mistakes:
            raise TokensError("\n".join(mistakes))
        return cls(digests)

    def role(self, token: str) -> str | None:
        """Return the role of a token, or None. The time it takes tells nothing about the tokens."""
        asked = sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = None
        for digest, role in self._digests.items():
            if compare_digest(digest, asked):
                found = role
        return found


def _mistake(words: list[str], known: Mapping[bytes, str]) -> str | None:
    """Return what is wrong with a line."""
    if len(words) != 2:
        return "a line is a role and a token"
    role, token = words
    if role not in ROLES:
        return f"{role}: not a role; there are {', '.join(ROLES)}"
    if token.startswith("sha256:") and not _DIGEST.fullmatch(token):
        return "sha256: is followed by 64 hexadecimal digits in lower case"
    if len(token) < LEAST_CHARACTERS:
        return f"the token is shorter than {LEAST_CHARACTERS} characters"
    if _digest(token) in known:
        return "the same token stands above"
    return None


def _digest(token: str) -> bytes:
    found = _DIGEST.fullmatch(token)
    return bytes.fromhex(found[1]) if found else sha256(token.encode()).digest()


def is_loopback(host: str) -> bool:
    """Say whether this host or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]").split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def listen_allowed(host: str, tokens: Tokens | None) -> str | None:
    """Return None where this address may be listened on, otherwise a sentence that says why not."""
    if tokens is not None or is_loopback(host):
        return None
    where = host or "every address"
    return f"Listening on {where} would answer strangers: give --tokens FILE, or listen on 127.0.0.1."
