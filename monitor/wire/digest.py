"""Proofs that we know a password: HTTP and RTSP Digest (RFC 7616, RFC 2617, RFC 2069) and WS-UsernameToken 1.0.

Digest and its session variant with MD5, SHA-256 or SHA-512-256, with and without qop. Basic is recognised and never
answered here: a password does not travel in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from monitor.wire.errors import ProtocolError

_SCHEME = re.compile(r"(?:^|,)\s*(Digest|Basic|Bearer|Negotiate|NTLM)\b", re.IGNORECASE)
_QUOTED = r"\"([^\"\\]*(?:\\.[^\"\\]*)*)"
_WITHIN_QUOTES = re.compile(_QUOTED + r"\"")
#: A name and its value: in quotes, which may lack the last one, or bare up to a comma or the next name.
_PARAMETER = re.compile(
    rf"([A-Za-z0-9_-]{{1,32}})\s{{0,8}}=\s{{0,8}}(?:{_QUOTED}(?:\"|$)"
    r"|([^\s,\"][^,\"]{0,255}?)(?=\s{0,8}(?:,|$|\s[A-Za-z_-]{1,32}\s{0,8}=)))"
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
#: Longer parameters have no honest use, and each reply would carry them back.
MOST_PARAMETER_CHARACTERS = 2048


def _sha512_256(data: bytes) -> hashlib._Hash:
    return hashlib.new("sha512_256", data)


#: Strongest first. MD5 proves a password here because most cameras know nothing else.
ALGORITHMS: dict[str, Callable[[bytes], hashlib._Hash]] = {
    "sha-512-256": _sha512_256,
    "sha-256": hashlib.sha256,
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
}


class Challenge(NamedTuple):
    """One offer of a server. Quoted values are kept as they were written, escapes included, to be sent back so."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    algorithm: str = ""
    """As the server wrote it; empty where it wrote none, which means MD5."""
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @property
    def family(self) -> str:
        return (self.algorithm or "MD5").lower().removesuffix("-sess")

    @property
    def usable(self) -> bool:
        return self.scheme == "digest" and bool(self.nonce) and self.family in ALGORITHMS and self._known_qop

    @property
    def _known_qop(self) -> bool:
        return not self.qop or "auth" in self.qop


def parse_challenges(fields: Iterable[str]) -> list[Challenge]:
    """Return the challenges of WWW-Authenticate fields, several in a field or one in each."""
    challenges = []
    for field in fields:
        starts = list(_SCHEME.finditer(_outside_quotes(field)))
        ends = [match.start() for match in starts[1:]] + [len(field)]
        for match, end in zip(starts, ends, strict=False):
            challenges.append(_challenge(match[1].lower(), field[match.end(1) : end]))
    return [challenge for challenge in challenges if challenge is not None]


def _outside_quotes(field: str) -> str:
    """Return the field with its quoted parts blanked, so that a scheme's name within a realm is not taken for one."""
    return _WITHIN_QUOTES.sub(lambda quoted: "_" * len(quoted[0]), field)


def _challenge(scheme: str, text: str) -> Challenge | None:
    values: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(text):
        value = quoted or bare
        if len(value) > MOST_PARAMETER_CHARACTERS or _UNSAFE.search(value):
            return None
        values.setdefault(name.lower(), value)
    return Challenge(
        scheme,
        realm=values.get("realm", ""),
        nonce=values.get("nonce", ""),
        algorithm=values.get("algorithm", ""),
        qop=tuple(part.strip().lower() for part in values.get("qop", "").split(",") if part.strip()),
        opaque=values.get("opaque"),
        stale=values.get("stale", "").lower() == "true",
    )


def strongest(challenges: Iterable[Challenge]) -> Challenge | None:
    """Return the digest challenge with the strongest algorithm; None where no digest can be answered."""
    order = list(ALGORITHMS)
    usable = [challenge for challenge in challenges if challenge.usable]
    return min(usable, key=lambda challenge: order.index(challenge.family), default=None)


def authorization(
    challenge: Challenge, username: str, password: str, method: str, uri: str, cnonce: str, count: int = 1
) -> str:
    """Return the value of the Authorization field that answers a digest challenge.

    ``uri`` must be the very text of the request line. ``count`` is how often this nonce has been used, from 1.
    Raises ProtocolError for a challenge that is not ``usable``.
    """
    if not challenge.usable:
        raise ProtocolError("a challenge that cannot be answered")
    nc = f"{count:08x}"
    response = _response(challenge, username, password, method, uri, cnonce, nc)
    parts = [
        f'username="{_quoted(username)}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{uri}"',
        f'response="{response}"',
    ]
    if challenge.algorithm:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.qop:
        parts += ["qop=auth", f"nc={nc}", f'cnonce="{cnonce}"']
    elif challenge.algorithm.lower().endswith("-sess"):
        parts.append(f'cnonce="{cnonce}"')
    if challenge.opaque is not None:
        parts.append(f'opaque="{challenge.opaque}"')
    return "Digest " + ", ".join(parts)


def response_of(proof: str) -> str:
    """Return the part of an Authorization value that proves the password: with it, a guess can be tried at home."""
    return proof.partition(' response="')[2].partition('"')[0]


def _response(challenge: Challenge, username: str, password: str, method: str, uri: str, cnonce: str, nc: str) -> str:
    def digest(*parts: str) -> str:
        return ALGORITHMS[challenge.family](":".join(parts).encode()).hexdigest()

    realm, nonce = _unquoted(challenge.realm), _unquoted(challenge.nonce)
    secret = digest(username, realm, password)
    if challenge.algorithm.lower().endswith("-sess"):
        secret = digest(secret, nonce, cnonce)
    question = digest(method, uri)
    if challenge.qop:
        return digest(secret, nonce, nc, cnonce, "auth", question)
    return digest(secret, nonce, question)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def username_token(password: str, nonce: bytes, created: str) -> str:
    """Return the PasswordDigest of WS-UsernameToken 1.0 §3.1: Base64(SHA-1(nonce + created + password))."""
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(digest.digest()).decode()
