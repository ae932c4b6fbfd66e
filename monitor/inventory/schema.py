"""What may be written in each section of an inventory: one class a section, one field a key.

These are entries as they are written, not yet a fleet: names are not looked up, and what is not said is None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic.dataclasses import dataclass

from monitor.core.diagnosis.cause import ROLES
from monitor.core.model import PROBE_NAMES, Position
from monitor.core.vitals import COUNTS, KEEPS, KINDS
from monitor.inventory.address import WrongAddress, host
from monitor.inventory.document import Ambiguous
from monitor.inventory.mistake import likely, mistaken
from monitor.inventory.moments import CameraDay

VERSIONS = ("v1", "v2c", "v3")
TRUSTS = ("ca", "first-use", "pinned")
CONSENTS = ("allowed", "never")
AUTHS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
PRIVACIES = ("des", "aes128", "aes192", "aes256")
REFERENCE = re.compile(
    r"env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[^\x00-\x1f]{1,1024}|cred:(?!\.{1,2}$)[A-Za-z0-9._@:+-]{1,255}"
)
CHANNEL_MAX = 10_000
#: RFC 2863 §6: InterfaceIndex.
INDEX_MAX = 2**31 - 1
PORTS_MAX = 1_024


def one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in names:
            raise mistaken("must be one of " + ", ".join(names), likely(name, names))
        return name

    return check


def _address(text: str) -> str:
    try:
        return host(text)
    except WrongAddress as wrong:
        raise mistaken(wrong.message, wrong.hint) from None


def _reference(value: object) -> str:
    """A secret's reference. Whatever else is written there may be the secret itself: it is never repeated."""
    if isinstance(value, str) and REFERENCE.fullmatch(value):
        return value
    raise mistaken("a secret does not stand in the inventory", "write a reference, env:NAME, file:PATH or cred:NAME")


def _position(value: object) -> Position:
    if not isinstance(value, list) or len(value) != 2:
        raise mistaken("a position is two numbers", "write [latitude, longitude], in degrees")
    latitude, longitude = (_degrees(number) for number in value)
    if math.isnan(latitude) or math.isnan(longitude):
        raise mistaken("a position is two numbers", "write [latitude, longitude], in degrees")
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise mistaken("a position is a latitude from -90 to 90 and a longitude from -180 to 180", "in this order")
    return Position(latitude, longitude)


def _degrees(value: object) -> float:
    """A number, also where YAML's readers disagree on its digits (9.9920); NaN if it is none."""
    text = value.text if isinstance(value, Ambiguous) else value
    if isinstance(text, str) and not re.fullmatch(r"[-+]?[0-9]{1,3}(?:\.[0-9]{0,20})?", text):
        return math.nan
    return float(text) if isinstance(text, str | float | int) else math.nan


def _list(value: object) -> object:
    if isinstance(value, list):
        return value
    raise mistaken("must be a list", "write [one, another]")


def _no_login(stream: str) -> str:
    if re.search(r"(?i)(?:pass(?:word|wd)?|pwd)[=_:]", stream):
        raise mistaken("a password does not stand in the inventory", "write the path without it")
    return stream


def _mac(text: str) -> str:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2}", text):
        raise mistaken("must be a hardware address", "write six pairs, 00:40:8c:12:34:56")
    return text


def _states(value: object) -> list[str | int | float]:
    """The states of a status: a word that YAML's readers disagree on (no, off) would be compared as something else."""
    if not isinstance(value, list):
        raise mistaken("must be a list", "write [one, another]")
    for state in value:
        if not isinstance(state, str | int | float):
            raise mistaken("a state is a number or a word", 'put words such as no and off in quotes: "no"')
    return value


def _words(value: object) -> dict[str, str]:
    """What the numbers of a status mean."""
    if not isinstance(value, dict):
        raise mistaken("must be a mapping from numbers to words", "write {1: up, 2: down}")
    for number, word in value.items():
        if not re.fullmatch(r"-?[0-9]{1,9}", number):
            raise mistaken("must be a mapping from numbers to words", "write {1: up, 2: down}")
        if not isinstance(word, str) or not re.fullmatch(rf"[^{UNSAFE}]{{1,40}}", word):
            raise mistaken("a word has 1 to 40 characters", 'put words such as no and off in quotes: "no"')
    return value


def _poe(value: object) -> str:
    """Group and number; 1.10 is a number to YAML, and not the same one to every reader."""
    text = value.text if isinstance(value, Ambiguous) else str(value)
    if not isinstance(value, dict | list) and re.fullmatch(r"[0-9]{1,10}\.[0-9]{1,10}", text):
        return text
    raise mistaken("must be a group and a number with a dot between them", "such as 1.3")


# A control character forges log lines, a change of direction hides what a name says.
UNSAFE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
CONFIG = ConfigDict(extra="forbid", coerce_numbers_to_str=True, hide_input_in_errors=True)
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\-]{1,64}$")]
Text = Annotated[str, StringConstraints(pattern=rf"^[^{UNSAFE}]*$", min_length=1, max_length=200)]
Texts = Annotated[list[Text], BeforeValidator(_list), Field(min_length=1, max_length=64)]
ProbeName = Annotated[str, AfterValidator(one_of(PROBE_NAMES))]
Role = Annotated[str, AfterValidator(one_of(ROLES))]
Port = Annotated[int, Field(ge=1, le=65_535)]
Host = Annotated[str, AfterValidator(_address)]
Reference = Annotated[str, PlainValidator(_reference)]


def _flag(value: object) -> bool:
    """Only true and false mean the same to every reader of YAML; a cell of a table has them as text."""
    text = value.text if isinstance(value, Ambiguous) else value
    if text in (True, "true"):
        return True
    if text in (False, "false"):
        return False
    raise mistaken("must be true or false")


def _tls(value: object) -> object:
    """The short form: what is trusted, or that nothing is encrypted."""
    shorts = {"ca": {"trust": "ca"}, "first-use": {"trust": "first-use"}, "none": {"onvif": False, "rtsp": False}}
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value in shorts:
        return shorts[value]
    raise mistaken("must be one of " + ", ".join(shorts) + ", or a mapping", "write tls: first-use, or {trust: ca}")


Degrees = Annotated[Position, PlainValidator(_position)]
ObjectId = Annotated[str, StringConstraints(pattern=r"^[012](?:\.(?:0|[1-9][0-9]{0,9})){3,126}$")]
Figure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
States = Annotated[list[Any], PlainValidator(_states), Field(max_length=64)]
Mac = Annotated[str, AfterValidator(_mac)]
Poe = Annotated[str, PlainValidator(_poe)]
Flag = Annotated[bool, PlainValidator(_flag)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^(?:sha256:)?[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$")]
Stream = Annotated[str, StringConstraints(pattern=r"^/[!-~]*$", max_length=1024), AfterValidator(_no_login)]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class Section:
    """One entry of a section. Slotted dataclasses rather than models: 100,000 of them take an eighth of the memory."""


@dataclass(slots=True, kw_only=True, config=CONFIG)
class TlsEntry(Section):
    """How TLS is spoken to a device, and what is trusted; see ``monitor.core.model.Tls``."""

    onvif: Flag | None = None
    rtsp: Flag | None = None
    trust: Annotated[str, AfterValidator(one_of(TRUSTS))] | None = None
    ca: Text | None = None
    fingerprint: Fingerprint | None = None
    old: Annotated[str, AfterValidator(one_of(CONSENTS))] | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class Settings(Section):
    """What a device may leave to its site, its zone, its make or the whole fleet."""

    credential: Id | None = None
    snmp: Id | None = None
    probes: Annotated[list[ProbeName], BeforeValidator(_list), Field(min_length=1, max_length=8)] | None = None
    vantage: Id | None = None
    ports: dict[ProbeName, Port] | None = None
    tls: Annotated[TlsEntry, BeforeValidator(_tls)] | None = None
    basic: Annotated[str, AfterValidator(one_of(CONSENTS))] | None = None

    @property
    def is_silent(self) -> bool:
        """Whether nothing is set."""
        named = self.credential is None is self.snmp and self.probes is None is self.vantage
        return named and self.ports is None is self.tls and self.basic is None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class Defaults(Settings):
    """What a site, a zone or the fleet may say for its devices, and for its cameras."""

    contract: Text | None = None
    installer: Text | None = None
    sanctioned: CameraDay | None = None
    installed: CameraDay | None = None
    commissioned: CameraDay | None = None
    retired: CameraDay | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class OwnerEntry(Section):
    """The party that repairs what falls to a role."""

    id: Role
    name: Text


@dataclass(slots=True, kw_only=True, config=CONFIG)
class CanaryEntry(Section):
    """What must answer where we look from; see ``monitor.core.model.Canary``."""

    id: Id
    address: Host
    vantage: Id | None = None
    port: Port | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class HolderEntry(Section):
    """Who gets the ledger's checkpoints; see ``monitor.core.model.Holder``."""

    id: Id
    file: Text | None = None
    url: Text | None = None
    token: Reference | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class DepotEntry(Section):
    """Where evidence packs are kept; see ``monitor.core.model.Depot``."""

    id: Id
    folder: Text
    after: Text | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class CredentialEntry(Section):
    id: Id
    username: Text
    password: Reference


@dataclass(slots=True, kw_only=True, config=CONFIG)
class SnmpEntry(Section):
    id: Id
    version: Annotated[str, AfterValidator(one_of(VERSIONS))]
    community: Reference | None = None
    username: Text | None = None
    auth: Annotated[str, AfterValidator(one_of(AUTHS))] | None = None
    auth_password: Reference | None = None
    privacy: Annotated[str, AfterValidator(one_of(PRIVACIES))] | None = None
    privacy_password: Reference | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class OidRow(Section):
    """One object of an OID table; see ``monitor.core.vitals.Row``."""

    oid: ObjectId
    name: Figure
    kind: Annotated[str, AfterValidator(one_of(KINDS))] = "number"
    ok: States | None = None
    bad: States | None = None
    rung: Annotated[str, AfterValidator(one_of(("device", "recording")))] | None = None
    words: Annotated[dict[str, str], PlainValidator(_words)] | None = None
    keep: Annotated[str, AfterValidator(one_of(KEEPS))] = "max"
    counts: Annotated[str, AfterValidator(one_of(COUNTS))] = "always"
    scale: Annotated[float, Field(gt=0, le=1e9)] = 1.0
    unit: Annotated[str, AfterValidator(one_of(("B", "KB", "MB", "GB", "TB")))] = ""


@dataclass(slots=True, kw_only=True, config=CONFIG)
class OidsEntry(Section):
    """The objects of a make that camfleet does not know, or knows otherwise."""

    id: Text
    object_id: ObjectId | None = None
    detect: ObjectId | None = None
    rows: Annotated[list[OidRow], BeforeValidator(_list), Field(min_length=1, max_length=64)]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class MakeEntry(Settings):
    id: Text


@dataclass(slots=True, kw_only=True, config=CONFIG)
class ZoneEntry(Section):
    id: Id
    name: Text | None = None
    defaults: Defaults | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class SiteEntry(Section):
    id: Id
    name: Text | None = None
    zone: Id
    uplinks: Texts | None = None
    feeder: Text | None = None
    position: Degrees | None = None
    defaults: Defaults | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class PortEntry(Section):
    """What a switch's maker calls one of its ports; see ``monitor.core.model.Port``."""

    interface: Annotated[int, Field(ge=1, le=INDEX_MAX)] | None = None
    poe: Poe | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class DeviceEntry(Settings):
    id: Id
    address: Host
    make: Text | None = None
    site: Id | None = None
    numbering: Annotated[dict[Text, PortEntry], Field(min_length=1, max_length=PORTS_MAX)] | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class CameraEntry(Defaults):
    """A camera; its settings, ``address`` and ``make`` are its device's, in the short form."""

    id: Id
    name: Text | None = None
    site: Id | None = None
    zone: Id | None = None
    position: Degrees | None = None
    device: Id | None = None
    channel: Annotated[int, Field(ge=1, le=CHANNEL_MAX)] | None = None
    address: Host | None = None
    make: Text | None = None
    stream: Stream | None = None
    serial: Text | None = None
    mac: Mac | None = None


#: Every section whose entries have an id, in the order in which they refer to each other.
SECTIONS: dict[str, type[Section]] = {
    "credentials": CredentialEntry,
    "oids": OidsEntry,
    "snmp": SnmpEntry,
    "makes": MakeEntry,
    "zones": ZoneEntry,
    "sites": SiteEntry,
    "devices": DeviceEntry,
    "cameras": CameraEntry,
    "owners": OwnerEntry,
    "canaries": CanaryEntry,
    "checkpoints": HolderEntry,
    "packs": DepotEntry,
}
#: In YAML their entries are written as a mapping from id to entry.
KEYED = frozenset({"credentials", "oids", "snmp", "makes", "zones", "owners", "checkpoints", "packs"})
#: Of these an entry may be written as one value: what that is.
SHORT = {"owners": "name", "checkpoints": "file", "packs": "folder"}
#: Written once, not entry by entry.
DEFAULTS = "defaults"
LISTS = frozenset({"uplinks", "probes", "position"})


def names(model: type[Section]) -> list[str]:
    """The keys of an entry; one that is a word of Python's has a _ behind it in the class."""
    return [field.name.removesuffix("_") for field in fields(model)]


def required(model: type[Section]) -> list[str]:
    """The keys that every entry has."""
    return [field.name for field in fields(model) if field.default is MISSING]


def keys(model: type[Section]) -> list[str]:
    """The keys of an entry with those below them: "id", "ports.onvif", "defaults.probes"."""
    found: list[str] = []
    for name in names(model):
        below = BELOW.get(name)
        found += [f"{name}.{key}" for key in below()] if below else [name]
    return found


BELOW: dict[str, Callable[[], list[str]]] = {
    "ports": lambda: list(PROBE_NAMES),
    "tls": lambda: names(TlsEntry),
    "defaults": lambda: keys(Defaults),
}
