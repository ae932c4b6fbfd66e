"""Walks of an SNMP agent's objects by GETNEXT: several at once, a step of each with every request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.probes.base import Talk
from monitor.probes.snmp_session import Session
from monitor.wire.snmp import Scalar

#: Objects that one walk may find; a device that goes on for ever is left alone after these.
MOST_WALKED = 32
#: Objects that are asked for at once: the reply fits a datagram.
MOST_AT_ONCE = 16


class Walk:
    """The objects below a root, a bounded number of them, each behind the last, until one is what is looked for."""

    def __init__(self, root: str, most: int = MOST_WALKED, until: Callable[[Scalar], bool] | None = None) -> None:
        self._root = root
        self._most = most
        self._until = until
        self.found: list[tuple[str, Scalar]] = []
        self.arrived = False
        self.over = False

    @property
    def at(self) -> str:
        """The object behind which it goes on."""
        return self.found[-1][0] if self.found else self._root

    def take(self, row: tuple[str, Scalar] | None) -> None:
        """Take the object behind the last one; None where there is none."""
        if row is None or not row[0].startswith(self._root + ".") or _place(row[0]) <= _place(self.at):
            self.over = True
            return
        self.found.append(row)
        self.arrived = self._until is not None and self._until(row[1])
        self.over = self.arrived or len(self.found) >= self._most


async def go(talk: Talk, session: Session, walks: Sequence[Walk]) -> None:
    """Go on with all walks at once, a step of each with a request. An empty walk is no error."""
    roots, width = [walk.at for walk in walks], MOST_AT_ONCE
    try:
        while left := [walk for walk in walks if not walk.over][:width]:
            talk.put()
            rows = await session.next([walk.at for walk in left])
            if not rows:
                width = 1  # who refuses them all together is asked one by one
            for walk in left:
                if walk.at in rows:
                    walk.take(rows[walk.at])
    finally:
        talk.say(True, "GETNEXT below " + " ".join(roots))
        talk.say(False, f"{sum(len(walk.found) for walk in walks)} objects")


def _place(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
