"""What the wallboard says about a snapshot."""

from __future__ import annotations

from dataclasses import replace

from paper_city import FAULTS, NOT_WORKING, City

from monitor.core.snapshot import Change
from monitor.core.state import State, View
from monitor.core.verdict import Reason, Rung
from monitor.web import board


def test_counts_are_the_snapshots(ill_city: City) -> None:
    """Each state is counted once, and down and unreachable together do not work."""
    counts = board.counts(ill_city.snapshot)
    assert counts["cameras"] == sum(counts["states"].values()) == 1800
    assert counts["not_working"] == NOT_WORKING == 600
    assert counts["states"] == {"up": 1125, "degraded": 75, "unreachable": 0, "down": 600, "unknown": 0}


def test_zones_are_ranked_by_share_not_working(ill_city: City) -> None:
    """The zone with the largest share not working comes first, whatever its size."""
    zones = board.zones(ill_city.snapshot)
    shares = [zone["not_working"] / zone["cameras"] for zone in zones]
    assert shares == sorted(shares, reverse=True)
    assert sum(zone["not_working"] for zone in zones) == 600
    assert sum(zone["cameras"] for zone in zones) == 1800


def test_a_zone_without_cameras_is_left_out(small_city: City) -> None:
    """A zone that has no camera has no share of anything."""
    emptied = dict.fromkeys(small_city.snapshot.states, 0) | {("z1", State.UP): 3}
    zones = board.zones(replace(small_city.snapshot, states=emptied))
    assert [(zone["id"], zone["cameras"]) for zone in zones] == [("z1", 3)]


def test_reasons_are_ranked_and_in_plain_words(ill_city: City) -> None:
    """Reasons of cameras that do not work, the most frequent first; of equal ones by name."""
    ranked = sorted(((number, reason) for _, reason, number in FAULTS), key=lambda pair: (-pair[0], pair[1]))
    reasons = board.reasons(ill_city.snapshot)
    assert [(line["cameras"], line["reason"]) for line in reasons] == ranked
    assert reasons[0]["title"] == "no answer"


def test_faults_are_those_of_working_cameras(ill_city: City) -> None:
    """What is wrong with cameras that work stands apart from why others do not."""
    assert [(line["title"], line["cameras"]) for line in board.faults(ill_city.snapshot)] == [
        ("clock wrong", 45),
        ("storage failed", 30),
    ]


def change(camera: str, at: float, before: State = State.UP, now: State = State.DOWN) -> Change:
    return Change(at, camera, before, View(now, Reason.TIMEOUT, Rung.REACHABLE, 0.0, at))


def test_like_changes_of_a_zone_are_one_line(small_city: City) -> None:
    """Cameras of one zone that turn alike within a minute are one line of news, with their number."""
    cameras = [camera for camera in small_city.inventory.cameras.values() if camera.zone == "z1"]
    changes = [change(camera.id, 1000.0 - index) for index, camera in enumerate(cameras)]
    (line,) = board.news(changes, small_city.inventory)
    assert (line["cameras"], line["at"], line["before"], line["now"]) == (len(cameras), 1000.0, "up", "down")


def test_changes_a_minute_apart_are_two_lines(small_city: City) -> None:
    """What happened again later is news again."""
    changes = [change("cam-0001", 1000.0), change("cam-0002", 939.0)]
    assert [line["cameras"] for line in board.news(changes, small_city.inventory)] == [1, 1]


def test_news_are_bounded_and_forget_cameras_that_left(small_city: City) -> None:
    """No more lines than asked for, and none about a camera that the inventory no longer has."""
    changes = [change("gone", 2000.0), *(change("cam-0001", 2000.0 - 100 * i) for i in range(9))]
    news = board.news(changes, small_city.inventory, most=4)
    assert [line["at"] for line in news] == [2000.0, 1900.0, 1800.0, 1700.0]


def test_only_changed_parts_are_told(small_city: City) -> None:
    """Between two snapshots that say the same nothing is new; a fault changes counts, zones, reasons and news."""
    before = board.sections(small_city.snapshot)
    assert board.changed(before, board.sections(small_city.pass_time(1))) == {}
    after = board.sections(small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO))
    assert set(board.changed(before, after)) == {"counts", "zones", "reasons", "news"}
