"""Digest and WS-UsernameToken against the RFCs' own vectors and real challenges."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.auth import Challenge, authorization, parse_challenges, strongest, username_token
from monitor.wire.errors import ProtocolError


def response_of(header: str) -> str:
    return header.split('response="')[1].split('"')[0]


def test_rfc_2617_section_3_5() -> None:
    """The example of RFC 2617: MD5 with qop."""
    (challenge,) = parse_challenges(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
            ' opaque="5ccc069c403ebaf9f0171e9517f40e41"'
        ]
    )
    header = authorization(challenge, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b")
    assert response_of(header) == "6629fae49393a05397450978507c4ef1"
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in header
    assert "qop=auth, nc=00000001" in header


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    """The examples of RFC 7616: MD5 and SHA-256."""
    challenge = Challenge(
        "digest",
        "http-auth@example.org",
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        algorithm,
        ("auth", "auth-int"),
        "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    )
    header = authorization(
        challenge,
        "Mufasa",
        "Circle of Life",
        "GET",
        "/dir/index.html",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert response_of(header) == response


def test_sha_512_256_against_its_definition() -> None:
    """SHA-512-256 is the truncated variant of its own, not SHA-512 cut."""
    challenge = Challenge("digest", "r", "n", "SHA-512-256", ("auth",))
    assert len(response_of(authorization(challenge, "u", "p", "GET", "/", "c"))) == 64


def test_rtsp_without_qop_as_an_old_camera_asks_for_it() -> None:
    """RFC 2069's form, with the text of the request line's address."""
    (challenge,) = parse_challenges(['Digest realm="Surveillance Server", nonce="98481030"'])
    header = authorization(challenge, "admin", "secret", "DESCRIBE", "rtsp://192.0.2.10:554/stream1", "unused")
    assert response_of(header) == "88dec5b5bb952856a8f8dd282a40b9c8"
    assert "qop" not in header
    assert "cnonce" not in header


def test_a_session_variant_includes_both_nonces() -> None:
    """MD5-sess mixes nonce and cnonce into the secret, and sends the cnonce without qop too."""
    plain = Challenge("digest", "r", "n", "MD5", ("auth",))
    session = plain._replace(algorithm="MD5-sess")
    ask = ("u", "p", "GET", "/", "c")
    assert response_of(authorization(plain, *ask)) != response_of(authorization(session, *ask))
    assert 'cnonce="c"' in authorization(session._replace(qop=()), *ask)


def test_the_strongest_of_several_challenges_is_answered() -> None:
    """Several fields, or several in one; a comma or a scheme's name within quotes separates nothing."""
    challenges = parse_challenges(
        [
            'Digest realm="a, Digest b", nonce="1", algorithm=MD5, Digest realm="r", nonce="2", algorithm=SHA-256',
            'Basic realm="c"',
        ]
    )
    assert [(c.scheme, c.realm, c.nonce) for c in challenges] == [
        ("digest", "a, Digest b", "1"),
        ("digest", "r", "2"),
        ("basic", "c", ""),
    ]
    best = strongest(challenges)
    assert best is not None
    assert best.family == "sha-256"


@pytest.mark.parametrize(
    "field",
    [
        'Basic realm="x"',
        'Digest realm="x"',
        'Digest realm="x", nonce="n", algorithm=AES',
        'Digest realm="x", nonce="n", qop="auth-int"',
        'Digest realm="a\r\nX: y", nonce="n"',
        'Digest realm="x", nonce="' + "n" * 5000 + '"',
        "",
        "Digest",
    ],
)
def test_what_cannot_be_answered_is_not(field: str) -> None:
    """Basic, unknown algorithms, integrity only, line breaks and absurd lengths are no usable challenge."""
    assert strongest(parse_challenges([field])) is None


def test_an_unusable_challenge_is_an_error() -> None:
    """Nobody answers Basic by mistake."""
    with pytest.raises(ProtocolError, match="a challenge that cannot be answered"):
        authorization(Challenge("basic"), "u", "p", "GET", "/", "c")


def test_the_example_of_ws_username_token() -> None:
    """Base64(SHA-1(nonce + created + password)), with the ONVIF programmer's guide's own figures."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    assert username_token("userpassword", nonce, "2010-09-16T07:50:45Z") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="


@given(st.lists(st.text(max_size=200), max_size=3))
def test_no_field_raises(fields: list[str]) -> None:
    """Hostile fields give challenges or none."""
    strongest(parse_challenges(fields))
