"""Who answers: what is pinned of a camera's own device, and what an answer says beside it. Pure.

Rules:
1. A *proof* names a device (its serial number, its hardware address); a *hint* is what a light check shows of it anyway
   (the realm of a login, an SNMP engine). Hints prove nothing; a hint that changed puts the question who it is.
2. The first proof is pinned. The inventory's word is stronger than a pin, and a person may accept another device.
3. The strongest proof that is known decides. Another one is another device, whatever else agrees. Where SNMP alone is
   asked, which tells all its proofs in one answer, the strongest of those that it told does.
4. A proof that says nothing ("000000", "ONVIF") is none; one that several devices share cannot tell that it is the
   right one, but still that it is another.
5. A hint that keeps changing while the device stays the same is not asked about any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from math import inf
from types import MappingProxyType
from typing import NamedTuple

#: What a device says of itself, by the name of the mark.
Marks = Mapping[str, str]

SERIAL = "serial"
MAC = "mac"
SNMP_SERIAL = "snmp_serial"
SNMP_MAC = "snmp_mac"
#: What names a device, the strongest first, and how it is called.
PROOFS: Mapping[str, str] = {
    SERIAL: "serial number",
    MAC: "hardware address",
    SNMP_SERIAL: "serial number over SNMP",
    SNMP_MAC: "hardware address over SNMP",
}
OVER_SNMP = (SNMP_SERIAL, SNMP_MAC)
SNMP_ENGINE, SNMP_NAME, SNMP_TOLD = "snmp_engine", "snmp_name", "snmp_told"
#: What only hints at a change.
HINTS: Mapping[str, str] = {
    "rtsp_realm": "RTSP realm",
    "http_realm": "HTTP realm",
    SNMP_ENGINE: "SNMP engine",
    SNMP_NAME: "SNMP name",
    SNMP_TOLD: "proof over SNMP",
}
#: So often a hint may change without another device behind it.
MOST_CHANGES = 3
#: A hint that contains this much of a proof repeats it.
LEAST_CARRIED = 6
_VOID = frozenset({"", "onvif", "none", "null", "unknown", "serialnumber", "default", "na", "123456", "123456789"})
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]+")
_NOTHING: Marks = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of the device of one camera."""

    marks: Marks = field(default_factory=lambda: _NOTHING)
    """The proofs and hints of its own device."""
    since: float = -inf
    """When it was pinned."""
    stranger: Marks = field(default_factory=lambda: _NOTHING)
    """What another device said that answers in its place."""
    doubted: Marks = field(default_factory=lambda: _NOTHING)
    """Hints that changed, until it is known whose they are."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """How often each hint changed though the device stayed the same."""

    @property
    def is_pinned(self) -> bool:
        return any(name in self.marks for name in PROOFS)


UNKNOWN = Identity()


class Expected(NamedTuple):
    """What the inventory says of a device, folded, to how it is written there; empty where it says nothing."""

    serials: Mapping[str, str] = _NOTHING
    macs: Mapping[str, str] = _NOTHING
    over_snmp: bool = False
    """Whether SNMP alone is asked who the device is."""

    def of(self, name: str) -> Mapping[str, str]:
        """Return what is said of one proof."""
        serial, mac = OVER_SNMP if self.over_snmp else (SERIAL, MAC)
        return self.serials if name == serial else self.macs if name == mac else _NOTHING


ANYBODY = Expected()


def expected(serials: Iterable[str], macs: Iterable[str] = (), over_snmp: bool = False) -> Expected:
    """Return what an inventory's own words mean."""
    return Expected(
        {folded(serial): serial for serial in serials if not is_void(serial)},
        {folded(mac): mac for mac in macs if not is_void(mac)},
        over_snmp,
    )


class Who(Enum):
    """What an answer says about who gave it."""

    OWN = auto()
    """A proof: the camera's own device."""
    NEW = auto()
    """The first proof: it is the camera's own device from now on."""
    STRANGER = auto()
    """A proof of another device."""
    DOUBTFUL = auto()
    """A hint changed."""
    NAMELESS = auto()
    """It said who it is, and that cannot tell it from others."""
    SILENT = auto()
    """It said nothing about that."""


class Recognition(NamedTuple):
    """Who answered, in words where that is news, and what is known from now on."""

    who: Who
    detail: str
    identity: Identity


def recognise(
    known: Identity, marks: Marks, at: float, words: Expected = ANYBODY, shared: frozenset[str] = frozenset()
) -> Recognition:
    """Return who gave an answer with these marks. ``shared`` are proofs, folded, that several devices have."""
    is_nothing_new = not known.stranger and not known.doubted and marks.items() <= known.marks.items()
    if is_nothing_new and marks.keys().isdisjoint(PROOFS):
        return _by_same_hints(known, marks, words, shared)
    return recognised_at_length(known, marks, at, words, shared)


def _by_same_hints(known: Identity, hints: Marks, words: Expected, shared: frozenset[str]) -> Recognition:
    """Judge hints that are what they were, as nearly all are: they say something where they repeat a proof."""
    own = _own(known, words)
    telling = next((proofs for proofs in own.values() if not proofs <= shared), None)
    if telling is not None and any(_carries(value, telling) for name, value in hints.items() if name in HINTS):
        return Recognition(Who.OWN, told(known.marks), known)
    return Recognition(Who.SILENT, "", known)


def recognised_at_length(
    known: Identity, marks: Marks, at: float, words: Expected, shared: frozenset[str]
) -> Recognition:
    """Return who gave an answer, whatever its marks are."""
    said = _said(marks, words)
    own = _own(known, words)
    telling = [name for name in own if name in said or not words.over_snmp]
    decisive = next((name for name in telling if not own[name] <= shared), None)
    for name, proofs in own.items():
        if name in said:
            if folded(said[name]) not in proofs:
                return Recognition(Who.STRANGER, _mismatch(name, said[name], known, words), _met(known, said))
            if name == decisive:
                return Recognition(Who.OWN, f"{PROOFS[name]} {said[name]}", _acquitted(known, said, at))
        if name == decisive:
            return _by_hints(known, said, proofs)
    asked = any(name in marks for name in PROOFS)
    anchors = (own[name] for name in own if not own[name] <= shared and (name in known.marks or not asked))
    if anchor := next(anchors, None):
        return _by_hints(known, said, anchor)
    if any(folded(said[name]) not in shared for name in PROOFS if name in said):
        identity = _acquitted(known, said, at)
        return Recognition(Who.NEW, told(identity.marks), identity)
    if asked:
        return Recognition(Who.NAMELESS, _nameless(marks), _acquitted(known, said, at))
    return Recognition(Who.SILENT, "", known)


def is_void(proof: str) -> bool:
    """Say whether a proof proves nothing: empty, a word that stands in every device, one character over and over."""
    plain = folded(proof)
    return plain in _VOID or len(set(plain)) == 1


@lru_cache(maxsize=16_384)
def folded(proof: str) -> str:
    """Return a proof without what differs between two ways of writing it: case, colons, blanks."""
    return _NOT_ALPHANUMERIC.sub("", proof).lower()


def told(marks: Marks) -> str:
    """Return the proofs among these marks in words; what SNMP repeats is left out."""
    repeated = {SNMP_SERIAL: SERIAL, SNMP_MAC: MAC}
    shown = [name for name in PROOFS if marks.get(name) and not marks.get(repeated.get(name, ""))]
    return ", ".join([f"{PROOFS[name]} {marks[name]}" for name in shown]) or "not known"


def pinned_proofs(identity: Identity) -> list[str]:
    """Return the proofs, folded, that are pinned and there: of a device in whose place another one answers, none."""
    marks = identity.marks
    return [] if identity.stranger else [folded(marks[name]) for name in PROOFS if name in marks]


def accepted(known: Identity, at: float) -> Identity:
    """Return the identity under which the device that answers now is the camera's own."""
    return Identity(known.stranger, at)


def _said(marks: Marks, words: Expected) -> dict[str, str]:
    """Return what says something; what SNMP tells as the inventory writes it is as good as ONVIF's word."""
    said = {name: value for name, value in marks.items() if name not in PROOFS or not is_void(value)}
    for name, over_snmp in zip((SERIAL, MAC), OVER_SNMP, strict=True):
        if name not in said and folded(said.get(over_snmp, "")) in words.of(name):
            said[name] = said[over_snmp]
    return said


def _own(known: Identity, words: Expected) -> dict[str, frozenset[str]]:
    """Return the proofs of a camera's own device, folded, by their names: those that decide, the strongest first."""
    own = {}
    for name in OVER_SNMP if words.over_snmp else PROOFS:
        if words is not ANYBODY and (given := words.of(name)):
            own[name] = frozenset(given)
        elif name in known.marks:
            own[name] = frozenset((folded(known.marks[name]),))
    return own


def _acquitted(known: Identity, said: Marks, at: float) -> Identity:
    """Take in what the camera's own device said, and the hints that had changed as its own."""
    if not known.stranger and not known.doubted and said.items() <= known.marks.items():
        return known
    fresh = {**known.doubted, **said}
    changed = [name for name in HINTS if name in fresh and known.marks.get(name, fresh[name]) != fresh[name]]
    changes = {**known.changes, **{name: known.changes.get(name, 0) + 1 for name in changed}}
    since = known.since if known.is_pinned else at
    return Identity({**known.marks, **fresh}, since, changes=changes)


def _met(known: Identity, said: Marks) -> Identity:
    """Remember who else answers."""
    stranger = {**known.doubted, **said}
    same = known.stranger and not known.doubted and stranger.items() <= known.stranger.items()
    return known if same else replace(known, stranger=stranger, doubted=_NOTHING)


def _by_hints(known: Identity, said: Marks, proofs: frozenset[str]) -> Recognition:
    """Judge what proves nothing by itself, beside what was said when it was last known who answers."""
    before = known.stranger or known.marks
    changed = {
        name: value
        for name, value in said.items()
        if before.get(name, value) != value and known.changes.get(name, 0) < MOST_CHANGES
    }
    doubted = {name: value for name, value in known.doubted.items() if name not in said} | changed
    if doubted != dict(known.doubted):
        known = replace(known, doubted=doubted)
        if changed:
            return Recognition(Who.DOUBTFUL, _change(before, changed), known)
    if doubted:
        return Recognition(Who.SILENT, "", known)
    fresh = {name: value for name, value in said.items() if name not in before}
    if fresh:
        grown = {**before, **fresh}
        known = replace(known, stranger=grown) if known.stranger else replace(known, marks=grown)
    if not known.stranger and any(_carries(value, proofs) for name, value in said.items() if name in HINTS):
        return Recognition(Who.OWN, told(known.marks), known)
    return Recognition(Who.SILENT, "", known)


def _carries(hint: str, proofs: frozenset[str]) -> bool:
    plain = folded(hint)
    return any(len(proof) >= LEAST_CARRIED and proof in plain for proof in proofs)


def _mismatch(name: str, said: str, known: Identity, words: Expected) -> str:
    given = sorted(words.of(name).values())
    whose = f"the inventory says {', '.join(given)}" if given else f"it was {known.marks[name]}"
    return f"{PROOFS[name]} {said} answers; {whose}"


def _change(before: Marks, changed: Marks) -> str:
    names = {**HINTS, **PROOFS}
    return "perhaps: " + "; ".join(
        f"its {names.get(name, name)} was {before[name]!r} and is {value!r}" for name, value in changed.items()
    )


def _nameless(marks: Marks) -> str:
    values = [f"{title} {marks[name]!r}" for name, title in PROOFS.items() if marks.get(name)]
    if not values:
        return "it tells no serial number"
    void = all(is_void(marks[name]) for name in PROOFS if marks.get(name))
    return f"its {' and '.join(values)} {'is no name' if void else 'is that of other devices too'}"
