"""Where sites stand, as metrics for a map."""

from __future__ import annotations

from dataclasses import replace

import pytest
from peers.fleets import make_inventory
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters import places
from monitor.core.model import Inventory


def shown(lines: places.Lines, inventory: Inventory) -> dict[tuple[str, ...], float]:
    """Return the values by family, zone and site."""
    text = b"".join(lines.render(inventory)).decode()
    samples = [sample for family in parse(text) for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_each_site_with_a_position_says_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pieces; a site without a position says nothing; another inventory is told anew."""
    monkeypatch.setattr(places, "PIECE", 1)
    fleet, lines = make_inventory(9), places.Lines()
    nowhere = replace(fleet, sites={**fleet.sites, "s1": replace(fleet.sites["s1"], position=None)})
    expected = {
        (f"camera_site_{axis}_degrees", site.zone, site.id): getattr(site.position, axis)
        for site in (nowhere.sites["s0"], nowhere.sites["s2"])
        for axis in ("latitude", "longitude")
    }
    assert shown(lines, nowhere) == shown(lines, nowhere) == expected
    assert len(shown(lines, fleet)) == 6
