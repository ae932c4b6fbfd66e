"""What switches and UPSs say, kept as facts with the interval of their last change."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st
from papertown import NOON, equipped, mute, tells, town, ups

from monitor.core.diagnosis.equipment import WORDS, Equipment, Fact, fitted, step
from monitor.core.event import DeviceEvent
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.core.wiring import Figure, Topic, wiring_of
from monitor.ledger import equipment as kept

WIRING = wiring_of(equipped(town(), u1=ups("u1", "s0p2")))
LINK, POWER = Figure(Topic.LINK, "3"), Figure(Topic.POWER, "3")


def told(*verdicts: Verdict) -> tuple[dict[str, Equipment], list[tuple[str, str, str]]]:
    """Return what is known after verdicts that come one by one, and what changed."""
    known: dict[str, Equipment] = {}
    events: list[DeviceEvent] = []
    for verdict in verdicts:
        after, changed = step(known, [verdict], WIRING)
        known, events = dict(after), events + changed
    return known, [(event.device, event.what, event.detail) for event in events]


def test_a_change_lies_between_the_last_look_and_this_one() -> None:
    """A link that went down did so since it was last seen up; before the first look anything may have been."""
    first = tells("SW-1", 0, port_link_3="up")
    known, _ = told(first)
    assert known["SW-1"].facts[LINK] == Fact("up", -inf, NOON, NOON)
    known, events = told(first, tells("SW-1", 60, port_link_3="up"), tells("SW-1", 120, port_link_3="down"))
    assert known["SW-1"].facts[LINK] == Fact("down", NOON + 60, NOON + 120, NOON + 120, "up")
    assert events == [("SW-1", "port 3 link", "down, was up")]


def test_what_a_switch_said_is_as_old_as_the_question() -> None:
    """It was asked at 54, and the conversation ended in six seconds of silence: what changed since may have done so then."""
    last = replace(tells("SW-1", 60, port_link_3="up"), duration_s=6.0, silent_s=6.0)
    known, _ = told(last, tells("SW-1", 120, port_link_3="down"))
    assert known["SW-1"].facts[LINK] == Fact("down", NOON + 54, NOON + 120, NOON + 120, "up")
    known, _ = told(last, *(mute("SW-1", at) for at in (120, 180, 240)))
    assert (known["SW-1"].answers.after, known["SW-1"].answers.by) == (NOON + 54, NOON + 120)


def test_at_the_first_look_only_what_is_unusual_is_news() -> None:
    """A port without link, and a UPS on its battery; not that a port is up or searches."""
    _, events = told(
        tells("SW-1", 0, port_link_3="down", port_link_2="up", port_power_1_3="searching"),
        tells("u1", 1, output_source="battery", battery="normal"),
    )
    assert events == [("SW-1", "port 3 link", "down"), ("u1", "output source", "battery")]


def test_three_failures_in_a_row_are_silence_and_two_answers_end_it() -> None:
    """As for cameras: within (last good, first bad]; what the ports were is no longer known."""
    answer = tells("SW-1", 0, port_link_3="down")
    known, events = told(answer, mute("SW-1", 60), mute("SW-1", 120))
    assert (known["SW-1"].is_silent, events[1:]) == (False, [])
    assert known["SW-1"].now(LINK) is not None
    verdicts = [answer, *(mute("SW-1", at) for at in (60, 120, 180))]
    known, events = told(*verdicts)
    assert (known["SW-1"].answers.after, known["SW-1"].answers.by) == (NOON, NOON + 60)
    assert known["SW-1"].now(LINK) is None
    assert events[1:] == [("SW-1", "SNMP", "silent: no answer to an SNMP request within 5 s")]
    known, events = told(*verdicts, tells("SW-1", 240), tells("SW-1", 300, port_link_3="up"))
    assert events[2:] == [("SW-1", "SNMP", "answers again"), ("SW-1", "port 3 link", "up, was down")]


def test_a_refused_login_is_an_answer_and_our_own_failure_says_nothing() -> None:
    """Whatever comes back was sent by something alive; what we could not ask is unseen."""

    def verdict(outcome: Outcome, reason: Reason) -> Verdict:
        return Verdict("SW-1", "central", "snmp", NOON, 1.0, (Finding(Rung.DEVICE, outcome, reason),))

    outcomes = [
        told(verdict(outcome, reason))[0]["SW-1"].answers.outcome
        for outcome, reason in (
            (Outcome.FAIL, Reason.CREDENTIALS),
            (Outcome.FAIL, Reason.DNS),
            (Outcome.UNSEEN, Reason.ABORTED),
        )
    ]
    assert outcomes == [Outcome.OK, Outcome.UNSEEN, Outcome.UNSEEN]


def test_a_port_that_is_not_told_any_more_is_not_known() -> None:
    """A switch that answers and leaves a port out says nothing about it now."""
    known, _ = told(tells("SW-1", 0, port_link_3="down"), tells("SW-1", 60))
    assert known["SW-1"].now(LINK) is None


def test_a_port_whose_requests_for_power_are_denied() -> None:
    """The counter of denials tells it from one that searches; a port that delivers was denied nothing."""
    denied = {"port_power_denied_1_3_per_second": 0.2}
    known, _ = told(tells("SW-1", 0, port_power_1_3="searching", **denied))
    assert known["SW-1"].facts[POWER].word == "denied"
    known, _ = told(tells("SW-1", 0, port_power_1_3="delivering", **denied))
    assert known["SW-1"].facts[POWER].word == "delivering"


def test_what_a_device_says_in_its_own_words_is_unknown() -> None:
    """No text of a device reaches an event or a sentence."""
    known, events = told(tells("SW-1", 0, port_link_3="<b>down</b>", port_power_1_3=7.0))
    assert {fact.word for fact in known["SW-1"].facts.values()} == {"unknown"}
    assert events == []


def test_figures_that_no_uplink_uses_are_not_kept() -> None:
    """A port of nobody's, and a device that is no equipment; another wiring forgets what it does not name."""
    known, _ = told(tells("SW-1", 0, port_link_40="down", port_link_3="up"), tells("s0p0c1", 1, port_link_3="down"))
    assert {device: set(one.facts) for device, one in known.items()} == {"SW-1": {LINK}}
    assert fitted(known, wiring_of(town())) == {}
    assert fitted(known, wiring_of(equipped(town(streets=3))))["SW-1"].facts == {}


def test_steps_without_equipment_change_nothing() -> None:
    """The same value, so that who keeps it sees that there is nothing to write."""
    known, _ = told(tells("SW-1", 0, port_link_3="up"))
    assert step(known, [tells("s0p0c1", 60)], WIRING)[0] is known
    again, _ = step(known, [tells("SW-1", 60, port_link_3="up")], WIRING)
    assert kept.changes(known, again).keys() == {"equipment/SW-1"}
    assert kept.changes(again, {}) == {"equipment/SW-1": None}


SAID = st.one_of(
    st.builds(
        lambda at, link, power: tells("SW-1", at, port_link_3=link, port_power_1_3=power),
        st.integers(0, 9).map(lambda n: n * 60.0),
        st.sampled_from(sorted(WORDS[Topic.LINK])),
        st.sampled_from(sorted(WORDS[Topic.POWER])),
    ),
    st.builds(lambda at: mute("SW-1", at), st.integers(0, 9).map(lambda n: n * 60.0 + 7)),
    st.builds(
        lambda at, source: tells("u1", at, output_source=source),
        st.integers(0, 9).map(lambda n: n * 60.0 + 3),
        st.sampled_from(sorted(WORDS[Topic.SOURCE])),
    ),
)


@given(st.lists(SAID, max_size=20, unique_by=lambda one: (one.device, one.at)), st.randoms())
def test_the_order_within_a_step_means_nothing(verdicts: list[Verdict], chance: object) -> None:
    """However verdicts come, the facts and the events are the same; each device's moments lie in their order."""
    shuffled = list(verdicts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    known, events = step({}, verdicts, WIRING)
    assert step({}, shuffled, WIRING) == (known, events)
    for one in known.values():
        assert all(fact.after < fact.by <= fact.seen for fact in one.facts.values())
    assert all(before.at <= after.at for before, after in pairwise(events))


@given(st.lists(SAID, max_size=20))
def test_the_ledger_gives_back_what_is_known(verdicts: list[Verdict]) -> None:
    """As JSON, and from it, whatever was said."""
    known, _ = step({}, verdicts, WIRING)
    assert kept.restored(kept.changes({}, known)) == known


def test_what_cannot_be_read_back_is_not_known() -> None:
    """A ledger of another hand: wrong shapes, words that are none, moments that are none."""
    row = ["link", "3", "up", None, 1.0, 2.0, ""]
    wrong: list[object] = [
        None, [], {"facts": 3}, {"answers": [], "facts": []}, {"answers": {}, "facts": [row[:-1]]},
        {"answers": {}, "facts": [["cable", *row[1:]]]}, {"answers": {}, "facts": [[*row[:4], True, 2.0, ""]]},
        {"answers": {}, "facts": [[*row[:2], 7, *row[3:]]]}, {"answers": {"outcome": "fine"}, "facts": []},
    ]  # fmt: skip
    assert kept.restored({f"equipment/{n}": value for n, value in enumerate(wrong)}) == {}
    assert kept.restored({"equipment/SW-1": {"answers": {}, "facts": [row]}, "survey/x": 1})["SW-1"].facts == {
        LINK: Fact("up", -inf, 1.0, 2.0)
    }
