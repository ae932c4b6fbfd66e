"""Checkpoints: the size and the root of a log's tree, signed, as text that a person can keep.

Rules (C2SP signed-note and tlog-checkpoint):
1. A note is text, a blank line, and signatures: an em dash, a key's name, base64 of the key's id and the signature.
2. A key's id is the beginning of a hash over its name, its kind (0x01: Ed25519) and the public key.
3. Signatures by keys that nobody knows say nothing. One that a known key never made spoils the whole note.
4. The text of a checkpoint is origin, size and root, a line each; lines behind them are somebody else's.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from monitor.core.merkle import HASH_BYTES

DASH = "\u2014 "
ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
PRIVATE = "PRIVATE+KEY+"
#: A note may hold so much; ours have some 250 bytes.
NOTE_BYTES_MAX = 65_536
SIGNATURES_MAX = 100
#: No log of ours has more leaves than SQLite has row numbers.
SIZE_MAX = 2**63 - 1


class NoteError(ValueError):
    """Why a note, a checkpoint or a key is none, in words that repeat nothing secret."""


class VerifierKey(NamedTuple):
    """What a signature is checked with. As text: name+id+base64."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key behind its text; NoteError says what is wrong."""
        name, id_, coded = _parts(text, "a verifier key is name+id+base64")
        key = cls(name, _key_bytes(coded))
        _check_id(key, id_)
        return key


class SigningKey(NamedTuple):
    """What signs. Its text is a secret: ``repr`` does not show it."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __repr__(self) -> str:
        return f"SigningKey({self.name})"

    def reveal(self) -> str:
        """Return the key as text: PRIVATE+KEY+name+id+base64."""
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{_base64(ED25519 + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Return the key behind its text; NoteError says what is wrong."""
        shape = "a signing key is PRIVATE+KEY+name+id+base64"
        if not text.startswith(PRIVATE):
            raise NoteError(shape)
        name, id_, coded = _parts(text.removeprefix(PRIVATE), shape)
        key = cls(name, _key_bytes(coded))
        _check_id(key.verifier, id_)
        return key

    def sign(self, text: str) -> str:
        """Return a note of this text, which ends with a new line, with our signature."""
        signature = self._private.sign(text.encode())
        return f"{text}\n{DASH}{self.name} {_base64(self.verifier.id + signature)}\n"


def _parts(text: str, shape: str) -> list[str]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_name(parts[0]) or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise NoteError(shape)
    return parts


def _key_bytes(coded: str) -> bytes:
    key = _from_base64(coded, "the key is not in base64")
    if key[:1] != ED25519:
        raise NoteError("the key is not one for Ed25519")
    if len(key) != 1 + KEY_BYTES:
        raise NoteError(f"the key has {len(key) - 1} bytes instead of {KEY_BYTES}")
    return key[1:]


def _check_id(key: VerifierKey, id_: str) -> None:
    if key.id.hex() != id_:
        raise NoteError("the key's id is not that of its name and bytes: something in it was altered")


def is_name(text: str) -> bool:
    """Whether this can be the name of a key: no white space, no plus."""
    return bool(text) and "+" not in text and not any(letter.isspace() or letter < " " for letter in text)


class Signature(NamedTuple):
    """A line under a note."""

    name: str
    id: bytes
    value: bytes


class Note(NamedTuple):
    """A text and the signatures under it, of which nothing is known yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Return a note that somebody handed over; NoteError says what is wrong with it."""
        if len(note.encode(errors="surrogatepass")) > NOTE_BYTES_MAX:
            raise NoteError(f"a note has at most {NOTE_BYTES_MAX} bytes")
        if any((letter < " " and letter != "\n") or "\ud800" <= letter <= "\udfff" for letter in note):
            raise NoteError("a note holds no control characters and nothing but text")
        text, blank, signed = note.rpartition("\n\n")
        if not (text and blank and signed.endswith("\n")):
            raise NoteError("a note is text, a blank line and signatures, each line with its end")
        lines = signed[:-1].split("\n")
        if len(lines) > SIGNATURES_MAX:
            raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures")
        return cls(text + "\n", tuple(_signature(line) for line in lines))

    def signers(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Return who of these signed; NoteError where a signature in the name of one of them is not its own."""
        signers: dict[VerifierKey, None] = {}
        known = {(key.name, key.id): key for key in keys}
        for name, id_, value in self.signatures:
            key = known.get((name, id_))
            if key is None or key in signers:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(value, self.text.encode())
            except (InvalidSignature, ValueError):
                raise NoteError(
                    f"the signature of {name} is not its own: the text or the signature was altered"
                ) from None
            signers[key] = None
        return list(signers)


def _signature(line: str) -> Signature:
    name, _, coded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not is_name(name):
        raise NoteError("a signature is an em dash, a name and base64, with a blank between them")
    value = _from_base64(coded, f"the signature of {name} is not in base64")
    if len(value) <= ID_BYTES:
        raise NoteError(f"the signature of {name} is too short")
    return Signature(name, value[:ID_BYTES], value[ID_BYTES:])


class Checkpoint(NamedTuple):
    """How a log stood: its name, how many leaves it had, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint that a note's text is; NoteError says what is wrong with it."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or "" in lines[:-1]:
            raise NoteError("a checkpoint is an origin, a size and a root, a line each")
        origin, size, root = lines[:3]
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or int(size) > SIZE_MAX:
            raise NoteError("the second line of a checkpoint is the number of leaves")
        hash_ = _from_base64(root, "the third line of a checkpoint is a root in base64")
        if len(hash_) != HASH_BYTES:
            raise NoteError(f"the root of a checkpoint has {HASH_BYTES} bytes")
        return cls(origin, int(size), hash_)


class Sealed(NamedTuple):
    """A checkpoint as its log keeps it: how many leaves it is over, when it was signed, by which key, and the note."""

    size: int
    at: float
    key: str
    note: str


def notes_in(text: str) -> list[str]:
    """Return the notes of a text that holds many, each as it stands there, readable or not."""
    notes: list[str] = []
    lines: list[str] = []
    for line in [*text.replace("\r\n", "\n").split("\n"), ""]:
        if lines and lines[-1].startswith(DASH) and not line.startswith(DASH):
            notes += _whole(lines)
            lines = []
        if line or lines:
            lines.append(line)
    return notes + _whole(lines)


def _whole(lines: list[str]) -> list[str]:
    """Return a note, and before it what was begun and never ended."""
    blocks = [stripped for block in "\n".join(lines).split("\n\n") if (stripped := block.strip("\n"))]
    if len(blocks) < 2 or not blocks[-1].startswith(DASH):
        return ["\n\n".join(blocks) + "\n"] if blocks else []
    torn = ["\n\n".join(blocks[:-2]) + "\n"] if len(blocks) > 2 else []
    return [*torn, f"{blocks[-2]}\n\n{blocks[-1]}\n"]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _from_base64(text: str, otherwise: str) -> bytes:
    """Return what base64 stands for, where it is written in the one way that it can be."""
    try:
        value = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NoteError(otherwise) from None
    if _base64(value) != text:
        raise NoteError(otherwise)
    return value
