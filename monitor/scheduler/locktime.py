"""The time that login locks and budgets live by: no step of the wall clock makes a device be asked sooner.

Rules:
1. It is the wall clock as it stood when this began, counted on by the machine's own clock since its boot, which nobody
   sets and which goes on while the machine sleeps.
2. A process that starts within the same boot goes on with it, exactly, whatever became of the wall clock meanwhile.
3. After another boot only the wall clock says how long the machine was off, and it may have been set. So refused logins
   of before count as of now for what keeps an account open: where two were refused, none is tried for half an hour. The
   longer waits, and when a login worked, go by the wall clock; moments to come are moved back to now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core.locktime import KEY, LockTime, restored
from monitor.ledger.logins import DEVICE
from monitor.probes.base import Clocks
from monitor.probes.memory import from_json
from monitor.scheduler import budget

#: A wall clock that is nearer to it than this was not set.
SET_S = 1.0


def taken_up(stored: Mapping[str, Any], clocks: Clocks) -> tuple[LockTime, dict[str, Any]]:
    """Return the time of locks for a process that starts, and what changes by that in what its ledger keeps."""
    boot, wall, monotonic = clocks.boot(), clocks.wall(), clocks.monotonic()
    before = restored(stored)
    if before is not None and boot and before.boot == boot:
        now = before._replace(set_s=wall - monotonic - before.ahead_s)
        return now, {KEY: now.to_json()}
    now = LockTime(boot, wall - monotonic)
    moved_s = before.set_s if before is not None else 0.0
    changed = {key: _carried(key, value, moved_s, wall) for key, value in stored.items() if _is_dated(key, value)}
    return now, {KEY: now.to_json(), **changed}


def _is_dated(key: str, value: object) -> bool:
    return isinstance(value, dict) and key.startswith((DEVICE, budget.PREFIX))


def _carried(key: str, value: dict[str, Any], moved_s: float, now: float) -> dict[str, Any]:
    """Return what a ledger keeps of a device as it holds after another boot."""
    if key.startswith(DEVICE):
        return from_json(value).after_another_boot(moved_s, now).to_json()
    buckets = budget.from_json(value, now, -moved_s)
    return value if buckets is None else budget.to_json(buckets)
