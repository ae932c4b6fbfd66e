"""What the wallboard says about causes."""

from __future__ import annotations

from dataclasses import replace

from watched_city import FEEDER, SINGLES, WatchedCity, town

from monitor.core.canary import Silence
from monitor.core.diagnosis.cause import Kind
from monitor.core.snapshot import Snapshot
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.web import cause_board
from monitor.web.feed import Feed
from monitor.web.plan import marked, marks


def test_shared_causes_stand_first_and_each_camera_is_counted_once(storm: WatchedCity) -> None:
    """What they hold and what the kinds count is together what does not work; the largest comes first."""
    told = cause_board.causes(storm.snapshot)
    sizes = [line["cameras"] for line in told["shared"]]
    assert sizes == sorted(sizes, reverse=True)
    assert told["shared_count"] == len(sizes) == 6
    assert told["not_working"] == storm.snapshot.not_working
    assert told["held"] + told["other"] == told["not_working"]
    assert sum(line["cameras"] for line in told["others"]) + told["unexplained"] == told["other"]
    assert {line["kind"] for line in told["others"]} == {"device dead", "device hung", "no video", "stream"}


def test_a_line_says_what_failed_since_when_and_whose_it_is(storm: WatchedCity) -> None:
    """The headline is plain words, the owner is the inventory's party; what holds its cameras says so."""
    line = cause_board.causes(storm.snapshot)["shared"][0]
    cause = storm.cause(Layer.FEEDER, FEEDER)
    assert line == {
        "id": cause.id,
        "kind": "power",
        "state": "unreachable",
        "what": f"feeder {FEEDER}",
        "headline": f"No power from feeder {FEEDER}",
        "cameras": len(cause.members),
        "after": cause.after,
        "by": cause.by,
        "vague": False,
        "owner": "Electric Company",
        "acknowledged": None,
    }


def test_working_cameras_with_a_fault_are_none_of_the_others(storm: WatchedCity) -> None:
    """A wrong clock is a cause, and its camera works: it is not counted among those that do not."""
    assert any(cause.kind is Kind.CLOCK for cause in storm.snapshot.causes.values())
    assert all(line["kind"] not in ("clock", "storage") for line in cause_board.causes(storm.snapshot)["others"])


def test_refused_logins_are_counted_by_login() -> None:
    """Where a login is refused by single devices, the kind says which logins these use."""
    city = WatchedCity(town(60))
    city.work()
    refused = Finding(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS)
    north = [id_ for n, id_ in enumerate(city.inventory.cameras) if n % 3]
    south = [id_ for n, id_ in enumerate(city.inventory.cameras) if not n % 3]
    city.show([*north[:2], south[0]], refused)
    city.work([*north[2:], *south[1:]])
    city.settle()
    (line,) = cause_board.causes(city.snapshot)["others"]
    assert line == {
        "kind": "credentials",
        "cameras": 3,
        "logins": [{"name": "north", "cameras": 2}, {"name": "south", "cameras": 1}],
    }


def test_what_just_failed_is_not_explained_yet() -> None:
    """A silent device waits for its neighbours before it is a cause; until then it is counted apart."""
    city = WatchedCity(town(60))
    city.work()
    city.show(["cam-0007"], Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT))
    told = cause_board.causes(city.snapshot)
    assert (told["other"], told["unexplained"], told["others"]) == (1, 1, [])
    told = cause_board.causes(city.settle())
    assert (told["other"], told["unexplained"]) == (1, 0)


def test_an_acknowledgement_is_told_with_its_owner(cut_city: WatchedCity) -> None:
    """Who answers for a cause takes the place of who repairs its kind."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    until = cut_city.now + 3600
    (line,) = cause_board.causes(cut_city.acknowledge(id_, "night shift", "crew called", until, "Crew 4"))["shared"]
    assert line["owner"] == "Crew 4"
    assert line["acknowledged"] == {"who": "night shift", "why": "crew called", "until": until}


def test_what_did_not_change_is_not_counted_again(cut_city: WatchedCity) -> None:
    """While causes, acknowledgements and counts stay, the part is the one of before; any of them makes it anew."""
    before = cut_city.snapshot
    said = cause_board.causes(before)
    quiet = cut_city.pass_time(1)
    assert cause_board.causes(quiet, before, said) is said
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    noted = cut_city.acknowledge(id_, "x", "known", cut_city.now + 60)
    assert cause_board.causes(noted, quiet, said) is not said
    left = next(camera for camera in cut_city.inventory.cameras if camera not in cut_city.snapshot.causes[id_].members)
    more = cut_city.show([left], Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT))
    assert more.causes is noted.causes  # it is not judged yet
    assert cause_board.causes(more, noted, said)["not_working"] == said["not_working"] + 1


def test_a_blind_monitor_says_so_in_a_sentence() -> None:
    """How many cameras are unknown, why, and since when; blindness holds nothing."""
    city = WatchedCity(town(60))
    city.work()
    silence = Silence((city.now, city.now + 5), "the gateway does not answer")
    city.canaries = {"central": {"gateway": silence, "device model": None}}
    city.pass_time(10)
    told = cause_board.causes(city.snapshot)
    (line,) = told["blind"]
    assert line["sentence"].startswith(
        "The monitor is blind at vantage central: 60 cameras are unknown, whatever they do."
    )
    assert "gateway" in line["sentence"]
    assert (told["shared"], told["held"], told["other"]) == ([], 0, 0)


def test_members_are_those_of_a_cause_or_of_a_kind(storm: WatchedCity) -> None:
    """A cause has its own; a kind has those that the board counts by it; an unknown one has none."""
    cause = storm.cause(Layer.FEEDER, FEEDER)
    assert cause_board.members(storm.snapshot, cause=cause.id) == cause.members
    for line in cause_board.causes(storm.snapshot)["others"]:
        assert len(cause_board.members(storm.snapshot, kind=line["kind"])) == line["cameras"]
    assert cause_board.members(storm.snapshot, cause="gone") == frozenset()
    assert len(cause_board.members(storm.snapshot, kind="no video")) == SINGLES[2][1]


def test_marks_of_some_cameras_stand_at_their_place(storm: WatchedCity) -> None:
    """Each mark is the one that the plan has at that place."""
    cause = storm.cause(Layer.FEEDER, FEEDER)
    all_marks, ids = marks(storm.snapshot), list(storm.snapshot.views)
    found = marked(storm.snapshot, cause.members)
    assert {ids[index] for index, _ in found} == cause.members
    assert all(all_marks[index] == mark for index, mark in found)


def test_a_member_that_left_the_inventory_is_no_trouble(cut_city: WatchedCity) -> None:
    """A cause may still name a camera that is not watched any more; it is not counted."""
    known = cut_city.cause(Layer.FEEDER, "F-1")
    causes = {known.id: replace(known, members=known.members | {"gone"}, scope=Scope(Layer.SITE, "gone"))}
    snapshot: Snapshot = replace(cut_city.snapshot, fleet=replace(cut_city.snapshot.fleet, causes=causes))
    told = cause_board.causes(snapshot)
    assert told["held"] == len(known.members)
    assert told["shared"][0]["what"] == "site gone"


async def test_the_feed_carries_the_part(cut_city: WatchedCity) -> None:
    """A frame that repeats a quiet city repeats the part itself."""
    feed = Feed()
    feed.publish(cut_city.snapshot)
    assert feed.frame is not None
    first = feed.frame.sections["causes"]
    assert first["shared_count"] == 1
    feed.publish(cut_city.pass_time(1))
    assert feed.frame.sections["causes"] is first
