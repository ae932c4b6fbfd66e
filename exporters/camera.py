"""The lines of one camera: a value for each family, and its text, which is kept until that value changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

#: An enumeration's members take an index several times as long.
_PLACES = tuple(map(int, RUNGS))
_VALUE = {Outcome.OK: "1", Outcome.FAIL: "0"}


class Measured(NamedTuple):
    """A measurement by its name in a verdict; it stands while its rung is ok, or fails for what was measured."""

    name: str
    place: int
    """Where that rung stands in a camera's rungs."""
    reason: Reason


_BOOT = Measured("boot_at", int(Rung.DEVICE), Reason.VITALS)
_CLOCK_OFFSET = Measured("clock_offset_s", int(Rung.CLOCK), Reason.CLOCK)
_CERTIFICATES = {
    "onvif": Measured("https_certificate_expires_at", int(Rung.CONTROL), Reason.TLS),
    "rtsp": Measured("rtsps_certificate_expires_at", int(Rung.STREAM), Reason.TLS),
}


class Head(NamedTuple):
    """What a camera's series carry beside their values: it changes with the inventory only."""

    place: str
    """The labels of every series."""
    about: str
    """Further labels of ``camera_info``."""
    certificates: tuple[Measured, ...]
    """Those that the device shows by the inventory."""


class Lines(NamedTuple):
    """A camera's values and their text, each one a family in the order of ``catalogue.CAMERA``, and their origin."""

    rungs: Rungs
    view: View
    record: DeviceRecord | None
    head: Head
    values: tuple[object, ...]
    text: tuple[str, ...]


def head(inventory: Inventory, id_: str) -> Head:
    """Return what the inventory puts into a camera's lines."""
    camera = inventory.cameras[id_]
    device = inventory.devices[camera.device]
    site = inventory.sites.get(camera.site)
    about = {
        "name": camera.name,
        "device": device.id,
        "vantage": device.vantage,
        "uplink": ",".join(site.uplinks) if site else "",
        "feeder": site.feeder if site else "",
        "make": device.make,
    }
    shown = tuple(certificate for probe, certificate in _CERTIFICATES.items() if device.encrypts(probe))
    return Head(
        labels((("camera", id_), ("zone", camera.zone), ("site", camera.site))), "," + labels(about.items()), shown
    )


def lines(head: Head, rungs: Rungs, view: View, record: DeviceRecord | None, before: Lines | None) -> Lines:
    """Return a camera's lines at one moment; the text of what is as it was is taken from ``before``."""
    measured = record.measurements if record else {}
    values = (
        view.state.working,
        view.state,
        tuple([rungs[place].outcome for place in _PLACES]),
        view.by,
        view.last_probe,
        _fresh(_BOOT, measured, rungs, view),
        _fresh(_CLOCK_OFFSET, measured, rungs, view),
        _expiry(head.certificates, measured, rungs, view),
        _said(measured, before),
    )
    if before is None or before.head is not head:
        text = tuple([write(head, value) for write, value in zip(_WRITERS, values, strict=True)])
    else:
        text = tuple(
            [
                old if value == known else write(head, value)
                for write, value, known, old in zip(_WRITERS, values, before.values, before.text, strict=True)
            ]
        )
    return Lines(rungs, view, record, head, values, text)


def _said(measured: Mapping[str, float | str], before: Lines | None) -> object:
    """Return what a device says of itself, ready for a label; seldom anew."""
    if before is not None and before.record is not None and before.record.measurements is measured:
        return before.values[-1]
    return tuple([bounded(measured.get(name)) for name in SAID])


def _expiry(
    certificates: tuple[Measured, ...], values: Mapping[str, float | str], rungs: Rungs, view: View
) -> float | None:
    """Return when the certificate expires that expires first."""
    if not certificates:
        return None
    found = [_fresh(one, values, rungs, view) for one in certificates]
    return min((at for at in found if isinstance(at, (int, float))), default=None)


def _fresh(measured: Measured, values: Mapping[str, float | str], rungs: Rungs, view: View) -> float | str | None:
    """Return a measurement; old values vanish rather than stand."""
    health = rungs[measured.place]
    fresh = health.outcome is Outcome.OK or (health.outcome is Outcome.FAIL and health.reason is measured.reason)
    return values.get(measured.name) if fresh and view.state is not State.UNKNOWN else None


# What a family's value looks like ------------------------------------------------------------------------------------


def _working(head: Head, working: bool | None) -> str:
    return "" if working is None else f"{catalogue.WORKING.name}{{{head.place}}} {working:d}\n"


def _state(head: Head, state: State) -> str:
    return f'{catalogue.STATE.name}{{{head.place},state="{state.value}"}} 1\n'


def _rungs(head: Head, outcomes: tuple[Outcome, ...]) -> str:
    begin = f'{catalogue.RUNG_OK.name}{{{head.place},rung="'
    found = zip(RUNGS, outcomes, strict=True)
    return "".join([f'{begin}{rung.label}"}} {_VALUE[one]}\n' for rung, one in found if one in _VALUE])


def _sample(metric: catalogue.Metric) -> Callable[[Head, object], str]:
    """Return the writer of one number: a line, or nothing where there is no finite one."""
    name = metric.name

    def write(head: Head, value: object) -> str:
        if not isinstance(value, (int, float)) or not isfinite(value):
            return ""
        return f"{name}{{{head.place}}} {value:.3f}\n"

    return write


def _info(head: Head, said: tuple[str, ...]) -> str:
    told = ",".join([f'{name}="{escape(value)}"' for name, value in zip(SAID, said, strict=True)])
    return f"{catalogue.INFO.name}{{{head.place}{head.about},{told}}} 1\n"


#: One for each of ``catalogue.CAMERA``.
_WRITERS: tuple[Callable[..., str], ...] = (
    _working,
    _state,
    _rungs,
    _sample(catalogue.CHANGED),
    _sample(catalogue.LAST_PROBE),
    _sample(catalogue.BOOT),
    _sample(catalogue.CLOCK_OFFSET),
    _sample(catalogue.CERTIFICATE),
    _info,
)
