"""The book of open causes: what was judged becomes what is so, and each difference an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from monitor.core.diagnosis.adoption import Adoption
from monitor.core.diagnosis.cause import Cause, CauseEvent, Confidence, Turn, cause_id, fold
from monitor.core.diagnosis.hypothesis import Hypothesis, Key, Unit
from monitor.core.diagnosis.index import Index
from monitor.core.diagnosis.symptom import Onset, Symptom
from monitor.core.diagnosis.wording import alone, confidence, contradicted, doubt, rivals, shared
from monitor.core.topology import Layer, Scope

#: What a device or a camera has by itself.
OWN = (Layer.DEVICE, Layer.CAMERA)


@dataclass(slots=True)
class Open:
    """An open cause while it is worked with."""

    id: str
    onset: Onset
    units: set[Unit]
    left: dict[str, float] = field(default_factory=dict)
    """Devices that recovered, and when."""
    adopted: dict[str, Adoption] = field(default_factory=dict)
    remarks: Sequence[str] | None = None
    """What equipment said of it when it was told last."""
    fell: Onset | None = None
    """When it failed once more, after it was repaired."""
    along: set[Unit] = field(default_factory=set)
    """What was silent already, for something that was over when this failed."""
    window_s: float = 0.0
    """For how long after that something may still fall with it."""

    @property
    def since(self) -> Onset:
        """When what it is now began."""
        return self.fell or self.onset

    def of(self, unit: Unit, onset: Onset) -> Onset:
        """Return when something began as far as this is concerned: what came along began with it."""
        return self.since if unit in self.along and onset.by <= self.since.after else onset

    def is_over_before(self, onset: Onset) -> bool:
        """Say whether something began after all that fell with it: who holds it so far was over in between."""
        return onset.after - self.window_s >= self.since.by


class Book:
    """The open causes, what each holds, and which one holds each unit."""

    def __init__(self, index: Index, remarks: Callable[[Scope], Sequence[str]]) -> None:
        self.index = index
        self._remarks = remarks
        self.causes: dict[str, Cause] = {}
        self.open: dict[Key, Open] = {}
        self.holder: dict[Unit, Key] = {}
        self._recovering: list[Unit] = []

    def recovering(self) -> list[Unit]:
        """Return, once, a unit of each cause some of whose members recovered: it is to be judged again later."""
        units, self._recovering = self._recovering, []
        return units

    def outdated(self) -> set[Key]:
        """Return the causes of which equipment says something else than was told."""
        return {key for key, held in self.open.items() if self._remarks(key.scope) != held.remarks}

    def settle(
        self,
        touched: Collection[Unit],
        holder: Mapping[Unit, Key],
        hypotheses: Mapping[Key, Hypothesis],
        adopted: Mapping[str, Adoption],
        now: float,
        outdated: Collection[Key] = (),
    ) -> list[CauseEvent]:
        """Make what was judged so: move the units to their causes, and say what changed.

        ``outdated`` are causes of which something else is seen than was told.
        """
        moves: dict[Key, Counter[Key]] = {}
        joining: dict[Key, set[Unit]] = {}
        leaving: dict[Key, set[Unit]] = {}
        for unit in {*touched, *holder}:
            before, after = self.holder.get(unit), holder.get(unit)
            if before == after:
                continue
            if before is not None:
                leaving.setdefault(before, set()).add(unit)
                if after is not None:
                    moves.setdefault(before, Counter())[after] += 1
            if after is not None:
                joining.setdefault(after, set()).add(unit)
                self.holder[unit] = after
            else:
                del self.holder[unit]
        events = [
            self._put(key, joining.get(key, set()), leaving.get(key, set()), moves, hypotheses, adopted, now)
            for key in sorted(joining.keys() | leaving.keys(), key=lambda key: (key not in joining, key))
        ]
        same = [key for key in outdated if key in self.open and key not in joining and key not in leaving]
        events += [event for key in sorted(same) if (event := self._retold(key, hypotheses, now)) is not None]
        for event in events:
            fold(self.causes, event)
        return events

    def _put(
        self,
        key: Key,
        joining: set[Unit],
        leaving: set[Unit],
        moves: Mapping[Key, Counter[Key]],
        hypotheses: Mapping[Key, Hypothesis],
        adopted: Mapping[str, Adoption],
        now: float,
    ) -> CauseEvent:
        held = self.open.get(key)
        if held is None:
            return self._opened(key, joining, moves, hypotheses, adopted, now)
        before = set(self.causes[held.id].members)
        held.units = (held.units | joining) - leaving
        if not held.units:
            del self.open[key]
            return self._closed(key, held, moves.get(key, Counter()), now)
        if (one := hypotheses.get(key)) is not None:
            held.along |= one.along & held.units
            held.fell = Onset(one.moment.after, one.moment.by) if one.anew else held.fell
        held.adopted |= {row: adoption for row, adoption in adopted.items() if adoption.key == key}
        self._recover(held, joining, leaving, now)
        after = {camera for unit in held.units for camera in self.index.cameras(unit)}
        evidence, sure, others, against = self._telling(key, held, hypotheses)
        return CauseEvent(
            now, held.id, Turn.CHANGED, key.kind, key.scope, *held.onset,
            tuple(sorted(after - before)), tuple(sorted(before - after)), "", evidence, sure, others, against,
        )  # fmt: skip

    def _retold(self, key: Key, hypotheses: Mapping[Key, Hypothesis], now: float) -> CauseEvent | None:
        """Return the event of a cause whose members stay, and whose evidence does not."""
        held = self.open[key]
        if key not in hypotheses and key.scope.layer not in OWN:
            return None
        evidence, sure, others, against = self._telling(key, held, hypotheses)
        before = self.causes[held.id]
        if (evidence, sure, against) == (before.evidence, before.confidence, before.contradicted):
            return None
        return CauseEvent(
            now, held.id, Turn.CHANGED, key.kind, key.scope, *held.onset, (), (), "", evidence, sure, others, against
        )

    def _recover(self, held: Open, joining: set[Unit], leaving: set[Unit], now: float) -> None:
        for unit in joining:
            held.left.pop(unit.device, None)
        onsets, there = self.index.onsets, self.index.topology.cameras
        over = {unit for unit in leaving if unit not in onsets or held.is_over_before(onsets[unit])}
        recovered = {unit.device for unit in over if unit.device in there}  # not what stood for those that left
        if recovered:
            held.left |= dict.fromkeys(recovered, now)
            self._recovering.append(min(held.units))

    def _opened(
        self,
        key: Key,
        units: set[Unit],
        moves: Mapping[Key, Counter[Key]],
        hypotheses: Mapping[Key, Hypothesis],
        adopted: Mapping[str, Adoption],
        now: float,
    ) -> CauseEvent:
        one = hypotheses.get(key)
        onset = Onset(one.moment.after, one.moment.by) if one else min(self.index.onsets[unit] for unit in units)
        if one and one.rule.window_s:
            onset = min(one.units.get(unit, self.index.onsets[unit]) for unit in units)
        if not isfinite(onset.by):  # a device that was never seen otherwise than full: since we know it
            onset = Onset(onset.after, now)
        mine = {row: adoption for row, adoption in adopted.items() if adoption.key == key}
        held = Open(cause_id(key.kind, key.scope, onset.by), onset, units, {}, mine)
        if one:
            held.along, held.window_s = set(one.along & units), one.rule.window_s
        self.open[key] = held
        source = self._split_from(key, moves)
        cameras = tuple(sorted({camera for unit in units for camera in self.index.cameras(unit)}))
        evidence, sure, others, against = self._telling(key, held, hypotheses)
        turn = Turn.SPLIT if source else Turn.OPENED
        return CauseEvent(
            now, held.id, turn, key.kind, key.scope, *onset, cameras, (), source, evidence, sure, others, against
        )

    def _split_from(self, key: Key, moves: Mapping[Key, Counter[Key]]) -> str:
        """Return the cause that gave a new one its members and went on, or fell into several."""
        for before in sorted(moves):
            to = moves[before]
            if key in to and before in self.open and (len(to) > 1 or to.total() < len(self.open[before].units)):
                return self.open[before].id
        return ""

    def _closed(self, key: Key, held: Open, to: Counter[Key], now: float) -> CauseEvent:
        heir = self.open.get(next(iter(to))) if len(to) == 1 else None
        into = heir.id if heir is not None and not (held.left and held.onset.by <= heir.onset.after) else ""
        members = tuple(sorted(self.causes[held.id].members))
        turn = Turn.MERGED if into else Turn.CLOSED
        return CauseEvent(now, held.id, turn, key.kind, key.scope, *held.onset, (), members, into)

    def _telling(
        self, key: Key, held: Open, hypotheses: Mapping[Key, Hypothesis]
    ) -> tuple[tuple[str, ...], Confidence, tuple[str, ...], tuple[str, ...]]:
        one = hypotheses.get(key)
        others = rivals(self.index, key, held.units, hypotheses)
        held.remarks = self._remarks(key.scope)
        rows = [adoption.sentence for adoption in held.adopted.values()]
        # what is shared may be joined or left without being weighed anew
        if one is None and key.scope.layer not in OWN and held.id in self.causes:
            known = self.causes[held.id]
            return known.evidence, known.confidence, others, tuple(sorted({*known.contradicted, *rows}))
        if one is None:
            unit = min(held.units)
            return (*alone(self.index, unit), *held.remarks), Confidence.SEEN, others, ()
        cameras = sum(len(self.index.cameras(unit)) for unit in held.units)
        cameras += sum(len(self.index.topology.cameras[device]) for device in one.back)
        beside = [hypotheses[other] for _, other in self.index.keys(min(held.units)) if other in hypotheses]
        before = self._silent_before(key, one)
        evidence = (*shared(one, held.units, cameras, held.remarks, before), *doubt(one, beside))
        return evidence, confidence(one, beside), others, contradicted(one, rows)

    def _silent_before(self, key: Key, one: Hypothesis) -> int:
        """Return how many devices of a scope were silent before what took the others down."""
        failing = self.index.failing.get(key, {}).items()
        return sum(
            unit.symptom is Symptom.SILENT and unit not in one.units and onset.by <= one.moment.after
            for unit, onset in failing
        )
