"""Entries written into the text of calendar.yaml: what stands there already, with its comments, stays as it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from monitor.core.calendar import Calendar, Entry
from monitor.core.calendar_json import to_json
from monitor.inventory.calendar_file import PLANNED
from monitor.inventory.yaml_file import visits

INDENT = 2


def written(entries: Mapping[str, Entry], indent: int = INDENT) -> str:
    """Return entries as lines of the section ``planned``."""
    lines = []
    for id_, entry in entries.items():
        lines.append(f"{' ' * indent}{id_}:")
        lines += [f"{' ' * indent}  {key}: {_value(value)}" for key, value in to_json(entry).items()]
    return "".join(f"{line}\n" for line in lines)


def _value(value: str | list[str]) -> str:
    """A JSON string is YAML's, too (YAML 1.2 §1.3)."""
    return json.dumps(value, ensure_ascii=False)


def news(calendar: Calendar, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return what is new in these entries: one that is planned as before keeps the approval that it has."""
    return {
        id_: entry
        for id_, entry in entries.items()
        if (old := calendar.entries.get(id_)) is None
        or replace(entry, approver=old.approver, approved_at=old.approved_at) != old
    }


def merged(text: str, entries: Mapping[str, Entry], gone: Collection[str]) -> str:
    """Return the text of a calendar with these entries in the place of those of the same ids, and without ``gone``.

    It is to be read again before it is used: a text that is written in an unusual way may come out wrong.
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    places = {
        str(visit.path[1]): visit.key for visit in visits(text) if len(visit.path) == 2 and visit.path[0] == PLANNED
    }
    indent = next((place.column - 1 for place in places.values()), INDENT)
    blocks = {id_: (place.line - 1, _end(lines, place.line - 1, indent)) for id_, place in places.items()}
    last = max((end for _, end in blocks.values()), default=_section(lines))
    fresh = {id_: entry for id_, entry in entries.items() if id_ not in blocks}
    edits = {blocks[id_]: written({id_: entries[id_]}, indent) for id_ in entries if id_ in blocks}
    edits |= {blocks[id_]: "" for id_ in gone if id_ in blocks}
    edits |= {(last, last): written(fresh, indent)} if fresh else {}
    for (start, end), new in sorted(edits.items(), reverse=True):
        lines[start:end] = new.splitlines()
    return "".join(f"{line}\n" for line in lines)


def _end(lines: list[str], first: int, indent: int) -> int:
    """Return where an entry ends: behind the last line that is indented more than its first."""
    end = first + 1
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end = number + 1 if line.strip() else end
    return end


def _section(lines: list[str]) -> int:
    """Return where entries go in a calendar that has none; the section is begun where there is none."""
    for number, line in enumerate(lines):
        if line.startswith(f"{PLANNED}:"):
            return number + 1
    lines.append(f"{PLANNED}:")
    return len(lines)
