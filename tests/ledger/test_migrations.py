"""A ledger of an older camfleet becomes one of this, and back: whole, with every event as it was, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from peers.fleets import NOW

from monitor.core.event import RungEvent
from monitor.core.leaf import Row
from monitor.core.merkle import leaf_hash, root_of
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file, migrations, tree
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader

CHANGE = RungEvent(
    NOW, "c0", "central", Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "“no” video", NOW - 60.0, NOW - 20.0
)


def of_version(path: Path, version: int, events: int = 40) -> list[Row]:
    """Make a ledger of a schema, and return what stands in it."""
    ledger = Ledger.open(path)
    ledger.append([CHANGE] * events, {}, {"x": 1})
    assert ledger.close(10.0) == 0
    with closing(file.reopen(path)) as connection:
        migrations.migrate(connection, version)
        return list(tree.rows(connection))


def test_an_old_ledger_is_taken_up(tmp_path: Path) -> None:
    """A ledger of schema 1 that is opened for writing gets its tree, and goes on as if it had always had one."""
    path = tmp_path / "ledger"
    before = of_version(path, 1)
    with closing(sqlite3.connect(path)) as database:
        assert migrations.version_of(database) == 1
        assert database.execute(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('tree', 'checkpoints')"
        ).fetchone() == (0,)
    ledger = Ledger.open(path)
    assert ledger.restored.seq == 40
    ledger.append([CHANGE], {})
    assert ledger.close(10.0) == 0
    with closing(file.view(path)) as connection:
        assert migrations.version_of(connection) == migrations.VERSION == 2
        after = list(tree.rows(connection))
        assert after[:-1] == before
        frontier = tree.read(connection)
    assert (frontier.size, frontier.root) == (41, root_of(leaf_hash(row.leaf) for row in after))


def test_there_and_back_again(tmp_path: Path) -> None:
    """Down and up: the events are the same, the tree too."""
    path = tmp_path / "ledger"
    before = of_version(path, 2)
    with closing(file.reopen(path)) as connection:
        grown, schema = (
            tree.read(connection),
            connection.execute("SELECT sql FROM sqlite_schema ORDER BY name").fetchall(),
        )
        migrations.migrate(connection, 1)
        assert list(tree.rows(connection)) == before
        migrations.migrate(connection)
        assert tree.read(connection) == grown
        assert connection.execute("SELECT sql FROM sqlite_schema ORDER BY name").fetchall() == schema


def test_an_old_ledger_is_read_as_it_is(tmp_path: Path) -> None:
    """Whoever only reads changes nothing."""
    path = tmp_path / "ledger"
    of_version(path, 1)
    with Reader.open(path) as reader:
        assert len(reader.events()) == 40
    with closing(sqlite3.connect(path)) as database:
        assert migrations.version_of(database) == 1


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Something is in the way: the ledger stays what it was, and the next attempt goes through."""
    path = tmp_path / "ledger"
    before = of_version(path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE checkpoints (x)")  # the second table of the step
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrations.migrate(database)
        assert migrations.version_of(database) == 1
        assert database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'tree'").fetchone() == (0,)
        database.execute("DROP TABLE checkpoints")
        migrations.migrate(database)
        assert list(tree.rows(database)) == before
