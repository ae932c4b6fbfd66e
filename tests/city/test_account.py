"""The devices' accounts: tokens and digests as the standards have them, replays refused, five wrong logins lock."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import pytest

from simulator.account import LOCKED_S, NONCE_LIFE_S, Account, Login, Token, created_at, digest_fits, parse_parameters


@dataclass
class Clock:
    """A monotonic clock that a test turns."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def token(
    password: str = "userpassword", nonce: str = "LKqI6G/AikKCQrN0zqZFlg==", created: str = "2010-09-16T07:50:45Z"
) -> Token:
    secret = base64.b64decode(nonce) + created.encode() + password.encode()
    return Token("user", base64.b64encode(hashlib.sha1(secret).digest()).decode(), nonce, created)


AT = created_at("2010-09-16T07:50:45Z")


def test_the_token_of_the_published_example_is_good() -> None:
    """The ONVIF programmer's guide's nonce, time and password give its digest, which the account accepts."""
    example = token()
    assert example.digest == "tuOSpGlFlIXsozq4HFNeeGeFLEI="
    assert Account("user", "userpassword", Clock()).check_token(example, AT, 10.0) is Login.GOOD


def test_a_token_that_comes_twice_is_refused() -> None:
    """A nonce is good once (WSS Username Token Profile 1.0 §3.1)."""
    account = Account("user", "userpassword", Clock())
    assert account.check_token(token(), AT, 10.0) is Login.GOOD
    assert account.check_token(token(), AT, 10.0) is Login.FAILED


@pytest.mark.parametrize("off_s", [-11.0, 11.0, 86_400.0])
def test_a_token_of_another_time_is_late(off_s: float) -> None:
    """A right password is refused where Created is not the device's time; a device without a window takes it."""
    assert Account("user", "userpassword", Clock()).check_token(token(), AT + off_s, 10.0) is Login.LATE
    assert Account("user", "userpassword", Clock()).check_token(token(), AT + off_s, None) is Login.GOOD


@pytest.mark.parametrize("nonce", ["", "not base64!", "====", "ü"])
def test_a_broken_nonce_is_a_wrong_login(nonce: str) -> None:
    """What is no base64 is refused, and nothing breaks."""
    broken = Token("user", "tuOSpGlFlIXsozq4HFNeeGeFLEI=", nonce, "2010-09-16T07:50:45Z")
    assert Account("user", "userpassword", Clock()).check_token(broken, AT, 10.0) is Login.FAILED


def test_the_fifth_wrong_login_locks_for_half_an_hour() -> None:
    """A locked account refuses the right password too; after half an hour, or a restart, it opens again."""
    clock = Clock()
    account = Account("user", "userpassword", clock)
    for count in range(5):
        assert (
            account.check_token(token("wrong", nonce=base64.b64encode(bytes([count])).decode()), AT, 10.0)
            is Login.FAILED
        )
    assert (account.failed_logins, account.locks, account.left) == (5, 1, 0)
    assert account.check_token(token(), AT, 10.0) is Login.LOCKED
    clock.now += LOCKED_S
    assert account.check_token(token(), AT, 10.0) is Login.GOOD


def test_a_right_login_forgets_the_wrong_ones() -> None:
    """Four wrong logins and a right one lock nothing."""
    account = Account("user", "userpassword", Clock())
    for round_ in range(3):
        for count in range(4):
            account.check_token(token("wrong", nonce=base64.b64encode(bytes([round_, count])).decode()), AT, 10.0)
        assert account.check_token(token(nonce=base64.b64encode(bytes([round_])).decode()), AT, 10.0) is Login.GOOD
    assert account.locks == 0


def test_a_digest_without_qop_as_rfc_2069_has_it() -> None:
    """The answer to a real recorder's challenge, computed by hand."""
    answer = parse_parameters(
        'username="admin", realm="Surveillance Server", nonce="98481030", uri="rtsp://192.0.2.10:554/stream1", '
        'response="88dec5b5bb952856a8f8dd282a40b9c8"'
    )
    assert digest_fits("admin", "secret", answer, "DESCRIBE")
    assert not digest_fits("admin", "secret", answer, "SETUP")
    assert not digest_fits("admin", "Secret", answer, "DESCRIBE")


def test_the_digests_of_rfc_7616() -> None:
    """Both examples of RFC 7616 §3.9.1, SHA-256 and MD5."""
    common = (
        'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", nc=00000001, qop=auth, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"'
    )
    sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    for algorithm, response in (("SHA-256", sha256), ("MD5", "8ca523f5e9506fed4657c9700eebdbec")):
        answer = parse_parameters(f'{common}, algorithm={algorithm}, response="{response}"')
        assert digest_fits("Mufasa", "Circle of Life", answer, "GET")


def answered(account: Account, nonce: str, count: int = 1, password: str = "pw") -> dict[str, str]:
    """A right digest answer to this nonce."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    response = md5(f"{md5(f'user:r:{password}')}:{nonce}:{count:08x}:c:auth:{md5('POST:/x')}")
    return {"username": "user", "realm": "r", "nonce": nonce, "uri": "/x", "nc": f"{count:08x}", "cnonce": "c",
            "qop": "auth", "response": response}  # fmt: skip


def test_a_nonce_is_counted_upwards() -> None:
    """A count that was used is stale, not wrong: the client is challenged anew (RFC 7616 §3.4)."""
    account = Account("user", "pw", Clock())
    nonce = account.issue_nonce()
    assert account.check_digest(answered(account, nonce, 1), "POST", "/x") is Login.GOOD
    assert account.check_digest(answered(account, nonce, 2), "POST", "/x") is Login.GOOD
    assert account.check_digest(answered(account, nonce, 2), "POST", "/x") is Login.STALE
    assert account.failed_logins == 0


def test_an_old_or_unknown_nonce_is_stale() -> None:
    """Two minutes after its issue a nonce is stale; one of another device always is."""
    clock = Clock()
    account = Account("user", "pw", clock)
    nonce = account.issue_nonce()
    clock.now += NONCE_LIFE_S + 1
    assert account.check_digest(answered(account, nonce), "POST", "/x") is Login.STALE
    assert account.check_digest(answered(account, "of another"), "POST", "/x") is Login.STALE


def test_a_single_use_nonce_used_again_is_a_wrong_login() -> None:
    """A make that gives a new nonce with each reply counts a digest sent ahead as a wrong login."""
    account = Account("user", "pw", Clock())
    nonce = account.issue_nonce()
    assert account.check_digest(answered(account, nonce, 1), "POST", "/x", single_use=True) is Login.GOOD
    assert account.check_digest(answered(account, nonce, 2), "POST", "/x", single_use=True) is Login.FAILED


def test_an_answer_for_another_request_is_refused() -> None:
    """The answer's uri must be the request's own, byte by byte."""
    account = Account("user", "pw", Clock())
    assert account.check_digest(answered(account, account.issue_nonce()), "POST", "/y") is Login.FAILED


@pytest.mark.parametrize("text", ["", "=", ",,,", 'a="b', "a=b=c", '="', "\x00=\x00"])
def test_broken_parameters_break_nothing(text: str) -> None:
    """Whatever a client sends as parameters, some dictionary comes of it."""
    assert isinstance(parse_parameters(text), dict)
