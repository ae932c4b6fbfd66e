"""A town whose cameras contracts count."""

from __future__ import annotations

from monitor.core.model import Camera, Inventory, Site

TOWN = Inventory(
    {},
    {"gate": Camera("gate", "Gate", "d", 1, "harbour", "pier", contract="C-1")},
    {"pier": Site("pier", "Pier", "harbour", feeder="F-1")},
    {"harbour": "Harbour", "old-town": "Old Town"},
    owners={"network": "City Network"},
)
