"""The fleet that a step is about to make: rungs and causes in, states and events out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.diagnosis.cause import Cause, CauseEvent, effects, fold
from monitor.core.event import Event, RungEvent
from monitor.core.health import Rungs, is_news
from monitor.core.identity import Identity
from monitor.core.revision import revised
from monitor.core.state import NO_EFFECTS, Effects, Standing, stand
from monitor.core.verdict import Rung

#: Going through the enumeration itself takes several times as long.
RUNGS = tuple(Rung)


@dataclass(slots=True)
class Draft:
    """Rungs, states, causes and identities while a step changes them."""

    before: Mapping[str, Rungs]
    standings_before: Mapping[str, Standing]
    causes: Mapping[str, Cause]
    causes_of: Mapping[str, tuple[str, ...]]
    """The open causes of each camera that has any, by their ids."""
    events: list[Event] = field(default_factory=list)
    identities: Mapping[str, Identity] = field(default_factory=dict)
    recognised: dict[str, Identity] = field(default_factory=dict)
    """Whose identity is known otherwise than before the step."""
    _rungs: dict[str, Rungs] = field(default_factory=dict)
    _standings: dict[str, Standing] = field(default_factory=dict)

    def rungs(self, camera: str) -> Rungs:
        """Return a camera's rungs as they are now."""
        return self._rungs.get(camera) or self.before[camera]

    def standing(self, camera: str) -> Standing:
        """Return a camera's state as it is now."""
        return self._standings.get(camera) or self.standings_before[camera]

    @property
    def cameras(self) -> Mapping[str, Rungs]:
        """The rungs of all cameras after the step."""
        return revised(self.before, self._rungs)

    @property
    def standings(self) -> Mapping[str, Standing]:
        """The states of all cameras after the step."""
        return revised(self.standings_before, self._standings)

    def put(self, camera: str, vantage: str, rungs: Rungs, at: float) -> None:
        """Take a camera's rungs as they are from ``at`` on, with the events and the state that follow from them."""
        before = self.rungs(camera)
        self._rungs[camera] = rungs
        turned = [
            (rung, new)
            for rung, old, new in zip(RUNGS, before, rungs, strict=True)
            if old is not new and is_news(old, new)
        ]
        if turned or camera in self.causes_of:  # else the state is what it was, too
            self._stand(camera, before, rungs, at)
        for rung, new in turned:
            self.events.append(
                RungEvent(at, camera, vantage, rung, new.outcome, new.reason, new.detail, new.after, new.by)
            )

    def _stand(self, camera: str, before: Rungs, rungs: Rungs, at: float) -> None:
        known = self.standing(camera)
        standing = stand(known, before, rungs, at, self._effects(camera))
        if standing is not known:
            self._standings[camera] = standing

    def judge(self, events: list[CauseEvent]) -> None:
        """Take judgements in: the causes that they leave open, and the states that follow for their members."""
        causes, causes_of = dict(self.causes), dict(self.causes_of)
        touched: dict[str, float] = {}
        for event in events:
            fold(causes, event)
            touched |= dict.fromkeys((*event.joined, *event.left), event.at)
            for camera in event.left:
                _unlist(causes_of, camera, event.cause)
            for camera in event.joined:
                causes_of[camera] = tuple(sorted({*causes_of.get(camera, ()), event.cause}))
        self.causes, self.causes_of = causes, causes_of
        for camera, at in touched.items():
            if camera in self.before:
                rungs = self.rungs(camera)
                self._stand(camera, rungs, rungs, at)

    def _effects(self, camera: str) -> Effects:
        ids = self.causes_of.get(camera)
        return effects(self.causes[id_] for id_ in ids) if ids else NO_EFFECTS


def _unlist(causes_of: dict[str, tuple[str, ...]], camera: str, cause: str) -> None:
    left = tuple(id_ for id_ in causes_of.get(camera, ()) if id_ != cause)
    if left:
        causes_of[camera] = left
    else:
        causes_of.pop(camera, None)


def listing(causes: Mapping[str, Cause]) -> dict[str, tuple[str, ...]]:
    """Return the open causes of each camera that has any."""
    found: dict[str, list[str]] = {}
    for id_, cause in sorted(causes.items()):
        for camera in cause.members:
            found.setdefault(camera, []).append(id_)
    return {camera: tuple(ids) for camera, ids in found.items()}
