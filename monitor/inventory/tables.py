"""The user's own OID tables: entries of ``oids``."""

from __future__ import annotations

from dataclasses import asdict

from monitor.core.vitals import OidTable, row
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import OidsEntry


def oid_tables(entries: Entries, findings: Findings) -> tuple[OidTable, ...]:
    """Every table, in the order of the files."""
    names: Names[OidTable] = Names("table of oids for the make", findings, entries.maimed["oids"])
    for entry in entries.oids:
        if names.claim(entry.written.id.lower(), entry) and _is_consistent(entry, findings):
            names.values[entry.written.id.lower()] = _table(entry.written)
    return tuple(names.values.values())


def _is_consistent(entry: Entry[OidsEntry], findings: Findings) -> bool:
    """Whether each name and object is there once, and what judges a rung says by which states."""
    seen: dict[str, int] = {}
    wrong = []
    for number, one in enumerate(entry.written.rows):
        for key in ("oid", "name"):
            first = seen.setdefault(getattr(one, key), number)
            if first != number:
                wrong.append((number, key, f"is in rows[{first}] already", "an object and a name are written once"))
        if one.rung and not (one.ok or one.bad):
            wrong.append((number, "rung", "needs states that are ok or bad beside it", "write ok: [1], bad: [2]"))
    for number, key, message, hint in wrong:
        origin = entry.at("rows")
        findings.add(origin.child(number, key), message, hint)
    return not wrong


def _table(written: OidsEntry) -> OidTable:
    rows = tuple(row({key: value for key, value in asdict(one).items() if value is not None}) for one in written.rows)
    return OidTable(written.id.lower(), rows, written.object_id or "", written.detect or "")
