"""The lines of one camera: text per family, kept until something about the camera changes."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from exporters import catalogue
from exporters.text import bounded, escape, labels
from monitor.core.fleet import DeviceRecord, Rungs
from monitor.core.model import Inventory
from monitor.core.state import State, View
from monitor.core.verdict import Outcome, Reason, Rung

RUNGS = (Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA)
SAID = ("manufacturer", "model", "firmware", "serial")
"""What a device says of itself, by the name of the measurement and of the label."""

_VALUE = {Outcome.OK: " 1\n", Outcome.FAIL: " 0\n"}
_WORKING = {True: "} 1\n", False: "} 0\n"}


class Measured(NamedTuple):
    """A measurement by its name in a verdict; it stands while its rung is ok, or fails for what was measured."""

    name: str
    rung: Rung
    reason: Reason


_BOOT = Measured("boot_at", Rung.DEVICE, Reason.VITALS)
_CLOCK_OFFSET = Measured("clock_offset_s", Rung.CLOCK, Reason.CLOCK)
_CERTIFICATES = {
    "onvif": Measured("https_certificate_expires_at", Rung.CONTROL, Reason.TLS),
    "rtsp": Measured("rtsps_certificate_expires_at", Rung.STREAM, Reason.TLS),
}


class Heads(NamedTuple):
    """A camera's series up to their values: they change with the inventory only."""

    working: str
    state: str
    rungs: tuple[str, ...]
    changed: str
    last_probe: str
    boot: str
    clock_offset: str
    certificate: str
    info: str
    certificates: tuple[Measured, ...]
    """Those that the device shows by the inventory."""


class Lines(NamedTuple):
    """A camera's text, one string a family in the order of ``catalogue.CAMERA``, and what it was made from."""

    rungs: Rungs
    view: View
    record: DeviceRecord | None
    heads: Heads
    said: tuple[str, ...]
    text: tuple[str, ...]


def heads(inventory: Inventory, id_: str) -> Heads:
    """Return the beginnings of a camera's lines."""
    camera = inventory.cameras[id_]
    device = inventory.devices[camera.device]
    site = inventory.sites.get(camera.site)
    place = labels((("camera", id_), ("zone", camera.zone), ("site", camera.site)))
    info = labels(
        (
            ("name", camera.name),
            ("device", device.id),
            ("vantage", device.vantage),
            ("uplink", ",".join(site.uplinks) if site else ""),
            ("feeder", site.feeder if site else ""),
            ("make", device.make),
        )
    )
    working, state, rung_ok, changed, last_probe, boot, clock_offset, certificate, about = (
        f"{metric.name}{{{place}" for metric in catalogue.CAMERA
    )
    rungs = tuple(f'{rung_ok},rung="{rung.label}"}}' for rung in RUNGS)
    return Heads(
        working,
        f'{state},state="',
        rungs,
        changed,
        last_probe,
        boot,
        clock_offset,
        certificate,
        f"{about},{info}",
        tuple(shown for probe, shown in _CERTIFICATES.items() if device.encrypts(probe)),
    )


def lines(heads: Heads, rungs: Rungs, view: View, record: DeviceRecord | None, before: Lines | None) -> Lines:
    """Return a camera's text at one moment; its info line is taken from ``before`` if the device says the same."""
    measured = record.measurements if record else {}
    said = tuple(bounded(measured.get(name)) for name in SAID)
    if before is not None and before.said == said and before.heads is heads:
        info = before.text[-1]
    else:
        info = _info(heads, said)
    working = view.state.working
    text = (
        "" if working is None else heads.working + _WORKING[working],
        f'{heads.state}{view.state.value}"}} 1\n',
        "".join(
            [
                head + _VALUE[rungs[rung].outcome]
                for rung, head in zip(RUNGS, heads.rungs, strict=True)
                if rungs[rung].outcome in _VALUE
            ]
        ),
        _sample(heads.changed, view.by),
        _sample(heads.last_probe, view.last_probe),
        _sample(heads.boot, _fresh(_BOOT, measured, rungs, view)),
        _sample(heads.clock_offset, _fresh(_CLOCK_OFFSET, measured, rungs, view)),
        _expiry(heads, measured, rungs, view) if heads.certificates else "",
        info,
    )
    return Lines(rungs, view, record, heads, said, text)


def _info(heads: Heads, said: tuple[str, ...]) -> str:
    told = ",".join([f'{name}="{escape(value)}"' for name, value in zip(SAID, said, strict=True)])
    return f"{heads.info},{told}}} 1\n"


def _sample(head: str, value: object) -> str:
    """Return a line, or nothing where there is no finite number."""
    if not isinstance(value, (int, float)) or not isfinite(value):
        return ""
    return f"{head}}} {value:.3f}\n"


def _expiry(heads: Heads, values: Mapping[str, float | str], rungs: Rungs, view: View) -> str:
    """Return the line of the certificate that expires first."""
    found = [_fresh(one, values, rungs, view) for one in heads.certificates]
    return _sample(heads.certificate, min((at for at in found if isinstance(at, (int, float))), default=None))


def _fresh(measured: Measured, values: Mapping[str, float | str], rungs: Rungs, view: View) -> float | str | None:
    """Return a measurement; old values vanish rather than stand."""
    health = rungs[measured.rung]
    fresh = health.outcome is Outcome.OK or (health.outcome is Outcome.FAIL and health.reason is measured.reason)
    return values.get(measured.name) if fresh and view.state is not State.UNKNOWN else None
