"""The lives of cameras, what cannot be as the inventory says, and how many cameras there are by each meaning of that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.asset_findings import (
    MEANINGS,
    VANISHED_S,
    Denominator,
    Finding,
    Kind,
    Moment,
    denominator,
    findings,
    in_words,
)
from monitor.core.asset_life import PINNED, REPLACED, Life, Lives, Proof, lives, to_json
from monitor.core.event import AssetEvent, DeviceEvent, Event, RungEvent
from monitor.core.health import NEVER_SEEN, UNSEEN, Rungs
from monitor.core.identity import Identity
from monitor.core.verdict import Outcome, Reason, Rung

DAY = 86_400.0
#: Noon of 1 November 2026.
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()
NOW = Moment(NOON + 60 * DAY, UTC)
VIDEO = {"zone": "z", "probes": ["onvif", "rtsp"]}
BAD = Reason.TIMEOUT


def listed(camera: str, at: float = NOON, what: str = "added", **row: Any) -> AssetEvent:
    return AssetEvent(at, camera, what, {**VIDEO, **row} if what != "removed" else {})


def became(camera: str, rung: Rung, outcome: Outcome, by: float, after: float = -1.0) -> RungEvent:
    reason = BAD if outcome is Outcome.FAIL else None
    return RungEvent(by, camera, "central", rung, outcome, reason, "", after if after >= 0 else by - 60, by)


def answering(at: float) -> Rungs:
    return tuple(replace_ok(at) if rung is Rung.REACHABLE else UNSEEN for rung in Rung)


def replace_ok(at: float) -> Any:
    return UNSEEN._replace(outcome=Outcome.OK, last_ok=at)


def told(*events: Event, known: Mapping[str, Rungs] | None = None) -> Lives:
    return lives(enumerate(events, 1), known or {})


def kinds(
    found: Lives, identities: Mapping[str, Identity] | None = None, moment: Moment = NOW
) -> list[tuple[Kind, str]]:
    return [(one.kind, one.camera) for one in findings(found, identities or {}, moment)]


def test_a_life_is_dated_by_the_events_that_tell_it() -> None:
    """Paper by the event that said it first, the list, the first answer, the first picture, the last good look."""
    life = told(
        listed("gate", sanctioned="2018-01-01", commissioned="2018-11-01"),
        became("gate", Rung.REACHABLE, Outcome.OK, NOON + 60),
        DeviceEvent(NOON + 61, "gate", PINNED, "serial number 1", "gate"),
        became("gate", Rung.MEDIA, Outcome.OK, NOON + 90),
        became("gate", Rung.MEDIA, Outcome.FAIL, NOON + 900),
        became("gate", Rung.MEDIA, Outcome.OK, NOON + 990),
        listed("gate", NOON + DAY, "changed", sanctioned="2018-01-01", commissioned="2018-12-01"),
        DeviceEvent(NOON + 2 * DAY, "gate", REPLACED, "serial number 2 in place of serial number 1, by kim", "gate"),
        became("gate", Rung.REACHABLE, Outcome.FAIL, NOON + 3 * DAY, NOON + 3 * DAY - 30),
        known={"gate": answering(NOON + 4 * DAY)},
    )["gate"]
    assert life.listed == Proof(NOON, 1)
    assert life.said == {"sanctioned": Proof(NOON, 1), "commissioned": Proof(NOON + DAY, 7)}
    assert (life.seen, life.live) == (Proof(NOON + 60, 2), Proof(NOON + 90, 4))
    assert life.replaced == [Proof(NOON + 2 * DAY, 8, "serial number 2 in place of serial number 1, by kim")]
    assert life.pinned == life.replaced[0]
    assert (life.last_seen, life.answers, life.removed) == (NOON + 4 * DAY, True, None)
    assert json.loads(json.dumps(to_json(life)))["commissioned"] == {
        "day": "2018-12-01",
        "said_at": NOON + DAY,
        "event": 7,
    }


def test_a_camera_that_left_keeps_its_life_and_goes_on_with_it() -> None:
    """Its last row, and the last good look that an event tells of; coming back, it is listed as before."""
    events: list[Event] = [
        listed("gate", contract="a"),
        became("gate", Rung.REACHABLE, Outcome.OK, NOON + 60),
        became("gate", Rung.REACHABLE, Outcome.FAIL, NOON + DAY, NOON + DAY - 30),
        listed("gate", NOON + 2 * DAY, "removed"),
    ]
    gone = told(*events)["gate"]
    assert (gone.removed, gone.row["contract"]) == (Proof(NOON + 2 * DAY, 4), "a")
    assert (gone.last_seen, gone.answers) == (NOON + DAY - 30, False)
    back = told(*events, listed("gate", NOON + 3 * DAY, contract="b"))["gate"]
    assert (back.removed, back.listed, back.row["contract"]) == (None, Proof(NOON, 1), "b")


def test_what_is_said_of_a_camera_that_was_never_listed_is_nobodys_life() -> None:
    """A ledger of before rows were kept tells of rungs first."""
    assert told(became("ghost", Rung.MEDIA, Outcome.OK, NOON), known={"ghost": NEVER_SEEN}) == {}


def test_what_was_seen_before_rows_were_kept_was_seen() -> None:
    """A ledger of then goes on with rows: who answered all along is not found never to have answered."""
    found = told(
        became("pier", Rung.REACHABLE, Outcome.OK, NOON),
        became("pier", Rung.MEDIA, Outcome.OK, NOON + 60),
        listed("pier", NOON + DAY),
    )
    assert (found["pier"].seen, found["pier"].live) == (Proof(NOON, 1), Proof(NOON + 60, 2))
    assert findings(found, {}, Moment(NOON + 2 * DAY)) == []


def test_cameras_in_service_that_were_never_seen_never_live_or_vanished() -> None:
    """One that is not commissioned yet, or retired, owes nothing, nor does one that nobody asked for pictures yet."""
    found = told(
        listed("never"),
        listed("waiting", commissioned="2030-01-01"),
        listed("retired", retired="2026-12-01"),
        listed("blind"),
        listed("plain", probes=["snmp"]),
        listed("unasked"),
        listed("gone"),
        listed("silent"),
        listed("well"),
        *(
            became(id_, Rung.REACHABLE, Outcome.OK, NOON + 60)
            for id_ in ("blind", "plain", "unasked", "gone", "silent", "well")
        ),
        became("blind", Rung.STREAM, Outcome.FAIL, NOON + 90),
        became("unasked", Rung.REACHABLE, Outcome.FAIL, NOON + 120),
        became("unasked", Rung.STREAM, Outcome.FAIL, NOON + 120),  # for the device is silent
        became("unasked", Rung.REACHABLE, Outcome.OK, NOON + 180),
        *(became(id_, Rung.MEDIA, Outcome.OK, NOON + 60) for id_ in ("gone", "silent", "well")),
        became("gone", Rung.REACHABLE, Outcome.FAIL, NOW.at - VANISHED_S, NOW.at - VANISHED_S - 1),
        became("silent", Rung.REACHABLE, Outcome.FAIL, NOW.at - VANISHED_S + 60, NOW.at - VANISHED_S + 1),
        known={id_: answering(NOW.at) for id_ in ("blind", "plain", "unasked", "well")},
    )
    assert kinds(found) == [(Kind.NEVER_SEEN, "never"), (Kind.NEVER_LIVE, "blind"), (Kind.VANISHED, "gone")]
    assert kinds(found, moment=NOW._replace(vanished_s=DAY))[2:] == [(Kind.VANISHED, "gone"), (Kind.VANISHED, "silent")]


def test_paper_that_cannot_be() -> None:
    """Sanctioned after it was put up; retired and alive; gone without a day; in service before anybody saw it."""
    found = told(
        listed("late", sanctioned="2018-09-01", installed="2018-08-01"),
        listed("alive", retired="2026-12-01"),
        listed("early", commissioned="2026-11-03"),
        listed("in time", commissioned="2026-11-05"),
        listed("before", commissioned="2018-11-05"),
        listed("dropped"),
        listed("closed", retired="2026-11-15"),
        *(became(id_, Rung.REACHABLE, Outcome.OK, NOON + 3 * DAY) for id_ in ("early", "in time", "before", "alive")),
        listed("dropped", NOON + 20 * DAY, "removed"),
        listed("closed", NOON + 20 * DAY, "removed"),
        known={"alive": answering(NOW.at)},
    )
    kept = [
        one for one in findings(found, {}, NOW) if one.kind not in (Kind.NEVER_SEEN, Kind.NEVER_LIVE, Kind.VANISHED)
    ]
    assert kept == [
        Finding(Kind.EARLY, "early", date(2026, 11, 3), "answered first on 2026-11-04, event 8"),
        Finding(Kind.LATE_SANCTION, "late", date(2018, 9, 1), "installed 2018-08-01"),
        Finding(Kind.RETIRED, "alive", date(2026, 12, 1), "it answers"),
        Finding(Kind.DROPPED, "dropped", NOON + 20 * DAY, "event 12"),
    ]


def test_swapped_cameras_are_named_with_each_others_places() -> None:
    """Two that hang in each other's place, and one behind whom nobody knows who answers."""
    found = told(*(listed(id_) for id_ in ("a", "b", "c")))
    who = {
        "a": Identity({"serial": "A-1"}, stranger={"serial": "b1"}),
        "b": Identity({"serial": "B1"}, stranger={"serial": "A1", "mac": "00:40:8c:12:34:56"}),
        "c": Identity({"serial": "C1"}, stranger={"serial": "X9"}),
        "not listed": Identity({"serial": "X9"}),
    }
    strangers = [one for one in findings(found, who, NOW) if one.kind is Kind.ANOTHER]
    assert [(one.camera, one.evidence) for one in strangers] == [
        ("a", "serial number b1, which is the device of b; its own is serial number A-1"),
        (
            "b",
            "serial number A1, hardware address 00:40:8c:12:34:56, which is the device of a; its own is serial number B1",
        ),
        ("c", "serial number X9; its own is serial number C1"),
    ]


def test_one_device_at_two_places_is_told_and_two_channels_of_one_are_not() -> None:
    """By what answers, over ONVIF or SNMP, and by what the inventory writes; a number that says nothing is nobody's."""
    found = told(
        listed("a", serial="0123-X"),
        listed("b", serial="0123x", mac="00:40:8c:12:34:56"),
        listed("c", device="head", mac="00-40-8C-99-99-99"),
        listed("d", device="head", mac="00408c999999"),
        listed("e", serial="000000"),
        listed("f", serial="000000"),
    )
    who = {
        "a": Identity({"serial": "S7"}),
        "c": Identity({"serial": "H"}),
        "d": Identity({"serial": "H"}),
        "e": Identity({"snmp_serial": "s-7", "serial": "none"}),
        "f": Identity({"serial": "S7"}, stranger={"serial": "other"}),
    }
    twice = [one for one in findings(found, who, NOW) if one.kind in (Kind.TWICE, Kind.LISTED_TWICE)]
    assert [(one.kind, one.camera, one.evidence) for one in twice] == [
        (Kind.TWICE, "a", "serial number s7, also e"),
        (Kind.TWICE, "e", "serial number s7, also a"),
        (Kind.LISTED_TWICE, "a", "serial number 0123x, also b"),
        (Kind.LISTED_TWICE, "b", "serial number 0123x, also a"),
    ]


def test_the_denominator_in_words() -> None:
    """Each number with its meaning; what is none and need not be said is left out."""
    found = told(
        *(listed(f"c{n}", commissioned="2018-11-01") for n in range(1_200)),
        *(listed(f"u{n}") for n in range(2)),
        listed("new", commissioned="2030-01-01"),
        listed("old", commissioned="2018-11-01", retired="2026-12-01"),
        listed("gone"),
        listed("gone", NOON + DAY, "removed"),
        *(became(f"c{n}", Rung.REACHABLE, Outcome.OK, NOON + 60) for n in range(1_190)),
        *(became(f"c{n}", Rung.MEDIA, Outcome.OK, NOON + 60) for n in range(1_180)),
        known={f"c{n}": answering(NOW.at) for n in range(1_100)},
    )
    count = denominator(found, NOW)
    assert count == Denominator(1204, 1201, 2, 1, 1, 1202, 12, 22, 1190, 1)
    assert in_words(count) == (
        "1,204 listed, 1,201 commissioned, 2 without a day of commissioning, 1 not commissioned yet, 1 retired,"
        " 1,202 in service, 1,190 of them answering now, 12 never seen, 22 never with pictures, 1 no longer listed."
    )
    assert in_words(denominator({}, NOW)).startswith("0 listed, 0 commissioned, 0 in service, 0 of them answering now,")


DAYS = st.dates(date(2026, 10, 25), date(2026, 11, 10)).map(date.isoformat)
ROWS = st.fixed_dictionaries(
    {}, optional={"commissioned": DAYS, "retired": DAYS, "sanctioned": DAYS, "installed": DAYS}
)
CAMERAS = st.sampled_from("abc")
EVENTS = st.lists(
    st.one_of(
        st.builds(lambda camera, row: listed(camera, **row), CAMERAS, ROWS),
        st.builds(lambda camera, row: listed(camera, NOON, "changed", **row), CAMERAS, ROWS),
        st.builds(lambda camera: listed(camera, NOON, "removed"), CAMERAS),
        st.builds(
            became,
            CAMERAS,
            st.sampled_from(Rung),
            st.sampled_from([Outcome.OK, Outcome.FAIL, Outcome.UNSEEN]),
            st.floats(NOON, NOON + 20 * DAY),
        ),
        st.builds(lambda camera: DeviceEvent(NOON, camera, REPLACED, "x", camera), CAMERAS),
    ),
    max_size=20,
)


@given(EVENTS, st.integers(0, 40))
def test_every_camera_is_counted_once_and_every_finding_is_of_a_camera(events: list[Event], days: int) -> None:
    """Whatever a ledger says, on whatever day: the parts of the denominator add up."""
    found, moment = told(*events), Moment(NOON + days * DAY, UTC)
    count = denominator(found, moment)
    assert count.listed == count.commissioned + count.undated + count.waiting
    assert (
        count.listed + count.removed == len(found) == len({one.camera for one in events if isinstance(one, AssetEvent)})
    )
    assert max(count.never_seen, count.answering) <= count.in_service <= count.listed
    assert count.never_seen <= count.never_live
    told_of = findings(found, {}, moment)
    assert all(one.camera in found and one.kind in MEANINGS for one in told_of)
    assert sum(one.kind is Kind.NEVER_SEEN for one in told_of) == count.never_seen
    assert json.dumps([to_json(life) for life in found.values()], allow_nan=False)


def test_a_day_that_cannot_be_read_is_none() -> None:
    """A ledger may have been written by anybody."""
    assert [Life("x", {"retired": value}).day("retired") for value in ("soon", 3, None, ["2026"])] == [None] * 4
    assert Life("x", {"retired": "2026-11-01"}).day("retired") == date(2026, 11, 1)
    assert Life("x", {"retired": "2026-11-01"}).in_service(date(2026, 11, 1) - timedelta(days=1))
