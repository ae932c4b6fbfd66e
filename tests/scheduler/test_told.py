"""What a timetable is told after verdicts: the short way for a device that is well says what the long way says."""

from __future__ import annotations

from dataclasses import replace

from fleets import inventory
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.fleet import Fleet, start
from monitor.core.health import NEVER_SEEN, RungHealth
from monitor.core.model import Device
from monitor.core.pins import Pins
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.scheduler.told import CALM, Told, told_of

WELL = tuple(RungHealth(Outcome.OK, after=1.0, by=2.0) for _ in Rung)
FLEET = start(inventory(1, 2), Rates())
(DEVICE,) = FLEET.inventory.devices.values()


def health(outcome: Outcome, reason: Reason | None, failures: int, busy: int) -> RungHealth:
    return RungHealth(outcome, reason, after=1.0, by=2.0, failures=failures, busy=busy)


HEALTHS = st.builds(
    health,
    st.sampled_from(Outcome),
    st.sampled_from([None, None, Reason.TIMEOUT, Reason.IDENTITY, Reason.BUSY]),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([0, 0, 0, 2]),
)


def with_rungs(*rungs: tuple[RungHealth, ...]) -> Fleet:
    return replace(FLEET, cameras=dict(zip(DEVICE.cameras, rungs, strict=True)))


def long_way(fleet: Fleet, device: Device) -> Told:
    """The same without the short way: a serial number that nobody has is shared."""
    return told_of(replace(fleet, pins=Pins(shared=frozenset({"nobody's"}))), device)


@given(st.dictionaries(st.sampled_from(Rung), HEALTHS, max_size=2))
def test_the_short_way_says_what_the_long_way_says(others: dict[Rung, RungHealth]) -> None:
    """Whatever one or two rungs of a camera are: wishes, who is full, dead, mute, doubtful, a stranger."""
    changed = tuple(others.get(rung, WELL[rung]) for rung in Rung)
    fleet = with_rungs(changed, WELL)
    assert told_of(fleet, DEVICE) == long_way(fleet, DEVICE)


def test_a_device_that_is_well_is_told_nothing() -> None:
    """The same object for all of them, so that it crosses a line once."""
    assert told_of(with_rungs(WELL, WELL), DEVICE) is CALM


def test_what_is_wrong_is_told() -> None:
    """A device that nobody reaches is dead only where none of its cameras is reached; a full one says how often."""
    dead = tuple(
        RungHealth(Outcome.FAIL, Reason.TIMEOUT, after=1.0, by=2.0) if rung is Rung.REACHABLE else WELL[rung]
        for rung in Rung
    )
    full = tuple(replace_busy(WELL[rung]) if rung is Rung.MEDIA else WELL[rung] for rung in Rung)
    assert told_of(with_rungs(dead, dead), DEVICE).is_dead
    assert not told_of(with_rungs(dead, WELL), DEVICE).is_dead
    assert told_of(with_rungs(full, WELL), DEVICE).busy == {DEVICE.cameras[0]: 3}
    assert told_of(with_rungs(NEVER_SEEN, NEVER_SEEN), DEVICE) == CALM


def replace_busy(health: RungHealth) -> RungHealth:
    return health._replace(busy=3)
