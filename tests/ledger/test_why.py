"""The explanation of a camera's state, word for word."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.events import events, rungs

from monitor.core.event import (
    AssetEvent,
    CalendarEvent,
    ConfigEvent,
    ContractEvent,
    DeviceEvent,
    Event,
    Gap,
    Heartbeat,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.fleet import NEVER_SEEN, NOT_ASKED, Rungs
from monitor.core.health import RungHealth
from monitor.core.limits import Doubt
from monitor.core.state import Standing, State
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.workorder.order import Act, OrderEvent
from monitor.ledger.ledger import Ledger
from monitor.ledger.plain import MOST_CHARACTERS, printable
from monitor.ledger.reader import Reader
from monitor.ledger.why import explain, why

#: 2026-11-22 10:40:00 UTC
NOW = 1_795_344_000.0


def ok(after: float, by: float, seen: float) -> RungHealth:
    """Return a rung that is ok."""
    return RungHealth(Outcome.OK, None, "", NOW + after, NOW + by, NOW + seen, counted_at=NOW + seen)


def fail(reason: Reason, after: float, by: float, seen: float, detail: str = "") -> RungHealth:
    """Return a rung that fails."""
    return RungHealth(Outcome.FAIL, reason, detail, NOW + after, NOW + by, -inf, NOW + seen, counted_at=NOW + seen)


def with_rungs(**known: RungHealth) -> Rungs:
    """Return a camera's rungs, those not named never seen."""
    return tuple(known.get(rung.label, health) for rung, health in zip(Rung, NEVER_SEEN, strict=True))


def test_a_camera_without_video() -> None:
    """State, reason, what to do, each rung with its interval, and what happened, oldest first."""
    rungs_ = with_rungs(
        reachable=ok(-86_400, -86_390, -20),
        control=NOT_ASKED,
        stream=ok(-600.0, -599.5, -20),
        media=fail(Reason.NO_VIDEO, -538, -516, -10, "PLAY 200, no packet within 10 s"),
    )
    happened: list[Event] = [
        Gap(NOW - 700.0, "central", NOW - 800.0, NOW - 700.0, 0, "the monitor was not running"),
        RungEvent(NOW - 599.5, "pier-gate", "central", Rung.STREAM, Outcome.OK, None, "", NOW - 600.0, NOW - 599.5),
        Heartbeat(NOW - 550.0, "central", {}),
        RungEvent(
            NOW - 490.0, "pier-gate", "central", Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "", NOW - 538.0, NOW - 516.0
        ),
    ]
    assert explain("pier-gate", rungs_, happened, NOW, NOW - 30.0).splitlines() == [
        "pier-gate does not work, since between 10:31:02 and 10:31:24 UTC (8 min 36 s ago): no video.",
        "  The device agrees to play and then sends no video packet. (PLAY 200, no packet within 10 s)",
        "  What to do: Restart the device; if it stays so, its encoder or sensor is broken.",
        "",
        "What is known (times in UTC):",
        "  reachable   Does the device answer on the network at all?   yes, since between 2026-11-21 10:40:00 and"
        " 2026-11-21 10:40:10; last seen 10:39:40",
        "  control     Does its ONVIF service answer?                  not asked",
        "  credentials Does it accept our login?                       unseen",
        "  stream      Does it describe its video stream?              yes, since 10:30:00; last seen 10:39:40",
        "  media       Do video packets arrive?                        NO: no video (PLAY 200, no packet within 10 s),"
        " since between 10:31:02 and 10:31:24; last seen 10:39:50",
        "  recording   Is its own storage healthy?                     unseen",
        "  clock       Is its clock right within a minute?             unseen",
        "  device      Are its vital signs readable and healthy?       unseen",
        "  identity    Is it the device that the inventory expects?    unseen",
        "",
        "What happened last (times in UTC):",
        "  2026-11-22 10:28:20  unseen between 10:26:40 and 10:28:20: the monitor was not running",
        "  2026-11-22 10:30:00  stream is ok, since 10:30:00",
        "  2026-11-22 10:31:50  media fails: no video, since between 10:31:02 and 10:31:24",
    ]


def first_lines(rungs_: Rungs, looked_at: float | None = None) -> list[str]:
    """Return what stands above the table of rungs."""
    lines = explain("c", rungs_, [], NOW, looked_at).splitlines()
    return lines[: next(n for n, line in enumerate(lines) if line.startswith("What")) - 1]


@pytest.mark.parametrize(
    ("rungs_", "expected"),
    [
        (
            with_rungs(media=ok(-inf, -90.0, -30)),
            ["c works, since before 10:38:30 UTC (1 min 30 s ago)."],
        ),
        (with_rungs(media=ok(-7260.0, -7260.0, -30)), ["c works, since 08:39:00 UTC (2 h 1 min ago)."]),
        (NEVER_SEEN, ["c is in an unknown state: nobody could look yet."]),
        (
            with_rungs(media=RungHealth(last_fail=NOW - 5, failures=1, streak_from=NOW - 5)),
            ["c is in an unknown state: its first checks are not confirmed yet."],
        ),
        (
            with_rungs(media=ok(-inf, -90.0, -30), clock=fail(Reason.CLOCK, -inf, -5.0, -5.0)),
            [
                "c works, but something else is wrong, since before 10:39:55 UTC (5 s ago): clock wrong.",
                "  The device's clock is off by more than a minute: its pictures carry a wrong time.",
                "  What to do: Set a time server on the device; check that it can be reached.",
            ],
        ),
        (
            with_rungs(media=RungHealth(Outcome.UNSEEN, Reason.BUSY, "453")),
            [
                "c is in an unknown state: busy.",
                "  The device is full: others hold its streams or sessions. (453)",
                "  What to do: Nothing to repair yet. If it stays so, find out who else is connected.",
            ],
        ),
    ],
    ids=["up", "up for hours", "never seen", "seen once", "degraded", "busy"],
)
def test_the_state_in_words(rungs_: Rungs, expected: list[str]) -> None:
    """Each state, with its reason and what to do where there is one."""
    assert first_lines(rungs_) == expected


def test_a_ledger_that_nobody_writes() -> None:
    """Where the last heartbeat is old, it says first that nobody looks, and what follows is called the past."""
    up = with_rungs(media=ok(-7200.0, -7200.0, -3600.0))
    assert first_lines(up, NOW - 3600.0) == [
        "Nobody has been looking since 09:40:00 UTC (1 h ago): no monitor runs on this ledger, and how c is now is"
        " unknown.",
        "",
        "As it stood then: c works, since 08:40:00 UTC (2 h ago).",
    ]
    assert first_lines(up, NOW - 60.0) == ["c works, since 08:40:00 UTC (2 h ago)."]


def test_an_outage_that_got_worse_began_when_it_began() -> None:
    """Since when is told of the state, why of the rung that fails now."""
    cut = with_rungs(reachable=fail(Reason.TIMEOUT, -70, -60, -5), media=fail(Reason.TIMEOUT, -610, -600, -5))
    began = Standing(State.DOWN, NOW - 610, NOW - 600)
    assert explain("c", cut, [], NOW, None, UTC, began).splitlines()[0] == (
        "c does not work, since between 10:29:50 and 10:30:00 UTC (10 min ago): no answer."
    )


def test_one_service_that_is_silent_is_no_power_cut() -> None:
    """An SNMP agent that does not answer on a camera that streams sends nobody to check the power."""
    lines = first_lines(
        with_rungs(
            reachable=ok(-90, -90, -5), media=ok(-90, -90, -30), device=fail(Reason.TIMEOUT, -70, -60, -5, "5 s")
        )
    )
    assert lines == [
        "c works, but something else is wrong, since between 10:38:50 and 10:39:00 UTC (1 min ago): no SNMP answer.",
        "  The device answers otherwise, but nothing answers SNMP. (5 s)",
        "  What to do: Check that SNMP is switched on, its community or user in the inventory, and filters for UDP."
        " If all of that is right, restart the device.",
    ]


def test_a_camera_that_left_the_inventory(tmp_path: Path) -> None:
    """It is said that it left and when, with what happened to it; of one that never was nothing is said."""
    path = tmp_path / "ledger"
    rungs_ = {"gone": with_rungs(media=ok(-90, -90, -30)), "here": with_rungs(media=ok(-90, -90, -30))}
    came = RungEvent(NOW - 90, "gone", "central", Rung.MEDIA, Outcome.OK, None, "", -inf, NOW - 90)
    ledger = Ledger.open(path)
    ledger.append([came, Heartbeat(NOW - 61, "central", {})], rungs_)
    ledger.append([ConfigEvent(NOW - 60, "d", 0, 1, 0, (), ("gone",))], {"here": rungs_["here"]})
    assert ledger.close(60.0) == 0
    with Reader.open(path) as reader:
        told = why("gone", reader, NOW, UTC)
        assert told is not None
        assert told.splitlines() == [
            "gone is no longer in the inventory, since 10:39:00 UTC (1 min ago); nobody looks at it any more.",
            "",
            "What happened last (times in UTC):",
            "  2026-11-22 10:38:30  media is ok, since before 10:38:30",
        ]
        here = why("here", reader, NOW, UTC)
        assert here is not None
        assert here.startswith("here works, since 10:38:30 UTC (1 min 30 s ago).")
        assert why("never", reader, NOW, UTC) is None


def rung_lines(health: RungHealth) -> list[str]:
    """Return what is said of a media rung."""
    lines = explain("c", with_rungs(media=health), [], NOW).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  media"))
    end = next(n for n, line in enumerate(lines) if line.startswith("  recording"))
    return [line.strip() for line in lines[start:end]]


def test_a_streak_that_is_not_confirmed() -> None:
    """Failures of a rung that is still ok, and successes of one that still fails, are told with their count."""
    failing = ok(-600.0, -600.0, -60.0)._replace(failures=2, streak_from=NOW - 20.0)
    assert rung_lines(failing)[1] == "2 failures since 10:39:40, not confirmed yet"
    back = fail(Reason.NO_VIDEO, -600.0, -600.0, -60.0)._replace(successes=1, streak_from=NOW - 10.0)
    assert rung_lines(back)[1] == "1 success since 10:39:50, not confirmed yet"


def test_a_busy_device() -> None:
    """Attempts that found the device full are counted."""
    assert rung_lines(RungHealth(Outcome.UNSEEN, Reason.BUSY, "", busy=3)) == [
        "media       Do video packets arrive?                        unseen: busy",
        "3 attempts in a row found it full",
    ]


def test_a_login_that_is_known_to_be_wrong_is_in_no_doubt() -> None:
    """What looked full before was the login: neither a next try that decides is told, nor a full device."""
    refused = fail(Reason.CREDENTIALS, -700.0, -60.0, -60.0)
    busy = RungHealth(Outcome.UNSEEN, Reason.CREDENTIALS, "", NOW - 700.0, NOW - 60.0, busy=2)
    for doubt in (Doubt(NOW - 60.0, NOW + 1800.0), None):
        said = explain("c", with_rungs(credentials=refused, stream=busy), [], NOW, doubt=doubt)
        assert "not confirmed" not in said
        assert "found it full" not in said


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            Gap(NOW, "", NOW - 60.0, NOW, 12, "disk full"),
            "unseen between 10:39:00 and 10:40:00: disk full; 12 events are missing",
        ),
        (DeviceEvent(NOW, "d0", "login refused", "401"), "device d0: login refused 401"),
        (DeviceEvent(NOW, "d0", "reboot", ""), "device d0: reboot"),
        (CalendarEvent(NOW, "pier", "added", {}, "d", NOW + 60.0, False), "calendar: pier added"),
        (CalendarEvent(NOW, "pier", "changed", {}, "d", NOW - 60.0, True), "calendar: pier changed, back to 10:39:00"),
        (ContractEvent(NOW, "safe-city", "changed", {}), "contract: safe-city changed"),
        (ScheduleEvent(NOW, {}), "schedule: other rates"),
        (
            OrderEvent(NOW, "WO-AAAA-BBBB", Act.FOUND, who="Team 3", why="cable"),
            "order WO-AAAA-BBBB found by Team 3: cable",
        ),
        (AssetEvent(NOW, "gate", "changed", {"zone": "harbour"}), "inventory: gate changed"),
        (ConfigEvent(NOW, "d", 3, 2, 1), "another inventory: 3 started, 2 stopped, 1 changed"),
        (
            RungEvent(NOW, "c", "v", Rung.STREAM, Outcome.UNSEEN, Reason.CREDENTIALS, "", -inf, -inf),
            "stream is unseen: login refused",
        ),
    ],
)
def test_events_in_words(event: Event, expected: str) -> None:
    """Each kind of event in a line of its own."""
    assert explain("c", NEVER_SEEN, [event], NOW).splitlines()[-1] == f"  2026-11-22 10:40:00  {expected}"


def test_nothing_has_happened() -> None:
    """A camera without events says so."""
    assert explain("c", NEVER_SEEN, [], NOW).splitlines()[-1] == "Nothing has happened yet."


def test_another_time_zone() -> None:
    """Moments are told in the zone asked for, which is named."""
    zone = timezone(timedelta(hours=5), "PKT")
    lines = explain("c", with_rungs(media=ok(-60.0, -60.0, -60.0)), [], NOW, None, zone).splitlines()
    assert lines[0] == "c works, since 15:39:00 UTC+05:00 (1 min ago)."
    assert "What is known (times in UTC+05:00):" in lines


@given(rungs(), st.lists(events(), max_size=4), st.text(st.characters(exclude_categories=()), max_size=300))
def test_no_text_of_a_device_reaches_the_terminal_raw(known: Rungs, happened: list[Event], name: str) -> None:
    """Whatever devices said, the explanation is lines of printable text, and can be written as UTF-8."""
    text = explain(name, known, happened, NOW)
    text.encode()
    for line in text.split("\n"):
        assert printable(line)[: MOST_CHARACTERS - 1] == line[: MOST_CHARACTERS - 1]
        assert "\x1b" not in line


def test_what_is_not_asked_has_no_beginning() -> None:
    """Nothing holds of a rung that is not asked, so nothing is told since when, nor when it was last seen."""
    never = RungHealth(Outcome.NA, None, "", NOW - 90.0, NOW - 80.0, NOW - 70.0)
    lines = explain("c", with_rungs(recording=never), [], NOW).splitlines()
    assert "  recording   Is its own storage healthy?                     not asked" in lines


def test_what_follows_from_another_rung_is_not_told_in_its_words() -> None:
    """The port that did not answer was RTSP's: behind it the ONVIF service fails as the network does, not on that port."""
    cut = fail(Reason.TIMEOUT, -70, -60, -5, "no answer on port 554")
    own = fail(Reason.SERVER_ERROR, -70, -60, -5, "RTSP 500")
    happened: list[Event] = [
        RungEvent(NOW - 60, "c", "central", rung, Outcome.FAIL, Reason.TIMEOUT, "no answer on port 554", NOW - 70, NOW - 60)
        for rung in (Rung.REACHABLE, Rung.CONTROL)
    ]  # fmt: skip
    lines = explain("c", with_rungs(reachable=cut, control=cut, stream=own, media=own), happened, NOW).splitlines()
    since = "since between 10:38:50 and 10:39:00"
    assert [line[line.index(" NO") + 1 :] for line in lines if " NO" in line] == [
        f"NO: no answer (no answer on port 554), {since}; last seen 10:39:55",
        f"NO, as reachable fails, {since}; last seen 10:39:55",
        f"NO: server error (RTSP 500), {since}; last seen 10:39:55",
        f"NO, as stream fails, {since}; last seen 10:39:55",
    ]
    assert lines[-2:] == [
        f"  2026-11-22 10:39:00  reachable fails: no answer (no answer on port 554), {since}",
        f"  2026-11-22 10:39:00  control fails, as reachable does, {since}",
    ]
