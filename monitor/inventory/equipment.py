"""What a switch's maker calls its ports: the numbering that a device of the inventory may say."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.model import Port
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown
from monitor.inventory.schema import DeviceEntry


def numbering(written: DeviceEntry) -> Mapping[str, Port]:
    """The ports that the inventory numbers; what it does not say of one is "" there."""
    return {name: Port(str(port.interface or ""), port.poe or "") for name, port in (written.numbering or {}).items()}


def check_numberings(entries: Entries, findings: Findings) -> None:
    """Whether each port that is numbered is an uplink of a site, and none has the numbers of another."""
    used = {uplink for site in entries.sites for uplink in site.written.uplinks or ()}
    is_whole = not entries.maimed["sites"]
    for entry in entries.devices:
        for name in entry.written.numbering or {}:
            uplink = f"{entry.written.id}/{name}"
            if is_whole and uplink not in used:
                place = entry.at("numbering", name)._replace(at_key=True)
                findings.add(place, f"no site has the uplink {shown(uplink)}", findings.guess(uplink, used))
        _check_twice(entry, findings)


def _check_twice(entry: Entry[DeviceEntry], findings: Findings) -> None:
    taken: dict[tuple[str, str | int], str] = {}
    for name, port in (entry.written.numbering or {}).items():
        for key in ("interface", "poe"):
            number = getattr(port, key)
            first = taken.setdefault((key, number), name)
            if number is not None and first != name:
                findings.add(entry.at("numbering", name, key), f"is that of the port {shown(first)} already")
