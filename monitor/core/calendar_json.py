"""Entries of the calendar as plain values, and back: what the ledger keeps and what calendar.yaml may hold."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitor.core.calendar import SELECTORS, Calendar, Entry, Kind, Selector
from monitor.core.recurrence import Rule, parse

Plain = dict[str, str | list[str]]


def to_json(entry: Entry) -> Plain:
    """Return an entry under the keys of calendar.yaml, without its id; what it does not have is left out."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for selector in entry.selectors:
        names[selector.by].append(selector.name)
    plain: Plain = {
        "kind": entry.kind.value,
        **names,
        "time_zone": entry.time_zone,
        "start": local(entry.start),
        "end": local(entry.end),
        "rrule": str(entry.rule or ""),
        "except": [day.isoformat() for day in entry.skipped],
        "approver": entry.approver,
        "approved_at": local(entry.approved_at),
        "reason": entry.reason,
    }
    return {key: value for key, value in plain.items() if value}


def local(moment: datetime) -> str:
    """Return a local moment as the file has it: 2026-12-01 22:00, with seconds where there are any."""
    return moment.isoformat(" ", "seconds").removesuffix(":00")


def from_json(id_: str, value: object) -> Entry | None:
    """Return an entry as ``to_json`` wrote it; None where it is none, or in a time zone that is not known here."""
    if not isinstance(value, Mapping):
        return None
    try:
        zone = ZoneInfo(_text(value["time_zone"]))
        start = datetime.fromisoformat(_text(value["start"]))
        return Entry(
            id_,
            Kind(value["kind"]),
            tuple(Selector(by, _text(name)) for by in SELECTORS for name in value.get(by, ())),
            zone.key,
            start,
            datetime.fromisoformat(_text(value["end"])),
            _text(value["approver"]),
            datetime.fromisoformat(_text(value["approved_at"])),
            _text(value["reason"]),
            _rule(value, start, zone),
            tuple(date.fromisoformat(_text(day)) for day in value.get("except", ())),
        )
    except (KeyError, TypeError, ValueError, OSError):  # zoneinfo's errors are KeyError, ValueError and OSError
        return None


def _rule(value: Mapping[str, object], start: datetime, zone: ZoneInfo) -> Rule | None:
    return parse(_text(value["rrule"]), start.date(), zone) if "rrule" in value else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def digest(calendar: Calendar) -> str:
    """Return SHA-256 over what is planned, in hexadecimal: the same for the same entries, however they are written."""
    plain = {id_: to_json(entry) for id_, entry in calendar.entries.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
