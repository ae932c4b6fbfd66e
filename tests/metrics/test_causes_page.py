"""What alerts fire on: one series an open cause, quiet where a person or the calendar says so, bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from peers.fleets import NOW, make_inventory
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters import causes as lines
from exporters.causes import Families
from monitor.core.acknowledgement import Acknowledgement
from monitor.core.calendar import Entry
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.fleet import start
from monitor.core.planned import Active, Planned
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.topology import Layer, Scope


def cause(kind: Kind, layer: Layer, name: str, members: set[str], opened: float = NOW) -> Cause:
    return Cause(f"{kind}-{name}", kind, Scope(layer, name), NOW - 60, NOW, opened, frozenset(members))


def shown(*open_ones: Cause, owners: dict[str, str] | None = None) -> Snapshot:
    inventory = replace(make_inventory(), owners=owners or {})
    return publish(start(inventory, Rates(), causes={one.id: one for one in open_ones}), 0)


def series(snapshot: Snapshot, name: str, families: Families | None = None) -> dict[tuple[str, ...], float]:
    """Return the values of a family by the values of its labels."""
    text = (families or Families()).render(snapshot).decode()
    return {
        tuple(sample.labels.values()): sample.value
        for family in parse(text)
        for sample in family.samples
        if sample.name == name
    }


def test_each_open_cause_is_one_series_that_says_whose_it_is_and_how_many_it_holds() -> None:
    """It says where what failed lies; the inventory names the party behind a role."""
    cut = cause(Kind.UPLINK, Layer.UPLINK, 'SW-1/"3"', {f"c{n}" for n in range(6)})
    dead = cause(Kind.DEAD, Layer.DEVICE, "d7", {"c7"})
    snapshot = shown(cut, dead, owners={"network": "City Fibre"})
    assert series(snapshot, "camera_cause_open") == {
        ('uplink-SW-1/"3"', "uplink", "uplink", 'SW-1/"3"', "", "", "", "City Fibre"): 6,
        ("device dead-d7", "device dead", "device", "d7", "s2", "z2", "", "field"): 1,
    }
    by_kind = {kind: count for (kind,), count in series(snapshot, "camera_causes").items() if count}
    assert by_kind == {"uplink": 1, "device dead": 1}
    assert len(series(snapshot, "camera_causes")) == len(Kind)


@pytest.mark.parametrize(
    ("layer", "name", "members", "place"),
    [
        (Layer.FEEDER, "F-1", {"c0"}, ("", "", "")),
        (Layer.UPLINK, "SW-0/1", {"c0"}, ("s0", "z0", "city")),
        (Layer.SWITCH, "SW-1", {"c3"}, ("s1", "z1", "")),
        (Layer.SITE, "s1", {"c3"}, ("s1", "z1", "")),
        (Layer.DEVICE, "d4", {"c4"}, ("s1", "z1", "port")),
        (Layer.CAMERA, "c5", {"c5"}, ("s1", "z1", "city")),
        (Layer.CONTRACT, "city", {"c5"}, ("", "", "city")),
        (Layer.CREDENTIAL, "login", {"c5"}, ("", "", "")),
        (Layer.DEVICE, "gone", {"c5"}, ("", "", "")),
    ],
    ids=str,
)
def test_where_a_cause_lies_does_not_change_with_its_members(
    layer: Layer, name: str, members: set[str], place: tuple[str, str, str]
) -> None:
    """An alert whose label changed would be another alert: members of one site do not make a feeder one of that site."""
    snapshot = shown(cause(Kind.DEAD, layer, name, members))
    cameras = {
        id_: replace(one, contract="port" if id_ == "c4" else "city") for id_, one in snapshot.inventory.cameras.items()
    }
    under = replace(snapshot.fleet, inventory=replace(snapshot.inventory, cameras=cameras))
    (key,) = series(replace(snapshot, fleet=under), "camera_cause_open")
    assert key[4:7] == place


def test_a_cause_says_when_it_was_opened() -> None:
    """Its age is that of the snapshot, whoever restarts."""
    dead = cause(Kind.DEAD, Layer.DEVICE, "d7", {"c7"}, NOW - 400)
    assert series(shown(dead), "camera_cause_opened_timestamp_seconds") == {("device dead-d7",): NOW - 400}


def test_a_cause_is_quiet_while_it_is_acknowledged_or_all_its_cameras_are_planned_for() -> None:
    """It stays open and told; one camera that nothing is planned for is enough to hear of it."""
    one, two = cause(Kind.SITE, Layer.SITE, "s0", {"c0", "c1"}), cause(Kind.DEAD, Layer.DEVICE, "d5", {"c5"})
    snapshot = shown(one, two)
    known = {one.id: Acknowledgement(one.id, NOW, "dispatcher", "", "crane in the street", NOW + 3600)}
    quiet = replace(snapshot, fleet=replace(snapshot.fleet, acknowledgements=known))
    assert series(quiet, "camera_cause_quiet") == {("site-s0", "acknowledged"): 1}
    assert len(series(quiet, "camera_cause_open")) == 2
    now = (Active(Entry.__new__(Entry), NOW, NOW + 60),)
    for planned, expected in (({"c0", "c1"}, {("site-s0", "planned"): 1}), ({"c0"}, {})):
        covered = replace(snapshot, planned=Planned(now, dict.fromkeys(planned, now)))
        assert series(covered, "camera_cause_quiet") == expected


def test_of_too_many_the_shared_and_the_oldest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is bounded; the count of each kind is of all."""
    monkeypatch.setattr(lines, "MOST_CAUSES", 3)
    alone = [cause(Kind.DEAD, Layer.DEVICE, f"d{n}", {f"c{n}"}, NOW - n) for n in range(5)]
    cut = cause(Kind.UPLINK, Layer.UPLINK, "SW-1/3", {"c8", "c9"}, NOW + 1)
    snapshot = shown(*alone, cut)
    assert {key[0] for key in series(snapshot, "camera_cause_open")} == {
        "uplink-SW-1/3",
        "device dead-d4",
        "device dead-d3",
    }
    assert series(snapshot, "camera_causes")[("device dead",)] == 5


def test_a_closed_cause_has_no_series_any_more() -> None:
    """Whatever kept it quiet: its end is told by its absence."""
    families = Families()
    assert len(series(shown(cause(Kind.DEAD, Layer.DEVICE, "d5", {"c5"})), "camera_cause_open", families)) == 1
    assert series(shown(), "camera_cause_open", families) == {}
