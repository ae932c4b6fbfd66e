"""Two outages through the whole of a monitor's step, at default intervals: the city's 600, the monitor's own line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

from benchmarks.diagnosis import same
from benchmarks.papercity import NOON, SHOWS, SILENCING, Fault, PaperCity, inventory_of, storm
from benchmarks.patrol import WELL, Patrol, Shown
from monitor.core.canary import OWN_MODEL, Silence
from monitor.core.diagnosis.cause import OPENING, Cause, CauseEvent, Kind
from monitor.core.event import Event
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.core.topology import Layer
from simulator.city import build_city

WARM_S = 90.0
#: How long the line is cut, and how long afterwards is looked at.
CUT_S, AFTERWARDS_S = 600.0, 300.0
#: A canary is known to be silent this long after its line was cut, at the latest.
CANARY_S = 13.0
STORM_S = 900.0
ALONE = (Layer.DEVICE, Layer.CAMERA)


class Cut(NamedTuple):
    """What a cut of the monitor's own line led to."""

    blind: int
    others: int
    """Causes other than *monitor blind*."""
    down: int
    """Cameras that were ever called down or unreachable."""


def own_line(cameras: int, canary: bool) -> Cut:
    """Cut the monitor's own line: every device is silent at once, and the gateway beside us, if it is a canary."""
    cut_at = NOON + WARM_S
    back_at = cut_at + CUT_S

    def shown(device: str, at: float) -> Shown:
        return None if cut_at <= at < back_at else WELL

    patrol = Patrol(inventory_of(build_city(1, cameras)), Rates(), NOON, shown)
    down: set[str] = set()
    kinds: list[Kind] = []
    for events in seconds(patrol, back_at + AFTERWARDS_S):
        if canary:
            silent = cut_at + CANARY_S <= patrol.now < back_at
            silence = Silence((cut_at - 5.0, cut_at + 3.0), "the gateway does not answer") if silent else None
            patrol.canaries = {"central": {OWN_MODEL: None, "gateway": silence}}
        kinds += [event.kind for event in events if isinstance(event, CauseEvent) and event.turn in OPENING]
        if events:
            down |= {id_ for id_, one in patrol.fleet.standings.items() if one.state in (State.DOWN, State.UNREACHABLE)}
    return Cut(kinds.count(Kind.BLIND), len(kinds) - kinds.count(Kind.BLIND), len(down))


class Storm(NamedTuple):
    """How the city's own faults were found."""

    shared: int
    """Shared causes that there are."""
    open_s: float
    """Seconds until all of them were open; inf: never."""
    exact_s: float
    """… and had exactly their members, until the end."""
    opened: int
    wrong: int
    """Causes that opened and are not there."""


def the_storm(cameras: int) -> Storm:
    """Let the default city's faults begin at one moment."""
    paper = storm(1, cameras)
    began = paper.faults[0].at
    patrol = watched(paper)
    there = {
        (fault.kind, fault.scope): frozenset(id_ for device in fault.devices for id_ in paper.topology.cameras[device])
        for fault in paper.faults
        if fault.scope.layer not in ALONE
    }
    open_s = exact_s = inf
    opened = wrong = 0
    for events in seconds(patrol, began + STORM_S):
        causes = patrol.fleet.causes
        new = [event.cause for event in events if isinstance(event, CauseEvent) and event.turn in OPENING]
        opened += len(new)
        wrong += sum(id_ not in causes or not is_there(paper, causes[id_]) for id_ in new)
        found = {(one.kind, one.scope): one.members for one in causes.values() if one.scope.layer not in ALONE}
        if found.keys() >= there.keys():
            open_s = min(open_s, patrol.now - began)
        exact_s = min(exact_s, patrol.now - began) if found == there else inf
    return Storm(len(there), open_s, exact_s, opened, wrong)


def watched(paper: PaperCity) -> Patrol:
    """Return a city under watch at default intervals, whose devices show its faults."""
    faults: dict[str, list[Fault]] = {}
    for fault in paper.faults:
        for device in fault.devices:
            faults.setdefault(device, []).append(fault)
    return Patrol(paper.inventory, Rates(), NOON, lambda device, at: shows(faults.get(device, ()), device, at))


def shows(faults: Sequence[Fault], device: str, at: float) -> Shown:
    """Return what a device with these faults shows to who asks it then."""
    begun = [fault for fault in faults if fault.at + fault.devices[device] <= at]
    if any(fault.kind in SILENCING for fault in begun):
        return None
    return {rung: shown for fault in begun for rung, shown in SHOWS[fault.kind].items()}


def is_there(paper: PaperCity, cause: Cause) -> bool:
    """Say whether a cause is one of the city's faults."""
    return any(same(paper, cause, fault) for fault in paper.faults)


def seconds(patrol: Patrol, until: float) -> Iterator[list[Event]]:
    """Watch the whole city until a moment; yield the events of each second."""
    for device in patrol.inventory.devices:
        patrol.follow(device, patrol.now)
    while patrol.now < until:
        yield patrol.second()
