"""What is asked of every side: the rows of the table, an order for one round of a row, and what the round took."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One kind of check. ``login`` names the inventory: by token, by digest, over TLS, or SNMPv3's."""

    name: str
    probes: tuple[str, ...]
    login: str = "token"
    dead: float = 0.0
    """The share of devices that answer nothing."""
    kept: bool = True
    """Whether what follows a verdict, up to the page and the ledger, is part of it."""


#: The first row is the headline.
ROWS = (
    Row("full check", ("onvif", "rtsp", "snmp")),
    Row("… the questions alone", ("onvif", "rtsp", "snmp"), kept=False),
    Row("ONVIF: time, device information", ("onvif",)),
    Row("RTSP: OPTIONS, DESCRIBE", ("rtsp",)),
    Row("… the questions alone", ("rtsp",), kept=False),
    Row("SNMP: GET of five objects", ("snmp",)),
    Row("ONVIF by HTTP Digest", ("onvif",), "digest"),
    Row("ONVIF over TLS", ("onvif",), "tls"),
    Row("SNMPv3, authPriv", ("snmp",), "v3"),
)
#: These wait for time-outs, so they come behind all others.
DEAD_ROWS = tuple(Row(f"full check, {share * 100:g} % dead", ROWS[0].probes, dead=share) for share in (0.05, 0.3))


class Order(NamedTuple):
    """One round: so many checks of a row, so many of them of devices that are dead, so many others in flight."""

    row: Row
    checks: int
    concurrency: int

    @property
    def dead(self) -> int:
        return round(self.checks * self.row.dead)


class Round(NamedTuple):
    """What some checks took: CPU of all threads, user and system, and wall time, in seconds."""

    checks: int
    cpu_s: float
    wall_s: float

    @property
    def us_a_check(self) -> float:
        return self.cpu_s / self.checks * 1e6


class Shares(NamedTuple):
    """A round's devices, one for each check: those that answer, and those that do not."""

    living: Iterator[str]
    dead: Iterator[str]


def dead_count(devices: int, share: float) -> int:
    """Return how many of so many devices are dead: the last ones."""
    return round(devices * share)


def shared(order: Order, devices: Sequence[str]) -> Shares:
    """Return whom to ask in a round, each device as often as any other."""
    first_dead = len(devices) - dead_count(len(devices), order.row.dead)

    def by_turns(some: Sequence[str], checks: int) -> Iterator[str]:
        return itertools.islice(itertools.cycle(some), checks)

    return Shares(by_turns(devices[:first_dead], order.checks - order.dead), by_turns(devices[first_dead:], order.dead))
