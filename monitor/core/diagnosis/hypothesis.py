"""A hypothesis: one thing took these devices down together. What speaks for it, what against it, what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import NamedTuple

from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.cut import by_themselves, cut, falls
from monitor.core.diagnosis.onset import Moment, fits, moment
from monitor.core.diagnosis.rules import ALONE_PRICE, ALONE_PRICE_BEFORE, APART_PRICE, SILENT, Rule
from monitor.core.diagnosis.symptom import Onset, Symptom
from monitor.core.topology import Layer, Scope, Topology

#: A row is a stranger where so many neighbours are listed, and none of them where it is.
LEAST_NEIGHBOURS = 4
#: Of a scope larger than this, a sample is asked.
SAMPLE = 150


class Unit(NamedTuple):
    """What has to be explained: a symptom of a device, or of one of its cameras only."""

    symptom: Symptom
    device: str
    camera: str = ""


class Key(NamedTuple):
    """What tells the causes that are open at one time apart."""

    kind: Kind
    scope: Scope


class Sighting(NamedTuple):
    """A scope was seen down itself, since (``after``, ``by``]: a sentence says how (the port has no link)."""

    kind: Kind
    scope: Scope
    after: float
    by: float
    says: str
    window_s: float = 0.0
    """What fails this long after it is still its: a UPS on its battery."""

    @property
    def key(self) -> Key:
        return Key(self.kind, self.scope)


@dataclass(frozen=True, slots=True)
class Incumbent:
    """An open cause, as far as a new judgement must respect it."""

    onset: Onset
    units: Mapping[Unit, Onset]
    """What it holds and still fails."""
    excused: Collection[str]
    """Devices that it held and that are well since: not yet witnesses against it."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What one rule makes of one scope."""

    rule: Rule
    scope: Scope
    units: Mapping[Unit, Onset]
    moment: Moment
    ill: int
    well: int
    against: tuple[str, ...] = ()
    """Rows that go on as if nothing had happened."""
    price: float = 0.0
    seen: str = ""
    is_open: bool = False
    """Whether it is believed already: then it may keep the little that is left of it."""
    back: tuple[str, ...] = ()
    """Devices that it held and that answer again: they fell with the others."""
    along: Set[Unit] = frozenset()
    """What was silent already, and may have failed with the others."""
    anew: bool = False
    """Whether it had been repaired, and failed once more."""

    @property
    def key(self) -> Key:
        return Key(self.rule.kind, self.scope)

    @property
    def is_old(self) -> bool:
        """Whether it began before our first look, so that only the structure speaks for it."""
        return not isfinite(self.moment.after)


def worth(onset: Onset) -> float:
    """Return the price of a failure that nothing else explains."""
    return ALONE_PRICE if isfinite(onset.after) else ALONE_PRICE_BEFORE


@dataclass(frozen=True, slots=True)
class Scales:
    """What weighing needs to know. ``seen(device)``: was it ever; ``asked(device, symptom, since)``: was it since."""

    topology: Topology
    seen: Callable[[str], bool]
    asked: Callable[[str, Symptom, float], bool]
    members: Callable[[Scope], Collection[str]]
    strange: dict[tuple[str, Scope], bool] = field(default_factory=dict)
    """What was found of rows: the topology does not change."""

    def weigh(
        self,
        rule: Rule,
        scope: Scope,
        failing: Mapping[Unit, Onset],
        incumbent: Incumbent | None = None,
        sighting: Sighting | None = None,
        elsewhere: Collection[Unit] = (),
        masked: Collection[Unit] = (),
    ) -> Hypothesis | None:
        """Return the hypothesis that this thing failed, or None where it is not to be blamed.

        What failed ``elsewhere`` is explained already: earlier, it is no witness; at that time or later, one against.
        What is ``masked`` may have failed at any time since it did: it is no witness, and goes with those that are.
        """
        if incumbent is not None and not incumbent.units:
            incumbent = None  # all of it has recovered: what fails there is judged as if it had never been open
        if rule.only_seen and sighting is None and incumbent is None:
            return None
        members = self.members(scope)
        hidden = {unit: onset for unit, onset in failing.items() if unit in masked}
        if hidden:
            failing = {unit: onset for unit, onset in failing.items() if unit not in masked}
        if rule.by_rows:
            aside = {unit.device for unit in failing}.union(incumbent.excused if incumbent else ())
            alone = by_themselves(failing, self._row, lambda row, since: self._go_on(row, since, aside))
            failing = {unit: onset for unit, onset in failing.items() if unit not in alone}
            if incumbent is not None:
                its = {unit: onset for unit, onset in incumbent.units.items() if unit not in alone}
                incumbent = replace(incumbent, units=its)
            gone = {unit.device for unit in alone}
            members = [device for device in members if device not in gone]
        mine = {unit: onset for unit, onset in failing.items() if unit not in elsewhere} if elsewhere else failing
        others = len(failing) - len(mine)
        if incumbent is None and sighting is None and not _enough(rule, len(mine), len(members) - others - len(hidden)):
            return None
        units, found = self._group(rule, mine, incumbent, sighting)
        if sighting is not None and sighting.window_s:
            units = self._whole(units, members)
        if not units:
            return None
        ill = {unit.device for unit in units}
        well = self._well(rule, members, {**failing, **hidden}, ill, found, incumbent)
        if sighting is not None and not sighting.window_s:
            well = [device for device in well if self.asked(device, Symptom.SILENT, sighting.by)]
        strange = self._strangers(rule, scope, well)
        if strange:
            well = [device for device in well if self.topology.row[device] not in strange]
        rows, mixed = self._rows(scope, ill, self._going_on(rule, well, found))
        borne_out = sighting is not None and _borne_out(rule, len(ill), len(well), sighting)
        if not (borne_out or _blamed(rule, len(ill), len(well), incumbent, _rows_err(rule, rows, mixed, found, ill))):
            return None
        price = 0.0
        if not borne_out:
            price = rule.price + rule.contradiction * (len(rows) + mixed)
            price += APART_PRICE * self._apart(rule, units, found)
        says = sighting.says if sighting else ""
        along: dict[Unit, Onset] = {}
        if hidden:
            along = self._with_them(hidden, well, found)
            units = {**units, **along}
            ill = {unit.device for unit in units}
        return Hypothesis(
            rule,
            scope,
            units,
            found,
            len(ill),
            len(well),
            tuple(sorted({*rows, *strange})),
            price,
            says,
            bool(incumbent),
            tuple(sorted({*incumbent.excused} - ill)) if incumbent else (),
            frozenset(along),
        )

    def _with_them(self, hidden: Mapping[Unit, Onset], well: Iterable[str], found: Moment) -> dict[Unit, Onset]:
        """Return what may have failed at that moment, too, unless its row has answered since."""
        row = self.topology.row
        go_on = {row[device] for device in well if self.asked(device, Symptom.SILENT, found.by)}
        its = [unit for unit, onset in hidden.items() if onset.by <= found.after and row[unit.device] not in go_on]
        return dict.fromkeys(its, Onset(found.after, found.by))

    def _well(
        self,
        rule: Rule,
        members: Collection[str],
        failing: Mapping[Unit, Onset],
        ill: Collection[str],
        found: Moment,
        incumbent: Incumbent | None,
    ) -> list[str]:
        """Return the members that were well before and still are: the witnesses against."""
        excused = incumbent.excused if incumbent else ()
        if rule.asks_again:
            return self._asked_since(rule, members, {*ill, *excused}, found)
        earlier = {unit.device for unit, onset in failing.items() if onset.by <= found.after}
        others = [device for device in members if device not in ill and device not in earlier and device not in excused]
        return [device for device in others if self.seen(device)]

    def _going_on(self, rule: Rule, well: list[str], found: Moment) -> list[str]:
        """Return those that contradict: of a silence, who has answered since; the others may be about to fail."""
        if rule.symptoms != SILENT:
            return well
        return [device for device in well if self.asked(device, Symptom.SILENT, found.by)]

    def _asked_since(self, rule: Rule, members: Collection[str], ill: Collection[str], found: Moment) -> list[str]:
        """Return the members that were asked since and are well, told from an even sample of a large scope.

        More of them than are ill are not looked for: they acquit it already.
        """
        stride = 1 + len(members) // SAMPLE
        sample = (members if isinstance(members, tuple) else tuple(members))[::stride]
        well: list[str] = []
        for device in sample:
            if device not in ill and self.asked(device, rule.symptoms[0], found.by):
                well += [device] * stride
                if len(well) > len(ill):
                    break
        return well

    def _whole(self, units: Mapping[Unit, Onset], members: Collection[str]) -> dict[Unit, Onset]:
        """Return those units in whose rows no device has answered since: a site loses its power as a whole."""
        row = self.topology.row
        begun: dict[str, float] = {}
        for unit, onset in units.items():
            begun[row[unit.device]] = max(onset.by, begun.get(row[unit.device], onset.by))
        ill = {unit.device for unit in units}
        parts = {
            row[device]
            for device in members
            if device not in ill and row[device] in begun and self.asked(device, Symptom.SILENT, begun[row[device]])
        }
        return {unit: onset for unit, onset in units.items() if row[unit.device] not in parts}

    def may(self, rule: Rule, scope: Scope, failing: Mapping[Unit, Onset]) -> bool:
        """Say whether enough of a scope fails that it may be blamed at all."""
        return _enough(rule, len(failing), len(self.members(scope)))

    def _strangers(self, rule: Rule, scope: Scope, well: list[str]) -> set[str]:
        """Return the rows that go on and have no neighbour on this scope: who listed them there erred."""
        if not rule.rows_may_err:
            return set()
        return {row for row in {self.topology.row[device] for device in well} if self.stranger(row, scope)}

    def stranger(self, row: str, scope: Scope) -> bool:
        """Say whether a row has neighbours enough that are listed on this layer, and none on this scope."""
        known = self.strange.get((row, scope))
        if known is None:
            near = self.topology.neighbours(row)
            first = [self.topology.in_row[other][0] for other in near]
            listed = [said for device in first if (said := self.topology.listed(device, scope.layer)) is not None]
            known = self.strange[row, scope] = len(listed) >= LEAST_NEIGHBOURS and scope not in listed
        return known

    def _group(
        self, rule: Rule, failing: Mapping[Unit, Onset], incumbent: Incumbent | None, sighting: Sighting | None
    ) -> tuple[dict[Unit, Onset], Moment]:
        """Return what failed together, and when."""
        if incumbent is not None:
            found = Moment(incumbent.onset.after, incumbent.onset.by, 0)
            # what fell before it is another's, also when most of its own has recovered
            failing = {u: one for u, one in failing.items() if u in incumbent.units or fits(one, found, rule.window_s)}
            if rule.window_s and failing:
                found = self._began(rule, failing)
            joining = {unit: onset for unit, onset in failing.items() if fits(onset, found, rule.window_s)}
            return {**incumbent.units, **joining}, found
        if sighting is not None:
            seen = Moment(sighting.after, sighting.by, 0)
            its = {unit: onset for unit, onset in failing.items() if fits(onset, seen, sighting.window_s)}
            return its, self._began(rule, its)
        found = self._began(rule, failing)
        return {unit: onset for unit, onset in failing.items() if fits(onset, found, rule.window_s)}, found

    def _apart(self, rule: Rule, units: Mapping[Unit, Onset], found: Moment) -> int:
        """Return how many rows did not fail at the moment of the cut."""
        if not rule.by_rows:
            return 0
        together = {self._row(unit) for unit, onset in units.items() if fits(onset, found)}
        return len({self._row(unit) for unit in units} - together)

    def _row(self, unit: Unit) -> str:
        return self.topology.row[unit.device]

    def _go_on(self, row: str, since: float, aside: Collection[str]) -> int:
        """Return how many devices of a row have answered since, some aside: those that fail, or have recovered."""
        others = [device for device in self.topology.in_row[row] if device not in aside]
        return sum(self.asked(device, Symptom.SILENT, since) for device in others)

    def _began(self, rule: Rule, units: Mapping[Unit, Onset]) -> Moment:
        return cut(falls(units, self._row).values(), rule.window_s) if rule.by_rows else moment(units, rule.window_s)

    def _rows(self, scope: Scope, ill: Collection[str], well: list[str]) -> tuple[list[str], int]:
        """Return the rows that go on wholly, and the number of devices that go on in rows that do not."""
        if scope.layer in (Layer.SITE, Layer.CREDENTIAL, Layer.FIRMWARE, Layer.CONTRACT):
            return [], len(well)
        row = self.topology.row
        ill_rows = {row[device] for device in ill}
        by_row = Counter(row[device] for device in well)
        return [name for name in by_row if name not in ill_rows], sum(
            count for name, count in by_row.items() if name in ill_rows
        )


def _enough(rule: Rule, failing: int, members: int) -> bool:
    """Say whether a scope may qualify at all: the cheap question, put for every change."""
    least = rule.lasting_share if rule.rows_may_err else rule.share
    if rule.asks_again:
        return failing >= rule.least_all
    return failing >= min(rule.least_all, rule.least) and failing >= least * members


def _rows_err(rule: Rule, rows: list[str], mixed: int, found: Moment, ill: Collection[str]) -> bool:
    """Say whether those that go on may be wrong rows: whole ones, beside five that failed at one moment that we saw."""
    return rule.rows_may_err and mixed == 0 and isfinite(found.after) and len(ill) >= rule.least


def _borne_out(rule: Rule, ill: int, well: int, sighting: Sighting) -> bool:
    """Say whether what was seen down can be: few of its devices have answered since.

    Where each site goes on for as long as its battery lasts, those that answer say nothing.
    """
    return sighting.window_s > 0 or ill >= rule.lasting_share * (ill + well)


def _blamed(rule: Rule, ill: int, well: int, incumbent: Incumbent | None, rows_err: bool) -> bool:
    share = ill / (ill + well)
    if incumbent is not None:
        return share >= rule.lasting_share
    if well == 0 and ill >= rule.least_all:
        return True
    least = rule.lasting_share if rows_err else rule.share
    return ill >= rule.least and share >= least
