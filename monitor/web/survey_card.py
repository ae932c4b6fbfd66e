"""The newest survey of a camera's device, as a few short lines: what it is, how it is set, what it keeps. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from monitor.core.survey import Parts, Survey
from monitor.web.board import Json
from monitor.web.words import stamp

#: Entries of one part that are shown: a recorder has hundreds of profiles. `camfleet survey` shows all.
MOST_ENTRIES = 8
MOST_CHARACTERS = 120

Entry = Mapping[str, Any]
Line = tuple[str, str]
_DHCP = ((True, "by DHCP"), (False, "fixed"))


def survey_card(survey: Survey | None) -> Json | None:
    """Return when a survey was over, and its lines as names and values; None where there is none."""
    if survey is None:
        return None
    lines = [line for name, told in _PARTS for line in _lines(survey.parts, name, told)]
    return {"at": stamp(survey.at), "lines": [(_short(name), _short(value)) for name, value in lines]}


def _lines(parts: Parts, name: str, told: Callable[[Entry], Iterator[Line]]) -> Iterator[Line]:
    part = parts.get(name)
    value = None if part is None or part.missing else part.value
    entries = [value] if isinstance(value, Mapping) else value if isinstance(value, Sequence) else []
    for entry in entries[:MOST_ENTRIES]:
        if isinstance(entry, Mapping):
            yield from told(entry)
    if len(entries) > MOST_ENTRIES:
        yield name, f"and {len(entries) - MOST_ENTRIES} more"


def _information(entry: Entry) -> Iterator[Line]:
    names = {"manufacturer": "make", "model": "model", "firmware": "firmware", "serial": "serial number"}
    for key, name in names.items():
        if entry.get(key):
            yield name, str(entry[key])


def _interface(entry: Entry) -> Iterator[Line]:
    address = "/".join(str(entry[key]) for key in ("address", "prefix") if entry.get(key) is not None)
    dhcp = next((word for flag, word in _DHCP if entry.get("dhcp") is flag), "")
    said = " ".join(filter(None, (str(entry.get("mac", "")), address, dhcp)))
    if said:
        yield str(entry.get("name") or "network"), said


def _profile(entry: Entry) -> Iterator[Line]:
    size = " × ".join(str(entry[key]) for key in ("width", "height") if entry.get(key) is not None)
    paces = {"frames_per_second": "pictures/s", "kilobits_per_second": "kbit/s"}
    said = [
        str(entry.get("codec", "")),
        size,
        *(f"{entry[key]} {unit}" for key, unit in paces.items() if entry.get(key)),
    ]
    yield f"profile {entry.get('name') or entry.get('token', '')}", ", ".join(filter(None, said)) or "no video encoder"


def _servers(entry: Entry) -> Iterator[Line]:
    servers = entry.get("servers")
    by_dhcp = "by DHCP" if entry.get("dhcp") is True else "none"
    yield "time servers", ", ".join(map(str, servers)) if isinstance(servers, list) and servers else by_dhcp


def _storage(entry: Entry) -> Iterator[Line]:
    yield "storage", " ".join(str(entry[key]) for key in ("token", "type", "path") if entry.get(key)) or "unnamed"


def _recording(entry: Entry) -> Iterator[Line]:
    kept = f", kept {entry['kept']}" if entry.get("kept") else ""
    yield "recording", f"{entry.get('name') or entry.get('token', '')}{kept}"


_PARTS: Sequence[tuple[str, Callable[[Entry], Iterator[Line]]]] = (
    ("information", _information),
    ("interfaces", _interface),
    ("profiles", _profile),
    ("ntp", _servers),
    ("storage", _storage),
    ("recordings", _recording),
)


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
