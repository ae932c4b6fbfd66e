"""Checkpoints: notes of other implementations are read, ours are read by their rules, and nothing bent is believed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.checkpoint import Checkpoint, Note, NoteError, SigningKey, VerifierKey, notes_in

# The keys and notes of golang.org/x/mod/sumdb/note's own tests, of C2SP signed-note and of C2SP tlog-checkpoint.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SIGNS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
NOTE = f"{TEXT}\n{SIGNED}"
EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo"
    " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
OURS = SigningKey("camfleet/city", bytes(range(32)))
ROOT = bytes(range(100, 132))


@pytest.mark.parametrize("text", [PETER, ENOCH, EXAMPLE])
def test_keys_of_others_are_read_and_written_as_they_write_them(text: str) -> None:
    """A verifier key is the same text again; its id is the hash that others compute."""
    assert str(VerifierKey.parse(text)) == text


@pytest.mark.parametrize(("key", "note"), [(PETER, NOTE), (EXAMPLE, EXAMPLE_NOTE)])
def test_notes_of_others_are_verified(key: str, note: str) -> None:
    """A published note is signed by its published key, and by nobody else."""
    known = VerifierKey.parse(key)
    assert Note.parse(note).signers([known, VerifierKey.parse(ENOCH)]) == [known]
    assert Note.parse(note).signers([]) == []


def test_we_sign_as_others_do() -> None:
    """With the published signing key the published text gives the published note, byte by byte."""
    key = SigningKey.parse(PETER_SIGNS)
    assert key.sign(TEXT) == NOTE
    assert key.reveal() == PETER_SIGNS
    assert str(key.verifier) == PETER


def test_a_checkpoint_of_another_log() -> None:
    """The specification's example has its origin, its size and its root."""
    found = Checkpoint.parse(Note.parse(SOFA).text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert SOFA.startswith(found.text)


def test_lines_behind_the_root_are_left_alone() -> None:
    """An extension is somebody else's; the signature covers it all the same."""
    note = OURS.sign(Checkpoint("o", 3, ROOT).text + "anything at all\n")
    assert Checkpoint.parse(Note.parse(note).text) == Checkpoint("o", 3, ROOT)
    assert Note.parse(note.replace("at all", "at ALL")).signatures
    with pytest.raises(NoteError):
        Note.parse(note.replace("at all", "at ALL")).signers([OURS.verifier])


def test_a_second_signature_and_an_unknown_one() -> None:
    """Signatures by keys that nobody knows are passed over, and one given twice counts once."""
    other = SigningKey("witness.example", bytes(32))
    text = Checkpoint("o", 3, ROOT).text
    note = OURS.sign(text) + other.sign(text).rpartition("\n\n")[2] * 2
    assert Note.parse(note).signers([OURS.verifier]) == [OURS.verifier]
    assert Note.parse(note).signers([other.verifier, OURS.verifier]) == [OURS.verifier, other.verifier]


def test_a_signature_that_its_key_never_made() -> None:
    """A known key's name under another text spoils the note."""
    with pytest.raises(NoteError) as error:
        Note.parse(NOTE.replace("answer", "ANSWER")).signers([VerifierKey.parse(PETER)])
    expected = "the signature of PeterNeumann is not its own: the text or the signature was altered"
    assert str(error.value) == expected


def test_a_signing_key_does_not_show() -> None:
    """Neither repr nor str tells the secret."""
    assert f"{OURS!r} {OURS}" == "SigningKey(camfleet/city) SigningKey(camfleet/city)"


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("", "a note is text, a blank line and signatures, each line with its end"),
        ("x\n\n", "a note is text, a blank line and signatures, each line with its end"),
        (NOTE[:-1], "a note is text, a blank line and signatures, each line with its end"),
        ("x\n\n- me abcd\n", "a signature is an em dash, a name and base64, with a blank between them"),
        ("x\n\n— me+you abcd\n", "a signature is an em dash, a name and base64, with a blank between them"),
        ("x\n\n— me ab d\n", "the signature of me is not in base64"),
        ("x\n\n— me AAAAAAB=\n", "the signature of me is not in base64"),
        ("x\n\n— me AAAA\n", "the signature of me is too short"),
        ("x\x07\n\n— me AAAAAAAA\n", "a note holds no control characters and nothing but text"),
        ("\udc80\n\n— me AAAAAAAA\n", "a note holds no control characters and nothing but text"),
        ("x\n\n" + "— me AAAAAAAA\n" * 101, "a note has at most 100 signatures"),
        ("x" * 70_000, "a note has at most 65536 bytes"),
    ],
)
def test_what_is_no_note(note: str, message: str) -> None:
    """Each mistake has its own words."""
    with pytest.raises(NoteError) as error:
        Note.parse(note)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("o\n3\n", "a checkpoint is an origin, a size and a root, a line each"),
        ("\n3\nAA==\n", "a checkpoint is an origin, a size and a root, a line each"),
        ("o\n3\nAA==", "a checkpoint is an origin, a size and a root, a line each"),
        ("o\n03\nAA==\n", "the second line of a checkpoint is the number of leaves"),
        ("o\n-3\nAA==\n", "the second line of a checkpoint is the number of leaves"),
        ("o\n9999999999999999999\nAA==\n", "the second line of a checkpoint is the number of leaves"),
        ("o\n٣\nAA==\n", "the second line of a checkpoint is the number of leaves"),
        ("o\n3\nA\n", "the third line of a checkpoint is a root in base64"),
        ("o\n3\nAA==\n", "the root of a checkpoint has 32 bytes"),
    ],
)
def test_what_is_no_checkpoint(text: str, message: str) -> None:
    """Each mistake has its own words."""
    with pytest.raises(NoteError) as error:
        Checkpoint.parse(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Peter", "a verifier key is name+id+base64"),
        ("a b+c74f20a3+AR", "a verifier key is name+id+base64"),
        ("Peter+C74F20A3+AR", "a verifier key is name+id+base64"),
        ("Peter+c74f20a3+A", "the key is not in base64"),
        ("Peter+c74f20a3+BAAA", "the key is not one for Ed25519"),
        ("Peter+c74f20a3+AQAA", "the key has 2 bytes instead of 32"),
        (
            PETER.replace("Peter", "Petra"),
            "the key's id is not that of its name and bytes: something in it was altered",
        ),
        (PETER.replace("10TW", "11TW"), "the key's id is not that of its name and bytes: something in it was altered"),
    ],
)
def test_what_is_no_key(text: str, message: str) -> None:
    """Each mistake has its own words."""
    with pytest.raises(NoteError) as error:
        VerifierKey.parse(text)
    assert str(error.value) == message


def test_a_verifier_key_is_no_signing_key() -> None:
    """Whoever mixes them up is told, and the text is not repeated."""
    with pytest.raises(NoteError) as error:
        SigningKey.parse(PETER)
    assert str(error.value) == "a signing key is PRIVATE+KEY+name+id+base64"


def test_a_file_of_many_notes() -> None:
    """Each is found as it was signed, also with a Windows editor's line ends, and behind one that was never finished."""
    first, second = (OURS.sign(Checkpoint("o", size, ROOT).text) for size in (1, 2))
    assert notes_in(f"{first}\n{second}\n") == [first, second]
    assert notes_in(first + second) == [first, second]
    assert notes_in(f"\n{first}".replace("\n", "\r\n")) == [first]
    assert notes_in(f"o\n1\n\n{second}") == ["o\n1\n", second]
    assert notes_in("some words") == ["some words\n"]
    assert notes_in("\n \n") == [" \n"]
    assert notes_in("") == []


@given(st.text(max_size=300))
def test_any_text_is_a_note_or_refused_in_words(text: str) -> None:
    """Nothing but a NoteError comes out, whatever goes in."""
    for note in [text, *notes_in(text), f"o\n1\n{text}\n\n{text}\n"]:
        try:
            Checkpoint.parse(Note.parse(note).text)
        except NoteError as error:
            assert str(error)  # noqa: PT017 - some raise, some do not


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read_again(size: int, root: bytes, seed: bytes) -> None:
    """Any checkpoint under any key."""
    key, checkpoint = SigningKey("camfleet/x", seed), Checkpoint("camfleet/x", size, root)
    note = key.sign(checkpoint.text)
    assert notes_in(note) == [note]
    assert Note.parse(note).signers([VerifierKey.parse(str(key.verifier))]) == [key.verifier]
    assert Checkpoint.parse(Note.parse(note).text) == checkpoint
    assert SigningKey.parse(key.reveal()) == key


@given(st.data())
def test_no_altered_byte_is_believed(data: st.DataObject) -> None:
    """One letter of a signed note replaced: refused, or no longer signed by us."""
    note = OURS.sign(Checkpoint("camfleet/city", 77, ROOT).text)
    place = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda one: one != note[place]))
    bent = note[:place] + letter + note[place + 1 :]
    with suppress(NoteError):
        assert Note.parse(bent).signers([OURS.verifier]) == []
