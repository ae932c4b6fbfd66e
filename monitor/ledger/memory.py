"""Which cameras' rungs are worth writing now: what led to their state changed, or a heartbeat has all moments written.

A camera's rungs are a thousand bytes. Those of a hundred thousand at once would keep the ledger's thread from anything
else for seconds: who was merely seen again has a turn in the steps after a heartbeat, or in the last step of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter

from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import ConfigEvent, Event, Heartbeat
from monitor.core.health import RungHealth, Rungs
from monitor.core.revision import put_since
from monitor.core.state import Standing
from monitor.ledger.codec import Known

#: What of a rung leads to its next state; the moments at which it was merely seen again do not.
_TELLING = ("outcome", "reason", "after", "by", "failures", "successes", "streak_from", "busy", "rival", "rival_count")
_telling = itemgetter(*map(RungHealth._fields.index, _TELLING))


#: So many cameras a step are looked at that were merely seen again: a fleet of over 30,000 takes longer than a minute.
TURNS_A_STEP = 500


class Written:
    """What was written last of each camera's rungs, and what of a step is to be written now."""

    def __init__(self) -> None:
        self._kept: dict[str, Rungs] = {}
        self._before: Mapping[str, Rungs] = {}
        self._turns: Iterator[str] | None = None
        """The cameras whose turns come, since a heartbeat."""

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
        rungs = due(self._kept, self._before, cameras)
        if self._turns is None and any(isinstance(event, Heartbeat) for event in events):
            self._turns = iter(tuple(cameras))
        rungs |= self._seen_again(cameras, cameras if is_last else self._turn())
        judged = {id_ for event in events if isinstance(event, CauseEvent) for id_ in (*event.joined, *event.left)}
        rungs |= {id_: cameras[id_] for id_ in judged if id_ in cameras}  # whose states a cause changes
        self._before = cameras
        self._kept.update(rungs)
        known: dict[str, Known | None] = {id_: Known(of, standings.get(id_)) for id_, of in rungs.items()}
        for camera in (camera for event in events if isinstance(event, ConfigEvent) for camera in event.left):
            if camera not in cameras:
                known[camera] = None
                self._kept.pop(camera, None)
        return known

    def _turn(self) -> Sequence[str]:
        """Return the cameras whose turn it is.

        After a crash the time since the last heartbeat is unseen anyway; of what fails then, the last good moment is as
        much older as its turn was long ago.
        """
        if self._turns is None:
            return ()
        ids = list(islice(self._turns, TURNS_A_STEP))
        if len(ids) < TURNS_A_STEP:
            self._turns = None
        return ids

    def _seen_again(self, cameras: Mapping[str, Rungs], ids: Iterable[str]) -> dict[str, Rungs]:
        """Return those among them that were seen since they were written."""
        seen = ((id_, cameras.get(id_)) for id_ in ids)
        return {id_: rungs for id_, rungs in seen if rungs is not None and rungs is not self._kept.get(id_)}


def due(kept: Mapping[str, Rungs], before: Mapping[str, Rungs], cameras: Mapping[str, Rungs]) -> dict[str, Rungs]:
    """Return the cameras of whose rungs something is to be written at once.

    ``kept`` are the rungs that were written last, ``before`` those of the step before: what is still the same object as
    there was looked at then.
    """
    return {
        id_: rungs
        for id_ in put_since(before, cameras)
        if before.get(id_) is not (rungs := cameras[id_])
        and (old := kept.get(id_)) is not rungs
        and (old is None or _differ(old, rungs))
    }


def _differ(old: Rungs, new: Rungs) -> bool:
    return any(_telling(a) != _telling(b) for a, b in zip(old, new, strict=True) if a is not b)
