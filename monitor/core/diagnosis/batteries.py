"""How long the sites of a feeder lasted after it was cut: what their UPSs are worth, measured by each cut.

A site lasts from the cut until it falls silent. The cut is the first thing that was seen of it: a UPS that went onto
its battery, or the first site that fell silent. Both moments are intervals, and so is their distance. Where it turns
out that a line was cut and not the feeder, that is taken back: a later event.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from math import isfinite

from monitor.core.diagnosis.cause import CauseEvent, Kind
from monitor.core.diagnosis.symptom import Onset
from monitor.core.event import BatteryEvent
from monitor.core.fleet import Fleet
from monitor.core.health import NEVER_SEEN
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Rung


def lasted(
    events: Iterable[CauseEvent],
    fleet: Fleet,
    seen: Callable[[Scope], Onset | None],
) -> list[BatteryEvent]:
    """Return how long each site lasted that joins the cause of a feeder's cut now, in the fleet that was judged so, and
    which sites did not, since a line's cause took them over.

    ``seen(scope)``: within what time a UPS noticed that a feeder was cut. Of a cut before our first look nothing is
    known.
    """
    events = list(events)
    of_feeders = [event for event in events if event.kind is Kind.POWER and event.scope.layer is Layer.FEEDER]
    of_lines = {camera for event in events if event.kind is Kind.UPLINK for camera in event.joined}
    told = [
        battery
        for event in of_feeders
        if event.cause in fleet.causes
        for battery in _sites(event, fleet, min(filter(None, (seen(event.scope), _onset(event)))))
    ]
    return told + [battery for event in of_feeders for battery in _revised(event, fleet, of_lines)]


def _revised(event: CauseEvent, fleet: Fleet, of_lines: Container[str]) -> Iterator[BatteryEvent]:
    """Yield, for each site that a line's cause took over from a feeder's, that its battery told nothing."""
    cameras = fleet.inventory.cameras
    for site in sorted({cameras[id_].site for id_ in event.left if id_ in of_lines and id_ in cameras} - {""}):
        yield BatteryEvent(event.at, site, event.scope.name, event.cause, 0.0, 0.0, revised=True)


def _onset(event: CauseEvent) -> Onset:
    return Onset(event.after, event.by)


def _sites(event: CauseEvent, fleet: Fleet, cut: Onset) -> Iterator[BatteryEvent]:
    cameras = fleet.inventory.cameras
    told = {cameras[id_].site for id_ in fleet.causes[event.cause].members - {*event.joined} if id_ in cameras}
    silent: dict[str, Onset] = {}
    for id_ in event.joined:
        site = cameras[id_].site if id_ in cameras else ""
        health = fleet.cameras.get(id_, NEVER_SEEN)[Rung.REACHABLE]
        was_silent = health.by <= cut.after  # it tells nothing of this cut
        if site not in ("", *told) and health.outcome is Outcome.FAIL and isfinite(health.after) and not was_silent:
            silent[site] = max(silent.get(site, Onset(health.after, health.by)), Onset(health.after, health.by))
    for site, (after, by) in sorted(silent.items()):
        if isfinite(cut.after):
            least, most = max(0.0, after - cut.by), max(0.0, by - cut.after)
            yield BatteryEvent(event.at, site, event.scope.name, event.cause, least, most, after=cut.after, by=cut.by)
