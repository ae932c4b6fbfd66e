"""A device that runs: its clock, its account, the fault it has now, its open connections, and what it counted."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Protocol

from simulator.account import Account
from simulator.chance import chance
from simulator.faults import Fault
from simulator.inventory import Secrets
from simulator.makes import TOKEN
from simulator.model import Device

if TYPE_CHECKING:
    from simulator.certificates import Certificates

DAY_S = 86_400.0
#: By how much clocks are off, seconds: a drift, a summer time not applied, a zone, a battery that died.
CLOCK_OFFSETS_S = (
    -7 * 60.0, 3_600.0, -26 * DAY_S, 190.0, -3_600.0, 3 * DAY_S, -5 * 365 * DAY_S, 5 * 3_600.0, -19 * 60.0, 365 * DAY_S,
)  # fmt: skip
FOREIGN_HOSTS = ("192.168.1.64", "192.168.0.108", "192.168.1.108", "192.168.5.20")


@dataclass(slots=True)
class Counters:
    """What a device saw of its visitors, so that a test can prove them polite."""

    tcp_connections: int = 0
    tcp_open: int = 0
    tcp_open_max: int = 0
    http_requests: int = 0
    rtsp_requests: int = 0
    snmp_requests: int = 0
    snmp_sets: int = 0
    rtsp_sessions_opened: int = 0
    rtsp_sessions_closed: int = 0
    rtsp_sessions_abandoned: int = 0
    rtsp_sessions_open: int = 0
    rtsp_sessions_open_max: int = 0


class Connection(Protocol):
    """A TCP connection of a device."""

    def abort(self) -> None:
        """Reset it."""

    def close_if_idle(self, now: float) -> None:
        """Close it if nothing came for too long; ``now`` is monotonic."""


class RunningDevice:
    """One device while the city runs. Its fault and its silence are switched from outside."""

    def __init__(self, device: Device, secrets: Secrets, seed: int) -> None:
        self.device = device
        self.make = device.make
        self.address = device.address
        """Where it answers now: its own address, or that of another device whose place it took."""
        self.secrets = secrets
        self.counters = Counters()
        self.account = Account(secrets.username, secrets.password, time.monotonic)
        self.certificates = certificates_of(device, seed)
        self.fault: Fault | None = None
        self.silent = False
        self.connections: set[Connection] = set()
        self.rng = chance("device", seed, device.id)
        self.up_since = time.time() - self.rng.uniform(600, 90 * DAY_S)
        self.drift_s = self.rng.uniform(-1.5, 1.5)

    def has(self, fault: str) -> bool:
        return self.fault is not None and self.fault.name == fault

    @property
    def auth(self) -> tuple[str, ...]:
        """How it lets ONVIF clients in: its model's ways, else its make's."""
        return self.device.model.auth or self.make.auth

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The digest algorithms it offers over HTTP, the preferred first."""
        return tuple(way for way in self.auth if way != TOKEN)

    @property
    def variant(self) -> int:
        return self.fault.variant if self.fault else 0

    def take_fault(self, fault: Fault | None) -> None:
        """Have this fault from now on, or none."""
        self.fault = fault
        changed = self.has("password")
        self.account.password = "changed by someone" if changed else self.secrets.password

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        """How it speaks TLS now; None: it speaks none."""
        return self.certificates.context(self.fault.name if self.fault else "") if self.certificates else None

    @property
    def time(self) -> float:
        """What the device's own clock says, seconds since the epoch."""
        offset = CLOCK_OFFSETS_S[self.variant % len(CLOCK_OFFSETS_S)] if self.has("clock") else self.drift_s
        return time.time() + offset

    @property
    def uptime_s(self) -> float:
        return time.time() - self.up_since

    @property
    def named_host(self) -> str:
        """The host that the device names in its own addresses."""
        return FOREIGN_HOSTS[self.variant % len(FOREIGN_HOSTS)] if self.has("other_host") else self.address

    @property
    def delay_s(self) -> float:
        """How long an answer takes."""
        return self.rng.uniform(3.0, 4.0) if self.has("slow") else 0.0

    def opened(self, connection: Connection) -> None:
        self.connections.add(connection)
        self.counters.tcp_connections += 1
        self.counters.tcp_open += 1
        self.counters.tcp_open_max = max(self.counters.tcp_open_max, self.counters.tcp_open)

    def closed(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.counters.tcp_open -= 1

    def reboot(self) -> None:
        """Start anew, as after a power cut: the uptime and the counting of wrong logins begin again."""
        self.up_since = time.time()
        self.account.forget()
        self.hang_up()

    def hang_up(self) -> None:
        """Reset every connection."""
        for connection in tuple(self.connections):
            connection.abort()

    def figures(self) -> dict[str, int]:
        """All counters by name."""
        counted = {field.name: getattr(self.counters, field.name) for field in fields(self.counters)}
        return counted | {"failed_logins": self.account.failed_logins, "locks": self.account.locks}


def certificates_of(device: Device, seed: int) -> Certificates | None:
    """Return the certificates of a device that speaks TLS."""
    if not device.encrypted:
        return None
    from simulator.certificates import Certificates  # here: a city without TLS need not wait for it

    return Certificates(seed, device)


#: Finds the device that has a loopback address; None for an address of nobody.
Directory = Callable[[str], RunningDevice | None]
