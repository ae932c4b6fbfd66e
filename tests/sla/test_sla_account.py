"""An account agrees to the millisecond with counting every second; splitting a period adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import inf

from hypothesis import given
from hypothesis import strategies as st
from oracle import tally

from monitor.core.calendar import Kind as Planned
from monitor.core.calendar import Selector
from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.event import AssetEvent, CalendarEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.sla.account import Settlement
from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import gathered
from monitor.core.sla.spans import Span
from monitor.core.sla.tally import Tally
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung

NOW = 1_790_000_000  # 2026-09-21 14:13:20 UTC
LONG = 200
CAMERA = "pier"
CONTRACT = Contract("south", "South", (Selector("zone", "south"),), "UTC")


@st.composite
def rungs(draw: st.DrawFn, rung: Rung, outcomes: tuple[Outcome, ...]) -> list[RungEvent]:
    """A rung's life: each change lies within an interval after the one before; now and then one disowns the past."""
    events: list[RungEvent] = []
    seen = NOW + draw(st.integers(-60, 60))
    before, at = None, seen
    for _ in range(draw(st.integers(0, 7))):
        outcome = draw(st.sampled_from([one for one in outcomes if one is not before]))
        after = seen + draw(st.integers(0, 60))
        by = after + draw(st.integers(0, 40))
        at = max(at, by + draw(st.integers(0, 20)))
        reason = None
        if outcome is Outcome.UNSEEN and draw(st.booleans()):
            reason, after = Reason.IDENTITY, draw(st.integers(NOW - 60, after))
        first = -inf if not events else float(after)
        events.append(RungEvent(float(at), CAMERA, "central", rung, outcome, reason, "", first, float(by)))
        seen, before = by, outcome
    return events


@st.composite
def causes(draw: st.DrawFn) -> list[CauseEvent]:
    events: list[CauseEvent] = []
    for number in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from([Kind.UPLINK, Kind.DEAD, Kind.CLOCK, Kind.BLIND, Kind.POWER]))
        at = NOW + draw(st.integers(-20, LONG))
        told = f"{kind.value}-{number}", kind, Scope(Layer.DEVICE, "d")
        opened = CauseEvent(float(at), told[0], Turn.OPENED, *told[1:], float(at - 30), float(at - 5), (CAMERA,))
        events.append(opened)
        if draw(st.booleans()):
            turn = draw(st.sampled_from([Turn.CLOSED, Turn.CHANGED, Turn.MERGED]))
            left = (CAMERA,) if turn is Turn.CHANGED else ()
            end = float(at + draw(st.integers(0, 150)))
            others = [one.cause for one in events[:-1] if Kind.BLIND not in (one.kind, kind)]
            other = draw(st.sampled_from([*others, ""])) if turn is Turn.MERGED else ""
            events.append(opened._replace(at=end, turn=turn, joined=(), left=left, other=other))
    return events


@st.composite
def plans(draw: st.DrawFn) -> list[CalendarEvent]:
    events = []
    at = NOW - 100
    for _ in range(draw(st.integers(0, 3))):
        at += draw(st.integers(0, 200))
        if events and draw(st.booleans()) and events[-1].planned:
            events.append(events[-1]._replace(at=float(at), what="removed", planned={}))
            continue
        start = NOW + draw(st.integers(-50, LONG))
        planned = {
            "kind": draw(st.sampled_from([Planned.MAINTENANCE, Planned.WORKS])).value,
            "zone": [draw(st.sampled_from(["south", "north"]))],
            "time_zone": "UTC",
            "start": _local(start),
            "end": _local(start + draw(st.integers(1, 120))),
            "approver": "K. Example",
            "approved_at": _local(NOW + draw(st.integers(-200, LONG))),
            "reason": "lenses",
        }
        events.append(CalendarEvent(float(at), "lenses", "added", planned, "", 0.0, False))
    return events


def _local(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


@st.composite
def ledgers(draw: st.DrawFn) -> list[Event]:
    """A camera's few minutes: what it did, who looked, what was planned, and where it was listed."""
    rows = [AssetEvent(float(NOW - 500), CAMERA, "added", {"zone": "south"})]
    for _ in range(draw(st.integers(0, 2))):
        at = rows[-1].at + draw(st.integers(1, 700))
        rows.append(AssetEvent(at, CAMERA, "changed", draw(st.sampled_from([{"zone": "south"}, {"zone": "north"}]))))
    beats = [Heartbeat(float(NOW - 500 + 60 * n), "central", {}) for n in range(20)]
    missing = draw(st.sets(st.integers(0, 19), max_size=4))
    gaps = draw(
        st.lists(
            st.builds(
                lambda after, long: Gap(
                    float(NOW + after + long), "", float(NOW + after), float(NOW + after + long), 0, ""
                ),
                st.integers(-50, LONG),
                st.integers(0, 60),
            ),
            max_size=2,
        )
    )
    told: list[Event] = [
        *rows,
        *(beat for number, beat in enumerate(beats) if number not in missing),
        *gaps,
        *draw(rungs(Rung.MEDIA, (Outcome.OK, Outcome.FAIL, Outcome.UNSEEN))),
        *draw(rungs(Rung.CREDENTIALS, (Outcome.OK, Outcome.FAIL))),
        *draw(causes()),
        *draw(plans()),
    ]
    return sorted(told, key=lambda one: one.at)


def settled(events: list[Event], within: Span, contract: Contract = CONTRACT) -> tuple[Settlement, tuple[Tally, ...]]:
    settlement = Settlement(contract, within, gathered(events))
    account = settlement.account(CAMERA, [one for one in events if isinstance(one, RungEvent)])
    return settlement, account.tallies if account else (Tally(),) * len(settlement.readings)


@given(ledgers(), st.sampled_from([None, 0, 1]))
def test_every_second_is_where_the_oracle_puts_it(events: list[Event], approval_min: int | None) -> None:
    """Up, down, excused and unobserved, under every reading of the contract."""
    contract = replace(CONTRACT, approval_min=approval_min)
    settlement, tallies = settled(events, Span(NOW * 1000, (NOW + LONG) * 1000), contract)
    for reading, found in zip(settlement.readings, tallies, strict=True):
        assert found == tally(contract, reading, events, CAMERA, NOW, NOW + LONG), reading.name


@given(ledgers(), st.integers(1, LONG - 1))
def test_a_period_is_the_sum_of_its_parts(events: list[Event], cut: int) -> None:
    """Wherever it is cut, under every reading."""
    start, middle, end = NOW * 1000, (NOW + cut) * 1000 + 137, (NOW + LONG) * 1000
    whole = settled(events, Span(start, end))[1]
    first, second = settled(events, Span(start, middle))[1], settled(events, Span(middle, end))[1]
    assert whole == tuple(one.plus(other) for one, other in zip(first, second, strict=True))


def test_a_cause_that_merged_is_laid_to_what_it_turned_out_to_be() -> None:
    """First told as a line, a minute later as power: the line was never out, and whoever has it is not blamed."""
    line = CauseEvent(NOW + 40.0, "line", Turn.OPENED, Kind.UPLINK, Scope(Layer.UPLINK, "l"), NOW, NOW + 5.0, (CAMERA,))
    power = line._replace(at=NOW + 100.0, cause="feeder", kind=Kind.POWER, scope=Scope(Layer.FEEDER, "f"))
    merged = line._replace(at=NOW + 100.0, turn=Turn.MERGED, joined=(), left=(CAMERA,), other="feeder")
    found = gathered([line, power, merged]).memberships[CAMERA]
    assert {(one.cause, one.kind) for one in found} == {("feeder", Kind.POWER)}
    ring = [line._replace(turn=Turn.MERGED, other="feeder"), power._replace(turn=Turn.MERGED, other="line")]
    assert gathered([line, power, *ring]).memberships[CAMERA]
