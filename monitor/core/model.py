"""What the inventory says: devices, cameras, sites, credentials. Frozen; a changed inventory is a new value.

Two rules: probes, budgets and login locks belong to a *device* (a network endpoint); figures and contracts belong to
a *camera* (one view: a device and a channel). ``camera.id`` names the place; everything else about it may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from monitor.core.vitals import OidTable

PROBE_NAMES = ("onvif", "snmp", "rtsp")
DEFAULT_PORTS = {"onvif": 80, "rtsp": 554, "snmp": 161}
#: The usual ports of the same over TLS (RFC 2818, RFC 7826 §19.2).
TLS_PORTS = {"onvif": 443, "rtsp": 322}


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and where it came from; only ``reveal`` shows it, never ``repr``, ``str`` or a comparison's message."""

    reference: str
    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.reference})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Credential:
    """A login for ONVIF and RTSP."""

    name: str
    username: str
    password: Secret
    held: bool = False
    """Whether no device may be shown it yet: it is on trial at another one."""


@dataclass(frozen=True, slots=True)
class SnmpAccess:
    """How SNMP is spoken to a device: a community for v1 and v2c, a user with keys for v3.

    ``auth`` and ``privacy`` are algorithm names ("sha1", "sha256", "aes128", …) and None where the level has none.
    """

    name: str
    version: str
    community: Secret | None = None
    username: str = ""
    auth: str | None = None
    auth_password: Secret | None = None
    privacy: str | None = None
    privacy_password: Secret | None = None
    tables: tuple[OidTable, ...] = ()
    """The user's own OID tables."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Which services of a device are spoken over TLS, and which certificate is trusted."""

    onvif: bool = True
    rtsp: bool = True
    trust: str = "ca"
    """``ca``: signed by an authority and of this host; ``pinned``: that one; ``first-use``: the first one seen."""
    authorities: str = ""
    """The authorities' certificates in PEM; empty: those that this host trusts."""
    fingerprint: str = ""
    """SHA-256 of the pinned certificate, in hexadecimal."""
    old: bool = False
    """Whether a login may be shown over TLS older than 1.2."""

    def covers(self, probe: str) -> bool:
        return self.onvif if probe == "onvif" else self.rtsp and probe == "rtsp"


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Site:
    """A pole or cabinet. ``uplinks`` are alternates: the site is cut off only when all of them fail."""

    id: str
    name: str
    zone: str
    uplinks: tuple[str, ...] = ()
    feeder: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """One view that a contract counts."""

    id: str
    name: str
    device: str
    channel: int
    zone: str
    site: str = ""
    position: Position | None = None
    stream: str = ""
    """The path (with its query) of the stream to check; empty: the device is asked once."""
    serial: str = ""
    """The serial number expected to answer here; empty: the first one seen."""
    mac: str = ""
    """The hardware address expected to answer here; empty: the first one seen."""
    contract: str = ""
    """The contract that counts it."""
    installer: str = ""
    """Who put it up."""
    sanctioned: date | None = None
    """The day on which it was approved."""
    installed: date | None = None
    commissioned: date | None = None
    """From this day on a contract counts it."""
    retired: date | None = None
    """From this day on no contract counts it."""


class Port(NamedTuple):
    """What a maker calls a port of a switch: the index of its interface (IF-MIB), its group and number (PoE's MIB)."""

    interface: str = ""
    poe: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A network endpoint, unique by (vantage, host, port). ``cameras`` are its cameras' ids by rising channel.

    One without cameras is equipment: a switch, a UPS.
    """

    id: str
    host: str
    ports: Mapping[str, int]
    probes: tuple[str, ...]
    cameras: tuple[str, ...]
    vantage: str = "central"
    make: str = ""
    credential: Credential | None = None
    snmp: SnmpAccess | None = None
    basic: bool = False
    """Whether the password may be sent readable (Basic), and a login weaker than one before be followed."""
    tls: Tls | None = None
    site: str = ""
    """Where equipment stands; the site that a UPS backs."""
    numbering: Mapping[str, Port] = field(default_factory=dict)
    """A switch's ports, as its uplinks call them, that its maker numbers otherwise."""

    def port(self, probe: str) -> int:
        return self.ports.get(probe, usual_port(probe, self.tls))

    def encrypts(self, probe: str) -> bool:
        """Whether this probe speaks TLS to the device."""
        return self.tls is not None and self.tls.covers(probe)


@dataclass(frozen=True, slots=True)
class Canary:
    """Something of ours, or beside us, that must answer at a vantage: where it is silent, our own line is the fault."""

    id: str
    host: str
    vantage: str = "central"
    port: int = 80


def usual_port(probe: str, tls: Tls | None) -> int:
    """Return the port of a probe where the inventory says none."""
    return (TLS_PORTS if tls is not None and tls.covers(probe) else DEFAULT_PORTS)[probe]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps checkpoints of the ledger: a file to which they are appended, or a URL that takes a POST."""

    id: str
    file: str = ""
    url: str = ""
    token: Secret | None = None


@dataclass(frozen=True, slots=True)
class Depot:
    """Where the evidence packs of periods that are over are kept: a folder, and how long after its end each is made."""

    id: str
    folder: str
    after_min: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """A whole fleet, valid by construction: every name that one part uses, another defines."""

    devices: Mapping[str, Device]
    cameras: Mapping[str, Camera]
    sites: Mapping[str, Site]
    zones: Mapping[str, str]
    """Zone id to its display name, in the order of the inventory."""
    digest: str = ""
    """SHA-256 of what was read, in hexadecimal."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """Who repairs what: a role (``diagnosis.cause.ROLES``) to the display name of a party, where that is known."""
    canaries: tuple[Canary, ...] = ()
    """What must answer at each vantage, in the order of the inventory."""
    holders: tuple[Holder, ...] = ()
    """Who gets the ledger's checkpoints, in the order of the inventory."""
    depots: tuple[Depot, ...] = ()
    """Where the packs of periods that are over are kept, in the order of the inventory."""
