"""The rings of a fleet: which devices flap, told by the answers to each question of its own. Kept by verdicts."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.core.diagnosis.flapping import Ring
from monitor.core.diagnosis.symptom import Onset
from monitor.core.verdict import NETWORK_RUNGS, Outcome, Rung, Verdict

#: What a device that works answers.
ANSWERS = (Rung.REACHABLE, *NETWORK_RUNGS)
_SOUND = Ring(answered=True)


class Rings:
    """One ring for each rung of a device that failed lately; who always answers has none."""

    def __init__(self) -> None:
        self._rings: dict[str, dict[tuple[Rung, str], Ring]] = {}
        self._since: dict[str, float] = {}
        self.flapping: dict[str, Onset] = {}
        """The devices that flap, and within what time that began."""

    def hear(self, verdicts: Iterable[Verdict]) -> set[str]:
        """Take in answers; return the devices that began to flap, or ended."""
        return {verdict.device for verdict in verdicts if self._hear(verdict)}

    def _hear(self, verdict: Verdict) -> bool:
        device = verdict.device
        if device not in self._rings and Outcome.FAIL not in [finding.outcome for finding in verdict.findings]:
            return False
        for finding in verdict.findings:
            if finding.rung in ANSWERS and finding.outcome in (Outcome.OK, Outcome.FAIL):
                self._put(device, (finding.rung, finding.camera), finding.outcome is Outcome.OK, verdict.at)
        flaps = any(ring.flapping for ring in self._rings.get(device, {}).values())
        return self._turn(device, flaps, Onset(self._since.get(device, verdict.at), verdict.at))

    def _put(self, device: str, question: tuple[Rung, str], answered: bool, at: float) -> None:
        rings = self._rings.get(device, {})
        if answered and question not in rings:
            return
        ring = rings.get(question, _SOUND).after(answered)
        if ring.bits or not ring.answered:
            self._rings.setdefault(device, rings)[question] = ring
            self._since.setdefault(device, at)
            return
        del rings[question]
        if not rings:
            del self._rings[device], self._since[device]

    def _turn(self, device: str, flaps: bool, onset: Onset) -> bool:
        """Note whether a device flaps; say whether that is news."""
        if flaps is (device in self.flapping):
            return False
        if flaps:
            self.flapping[device] = onset
        else:
            del self.flapping[device]
        return True
