"""What the SNMP agents know: MIB-II for all, and each maker's own tree for those that have one.

A tree is a table from an object's identifier to a way of reading its value from a running device. Cameras have 32-bit
counters and no host resources; what a make's recordings do not have, its devices here do not have either.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pysnmp.proto import rfc1902  # type: ignore[import-untyped]  # pysnmp comes without types

from simulator.device import RunningDevice

Oid = tuple[int, ...]
Read = Callable[[RunningDevice], Any]

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
INTERFACES: Oid = (1, 3, 6, 1, 2, 1, 2)
ENGINE: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1)
AXIS: Oid = (1, 3, 6, 1, 4, 1, 368)
HIKVISION_CAMERA: Oid = (1, 3, 6, 1, 4, 1, 39165, 1)
HIKVISION_RECORDER: Oid = (1, 3, 6, 1, 4, 1, 50001)
DAHUA: Oid = (1, 3, 6, 1, 4, 1, 1004849)

#: What a Dahua physical volume may be, in the words of its DAHUA-SNMP-MIB (a DisplayString).
VOLUME_RUNNING, VOLUME_ERROR = "Running", "Error"


@dataclass(frozen=True, slots=True)
class Tree:
    """The objects of one kind of device, in the order of a walk."""

    oids: tuple[Oid, ...]
    reads: Mapping[Oid, Read]

    def after(self, oid: Oid) -> Oid | None:
        """The first object behind this one; None at the end."""
        place = bisect_right(self.oids, oid)
        return self.oids[place] if place < len(self.oids) else None


def text(value: str) -> Any:
    return rfc1902.OctetString(value.encode("utf-8"))


def integer(value: float) -> Any:
    return rfc1902.Integer32(int(value))


def ticks(seconds: float) -> Any:
    """Hundredths of a second; they wrap after 497 days."""
    return rfc1902.TimeTicks(int(seconds * 100) % 2**32)


def counter(value: float) -> Any:
    return rfc1902.Counter32(int(value) % 2**32)


def gauge(value: float) -> Any:
    return rfc1902.Gauge32(int(value))


def oid(value: Oid) -> Any:
    return rfc1902.ObjectIdentifier(value)


def is_newest_axis(running: RunningDevice) -> bool:
    """AXIS OS 12.10 and later: another set of vitals, and no sysUpTime."""
    version = running.device.firmware.split(".")
    return running.make.name == "axis" and (int(version[0]), int(version[1])) >= (12, 10)


def system(descr: Read, object_id: Oid, with_uptime: bool = True) -> Iterator[tuple[Oid, Read]]:
    """SNMPv2-MIB::system (RFC 3418)."""
    yield (*SYSTEM, 1, 0), descr
    yield (*SYSTEM, 2, 0), lambda _: oid(object_id)
    if with_uptime:
        yield (*SYSTEM, 3, 0), lambda running: ticks(running.uptime_s)
    yield (*SYSTEM, 4, 0), lambda _: text("")
    yield (*SYSTEM, 5, 0), lambda running: text(running.device.id)
    yield (*SYSTEM, 6, 0), lambda running: text(running.device.site)


def octets(per_second: float) -> Read:
    return lambda running: counter(running.uptime_s * per_second * (1 + running.drift_s / 10))


def constant(value: Any) -> Read:
    return lambda _: value


def interfaces() -> Iterator[tuple[Oid, Read]]:
    """IF-MIB::ifTable (RFC 2863): 1 is the loopback, 2 the Ethernet port."""
    yield (*INTERFACES, 1, 0), constant(integer(2))
    columns: Sequence[tuple[int, Read, Read]] = (
        (1, constant(integer(1)), constant(integer(2))),
        (2, constant(text("lo")), constant(text("eth0"))),
        (3, constant(integer(24)), constant(integer(6))),
        (4, constant(integer(65_536)), constant(integer(1_500))),
        (5, constant(gauge(10_000_000)), constant(gauge(100_000_000))),
        (6, constant(text("")), lambda running: rfc1902.OctetString(bytes.fromhex(running.device.mac))),
        (7, constant(integer(1)), constant(integer(1))),
        (8, constant(integer(1)), constant(integer(1))),
        (9, constant(ticks(0)), constant(ticks(6.03))),
        (10, octets(120), octets(9_000)),
        (13, constant(counter(0)), constant(counter(0))),
        (14, constant(counter(0)), constant(counter(0))),
        (16, octets(120), octets(260_000)),
        (19, constant(counter(0)), constant(counter(0))),
        (20, constant(counter(0)), constant(counter(0))),
    )
    for column, loopback, ethernet in columns:
        yield (*INTERFACES, 2, 1, column, 1), loopback
        yield (*INTERFACES, 2, 1, column, 2), ethernet


def axis_vitals(newest: bool) -> Iterator[tuple[Oid, Read]]:
    """AXIS-VIDEO-MIB. storageDisruptionDetected is 2 ("yes") on every camera without a card."""
    video: Oid = (*AXIS, 4, 1)
    yield (*video, 1, 1, 3, 1, 1), constant(integer(1))
    for sensor, celsius in ((1, 36), (2, 39), (3, 37)):
        yield (*video, 3, 1, 3, 1, sensor), constant(integer(1))
        yield (*video, 3, 1, 4, 1, sensor), constant(integer(celsius))
    for number, name in ((1, "SD_DISK"), (2, "NetworkShare")):
        yield (*video, 8, 1, 2, number), constant(text(name))
        yield (*video, 8, 1, 3, number), constant(integer(2))
    if newest:
        yield (*video, 100, 1, 1, 0), constant(gauge(43))
        yield (*video, 100, 1, 2, 0), constant(gauge(569_832))
        yield (*video, 100, 1, 3, 0), constant(gauge(245_232))
        yield (*video, 100, 3, 1, 0), constant(gauge(28))
        yield (*video, 100, 5, 0), lambda running: text(running.device.firmware)
        yield (*video, 100, 6, 0), lambda running: text(running.device.serial)
        yield (*video, 100, 8, 0), lambda running: text(running.device.model.name)


def axis_description(running: RunningDevice) -> Any:
    kind = {"encoder": "Network Video Encoder"}.get(running.device.model.kind, "Network Camera")
    return text(f"; AXIS {running.device.model.name}; {kind}; {running.device.firmware}; Jun 03 2024 14:13; 900; 1")


def hikvision_camera_vitals() -> Iterator[tuple[Oid, Read]]:
    """HIK-DEVICE-MIB: every value is a string, figures with their unit."""
    values: Mapping[int, Read] = {
        1: lambda running: text(running.device.model.name),
        3: lambda running: text(running.device.firmware),
        4: lambda running: text(running.device.mac),
        6: constant(text("HIKVISION")),
        7: lambda running: text(f"{12 + len(running.device.id) % 20} PERCENT"),
        8: constant(text("0.0 GB")),
        9: constant(text("0 PERCENT")),
        10: constant(text("512 MB")),
        11: constant(text("83 PERCENT")),
        21: constant(text("H.264")),
        22: constant(text("MJPEG")),
    }
    for number, read in values.items():
        yield (*HIKVISION_CAMERA, number, 0), read


def hikvision_recorder_vitals() -> Iterator[tuple[Oid, Read]]:
    """HIKVISION-MIB. The disks' index ends in one more 0, which a GET by the book misses and a walk finds."""
    entity: Oid = (*HIKVISION_RECORDER, 1)
    yield (*entity, 1, 0), lambda running: rfc1902.IpAddress(running.address)
    yield (*entity, 2, 0), constant(integer(8_000))
    yield (*entity, 3, 0), lambda running: text(running.device.serial)
    yield (*entity, 100, 0), constant(integer(2))
    yield (*entity, 102, 0), constant(integer(1))
    yield (*entity, 201, 0), constant(integer(200))
    yield (*entity, 220, 0), constant(integer(169))
    yield (*entity, 221, 0), constant(integer(5))
    yield (*entity, 240, 0), constant(integer(1))
    disk = {1: integer(1), 2: text("hard disk 1"), 3: integer(0), 4: integer(2_715_648), 5: integer(3_815_447)}
    for column, value in disk.items():
        yield (*entity, 241, 1, column, 1, 0), constant(value)


def dahua_vitals(card: Mapping[int, Read]) -> Iterator[tuple[Oid, Read]]:
    """DAHUA-SNMP-MIB. A device without a card has no row among the physical volumes; a failed card says "Error"."""
    info: Oid = (*DAHUA, 2, 1)
    yield (*info, 1, 1, 0), lambda running: text(running.device.firmware.partition(",")[0])
    yield (*info, 2, 1, 0), lambda running: integer(running.device.channels)
    yield (*info, 2, 4, 0), lambda running: text(running.device.serial)
    yield (*info, 2, 6, 0), lambda running: text(running.device.model.name)
    yield (*info, 2, 8, 0), constant(integer(1))
    yield (*info, 2, 9, 0), lambda running: text(running.device.id)
    yield (*info, 3, 0), lambda running: integer(6 + len(running.device.id) % 25)
    yield (*info, 9, 2, 0), constant(integer(41))
    yield (*DAHUA, 2, 2, 1, 5, 0), constant(integer(20))
    for column, read in card.items():
        yield (*DAHUA, 2, 4, 1, 1, column, 1), read
    yield (*ENGINE, 2, 0), constant(integer(3))
    yield (*ENGINE, 3, 0), lambda running: integer(running.uptime_s)


def card_status(running: RunningDevice) -> Any:
    return text(VOLUME_ERROR if running.has("sd_card") else VOLUME_RUNNING)


CARD: Mapping[int, Read] = {
    1: constant(integer(1)),
    2: constant(integer(1)),
    3: constant(integer(1)),
    4: constant(text("/dev/mmc0")),
    5: card_status,
    6: lambda running: integer(0 if running.has("sd_card") else 87),
    7: constant(integer(128)),
}


def has_card(running: RunningDevice) -> bool:
    """Half of the Dahua cameras have a card in them, and all that have a failed one."""
    return running.make.name == "dahua" and (running.has("sd_card") or int(running.device.mac[-1], 16) % 2 == 0)


def make_tree(entries: Iterator[tuple[Oid, Read]]) -> Tree:
    reads = dict(sorted(entries, key=lambda entry: entry[0]))
    return Tree(tuple(reads), reads)


def plain_description(running: RunningDevice) -> Any:
    return text(f"{running.make.manufacturer} {running.device.model.name}")


def entries_of(kind: str) -> Iterator[tuple[Oid, Read]]:
    """Everything that one kind of device knows."""
    if kind != "hikvision_camera":
        descr, object_id, uptime = SYSTEMS[kind]
        yield from system(descr, object_id, uptime)
    yield from interfaces()
    yield from VITALS.get(kind, lambda: iter(()))()


SYSTEMS: Mapping[str, tuple[Read, Oid, bool]] = {
    "axis": (axis_description, (*AXIS, 1, 1), True),
    "axis_newest": (axis_description, (*AXIS, 1, 1), False),
    "hikvision_recorder": (constant(text("Hikvision company products")), HIKVISION_RECORDER, True),
    "dahua": (lambda running: text(running.device.model.name), (*DAHUA, 3, 2, 10), True),
    "dahua_card": (lambda running: text(running.device.model.name), (*DAHUA, 3, 2, 10), True),
    "plain": (plain_description, (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10), True),
}
VITALS: Mapping[str, Callable[[], Iterator[tuple[Oid, Read]]]] = {
    "axis": lambda: axis_vitals(newest=False),
    "axis_newest": lambda: axis_vitals(newest=True),
    "hikvision_camera": hikvision_camera_vitals,
    "hikvision_recorder": hikvision_recorder_vitals,
    "dahua": lambda: dahua_vitals({}),
    "dahua_card": lambda: dahua_vitals(CARD),
}


def kind_of_device(running: RunningDevice) -> str:
    """Which tree a device has."""
    make = running.make.name
    if make == "axis":
        return "axis_newest" if is_newest_axis(running) else "axis"
    if make == "hikvision":
        return "hikvision_recorder" if running.device.model.kind == "recorder" else "hikvision_camera"
    if make == "dahua":
        return "dahua_card" if has_card(running) else "dahua"
    return "plain"


def all_trees() -> dict[str, Tree]:
    """The trees of all kinds of devices."""
    return {kind: make_tree(entries_of(kind)) for kind in ("hikvision_camera", *SYSTEMS)}
