"""Digest, Basic and WS-UsernameToken against the RFCs' own vectors and real challenges."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import auth
from monitor.wire.auth import (
    ALGORITHMS,
    STRENGTHS,
    Challenge,
    Dialogue,
    Rules,
    any_challenges,
    authorization,
    basic,
    choose,
    next_nonce,
    parse_challenges,
    proof_of,
    strongest,
    username_token,
    weaker,
)
from monitor.wire.errors import ProtocolError

ASK = ("u", "p", "GET", "/", "c")
OPEN = Rules(clear=True)


# The vectors of the RFCs -----------------------------------------------------------------------------


def test_rfc_2617_section_3_5() -> None:
    """The example of RFC 2617: MD5 with qop."""
    (challenge,) = parse_challenges(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
            ' opaque="5ccc069c403ebaf9f0171e9517f40e41"'
        ]
    )
    header = authorization(challenge, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b")
    assert proof_of(header) == "6629fae49393a05397450978507c4ef1"
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
        challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    )
    assert proof_of(header) == response
    assert f"algorithm={algorithm}" in header


def test_rfc_7616_section_3_9_2_as_its_erratum_4897_has_it() -> None:
    """SHA-512-256 with a hashed name beyond ASCII; the RFC's own figures are those of another hash."""
    (challenge,) = parse_challenges(
        [
            'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256,'
            ' nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",'
            ' opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
        ]
    )
    ask = ("Secret, or not?", "GET", "/doe.json", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v")
    header = authorization(challenge, "Jäsøn Doe", *ask)
    assert 'username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"' in header
    assert proof_of(header) == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    assert header.endswith("userhash=true")
    plain = authorization(challenge._replace(userhash=False), "Jäsøn Doe", *ask)
    assert plain.startswith("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, ")
    assert proof_of(plain) == proof_of(header)


def test_rfc_7617_section_2() -> None:
    """The two examples of Basic, the second with a pound sign in UTF-8."""
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic("test", "123£") == "Basic dGVzdDoxMjPCow=="
    assert proof_of(basic("test", "123£")) == "dGVzdDoxMjPCow=="


def test_the_example_of_ws_username_token() -> None:
    """Base64(SHA-1(nonce + created + password)), with the ONVIF programmer's guide's own figures."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    assert username_token("userpassword", nonce, "2010-09-16T07:50:45Z") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="


def test_rtsp_without_qop_as_an_old_camera_asks_for_it() -> None:
    """RFC 2069's form, with the text of the request line's address."""
    (challenge,) = parse_challenges(['Digest realm="Surveillance Server", nonce="98481030"'])
    header = authorization(challenge, "admin", "secret", "DESCRIBE", "rtsp://192.0.2.10:554/stream1", "unused")
    assert proof_of(header) == "88dec5b5bb952856a8f8dd282a40b9c8"
    assert "qop" not in header
    assert "cnonce" not in header


def test_a_session_variant_includes_both_nonces() -> None:
    """MD5-sess mixes nonce and cnonce into the secret (RFC 2617 §3.2.2.2), and sends the cnonce without qop too."""
    session = Challenge("digest", "r", "n", "MD5-sess", ("auth",))
    once = hashlib.md5(b"u:r:p").hexdigest()
    secret = hashlib.md5(f"{once}:n:c".encode()).hexdigest()
    question = hashlib.md5(b"GET:/").hexdigest()
    expected = hashlib.md5(f"{secret}:n:00000001:c:auth:{question}".encode()).hexdigest()
    assert proof_of(authorization(session, *ASK)) == expected
    assert 'cnonce="c"' in authorization(session._replace(qop=()), *ASK)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_has_its_session_variant(algorithm: str) -> None:
    """Each of them gives a proof of its own length, in both variants, whatever the case of its name."""
    found = {
        proof_of(authorization(Challenge("digest", "r", "n", name, ("auth",)), *ASK))
        for name in (algorithm, algorithm.upper() + "-SESS")
    }
    assert len(found) == 2
    assert {len(proof) for proof in found} == {32 if algorithm == "md5" else 64}


# Challenges as they come -----------------------------------------------------------------------------


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
    assert best.way == "sha-256"


#: How one and the same challenge is written.
ODD = {
    "as the RFC has it": 'Digest realm="IP Camera", nonce="a/b==", qop="auth", algorithm=MD5, stale=true',
    "nothing in quotes": "Digest realm=IP Camera, nonce=a/b==, qop=auth, algorithm=MD5, stale=true",
    "everything in quotes": 'Digest realm="IP Camera", nonce="a/b==", qop="auth", algorithm="MD5", stale="TRUE"',
    "no commas": 'Digest realm="IP Camera" nonce="a/b==" qop="auth" algorithm="MD5" stale="true"',
    "no commas and no quotes": "Digest realm=IP Camera nonce=a/b== qop=auth algorithm=MD5 stale=true",
    "no blanks": 'Digest realm="IP Camera",nonce="a/b==",qop="auth",algorithm=MD5,stale=true',
    "blanks about the signs": 'digest  REALM = "IP Camera" , Nonce = "a/b==" ,qop= "auth", algorithm =MD5, stale =True',
    "empty items": ',, Digest ,realm="IP Camera",, nonce="a/b==",qop="auth",algorithm=MD5,stale=true,',
    "a quote that never ends": 'Digest realm="IP Camera", qop=auth, algorithm=MD5, stale=true, nonce="a/b==',
    "each said twice": 'Digest realm="IP Camera", nonce="a/b==", realm="other", nonce="2", qop="auth", algorithm=MD5, stale=true',
    "a parameter that nobody knows": 'Digest x="Basic realm=y", realm="IP Camera", nonce="a/b==", qop=auth, algorithm=MD5, stale=true',
}


@pytest.mark.parametrize("shape", ODD)
def test_odd_quoting(shape: str) -> None:
    """However a camera writes its challenge, it says the same."""
    (challenge,) = parse_challenges([ODD[shape]])
    assert challenge == Challenge("digest", "IP Camera", "a/b==", "MD5", ("auth",), stale=True)


def test_what_was_escaped_is_sent_back_escaped() -> None:
    """A realm with quotes within goes into the hash without its escapes, and back to the server with them."""
    (challenge,) = parse_challenges([r'Digest realm="the \"north\" gate", nonce="n"'])
    header = authorization(challenge, *ASK)
    assert r'realm="the \"north\" gate"' in header
    secret = hashlib.md5(b'u:the "north" gate:p').hexdigest()
    assert proof_of(header) == hashlib.md5(f"{secret}:n:{hashlib.md5(b'GET:/').hexdigest()}".encode()).hexdigest()


def test_a_realm_beyond_ascii_goes_into_the_hash_as_its_bytes() -> None:
    """A head is read as latin-1: the bytes that the camera sent are hashed, in whatever encoding they are."""
    realm = "监控".encode()
    (challenge,) = parse_challenges([f'Digest realm="{realm.decode("latin-1")}", nonce="n"'])
    secret = hashlib.md5(b"u:" + realm + b":p").hexdigest()
    expected = hashlib.md5(f"{secret}:n:{hashlib.md5(b'GET:/').hexdigest()}".encode()).hexdigest()
    header = authorization(challenge, *ASK)
    assert proof_of(header) == expected
    assert realm in header.encode("latin-1")


def test_a_name_beyond_ascii_is_sent_in_utf_8() -> None:
    """Where the server names no charset the bytes are those of UTF-8, which latin-1 carries."""
    header = authorization(Challenge("digest", "r", "n"), "wächter", "p", "GET", "/", "c")
    assert 'username="wächter"'.encode() in header.encode("latin-1")


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
        "Digest " + "a=b, " * 300 + 'realm="r", nonce="n"',
    ],
)
def test_what_cannot_be_answered_is_not(field: str) -> None:
    """Basic, unknown algorithms, integrity only, line breaks and absurd lengths are no usable challenge."""
    assert strongest(parse_challenges([field])) is None


def test_an_unusable_challenge_is_an_error() -> None:
    """Nobody answers Basic by mistake."""
    with pytest.raises(ProtocolError, match="a challenge that cannot be answered"):
        authorization(Challenge("basic"), *ASK)


def test_the_nonce_of_the_next_request() -> None:
    """Authentication-Info may name it (RFC 7616 §3.5); one that would break a line is none."""
    assert next_nonce(['qop=auth, rspauth="6629", nextnonce="second", nc=00000001']) == "second"
    assert next_nonce(["", "nextnonce=bare"]) == "bare"
    assert next_nonce(['nextnonce="a\rb"', 'nextnonce=""', "nextnonce=" + "n" * 4096]) == ""


# What is answered ------------------------------------------------------------------------------------

BASIC = 'Basic realm="r"'
MD5 = 'Digest realm="r", nonce="n", qop="auth"'
SHA_256 = 'Digest realm="r", nonce="m", qop="auth", algorithm=SHA-256'


#: What is offered, under which rules -> the way that is answered, or why none is.
CHOICES = [
    ([MD5, SHA_256, BASIC], Rules(), "sha-256", ""),
    ([BASIC, MD5], OPEN, "md5", ""),
    ([BASIC], OPEN, "basic", ""),
    ([BASIC], Rules(), "", "it wants the password in the clear (Basic)"),
    (["NTLM", "Negotiate"], OPEN, "", "it offers no login that we know, only Ntlm, Negotiate"),
    ([], OPEN, "", "it offers no login that we know"),
    ([MD5], Rules(proven="sha-256"), "", "it took Digest with SHA-256 before and now wants Digest with MD5: a weaker login is not followed"),
    ([BASIC], Rules(True, "md5"), "", "it took Digest with MD5 before and now wants Basic: a weaker login is not followed"),
    ([BASIC], Rules(False, "token"), "", "it took WS-UsernameToken before and now wants Basic: a weaker login is not followed"),
    ([MD5], Rules(proven="token"), "md5", ""),
    ([SHA_256], Rules(proven="sha-512-256"), "sha-256", ""),
    ([SHA_256], Rules(proven="md5"), "sha-256", ""),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "rules", "way", "obstacle"), CHOICES)
def test_what_is_answered(fields: list[str], rules: Rules, way: str, obstacle: str) -> None:
    """The strongest offer; the password itself only where it may travel; never less than the server took before."""
    choice = choose(parse_challenges(fields), rules)
    assert (choice.challenge.way if choice.challenge else "") == way
    assert choice.obstacle == obstacle


ways = st.sampled_from(sorted(STRENGTHS))
offers = st.lists(st.sampled_from([BASIC, MD5, SHA_256, "NTLM", SHA_256.replace("256", "512-256")]), max_size=4)


@given(offers, st.booleans(), ways)
def test_no_weaker_login_is_ever_followed(fields: list[str], clear: bool, proven: str) -> None:
    """Whatever is offered in whatever order: never weaker than proven, never Basic unless it may be, never by chance."""
    choice = choose(parse_challenges(fields), Rules(clear, proven))
    assert (choice.challenge is None) == bool(choice.obstacle)
    assert choice == choose(parse_challenges(sorted(fields)), Rules(clear, proven))
    if choice.challenge is not None:
        assert not weaker(choice.challenge.way, proven)
        assert clear or choice.challenge.way != "basic"
        assert all(not weaker(choice.challenge.way, one.way) for one in parse_challenges(fields))
    if choice.downgrade:
        assert weaker(choice.downgrade, proven)


# A conversation --------------------------------------------------------------------------------------


def hear(dialogue: Dialogue, status: int, asked: Iterable[str] = (), info: Iterable[str] = ()) -> str:
    return dialogue.hear(status == 401, asked, info, Rules())


def nonce_of(header: str) -> str:
    return header.split('nonce="')[1].split('"')[0]


def count_of(header: str) -> str:
    return header.split("nc=")[1].split(",")[0]


def test_a_nonce_serves_a_connection() -> None:
    """RTSP: each use is counted; a new nonce is counted from one."""
    dialogue = Dialogue()
    assert not dialogue.ready
    hear(dialogue, 401, [MD5])
    assert [count_of(dialogue.answer(*ASK)) for _ in range(2)] == ["00000001", "00000002"]
    assert hear(dialogue, 200) == "md5"
    assert count_of(dialogue.answer(*ASK)) == "00000003"
    hear(dialogue, 401, [MD5.replace('"n"', '"o"')])
    assert dialogue.renewed
    assert count_of(dialogue.answer(*ASK)) == "00000001"


def test_a_nonce_serves_once() -> None:
    """HTTP: no nonce is used a second time, unless the server names the next one."""
    dialogue = Dialogue(once=True)
    hear(dialogue, 401, [MD5])
    dialogue.answer(*ASK)
    assert hear(dialogue, 200, info=['nextnonce="o"']) == "md5"
    assert nonce_of(dialogue.answer(*ASK)) == "o"
    hear(dialogue, 200)
    assert not dialogue.ready
    with pytest.raises(ProtocolError):
        dialogue.answer(*ASK)


def test_a_new_nonce_with_each_reply() -> None:
    """A server that sends a challenge with its 200 too gets the answer to that one next."""
    dialogue = Dialogue(once=True)
    hear(dialogue, 401, [MD5])
    dialogue.answer(*ASK)
    hear(dialogue, 200, [MD5.replace('"n"', '"o"')])
    assert nonce_of(dialogue.answer(*ASK)) == "o"


@pytest.mark.parametrize("once", [False, True])
def test_a_stale_nonce_is_no_refusal(once: bool) -> None:
    """ "stale" asks for another answer; a refusal without it does not, and neither does a refusal of nothing."""
    dialogue = Dialogue(once)
    hear(dialogue, 401, [MD5 + ", stale=true"])
    assert not dialogue.renewed
    dialogue.answer(*ASK)
    hear(dialogue, 401, [MD5 + ", stale=true"])
    assert dialogue.renewed
    dialogue.answer(*ASK)
    hear(dialogue, 401, [MD5])
    assert not dialogue.renewed


def test_basic_over_a_conversation() -> None:
    """The same field each time, as long as the server wants it."""
    dialogue = Dialogue(once=True)
    dialogue.hear(True, [BASIC], (), OPEN)
    assert dialogue.answer(*ASK) == dialogue.answer(*ASK) == "Basic dTpw"
    assert dialogue.hear(False, (), (), OPEN) == "basic"


# Whatever comes --------------------------------------------------------------------------------------


PIECES = st.sampled_from(
    [
        *('realm="r"', 'nonce="n"', "nonce=n==", 'qop="auth,auth-int"', "algorithm=MD5", "stale=FALSE", 'realm="r'),
        *(
            ", ",
            ",",
            " ",
            "  ",
            "=",
            '"',
            '""',
            "\\",
            "\t",
            "\x00",
            "\xa0",
            "x",
            "x-y=1",
            "realm = z",
            "Basic ",
            "a" * 40,
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_challenge_as_most_write_it_is_read_as_any_other(parameters: str) -> None:
    """What is read at one look is what is read piece by piece, which a blank at the beginning brings about."""
    assert parse_challenges([f"Digest {parameters}"]) == parse_challenges([f" Digest {parameters}"])


@given(st.lists(st.text(max_size=200), max_size=3))
def test_no_field_raises(fields: list[str]) -> None:
    """Hostile fields give challenges or none."""
    strongest(parse_challenges(fields))
    next_nonce(fields)
    choose(parse_challenges(fields), Rules(True, "md5"))


plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters='"\\\x7f'), max_size=40)
challenges = st.builds(
    Challenge,
    st.just("digest"),
    realm=plain,
    nonce=plain.filter(bool),
    algorithm=st.sampled_from(["", "MD5", "MD5-sess", "SHA-256", "sha-256-sess", "SHA-512-256"]),
    qop=st.sampled_from([(), ("auth",), ("auth", "auth-int")]),
    opaque=st.one_of(st.none(), plain),
    stale=st.booleans(),
    userhash=st.booleans(),
    utf8=st.booleans(),
)


def written(challenge: Challenge) -> str:
    """Write a challenge as RFC 7616 has it."""
    values = {"realm": f'"{challenge.realm}"', "nonce": f'"{challenge.nonce}"'}
    if challenge.algorithm:
        values["algorithm"] = challenge.algorithm
    if challenge.qop:
        values["qop"] = f'"{", ".join(challenge.qop)}"'
    if challenge.opaque is not None:
        values["opaque"] = f'"{challenge.opaque}"'
    for name in ("stale", "userhash"):
        if getattr(challenge, name):
            values[name] = "true"
    if challenge.utf8:
        values["charset"] = "UTF-8"
    return "Digest " + ", ".join(f"{name}={value}" for name, value in values.items())


@given(st.lists(challenges, max_size=4))
def test_what_is_written_is_read(offered: list[Challenge]) -> None:
    """Challenges are read as they are written, one in each field or all in one."""
    assert parse_challenges([written(one) for one in offered]) == offered
    assert parse_challenges([", ".join(written(one) for one in offered)]) == offered


@given(challenges, st.text(max_size=20).filter(lambda name: name.isprintable()), st.text(max_size=20))
def test_an_answer_is_one_line_and_shows_no_password(challenge: Challenge, username: str, password: str) -> None:
    """Whatever is asked and whoever answers, it fits a header field, and another password gives another proof."""
    header = authorization(challenge, username, password, "GET", "/", "c")
    assert not any(byte < 0x20 or byte == 0x7F for byte in header.encode("latin-1"))
    other = authorization(challenge, username, password + "x", "GET", "/", "c")
    assert proof_of(header) != proof_of(other)
    assert header.replace(proof_of(header), proof_of(other)) == other


PARAMETERS = st.sampled_from(
    [
        'realm="IP Camera(1)"', 'realm="r=\xe4, nonce=x"', "realm=r", 'nonce="a/b=="', 'nonce=""', "nonce=a==b",
        "algorithm=MD5", 'algorithm="SHA-256"', 'qop="auth"', "qop=auth", 'qop="auth-int, auth"', "stale=TRUE",
        'stale="FALSE"', 'opaque=""', 'domain="/"', 'realm="second"', 'x="\\""', 'qop=" "', "auth", "Basic", 'y="',
        "userhash=true", "charset=UTF-8",
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(PARAMETERS, st.sampled_from([", ", ",", " ", ""])), max_size=8).map(
        lambda parts: "".join(map("".join, parts))
    )
)
def test_short_ways_to_read_a_challenge_say_what_care_says(parameters: str) -> None:
    """Most challenges are read by a pattern, and what all devices of a model write alike is remembered."""
    for field in (
        f"Digest {parameters}",
        f'Digest realm="r", nonce="n", {parameters}',
        f'digest realm="r",nonce="n"{parameters}',
    ):
        careful = any_challenges(field)[:16]
        assert parse_challenges([field]) == careful
        assert parse_challenges([field]) == careful


def test_offers_that_are_remembered_are_bounded() -> None:
    """A device that asks in another way each time pushes out old ones, and no more."""
    for number in range(2 * auth.MOST_OFFERS):
        parse_challenges([f'Digest realm="r", nonce="n", opaque="{number}"'])
    assert auth._offer.cache_info().currsize == auth.MOST_OFFERS
