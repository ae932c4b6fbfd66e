"""The keys of an SNMP v3 user at one engine, and what they do: prove a message, and hide what it says.

RFC 3414 (MD5, SHA-1, DES), RFC 7860 (SHA-2), RFC 3826 (AES-128). A password becomes a master key by a hash over a
megabyte, a master key another one for each engine. A key that is too short for AES-192 or AES-256 is extended in
Blumenthal's way (draft-blumenthal-aes-usm-04 §3.1.2.1), as net-snmp does.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from monitor.wire.errors import ProtocolError

#: What a password is repeated to before it is hashed (RFC 3414 A.2).
PASSWORD_BYTES = 1 << 20
#: Hash to how many bytes of its HMAC prove a message (RFC 3414 §6 and §7, RFC 7860 §4.1).
PROOF_BYTES: Mapping[str, int] = {"md5": 12, "sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
#: Cipher to how many bytes of a key it takes; DES half of them for what each message begins with.
KEY_BYTES: Mapping[str, int] = {"des": 16, "aes128": 16, "aes192": 24, "aes256": 32}
SALT_BYTES = 8
BLOCK_BYTES = 8


class Keys(NamedTuple):
    """A user's keys at one engine; empty where nothing is proven, or nothing hidden."""

    auth: str = ""
    auth_key: bytes = b""
    privacy: str = ""
    privacy_key: bytes = b""

    @property
    def security(self) -> int:
        """1: what is sent is proven; 3: hidden, too (RFC 3412 §6.4)."""
        return (0b01 if self.auth else 0) | (0b10 if self.privacy else 0)

    @property
    def proof_bytes(self) -> int:
        return PROOF_BYTES[self.auth] if self.auth else 0

    def proof(self, message: bytes) -> bytes:
        """Return the proof of a whole message, in which zeros stand in its place."""
        return hmac.digest(self.auth_key, message, self.auth)[: self.proof_bytes]

    def hide(self, plain: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """Encrypt; ``salt`` is never the same twice."""
        if self.privacy == "des":
            plain += bytes(-len(plain) % BLOCK_BYTES)
        writer = self._cipher(boots, time_s, salt).encryptor()
        return writer.update(plain) + writer.finalize()

    def reveal(self, hidden: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """Decrypt. Raises ProtocolError where that cannot be."""
        if len(salt) != SALT_BYTES or (self.privacy == "des" and len(hidden) % BLOCK_BYTES):
            raise ProtocolError("SNMP: encrypted in no way that is known")
        reader = self._cipher(boots, time_s, salt).decryptor()
        return reader.update(hidden) + reader.finalize()

    def _cipher(self, boots: int, time_s: int, salt: bytes) -> Cipher[CBC] | Cipher[CFB]:
        key = self.privacy_key
        if self.privacy == "des":
            start = bytes(a ^ b for a, b in zip(key[BLOCK_BYTES:], salt, strict=True))
            return Cipher(TripleDES(key[:BLOCK_BYTES] * 3), CBC(start))  # three times the same key is DES
        return Cipher(AES(key), CFB(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt))


def master(auth: str, password: bytes) -> bytes:
    """Return a password's key (RFC 3414 A.2): the same at every engine, and some milliseconds of work."""
    times = PASSWORD_BYTES // len(password) + 1
    return hashlib.new(auth, (password * times)[:PASSWORD_BYTES], usedforsecurity=False).digest()


def keys(auth: str, auth_master: bytes, privacy: str, privacy_master: bytes, engine: bytes) -> Keys:
    """Return a user's keys at this engine (RFC 3414 §2.6)."""
    if not auth:
        return Keys()
    own = Keys(auth, _localized(auth, auth_master, engine))
    if not privacy:
        return own
    key = _localized(auth, privacy_master, engine)
    while len(key) < KEY_BYTES[privacy]:
        key += _hash(auth, key)
    return own._replace(privacy=privacy, privacy_key=key[: KEY_BYTES[privacy]])


def _localized(auth: str, key: bytes, engine: bytes) -> bytes:
    return _hash(auth, key + engine + key)


def _hash(auth: str, data: bytes) -> bytes:
    return hashlib.new(auth, data, usedforsecurity=False).digest()
