"""Crashes, full disks and damaged files: nothing acknowledged is lost, nothing lost is hidden."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from effort import prompt
from peers.fleets import NOW, make_inventory

from monitor.core.event import Gap, Heartbeat, RungEvent
from monitor.core.fleet import facts, replay
from monitor.core.merkle import Frontier, leaf_hash
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file, tree
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.ledger.migrations import VERSION
from monitor.ledger.reader import Reader

CHILD = Path(__file__).with_name("child.py")
CHANGE = RungEvent(NOW, "c0", "central", Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "x" * 300, NOW - 60.0, NOW - 20.0)


def child(mode: str, path: Path) -> subprocess.Popen[str]:
    """Start the program that writes a ledger."""
    environment = {**os.environ, "PYTHONPATH": str(CHILD.parents[1])}
    return subprocess.Popen(
        [sys.executable, str(CHILD), mode, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )


def filled(path: Path, events: int = 400) -> Path:
    """Make a ledger of some pages, cleanly closed."""
    ledger = Ledger.open(path)
    ledger.append([CHANGE] * events, {})
    assert ledger.close(10.0) == 0
    return path


def until(condition: Callable[[], object], patience_s: float = 60.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def assert_the_tree_fits(path: Path) -> None:
    """The hash tree that the ledger keeps is over the events that stand in it, and no other."""
    with closing(file.view(path)) as connection:
        assert tree.read(connection) == Frontier().extended(leaf_hash(row.leaf) for row in tree.rows(connection))


def assert_nothing_is_lost(path: Path, acknowledged: int) -> None:
    """All that was called recorded is there, no step is split, rungs fit the events, and the tree fits them, too."""
    ledger = Ledger.open(path)
    restored = ledger.restored
    ledger.append([CHANGE], {})
    assert ledger.close(10.0) == 0
    assert restored.seq >= acknowledged > 0
    with Reader.open(path) as reader:
        numbered = reader.events()
    assert [seq for seq, _ in numbered] == list(range(1, restored.seq + 2))
    events = [event for _, event in numbered[:-1]]
    assert isinstance(events[-1], Heartbeat)
    assert events[-1].at == NOW + 20.0 * restored.memory["turn"]
    assert facts(replay(events, make_inventory(30), Rates()).cameras) == facts(restored.cameras)
    assert_the_tree_fits(path)


@pytest.mark.parametrize("attempt", range(6))
def test_a_killed_monitor_loses_nothing_acknowledged(tmp_path: Path, attempt: int) -> None:
    """After kill -9 at any moment all that was called recorded is there, no step is split, and rungs fit the events."""
    path = tmp_path / "ledger"
    process = child("steady", path)
    assert process.stdout is not None
    try:
        acknowledged = [int(process.stdout.readline()) for _ in range(5)][-1]
        time.sleep(random.Random(attempt).uniform(0.0, 0.08))
    finally:
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
    assert_nothing_is_lost(path, max([acknowledged, *map(int, rest.split("\n")[:-1])]))


def test_a_full_disk_is_loud_and_passes(tmp_path: Path) -> None:
    """While the disk takes nothing the monitor goes on and says so; then it records all, with a gap for the lost."""
    path = tmp_path / "ledger"
    process = child("full", path)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    first, during, caught_up, after = out.splitlines()
    behind, failing, errors, quick = during.split("|")
    assert int(first) > 0
    assert (behind, errors, quick) == ("True", "True", "True")
    assert failing in (f"{path}: disk I/O error", f"{path}: database or disk is full")
    assert after == "True|None|0"
    with Reader.open(path) as reader:
        events, restored = [event for _, event in reader.events()], reader.restore()
    assert restored.seq == int(caught_up)
    assert sum(event.lost for event in events if isinstance(event, Gap)) == restored.seq - len(events) > 0
    assert facts(replay(events, make_inventory(30), Rates()).cameras) == facts(restored.cameras)
    assert_the_tree_fits(path)


@pytest.mark.parametrize("events", [0, 3])
def test_a_disk_that_is_full_at_the_start(tmp_path: Path, events: int) -> None:
    """A monitor that finds no space for its ledger watches all the same, knows what it knew, and catches up."""
    path = filled(tmp_path / "ledger", events) if events else tmp_path / "ledger"
    process = child("starved", path)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    during, caught_up, after = out.splitlines()
    assert during == f"{events}|{events}|{path}: disk I/O error"
    assert int(caught_up) > events
    assert after == f"{caught_up}|None|0"
    with Reader.open(path) as reader:
        assert [seq for seq, _ in reader.events()] == list(range(1, int(caught_up) + 1))


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    """The file of a newer camfleet is left alone, with both versions named."""
    path = filled(tmp_path / "ledger")
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    for attempt in (Ledger.open, Reader.open):
        with pytest.raises(LedgerError) as error:
            attempt(path)
        assert str(error.value) == (
            f"{path}: this ledger has schema {VERSION + 1}, written by a newer camfleet; this one knows schema"
            f" {VERSION}. Run the newer camfleet, or start a new ledger"
        )


def test_a_database_of_others_is_refused(tmp_path: Path) -> None:
    """A SQLite file that is no ledger is neither read nor written."""
    path = tmp_path / "other.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (x)")
    database.close()
    before = path.read_bytes()
    for attempt in (Ledger.open, Reader.open):
        with pytest.raises(LedgerError) as error:
            attempt(path)
        assert str(error.value) == f"{path}: this is not a camfleet ledger"
    assert path.read_bytes() == before


def test_no_database_at_all(tmp_path: Path) -> None:
    """A text file is called what it is, and what to do."""
    path = tmp_path / "ledger"
    path.write_text("cameras:\n" * 1000)
    for attempt in (Ledger.open, Reader.open):
        with pytest.raises(LedgerError) as error:
            attempt(path)
        assert str(error.value) == (
            f"{path}: the ledger is damaged (file is not a database). Keep the file: `sqlite3 ledger .recover` can"
            " read what is left. Restore a copy, or move it away to start a new ledger"
        )


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_page_is_found_at_the_start(tmp_path: Path, seed: int) -> None:
    """A page overwritten with noise in the middle of the file: opening names the file and the way out."""
    path = filled(tmp_path / "ledger", 2000)
    pages = path.stat().st_size // 4096
    noise = random.Random(seed)
    with path.open("r+b") as spoilt:
        spoilt.seek(4096 * noise.randrange(10, pages - 10))
        spoilt.write(noise.randbytes(4096))
    with pytest.raises(LedgerError, match=r"ledger: the ledger is damaged \(.*\)\. Keep the file:"):
        Ledger.open(path)


def test_a_file_cut_off(tmp_path: Path) -> None:
    """Half a ledger is damaged, not shorter."""
    path = filled(tmp_path / "ledger", 2000)
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(LedgerError, match=r"the ledger is damaged"):
        Ledger.open(path)


def test_a_write_ahead_log_cut_off(tmp_path: Path) -> None:
    """A log torn in the middle of a commit, as a power cut leaves it, costs that commit and those after it, no more."""
    path, torn = tmp_path / "ledger", tmp_path / "torn"
    ledger = Ledger.open(path)
    sizes = []
    for _ in range(5):
        seq = ledger.append([CHANGE] * 20, {})
        until(lambda seq=seq: ledger.recorded_seq == seq)  # type: ignore[misc]
        sizes.append(Path(f"{path}-wal").stat().st_size)
    shutil.copy(path, torn)
    shutil.copy(f"{path}-wal", f"{torn}-wal")
    assert ledger.close(60.0) == 0
    os.truncate(f"{torn}-wal", (sizes[2] + sizes[3]) // 2)
    ledger = Ledger.open(torn)
    assert ledger.restored.seq == 60
    ledger.append([CHANGE], {})
    assert ledger.close(60.0) == 0
    assert_the_tree_fits(torn)
    with Reader.open(torn) as reader:
        assert [seq for seq, _ in reader.events()] == list(range(1, 62))


def test_a_body_that_cannot_be_read(tmp_path: Path) -> None:
    """Memory that another hand has spoilt is damage, not a traceback."""
    path = filled(tmp_path / "ledger")
    database = sqlite3.connect(path)
    with database:
        database.execute("INSERT INTO rungs VALUES ('c0', '{\"media\":7}')")
    database.close()
    with pytest.raises(LedgerError, match=r"the ledger is damaged \(no rung: "):
        Ledger.open(path)


def test_no_ledger_to_read(tmp_path: Path) -> None:
    """Reading where there is nothing says what would make it."""
    with pytest.raises(LedgerError) as error:
        Reader.open(tmp_path / "ledger")
    assert str(error.value) == f"{tmp_path / 'ledger'}: there is no ledger here; `camfleet run` makes one"


def test_no_folder_to_write_in(tmp_path: Path) -> None:
    """A ledger in a folder that does not exist is refused, and the folder named."""
    path = tmp_path / "missing" / "ledger"
    with pytest.raises(LedgerError) as error:
        Ledger.open(path)
    assert str(error.value) == f"{path}: the ledger cannot be opened: the folder {path.parent} does not exist"


def test_no_permission_to_write(tmp_path: Path) -> None:
    """A ledger that is not ours to write, or in a folder that is not, is refused at once."""
    path, other = filled(tmp_path / "ledger", 1), tmp_path / "other"
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(LedgerError) as error:
        Ledger.open(path)
    assert str(error.value) == f"{path}: the ledger cannot be opened: no permission to write {path}"
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(LedgerError) as error:
            Ledger.open(other)
        assert str(error.value) == f"{other}: the ledger cannot be opened: no permission to write {tmp_path}"
    finally:
        tmp_path.chmod(0o700)


def test_a_ledger_that_is_deleted_under_the_monitor(tmp_path: Path) -> None:
    """Nothing goes to a file that nobody can find: writing stops loudly, and goes on when the file is back."""
    path, away = tmp_path / "ledger", tmp_path / "away"
    ledger = Ledger.open(path)
    recorded = ledger.append([CHANGE], {})
    until(lambda: ledger.recorded_seq == recorded)
    path.rename(away)
    seq = ledger.append([CHANGE], {})
    until(lambda: ledger.failing)
    with Reader.open(away) as reader:
        assert len(reader.events()) == 2
    assert ledger.failing == f"{path}: the ledger was moved or replaced while it was written; put it back"
    assert ledger.recorded_seq == recorded
    assert not path.exists()
    away.rename(path)
    until(lambda: ledger.recorded_seq == seq)
    assert ledger.failing is None
    assert ledger.close(60.0) == 0


def test_another_ledger_in_its_place(tmp_path: Path) -> None:
    """A file put in the ledger's place while it is written is left alone, and is whole afterwards."""
    path, other = tmp_path / "ledger", filled(tmp_path / "other", 1)
    ledger = Ledger.open(path)
    seq = ledger.append([CHANGE] * 5, {})
    until(lambda: ledger.recorded_seq == seq)
    os.replace(other, path)
    ledger.append([CHANGE], {})
    until(lambda: ledger.failing)
    assert ledger.failing == f"{path}: the ledger was moved or replaced while it was written; put it back"
    assert ledger.recorded_seq == 5
    assert ledger.close(60.0) == 1
    with Reader.open(path) as reader:
        reader.check()
        assert reader.events() == [(1, CHANGE)]


def test_closing_a_ledger_that_fails(tmp_path: Path) -> None:
    """A monitor that ends while the disk fails ends in time, and says how many events are not recorded."""
    path = tmp_path / "ledger"
    ledger = Ledger.open(path)
    ledger.append([CHANGE], {})
    until(lambda: ledger.recorded_seq == 1)
    path.unlink()
    ledger.append([CHANGE] * 7, {})
    until(lambda: ledger.failing)
    began = time.monotonic()
    assert ledger.close() == 7
    assert prompt(time.monotonic() - began, 2.0)


def test_a_reader_of_a_copy_that_cannot_be_written(tmp_path: Path) -> None:
    """A closed ledger is read from a folder in which nothing can be made, as from an archive."""
    path = filled(tmp_path / "ledger", 3)
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        with Reader.open(path) as reader:
            assert len(reader.events()) == 3
    finally:
        tmp_path.chmod(0o700)
