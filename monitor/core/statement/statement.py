"""The whole statement of a period, made camera by camera from a ledger's events. Pure: the same events, the same text.

Rules:
1. Nothing comes from a clock or from today's files: the ledger up to a leaf, a contract by its name, a period.
2. A period that the ledger has not reached the end of is stated so far: until the limit of detection before its newest
   heartbeat, as what failed later may not be confirmed yet.
3. What cannot be computed is said, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from monitor.core.asset_life import shows
from monitor.core.event import RungEvent
from monitor.core.sla.account import Account, Settlement
from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import Facts
from monitor.core.sla.scope import kind_of, meant, period
from monitor.core.sla.spans import LAST_MS, Span, both, ms
from monitor.core.sla.terms import to_json
from monitor.core.sla.versions import Chosen, choose
from monitor.core.statement.blame import Blame
from monitor.core.statement.excluded import Excluded
from monitor.core.statement.head import Head
from monitor.core.statement.listing import listing
from monitor.core.statement.lists import Lists
from monitor.core.statement.mending import Mending
from monitor.core.statement.places import Places
from monitor.core.statement.plain import Plain, moment
from monitor.core.statement.seeing import seeing, standing, sure_until
from monitor.core.statement.watching import watching

#: What this page of figures is; another number means other figures or other names for them.
FORMAT = "camfleet statement 4"


class EmptyPeriodError(ValueError):
    """A period of which the ledger knows nothing; a sentence."""


class Ledger(NamedTuple):
    """How far a ledger is read: as many leaves, the number of the last event, the root over them in base64."""

    origin: str
    leaves: int
    seq: int
    root: str


class Taken(NamedTuple):
    """What a statement has taken in of cameras, part by part."""

    cameras: _Cameras
    head: Head
    blame: Blame
    mending: Mending
    places: Places
    lists: Lists
    excluded: Excluded
    others: list[Head]


class Statement:
    """A period's statement in the making: ``accounts`` takes all cameras in, then ``plain`` gives the whole."""

    def __init__(self, facts: Facts, name: str, asked: str, ledger: Ledger) -> None:
        """Begin with the terms of a contract and a period; ValueError says what is wrong with either."""
        self.chosen: Chosen = choose(facts, name, asked)
        whole = self.chosen.within
        self.within = _stated(whole, facts, self.chosen.contract)
        if not self.within.length:
            raise EmptyPeriodError(f"the ledger has nothing of {asked} yet")
        self._facts = facts
        self._asked = asked
        self._ledger = ledger
        terms = self.chosen.contract
        self.settled = Settlement(terms, self.within, facts)
        settles = kind_of(asked) is terms.period
        self._head = Head(self.settled, settles)
        self._settles = settles
        self.blame = Blame(facts, terms.parties)
        self._mending = Mending(terms, self.blame.owner)
        self._places = Places()
        self._lists = Lists(ledger.root)
        self.excluded = Excluded(self.settled)
        self._others = [(since, other, _headline(other, facts, asked)) for since, other in self.chosen.others]
        self._cameras = _Cameras(self.settled)

    @property
    def contract(self) -> Contract:
        return self.chosen.contract

    @property
    def readings(self) -> list[str]:
        return [reading.name for reading in self.settled.readings]

    @property
    def cameras(self) -> list[str]:
        """All cameras that were ever listed, by id."""
        return sorted(self._facts.rows)

    def accounts(
        self, rungs: Iterable[tuple[str, Iterable[RungEvent]]], cameras: Iterable[str] | None = None
    ) -> Iterator[Account]:
        """Yield the account of each camera that counts, by id, once it is taken in; ``rungs`` are by id, too.

        Of all cameras, or of these, in the order of their ids, with the rungs of no others.
        """
        for camera, events in _merged(self.cameras if cameras is None else cameras, rungs, self._cameras.unlisted):
            told = list(events)
            account = self.settled.account(camera, told)
            self._cameras.take(camera, account, told)
            for _, _, (settled, head) in self._others:
                other = settled.account(camera, told)
                if other is not None:
                    head.take(other)
            if account is None:
                continue
            for part in (self._head, self.blame, self._mending, self._places, self._lists, self.excluded):
                part.take(account)
            yield account

    @property
    def taken(self) -> Taken:
        """All that was taken in."""
        others = [head for _, _, (_, head) in self._others]
        return Taken(
            self._cameras, self._head, self.blame, self._mending, self._places, self._lists, self.excluded, others
        )

    def add(self, later: Taken) -> None:
        """Take in what another statement of the same facts took in of cameras that come later by their ids."""
        own: list[Any] = [*self.taken[:-1], *self.taken.others]
        for part, more in zip(own, [*later[:-1], *later.others], strict=True):
            part.add(more)

    def plain(self) -> Plain:
        """Return the statement, once all accounts were taken in."""
        return {
            "format": FORMAT,
            "contract": self._contract(),
            "period": {
                "asked": self._asked,
                "time_zone": self.contract.time_zone,
                "start": self.chosen.within.start,
                "end": self.chosen.within.end,
                "until": self.within.end,
                "is_over": self.within == self.chosen.within,
                "settles": self._settles,
            },
            "ledger": {**self._ledger._asdict(), "newest": moment(self._facts.last)},
            "cameras": self._cameras.plain(),
            "listing": listing(self._facts, self.contract, self.within),
            "readings": self._head.plain(),
            **self._places.plain(),
            "blame": self.blame.plain(),
            **self._mending.plain(),
            **self._lists.plain(),
            "exclusions": self.excluded.plain(),
            "monitor": watching(self._facts, self.within),
            "limit_of_detection": seeing(self._facts, self.within),
            "not_computed": list(self._not_computed()),
        }

    def _contract(self) -> Plain:
        chosen = self.chosen
        return {
            "id": chosen.contract.id,
            "name": chosen.contract.name,
            "which": chosen.which.value,
            "since": chosen.since,
            "terms": to_json(chosen.contract),
            "versions": [
                {"since": one.span.start, "until": moment(one.span.end), "terms": dict(one.plain)}
                for one in chosen.versions
            ],
            "others": [
                {"since": since, "terms": to_json(other), "as_written": head.plain()[0]}
                for since, other, (_, head) in self._others
            ],
        }

    def _not_computed(self) -> Iterator[Plain]:
        """Yield what could not be computed: a code that docs/reports.md explains, and what it is about."""
        head = self._head.plain()[0]
        if head["cameras_without_figure"]:
            yield {"what": "cameras without a figure", "about": str(head["cameras_without_figure"])}
        if not head["cameras"]:
            yield {"what": "no camera is counted", "about": self.contract.id}
        if unlisted := self._cameras.plain()["never_listed"]:
            yield {"what": "cameras that were watched and never listed", "about": str(unlisted)}
        if before := self._cameras.plain()["before_listings"]:
            yield {"what": "cameras of before the ledger kept lists", "about": str(before)}
        if not list(standing(self._facts, self.within)):
            yield {"what": "limit of detection", "about": "the ledger does not say how often was asked"}
        if self.contract.target is None:
            yield {"what": "no target", "about": self.contract.id}
        if self.contract.slabs and not self._settles:
            yield {"what": "slabs of another period", "about": self.contract.period.value}
        for since in self.chosen.unread:
            yield {"what": "terms that cannot be read", "about": str(since)}
        for words in self._facts.unread:
            yield {"what": "an event that cannot be read", "about": words}


_NUMBERS = (
    "listed", "counted", "part_of_it", "never_seen", "not_meant", "not_in_service", "never_listed", "before_listings",
)  # fmt: skip


class _Cameras:
    """The denominator in words: which cameras were listed, and which of them the contract counts."""

    def __init__(self, settled: Settlement) -> None:
        self._settled = settled
        self._begin = settled.facts.begin if settled.facts.rows else LAST_MS
        self._numbers = dict.fromkeys(_NUMBERS, 0)

    def unlisted(self, camera: str, events: Iterable[RungEvent]) -> None:
        """Count a camera that was watched and of which the ledger never says that it was listed.

        Older ledgers kept no rows: what was watched only then had its row in the inventory, and nobody can say which.
        """
        if camera:
            before = all(ms(event.at) < self._begin for event in events)
            self._numbers["before_listings" if before else "never_listed"] += 1

    def take(self, camera: str, account: Account | None, events: Iterable[RungEvent]) -> None:
        rows = self._settled.facts.rows.get(camera, [])
        within = (self._settled.within,)
        if not any(row.listed and both((row.span,), within) for row in rows):
            return
        self._numbers["listed"] += 1
        if account is None:
            is_meant = both(meant(camera, rows, self._settled.contract.selectors), within)
            self._numbers["not_in_service" if is_meant else "not_meant"] += 1
            return
        self._numbers["counted"] += 1
        self._numbers["part_of_it"] += account.scope != self._settled.counted
        end = self._settled.within.end
        self._numbers["never_seen"] += not any(shows(event) and ms(event.by) < end for event in events)

    def add(self, other: _Cameras) -> None:
        for name, number in other._numbers.items():
            self._numbers[name] += number

    def plain(self) -> Plain:
        return dict(self._numbers)


def _stated(within: Span, facts: Facts, terms: Contract) -> Span:
    """Return how much of a period can be stated."""
    until = sure_until(facts, terms.working, Span(within.start, min(within.end, facts.last)))
    return Span(within.start, max(min(within.end, until), within.start))


def _headline(terms: Contract, facts: Facts, asked: str) -> tuple[Settlement, Head]:
    """Return what scores the same period under other terms."""
    within = period(asked, terms.time_zone)
    settled = Settlement(terms, _stated(within, facts, terms), facts)
    return settled, Head(settled, kind_of(asked) is terms.period)


def _merged(
    cameras: Iterable[str],
    rungs: Iterable[tuple[str, Iterable[RungEvent]]],
    unlisted: Callable[[str, Iterable[RungEvent]], None],
) -> Iterator[tuple[str, Iterable[RungEvent]]]:
    """Yield every camera that was ever listed with its events, of which it may have none; both are in order."""
    groups = iter(rungs)
    group = next(groups, None)
    for camera in cameras:
        while group is not None and group[0] < camera:
            unlisted(*group)
            group = next(groups, None)
        if group is not None and group[0] == camera:
            yield group
            group = next(groups, None)
        else:
            yield camera, ()
    while group is not None:
        unlisted(*group)
        group = next(groups, None)


def text(statement: Mapping[str, Any]) -> str:
    """Return a statement as the text that is kept: the same for the same figures."""
    return json.dumps(statement, ensure_ascii=True, indent=1) + "\n"
