"""Which cameras' rungs are worth writing now: what led to their state changed, or a heartbeat has all moments written.

A camera's rungs are a thousand bytes. Those of a hundred thousand at once would keep the ledger's thread from anything
else for seconds: who was merely seen again has a turn in the steps after a heartbeat, or in the last step of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import ConfigEvent, Event, Heartbeat
from monitor.core.health import RungHealth, Rungs
from monitor.core.revision import put_since
from monitor.core.state import Standing
from monitor.ledger.codec import Known
from monitor.ledger.turns import Turns

#: What of a rung leads to its next state; the moments at which it was merely seen again do not.
_TELLING = ("outcome", "reason", "after", "by", "failures", "successes", "streak_from", "busy", "rival", "rival_count")
_telling = itemgetter(*map(RungHealth._fields.index, _TELLING))


class Written:
    """What of each step is to be written now, by what was written and seen before."""

    def __init__(self) -> None:
        self._before: Mapping[str, Rungs] = {}
        self._seen: set[str] = set()
        """The cameras that were seen again, and found the same, since they were written."""
        self._turns = Turns()

    def changes(
        self,
        events: Sequence[Event],
        cameras: Mapping[str, Rungs],
        standings: Mapping[str, Standing],
        is_last: bool = False,
    ) -> dict[str, Known | None]:
        """Return what is to be written with these events; None for a camera that one of them says has left.

        ``is_last``: no further step follows.
        """
        put = [id_ for id_ in put_since(self._before, cameras) if self._before.get(id_) is not cameras[id_]]
        self._seen.update(put)
        if any(isinstance(event, Heartbeat) for event in events):
            self._turns.begin(id_ for id_ in cameras if id_ in self._seen)
        due = dict.fromkeys(id_ for id_ in put if _tells(self._before.get(id_), cameras[id_]))
        due |= dict.fromkeys(tuple(self._seen) if is_last else self._turn())
        judged = (event for event in events if isinstance(event, CauseEvent))  # a cause changes states
        due |= dict.fromkeys(id_ for event in judged for id_ in (*event.joined, *event.left))
        left = {id_ for event in events if isinstance(event, ConfigEvent) for id_ in event.left}
        self._seen -= due.keys() | left
        self._before = cameras
        known: dict[str, Known | None] = {id_: Known(cameras[id_], standings.get(id_)) for id_ in due if id_ in cameras}
        return known | dict.fromkeys(left.difference(cameras))

    def _turn(self) -> Sequence[str]:
        """Return the cameras whose turn it is, without those that were written meanwhile.

        After a crash the time since the last heartbeat is unseen anyway; of what fails then, the last good moment is as
        much older as its turn was long ago.
        """
        return [id_ for id_ in self._turns.take() if id_ in self._seen]


def _tells(before: Rungs | None, now: Rungs) -> bool:
    """Say whether rungs are to be written at once: they lead to something else than those of the step before do, which
    were written, or lead where those do that were."""
    return before is None or _differ(before, now)


def _differ(old: Rungs, new: Rungs) -> bool:
    return any(_telling(a) != _telling(b) for a, b in zip(old, new, strict=True) if a is not b)
