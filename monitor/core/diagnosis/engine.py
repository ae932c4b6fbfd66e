"""The diagnosis: changes of rungs in, cause events out; the work of a change is proportional to what it touches.

Rules:
1. A change dirties the units of its device, and with them the scopes that could explain them. Only what hangs together
   through scopes that qualify is judged anew; the rest stands.
2. A cause opens when its neighbourhood has had time to be confirmed (``settle_s``); it holds its members while they
   fail; those that recover speak against it only after a while, so that a repair does not tear it apart.
3. The outcome depends on what is so after a step, not on the order in which it came.

The indexes change in place, for speed; what leaves a step is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from math import inf

from monitor.core.diagnosis.adoption import LISTED, Adoption, adopt, listed
from monitor.core.diagnosis.book import Book, Open
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.explanation import explain
from monitor.core.diagnosis.hypothesis import Hypothesis, Key, Scales, Sighting, Unit
from monitor.core.diagnosis.index import Index
from monitor.core.diagnosis.repair import Repairs
from monitor.core.diagnosis.rules import (
    ALONE,
    ALONE_SETTLES_S,
    HIDDEN_BY_FLAPPING,
    RECOVERY_S,
    RULES,
    Rule,
)
from monitor.core.diagnosis.symptom import Onset, Symptom
from monitor.core.health import Rungs
from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import Rung

_RULES = {(rule.kind, rule.layer): rule for rule in RULES}
#: What is left is looked at again so many times.
MOST_ROUNDS = 4
#: Failures that may be gone through in a second, as far as anybody waits for that: some tenth of a processor's time.
JUDGED_A_SECOND = 5000

Remarks = Callable[[Scope], Sequence[str]]


def nothing(_: Scope) -> Sequence[str]:
    """Return the remarks of a fleet without equipment that can be asked."""
    return ()


class Diagnosis:
    """The open causes of a fleet. ``settle`` scales every rule's waiting: 0 judges at once what is known.

    ``remarks`` gives sentences about a scope that stand as evidence beside a cause: what its switch or UPS says.
    ``seen``: the devices of which it was ever known whether they can be reached.
    """

    def __init__(
        self, topology: Topology, settle: float = 1.0, remarks: Remarks = nothing, seen: Iterable[str] = ()
    ) -> None:
        self.topology = topology
        self.index = Index(topology, seen)
        self._settle = settle
        self._book = Book(self.index, remarks)
        self._open, self._holder = self._book.open, self._book.holder
        self._repairs = Repairs(self._book, self._asked)
        self._due: list[tuple[float, Unit]] = []
        self._dirty: dict[Unit, None] = {}
        """What is still to be judged."""
        self._rests_until = -inf
        self._lonely: dict[str, None] = {}
        self._sightings: dict[Key, Sighting] = {}
        self._outdated: set[Key] = set()
        self._rungs: Mapping[str, Rungs] = {}
        self._scales = Scales(topology, self.index.seen.__contains__, self._asked, self.index.members)

    @property
    def causes(self) -> Mapping[str, Cause]:
        """The open causes by their ids."""
        return self._book.causes

    def step(
        self,
        rungs: Mapping[str, Rungs],
        devices: Iterable[str],
        now: float,
        sightings: Iterable[Sighting] | None = None,
        most: float = inf,
    ) -> list[CauseEvent]:
        """Return what changes about the causes when these devices' rungs became what ``rungs`` says.

        ``sightings`` are all that is seen down itself now; None: as before, and so are the remarks. Where it takes
        longer to judge what hangs together with all that changed, the rest is left after about ``most`` failures, and
        ``waits`` for another step.
        """
        self.note(rungs, devices)
        if sightings is not None:
            self._dirty |= dict.fromkeys(self._sight({sighting.key: sighting for sighting in sightings}))
            self._rests_until, most = -inf, inf
        while self._due and self._due[0][0] <= now:
            self._dirty[heappop(self._due)[1]] = None
        return self._judge(now, most) if self.waits(now) else []

    def note(self, rungs: Mapping[str, Rungs], devices: Iterable[str]) -> None:
        """Take these devices' rungs as they are now, to be judged with the next step."""
        self._rungs = rungs
        for device in devices:
            if device in self.topology.scopes:
                changed = self.index.update(device, rungs)
                if any(unit.symptom is Symptom.FLAPPING for unit in changed):
                    changed |= self.index.units(device)
                self._dirty |= dict.fromkeys(changed)

    def waits(self, now: float) -> bool:
        """Say whether something is to be judged at once. Where thousands fail, what changes is judged together after a
        few seconds: a judgement goes through all that hangs together with it.
        """
        return bool(self._dirty) and now >= self._rests_until

    def _sight(self, sightings: dict[Key, Sighting]) -> set[Unit]:
        """Take in what is seen down; return what is to be judged for it, or only told otherwise."""
        keys = sightings.keys() | self._sightings.keys()
        changed = {key for key in keys if sightings.get(key) != self._sightings.get(key)}
        self._sightings = sightings
        self._outdated = changed | self._book.outdated()
        devices = {device for key in changed for device in self.index.members(key.scope)}
        units = {Unit(Symptom.SILENT, device) for device in devices}
        told = {next(iter(self._open[key].units)) for key in self._outdated if key in self._open}
        return {unit for unit in units if unit in self.index.onsets} | told

    def _asked(self, device: str, symptom: Symptom, since: float) -> bool:
        rung = Rung.CREDENTIALS if symptom is Symptom.CREDENTIALS else Rung.REACHABLE
        cameras = self.topology.cameras.get(device, ())  # it may have left the inventory
        return any(camera in self._rungs and self._rungs[camera][rung].last_ok > since for camera in cameras)

    def resume(
        self, causes: Iterable[Cause], rungs: Mapping[str, Rungs], now: float, devices: Iterable[str] | None = None
    ) -> list[CauseEvent]:
        """Take up the causes that an earlier run left open, over the rungs as they are; return what changes.

        ``devices``: all of which there may be more to say than that all is well; None: nobody knows which.
        """
        causes = list(causes)
        for cause in causes:
            self._recall(cause)
        for device in self.topology.scopes if devices is None else devices:
            self.index.update(device, rungs)
        self._rungs = rungs
        units_of: dict[str, list[Unit]] = {}
        for unit in self.index.onsets:
            for camera in self.index.cameras(unit):
                units_of.setdefault(camera, []).append(unit)
        self._dirty |= dict.fromkeys(self.index.onsets)
        for cause in causes:
            self._dirty |= dict.fromkeys(self._take_up(cause, units_of, now))
        return self._judge(now)

    def _recall(self, cause: Cause) -> None:
        """Take up what was wrong with the members of a cause: a power cut or a refused login may hide it now."""
        explains = list(_symptoms_of(Key(cause.kind, cause.scope)))
        if len(explains) == 1 and explains[0] is not Symptom.SILENT:
            self.index.recall(cause.members, explains[0], Onset(cause.after, cause.by))

    def _take_up(self, cause: Cause, units_of: Mapping[str, list[Unit]], now: float) -> set[Unit]:
        key = Key(cause.kind, cause.scope)
        explains = _symptoms_of(key)
        units = {unit for id_ in cause.members for unit in units_of.get(id_, ()) if unit.symptom in explains}
        units = {unit for unit in units if self._holder.setdefault(unit, key) == key}
        gone = Unit(min(explains, default=Symptom.SILENT), cause.scope.name)
        self._book.causes[cause.id] = cause
        rule = _rule_of(key)
        window_s = rule.window_s if rule else 0.0
        adopted = {row: Adoption(row, key, said) for row, said in self._elsewhere_listed(key, units)}
        onset = Onset(cause.after, cause.by)
        self._open[key] = Open(cause.id, onset, units or {gone}, adopted=adopted, window_s=window_s)
        if adopted or cause.contradicted:  # the inventory may be another one
            self._outdated.add(key)
        if not units:  # nothing of it fails any more: it closes now
            self._holder[gone] = key
            return {gone}
        return units

    def _elsewhere_listed(self, key: Key, units: Iterable[Unit]) -> Iterator[tuple[str, Scope | None]]:
        """Yield the rows of these units that are not listed where they fail, and what is said of them instead."""
        if key.scope.layer in LISTED:
            its = self.index.members(key.scope)
            for device in {unit.device for unit in units}.difference(its):
                yield self.topology.row[device], listed(self.topology, device, key.scope.layer)

    # Judging ----------------------------------------------------------------------------------------

    def _judge(self, now: float, most: float = inf) -> list[CauseEvent]:
        """Judge what is dirty, and all that hangs together with it; the rest stays dirty after ``most`` failures."""
        self._repairs.begin()
        hypotheses, units, touched = self._reach(now, most)
        if not self._dirty:
            rest_s = len(self.index.onsets) // JUDGED_A_SECOND
            self._rests_until = now + rest_s if rest_s else -inf
        believed = self._believe(hypotheses, {unit: onset for unit, onset in units.items() if not unit.camera})
        holder: dict[Unit, Key] = {}
        fresh: dict[Key, Hypothesis] = {}
        for key, explained in believed.items():
            one = hypotheses[key]
            first = self._first(one, explained)
            if key in self._open or one.seen or self._ripe(first, one.rule.settle_s, min(explained), now):
                fresh[key] = one
                holder |= dict.fromkeys(explained, key)
            else:
                holder |= {u: self._holder[u] for u in explained if u in self._holder and self._stays(u, believed)}
        explained_later = {unit for key in believed.keys() - fresh.keys() for unit in believed[key]}
        adopted = self._adopt(units, holder, fresh)
        for unit, onset in units.items():
            if unit not in holder and unit not in explained_later and not self._comes_and_goes(unit):
                kind = ALONE[unit.symptom]
                if self._holder.get(unit) == self._alone(unit) or self._ripe(
                    onset.by, ALONE_SETTLES_S.get(unit.symptom, 0.0), unit, now
                ):
                    holder[unit] = Key(kind, self._alone(unit).scope)
                elif self._repairs.fell_anew(unit, onset):
                    holder[unit] = self._holder[unit]
        events = self._book.settle(touched | units.keys(), holder, hypotheses, adopted, now, self._outdated)
        self._outdated = set()
        for unit in self._book.recovering():
            heappush(self._due, (now + RECOVERY_S, unit))
        return events

    def _believe(self, hypotheses: dict[Key, Hypothesis], units: Mapping[Unit, Onset]) -> dict[Key, frozenset[Unit]]:
        """Return what explains these units, each part of them once; what a first round leaves is looked at again."""
        sites = {key: one for key, one in hypotheses.items() if key.scope.layer is Layer.SITE}
        left = dict(units)
        believed: dict[Key, frozenset[Unit]] = {}
        round_ = hypotheses
        found: dict[Key, frozenset[Unit]] = {}
        for _ in range(MOST_ROUNDS):
            found = explain(round_.values(), left)
            larger = {key: part for key, part in found.items() if key not in sites}
            for unit in (unit for part in larger.values() for unit in part):
                del left[unit]
            believed |= larger
            self._release(believed, left, units)
            again = self._second_thoughts(left, units, believed)
            if not again or again.keys() <= round_.keys():
                break
            hypotheses |= again
            round_ = {**sites, **again}
        return believed | {key: part for key, part in found.items() if key in sites}

    def _release(
        self, believed: dict[Key, frozenset[Unit]], left: dict[Unit, Onset], units: Mapping[Unit, Onset]
    ) -> None:
        """Let rows go that a cause adopted, where all that was its own has another cause now."""
        for key in [key for key in believed if key in self._open and self._open[key].adopted]:
            adopted = self._open[key].adopted
            if all(self.topology.row[unit.device] in adopted for unit in believed[key]):
                left |= {unit: units[unit] for unit in believed.pop(key)}

    def _second_thoughts(
        self, left: Mapping[Unit, Onset], units: Mapping[Unit, Onset], believed: Mapping[Key, frozenset[Unit]]
    ) -> dict[Key, Hypothesis]:
        """Weigh what is left by itself: a feeder may fail after a cut has silenced half of its devices."""
        keys = {key: rule for unit in left for rule, key in self.index.keys(unit) if key not in believed}
        found = {}
        for key, rule in keys.items():
            failing = self.index.failing[key]
            elsewhere = {unit for unit in failing if unit not in left and self._elsewhere(unit, key, units)}
            if key.scope.layer is not Layer.SITE and key not in self._open and elsewhere:
                one = self._scales.weigh(
                    rule, key.scope, failing, elsewhere=elsewhere, masked=self._repairs.masked(key, failing)
                )
                if one is not None:
                    found[key] = one
        return found

    def _elsewhere(self, unit: Unit, key: Key, units: Mapping[Unit, Onset]) -> bool:
        """Say whether something else that is shared explains a unit: just so, or since before."""
        held = self._holder.get(unit)
        return unit in units or (held is not None and held != key and held.scope.layer in LISTED)

    def _reach(self, now: float, most: float) -> tuple[dict[Key, Hypothesis], dict[Unit, Onset], set[Unit]]:
        """Return the hypotheses and the units that hang together with dirty ones, and the units that are gone."""
        hypotheses: dict[Key, Hypothesis] = {}
        units: dict[Unit, Onset] = {}
        gone: set[Unit] = set()
        asked: set[Key] = set()
        queue: list[Unit] = []
        while queue or (self._dirty and len(units) + len(gone) < most):
            unit = queue.pop() if queue else self._dirty.popitem()[0]
            self._dirty.pop(unit, None)
            if unit in units or unit in gone:
                continue
            onset = self.index.onsets.get(unit)
            if onset is None:
                gone.add(unit)
            else:
                units[unit] = onset
            for rule, key in self._keys(unit):
                if key in asked:
                    continue
                asked.add(key)
                queue += self._open[key].units if key in self._open else ()
                one = self._weigh(rule, key, now) if rule else None
                if one is not None:
                    hypotheses[key] = one
                    queue += one.units
        return hypotheses, units, gone

    def _keys(self, unit: Unit) -> list[tuple[Rule | None, Key]]:
        keys: list[tuple[Rule | None, Key]] = list(self.index.keys(unit)) if unit.device in self.topology.scopes else []
        held = self._holder.get(unit)
        if held is not None and all(key != held for _, key in keys):
            keys.append((_rule_of(held), held))
        return keys

    def _weigh(self, rule: Rule, key: Key, now: float) -> Hypothesis | None:
        held = self._open.get(key)
        failing = self.index.failing.get(key, {})
        masked = self._repairs.masked(key, failing)
        sighting = self._sightings.get(key)
        incumbent = self._repairs.incumbent(key, held, now) if held is not None else None
        if held is not None and incumbent is not None and self._repairs.is_over(key):
            once_more = self._once_more(rule, key, held, {*masked, *incumbent.units})
            if once_more is not None:
                return once_more
        one = self._scales.weigh(rule, key.scope, failing, incumbent, sighting, masked=masked)
        if one is None and sighting is not None:  # what was seen has nothing to do with it
            one = self._scales.weigh(rule, key.scope, failing, incumbent, masked=masked)
        if held is None and key.scope.layer in LISTED and self._scales.may(rule, key.scope, failing):
            one = self._of_the_rest(rule, key, failing, one)
        return one

    def _once_more(self, rule: Rule, key: Key, held: Open, masked: Collection[Unit]) -> Hypothesis | None:
        """Return the hypothesis that what was repaired has failed once more, by what fell silent since."""
        failing = self.index.failing.get(key, {})
        earlier = {unit for unit, onset in failing.items() if unit not in masked and not held.is_over_before(onset)}
        one = self._scales.weigh(rule, key.scope, failing, elsewhere=earlier, masked=masked)
        if one is None or not held.is_over_before(Onset(one.moment.after, one.moment.by)):
            return None
        return replace(one, is_open=True, anew=True)

    def _of_the_rest(
        self, rule: Rule, key: Key, failing: Mapping[Unit, Onset], one: Hypothesis | None
    ) -> Hypothesis | None:
        """Return what is made of that which nothing explains yet, if a hypothesis says nothing of it: a port may be cut
        after most behind it fell silent."""
        elsewhere = {unit for unit in failing if self._elsewhere(unit, key, {})}
        if not elsewhere or (one is not None and not one.units.keys() <= elsewhere):
            return one
        masked = self._repairs.masked(key, failing)
        return self._scales.weigh(rule, key.scope, failing, elsewhere=elsewhere, masked=masked) or one

    def _stays(self, unit: Unit, believed: Collection[Key]) -> bool:
        """Say whether a unit may stay where it is while something larger ripens."""
        held = self._holder[unit]
        return _rule_of(held) is None or held in believed or held in self._open

    def _first(self, one: Hypothesis, explained: Collection[Unit]) -> float:
        """Return when the first of this failed that has no cause yet: what is new waits for its neighbours."""
        fresh = [unit for unit in explained if unit not in self._holder]
        return min(one.units[unit].by for unit in fresh or explained)

    def _ripe(self, first: float, settle_s: float, unit: Unit, now: float) -> bool:
        due = first + settle_s * self._settle
        if now >= due:
            return True
        heappush(self._due, (due, unit))
        return False

    def _comes_and_goes(self, unit: Unit) -> bool:
        """Say whether a device flaps, so that what it fails to answer becomes no cause of its own."""
        held = self._holder.get(unit) == self._alone(unit)
        return unit.symptom in HIDDEN_BY_FLAPPING and not held and self.index.flaps(unit.device)

    @staticmethod
    def _alone(unit: Unit) -> Key:
        scope = Scope(Layer.CAMERA, unit.camera) if unit.camera else Scope(Layer.DEVICE, unit.device)
        return Key(ALONE[unit.symptom], scope)

    # Rows that the inventory has wrong ----------------------------------------------------------------

    def _adopt(
        self, units: Mapping[Unit, Onset], holder: dict[Unit, Key], fresh: Mapping[Key, Hypothesis]
    ) -> dict[str, Adoption]:
        """Let silent rows that nothing on the inventory's word explains join what their neighbours belong to."""
        rows = {self.topology.row[unit.device] for unit in units if unit.symptom is Symptom.SILENT and not unit.camera}
        rows |= self._near(fresh, holder)
        found: dict[str, Adoption] = {}
        fresh_rows = rows
        while fresh_rows:  # an adopted row speaks for its neighbours in the next round
            adoptions = [self._adoption(row, units, holder, fresh) for row in sorted(fresh_rows)]
            now = {adoption.row: adoption for adoption in adoptions if adoption is not None}
            for row, adoption in now.items():
                holder |= dict.fromkeys(self._silent_units(row), adoption.key)
            found |= now
            fresh_rows = rows - found.keys() if now else set()
        return found

    def _near(self, fresh: Mapping[Key, Hypothesis], holder: Mapping[Unit, Key]) -> set[str]:
        """Return the lonely rows beside those that join a shared cause now."""
        joining = {
            self.topology.row[unit.device]
            for unit, key in holder.items()
            if key in fresh and key.scope.layer in LISTED and self._holder.get(unit) != key
        }
        return {near for row in joining for near in self.topology.neighbours(row) if near in self._lonely}

    def _silent_units(self, row: str) -> list[Unit]:
        units = [Unit(Symptom.SILENT, device) for device in self.topology.in_row[row]]
        return [unit for unit in units if unit in self.index.onsets]

    def _adoption(
        self, row: str, units: Mapping[Unit, Onset], holder: Mapping[Unit, Key], fresh: Mapping[Key, Hypothesis]
    ) -> Adoption | None:
        silent = self._silent_units(row)
        self._lonely.pop(row, None)
        if not silent or any(self._on_row(holder.get(unit) or self._held(unit, units, holder)) for unit in silent):
            return None
        if not self.index.whole(row):
            return None
        self._lonely[row] = None
        onset = max(self.index.onsets[unit] for unit in silent)

        def cause_of(other: str) -> tuple[Key, Onset] | None:
            unit = Unit(Symptom.SILENT, self.topology.in_row[other][0])
            key = holder.get(unit) or self._held(unit, units, holder)
            return (key, self._span(key, fresh)) if key is not None and self._on_row(key) else None

        adoption = adopt(row, onset, self.topology, cause_of, self._doubtful)
        if adoption is not None:
            self._lonely.pop(row, None)
        return adoption

    def _doubtful(self, scope: Scope, row: str) -> bool:
        """Say whether a silent row's listing cannot be right: the rest of its uplink goes on; of a feeder, whose UPSs
        end at different minutes, none of its neighbours is on it."""
        return self._scales.stranger(row, scope) if scope.layer is Layer.FEEDER else self.index.goes_on(scope, row)

    def _held(self, unit: Unit, units: Mapping[Unit, Onset], holder: Mapping[Unit, Key]) -> Key | None:
        return holder.get(unit) if unit in units else self._holder.get(unit)

    @staticmethod
    def _on_row(key: Key | None) -> bool:
        return key is not None and key.scope.layer in LISTED

    def _span(self, key: Key, fresh: Mapping[Key, Hypothesis]) -> Onset:
        """Return within what time members of a cause may have begun to fail."""
        if key in self._open:
            after, by = self._open[key].onset
        else:
            after, by = fresh[key].moment.after, fresh[key].moment.by
        rule = _rule_of(key)
        return Onset(after, by + (rule.window_s if rule else 0.0))


def _rule_of(key: Key) -> Rule | None:
    return _RULES.get((key.kind, key.scope.layer))


def _symptoms_of(key: Key) -> Collection[Symptom]:
    rule = _rule_of(key)
    return rule.symptoms if rule else [symptom for symptom, kind in ALONE.items() if kind is key.kind]
