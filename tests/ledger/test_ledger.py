"""What is handed over is on the disk, in order, and comes back at a restart."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from effort import prompt
from hypothesis import given, settings
from hypothesis import strategies as st
from peers.fleets import FAULTS, NOW, make_inventory, round_of

from monitor.core.event import ConfigEvent, DeviceEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.fleet import Fleet, facts, replay, start, step
from monitor.core.limits import Login
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.memory import Memory, from_json

CHANGE = RungEvent(NOW, "c0", "central", Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "", NOW - 60.0, NOW - 20.0)


def recorded(ledger: Ledger, seq: int, patience_s: float = 60.0) -> None:
    """Wait until the disk has an event."""
    until = time.monotonic() + patience_s
    while ledger.recorded_seq < seq:
        assert time.monotonic() < until, ledger.failing
        time.sleep(0.005)


@contextmanager
def opened(path: Path, capacity: int = 1000) -> Iterator[Ledger]:
    """Open a ledger and close it, all recorded."""
    ledger = Ledger.open(path, capacity=capacity)
    try:
        yield ledger
    finally:
        assert ledger.close(10.0) == 0


def read(path: Path) -> list[Event]:
    """Return all events of a ledger."""
    with Reader.open(path) as reader:
        return [event for _, event in reader.events()]


def course(rounds: int = 6) -> tuple[list[list[Event]], list[Fleet]]:
    """Return the events and the fleets of some rounds of probes, with counters that run."""
    inventory = make_inventory(6)
    fleet, steps, fleets = start(inventory, Rates()), [], []
    for n in range(rounds):
        faults = {"d0": "silent", "d1": "login", "d2": ("dark", "path")[n % 2], "d3": "hung"} if n > 1 else {}
        at = NOW + 20.0 * n
        fleet, events = step(fleet, round_of(inventory, at, faults), at)
        steps.append(events)
        fleets.append(fleet)
    return steps, fleets


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    """Events of every kind come back as they were, numbered from 1."""
    events: list[Event] = [
        ConfigEvent(NOW, "digest", 6, 0, 0),
        CHANGE,
        DeviceEvent(NOW, "d0", "login refused", "401 \ud800 \x1b[31m"),
        Heartbeat(NOW, "central", {"onvif": 3}),
        Gap(NOW, "", NOW - 60.0, NOW, 0, "why"),
    ]
    with opened(tmp_path / "ledger") as ledger:
        assert ledger.append(events[:2], {}) == 2
        assert ledger.append(events[2:], {}) == ledger.seq == 5
        recorded(ledger, 5)
        with Reader.open(tmp_path / "ledger") as reader:
            assert reader.events() == list(enumerate(events, 1))


def test_a_step_without_events_is_nothing_new(tmp_path: Path) -> None:
    """An empty step keeps the number, and the writer sleeps."""
    with opened(tmp_path / "ledger") as ledger:
        assert ledger.append([], {}) == 0
        assert ledger.append([CHANGE], {}) == 1


def test_a_restart_reads_rungs_counters_and_memory_back(tmp_path: Path) -> None:
    """Every rung with its counters, learnt facts and the login lock are the same after a restart."""
    path = tmp_path / "ledger"
    steps, fleets = course()
    assert any(health.pending or health.rival_count for rungs in fleets[-1].cameras.values() for health in rungs)
    memory = Memory(Login().refused(NOW, "p1"), scheme="digest", streams={"1": "/live?a=1&b=ü"})
    with opened(path) as ledger:
        assert ledger.restored.seq == 0
        for number, (events, fleet) in enumerate(zip(steps, fleets, strict=True)):
            heartbeat = [Heartbeat(fleet.at, "central", {})] if number == len(steps) - 1 else []
            remembered = {f"device/d{number}": memory.to_json()}
            ledger.append([*events, *heartbeat], fleet.cameras, remembered, fleet.standings)
        ledger.append([], fleets[-1].cameras, {"device/d0": None}, fleets[-1].standings)
    with opened(path) as ledger:
        restored = ledger.restored
        assert restored.cameras == fleets[-1].cameras
        assert restored.memory.keys() == {f"device/d{n}" for n in range(1, len(steps))}
        assert from_json(restored.memory["device/d1"]) == memory
        assert not from_json(restored.memory["device/d1"]).login.allowed(NOW + 1.0, "p1")
        assert restored.seq == sum(map(len, steps)) + 1
        assert restored.last_heartbeat == fleets[-1].at
        again = start(fleets[-1].inventory, Rates(), restored.cameras, restored.standings)
        assert (again.cameras, again.standings) == (fleets[-1].cameras, fleets[-1].standings)


def test_between_heartbeats_counters_are_kept_and_bare_moments_wait(tmp_path: Path) -> None:
    """A rung that is only seen again is not written anew; a streak that runs is, at once."""
    path = tmp_path / "ledger"
    inventory = make_inventory(2)
    fleet, events = step(start(inventory, Rates()), round_of(inventory, NOW, {}), NOW)
    with opened(path) as ledger:
        ledger.append(events, fleet.cameras)
        later, events = step(fleet, round_of(inventory, NOW + 20.0, {"d0": "dark"}), NOW + 20.0)
        assert events == []
        ledger.append(events, later.cameras)
    with Reader.open(path) as reader:
        cameras = reader.restore().cameras
    assert cameras["c0"] == later.cameras["c0"]
    assert cameras["c1"] == fleet.cameras["c1"] != later.cameras["c1"]


def test_numbers_and_the_fence_go_on_after_a_restart(tmp_path: Path) -> None:
    """Each event carries (source, seq, fence); the fence rises with every run that wrote."""
    path = tmp_path / "ledger"
    for _ in range(3):
        with opened(path) as ledger:
            ledger.append([CHANGE], {})
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT source, seq, fence FROM events ORDER BY seq").fetchall()
    database.close()
    assert rows == [("central", 1, 1), ("central", 2, 2), ("central", 3, 3)]


def test_the_time_since_the_last_heartbeat_is_a_gap(tmp_path: Path) -> None:
    """A restart tells, for each vantage, from when to when nobody looked; the first start tells nothing."""
    path = tmp_path / "ledger"
    with opened(path) as ledger:
        assert ledger.restored.gaps(NOW) == []
        ledger.append(
            [Heartbeat(NOW, "central", {}), Heartbeat(NOW + 5.0, "pier", {}), Heartbeat(NOW + 60.0, "central", {})], {}
        )
    with opened(path) as ledger:
        why = "the monitor was not running"
        assert ledger.restored.gaps(NOW + 100.0) == [
            Gap(NOW + 100.0, "central", NOW + 60.0, NOW + 100.0, 0, why),
            Gap(NOW + 100.0, "pier", NOW + 5.0, NOW + 100.0, 0, why),
        ]
        assert ledger.restored.gaps(NOW + 50.0)[0] == Gap(NOW + 50.0, "central", NOW + 50.0, NOW + 50.0, 0, why)


def test_events_are_selected(tmp_path: Path) -> None:
    """By camera and device (with the gaps, which are about all), by kind, by time; of many the newest."""
    other = CHANGE._replace(camera="c1", at=NOW + 10.0)
    device = DeviceEvent(NOW + 20.0, "d0", "reboot", "")
    gap = Gap(NOW + 30.0, "", NOW, NOW + 30.0, 0, "why")
    config = ConfigEvent(NOW + 40.0, "digest", 1, 0, 0)
    path = tmp_path / "ledger"
    with opened(path) as ledger:
        ledger.append([CHANGE, other, device, gap, config], {})
    with Reader.open(path) as reader:

        def select(**by: object) -> list[Event]:
            return [event for _, event in reader.events(**by)]  # type: ignore[arg-type]

        assert select(camera="c0") == [CHANGE, gap]
        assert select(camera="c0", device="d0") == [CHANGE, device, gap]
        assert select(kind="config") == [config]
        assert select(since=NOW + 10.0, until=NOW + 30.0) == [other, device]
        assert select(limit=2) == [gap, config]
        assert select(camera="c0", limit=1) == [gap]
        assert select(camera="no such") == [gap]


def test_a_camera_that_left_is_forgotten_and_the_ledger_says_when(tmp_path: Path) -> None:
    """Its rungs go with the event of the inventory that has it no more; what happened to it stays."""
    path = tmp_path / "ledger"
    steps, fleets = course(1)
    rungs = dict(fleets[-1].cameras)
    with opened(path) as ledger:
        ledger.append([ConfigEvent(NOW, "one", 6, 0, 0, tuple(rungs)), *steps[0]], rungs)
        del rungs["c1"]
        ledger.append([ConfigEvent(NOW + 60.0, "other", 0, 1, 0, (), ("c1",))], rungs)
        ledger.append([ConfigEvent(NOW + 90.0, "third", 0, 0, 1)], rungs)
    with Reader.open(path) as reader:
        assert reader.restore().cameras.keys() == rungs.keys()
        assert (reader.left_at("c0"), reader.left_at("c1")) == (None, NOW + 60.0)
        assert len(reader.events(camera="c1")) > 0


def test_a_reader_reads_while_the_monitor_writes(tmp_path: Path) -> None:
    """An open reader, in the middle of a transaction of its own, neither waits for the writer nor stops it."""
    path = tmp_path / "ledger"
    with opened(path) as ledger:
        recorded(ledger, ledger.append([CHANGE], {}))
        with Reader.open(path) as reader:
            assert len(reader.events()) == 1
            reader._connection.execute("BEGIN")
            reader.events()
            recorded(ledger, ledger.append([CHANGE], {}))
            assert len(reader.events()) == 1
            reader._connection.execute("COMMIT")
            assert len(reader.events()) == 2


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Two monitors never write one ledger; when the first has ended the second may."""
    path = tmp_path / "ledger"
    with opened(path):
        with pytest.raises(LedgerError) as error:
            Ledger.open(path)
        assert str(error.value) == f"{path}: another camfleet writes this ledger; stop it, or name another file"
    with opened(path):
        pass


def test_each_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """The file is written ahead (WAL), and a commit returns after an fsync (FULL)."""
    with opened(tmp_path / "ledger"):
        pass
    connection = file.reopen(tmp_path / "ledger")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize("change", ["UPDATE events SET at = 0", "DELETE FROM events"])
def test_events_are_never_changed(tmp_path: Path, change: str) -> None:
    """Another program that opens the file cannot change or delete an event by an ordinary statement."""
    path = tmp_path / "ledger"
    with opened(path) as ledger:
        ledger.append([CHANGE], {})
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        database.execute(change)
    database.close()
    assert read(path) == [CHANGE]


def test_a_ledger_that_is_closed_late_lets_go_of_its_file(tmp_path: Path) -> None:
    """Whoever closes waits no longer than he says; the file is free for the next once the last is written."""
    path = tmp_path / "ledger"
    ledger = Ledger.open(path)
    recorded(ledger, ledger.append([CHANGE], {}))
    with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        ledger.append([CHANGE], {})
        assert ledger.close(0.1) == 1
        with pytest.raises(LedgerError, match="another camfleet writes this ledger"):
            Ledger.open(path)
        blocker.execute("ROLLBACK")
    until = time.monotonic() + 60.0
    while True:
        try:
            again = Ledger.open(path)
        except LedgerError:
            assert time.monotonic() < until, "it is never let go"
            time.sleep(0.05)
        else:
            break
    assert again.close(10.0) == 0
    assert read(path) == [CHANGE, CHANGE]


def test_append_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """While another process holds the file, append returns at once and the events are recorded afterwards."""
    path = tmp_path / "ledger"
    with opened(path) as ledger:
        recorded(ledger, ledger.append([CHANGE], {}))
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        began = time.perf_counter()
        seq = ledger.append([CHANGE] * 100, {})
        assert prompt(time.perf_counter() - began, 1.0)  # one that waits gives up after 5 s
        time.sleep(0.1)
        assert ledger.recorded_seq == 1
        blocker.execute("ROLLBACK")
        blocker.close()
        recorded(ledger, seq)


STEP = st.tuples(
    st.dictionaries(st.sampled_from([f"d{n}" for n in range(4)]), st.sampled_from(sorted(FAULTS))),
    st.sets(st.sampled_from([f"d{n}" for n in range(4)])),
    st.sampled_from([5.0, 15.0, 60.0, 1000.0, 8000.0]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=15), st.integers(2, 400))
def test_replaying_the_ledger_gives_the_fleet(
    steps: list[tuple[dict[str, str], set[str], float]], capacity: int
) -> None:
    """Whatever the probes find, and however much overflows, the ledger's events alone give the fleet's facts."""
    inventory = make_inventory(4)
    fleet, at = start(inventory, Rates()), NOW
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        with opened(path, capacity) as ledger:
            blocker = sqlite3.connect(path, isolation_level=None)
            blocker.execute("BEGIN IMMEDIATE")
            for faults, unseen, wait_s in steps:
                at += wait_s
                fleet, events = step(fleet, round_of(inventory, at, faults, unseen), at)
                ledger.append(events, fleet.cameras)
            ledger.append([Heartbeat(at, "central", {})], fleet.cameras)
            blocker.execute("ROLLBACK")
            blocker.close()
        again = replay(read(path), inventory, Rates())
        assert facts(again.cameras) == facts(fleet.cameras)
        assert [standing.state for standing in again.standings.values()] == [
            standing.state for standing in fleet.standings.values()
        ]
        with Reader.open(path) as reader:
            assert reader.restore().cameras == fleet.cameras
