"""The plan of the city: places, marks, and what moved."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from paper_city import City, inventory

from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.state import State, View
from monitor.core.verdict import Reason, Rung
from monitor.web.plan import LETTERS, mark, marks, moved, places, plan, position_of

FEW = inventory(12)


def fleet_of(*positions: Position | None) -> Inventory:
    """Return cameras at these positions, one each."""
    cameras = {f"c{i}": Camera(f"c{i}", f"C{i}", f"d{i}", 1, "z", position=p) for i, p in enumerate(positions)}
    devices = {f"d{i}": Device(f"d{i}", f"127.0.0.{i + 1}", {}, ("rtsp",), (f"c{i}",)) for i in range(len(positions))}
    return Inventory(devices, cameras, {}, {"z": "Zone"})


def test_places_are_metres_east_and_south_of_the_corner() -> None:
    """At 60 degrees north a degree of longitude is half as long as one of latitude (111.2 km)."""
    city = plan(fleet_of(Position(60.005, 10.0), Position(59.995, 10.02), None), "1")
    assert city["cameras"] == [["c0", "C0", 0, 0, 0], ["c1", "C1", 0, 1112, 1112], ["c2", "C2", 0, None, None]]


def test_without_any_position_there_are_no_places() -> None:
    """A fleet without positions is no city at 0° N 0° E."""
    assert [camera[3:] for camera in plan(fleet_of(None, None), "1")["cameras"]] == [[None, None]] * 2


def test_a_camera_stands_at_its_site_unless_it_says_otherwise() -> None:
    """The camera's own position comes first, then its site's."""
    fleet = fleet_of(None, Position(1.0, 2.0))
    site = Site("s", "S", "z", position=Position(3.0, 4.0))
    fleet = replace(
        fleet, sites={"s": site}, cameras={id_: replace(camera, site="s") for id_, camera in fleet.cameras.items()}
    )
    assert [position_of(camera, fleet) for camera in fleet.cameras.values()] == [site.position, Position(1.0, 2.0)]


def test_a_mark_is_a_letter_and_a_reason() -> None:
    """The state's letter, then the reason's number among ``reason_ids``, where there is a reason."""
    city = plan(inventory(3), "1")
    down = mark(View(State.DOWN, Reason.NO_VIDEO, Rung.MEDIA, 0, 0))
    assert (city["states"][down[0]], city["reason_ids"][int(down[1:])]) == ("down", "no_video")
    assert city["reasons"][int(down[1:])] == "no video"
    assert mark(View(State.UP, None, Rung.MEDIA, 0, 0)) == "u"
    assert len(set(LETTERS.values())) == len(State)


def test_marks_stand_in_the_plans_order(ill_city: City) -> None:
    """The n-th mark is the n-th camera's."""
    city = plan(ill_city.inventory, "1")
    for camera, mark_ in zip(city["cameras"], marks(ill_city.snapshot), strict=True):
        assert city["states"][mark_[0]] == ill_city.snapshot.views[camera[0]].state


@given(st.lists(st.lists(st.integers(0, 11), max_size=4), max_size=4))
def test_what_moved_makes_the_old_marks_new(outages: list[list[int]]) -> None:
    """Applying what moved to the old marks gives the new ones, and nothing is told that did not move."""
    city = City(FEW)
    before, known = city.snapshot, marks(city.snapshot)
    for failing in outages:
        city.fail([f"cam-{index + 1:04}" for index in failing], Rung.MEDIA, Reason.NO_VIDEO)
        for index, turned in moved(before, city.snapshot, places(before.inventory)):
            assert known[index] != turned
            known[index] = turned
        before = city.snapshot
        assert known == marks(city.snapshot)


def test_views_stand_in_the_order_of_the_plan(ill_city: City) -> None:
    """A camera's number is its place in the inventory, and its mark stands at that place."""
    assert list(ill_city.snapshot.views) == list(ill_city.snapshot.inventory.cameras)
