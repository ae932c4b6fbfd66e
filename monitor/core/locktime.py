"""How the time that login locks live by stands to the machine's clocks, as the ledger keeps it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

#: Under which the ledger's memory keeps it.
KEY = "clock"


class LockTime(NamedTuple):
    """How the time of locks stands to the machine's clocks (``scheduler.locktime``)."""

    boot: str
    """Of which boot of the machine this is told; "": nobody knows."""
    ahead_s: float
    """By how much it is ahead of the clock since the boot."""
    set_s: float = 0.0
    """By how much the wall clock is ahead of it: as it was set since."""

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


def restored(stored: Mapping[str, Any]) -> LockTime | None:
    """Return the time of locks as a ledger keeps it; None where it does not."""
    try:
        value = stored[KEY]
        return LockTime(str(value["boot"]), float(value["ahead_s"]), float(value["set_s"]))
    except (KeyError, TypeError, ValueError):
        return None
