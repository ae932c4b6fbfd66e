"""Outages and how long they took to repair, by the contract's classes; the open ones, oldest first. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial

from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.account import Account
from monitor.core.sla.contract import Contract, RepairClass
from monitor.core.sla.money import limit
from monitor.core.sla.outage import Outage
from monitor.core.sla.penalty import Cost
from monitor.core.sla.repairs import Late, Repair
from monitor.core.statement.most import Most
from monitor.core.statement.plain import Plain, cost, moment, place

MOST_LISTED = 100


class _Class:
    """The outages of one class."""

    def __init__(self) -> None:
        self.late: Counter[Late] = Counter()
        self.open: Counter[Late] = Counter()
        self.repaired: list[tuple[int, int]] = []
        self.cost = Cost()

    def take(self, one: Repair) -> None:
        self.late[one.late] += 1
        self.cost = self.cost.plus(one.cost)
        if one.open:
            self.open[one.late] += 1
        else:
            self.repaired.append((one.least, one.most))

    def add(self, other: _Class) -> None:
        self.late.update(other.late)
        self.open.update(other.open)
        self.repaired += other.repaired
        self.cost = self.cost.plus(other.cost)

    def plain(self) -> Plain:
        least, most = sorted(one for one, _ in self.repaired), sorted(one for _, one in self.repaired)
        return {
            "outages": sum(self.late.values()),
            "in_time": self.late[Late.NO],
            "perhaps_late": self.late[Late.PERHAPS],
            "late": self.late[Late.YES],
            "open": sum(self.open.values()),
            "open_late": self.open[Late.YES],
            "repaired": len(self.repaired),
            "median_ms": [_middle(least), _middle(most)],
            "longest_ms": [max(least, default=None), max(most, default=None)],
        }


def _middle(several: list[int]) -> int | None:
    """Return the lower median."""
    return several[(len(several) - 1) // 2] if several else None


class Mending:
    """The repairs of a period, as the contract is written."""

    def __init__(self, terms: Contract, owner: Callable[[str, Kind], tuple[str, str]]) -> None:
        self._terms = terms
        self._owner = owner
        self._classes: defaultdict[str, _Class] = defaultdict(_Class)
        self._outages = 0
        self._ongoing = 0
        self._cameras = 0
        self._lasted: list[tuple[int, int]] = []
        self._open: Most[Plain] = Most(MOST_LISTED)
        self._late: Most[Plain] = Most(MOST_LISTED)

    def take(self, account: Account) -> None:
        self._cameras += bool(account.outages)
        for outage in account.outages:
            self._outages += 1
            self._ongoing += outage.ongoing
            self._lasted.append((outage.least, outage.most))
            if outage.ongoing:
                since = moment(outage.whole.start) or 0
                self._open.take((-since, account.camera), partial(self._open_row, account, outage))
        for repair in account.scores[0].repairs:
            self._classes[repair.of].take(repair)
            if repair.late is not Late.NO:
                self._late.take((repair.least, account.camera), partial(self._row, account, repair))

    def add(self, later: Mending) -> None:
        """Add cameras that come after these by their ids."""
        for name, of_class in later._classes.items():
            self._classes[name].add(of_class)
        self._outages += later._outages
        self._ongoing += later._ongoing
        self._cameras += later._cameras
        self._lasted += later._lasted
        self._open.add(later._open)
        self._late.add(later._late)

    def _open_row(self, account: Account, outage: Outage) -> Plain:
        repair = next((one for one in account.scores[0].repairs if one.run == outage.whole), None)
        return {
            **self._whose(account, outage.cause, outage.kind),
            "after": moment(outage.whole.after),
            "start": moment(outage.whole.start),
            "class": repair.of if repair else None,
            "standing": repair.late.value if repair else None,
            "lasted_ms": [repair.least, repair.most] if repair else None,
            "repaired_later": _later(outage.whole.end, outage.whole.by),
        }

    def _whose(self, account: Account, cause: str, kind: Kind) -> Plain:
        """Return which camera it is, what it is laid to, and who answers for that."""
        role, party = self._owner(cause, kind)
        of = {"kind": kind.value, "cause": cause, "role": role, "party": party}
        return {"camera": account.camera, **place(account.listed), **of}

    def _row(self, account: Account, one: Repair) -> Plain:
        return {
            **self._whose(account, one.cause, one.kind),
            "class": one.of,
            "after": moment(one.run.after),
            "start": moment(one.run.start),
            "end": None if one.open else moment(one.run.end),
            "by": None if one.open else moment(one.run.by),
            "lasted_ms": [one.least, one.most],
            "standing": one.late.value,
            "open": one.open,
            "cost": cost(one.cost) if self._terms.money else None,
        }

    def plain(self) -> Plain:
        least, most = (sorted(one[edge] for one in self._lasted) for edge in (0, 1))
        return {
            "outages": {
                "number": self._outages,
                "cameras": self._cameras,
                "open": self._ongoing,
                "median_ms": [_middle(least), _middle(most)],
                "longest_ms": [max(least, default=None), max(most, default=None)],
            },
            "repairs": {
                "classes": [self._class(one) for one in self._terms.repairs],
                "open": {"number": self._open.seen, "oldest": self._open.items()},
                "late": {"number": self._late.seen, "longest": self._late.items()},
            },
        }

    def _class(self, of: RepairClass) -> Plain:
        found = self._classes[of.name]
        return {
            "class": of.name,
            "limit": limit(of.limit_min),
            "business_hours": of.business,
            **found.plain(),
            "cost": cost(found.cost) if self._terms.money else None,
        }


def _later(end: int, by: int) -> list[int | None] | None:
    """Return within which moments an outage ended that went on beyond the period; null: not as far as is known."""
    return None if moment(by) is None else [moment(end), moment(by)]
