"""`camfleet verify`: what a person reads of a ledger that is whole, of one that is not, and of what cannot be asked."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from peers.fleets import NOW
from peers.servers import free_port
from runs import camfleet, get, running, until

from monitor.core.checkpoint import Checkpoint, Note, VerifierKey, notes_in
from monitor.core.event import Heartbeat
from monitor.core.merkle import leaf_hash, root_of
from monitor.ledger import keys
from monitor.ledger.ledger import Ledger

OWN = "whoever has the ledger and its key could have written"


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """Write a ledger of ten events, and return the checkpoint over the first seven."""
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.append([Heartbeat(NOW + number, "central", {}) for number in range(7)], {})
    ledger.seal(NOW)
    while ledger.sealed is None:
        assert ledger.unsealed is None
    note = ledger.sealed.note
    (tmp_path / "kept.txt").write_text(note)
    ledger.append([Heartbeat(NOW + number, "central", {}) for number in range(7, 10)], {})
    assert ledger.close(60.0) == 0
    return note


def alter(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            f"DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted; {statement}"
        )


def test_a_ledger_that_is_whole(tmp_path: Path, kept: str) -> None:
    """It says until when nothing was altered, and for what nobody else can vouch yet; as text and as a file."""
    for given in ("kept.txt", kept):
        ended = camfleet("verify", "ledger", "--checkpoint", given, folder=tmp_path, TZ="UTC")
        lines = ended.out.splitlines()
        assert ended.code == 0, ended
        assert lines[0] == "ledger: 10 events, from 2026-09-21 14:13:20 to 2026-09-21 14:13:29 UTC"
        assert lines[-2] == (
            "Nothing was altered, removed, inserted or reordered since the checkpoint over 7 events, 2026-09-21 14:13:26 UTC."
        )
        assert lines[-1].startswith(f"For the 3 events behind it nobody else can vouch yet: {OWN} them anew.")


def test_without_a_checkpoint(tmp_path: Path, kept: str) -> None:
    """It says what that proves, and what it does not."""
    ended = camfleet("verify", "ledger", folder=tmp_path)
    assert ended.code == 0
    assert ended.out.splitlines()[-2:] == [
        "The ledger agrees with itself: its events, their order, its hash tree and its own 1 checkpoint.",
        f"That does not prove that nothing was altered: {OWN} all of it anew. Give a checkpoint that somebody else kept:"
        " --checkpoint FILE.",
    ]


def test_an_altered_event(tmp_path: Path, kept: str) -> None:
    """Exit code 1, and which checkpoint does not agree."""
    alter(tmp_path / "ledger", "UPDATE events SET at = at + 1, body = replace(body, '.0', '.5') WHERE seq = 3")
    ended = camfleet("verify", "ledger", "--checkpoint", "kept.txt", folder=tmp_path)
    assert ended.code == 1
    assert "THIS LEDGER IS NOT WHAT IT SHOULD BE:" in ended.out
    assert "  kept.txt: the checkpoint over 7 events: the ledger's events give another root; no smaller" in ended.out
    assert "  the columns of event 3 do not say what its body says" in ended.out
    assert ended.out.splitlines()[-1] == "No checkpoint that was given agrees: nothing is proved."


def test_a_ledger_that_was_cut_off(tmp_path: Path, kept: str) -> None:
    """It says how many events are gone."""
    alter(tmp_path / "ledger", "DELETE FROM events WHERE seq > 5")
    ended = camfleet("verify", "ledger", "--checkpoint", "kept.txt", "--json", folder=tmp_path)
    assert ended.code == 1
    found = json.loads(ended.out)
    assert (found["whole"], found["events"], found["proved"]) == (False, 5, None)
    assert found["checkpoints"][0]["flaw"] == "the ledger has only 5 events: 2 events are gone"


def test_the_key_that_somebody_kept(tmp_path: Path, kept: str) -> None:
    """With the right key all is well, with another nothing is."""
    key = str(keys.load(tmp_path / "ledger").verifier)
    arguments = ("verify", "ledger", "--checkpoint", "kept.txt", "--key")
    assert camfleet(*arguments, key, folder=tmp_path).code == 0
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    ended = camfleet(*arguments, other, folder=tmp_path)
    assert ended.code == 1
    assert "  kept.txt: the checkpoint over 7 events: it is not signed by PeterNeumann+c74f20a3" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "nowhere: there is no ledger here; `camfleet run` makes one"),
        (("ledger", "--checkpoint", "nowhere"), "--checkpoint nowhere: No such file or directory"),
        (("ledger", "--checkpoint", "empty"), "--checkpoint empty: there is no checkpoint in it"),
        (("ledger", "--key", "Peter"), "--key Peter: a verifier key is name+id+base64"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, kept: str, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 2, in a sentence."""
    (tmp_path / "empty").touch()
    ended = camfleet("verify", *arguments, folder=tmp_path)
    assert (ended.code, ended.err.strip()) == (2, words)


def test_a_file_that_holds_no_checkpoint(tmp_path: Path, kept: str) -> None:
    """Words are no checkpoint, and it is said which file they are from."""
    (tmp_path / "words").write_bytes(b"nothing \xff\x07 of the kind\n")
    ended = camfleet("verify", "ledger", "--checkpoint", "words", folder=tmp_path)
    assert ended.code == 1
    assert "  words: this is no checkpoint: a note holds no control characters and nothing but text" in ended.out


def test_a_monitor_signs_and_hands_out_checkpoints(tmp_path: Path) -> None:
    """A run signs at its start and its end, appends both beside the ledger and to a share, and says what it cannot reach."""
    share = tmp_path / "share"
    share.mkdir()
    (tmp_path / "inventory.yaml").write_text(
        "zones: {z: {}}\ncameras: [{id: gate, zone: z, address: 127.4.0.9, probes: [rtsp], stream: /a}]\n"
        f"checkpoints:\n  share: {share}/kept.txt\n  lost: {tmp_path}/nowhere/kept.txt\n"
    )
    port = free_port()
    with running("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{port}", folder=tmp_path) as monitor:
        monitor.until("lost has not got the newest checkpoint: No such file or directory")
        until((share / "kept.txt").exists)
        answer = get(port, "/readyz")
        assert answer == (503, "lost has not got the newest checkpoint: No such file or directory\n")
        assert 'camfleet_checkpoint_failing{holder="lost"} 1.0' in get(port, "/metrics")[1]
        monitor.signal(signal.SIGTERM)
        assert monitor.wait().code == 0
    beside = (tmp_path / "camfleet.sqlite-checkpoints").read_text()
    assert notes_in(beside) == notes_in((share / "kept.txt").read_text())
    assert len(notes_in(beside)) == 2
    ended = camfleet("verify", "camfleet.sqlite", "--checkpoint", f"{share}/kept.txt", folder=tmp_path)
    assert ended.code == 0, ended
    assert ended.out.splitlines()[-1].startswith("Nothing was altered, removed, inserted or reordered since")


def test_a_copy_is_audited_and_overwrites_nothing(tmp_path: Path, kept: str) -> None:
    """A backup of a ledger in use is whole and verifies; a restore takes the same way back; neither overwrites."""
    ledger = Ledger.open(tmp_path / "ledger")
    ended = camfleet("ledger", "backup", "copy", "--ledger", "ledger", folder=tmp_path)
    assert ledger.close(60.0) == 0
    assert ended.code == 0
    assert ended.out.startswith("copy: 10 events, audited, root ")
    again = camfleet("ledger", "backup", "copy", "--ledger", "ledger", folder=tmp_path)
    assert (again.code, again.err) == (2, "copy: this is there already, and is not overwritten\n")
    assert camfleet("ledger", "restore", "copy", "--ledger", "back", folder=tmp_path).code == 0
    assert camfleet("verify", "back", "--checkpoint", "kept.txt", folder=tmp_path).code == 0
    assert not list(tmp_path.glob("*-new*"))


def test_a_ledger_that_was_altered_is_not_copied(tmp_path: Path, kept: str) -> None:
    """A bad copy never gets its name."""
    alter(tmp_path / "ledger", "UPDATE events SET camera = 'x' WHERE seq = 3")
    ended = camfleet("ledger", "backup", "copy", "--ledger", "ledger", folder=tmp_path)
    words = "ledger: not copied: it is not what it should be; `camfleet verify` says what is wrong\n"
    assert (ended.code, ended.err) == (2, words)
    assert not list(tmp_path.glob("copy*"))


def test_what_is_exported_are_the_leaves(tmp_path: Path, kept: str) -> None:
    """The lines of an export hash to the root of a checkpoint signed on demand; a span gives its own lines."""
    lines = camfleet("ledger", "export", "--ledger", "ledger", folder=tmp_path).out.splitlines()
    note = camfleet("ledger", "checkpoint", "--ledger", "ledger", folder=tmp_path).out
    found = Checkpoint.parse(Note.parse(note).text)
    assert (found.size, found.root) == (10, root_of(leaf_hash(line.encode()) for line in lines))
    key = camfleet("ledger", "key", "--ledger", "ledger", folder=tmp_path).out.strip()
    again = camfleet("ledger", "key", "--new", "--ledger", "ledger", folder=tmp_path)
    assert (again.code, again.err) == (2, "ledger-key: there is a key; keep it, or move it away first\n")
    assert Note.parse(note).signers([VerifierKey.parse(key)])
    span = ("--since", "2026-09-21T14:13:22+00:00", "--until", "2026-09-21T14:13:24+00:00")
    assert camfleet("ledger", "export", "--ledger", "ledger", *span, folder=tmp_path).out.splitlines() == lines[2:4]
