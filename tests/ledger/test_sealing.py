"""Checkpoints of a ledger that is written: signed by its own key, over all that was handed over, kept in it."""

from __future__ import annotations

import stat
import time
from datetime import UTC
from pathlib import Path

import pytest
from peers.fleets import NOW

from monitor.core.audit_words import as_json, told
from monitor.core.checkpoint import Checkpoint, Note, SigningKey, VerifierKey
from monitor.core.event import Heartbeat
from monitor.core.times import Clock
from monitor.ledger import keys, sealing
from monitor.ledger.audit import audit
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger

BEAT = Heartbeat(NOW, "central", {})


def written(path: Path, *batches: int) -> Ledger:
    """Write batches of events, each sealed."""
    ledger = Ledger.open(path)
    for number, size in enumerate(batches):
        before = ledger.sealed
        ledger.append([BEAT] * size, {})
        ledger.seal(NOW + 3600.0 * number)
        end = time.monotonic() + 60
        while ledger.sealed is before and time.monotonic() < end:
            time.sleep(0.001)
    return ledger


def test_a_checkpoint_is_over_all_that_was_handed_over(tmp_path: Path) -> None:
    """Each is signed by the key beside the ledger, and agrees with its events; the last of an orderly end too."""
    path = tmp_path / "ledger"
    ledger = written(path, 3, 4)
    sizes = [ledger.sealed.size] if ledger.sealed else []
    ledger.append([BEAT], {})
    ledger.seal(NOW)
    assert ledger.close(60.0) == 0
    assert ledger.sealed is not None
    assert (sizes, ledger.sealed.size, ledger.unsealed) == ([7], 8, None)
    note = Note.parse(ledger.sealed.note)
    key = keys.load(path)
    assert note.signers([VerifierKey.parse(ledger.sealed.key)]) == [key.verifier]
    assert Checkpoint.parse(note.text).origin == key.name
    found = audit(path, [("held", ledger.sealed.note)], [key.verifier])
    assert found.is_whole
    assert [one.size for one in found.own] == [3, 7, 8]


def test_the_key_stays_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    """Made once, for its owner alone; the next run signs with the same."""
    path = tmp_path / "ledger"
    assert written(path, 1).close() == 0
    text = keys.path_of(path).read_text()
    assert stat.S_IMODE(keys.path_of(path).stat().st_mode) == 0o600
    ledger = written(path, 1)
    assert ledger.close(60.0) == 0
    assert ledger.sealed is not None
    assert ledger.sealed.key == str(SigningKey.parse(text.strip()).verifier)


def test_nothing_new_needs_no_second_checkpoint(tmp_path: Path) -> None:
    """Sealing twice over the same events gives the same checkpoint, and the next run knows it."""
    ledger = written(tmp_path / "ledger", 2)
    first = ledger.sealed
    ledger.seal(NOW + 7200)
    assert ledger.close(60.0) == 0
    again = Ledger.open(tmp_path / "ledger")
    assert first == ledger.sealed == again.sealed
    assert again.close() == 0


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (
            "PRIVATE+KEY+x+00000000+AAAA",
            0o600,
            "this is not a key: put the key back",
        ),
        ("", 0o640, "others can read or change the key: chmod 600 {path}"),
    ],
)
def test_a_key_that_cannot_be_used_is_loud_and_stops_nothing(tmp_path: Path, text: str, mode: int, words: str) -> None:
    """Events go on to the disk; why nothing is signed is told, and not what stands in the file."""
    path = tmp_path / "ledger"
    place = keys.path_of(path)
    place.write_text(text)
    place.chmod(mode)
    ledger = Ledger.open(path)
    ledger.append([BEAT], {})
    ledger.seal(NOW)
    assert ledger.close(60.0) == 0
    assert ledger.recorded_seq == 1
    assert ledger.sealed is None
    assert ledger.unsealed == f"{place}: {words.format(path=place)}"
    assert ledger.failing is None


def test_a_lost_key_is_replaced_by_a_person_only(tmp_path: Path) -> None:
    """Nothing is signed until it is back or another is made, which a verification tells; events go on to the disk."""
    path = tmp_path / "ledger"
    assert written(path, 2).close() == 0
    place = keys.path_of(path)
    place.rename(tmp_path / "kept")
    ledger = Ledger.open(path)
    ledger.append([BEAT], {})
    ledger.seal(NOW)
    assert ledger.close(60.0) == 0
    assert (ledger.recorded_seq, ledger.sealed and ledger.sealed.size, place.exists()) == (3, 2, False)
    assert ledger.unsealed == (
        f"{place}: the key that signed the checkpoints so far is gone: put it back, or make another: `camfleet ledger key --new`"
    )
    keys.make(path)
    with pytest.raises(LedgerError) as error:
        keys.make(path)
    assert str(error.value) == f"{place}: there is a key; keep it, or move it away first"
    assert written(path, 1, 1).close() == 0
    found = audit(path)
    assert found.is_whole
    assert [one.size for one in found.own] == [2, 4, 5]
    assert [one.size for one in found.renewals] == [4]
    assert (
        "The checkpoint over 4 events, 2026-09-21 14:13:20 UTC, is signed by another key than the one before it. Ask why."
        in told(found, "ledger", Clock(NOW, UTC))
    )
    assert as_json(found)["other_keys_since"] == [{"events": 4, "at": NOW}]


def test_a_checkpoint_on_demand_writes_nothing(tmp_path: Path) -> None:
    """Whoever has the key can sign how a ledger stands while it is written; before the first there is no key."""
    path = tmp_path / "ledger"
    ledger = written(path)
    with pytest.raises(LedgerError) as error:
        sealing.on_demand(path, NOW)
    assert str(error.value) == (f"{path}-key: there is no key; `camfleet run` makes one with the first checkpoint")
    ledger.append([BEAT] * 5, {})
    ledger.seal(NOW)
    ledger.append([BEAT] * 2, {})
    end = time.monotonic() + 60
    while (ledger.recorded_seq < 7 or not ledger.sealed) and time.monotonic() < end:
        time.sleep(0.001)
    sealed = sealing.on_demand(path, NOW)
    assert sealed.size == 7
    assert audit(path, [("mine", sealed.note)]).is_whole
    assert ledger.close(60.0) == 0
