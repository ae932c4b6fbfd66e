"""Which cameras' rungs are worth writing now: what led to their state changed, or a heartbeat has all moments written.

A hundred thousand cameras at once would keep the ledger's thread from anything else for seconds: those that were merely
seen again have their turns in the steps after a heartbeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


#: After a heartbeat so many cameras a step are looked at that were merely seen again, or this share of a larger fleet.
LEAST_A_STEP = 5_000
SHARE_A_STEP = 1 / 30


class Written:
    """What was written last of each camera's rungs, and what of a step is to be written now."""

    def __init__(self) -> None:
        self._kept: dict[str, Rungs] = {}
        self._before: Mapping[str, Rungs] = {}
        self._left: Iterator[str] = iter(())
        """The cameras whose turn comes after the newest heartbeat."""

    def changes(
        self, events: Sequence[Event], cameras: Mapping[str, Rungs], standings: Mapping[str, Standing]
    ) -> dict[str, Known | None]:
        """Return what is to be written with these events; None for a camera that one of them says has left."""
        rungs = due(self._kept, self._before, cameras)
        if any(isinstance(event, Heartbeat) for event in events):
            self._left = iter(tuple(cameras))
        rungs |= self._seen_again(cameras)
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

    def _seen_again(self, cameras: Mapping[str, Rungs]) -> dict[str, Rungs]:
        """Return those whose turn it is and that were seen since they were written: once a minute each.

        After a crash the time since the last heartbeat is unseen anyway.
        """
        turns = islice(self._left, max(LEAST_A_STEP, int(SHARE_A_STEP * len(cameras))))
        seen = ((id_, cameras.get(id_)) for id_ in turns)
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
