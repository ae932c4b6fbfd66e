"""Where evidence packs are kept: entries of ``packs``."""

from __future__ import annotations

from pathlib import Path

from monitor.core.model import Depot
from monitor.core.sla.money import minutes
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import DepotEntry

#: Each has every pack written anew.
MOST_DEPOTS = 4
#: By then what happened in a period has been confirmed and recorded.
USUAL_AFTER_MIN = 60
MOST_AFTER_MIN = 28 * 24 * 60


def depots(entries: Entries, findings: Findings) -> tuple[Depot, ...]:
    """Every depot, in the order of the files."""
    names: Names[Depot] = Names("depot", findings, entries.maimed["packs"])
    for entry in entries.packs:
        if names.claim(entry.written.id, entry):
            names.values[entry.written.id] = _depot(entry, findings)
    for entry in entries.packs[MOST_DEPOTS:][:1]:
        findings.add(entry.at(), f"there are more than {MOST_DEPOTS} folders of packs", "one or two are enough")
    return tuple(names.values.values())


def _depot(entry: Entry[DepotEntry], findings: Findings) -> Depot:
    written = entry.written
    if not Path(written.folder).is_absolute():
        findings.add(entry.at("folder"), "must be an absolute path", "write /var/lib/camfleet/packs")
    return Depot(written.id, written.folder, _after(entry, findings))


def _after(entry: Entry[DepotEntry], findings: Findings) -> int:
    if entry.written.after is None:
        return USUAL_AFTER_MIN
    try:
        after = minutes(entry.written.after)
    except ValueError:
        findings.add(entry.at("after"), "must be a length of time", "write 30 min, 2 h or 1 d")
        return USUAL_AFTER_MIN
    if after > MOST_AFTER_MIN:
        findings.add(entry.at("after"), "is longer than 28 days", "write 30 min, 2 h or 1 d")
    return after
