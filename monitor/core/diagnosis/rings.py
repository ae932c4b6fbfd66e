"""The rings of a fleet: which devices flap, told by the answers to each of their probes. Kept by verdicts."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.core.diagnosis.flapping import Ring
from monitor.core.diagnosis.symptom import Onset
from monitor.core.verdict import NETWORK_RUNGS, Outcome, Rung, Verdict

#: What a device that works answers.
ANSWERS = (Rung.REACHABLE, *NETWORK_RUNGS)
_SOUND = Ring(answered=True)


class Rings:
    """One ring for each probe of a device that failed lately; who always answers has none."""

    def __init__(self) -> None:
        self._rings: dict[str, dict[str, Ring]] = {}
        self._since: dict[str, float] = {}
        self.flapping: dict[str, Onset] = {}
        """The devices that flap, and within what time that began."""

    def hear(self, verdicts: Iterable[Verdict]) -> set[str]:
        """Take in answers; return the devices that began to flap, or ended."""
        return {verdict.device for verdict in verdicts if self._hear(verdict)}

    def _hear(self, verdict: Verdict) -> bool:
        outcomes = {finding.outcome for finding in verdict.findings if finding.rung in ANSWERS}
        fails, device = Outcome.FAIL in outcomes, verdict.device
        if not fails and (device not in self._rings or Outcome.OK not in outcomes):
            return False
        rings = self._rings.setdefault(device, {})
        since = self._since.setdefault(device, verdict.at)
        rings[verdict.probe] = ring = rings.get(verdict.probe, _SOUND).after(not fails)
        if ring.bits == 0 and ring.answered:
            del rings[verdict.probe]
        if not rings:
            del self._rings[device], self._since[device]
        return self._turn(device, any(one.flapping for one in rings.values()), Onset(since, verdict.at))

    def _turn(self, device: str, flaps: bool, onset: Onset) -> bool:
        """Note whether a device flaps; say whether that is news."""
        if flaps is (device in self.flapping):
            return False
        if flaps:
            self.flapping[device] = onset
        else:
            del self.flapping[device]
        return True
