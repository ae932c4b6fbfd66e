"""Fleets without a network: an inventory of any size, verdicts about it, and what the real reducer makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.core.fleet import Fleet, start, step
from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

NOW = 1_790_000_000.0
PROBES = ("onvif", "snmp", "rtsp")
JUDGED = {
    "onvif": (Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.CLOCK, Rung.IDENTITY),
    "snmp": (Rung.DEVICE, Rung.RECORDING),
    "rtsp": (Rung.REACHABLE, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA),
}
SAYS: dict[str, dict[str, float | str]] = {
    "onvif": {
        "clock_offset_s": -1.25,
        "manufacturer": "Axis",
        "model": "P3245-V",
        "firmware": "10.12.182",
        "serial": "ACCC8E000001",
    },
    "snmp": {"uptime_s": 86_400.0, "boot_at": NOW - 86_400.0},
    "rtsp": {},
}


def make_inventory(cameras: int = 12, zones: int = 3, name: str = "Camera") -> Inventory:
    """Return a fleet with one camera a device and three a site."""
    sites = {f"s{n}": _site(n, zones) for n in range(-(-cameras // 3))}
    devices = {
        f"d{n}": Device(f"d{n}", f"127.1.{n // 250}.{n % 250}", {}, PROBES, (f"c{n}",), make="axis")
        for n in range(cameras)
    }
    views = {
        f"c{n}": Camera(f"c{n}", f"{name} {n}", f"d{n}", 1, sites[f"s{n // 3}"].zone, f"s{n // 3}")
        for n in range(cameras)
    }
    return Inventory(devices, views, sites, {f"z{n}": f"Zone {n}" for n in range(zones)})


def _site(number: int, zones: int) -> Site:
    position = Position(53.5 + number / 1000, 10.0)
    return Site(f"s{number}", f"Site {number}", f"z{number % zones}", (f"SW-{number % 18}/1",), "F-1", position)


def good(device: str, probe: str, at: float, **says: float | str) -> Verdict:
    """Return the verdict of a probe that found everything in order."""
    findings = tuple(Finding(rung, Outcome.OK) for rung in JUDGED[probe])
    return Verdict(device, "central", probe, at, 0.1, findings, {**SAYS[probe], **says}, requests=2)


def bad(device: str, probe: str, at: float, rung: Rung, reason: Reason, detail: str = "") -> Verdict:
    """Return the verdict of a probe that failed at one rung."""
    return Verdict(device, "central", probe, at, 3.0, (Finding(rung, Outcome.FAIL, reason, detail),), requests=1)


#: What may be wrong with a camera, and how its probes tell.
FAULTS: dict[str, tuple[tuple[str, Rung, Reason], ...]] = {
    "silent": tuple((probe, Rung.REACHABLE, Reason.TIMEOUT) for probe in ("onvif", "rtsp")),
    "hung": tuple((probe, Rung.REACHABLE, Reason.NO_REPLY) for probe in ("onvif", "rtsp")),
    "login": (("rtsp", Rung.CREDENTIALS, Reason.CREDENTIALS),),
    "path": (("rtsp", Rung.STREAM, Reason.NOT_FOUND),),
    "dark": (("rtsp", Rung.MEDIA, Reason.NO_VIDEO),),
    "clock": (("onvif", Rung.CLOCK, Reason.CLOCK),),
}


def round_of(inventory: Inventory, at: float, faults: dict[str, str], unseen: Iterable[str] = ()) -> Iterator[Verdict]:
    """Yield what one round of probes finds; ``faults`` says what is wrong, by device; ``unseen`` are not probed."""
    unseen = set(unseen)
    for device in inventory.devices.values():
        if device.id in unseen:
            continue
        wrong = {probe: (rung, reason) for probe, rung, reason in FAULTS.get(faults.get(device.id, ""), ())}
        for probe in device.probes:
            if probe in wrong:
                yield bad(device.id, probe, at, *wrong[probe])
            elif faults.get(device.id) not in ("silent", "hung"):
                yield good(device.id, probe, at)


def looked_at(
    inventory: Inventory, faults: dict[str, str], rounds: int = 3, unseen: Iterable[str] = ()
) -> tuple[Fleet, Snapshot]:
    """Return a fleet and its snapshot after some rounds of probes, 20 s apart, through the real reducer."""
    fleet = start(inventory, Rates())
    snapshot = None
    for number in range(rounds):
        at = NOW + 20.0 * number
        fleet, _ = step(fleet, round_of(inventory, at, faults, unseen), at)
        snapshot = publish(fleet, fleet.seq, snapshot)
    assert snapshot is not None
    return fleet, snapshot


def faulty_city(cameras: int = 1800) -> tuple[Inventory, dict[str, str], list[str]]:
    """Return a city in which every third camera does not work, its faults by device, and who was never probed."""
    inventory = make_inventory(cameras, zones=12)
    kinds = ("silent", "hung", "login", "path", "dark")
    faults = {f"d{n}": kinds[n // 3 % len(kinds)] for n in range(0, cameras, 3)}
    faults |= {f"d{n}": "clock" for n in range(1, cameras, 90)}
    return inventory, faults, [f"d{n}" for n in range(2, cameras, 150)]
