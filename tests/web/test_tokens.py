"""Tokens, and where the server may listen without them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from monitor.web.tokens import Tokens, TokensError, listen_allowed

VIEWER = "viewer-0123456789abcdef"
OPERATOR = "operator-0123456789abcdef"


def test_a_token_has_its_role() -> None:
    """Written plainly or as its digest, with comments and empty lines between."""
    digest = sha256(OPERATOR.encode()).hexdigest()
    tokens = Tokens.parse(f"# the wall\nviewer {VIEWER}  # by the door\n\noperator sha256:{digest}\n", "t")
    assert (tokens.role(VIEWER), tokens.role(OPERATOR)) == ("viewer", "operator")
    assert tokens.role(digest) is None
    assert tokens.role(f"sha256:{digest}") is None
    assert tokens.role("") is None


def test_tokens_are_shown_nowhere() -> None:
    """Neither the value nor an error repeats a token."""
    assert repr(Tokens.parse(f"viewer {VIEWER}", "t")) == "Tokens(1)"
    with pytest.raises(TokensError) as caught:
        Tokens.parse(f"viewer {VIEWER} too", "t")
    assert VIEWER not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("viewer", "t:1: a line is a role and a token"),
        (f"admin {VIEWER}", "t:1: admin: not a role; there are viewer, oversight, operator"),
        ("viewer short", "t:1: the token is shorter than 20 characters"),
        ("viewer sha256:ABC", "t:1: sha256: is followed by 64 hexadecimal digits in lower case"),
        (f"viewer {VIEWER}\noperator {VIEWER}", "t:2: the same token stands above"),
        ("# nothing\n", "t: no token in it"),
        (
            f"\nx\nadmin {VIEWER}",
            "t:2: a line is a role and a token\nt:3: admin: not a role; there are viewer, oversight, operator",
        ),
    ],
    ids=["no token", "role", "short", "digest", "twice", "empty", "two mistakes"],
)
def test_every_mistake_is_named_with_its_line(text: str, mistake: str) -> None:
    """All of them at once."""
    with pytest.raises(TokensError) as caught:
        Tokens.parse(text, "t")
    assert str(caught.value) == mistake


def test_the_file_must_be_its_owners_alone(tmp_path: Path) -> None:
    """A token that others can read is none."""
    path = tmp_path / "tokens"
    path.write_text(f"viewer {VIEWER}\n")
    path.chmod(0o640)
    with pytest.raises(TokensError) as caught:
        Tokens.read(path)
    assert str(caught.value) == f"{path}: others can read it (mode 0640); make it yours alone: chmod 600 {path}"
    path.chmod(0o600)
    assert Tokens.read(path).role(VIEWER) == "viewer"


def test_a_missing_or_endless_file_is_a_sentence(tmp_path: Path) -> None:
    """Neither a traceback nor all memory."""
    with pytest.raises(TokensError) as caught:
        Tokens.read(tmp_path / "none")
    assert str(caught.value) == f"{tmp_path}/none: No such file or directory"
    path = tmp_path / "large"
    path.write_bytes(b"#" * 70_000)
    path.chmod(0o600)
    with pytest.raises(TokensError) as caught:
        Tokens.read(path)
    assert str(caught.value) == f"{path}: larger than 65536 bytes"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_loopback_needs_no_tokens(host: str) -> None:
    """Only this machine is answered there."""
    assert listen_allowed(host, None) is None


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.7", "monitor.example", "localhost.example", "::ffff:192.0.2.7"]
)
def test_any_other_address_needs_tokens(host: str) -> None:
    """Refused with a sentence without them, allowed with them."""
    sentence = f"Listening on {host} would answer strangers: give --tokens FILE, or listen on 127.0.0.1."
    assert listen_allowed(host, None) == sentence
    assert listen_allowed(host, Tokens.parse(f"viewer {VIEWER}", "t")) is None


def test_no_host_is_every_address() -> None:
    """An empty host listens everywhere."""
    assert listen_allowed("", None) == (
        "Listening on every address would answer strangers: give --tokens FILE, or listen on 127.0.0.1."
    )
