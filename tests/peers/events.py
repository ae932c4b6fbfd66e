"""Hypothesis strategies: any event, any camera's rungs, any course of probes over a small fleet."""

from __future__ import annotations

from math import inf

from hypothesis import strategies as st

from monitor.core.diagnosis.cause import CauseEvent, Confidence, Kind, Turn
from monitor.core.event import (
    AssetEvent,
    BatteryEvent,
    CalendarEvent,
    ConfigEvent,
    ContractEvent,
    DeviceEvent,
    Event,
    Gap,
    Heartbeat,
    Note,
    NoteEvent,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.fleet import Rungs
from monitor.core.health import RungHealth
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.workorder.order import Act, OrderEvent

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
#: Half characters and controls too: devices say anything.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)
MOMENTS = st.floats(0.0, 4e9)
OPEN_MOMENTS = st.just(-inf) | MOMENTS
REASONS = st.none() | st.sampled_from(Reason)
OUTCOMES = st.sampled_from(Outcome)
COUNTS = st.integers(0, 10_000)
MEMBERS = st.lists(NAMES, max_size=3).map(tuple)


#: An entry of the calendar, as plain values.
PLANNED = st.dictionaries(NAMES, st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), max_size=3)


def events() -> st.SearchStrategy[Event]:
    """Any event."""
    return st.one_of(
        st.builds(
            RungEvent,
            MOMENTS,
            NAMES,
            NAMES,
            st.sampled_from(Rung),
            OUTCOMES,
            REASONS,
            TEXTS,
            OPEN_MOMENTS,
            OPEN_MOMENTS,
        ),
        st.builds(
            CauseEvent,
            MOMENTS,
            NAMES,
            st.sampled_from(Turn),
            st.sampled_from(Kind),
            st.builds(Scope, st.sampled_from(Layer), NAMES),
            OPEN_MOMENTS,
            MOMENTS,
            MEMBERS,
            MEMBERS,
            NAMES,
            st.lists(TEXTS, max_size=3).map(tuple),
            st.sampled_from(Confidence),
            st.lists(TEXTS, max_size=3).map(tuple),
            st.lists(TEXTS, max_size=3).map(tuple),
        ),
        st.builds(NoteEvent, MOMENTS, NAMES, st.sampled_from(Note), TEXTS, TEXTS, TEXTS, MOMENTS),
        st.builds(
            BatteryEvent, MOMENTS, NAMES, NAMES, NAMES, MOMENTS, MOMENTS, st.booleans(), OPEN_MOMENTS, OPEN_MOMENTS
        ),
        st.builds(ConfigEvent, MOMENTS, TEXTS, COUNTS, COUNTS, COUNTS, MEMBERS, MEMBERS),
        st.builds(DeviceEvent, MOMENTS, NAMES, TEXTS, TEXTS),
        st.builds(Heartbeat, MOMENTS, NAMES, st.dictionaries(NAMES, COUNTS, max_size=3)),
        st.builds(Gap, MOMENTS, NAMES, OPEN_MOMENTS, MOMENTS, COUNTS, TEXTS),
        st.builds(CalendarEvent, MOMENTS, NAMES, NAMES, PLANNED, TEXTS, OPEN_MOMENTS, st.booleans()),
        st.builds(AssetEvent, MOMENTS, NAMES, NAMES, PLANNED),
        st.builds(ContractEvent, MOMENTS, NAMES, NAMES, PLANNED),
        st.builds(ScheduleEvent, MOMENTS, PLANNED),
        st.builds(
            OrderEvent,
            MOMENTS,
            NAMES,
            st.sampled_from(Act),
            NAMES,
            TEXTS,
            NAMES,
            NAMES,
            NAMES,
            COUNTS,
            MEMBERS,
            NAMES,
            TEXTS,
            TEXTS,
            NAMES,
            MEMBERS,
        ),
    )


def rungs() -> st.SearchStrategy[Rungs]:
    """Any camera's rungs, also such as the reducer never makes."""
    health = st.builds(
        RungHealth,
        OUTCOMES,
        REASONS,
        TEXTS,
        OPEN_MOMENTS,
        OPEN_MOMENTS,
        OPEN_MOMENTS,
        OPEN_MOMENTS,
        COUNTS,
        COUNTS,
        OPEN_MOMENTS,
        OPEN_MOMENTS,
        COUNTS,
        REASONS,
        COUNTS,
        OPEN_MOMENTS | st.just(inf),
    )
    return st.tuples(*(health for _ in Rung))
