"""Who answers: what is pinned of a camera's own device, and what an answer says beside it. Pure.

Rules:
1. A *proof* names a device (its serial number, its hardware address); a *hint* is what a light check shows of it anyway
   (the realm of a login, an SNMP engine). Hints prove nothing; a hint that changed puts the question who it is.
2. The first proof is pinned. The inventory's word is stronger than a pin, and a person may accept another device.
3. The strongest proof that is known decides. Another one is another device, whatever else agrees.
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
#: What names a device, the strongest first, and how it is called.
PROOFS: Mapping[str, str] = {SERIAL: "serial number", MAC: "hardware address", SNMP_SERIAL: "serial number over SNMP"}
#: What only hints at a change.
HINTS: Mapping[str, str] = {
    "rtsp_realm": "RTSP realm",
    "http_realm": "HTTP realm",
    "snmp_engine": "SNMP engine",
    "snmp_name": "SNMP name",
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


ANYBODY = Expected()


def expected(serials: Iterable[str], macs: Iterable[str] = ()) -> Expected:
    """Return what an inventory's own words mean."""
    return Expected(
        {folded(serial): serial for serial in serials if not is_void(serial)},
        {folded(mac): mac for mac in macs if not is_void(mac)},
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
    said = {name: value for name, value in marks.items() if name not in PROOFS or not is_void(value)}
    if SERIAL not in said and folded(said.get(SNMP_SERIAL, "")) in words.serials:
        said[SERIAL] = said[SNMP_SERIAL]
    own = {name: _own(name, known, words) for name in PROOFS}
    decisive = next((name for name, proofs in own.items() if proofs and not proofs <= shared), None)
    for name, proofs in own.items():
        if proofs and name in said:
            if folded(said[name]) not in proofs:
                return Recognition(Who.STRANGER, _mismatch(name, said[name], known, words), _met(known, said))
            if name == decisive:
                return Recognition(Who.OWN, f"{PROOFS[name]} {said[name]}", _acquitted(known, said, at))
        if name == decisive:
            return _by_hints(known, said, proofs)
    if any(folded(said[name]) not in shared for name in PROOFS if name in said):
        identity = _acquitted(known, said, at)
        return Recognition(Who.NEW, told(identity.marks), identity)
    if any(name in marks for name in PROOFS):
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
    """Return the proofs among these marks in words."""
    return ", ".join(f"{title} {marks[name]}" for name, title in PROOFS.items() if marks.get(name)) or "not known"


def shared_proofs(identities: Mapping[str, Identity], device_of: Mapping[str, str]) -> frozenset[str]:
    """Return the proofs, folded, that are pinned at more than one device. Both mappings are by camera.

    Where another device answers, what is pinned is not there: it may have been carried to where it is seen now.
    """
    first: dict[str, str] = {}
    shared = set()
    for camera, identity in identities.items():
        device = device_of.get(camera)
        if device is None or identity.stranger:
            continue
        for name in PROOFS:
            if name in identity.marks and first.setdefault(folded(identity.marks[name]), device) != device:
                shared.add(folded(identity.marks[name]))
    return frozenset(shared)


def accepted(known: Identity, at: float) -> Identity:
    """Return the identity under which the device that answers now is the camera's own."""
    return Identity(known.stranger, at)


def _own(name: str, known: Identity, words: Expected) -> frozenset[str]:
    if given := _given(name, words):
        return frozenset(given)
    return frozenset({folded(known.marks[name])}) if name in known.marks else frozenset()


def _given(name: str, words: Expected) -> Mapping[str, str]:
    return words.serials if name == SERIAL else words.macs if name == MAC else _NOTHING


def _acquitted(known: Identity, said: Marks, at: float) -> Identity:
    """Take in what the camera's own device said, and the hints that had changed as its own."""
    fresh = {**known.doubted, **said}
    changed = [name for name in HINTS if name in fresh and known.marks.get(name, fresh[name]) != fresh[name]]
    if not changed and not known.stranger and not known.doubted and fresh.items() <= known.marks.items():
        return known
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
    given = sorted(_given(name, words).values())
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
