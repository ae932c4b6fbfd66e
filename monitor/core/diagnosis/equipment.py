"""What devices without cameras say, kept from check to check: whether they answer, and each figure's last change.

Rules:
1. Whether equipment answers is confirmed as a camera's rungs are: three failures in a row, two successes. Silence over
   SNMP is silence; a refused login is an answer.
2. A figure is a word of a closed set; what a device says otherwise is "unknown". One look is enough: the switch itself
   says that a port has no link. A word holds since (last seen otherwise, first seen so].
3. What a switch said before it fell silent says nothing about its ports; what a UPS said last may be why it is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

from monitor.core.event import DeviceEvent
from monitor.core.health import UNSEEN, RungHealth, good_until, observe
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.core.wiring import Figure, Topic, Wiring

#: Nothing came back.
SILENCE = (Reason.TIMEOUT, Reason.NO_REPLY, Reason.NO_ROUTE)
DENIED = "denied"
DELIVERING = "delivering"
UNKNOWN = "unknown"

#: What can be said of each topic (IF-MIB, POWER-ETHERNET-MIB, UPS-MIB; a port whose requests for power are denied).
WORDS: Mapping[Topic, frozenset[str]] = {
    Topic.LINK: frozenset({"up", "down", "testing", "dormant", "not present", "lower layer down"}),
    Topic.POWER: frozenset({"disabled", "searching", DELIVERING, "fault", "test", "other fault", DENIED}),
    Topic.SOURCE: frozenset({"other", "none", "normal", "bypass", "battery", "booster", "reducer"}),
    Topic.BATTERY: frozenset({"normal", "low", "depleted"}),
}
#: What is no news at the first look.
USUAL = frozenset({"up", DELIVERING, "disabled", "searching", "normal", UNKNOWN})


class Fact(NamedTuple):
    """A word that holds since within (``after``, ``by``] and was last heard at ``seen``; ``was`` is the one before."""

    word: str
    after: float
    by: float
    seen: float
    was: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What is known of one device without cameras."""

    answers: RungHealth = UNSEEN
    facts: Mapping[Figure, Fact] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        return self.answers.outcome is Outcome.FAIL

    @property
    def says(self) -> tuple[Outcome, Mapping[Figure, str]]:
        """Whether it answers, and every word that holds now: what a person would be told."""
        return self.answers.outcome, {figure: fact.word for figure in self.facts if (fact := self.now(figure))}

    def now(self, figure: Figure) -> Fact | None:
        """Return what a figure says now: nothing while the device is silent, or no longer tells it."""
        fact = self.facts.get(figure)
        current = fact is not None and not self.is_silent and fact.seen >= self.answers.last_ok
        return fact if current else None


Known = Mapping[str, Equipment]
NOTHING = Equipment()


def step(known: Known, verdicts: Iterable[Verdict], wiring: Wiring) -> tuple[Known, list[DeviceEvent]]:
    """Return what is known after these verdicts, and what changed; the same value where none is about equipment."""
    heard = [verdict for verdict in verdicts if verdict.device in wiring.figures]
    if not heard:
        return known, []
    fresh = dict(known)
    events: list[DeviceEvent] = []
    for verdict in sorted(heard, key=lambda one: (one.at, one.device, one.probe, repr(one.findings))):
        before = fresh.get(verdict.device, NOTHING)
        after = fresh[verdict.device] = _heard(before, verdict, wiring.figures[verdict.device])
        events += _changes(verdict.device, verdict.at, before, after)
    return fresh, events


def fitted(known: Known, wiring: Wiring) -> dict[str, Equipment]:
    """Return what is known of the equipment of a wiring: figures that it does not name are forgotten."""
    kept: dict[str, Equipment] = {}
    for device, figures in wiring.figures.items():
        if device in known:
            names = set(figures.values())
            facts = {figure: fact for figure, fact in known[device].facts.items() if figure in names}
            kept[device] = replace(known[device], facts=facts)
    return kept


def _heard(before: Equipment, verdict: Verdict, figures: Mapping[str, Figure]) -> Equipment:
    found = _answer(verdict)
    began, good_at = verdict.at - verdict.duration_s, verdict.at - verdict.silent_s
    answers = observe(before.answers, found.outcome, found.reason, found.detail, began, verdict.at)
    answers = good_until(answers, before.answers, good_at)
    if found.outcome is not Outcome.OK:
        return Equipment(answers, before.facts)
    facts = dict(before.facts)
    for figure, word in _words(verdict.measurements, figures):
        facts[figure] = _fact(facts.get(figure), word, answers.last_ok, verdict.at)
    return Equipment(answers, facts)


def _answer(verdict: Verdict) -> Finding:
    """Return whether the device answered; whatever it said was an answer."""
    found = {finding.rung: finding for finding in verdict.findings}
    network, agent = found.get(Rung.REACHABLE), found.get(Rung.DEVICE)
    if network is not None and network.outcome is not Outcome.UNSEEN:
        return network
    if agent is None or agent.outcome is Outcome.UNSEEN or agent.reason is Reason.DNS:
        return Finding(Rung.REACHABLE, Outcome.UNSEEN)
    if agent.outcome is Outcome.FAIL and agent.reason in SILENCE:
        return agent
    return Finding(Rung.REACHABLE, Outcome.OK)


def _words(said: Mapping[str, float | str], figures: Mapping[str, Figure]) -> Iterator[tuple[Figure, str]]:
    for name, figure in figures.items():
        if name in said:
            word = str(said[name])
            denied = said.get(name.replace("port_power_", "port_power_denied_") + "_per_second", 0.0)
            if figure.topic is Topic.POWER and word != DELIVERING and isinstance(denied, int | float) and denied > 0:
                word = DENIED
            yield figure, word if word in WORDS[figure.topic] else UNKNOWN


def _fact(before: Fact | None, word: str, seen: float, at: float) -> Fact:
    if before is None:
        return Fact(word, -inf, at, seen)
    return before._replace(seen=seen) if before.word == word else Fact(word, before.seen, at, seen, before.word)


def _changes(device: str, at: float, before: Equipment, after: Equipment) -> Iterator[DeviceEvent]:
    if after.is_silent and not before.is_silent:
        yield DeviceEvent(at, device, "SNMP", f"silent: {after.answers.detail}")
    if before.is_silent and not after.is_silent:
        yield DeviceEvent(at, device, "SNMP", "answers again")
    for figure, fact in after.facts.items():
        old = before.facts.get(figure)
        if old is None and fact.word not in USUAL:
            yield DeviceEvent(at, device, str(figure), fact.word)
        elif old is not None and old.word != fact.word:
            yield DeviceEvent(at, device, str(figure), f"{fact.word}, was {fact.was}")
