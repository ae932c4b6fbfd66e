"""What of an inventory cannot be as it says: cameras never seen, vanished, swapped, listed twice; and how many cameras
there are, by each meaning of that. Pure.

Addresses that answer but are not listed are not looked for: no address is ever asked that the inventory does not name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from monitor.core.asset_life import Life, Lives
from monitor.core.identity import PROOFS, Identity, folded, is_void, told

#: A camera that did not answer for so long has vanished.
VANISHED_S = 30 * 86_400.0


class Kind(StrEnum):
    """What is found."""

    NEVER_SEEN = "never seen"
    NEVER_LIVE = "never live"
    VANISHED = "vanished"
    ANOTHER = "another device answers"
    REPLACED = "replaced"
    TWICE = "same device twice"
    LISTED_TWICE = "listed twice"
    EARLY = "commissioned before it was seen"
    LATE_SANCTION = "sanctioned afterwards"
    RETIRED = "retired and answers"
    DROPPED = "taken out and not retired"

    def __str__(self) -> str:
        return self.value


MEANINGS: Mapping[Kind, str] = {
    Kind.NEVER_SEEN: "in service, and has never answered",
    Kind.NEVER_LIVE: "in service and has answered, but pictures were asked for and never arrived",
    Kind.VANISHED: "in service, has answered, and does not for long",
    Kind.ANOTHER: "another serial number or hardware address answers in its place",
    Kind.REPLACED: "a person accepted another device in its place",
    Kind.TWICE: "one serial number or hardware address answers at several places",
    Kind.LISTED_TWICE: "the inventory gives several places one serial number or hardware address",
    Kind.EARLY: "its day of commissioning lies before the first answer, and it was listed by then",
    Kind.LATE_SANCTION: "it was installed before it was sanctioned",
    Kind.RETIRED: "retired by its row, still listed, and it answers",
    Kind.DROPPED: "it left the list without a day of retirement",
}


class Finding(NamedTuple):
    """Something about one camera, since when, and what shows it."""

    kind: Kind
    camera: str
    since: float | date | None
    evidence: str


class Moment(NamedTuple):
    """When findings are made, in seconds since the epoch, and in whose days; None is the zone of the machine."""

    at: float
    zone: tzinfo | None = None
    vanished_s: float = VANISHED_S

    def day(self, at: float) -> date:
        """Return the day of a moment."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone).date()

    @property
    def today(self) -> date:
        return self.day(self.at)


def findings(lives: Lives, identities: Mapping[str, Identity], moment: Moment) -> list[Finding]:
    """Return all that is found, by kinds. ``identities`` is who answers at each camera that is watched."""
    listed = {id_: life for id_, life in lives.items() if life.removed is None}
    known = {id_: identities[id_] for id_ in listed if id_ in identities}
    found = [one for life in lives.values() for one in _of_one(life, moment)]
    found += _strangers(known, listed)
    found += _shared(Kind.TWICE, _pinned(known), listed)
    found += _shared(Kind.LISTED_TWICE, _written(listed), listed)
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.camera))


def _of_one(life: Life, moment: Moment) -> Iterator[Finding]:
    listed = life.listed.at if life.listed else None
    sanctioned, installed = life.day("sanctioned"), life.day("installed")
    retired, commissioned = life.day("retired"), life.day("commissioned")
    if life.in_service(moment.today):
        if life.seen is None:
            yield Finding(Kind.NEVER_SEEN, life.camera, listed, "listed since then")
        elif life.live is None and life.looked:
            yield Finding(Kind.NEVER_LIVE, life.camera, life.seen.at, f"answered first then, event {life.seen.seq}")
        if life.seen is not None and life.answers is not True and moment.at - life.last_seen > moment.vanished_s:
            yield Finding(Kind.VANISHED, life.camera, life.last_seen, "answered last then")
    for proof in life.replaced:
        yield Finding(Kind.REPLACED, life.camera, proof.at, f"{proof.detail}, event {proof.seq}")
    if sanctioned and installed and installed < sanctioned:
        yield Finding(Kind.LATE_SANCTION, life.camera, sanctioned, f"installed {installed}")
    if life.removed is not None and not (retired and retired <= moment.today):
        yield Finding(Kind.DROPPED, life.camera, life.removed.at, f"event {life.removed.seq}")
    if life.removed is None and retired and retired <= moment.today and life.answers:
        yield Finding(Kind.RETIRED, life.camera, retired, "it answers")
    if commissioned and life.seen is not None and listed is not None:
        first = moment.day(life.seen.at)
        if moment.day(listed) <= commissioned < first:
            yield Finding(Kind.EARLY, life.camera, commissioned, f"answered first on {first}, event {life.seen.seq}")


#: A proof, folded, with how it is called.
_Named = tuple[str, str]


def _strangers(identities: Mapping[str, Identity], listed: Lives) -> Iterator[Finding]:
    """Yield the places at which another device answers now, and whose device that is where it is known elsewhere."""
    homes = {proof: camera for camera, identity in identities.items() for proof in _proofs(identity.marks)}
    for camera, identity in identities.items():
        strange = list(_proofs(identity.stranger))
        if strange:
            home = next((homes[proof] for proof in strange if proof in homes), None)
            of = f", which is the device of {home}" if home is not None and home != camera else ""
            own = told(identity.marks)
            yield Finding(Kind.ANOTHER, camera, None, f"{told(identity.stranger)}{of}; its own is {own}")


def _proofs(marks: Mapping[str, str]) -> Iterator[_Named]:
    """Yield the proofs among marks; what SNMP says of the same is the same."""
    for name in PROOFS:
        if name in marks and not is_void(marks[name]):
            yield PROOFS[name].removesuffix(" over SNMP"), folded(marks[name])


def _pinned(identities: Mapping[str, Identity]) -> Iterator[tuple[_Named, str]]:
    return (
        (proof, camera)
        for camera, identity in identities.items()
        if not identity.stranger
        for proof in dict.fromkeys(_proofs(identity.marks))
    )


def _written(listed: Lives) -> Iterator[tuple[_Named, str]]:
    for camera, life in listed.items():
        for key, name in _WRITTEN.items():
            proof = str(life.row.get(key, ""))
            if not is_void(proof):
                yield (name, folded(proof)), camera


_WRITTEN = {"serial": PROOFS["serial"], "mac": PROOFS["mac"]}


def _shared(kind: Kind, proofs: Iterable[tuple[_Named, str]], listed: Lives) -> Iterator[Finding]:
    """Yield the cameras of every proof that stands at several devices."""
    cameras: defaultdict[_Named, list[str]] = defaultdict(list)
    for proof, camera in proofs:
        cameras[proof].append(camera)
    for (name, value), several in cameras.items():
        if len({listed[camera].device for camera in several}) > 1:
            for camera in several:
                others = [other for other in several if listed[other].device != listed[camera].device]
                more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
                yield Finding(kind, camera, None, f"{name} {value}, also {others[0]}{more}")


class Denominator(NamedTuple):
    """How many cameras there are, by each meaning of that."""

    listed: int
    commissioned: int
    """Listed, and commissioned by a day on paper."""
    undated: int
    """Listed without a day of commissioning: they count from their listing on."""
    waiting: int
    """Listed, and not commissioned yet."""
    retired: int
    """Listed, and retired by a day on paper."""
    in_service: int
    never_seen: int
    """In service, and never answered."""
    never_live: int
    """In service, and pictures never arrived."""
    answering: int
    """In service, and it answers now."""
    removed: int
    """Once listed, and no more."""


def denominator(lives: Lives, moment: Moment) -> Denominator:
    """Count the cameras of a ledger."""
    today = moment.today
    listed = [life for life in lives.values() if life.removed is None]
    retired = [life for life in listed if (day := life.day("retired")) and day <= today]
    days = [life.day("commissioned") for life in listed]
    serving = [life for life in listed if life.in_service(today)]
    return Denominator(
        len(listed),
        sum(day is not None and day <= today for day in days),
        days.count(None),
        sum(day is not None and day > today for day in days),
        len(retired),
        len(serving),
        sum(life.seen is None for life in serving),
        sum(life.live is None for life in serving),
        sum(life.answers is True for life in serving),
        len(lives) - len(listed),
    )


def in_words(count: Denominator) -> str:
    """Return the denominator as a sentence: 1,800 listed, 1,790 commissioned, 12 never seen, …"""
    parts = [
        (count.listed, "listed", True),
        (count.commissioned, "commissioned", True),
        (count.undated, "without a day of commissioning", False),
        (count.waiting, "not commissioned yet", False),
        (count.retired, "retired", False),
        (count.in_service, "in service", True),
        (count.answering, "of them answering now", True),
        (count.never_seen, "never seen", True),
        (count.never_live, "never with pictures", True),
        (count.removed, "no longer listed", False),
    ]
    return ", ".join(f"{number:,} {words}" for number, words, always in parts if number or always) + "."
