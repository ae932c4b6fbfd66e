"""How we prove that we know a password, and when we rather do not (RFC 7616, RFC 2617, RFC 2069, RFC 7617, WSS 1.0).

HTTP and RTSP Digest and its session variant with MD5, SHA-256 or SHA-512-256, with and without qop; WS-UsernameToken;
Basic where it may be. Rules:
1. The strongest offer is answered. What proves the body too (auth-int) is not: no camera is known to ask for it alone.
2. Basic is the password itself: it is answered only under ``Rules.clear``.
3. A server that took a stronger proof before gets no weaker one (``Rules.proven``), whatever it offers now.
4. Text from a server is kept byte by byte, as latin-1, and sent back as it was written, escapes included.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote

from monitor.wire.errors import ProtocolError

#: Longer parameters have no honest use, and each reply would carry them back.
MOST_PARAMETER_CHARACTERS = 2048
#: What is read of one reply's fields.
MOST_CHALLENGES = 16
MOST_PARAMETERS = 256
#: Offers that are remembered, of less than a kilobyte each.
MOST_OFFERS = 256
SCHEMES = frozenset({"digest", "basic", "bearer", "negotiate", "ntlm"})
#: A challenge as most write it, and its parameters: each is quoted or bare, and ends with a comma or the field.
_PLAIN = re.compile(
    r"(?i:digest) (?:[A-Za-z]{1,32}=(?:\"[^\"\\\x00-\x1f\x7f]{0,2048}\"|[!#-+\x2d-~]{1,2048})(?:, ?|\Z)){1,16}"
)
#: One whose realm and nonce come first, as in most, and then what all devices of a model write alike.
_USUAL = re.compile(
    r"(?i:digest) realm=\"([^\"\\\x00-\x1f\x7f]{0,256})\", ?nonce=\"([^\"\\\x00-\x1f\x7f]{0,512})\""
    r"((?:, ?[A-Za-z]{1,32}=(?:\"[^\"\\\x00-\x1f\x7f]{0,64}\"|[!#-+\x2d-~]{1,64})){0,8})"
)
_PARAMETER = re.compile(r"([A-Za-z]+)=(?:\"([^\"]*)\"|([^\",]*))")
_NAME = re.compile(r"[A-Za-z0-9_*-]{1,32}")
_EQUALS = re.compile(r"[ \t]{0,8}=[ \t]{0,8}")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*+)(?:\"|\\?\Z)", re.DOTALL)
_BARE = re.compile(r"[^\",]*+")
_NEXT_NAME = re.compile(r"[ \t][A-Za-z0-9_-]{1,32}[ \t]{0,8}=")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Hash = Callable[[bytes], "hashlib._Hash"]


def _sha512_256(data: bytes) -> hashlib._Hash:
    return hashlib.new("sha512_256", data)


def _algorithms() -> Mapping[str, Hash]:
    known: dict[str, Hash] = {
        "sha-512-256": _sha512_256,
        "sha-256": hashlib.sha256,
        "md5": partial(hashlib.md5, usedforsecurity=False),
    }
    return {
        name: known[name] for name in known if name != "sha-512-256" or "sha512_256" in hashlib.algorithms_available
    }


#: Strongest first. MD5 proves a password here because most cameras know nothing else.
ALGORITHMS = _algorithms()
BASIC, TOKEN = "basic", "token"
#: The ways to log in, by what they are worth: a readable password, a proof that can be guessed at fast, a better one.
STRENGTHS: Mapping[str, int] = {"": 0, BASIC: 1, TOKEN: 2, "md5": 2, "sha-256": 3, "sha-512-256": 3}
#: How people call them.
NAMES: Mapping[str, str] = {
    BASIC: "Basic",
    TOKEN: "WS-UsernameToken",
    "md5": "Digest with MD5",
    "sha-256": "Digest with SHA-256",
    "sha-512-256": "Digest with SHA-512-256",
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
    userhash: bool = False
    utf8: bool = False

    @property
    def way(self) -> str:
        """Which of STRENGTHS an answer to this is; "" where there is none."""
        if self.scheme != "digest":
            return BASIC if self.scheme == BASIC else ""
        family = self.algorithm.lower().removesuffix("-sess") if self.algorithm else "md5"
        known_qop = not self.qop or "auth" in self.qop
        return family if known_qop and self.nonce and family in ALGORITHMS else ""

    @property
    def usable(self) -> bool:
        """Whether this is a digest challenge that can be answered."""
        return self.scheme == "digest" and self.way != ""


# Reading ---------------------------------------------------------------------------------------------


def parse_challenges(fields: Iterable[str]) -> list[Challenge]:
    """Return the challenges of WWW-Authenticate fields, several in a field or one in each, however they are quoted."""
    found: list[Challenge] = []
    for field in fields:
        if (usual := _USUAL.fullmatch(field)) is not None:
            realm, nonce, rest = usual.groups()
            found.append(Challenge("digest", realm, nonce, *_offer(rest)[3:]))
        elif _PLAIN.fullmatch(field):
            found.append(_plain(field))
        else:
            found += any_challenges(field)
    return found[:MOST_CHALLENGES]


def any_challenges(field: str) -> list[Challenge]:
    """Return the challenges of one field, read with care."""
    found: list[Challenge] = []
    scheme, values, words = "", dict[str, str](), list[str]()
    for name, value in _items(field):
        if value is None and name.lower() in SCHEMES:
            found += _checked(scheme, values, words)
            scheme, values, words = name.lower(), {}, []
        elif value is None:
            words.append(name.lower())
        else:
            values.setdefault(name.lower(), value)
    return found + _checked(scheme, values, words)


def _plain(parameters: str) -> Challenge:
    """Return the challenge of parameters as most write them."""
    last_first = reversed(_PARAMETER.findall(parameters))  # so that of two with one name the first is taken
    return _challenge("digest", {name.lower(): quoted or bare for name, quoted, bare in last_first})


#: The same, remembered.
_offer = lru_cache(MOST_OFFERS)(_plain)


def _items(field: str) -> Iterator[tuple[str, str | None]]:
    """Yield a field's parameters, and None behind words that stand alone: schemes, and what got lost."""
    at = 0
    for _ in range(MOST_PARAMETERS):
        while at < len(field) and (name := _NAME.match(field, at)) is None:
            at = _QUOTED.match(field, at).end() if field[at] == '"' else at + 1  # type: ignore[union-attr]  # matches any
        if at >= len(field):
            return
        assert name is not None
        equals = _EQUALS.match(field, name.end())
        if equals is None:
            at = name.end()
            yield name[0], None
            continue
        value, at = _value(field, equals.end())
        yield name[0], value


def _value(field: str, at: int) -> tuple[str, int]:
    """Return a value and its end. Without quotes it goes on to the next comma, or to what is a name of its own."""
    if (quoted := _QUOTED.match(field, at)) is not None:
        return quoted[1], quoted.end()
    bare = _BARE.match(field, at)
    assert bare is not None
    following = _NEXT_NAME.search(field, at, bare.end())
    end = following.start() if following else bare.end()
    return field[at:end].strip(), end


def _checked(scheme: str, values: Mapping[str, str], words: Iterable[str]) -> list[Challenge]:
    """Return the challenge of these values, or none where one of them could do harm."""
    if not scheme or any(len(one) > MOST_PARAMETER_CHARACTERS or _UNSAFE.search(one) for one in values.values()):
        return []
    return [_challenge(scheme, values, words)]


def _challenge(scheme: str, values: Mapping[str, str], words: Iterable[str] = ()) -> Challenge:
    """Return the challenge of these values; words that stand alone belong to its qop where it has one."""
    get = values.get
    qop = [part.strip().lower() for part in get("qop", "").split(",") if part.strip()]
    return Challenge(
        scheme,
        realm=get("realm", ""),
        nonce=get("nonce", ""),
        algorithm=get("algorithm", "").strip(),
        qop=tuple(qop + [word for word in words if qop and word in ("auth", "auth-int")]),
        opaque=get("opaque"),
        stale=get("stale", "").lower() == "true",
        userhash=get("userhash", "").lower() == "true",
        utf8=get("charset", "").lower() == "utf-8",
    )


def next_nonce(fields: Iterable[str]) -> str:
    """Return the nonce that Authentication-Info fields announce for the next request (RFC 7616 §3.5), or ""."""
    for field in fields:
        for name, value in _items(field):
            if name.lower() == "nextnonce" and value and len(value) <= MOST_PARAMETER_CHARACTERS:
                return "" if _UNSAFE.search(value) else value
    return ""


# Choosing --------------------------------------------------------------------------------------------


class Rules(NamedTuple):
    """What may be answered to a server."""

    clear: bool = False
    """The password may travel as it is: over trusted TLS, or because the inventory says so."""
    proven: str = ""
    """The strongest way in which this server took our login before; weaker ones are not followed."""


class Choice(NamedTuple):
    """The challenge to answer; None where none may be, and why."""

    challenge: Challenge | None
    obstacle: str = ""
    downgrade: str = ""
    """The weaker way that is asked for now."""


_NONE_OFFERED = Choice(None, "it offers no login that we know")


def strongest(challenges: Iterable[Challenge]) -> Challenge | None:
    """Return the digest challenge with the strongest algorithm; None where no digest can be answered."""
    usable = [challenge for challenge in challenges if challenge.usable]
    if len(usable) < 2:
        return usable[0] if usable else None
    order = list(ALGORITHMS)
    return min(usable, key=lambda challenge: order.index(challenge.way))


def choose(challenges: Iterable[Challenge], rules: Rules = Rules()) -> Choice:  # noqa: B008 - a frozen value
    """Return which of a server's challenges is answered, by the rules above."""
    offered = list(challenges)
    return _chosen(offered, strongest(offered), rules)


def _chosen(offered: Sequence[Challenge], digest: Challenge | None, rules: Rules) -> Choice:
    best = digest or next((challenge for challenge in offered if challenge.scheme == BASIC), None)
    if best is None:
        named = ", ".join(dict.fromkeys(challenge.scheme.capitalize() for challenge in offered))
        return Choice(None, f"{_NONE_OFFERED.obstacle}, only {named}") if named else _NONE_OFFERED
    way = best.way
    if weaker(way, rules.proven):
        return Choice(None, downgraded(way, rules.proven), way)
    if way == BASIC and not rules.clear:
        return Choice(None, "it wants the password in the clear (Basic)")
    return Choice(best)


def weaker(way: str, than: str) -> bool:
    """Whether a way to log in is worth less than another; one that is not known is worth nothing."""
    return STRENGTHS.get(way, 0) < STRENGTHS.get(than, 0)


def downgraded(way: str, proven: str) -> str:
    """Return in words that a server wants a weaker proof than it took before."""
    return f"it took {NAMES[proven]} before and now wants {NAMES[way]}: a weaker login is not followed"


class Dialogue:
    """The challenges of one server and our answers to them.

    ``once`` is for servers that may take a nonce for one request only: an answer is never given twice, unless the
    server names a nonce for the next one.
    """

    def __init__(self, once: bool = False) -> None:
        self._once = once
        self._choice = _NONE_OFFERED
        self._used: Challenge | None = None
        self._count = 0
        self._accepted = False
        self.renewed = False
        self.challenged = False
        self.realm = ""

    @property
    def choice(self) -> Choice:
        """What is answered next, or why nothing is."""
        return self._choice

    @property
    def ready(self) -> bool:
        return self._choice.challenge is not None

    @property
    def awaits(self) -> bool:
        """Whether an answer of ours was given that no reply has come to yet."""
        return self._used is not None

    def hear(self, refused: bool, asked: Sequence[str], info: Iterable[str], rules: Rules) -> str:
        """Take in a reply: whether it refused us, its WWW-Authenticate and its Authentication-Info fields.

        Returns the way in which it took our login, if it did. ``renewed`` says afterwards whether it only replaced the
        nonce, so that the same request may be put once more.
        """
        used, self._used = self._used, None
        self.renewed = False
        challenges = parse_challenges(asked) if asked else []
        self.challenged = bool(challenges)
        best = strongest(challenges) if challenges else None
        self.realm = best.realm if best else ""
        if refused or (challenges and self._once):
            self._take(_chosen(challenges, best, rules))
            fresh = self._choice.challenge
            if refused and used is not None and fresh is not None:
                self.renewed = fresh.stale or (self._accepted and fresh.nonce != used.nonce)
        elif used is not None and (nonce := next_nonce(info)):
            self._take(Choice(used._replace(nonce=nonce, stale=False)))
        if refused or used is None:
            return ""
        self._accepted = True
        return used.way

    def _take(self, choice: Choice) -> None:
        self._choice = choice
        self._count = 0

    def answer(self, username: str, password: str, method: str, uri: str, cnonce: str) -> str:
        """Return the value of the Authorization field for the next request. Raises ProtocolError unless ``ready``."""
        challenge = self._choice.challenge
        if challenge is None:
            raise ProtocolError(self._choice.obstacle)
        self._used = challenge
        self._count += 1
        if self._once and challenge.scheme == "digest":
            self._choice = Choice(None)
        if challenge.scheme == BASIC:
            return basic(username, password)
        return authorization(challenge, username, password, method, uri, cnonce, self._count)


# Answering -------------------------------------------------------------------------------------------


def authorization(
    challenge: Challenge, username: str, password: str, method: str, uri: str, cnonce: str, count: int = 1
) -> str:
    """Return the value of the Authorization field that answers a digest challenge.

    ``uri`` must be the very text of the request line. ``count`` is how often this nonce has been used, from 1.
    Raises ProtocolError for a challenge that is not ``usable``.
    """
    way = challenge.way
    if way not in ALGORITHMS:
        raise ProtocolError("a challenge that cannot be answered")
    nc = f"{count:08x}"
    response = _response(ALGORITHMS[way], challenge, username, password, method, uri, cnonce, nc)
    parts = [
        _username(challenge, username),
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
    if challenge.userhash:
        parts.append("userhash=true")
    return "Digest " + ", ".join(parts)


def _username(challenge: Challenge, username: str) -> str:
    """Return who we are: hashed where the server wants that, else in UTF-8 (RFC 7616 §3.4.4, RFC 5987)."""
    if challenge.userhash:
        hashed = _hashed(ALGORITHMS[challenge.way], username.encode(), _octets(_unquoted(challenge.realm)))
        return f'username="{hashed}"'
    if challenge.utf8 and not username.isascii():
        return f"username*=UTF-8''{quote(username, safe='')}"
    return f'username="{_quoted(username).encode().decode("latin-1")}"'


def _response(
    hash_: Hash, challenge: Challenge, username: str, password: str, method: str, uri: str, cnonce: str, nc: str
) -> str:
    realm, nonce = _octets(_unquoted(challenge.realm)), _octets(_unquoted(challenge.nonce))
    secret = _hashed(hash_, username.encode(), realm, password.encode())
    if challenge.algorithm.lower().endswith("-sess"):
        secret = _hashed(hash_, secret.encode(), nonce, cnonce.encode())
    question = _hashed(hash_, method.encode(), uri.encode())
    if challenge.qop:
        return _hashed(hash_, secret.encode(), nonce, nc.encode(), cnonce.encode(), b"auth", question.encode())
    return _hashed(hash_, secret.encode(), nonce, question.encode())


def _hashed(hash_: Hash, *parts: bytes) -> str:
    return hash_(b":".join(parts)).hexdigest()


def _octets(text: str) -> bytes:
    """Return the bytes that a server sent, which ``head`` reads as latin-1."""
    return text.encode("latin-1", "replace")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def basic(username: str, password: str) -> str:
    """Return the value of the Authorization field of RFC 7617, which is the password itself."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def username_token(password: str, nonce: bytes, created: str) -> str:
    """Return the PasswordDigest of WS-UsernameToken 1.0 §3.1: Base64(SHA-1(nonce + created + password))."""
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(digest.digest()).decode()


def proof_of(value: str) -> str:
    """Return the part of an Authorization value that proves the password: with it, a guess can be tried at home."""
    if value.startswith("Basic "):
        return value.removeprefix("Basic ")
    return value.partition(' response="')[2].partition('"')[0]
