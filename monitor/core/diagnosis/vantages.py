"""The vantages of a fleet: which of them see. Told by canaries and by the share of healthy devices that fail just now.

A vantage that cannot see is a cause of its own, *monitor blind*, of all its cameras. It lasts until the canaries answer
and half of the devices that were well before have answered again: silence of those who were not asked is no sight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from monitor.core.canary import NO_ANSWERS, Answers, Canaries
from monitor.core.diagnosis.blindness import MASS_SHARE, Look, blind, mute, outage
from monitor.core.diagnosis.cause import Cause, CauseEvent, Confidence, Kind, Turn, cause_id
from monitor.core.diagnosis.symptom import Onset
from monitor.core.event import Event, Gap
from monitor.core.health import NEVER_SEEN, RungHealth, Rungs
from monitor.core.model import Inventory
from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import NETWORK_RUNGS, Finding, Outcome, Reason, Rung, Verdict

#: Nothing came back, on a connection that was made.
SILENCES = (Reason.TIMEOUT, Reason.NO_REPLY, Reason.CLOSED)


@dataclass(slots=True)
class Vantage:
    """What is known of one vantage. Devices without cameras are no witnesses."""

    devices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Its devices and their cameras."""
    well: set[str] = field(default_factory=set)
    """Devices that are confirmed to answer; while it is blind, those that were before."""
    failing: dict[str, float] = field(default_factory=dict)
    """Devices whose newest question failed, confirmed or not, and since when."""
    heard: dict[str, float] = field(default_factory=dict)
    """When each device last answered, those that fail aside."""
    answered: set[str] = field(default_factory=set)
    """Devices that answered since it is blind."""
    why: str = ""
    """Why it cannot see; "" while it can."""

    def forget(self, device: str) -> None:
        """Know nothing of a device any more."""
        del self.devices[device]
        self.well.discard(device)
        self.answered.discard(device)
        self.failing.pop(device, None)
        self.heard.pop(device, None)

    def look(self, name: str, canaries: Answers) -> Look:
        few, many = sorted((self.failing.keys(), self.well), key=len)
        failing = [id_ for id_ in few if id_ in many]
        since = self._answered_since(failing) if len(failing) >= MASS_SHARE * len(self.well) else ()
        return Look(name, len(self.well), failing, canaries, since)

    def _answered_since(self, failing: Collection[str]) -> list[str]:
        first = min((self.failing[id_] for id_ in failing), default=inf)
        return [id_ for id_ in self.well if self.heard.get(id_, -inf) >= first]

    def sees_again(self) -> bool:
        return len(self.answered & self.well) >= MASS_SHARE * len(self.well)


class Vantages:
    """All vantages of an inventory, kept by verdicts and by changes of rungs."""

    def __init__(
        self, inventory: Inventory, topology: Topology, rungs: Mapping[str, Rungs], blind: Iterable[Cause]
    ) -> None:
        """``blind`` are the open causes *monitor blind*: whoever was blind is so until it proves otherwise."""
        self._known: dict[str, Vantage] = {}
        self._of: dict[str, str] = {}
        self.move(inventory, topology, inventory.devices, rungs)
        for cause in blind:
            vantage = self._known.get(cause.scope.name)
            if vantage is not None:
                vantage.why = " ".join(cause.evidence).removesuffix(".")
                vantage.well = {id_ for id_ in vantage.devices if _was_well(self._reachable(id_, rungs))}

    def move(
        self, inventory: Inventory, topology: Topology, touched: Iterable[str], rungs: Mapping[str, Rungs]
    ) -> None:
        """Go on with another inventory, in which these devices are not what they were, or are no longer."""
        self._topology = topology
        for id_ in touched:
            if id_ in self._of:
                self._known[self._of.pop(id_)].forget(id_)
            device = inventory.devices.get(id_)
            if device is not None and device.cameras:
                self._of[id_] = device.vantage
                vantage = self._known.setdefault(device.vantage, Vantage())
                vantage.devices[id_] = device.cameras
                if vantage.why and _was_well(self._reachable(id_, rungs)):
                    vantage.well.add(id_)
                self.update([id_], rungs)
        self._known = {name: vantage for name, vantage in self._known.items() if vantage.devices}

    def sees(self, device: str) -> bool:
        """Say whether what is found about a device now is worth anything."""
        return device not in self._of or not self._known[self._of[device]].why

    def why_blind(self, name: str) -> str:
        """Return why a vantage cannot see; "" where it can."""
        return self._known[name].why if name in self._known else ""

    @property
    def names(self) -> list[str]:
        return sorted(self._known)

    def hear(self, verdicts: Iterable[Verdict], rungs: Mapping[str, Rungs]) -> None:
        """Take in what the newest questions found, before it is confirmed; ``rungs`` are those until now."""
        for verdict in verdicts:
            if verdict.device not in self._of:
                continue
            vantage = self._known[self._of[verdict.device]]
            outcomes = [finding.outcome for finding in verdict.findings]
            fails, answers = Outcome.FAIL in outcomes, Outcome.OK in outcomes
            if fails and _falls_silent(verdict, rungs.get(vantage.devices[verdict.device][0], NEVER_SEEN)):
                vantage.failing.setdefault(verdict.device, verdict.at)
                vantage.answered.discard(verdict.device)
                vantage.heard.pop(verdict.device, None)
            elif fails or answers:
                vantage.failing.pop(verdict.device, None)
                vantage.heard[verdict.device] = verdict.at
                if vantage.why and answers:
                    vantage.answered.add(verdict.device)

    def update(self, devices: Iterable[str], rungs: Mapping[str, Rungs]) -> None:
        """Take in devices whose rungs changed: who is confirmed to answer is well."""
        for id_ in devices:
            vantage = self._known[self._of[id_]] if id_ in self._of else None
            if vantage is None or vantage.why:
                continue
            if self._reachable(id_, rungs).outcome is Outcome.OK:
                vantage.well.add(id_)
            else:
                vantage.well.discard(id_)

    def look(
        self, rungs: Mapping[str, Rungs], causes: Mapping[str, Cause], at: float, canaries: Canaries
    ) -> list[Event]:
        """Find out which vantages see; say which ones do no longer, or again. ``at`` is now."""
        events: list[Event] = []
        for name, vantage in sorted(self._known.items()):
            of_it = canaries.get(name, NO_ANSWERS)
            look = vantage.look(name, of_it)
            if not vantage.why:
                if why := blind(look, self._topology):
                    vantage.why = why
                    vantage.answered = set()
                    events.append(self._blinded(name, vantage, self._onset(vantage, look, rungs, at), at))
            elif not mute(of_it) and (vantage.sees_again() or outage(look, self._topology)):
                vantage.why = ""
                events += over(causes, name, at)
                self.update(vantage.devices, rungs)
        return events

    def _blinded(self, name: str, vantage: Vantage, onset: Onset, at: float) -> CauseEvent:
        scope = Scope(Layer.VANTAGE, name)
        members = tuple(sorted(camera for cameras in vantage.devices.values() for camera in cameras))
        return CauseEvent(
            at, cause_id(Kind.BLIND, scope, onset.by), Turn.OPENED, Kind.BLIND, scope, *onset, members,
            evidence=(vantage.why + ".",), confidence=Confidence.SEEN,
        )  # fmt: skip

    def _onset(self, vantage: Vantage, look: Look, rungs: Mapping[str, Rungs], at: float) -> Onset:
        """Return within what time a vantage went blind: behind the last answer, until the first silence."""
        silences = [Onset(*silence.since) for silence in look.canaries.values() if silence]
        if silences:
            return min(silences)
        by = min((vantage.failing[id_] for id_ in look.failing), default=at)
        last = max((self._reachable(id_, rungs).last_ok for id_ in (look.failing or vantage.well)), default=-inf)
        return Onset(min(last, by), by)

    def _reachable(self, device: str, rungs: Mapping[str, Rungs]) -> RungHealth:
        return rungs.get(self._known[self._of[device]].devices[device][0], NEVER_SEEN)[Rung.REACHABLE]


def _falls_silent(verdict: Verdict, known: Rungs) -> bool:
    """Say whether nothing came back to a question that was not known to stay without an answer."""
    return any(_is_silence(one) and known[one.rung].outcome is not Outcome.FAIL for one in verdict.findings)


def _is_silence(finding: Finding) -> bool:
    silent = finding.rung is Rung.REACHABLE or (finding.rung in NETWORK_RUNGS and finding.reason in SILENCES)
    return finding.outcome is Outcome.FAIL and silent


def _was_well(health: RungHealth) -> bool:
    return health.outcome is Outcome.OK or (health.outcome is Outcome.UNSEEN and health.last_ok > health.last_fail)


def over(causes: Mapping[str, Cause], vantage: str, at: float) -> list[Event]:
    """Return the end of a vantage's blindness, and the gap that it was."""
    events: list[Event] = []
    for cause in causes.values():
        if cause.kind is Kind.BLIND and cause.scope.name == vantage:
            left = tuple(sorted(cause.members))
            why = "the monitor was blind: " + " ".join(cause.evidence).removesuffix(".")
            moment = (cause.after, cause.by)
            events.append(CauseEvent(at, cause.id, Turn.CLOSED, Kind.BLIND, cause.scope, *moment, left=left))
            events.append(Gap(at, vantage, min(cause.after, at), at, 0, why))
    return events
