"""Which cameras' rungs are worth writing now: what led to their state changed, or a heartbeat writes all moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Written:
    """What was written last of each camera's rungs, and what of a step is to be written now."""

    def __init__(self) -> None:
        self._kept: dict[str, Rungs] = {}
        self._before: Mapping[str, Rungs] = {}

    def changes(
        self, events: Sequence[Event], cameras: Mapping[str, Rungs], standings: Mapping[str, Standing]
    ) -> dict[str, Known | None]:
        """Return what is to be written with these events; None for a camera that one of them says has left."""
        rungs = due(self._kept, self._before, cameras, any(isinstance(event, Heartbeat) for event in events))
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


def due(
    kept: Mapping[str, Rungs], before: Mapping[str, Rungs], cameras: Mapping[str, Rungs], everything: bool
) -> dict[str, Rungs]:
    """Return the cameras whose rungs are to be written; ``everything`` includes those seen again and found the same.

    ``kept`` are the rungs that were written last, ``before`` those of the step before: what is still the same object as
    there was looked at then.

    A rung that is merely seen again is written once a minute: after a crash the time since the last heartbeat is
    unseen anyway.
    """
    if everything:
        return {id_: rungs for id_, rungs in cameras.items() if kept.get(id_) is not rungs}
    return {
        id_: rungs
        for id_ in put_since(before, cameras)
        if before.get(id_) is not (rungs := cameras[id_])
        and (old := kept.get(id_)) is not rungs
        and (old is None or _differ(old, rungs))
    }


def _differ(old: Rungs, new: Rungs) -> bool:
    return any(_telling(a) != _telling(b) for a, b in zip(old, new, strict=True) if a is not b)
