"""The lives of all cameras, read from a ledger: of its events about rungs only those that tell of first and last."""

from __future__ import annotations

from monitor.core.asset_life import PINNED, REPLACED, Lives, lives
from monitor.core.verdict import Rung
from monitor.ledger.reader import Reader, Restored

_OF_INTEREST = (Rung.REACHABLE.label, Rung.MEDIA.label)
#: Every change of a row and of who a device is; of each camera's rungs the first that was good, and the newest.
_TELLING = (
    "kind = 'asset'"
    " OR (kind = 'device' AND json_extract(body, '$.what') IN (?, ?))"
    " OR seq IN (SELECT min(seq) FROM events WHERE kind = 'rung' AND json_extract(body, '$.outcome') = 'ok'"
    " AND json_extract(body, '$.rung') IN (?, ?) GROUP BY camera, json_extract(body, '$.rung'))"
    " OR seq IN (SELECT max(seq) FROM events WHERE kind = 'rung' AND json_extract(body, '$.rung') = ? GROUP BY camera)"
)


def read(reader: Reader, restored: Restored) -> Lives:
    """Return the life of every camera that was ever listed. Raises LedgerError."""
    told = reader.select(_TELLING, (PINNED, REPLACED, *_OF_INTEREST, Rung.REACHABLE.label))
    return lives(told, restored.cameras)
