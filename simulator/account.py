"""A device's one account: it checks tokens and digests as devices do, and locks after wrong logins."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

WRONG_LOGINS = 5
LOCKED_S = 1_800.0
NONCE_LIFE_S = 120.0
NONCES_KEPT = 64
HASHES: Mapping[str, Callable[..., hashlib._Hash]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Login(Enum):
    """What came of a login. STALE and ABSENT are no failures; FAILED, LATE and LOCKED are refusals."""

    GOOD = "good"
    ABSENT = "absent"
    STALE = "stale"
    FAILED = "failed"
    LATE = "late"
    """The token is right, but its time is not the device's."""
    LOCKED = "locked"


@dataclass(slots=True)
class Nonce:
    """A nonce that the device issued, and the highest count a client has used with it."""

    issued: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A WS-UsernameToken (WSS Username Token Profile 1.0, digest form)."""

    username: str
    digest: str
    nonce: str
    created: str


class Account:
    """One user name and password. ``now`` is a monotonic clock in seconds.

    A locked account refuses the right password too, until half an hour has passed.
    """

    def __init__(self, username: str, password: str, now: Callable[[], float]) -> None:
        self.username = username
        self.password = password
        self.failed_logins = 0
        self.locks = 0
        self._now = now
        self._wrong = 0
        self._locked_until = 0.0
        self._tokens: OrderedDict[str, None] = OrderedDict()
        self._nonces: OrderedDict[str, Nonce] = OrderedDict()

    @property
    def locked(self) -> bool:
        return self._now() < self._locked_until

    @property
    def left(self) -> int:
        """How many wrong logins it still takes before the account is locked."""
        return 0 if self.locked else WRONG_LOGINS - self._wrong

    def forget(self) -> None:
        """Forget wrong logins, locks and nonces, as a device that starts anew does."""
        self._wrong, self._locked_until = 0, 0.0
        self._tokens.clear()
        self._nonces.clear()

    def issue_nonce(self) -> str:
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = Nonce(self._now())
        while len(self._nonces) > NONCES_KEPT:
            self._nonces.popitem(last=False)
        return nonce

    def check_token(self, token: Token, device_time: float, window_s: float | None) -> Login:
        """Check a token whose Created may be ``window_s`` seconds from the device's own clock (None: any time)."""
        if self.locked:
            return Login.LOCKED
        if not self._token_fits(token) or token.nonce in self._tokens:
            return self._fail(Login.FAILED)
        self._tokens[token.nonce] = None
        if len(self._tokens) > NONCES_KEPT:
            self._tokens.popitem(last=False)
        if window_s is not None and abs(created_at(token.created) - device_time) > window_s:
            return self._fail(Login.LATE)
        return self._succeed()

    def check_answer(self, answer: Mapping[str, str], method: str, target: str) -> Login:
        """Check a digest answer (RFC 7616, or RFC 2069 where it has no qop) for a request with this target.

        Whether the nonce is a good one is for the caller to know.
        """
        if self.locked:
            return Login.LOCKED
        if answer.get("uri") != target or not digest_fits(self.username, self.password, answer, method):
            return self._fail(Login.FAILED)
        return self._succeed()

    def check_digest(self, answer: Mapping[str, str], method: str, target: str, single_use: bool = False) -> Login:
        """Check an answer to a nonce that this account issued: known, young, and counted upwards (RFC 7616 §3.4).

        With ``single_use`` a nonce serves one request only, and a second use counts as a wrong login.
        """
        nonce = self._nonces.get(answer.get("nonce", ""))
        if nonce is None:
            return self._fail(Login.FAILED) if single_use and not self.locked else Login.STALE
        if single_use:
            del self._nonces[answer["nonce"]]
        count = parse_count(answer.get("nc", ""))
        if self._now() - nonce.issued > NONCE_LIFE_S or (answer.get("qop") and count <= nonce.count):
            return Login.STALE
        nonce.count = count
        return self.check_answer(answer, method, target)

    def _token_fits(self, token: Token) -> bool:
        try:
            nonce = base64.b64decode(token.nonce, validate=True)
        except (binascii.Error, ValueError):
            return False
        digest = hashlib.sha1(nonce + token.created.encode() + self.password.encode()).digest()  # noqa: S324 - WSS
        return token.username == self.username and hmac.compare_digest(
            base64.b64encode(digest), token.digest.encode("utf-8", "replace")
        )

    def _succeed(self) -> Login:
        self._wrong = 0
        return Login.GOOD

    def _fail(self, how: Login) -> Login:
        self.failed_logins += 1
        self._wrong += 1
        if self._wrong >= WRONG_LOGINS:
            self._wrong = 0
            self.locks += 1
            self._locked_until = self._now() + LOCKED_S
        return how


def digest_fits(username: str, password: str, answer: Mapping[str, str], method: str) -> bool:
    """Say whether an answer was computed from this user name and password."""
    algorithm = HASHES.get(answer.get("algorithm", "MD5").upper())
    if algorithm is None or answer.get("username") != username:
        return False

    def hashed(text: str) -> str:
        return algorithm(text.encode()).hexdigest()

    secret = hashed(f"{username}:{answer.get('realm', '')}:{password}")
    request = hashed(f"{method}:{answer.get('uri', '')}")
    middle = answer.get("nonce", "")
    if qop := answer.get("qop"):
        middle = ":".join((middle, answer.get("nc", ""), answer.get("cnonce", ""), qop))
    expected = hashed(f"{secret}:{middle}:{request}")
    return hmac.compare_digest(expected.encode(), answer.get("response", "").lower().encode("utf-8", "replace"))


def parse_count(text: str) -> int:
    """A nonce count, eight hexadecimal digits; 0 for anything else."""
    try:
        return int(text[:8], 16)
    except ValueError:
        return 0


def created_at(text: str) -> float:
    """A token's Created as seconds since the epoch; minus infinity where it is no time."""
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")


def parse_parameters(text: str) -> dict[str, str]:
    """The parameters of a Digest header: ``name=value, name="quoted value"``; names in small letters."""
    parameters: dict[str, str] = {}
    rest = text
    while "=" in rest:
        name, _, rest = rest.partition("=")
        rest = rest.lstrip()
        if rest.startswith('"'):
            value, _, rest = rest[1:].partition('"')
        else:
            value, _, rest = rest.partition(",")
        parameters[name.strip(" ,\t").lower()] = value.strip()
        rest = rest.lstrip(" ,\t")
    return parameters
