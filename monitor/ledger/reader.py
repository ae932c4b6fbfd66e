"""Reading a ledger: its events, and what a restart takes up again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.core.checkpoint import Sealed
from monitor.core.event import ConfigEvent, Event, Gap
from monitor.core.health import Rungs
from monitor.core.state import Standing
from monitor.ledger import file, tree
from monitor.ledger.codec import Json, decode_event, decode_known
from monitor.ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Restored:
    """What an earlier run left behind."""

    cameras: Mapping[str, Rungs] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    memory: Mapping[str, Json] = field(default_factory=dict)
    heartbeats: Mapping[str, float] = field(default_factory=dict)
    """The newest heartbeat of each vantage."""
    seq: int = 0
    fence: int = 0
    is_watched: bool = False
    """Whether a monitor ever wrote this ledger: a look by itself leaves nothing but what it did to a device."""

    @property
    def last_heartbeat(self) -> float | None:
        return max(self.heartbeats.values(), default=None)

    def gaps(self, now: float) -> list[Gap]:
        """Return what a start has to add to the ledger: since its last heartbeat no vantage was looked from."""
        why = "the monitor was not running"
        return [Gap(now, vantage, min(at, now), now, 0, why) for vantage, at in sorted(self.heartbeats.items())]


#: Where a ledger's memory says under which address a running monitor answers; gone when it ends.
LISTEN = "listen"
_OR_A_GAP = " OR (kind = 'gap' AND camera IS NULL AND device IS NULL)"


class Reader:
    """A ledger to read from, also while a monitor writes it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Reader:
        """Open the ledger in a file; LedgerError if there is none or it cannot be read."""
        return cls(file.view(path), path)

    @classmethod
    def of_fleet(cls, path: Path) -> Reader:
        """Open a ledger that a monitor has written; LedgerError where none ever did, or it cannot be read."""
        reader = cls.open(path)
        if not reader.is_watched():
            reader.close()
            raise LedgerError(
                f"{path}: no monitor has ever written this ledger, so it knows nothing of a fleet."
                " Name the monitor's: --ledger PATH."
            )
        return reader

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def events(
        self,
        camera: str | None = None,
        device: str | None = None,
        kind: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> list[tuple[int, Event]]:
        """Return events with their numbers, oldest first; of more than ``limit`` the newest.

        ``camera`` and ``device`` select the events about either, and the gaps, which are about all;
        ``since`` <= at < ``until``.
        """
        about = [(name, value) for name, value in (("camera", camera), ("device", device)) if value is not None]
        within = [
            (condition, value)
            for condition, value in (("kind = ?", kind), ("at >= ?", since), ("at < ?", until))
            if value is not None
        ]
        where = [condition for condition, _ in within]
        if about:
            where.insert(0, "(" + " OR ".join(f"{name} = ?" for name, _ in about) + _OR_A_GAP + ")")
        values: list[Any] = [value for _, value in (*about, *within)]
        return self.select(" AND ".join(where) or "TRUE", values, -1 if limit is None else limit)

    def select(self, where: str, values: Sequence[Any] = (), newest: int = -1) -> list[tuple[int, Event]]:
        """Return the events that meet a condition of SQL with their numbers, oldest first; or some of the newest."""
        with self._sense():
            query = f"SELECT seq, kind, body FROM events WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - our words
            rows = self._connection.execute(query, (*values, newest)).fetchall()
            return [(seq, decode_event(kind, body)) for seq, kind, body in reversed(rows)]

    def restore(self) -> Restored:
        """Return what a restart takes up again."""
        with self._sense():
            self._connection.execute("BEGIN")
            try:
                return self._restore()
            finally:
                self._connection.execute("COMMIT")

    def _restore(self) -> Restored:
        query = self._connection.execute
        newest = query("SELECT seq, fence FROM events ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0)
        heartbeats = {
            vantage: at
            for vantage, at, _ in query(
                "SELECT vantage, at, max(seq) FROM events WHERE kind = 'heartbeat'"
                " AND camera IS NULL AND device IS NULL GROUP BY vantage"
            )
        }
        known = {camera: decode_known(body) for camera, body in query("SELECT camera, body FROM rungs")}
        cameras = {camera: of_camera.rungs for camera, of_camera in known.items()}
        standings = {camera: standing for camera, (_, standing) in known.items() if standing is not None}
        memory = {key: json.loads(value) for key, value in query("SELECT key, value FROM memory")}
        seq, fence = newest
        return Restored(cameras, standings, memory, heartbeats, seq, fence, self.is_watched())

    def is_watched(self) -> bool:
        """Say whether a monitor ever wrote it, by anything that is more than about a device."""
        with self._sense():
            found = self._connection.execute("SELECT 1 FROM events WHERE kind != 'device' LIMIT 1").fetchone()
        return found is not None

    def first_at(self) -> float | None:
        """Return when the ledger begins; None where nothing stands in it."""
        with self._sense():
            row = self._connection.execute("SELECT at FROM events ORDER BY seq LIMIT 1").fetchone()
        return row[0] if row else None

    def looked_at(self, at: float) -> float | None:
        """Return when the last heartbeat until a moment was, of any vantage."""
        newest = self.select("kind = 'heartbeat' AND camera IS NULL AND device IS NULL AND at <= ?", (at,), newest=1)
        return newest[0][1].at if newest else None

    def left_at(self, camera: str) -> float | None:
        """Return when an inventory came into force that has a camera no more; None where none says so."""
        query = (
            "SELECT kind, body FROM events WHERE kind = 'config' AND camera IS NULL AND device IS NULL"
            " ORDER BY seq DESC"
        )
        with self._sense():
            for kind, body in self._connection.execute(query):
                event = decode_event(kind, body)
                if isinstance(event, ConfigEvent) and camera in event.left:
                    return event.at
        return None

    def checkpoints(self, newest: int) -> list[Sealed]:
        """Return so many of the newest checkpoints, the newest first."""
        with self._sense():
            return list(tree.checkpoints(self._connection, newest))

    def check(self) -> None:
        """Read the whole file and raise LedgerError if any page is damaged."""
        with self._sense():
            for (finding,) in self._connection.execute("PRAGMA quick_check(1)"):
                if finding != "ok":
                    raise ValueError(finding.splitlines()[-1])

    @contextmanager
    def _sense(self) -> Iterator[None]:
        """Turn what cannot be read into a sentence."""
        try:
            yield
        except (sqlite3.DatabaseError, ValueError) as error:
            raise file.damaged(self._path, error) from error
