"""One camera, told to a person."""

from __future__ import annotations

import json
from math import inf, nan

from paper_city import City, talk

from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.web.card import MOST_MESSAGES, MOST_TEXT, card, conversations, measurements


def rung(told: dict, name: str) -> dict:
    return next(rung for rung in told["rungs"] if rung["rung"] == name)


def test_a_card_says_state_reason_and_what_to_do(small_city: City) -> None:
    """The telling reason, in plain words, with the interval in which it began."""
    small_city.fail(["cam-0003"], Rung.STREAM, Reason.NOT_FOUND, "404 Not Found")
    told = card(small_city.snapshot, "cam-0003")
    assert (told["state"], told["reason"], told["advice"]["title"]) == ("down", "not_found", "stream not found")
    assert told["advice"]["action"].startswith("Check the stream's path")
    assert (told["since_after"], told["since_by"]) == ("2018-11-15T12:00:00.000Z", "2018-11-15T12:00:11.000Z")
    assert (rung(told, "stream")["outcome"], rung(told, "stream")["detail"]) == ("fail", "404 Not Found")
    assert (rung(told, "media")["outcome"], rung(told, "media")["follows"]) == ("fail", "stream")
    assert rung(told, "stream")["follows"] is None
    assert rung(told, "reachable")["outcome"] == "ok"


def test_a_rung_that_fails_with_another_names_that_one(small_city: City) -> None:
    """What is told of an unreachable camera's rungs is its silence, also of the port that another rung asks."""
    small_city.fail(["cam-0003"], Rung.REACHABLE, Reason.TIMEOUT, "no answer on port 554")
    told = {one["rung"]: one["follows"] for one in card(small_city.snapshot, "cam-0003")["rungs"]}
    assert told["reachable"] is told["credentials"] is None
    assert told["control"] == told["stream"] == told["media"] == "reachable"


def test_a_card_tells_what_is_being_checked_again(small_city: City) -> None:
    """A failure that is not confirmed yet changes no state, but is told."""
    small_city.now += 11
    small_city.tell([small_city.verdict("cam-0003", Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO))])
    told = card(small_city.snapshot, "cam-0003")
    assert told["state"] == "up"
    assert rung(told, "media")["checking"] == "failed 1 of 3 times"


def test_a_card_tells_of_a_recovery_under_way(small_city: City) -> None:
    """One good answer of the two that a recovery takes."""
    small_city.fail(["cam-0003"], Rung.MEDIA, Reason.NO_VIDEO)
    small_city.now += 11
    small_city.work(["cam-0003"])
    assert rung(card(small_city.snapshot, "cam-0003"), "media")["checking"] == "answered 1 of 2 times"


def test_a_card_counts_what_the_camera_shares(small_city: City) -> None:
    """Its site, each uplink and its feeder, with how many of their cameras do not work."""
    sites = small_city.inventory.sites
    site = small_city.inventory.cameras["cam-0003"].site
    members = [camera.id for camera in small_city.inventory.cameras.values() if camera.site == site]
    small_city.fail(members, Rung.REACHABLE, Reason.TIMEOUT)
    told = card(small_city.snapshot, "cam-0003")
    assert [share["kind"] for share in told["shares"]] == ["site", "uplink", "feeder"]
    assert (told["shares"][0]["cameras"], told["shares"][0]["not_working"]) == (len(members), len(members))
    feeder = [c.id for c in small_city.inventory.cameras.values() if sites[c.site].feeder == sites[site].feeder]
    assert told["shares"][2]["cameras"] == len(feeder)
    assert {other["id"] for other in told["neighbours"]} == set(members) - {"cam-0003"}


def test_measurements_are_what_json_can_carry() -> None:
    """No number that is none, no text without end, and no other channel's figures."""
    found = {
        "channel_1_video_frames": 25.0,
        "channel_2_video_frames": 10.0,
        "channel_x": 1.0,
        "channels": 4.0,
        "broken": nan,
        "endless": inf,
        "model": "M" * 1000,
    }
    told = measurements(found, 1)
    assert told == {"video_frames": 25.0, "channel_x": 1.0, "channels": 4.0, "model": "M" * MOST_TEXT + "…"}
    json.dumps(told, allow_nan=False)


def test_conversations_are_redacted_and_bounded(small_city: City) -> None:
    """What was said is told without secrets, newest first, and never without end."""
    said = talk(small_city, "cam-0003", *([(True, b'GET / HTTP/1.1\r\nAuthorization: Digest response="abc"\r\n')] * 99))
    (told,) = conversations([said], "cam-0003", with_messages=True)
    assert (len(told["messages"]), told["left_out"]) == (MOST_MESSAGES, 99 - MOST_MESSAGES)
    assert told["messages"][0]["text"] == "GET / HTTP/1.1\nAuthorization: Digest [removed]\n"
    assert conversations([said], "cam-0003", with_messages=False)[0]["messages"] == []


def test_findings_of_other_channels_are_left_out(small_city: City) -> None:
    """A recorder's conversation is told for this camera: what it says of the device and of this channel."""
    said = talk(small_city, "cam-0003")
    findings = (Finding(Rung.REACHABLE, Outcome.OK), Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, camera="other"))
    verdict = small_city.verdict("cam-0003", *findings)
    (told,) = conversations([said._replace(verdict=verdict)], "cam-0003", with_messages=True)
    assert [finding["rung"] for finding in told["findings"]] == ["reachable"]
