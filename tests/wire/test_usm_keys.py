"""Keys as the RFCs give them, and what they hide comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import usm_keys
from monitor.wire.errors import ProtocolError
from monitor.wire.usm_keys import KEY_BYTES, Keys

#: RFC 3414 A.3.1 and A.3.2, A.5.1 and A.5.2.
ENGINE = bytes.fromhex("000000000000000000000002")
MASTERS = {"md5": "9faf3283884e92834ebc9847d8edd963", "sha1": "9fb5cc0381497b3793528939ff788d5d79145211"}
LOCALIZED = {"md5": "526f5eed9fcce26f8964c2930787d82b", "sha1": "6695febc9288e36282235fc7151f128497b38f3f"}


@pytest.mark.parametrize("auth", MASTERS)
def test_the_keys_of_maplesyrup(auth: str) -> None:
    """RFC 3414 A.3: a password's key, and what it is at one engine."""
    master = usm_keys.master(auth, b"maplesyrup")
    assert master.hex() == MASTERS[auth]
    assert usm_keys.keys(auth, master, "", b"", ENGINE) == Keys(auth, bytes.fromhex(LOCALIZED[auth]))


def test_a_key_that_is_too_short_is_extended() -> None:
    """draft-blumenthal-aes-usm-04 §3.1.2.1: by the hash of what there is, and cut to what the cipher takes."""
    master = usm_keys.master("sha1", b"maplesyrup")
    longest = usm_keys.keys("sha1", master, "aes256", master, ENGINE).privacy_key
    assert longest[:20].hex() == LOCALIZED["sha1"]
    for privacy, size in KEY_BYTES.items():
        key = usm_keys.keys("sha1", master, privacy, master, ENGINE).privacy_key
        assert (len(key), key) == (size, longest[:size])


def test_without_a_proof_nothing_is_hidden() -> None:
    """There is no privacy without authentication (RFC 3411 §3.4.3)."""
    assert usm_keys.keys("", b"", "aes128", b"x", ENGINE) == Keys()
    assert [one.security for one in (Keys(), Keys("md5", b"k"), Keys("md5", b"k", "des", bytes(16)))] == [0, 1, 3]


@pytest.mark.parametrize("privacy", KEY_BYTES)
@given(plain=st.binary(max_size=200), salt=st.binary(min_size=8, max_size=8), boots=st.integers(0, 2**31 - 1))
def test_what_is_hidden_comes_back(privacy: str, plain: bytes, salt: bytes, boots: int) -> None:
    """Encrypted and decrypted it is the same, but for what fills a block of DES; with another salt it is not."""
    own = usm_keys.keys("sha256", b"a", privacy, b"b", ENGINE)
    hidden = own.hide(plain, boots, 7, salt)
    shown = own.reveal(hidden, boots, 7, salt)
    assert shown[: len(plain)] == plain
    assert not shown[len(plain) :].strip(b"\0")
    assert len(plain) < 8 or own.hide(plain, boots, 7, bytes(8 * [salt[0] ^ 1])) != hidden


@pytest.mark.parametrize(("privacy", "hidden", "salt"), [("des", bytes(9), bytes(8)), ("aes128", bytes(9), b"")])
def test_what_cannot_be_revealed(privacy: str, hidden: bytes, salt: bytes) -> None:
    """Half a block, or no salt."""
    with pytest.raises(ProtocolError, match="SNMP: encrypted in no way that is known"):
        usm_keys.keys("sha1", b"a", privacy, b"b", ENGINE).reveal(hidden, 1, 1, salt)
