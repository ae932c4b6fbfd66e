"""Which cameras' rungs are worth writing now: what led to their state changed, or a heartbeat writes all moments."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from monitor.core.health import RungHealth, Rungs

#: What of a rung leads to its next state; the moments at which it was merely seen again do not.
_TELLING = ("outcome", "reason", "after", "by", "failures", "successes", "streak_from", "busy", "rival", "rival_count")
_telling = itemgetter(*map(RungHealth._fields.index, _TELLING))


def due(
    kept: Mapping[str, Rungs], before: Mapping[str, Rungs], cameras: Mapping[str, Rungs], everything: bool
) -> dict[str, Rungs]:
    """Return the cameras whose rungs are to be written; ``everything`` includes those seen again and found the same.

    ``kept`` are the rungs that were written last, ``before`` those of the step before: what is still the same object as
    there was looked at then.

    A rung that is merely seen again is written once a minute: after a crash the time since the last heartbeat is
    unseen anyway.
    """
    return {
        id_: rungs
        for id_, rungs in cameras.items()
        if (everything or before.get(id_) is not rungs)
        and (old := kept.get(id_)) is not rungs
        and (everything or old is None or _differ(old, rungs))
    }


def _differ(old: Rungs, new: Rungs) -> bool:
    return any(a is not b and _telling(a) != _telling(b) for a, b in zip(old, new, strict=True))
