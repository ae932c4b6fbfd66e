"""Events: everything that can change a figure, in the order in which it became known. The ledger keeps them all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import NamedTuple

from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.workorder.order import OrderEvent


class RungEvent(NamedTuple):
    """A confirmed change of one (camera, rung, vantage), which happened within (``after``, ``by``]."""

    at: float
    camera: str
    vantage: str
    rung: Rung
    outcome: Outcome
    reason: Reason | None
    detail: str
    after: float
    by: float


class ConfigEvent(NamedTuple):
    """Another inventory came into force: its digest, and how many devices it starts, stops and changes.

    ``came`` and ``left`` are the cameras that the inventory before had not, and those that only it had.
    """

    at: float
    digest: str
    started: int
    stopped: int
    changed: int
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class DeviceEvent(NamedTuple):
    """Something about a device that is not an outcome: a refused login, who it is, another firmware.

    ``camera`` is "" where it is about all of the device's cameras.
    """

    at: float
    device: str
    what: str
    detail: str
    camera: str = ""


class Note(StrEnum):
    """What a person's word about a cause says; ``EXPIRED``: its time is over."""

    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    def __str__(self) -> str:
        return self.value


class NoteEvent(NamedTuple):
    """A person's word about a cause: who said it, whose it is ("": as its kind says), why, and until when it holds."""

    at: float
    cause: str
    note: Note
    who: str
    owner: str
    why: str
    until: float


class BatteryEvent(NamedTuple):
    """A site fell silent after its feeder was cut within (``after``, ``by``]: its battery lasted ``least_s`` to
    ``most_s`` seconds.

    ``revised``: no longer; what had silenced the site turned out to be its line.
    """

    at: float
    site: str
    feeder: str
    cause: str
    least_s: float
    most_s: float
    revised: bool = False
    after: float = -inf
    by: float = -inf


class Heartbeat(NamedTuple):
    """The monitor was looking from this vantage at ``at``; a missing minute is unseen time."""

    at: float
    vantage: str
    probes: Mapping[str, int]


class Gap(NamedTuple):
    """Within (``after``, ``by``] nobody looked, or what was seen was not all recorded: that time is unseen.

    ``vantage`` is "" where it holds for all of them; ``lost`` counts events that are known to be missing.
    """

    at: float
    vantage: str
    after: float
    by: float
    lost: int
    why: str


class CalendarEvent(NamedTuple):
    """An entry of the calendar was ``added``, ``changed`` or ``removed``.

    ``planned`` is the entry as it is from now on, as plain values (``monitor.core.calendar_json``); nothing where it
    was removed. ``digest`` is that of the whole calendar from now on.
    """

    at: float
    entry: str
    what: str
    planned: Mapping[str, object]
    digest: str
    effective: float
    """The first moment for which something else is planned by this."""
    backdated: bool
    """Whether it says something about the time before ``at``, when nobody could have known it from here."""


class AssetEvent(NamedTuple):
    """A camera's row of the inventory was ``added``, ``changed`` or ``removed``; what it counts for follows from it.

    ``listed`` is the row from now on, as plain values: the names by which it is selected, and its dates. Nothing where
    it was removed.
    """

    at: float
    camera: str
    what: str
    listed: Mapping[str, object]


class ContractEvent(NamedTuple):
    """The terms of a contract were ``added``, ``changed`` or ``removed``.

    ``terms`` are those from now on, as plain values (``monitor.core.sla.terms``); nothing where they were removed.
    """

    at: float
    contract: str
    what: str
    terms: Mapping[str, object]


class ScheduleEvent(NamedTuple):
    """From now on everything is asked by these rates, as plain values (``monitor.core.schedule_json``)."""

    at: float
    rates: Mapping[str, object]


Event = (
    RungEvent
    | CauseEvent
    | NoteEvent
    | BatteryEvent
    | ConfigEvent
    | DeviceEvent
    | Heartbeat
    | Gap
    | CalendarEvent
    | AssetEvent
    | ContractEvent
    | ScheduleEvent
    | OrderEvent
)
