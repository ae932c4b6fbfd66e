"""What a person may read of a conversation: no secret, no control character, bounded."""

from __future__ import annotations

import pytest
from fleets import verdict
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.probes.transcript import KEPT_BYTES, Conversation, Veil, redact

SECRETS = {
    'Authorization: Digest username="u", response="0123"': "Authorization: Digest [removed]",
    "authorization : Basic dXNlcjpwYXNz": "authorization : Basic [removed]",
    '<Password Type="x#PasswordDigest">c2VjcmV0</Password>': '<Password Type="x#PasswordDigest">[removed]</Password>',
    "<wsse:Nonce>bm9uY2U=</wsse:Nonce>": "<wsse:Nonce>[removed]</wsse:Nonce>",
    "rtsp://admin:secret@192.0.2.1/a": "rtsp://[removed]@192.0.2.1/a",
    "/user=admin&password=secret&channel=1": "/user=[removed]&password=[removed]&channel=1",
    "/user=admin_password=tlJwpbo6_channel=1": "/user=[removed]_password=[removed]_channel=1",
}


@pytest.mark.parametrize(("text", "shown"), SECRETS.items())
def test_secrets_are_removed(text: str, shown: str) -> None:
    """Login headers, tokens, and the user's part of an address."""
    assert redact(text) == shown


@given(st.text())
def test_no_control_character_reaches_a_terminal_or_a_page(text: str) -> None:
    """Escapes, NULs and characters that turn the writing direction are replaced."""
    assert not any(character in redact(text) for character in "\x00\x1b\x9b\u202e\u2066")


def conversation(at: float, reason: Reason | None) -> Conversation:
    outcome = Outcome.FAIL if reason else Outcome.OK
    return Conversation(verdict(at, Finding(Rung.CONTROL, outcome, reason)), ())


def test_a_conversation_is_shown_without_the_secrets_it_holds() -> None:
    """What was said is kept to the letter; its messages and its repr show none of it."""
    said = ((0.0, True, b"my secret-4711 is"), (0.1, False, b"secret-4711secret-4711"))
    shown = conversation(0, None)._replace(said=said, secrets=("secret-4711",))
    assert [message.raw for message in shown.messages] == [b"my [removed] is", b"[removed][removed]"]
    assert "4711" not in repr(shown)


def test_a_cut_leaves_no_half_of_a_secret() -> None:
    """A secret that stands across the end of what is kept is taken out before the cut."""
    veil = Veil(["correct-horse-9"])
    data = b"x" * (KEPT_BYTES - 5) + b"correct-horse-9" + b"y" * 100
    assert b"corre" not in veil.cut(data)
    assert len(veil.cut(data)) == KEPT_BYTES
