"""The whole of a step: verdicts in; rungs, causes, states and their events out. What a monitor calls once a second.

    verdicts ─▶ blind? ─▶ fleet.step ─▶ rings, updates ─▶ Diagnosis ─▶ fleet.judged
    ╰────────────────── hear ──────────────────────╯     ╰───────── judge ─────────╯

Rules:
1. What a blind vantage finds failing is unseen but for a refused login, and so is all that was asked before or while
   the monitor slept; nothing is judged about its devices until it sees again. So nothing has to be retracted. A clock
   that is set back makes the time that comes again a gap, and what was known in it known just now.
2. One cause, *monitor blind*, holds all cameras of a blind vantage; its end is a gap of its whole time.
3. Pure but for its own memory: the same steps give the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from itertools import islice
from math import inf
from typing import NamedTuple

from monitor.core import fleet as fleets
from monitor.core.acknowledgement import expired
from monitor.core.canary import NO_CANARIES, Canaries
from monitor.core.changes import Changes
from monitor.core.diagnosis.batteries import lasted
from monitor.core.diagnosis.blindness import ANSWERS, Asleep, unseen
from monitor.core.diagnosis.cause import CauseEvent, Kind, departed
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.equipment import Known
from monitor.core.diagnosis.rings import Rings
from monitor.core.diagnosis.symptom import Onset
from monitor.core.diagnosis.updates import Updates
from monitor.core.diagnosis.vantages import Vantages, over
from monitor.core.diagnosis.witnesses import Witnesses
from monitor.core.event import Event, Gap, RungEvent
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.set_back import CREEP_S, brought_back, recalled
from monitor.core.topology import Topology, topology_of
from monitor.core.verdict import Outcome, Verdict
from monitor.core.wiring import Wiring, wiring_of

#: The interval of light checks that the rules' patience is made for.
USUAL_S = 60.0
SET_BACK = "the clock was set back: this time comes a second time"
SLEPT = "the monitor did not run: it was stopped, suspended, or its clock was set"


class Ground(NamedTuple):
    """What an inventory says of what hangs on what; a large one takes a second, which needs no fleet."""

    topology: Topology
    wiring: Wiring


def ground_of(inventory: Inventory) -> Ground:
    """Return the ground of an inventory."""
    return Ground(topology_of(inventory), wiring_of(inventory))


class Watch:
    """What is kept beside a fleet from one step to the next. ``begin`` comes first, ``go_on`` with each reload."""

    def __init__(self, updates: Updates | None = None, equipment: Known | None = None) -> None:
        self.updates = updates or Updates()
        """Which firmware each device runs, and since when."""
        self.equipment: Known = equipment or {}
        """What switches and UPSs say."""
        self._rings = Rings()
        self._waiting: dict[str, None] = {}
        self._left = False
        """Whether some of those could be judged now."""
        self._slept_until = -inf
        self._ground: Ground | None = None
        """That of the inventory that it watches by; None: it has not begun."""

    @property
    def flapping(self) -> Mapping[str, Onset]:
        """The devices that flap, whether that is a cause yet or not, and within what time it began."""
        return self._rings.flapping

    def begin(self, fleet: Fleet, now: float, ground: Ground | None = None) -> tuple[Fleet, list[Event]]:
        """Take up a fleet, its open causes among it; return what changes with that. ``ground`` is its inventory's."""
        ground = ground or ground_of(fleet.inventory)
        fleet = brought_back(fleet, now)
        moved = recalled(fleet.causes.values(), now)
        fleet = fleets.judged(fleet, moved)
        blind = [cause for cause in fleet.causes.values() if cause.kind is Kind.BLIND]
        self._vantages = Vantages(fleet.inventory, ground.topology, fleet.cameras, blind)
        fleet, events = self._resume(fleet, now, ground)
        return fleet, [*moved, *events]

    def go_on(self, fleet: Fleet, now: float, ground: Ground, changes: Changes) -> tuple[Fleet, list[Event]]:
        """Go on with a fleet under another inventory, whose ``ground`` this is; return what changes with that.

        Only what fails and what the inventory changed is gone through.
        """
        if self._ground is None:
            return self.begin(fleet, now, ground)
        self._vantages.move(fleet.inventory, ground.topology, changes.touched, fleet.cameras)
        index = self._diagnosis.index
        telling = index.telling().union(self._waiting, changes.touched) & ground.topology.scopes.keys()
        return self._resume(fleet, now, ground, index.seen - changes.stopped, telling)

    def _resume(
        self, fleet: Fleet, now: float, ground: Ground, seen: Set[str] = frozenset(), telling: Set[str] | None = None
    ) -> tuple[Fleet, list[Event]]:
        """Take the open causes up, over this ground; ``seen`` and ``telling`` are what is known of its devices."""
        departures = [departed(cause, fleet.cameras, now) for cause in fleet.causes.values()]
        left = [event for event in departures if event is not None]
        fleet = fleets.judged(fleet, left)
        self._ground, (topology, wiring) = ground, ground
        self._witnesses = Witnesses(wiring, topology, self.equipment)
        self.equipment = self._witnesses.known
        self._diagnosis = Diagnosis(topology, fleet.rates.light_s / USUAL_S, self._witnesses.remarks, seen)
        for device, (version, at) in self.updates.known.items():
            if at > -inf and device in topology.scopes:
                self._diagnosis.index.firmware(device, version, at)
        blind = {cause.scope.name for cause in fleet.causes.values() if cause.kind is Kind.BLIND}
        gone = sorted(blind.difference(self._vantages.names))
        events = [event for name in gone for event in over(fleet.causes, name, now)]
        known = [cause for cause in fleet.causes.values() if cause.kind is not Kind.BLIND]
        events += self._diagnosis.resume(known, fleet.cameras, now, telling)
        return fleets.judged(fleet, _judgements(events)), [*left, *events]

    def step(
        self,
        fleet: Fleet,
        verdicts: Iterable[Verdict],
        now: float,
        canaries: Canaries = NO_CANARIES,
        asleep: Asleep | None = None,
    ) -> tuple[Fleet, list[Event]]:
        """Return the fleet after these verdicts and what they mean, and the events that they caused.

        ``asleep`` is a time just over in which the monitor did not run.
        """
        fleet, heard = self.hear(fleet, verdicts, now, canaries, asleep)
        fleet, judged = self.judge(fleet, now)
        return fleet, [*heard, *judged]

    def hear(
        self,
        fleet: Fleet,
        verdicts: Iterable[Verdict],
        now: float,
        canaries: Canaries = NO_CANARIES,
        asleep: Asleep | None = None,
    ) -> tuple[Fleet, list[Event]]:
        """Return the fleet after these verdicts, and their events; what they mean for its causes is to be judged."""
        events: list[Event] = []
        if now < fleet.at - CREEP_S:
            events += [Gap(now, name, now, fleet.at, 0, SET_BACK) for name in self._vantages.names]
            fleet, found = self.begin(fleet, now, self._ground)
            events += found
            verdicts = [verdict if verdict.at <= now else replace(verdict, at=now) for verdict in verdicts]
        if asleep is not None:
            self._slept_until = asleep.by
            events += [Gap(now, name, *asleep, 0, SLEPT) for name in self._vantages.names]
        heard = [self._awake(verdict) for verdict in verdicts]
        self._vantages.hear(heard, fleet.cameras)
        events += self._vantages.look(fleet.cameras, fleet.causes, now, canaries)
        fleet = fleets.judged(self._forgiven(fleet, events), _judgements(events))
        shown = [self._worth(verdict) for verdict in heard]
        fleet, found = fleets.step(fleet, shown, now)
        found += self._witnesses.hear(shown)
        self.equipment = self._witnesses.known
        cameras = fleet.inventory.cameras
        devices = {cameras[event.camera].device for event in found if isinstance(event, RungEvent)}
        self._vantages.update(devices, fleet.cameras)
        self._waiting |= dict.fromkeys(devices | self._notice(shown))
        return fleet, [*events, *found]

    def judge(self, fleet: Fleet, now: float, most: float = inf) -> tuple[Fleet, list[Event]]:
        """Return the fleet with its causes as they are now, and the events of that.

        After about ``most`` devices or failures that were gone through the rest is left: ``waits`` says whether there
        is any.
        """
        judgements = self._judge(fleet, now, most)
        fleet = fleets.judged(fleet, judgements)
        batteries = lasted(judgements, fleet, self._witnesses.cut)
        over_now = expired(fleet.acknowledgements, now)
        return fleets.noted(fleet, over_now), [*batteries, *judgements, *over_now]

    def waits(self, now: float) -> bool:
        """Say whether anything is left to be judged now."""
        return self._left or self._diagnosis.waits(now)

    def _awake(self, verdict: Verdict) -> Verdict:
        """Return what a verdict is worth if it was asked before a sleep: it ran out while nobody listened."""
        slept = verdict.at - verdict.duration_s < self._slept_until
        return unseen(verdict, "the monitor slept while it asked") if slept else verdict

    def _worth(self, verdict: Verdict) -> Verdict:
        why = self._vantages.why_blind(verdict.vantage)
        return unseen(verdict, why, ANSWERS) if why else verdict

    @staticmethod
    def _forgiven(fleet: Fleet, events: list[Event]) -> Fleet:
        """Forget failures that are not confirmed where the monitor turns out to be blind."""
        for event in events:
            if isinstance(event, CauseEvent) and event.joined:
                fleet = fleets.forgive(fleet, event.joined)
        return fleet

    def _notice(self, verdicts: list[Verdict]) -> set[str]:
        """Take in what verdicts tell beside changes of rungs; return the devices of which that may say something."""
        watched = [verdict for verdict in verdicts if verdict.device in self._diagnosis.topology.scopes]
        for device, (version, at) in self.updates.hear(watched).items():
            self._diagnosis.index.firmware(device, version, at)
        changed = self._rings.hear(watched)
        for device in changed:
            self._diagnosis.index.flap(device, self._rings.flapping.get(device))
        return changed | {verdict.device for verdict in watched if self._says_more(verdict)}

    def _says_more(self, verdict: Verdict) -> bool:
        """Say whether a verdict may tell something though no rung has changed: the first answer of a silent device."""
        index = self._diagnosis.index
        if verdict.device in index.unproven:
            return True
        return index.silent(verdict.device) is not None and any(one.outcome is Outcome.OK for one in verdict.findings)

    def _judge(self, fleet: Fleet, now: float, most: float) -> list[CauseEvent]:
        """Judge what changed; what is behind a vantage that cannot see waits until it can."""
        if not any(not self._vantages.why_blind(name) for name in self._vantages.names):
            return []
        seen = (id_ for id_ in self._waiting if self._vantages.sees(id_))
        ready = list(seen if most == inf else islice(seen, int(most) + 1))
        self._left = len(ready) > most
        if self._left:
            del ready[int(most) :]
        for id_ in ready:
            del self._waiting[id_]
        if self._left:  # all that changed is known before anything is judged
            self._diagnosis.note(fleet.cameras, ready)
            return []
        return self._diagnosis.step(fleet.cameras, ready, now, self._witnesses.news(), most)


def _judgements(events: Iterable[Event]) -> list[CauseEvent]:
    return [event for event in events if isinstance(event, CauseEvent)]
