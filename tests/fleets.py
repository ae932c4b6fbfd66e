"""Small inventories and verdicts for tests of the reducer."""

from __future__ import annotations

from monitor.core.model import PROBE_NAMES, Camera, Device, Inventory, Site
from monitor.core.verdict import Finding, Verdict


def inventory(devices: int = 1, channels: int = 1, probes: tuple[str, ...] = PROBE_NAMES) -> Inventory:
    """Return devices d0, d1, … with cameras d0c1, d0c2, … in one zone."""
    made = {}
    cameras = {}
    for number in range(devices):
        ids = [f"d{number}c{channel}" for channel in range(1, channels + 1)]
        made[f"d{number}"] = Device(f"d{number}", f"127.1.0.{number + 1}", {}, probes, tuple(ids))
        for channel, id_ in enumerate(ids, 1):
            cameras[id_] = Camera(id_, id_, f"d{number}", channel, "zone", "site")
    return Inventory(made, cameras, {"site": Site("site", "Site", "zone")}, {"zone": "Zone"})


def verdict(at: float, *findings: Finding, device: str = "d0", probe: str = "rtsp", duration_s: float = 0.1) -> Verdict:
    """Return a verdict that ended at this moment."""
    return Verdict(device, "central", probe, at, duration_s, findings)
