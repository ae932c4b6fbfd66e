"""What became of a cause that ended."""

from __future__ import annotations

import pytest

from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.diagnosis.succession import fate
from monitor.core.event import Event
from monitor.core.topology import Layer, Scope


def event(cause: str, turn: Turn, other: str = "") -> CauseEvent:
    return CauseEvent(0.0, cause, turn, Kind.UPLINK, Scope(Layer.UPLINK, "SW-1/1"), 0.0, 0.0, other=other)


EVENTS: tuple[CauseEvent, ...] = (
    event("open", Turn.OPENED),
    event("over", Turn.OPENED),
    event("over", Turn.CLOSED),
    event("once", Turn.MERGED, "open"),
    event("twice", Turn.MERGED, "once"),
    event("into-over", Turn.MERGED, "over"),
    event("again", Turn.CLOSED),
    event("again", Turn.OPENED),
    event("round", Turn.MERGED, "about"),
    event("about", Turn.MERGED, "round"),
)


def about(cause: str) -> list[Event]:
    """All events about a cause, those of others that name it among them, as the ledger returns them."""
    return [one for one in EVENTS if cause in (one.cause, one.other)]


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("once", "It merged into open."),
        ("twice", "It merged into open."),
        ("into-over", "It merged into over, which is over."),
        ("over", "It is over."),
        ("open", ""),
        ("again", ""),
        ("unheard-of", ""),
        ("round", "It merged into round, which is over."),
    ],
)
def test_the_fate_of_a_cause_names_the_last_that_took_its_place(cause: str, told: str) -> None:
    """However often it merged; also a ledger whose causes merged in a ring comes to an end."""
    assert fate(cause, about) == told
