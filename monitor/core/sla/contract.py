"""A contract: which cameras it counts, when, and what "working" means to it. Pure; data, not code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.core.calendar import Kind as Planned
from monitor.core.calendar import Selector
from monitor.core.verdict import Rung


class Hours(NamedTuple):
    """A time of the week that counts: days (0 is Monday), and minutes after midnight within [start, end)."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms of one contract."""

    id: str
    name: str
    selectors: tuple[Selector, ...]
    """The cameras that it counts: all that any of these means."""
    time_zone: str
    working: Rung = Rung.MEDIA
    path: bool = True
    """Whether a camera that its network, site or power cuts off counts as not working; else that time is excused."""
    credentials: bool = True
    """Whether a camera that refuses our login counts as not working; else that time is unobserved."""
    excused: tuple[Planned, ...] = (Planned.MAINTENANCE,)
    """Which kinds of planned events excuse."""
    hours: tuple[Hours, ...] = ()
    """When it counts; nothing: always."""


class Exclusions(StrEnum):
    """Which planned times excuse."""

    ALL = "all"
    IN_TIME = "in time"
    NONE = "none"

    def __str__(self) -> str:
        return self.value


class Reading(NamedTuple):
    """One way to read a contract."""

    name: str
    path: bool
    credentials: bool
    exclusions: Exclusions = Exclusions.ALL


def readings(contract: Contract) -> tuple[Reading, ...]:
    """Return how a contract can be read: first as it says, then with one thing at a time taken the other way."""
    path, credentials = contract.path, contract.credentials
    return (
        Reading("as written", path, credentials),
        Reading("path not counted" if path else "path counted", not path, credentials),
        Reading("lost passwords not counted" if credentials else "lost passwords counted", path, not credentials),
        Reading("only what was approved in time excuses", path, credentials, Exclusions.IN_TIME),
        Reading("nothing excuses", path, credentials, Exclusions.NONE),
    )
