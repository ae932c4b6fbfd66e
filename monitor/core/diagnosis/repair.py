"""What is silent beside a cause that was repaired: since when, and whether it still has to do with that cause.

Rules:
1. A cause was repaired when a fifth of what fell silent with it has answered since, if only once.
2. What answered and is silent again fell silent anew: it is judged as if the cause had never been. If it fell together,
   the cause failed once more, and stays the same; if not, something else did.
3. What was not asked in between may have fallen silent for another reason at any time since: it is no witness for a
   later failure, and goes with what explains the others, if its row has not answered since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from monitor.core.diagnosis.book import Book, Open
from monitor.core.diagnosis.hypothesis import Incumbent, Key, Unit
from monitor.core.diagnosis.rules import RECOVERED_SHARE, RECOVERY_S, SILENCED
from monitor.core.diagnosis.symptom import Onset, Symptom

Asked = Callable[[str, Symptom, float], bool]


class Repairs:
    """Which open causes were repaired, as is known within one judgement; ``asked`` as in ``Scales``."""

    def __init__(self, book: Book, asked: Asked) -> None:
        self._book = book
        self._asked = asked
        self._known: dict[Key, bool] = {}

    def begin(self) -> None:
        """Begin a judgement: more may have answered."""
        self._known = {}

    def is_over(self, key: Key) -> bool:
        """Say whether a cause that is open was repaired."""
        if key.scope.layer not in SILENCED or key not in self._book.open:
            return False
        if key not in self._known:
            held = self._book.open[key]
            answered = sum(self._asked(device, Symptom.SILENT, held.since.by) for device in held.left)
            answered += sum(self._has_answered(held, unit) for unit in held.units)
            self._known[key] = answered >= RECOVERED_SHARE * (len(held.left) + len(held.units))
        return self._known[key]

    def _has_answered(self, held: Open, unit: Unit) -> bool:
        """Say whether something has answered since it fell silent with what holds it."""
        onset = self._book.index.onsets.get(unit)
        return onset is None or held.is_over_before(onset) or self._asked(unit.device, Symptom.SILENT, onset.by)

    def fell_anew(self, unit: Unit, onset: Onset) -> bool:
        """Say whether what holds a unit was over before that fell silent once more."""
        held = self._book.open.get(self._book.holder[unit]) if unit in self._book.holder else None
        return held is not None and held.is_over_before(onset)

    def masked(self, key: Key, failing: Mapping[Unit, Onset]) -> set[Unit]:
        """Return what may have failed later than it is known to, for all that this scope knows."""
        return {unit for unit, onset in failing.items() if self._is_masked(key, unit, onset)}

    def _is_masked(self, key: Key, unit: Unit, onset: Onset) -> bool:
        by = self._book.holder.get(unit)
        if by is None or by.scope.layer not in SILENCED or by not in self._book.open:
            return False
        held = self._book.open[by]
        if by != key and self.is_over(by):
            return not held.is_over_before(onset)
        return held.of(unit, onset) != onset

    def incumbent(self, key: Key, held: Open, now: float) -> Incumbent:
        """Return what a new judgement must respect of an open cause."""
        onsets = self._book.index.onsets
        lasting = {unit: held.of(unit, onsets[unit]) for unit in held.units if unit in onsets}
        excused = self._excused(held, now)
        if self.is_over(key):
            anew = {unit for unit, onset in lasting.items() if held.is_over_before(onset)}
            excused = {*excused, *(unit.device for unit in anew)}
            lasting = {unit: onset for unit, onset in lasting.items() if unit not in anew}
        return Incumbent(held.since, lasting, excused)

    def _excused(self, held: Open, now: float) -> Collection[str]:
        left = held.left | {unit.device: now for unit in held.units if unit not in self._book.index.onsets}
        if not left:
            return ()
        over = now >= max(left.values()) + RECOVERY_S and len(left) >= RECOVERED_SHARE * (len(left) + len(held.units))
        return () if over else left
