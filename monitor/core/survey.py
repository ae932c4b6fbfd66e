"""A survey: all that a device says of itself once a day, part by part, and what differs from the one before. Pure.

A part is what was answered, or why there is none. A part that was not answered says nothing: it is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

#: The name of the conversation, beside those of the probes.
SURVEY = "survey"
#: The parts, in the order in which they are asked and shown, with what a person calls them.
PARTS: Mapping[str, str] = {
    "information": "Device",
    "services": "Services",
    "interfaces": "Network interfaces",
    "profiles": "Video profiles",
    "streams": "Stream paths",
    "protocols": "Protocols",
    "hostname": "Host name",
    "dns": "DNS",
    "ntp": "NTP",
    "storage": "Storage",
    "recordings": "Recordings",
}


NO_ANSWER = "no answer"
#: Profiles whose streams' paths are asked.
MOST_STREAMS = 32
#: Conversations that a survey may take; what is open then was not answered.
MOST_ROUNDS = 40


class Part(NamedTuple):
    """What a device says about one thing; ``missing`` says why that is nothing."""

    value: Any = None
    missing: str = ""


Parts = Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Draft:
    """A survey under way, over several conversations."""

    parts: Parts = field(default_factory=dict)
    media: str = ""
    """The namespace of the service that told the profiles."""
    rounds: int = 0

    @property
    def open(self) -> list[str]:
        """The parts that are still to be asked."""
        missing = [name for name in PARTS if name not in self.parts]
        return missing + (["streams"] if "streams" in self.parts and self.tokens else [])

    @property
    def is_over(self) -> bool:
        """Whether all was asked, or as often as a survey may ask."""
        return not self.open or self.rounds >= MOST_ROUNDS

    @property
    def tokens(self) -> list[str]:
        """The profiles whose stream's path is still to be asked."""
        profiles, streams = self.parts.get("profiles", Part()), self.parts.get("streams", Part())
        if streams.missing:
            return []
        told = {entry["token"] for entry in streams.value or ()}
        tokens = [entry["token"] for entry in profiles.value or () if entry.get("token")][:MOST_STREAMS]
        return [token for token in tokens if token not in told]

    def with_part(self, name: str, part: Part) -> Draft:
        return replace(self, parts={**self.parts, name: part})

    def ended(self) -> Draft:
        """Return the survey with what was never answered said so."""
        return replace(self, parts={**{name: Part(missing=NO_ANSWER) for name in self.open}, **self.parts})


class Survey(NamedTuple):
    """What a device said of itself, and when that was known whole, in seconds since the epoch."""

    at: float
    parts: Parts


class Change(NamedTuple):
    """Something that a device says otherwise than the day before."""

    what: str
    detail: str


#: What of a part is compared, and what its change is called.
_FIELDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "information": (
        ("firmware", "firmware changed"),
        ("serial", "serial number changed"),
        ("model", "model changed"),
        ("hardware", "hardware changed"),
    ),
    "interfaces": (("mac", "hardware address changed"), ("address", "network changed"), ("dhcp", "network changed")),
    "protocols": (("enabled", "protocol changed"), ("ports", "protocol changed")),
    "hostname": (("name", "host name changed"),),
    "dns": (("servers", "DNS changed"),),
    "ntp": (("servers", "NTP changed"), ("dhcp", "NTP changed")),
    "profiles": tuple(
        (field, "encoder changed")
        for field in (
            "codec",
            "width",
            "height",
            "frames_per_second",
            "kilobits_per_second",
            "frames_between_keyframes",
        )
    ),
    "streams": (("path", "stream path changed"),),
}
MOST_CHANGES = 64


def following(before: Survey | None, draft: Draft, at: float) -> Survey:
    """Return the survey after a draft that is over; what was answered before and is not now is kept."""
    fresh = draft.ended().parts
    old = before.parts if before is not None else {}
    kept = {name: part for name, part in old.items() if not part.missing and fresh.get(name, part).missing == NO_ANSWER}
    return Survey(at, {**fresh, **kept})


def changes(before: Parts, now: Parts) -> list[Change]:
    """Return what differs between two surveys of a device."""
    found = [change for part in _FIELDS for change in _of_part(part, before.get(part), now.get(part))]
    return found[:MOST_CHANGES]


def _of_part(part: str, before: Part | None, now: Part | None) -> Iterator[Change]:
    if before is None or now is None or before.missing or now.missing:
        return
    old, new = _entries(before.value), _entries(now.value)
    for name, entry in new.items():
        for key, what in _FIELDS[part]:
            if name in old and old[name].get(key) != entry.get(key):
                yield Change(what, f"{_where(name)}{key} {_said(old[name].get(key))} became {_said(entry.get(key))}")
    for name in [*(old.keys() - new.keys()), *(new.keys() - old.keys())]:
        yield Change(_FIELDS[part][0][1], f"{name} {'is gone' if name in old else 'is new'}")


def _entries(value: Any) -> dict[str, Mapping[str, Any]]:
    """Return a part's entries by their names; a part without a list has one, which has none."""
    if isinstance(value, Mapping):
        return {"": value}
    named = (entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, Sequence) else ()
    return {str(entry.get("token") or entry.get("name") or number): entry for number, entry in enumerate(named)}


def _where(name: str) -> str:
    return f"{name}: " if name else ""


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def to_json(parts: Parts) -> dict[str, Any]:
    """Return the parts as plain values."""
    return {
        name: {"missing": parts[name].missing} if parts[name].missing else {"value": parts[name].value}
        for name in PARTS
        if name in parts
    }


def from_json(values: object) -> dict[str, Part]:
    """Return parts as ``to_json`` wrote them; what is none is left out."""
    if not isinstance(values, Mapping):
        return {}
    found = ((name, values[name]) for name in PARTS if isinstance(values.get(name), Mapping))
    return {name: Part(one.get("value"), str(one.get("missing", ""))) for name, one in found}
