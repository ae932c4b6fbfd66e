"""What switches and UPSs testify: which scopes are seen down themselves, and sentences that stand beside a cause.

Rules:
1. A switch that does not answer, and a port without link, are seen down; of a path with alternates all must be. Of a
   port with one device behind it nobody can say who is to blame: it is evidence, no sighting.
2. A port that used to deliver power and is switched off, or says that power fails or is denied, is without power. One
   that searches offers power, and nobody takes it: the device is dead, or its cable is cut.
3. A UPS on its battery is no outage: it says that the feeder is out, so that what falls silent there is power.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.equipment import DELIVERING, DENIED, NOTHING, Equipment, Fact, Known, fitted, step
from monitor.core.diagnosis.hypothesis import Sighting
from monitor.core.diagnosis.rules import BATTERIES_S
from monitor.core.diagnosis.symptom import Onset
from monitor.core.event import DeviceEvent
from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import Outcome, Verdict
from monitor.core.wiring import Figure, Line, Topic, Wiring

NO_LINK = frozenset({"down", "not present", "lower layer down"})
NO_POWER = frozenset({"fault", "other fault", DENIED})
#: What a UPS feeds its site from when the mains are out: its battery, or nothing any more.
ON_BATTERY = {"battery": "on its battery", "none": "without output"}
LOW = ("low", "depleted")


class Witnesses:
    """The equipment of a fleet from one step to the next; ``known`` is what an earlier run left behind."""

    def __init__(self, wiring: Wiring, topology: Topology, known: Known | None = None) -> None:
        self.wiring = wiring
        self.topology = topology
        self.known: Known = fitted(known or {}, wiring)
        self._is_news = True

    def hear(self, verdicts: Iterable[Verdict]) -> list[DeviceEvent]:
        """Take these verdicts in; return what changed."""
        before = self.known
        self.known, events = step(before, verdicts, self.wiring)
        if self.known is before:
            return events
        self._is_news = self._is_news or any(
            one is not (old := before.get(device, NOTHING)) and one.says != old.says
            for device, one in self.known.items()
        )
        return events

    def news(self) -> list[Sighting] | None:
        """Return all that is seen down, if equipment says something else than when this was asked last; else None."""
        is_news, self._is_news = self._is_news, False
        return self.sightings() if is_news else None

    # What is seen down ------------------------------------------------------------------------------

    def sightings(self) -> list[Sighting]:
        """Return all that is seen down now."""
        return [*self._switches(), *self._ports(), *self._batteries()] if self.known else []

    def _switches(self) -> Iterator[Sighting]:
        for scope, switches in self.wiring.paths.items():
            if scope.layer is Layer.SWITCH and all(self._of(switch).is_silent for switch in switches):
                onsets = [_since(self._of(switch)) for switch in switches]
                yield _sighting(Kind.UPLINK, scope, onsets, [_silent(switch) for switch in switches])

    def _ports(self) -> Iterator[Sighting]:
        for scope, uplinks in self.wiring.paths.items():
            if scope.layer is not Layer.UPLINK or not all(uplink in self.wiring.lines for uplink in uplinks):
                continue
            lines = [self.wiring.lines[uplink] for uplink in uplinks]
            dark = [self._without_power(line) for line in lines]
            if all(dark):
                yield _sighting(Kind.POWER, scope, dark, [self._port(line) for line in lines])
            cut = [self._without_link(line) for line in lines]
            by_itself = any(not self._of(line.switch).is_silent for line in lines)
            if all(cut) and by_itself and len(self.topology.members.get(scope, ())) > 1:
                yield _sighting(Kind.UPLINK, scope, cut, [self._port(line) for line in lines])

    def _batteries(self) -> Iterator[Sighting]:
        backing = self.wiring.backing
        fed = {device for scope, devices in backing.items() if scope.layer is Layer.FEEDER for device in devices}
        for scope, devices in backing.items():
            if scope.layer is Layer.SITE and fed.issuperset(devices):
                continue
            told = [(device, fact) for device in devices if (fact := self._on_battery(device)) is not None]
            if told:
                kind = Kind.POWER if scope.layer is Layer.FEEDER else Kind.SITE
                first = min(Onset(fact.after, fact.by) for _, fact in told)
                yield Sighting(kind, scope, *first, " ".join(self._ups(device) for device, _ in told), BATTERIES_S)

    def _without_link(self, line: Line) -> Onset | None:
        switch = self._of(line.switch)
        if switch.is_silent:
            return _since(switch)
        fact = switch.now(Figure(Topic.LINK, line.port))
        return Onset(fact.after, fact.by) if fact is not None and fact.word in NO_LINK else None

    def _without_power(self, line: Line) -> Onset | None:
        fact = self._of(line.switch).now(Figure(Topic.POWER, line.port))
        return Onset(fact.after, fact.by) if fact is not None and _is_dark(fact) else None

    def _on_battery(self, device: str) -> Fact | None:
        """Return since when a UPS feeds its site from its battery, also by what it said last."""
        fact = self._of(device).facts.get(Figure(Topic.SOURCE))
        return fact if fact is not None and fact.word in ON_BATTERY else None

    def cut(self, feeder: Scope) -> Onset | None:
        """Return within what time a UPS first noticed that a feeder is out, if one says so."""
        told = [self._on_battery(device) for device in self.wiring.backing.get(feeder, ())]
        return min((Onset(fact.after, fact.by) for fact in told if fact is not None), default=None)

    def _of(self, device: str) -> Equipment:
        return self.known.get(device, NOTHING)

    # Sentences --------------------------------------------------------------------------------------

    def remarks(self, scope: Scope) -> tuple[str, ...]:
        """Return what equipment says about a scope, or about the device that is one."""
        return tuple(dict.fromkeys(sentence for sentence in self._remarks(scope) if sentence))

    def _remarks(self, scope: Scope) -> Iterator[str]:
        if scope.layer is Layer.DEVICE:
            yield from self._of_device(scope.name)
        if scope.layer is Layer.SITE and scope.name in self.wiring.above:
            yield from self._remarks(self.wiring.above[scope.name])
        for part in self.wiring.paths.get(scope, ()):
            if scope.layer is Layer.SWITCH:
                yield self._switch(part)
            elif part in self.wiring.lines:
                yield self._port(self.wiring.lines[part])
        for device in self.wiring.backing.get(scope, ()):
            yield self._ups(device)

    def _of_device(self, device: str) -> Iterator[str]:
        """Yield what the port of a device says of it, where no other device is behind that port."""
        scope = self.topology.listed(device, Layer.UPLINK) if device in self.topology.scopes else None
        if scope is None or len(self.topology.members[scope]) > 1:
            return
        yield from self._remarks(scope)
        for uplink in self.wiring.paths[scope]:
            if uplink in self.wiring.lines:
                yield self._verdict(self.wiring.lines[uplink])

    def _verdict(self, line: Line) -> str:
        """Say what a port means for the one device behind it."""
        link, power = self._now(Topic.LINK, line), self._now(Topic.POWER, line)
        if power is not None and _is_dark(power):
            return "The device has no power: see the power budget of the switch, and whether the port is switched on."
        if power is not None and power.word == "searching" and power.was == DELIVERING:
            return "The device takes no power: it is dead, or its cable is cut."
        if link is not None and link.word == "up":
            return "The device has a line, and does not answer: it hangs, or has lost its address."
        return ""

    def _switch(self, switch: str) -> str:
        known = self._of(switch)
        if known.answers.outcome is Outcome.UNSEEN:
            return ""
        return _silent(switch) if known.is_silent else f"{switch} answers."

    def _port(self, line: Line) -> str:
        if self._of(line.switch).is_silent:
            return _silent(line.switch)
        link, power = self._now(Topic.LINK, line), self._now(Topic.POWER, line)
        says = []
        if link is not None and (link.word == "up" or link.word in NO_LINK):
            says.append("has link" if link.word == "up" else "has no link")
        if power is not None and (told := _power(power)):
            says.append(told)
        return (
            f"{line.switch} answers; its port {line.port} {' and '.join(says)}." if says else self._switch(line.switch)
        )

    def _now(self, topic: Topic, line: Line) -> Fact | None:
        return self._of(line.switch).now(Figure(topic, line.port))

    def _ups(self, device: str) -> str:
        known = self._of(device)
        source = known.facts.get(Figure(Topic.SOURCE))
        if known.answers.outcome not in (Outcome.OK, Outcome.FAIL):
            return ""
        if known.is_silent:
            last = ON_BATTERY.get(source.word) if source else None
            return f"{device} was {last} when it was last heard." if last else f"{device} does not answer."
        if source is None:
            return f"{device} answers."
        battery = known.facts.get(Figure(Topic.BATTERY))
        low = f", which is {battery.word}" if source.word == "battery" and battery and battery.word in LOW else ""
        return f"{device} is {ON_BATTERY.get(source.word, 'on the mains')}{low}."


def _sighting(kind: Kind, scope: Scope, onsets: Iterable[Onset | None], says: Iterable[str]) -> Sighting:
    """Return what is seen down since its last part failed."""
    known = [onset for onset in onsets if onset is not None]
    after, by = max(onset.after for onset in known), max(onset.by for onset in known)
    return Sighting(kind, scope, after, by, " ".join(dict.fromkeys(says)))


def _since(switch: Equipment) -> Onset:
    return Onset(switch.answers.after, switch.answers.by)


def _silent(switch: str) -> str:
    return f"{switch} does not answer."


def _is_dark(power: Fact) -> bool:
    return power.word in NO_POWER or (power.word == "disabled" and power.was == DELIVERING)


def _power(power: Fact) -> str:
    """Say what a port does about power; a port that never delivered any says nothing."""
    if power.word == DELIVERING:
        return "delivers power"
    if _is_dark(power):
        return f"delivers no power ({'switched off' if power.word == 'disabled' else power.word})"
    return "offers power that nothing takes" if power.word == "searching" and power.was == DELIVERING else ""
