"""Whoever alters a ledger is found by a checkpoint that somebody else kept: thousands of random single edits."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from depth import part
from peers.fleets import NOW, make_inventory, round_of

from monitor.core.audit import Audit, audit
from monitor.core.checkpoint import Checkpoint, Sealed, SigningKey
from monitor.core.event import Event, Heartbeat
from monitor.core.fleet import start, step
from monitor.core.leaf import Row
from monitor.core.merkle import Frontier, leaf_hash
from monitor.core.schedule import Rates
from monitor.ledger import audit as of_file
from monitor.ledger import file, keys, sealing, tree
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger

Rows = list[Row]
#: So many of a ledger's events are older than the checkpoint that is kept elsewhere.
KEPT = 30
FORGER = SigningKey("camfleet/forger", bytes(range(32)))


def written(path: Path) -> Sealed:
    """Write a small ledger whose checkpoint over the first events somebody keeps."""
    inventory = make_inventory(8)
    fleet, events = start(inventory, Rates()), list[Event]()
    for number in range(30):
        at = NOW + 20.0 * number
        faults = {f"d{n}": "dark" for n in range(8) if n % 3 == number // 4 % 3}
        fleet, fresh = step(fleet, round_of(inventory, at, faults), at)
        events += [*fresh, Heartbeat(at, "central", {"rtsp": number})]
    ledger = Ledger.open(path)
    ledger.append(events[:KEPT], {})
    ledger.seal(NOW)
    while ledger.sealed is None:
        assert ledger.unsealed is None
    kept = ledger.sealed
    ledger.append(events[KEPT : KEPT + 15], {})
    ledger.seal(NOW + 3600)
    assert ledger.close(60.0) == 0
    assert kept.size == KEPT
    return kept


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sealed]:
    path = tmp_path_factory.mktemp("edits") / "ledger"
    return path, written(path)


def flip(text: str, chance: random.Random) -> str:
    """Flip one bit of a text, which need not be one afterwards."""
    data = bytearray(text.encode(errors="surrogateescape"))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data.decode(errors="surrogateescape")


def altered_body(rows: Rows, chance: random.Random) -> None:
    place = chance.randrange(KEPT)
    rows[place] = rows[place]._replace(body=flip(rows[place].body, chance))


def altered_column(rows: Rows, chance: random.Random) -> None:
    place = chance.randrange(KEPT)
    name = chance.choice([name for name in Row._fields if name not in ("seq", "body")])
    value = getattr(rows[place], name)
    other = (flip(value, chance) if value else "x") if not isinstance(value, int | float) else value + 1
    rows[place] = rows[place]._replace(**{name: other})


def deleted(rows: Rows, chance: random.Random) -> None:
    del rows[chance.randrange(KEPT)]


def deleted_without_a_trace(rows: Rows, chance: random.Random) -> None:
    """Those behind it are numbered anew."""
    del rows[chance.randrange(KEPT)]
    rows[:] = [row._replace(seq=number) for number, row in enumerate(rows, 1)]


def swapped(rows: Rows, chance: random.Random) -> None:
    """Two events that are not the same change their places, and their numbers."""
    first, second = chance.sample(range(KEPT), 2)
    while rows[first].body == rows[second].body:
        first, second = chance.sample(range(KEPT), 2)
    rows[first], rows[second] = rows[second]._replace(seq=first + 1), rows[first]._replace(seq=second + 1)


def inserted(rows: Rows, chance: random.Random) -> None:
    place = chance.randrange(KEPT)
    rows.insert(place, rows[chance.randrange(len(rows))])
    rows[:] = [row._replace(seq=number) for number, row in enumerate(rows, 1)]


def truncated(rows: Rows, chance: random.Random) -> None:
    del rows[chance.randrange(KEPT) :]


EDITS: Sequence[Callable[[Rows, random.Random], None]] = (
    altered_body,
    altered_column,
    deleted,
    deleted_without_a_trace,
    swapped,
    inserted,
    truncated,
)


def forged(rows: Rows, kept: Sealed, own: Sequence[Sealed], everything: bool) -> Audit:
    """Audit rows with the checkpoint that is kept; ``everything``: tree and checkpoints were made anew to fit them."""
    if not everything:
        return audit(rows, [("kept", kept.note)], own)
    hashes = [leaf_hash(row.leaf) for row in rows]
    frontier = Frontier().extended(hashes)
    sizes = {min(sealed.size, frontier.size) for sealed in own}
    anew = [sealing.sign(Frontier().extended(hashes[:size]), FORGER, NOW) for size in sizes]
    return audit(rows, [("kept", kept.note)], anew, kept=frontier)


def try_edits(small: tuple[Path, Sealed], number: int, seed: int) -> None:
    path, kept = small
    chance = random.Random(seed)
    with closing(file.view(path)) as connection:
        rows, own = list(tree.rows(connection)), list(tree.checkpoints(connection))
    assert forged(rows, kept, own, False).is_whole
    for _ in range(number):
        edit, everything = chance.choice(EDITS), chance.random() < 0.5
        edited = list(rows)
        edit(edited, chance)
        found = forged(edited, kept, own, everything)
        assert not found.is_whole, (edit.__name__, edited)


def test_a_thousand_edits_are_found(small: tuple[Path, Sealed]) -> None:
    """Bits flipped, events deleted, inserted, swapped, cut off, with and without all made anew under another key."""
    try_edits(small, 1_000, 1)


@pytest.mark.soak
def test_ten_thousand_edits_are_found(small: tuple[Path, Sealed]) -> None:
    """The same, ten times as often."""
    try_edits(small, part(10_000), 2)


def test_a_ledger_that_is_signed_anew_is_found(small: tuple[Path, Sealed]) -> None:
    """Nothing altered, but another key under the ledger's checkpoints: the one that is kept names another signer."""
    path, kept = small
    with closing(file.view(path)) as connection:
        rows, own = list(tree.rows(connection)), list(tree.checkpoints(connection))
    (held,) = forged(rows, kept, own, True).held
    assert held.flaw == f"it is not signed by {FORGER.name}+{FORGER.verifier.id.hex()}"
    key = keys.load(path).verifier
    assert audit(rows, [("kept", kept.note)], own, [key]).is_whole
    found = audit(rows, [("kept", kept.note)], own, [FORGER.verifier])
    assert {one.flaw for one in (*found.held, *found.own)} == {held.flaw}
    lie = FORGER.sign(Checkpoint(key.name, KEPT, bytes(32)).text)
    assert not audit(rows, [("a lie", lie)], own, [key]).is_whole


@pytest.mark.parametrize("seed", range(60))
def test_bytes_of_the_file(small: tuple[Path, Sealed], tmp_path: Path, seed: int) -> None:
    """Any byte of the file altered: found, or no event is another; never a traceback."""
    path, kept = small
    copy, chance = tmp_path / "copy", random.Random(seed)
    shutil.copy(path, copy)
    with closing(file.view(path)) as connection:
        rows = list(tree.rows(connection))
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    copy.write_bytes(data)
    try:
        found = of_file.audit(copy, [("kept", kept.note)])
    except LedgerError:
        return
    if found.is_whole:
        with closing(file.view(copy)) as connection:
            assert list(tree.rows(connection)) == rows


@pytest.mark.parametrize(
    "statements",
    [
        "DROP TRIGGER events_are_never_changed; UPDATE events SET camera = 'other' WHERE seq = 7",
        "DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE seq > 12",
        "UPDATE tree SET size = 3",
        "UPDATE tree SET peaks = x'00'",
        "DELETE FROM tree",
        "DROP TABLE checkpoints",
        "ALTER TABLE events RENAME TO old; CREATE VIEW events AS SELECT * FROM old",
        "ALTER TABLE events ADD COLUMN more TEXT",
        "DROP TRIGGER checkpoints_are_never_changed; UPDATE checkpoints SET note = x'00' || note WHERE size = 30",
        "DROP TRIGGER checkpoints_are_never_changed; UPDATE checkpoints SET key = 'nobody'",
        "DROP TRIGGER checkpoints_are_never_changed; UPDATE checkpoints SET size = size + 1",
    ],
)
def test_a_file_that_was_made_to_deceive(small: tuple[Path, Sealed], tmp_path: Path, statements: str) -> None:
    """Tables, tree and checkpoints put in another state: each is a flaw, also without a checkpoint kept elsewhere."""
    copy = tmp_path / "copy"
    shutil.copy(small[0], copy)
    with closing(sqlite3.connect(copy)) as database:
        database.executescript(statements)
    assert not of_file.audit(copy).is_whole


def test_an_endless_view_is_never_read(small: tuple[Path, Sealed], tmp_path: Path) -> None:
    """A table of events that would yield rows for ever is not asked."""
    copy = tmp_path / "copy"
    shutil.copy(small[0], copy)
    with closing(sqlite3.connect(copy)) as database:
        database.executescript(
            "ALTER TABLE events RENAME TO old; CREATE VIEW events AS WITH RECURSIVE n(seq) AS"
            " (SELECT 1 UNION ALL SELECT seq + 1 FROM n) SELECT seq, 0.0 AS at, 'gap' AS kind, NULL AS camera,"
            " NULL AS device, '' AS vantage, '' AS source, 1 AS fence, '{}' AS body FROM n"
        )
    found = of_file.audit(copy)
    assert found.flaws == ["the table events is not as camfleet makes it"]
    assert found.walk.frontier.size == 0
