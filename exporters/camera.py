"""The lines of a few cameras that are written together: a piece of text for each family, kept until a value changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from operator import attrgetter, is_
from typing import Any, NamedTuple

from exporters import catalogue
from exporters.text import bounded, escape, labels
from monitor.core.fleet import NO_RECORD
from monitor.core.model import Camera, Inventory
from monitor.core.revision import whole
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, View
from monitor.core.verdict import Outcome, Reason, Rung

RUNGS = (Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA)
SAID = ("manufacturer", "model", "firmware", "serial")
"""What a device says of itself, by the name of the measurement and of the label."""

_outcome = attrgetter("outcome")
_VALUE = {Outcome.OK: "1", Outcome.FAIL: "0"}


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

#: What was measured at a device, by its name.
Measurements = Mapping[str, float | str]
#: Something of each camera of a group, in their order. Nearly all stays what it was, and a column is compared at once.
Column = Sequence[Any]


class Place(NamedTuple):
    """What the inventory puts into a camera's lines."""

    camera: Camera
    labels: str
    """Those of every series."""
    certificates: tuple[Measured, ...]
    """Those that the device shows."""


class Group:
    """Cameras of one inventory. A page is made of their pieces, which are bytes and stay what they are."""

    def __init__(self, inventory: Inventory, ids: Sequence[str]) -> None:
        self._inventory = inventory
        self._ids = ids
        self._places = [_place(inventory, inventory.cameras[id_]) for id_ in ids]
        self._devices = [place.camera.device for place in self._places]
        self._certificates = sorted({one for place in self._places for one in place.certificates})
        self._seen: tuple[Column, ...] = ((), (), ())
        self._stands: Mapping[Measured, Column] = {}
        self._said: tuple[Column, ...] = ()
        self._columns: tuple[Column, ...] = ((),) * len(_WRITE)
        self._pieces = (b"",) * len(_WRITE)

    def pieces(self, snapshot: Snapshot) -> tuple[bytes, ...]:
        """Return the text of each family in the order of ``catalogue.CAMERA``; what is as it was is not made again."""
        fleet = snapshot.fleet
        cameras, told, known = whole(fleet.cameras), whole(snapshot.views), whole(fleet.devices)
        rungs, views = [cameras[id_] for id_ in self._ids], [told[id_] for id_ in self._ids]
        measured = [known.get(id_, NO_RECORD).measurements for id_ in self._devices]
        seen: tuple[Column, ...] = rungs, views, measured
        if not all(map(_are, seen, self._seen)):
            columns = self._columns_of(list(zip(*rungs, strict=True)), views, measured)
            self._pieces = tuple(
                [
                    piece if new == old else "".join(write(self._inventory, self._places, new)).encode()
                    for piece, new, old, write in zip(self._pieces, columns, self._columns, _WRITE, strict=True)
                ]
            )
            self._seen, self._columns = seen, columns  # what was seen goes in order: one by one, in steps, is dearer
        return self._pieces

    def _columns_of(
        self, rungs: Sequence[Column], views: Sequence[View], measured: Sequence[Measurements]
    ) -> tuple[Column, ...]:
        """Return what each family is made of; what devices say is looked up where it, or its rung, is news."""
        told = dict(zip(View._fields, zip(*views, strict=True), strict=True))
        outcomes = [list(map(_outcome, rungs[rung])) for rung in RUNGS]
        asked = (_BOOT, _CLOCK_OFFSET, *self._certificates)
        stands = {one: _standing(one, told["state"], rungs[one.rung]) for one in asked}
        if stands != self._stands or measured != self._seen[-1]:
            self._stands, self._said = stands, self._said_by(measured, stands)
        return told["state"], told["state"], outcomes, told["by"], told["last_probe"], *self._said

    def _said_by(self, measured: Sequence[Measurements], stands: Mapping[Measured, Column]) -> tuple[Column, ...]:
        """Return what the last families are made of: what was measured and stands, and what devices say they are."""
        values = {
            one: [of.get(one.name) if does else None for of, does in zip(measured, column, strict=True)]
            for one, column in stands.items()
        }
        words = [[of.get(name) for of in measured] for name in SAID]
        return values[_BOOT], values[_CLOCK_OFFSET], _expiries(self._places, values), words


def _place(inventory: Inventory, camera: Camera) -> Place:
    device = inventory.devices[camera.device]
    shown = tuple(certificate for probe, certificate in _CERTIFICATES.items() if device.encrypts(probe))
    return Place(camera, labels((("camera", camera.id), ("zone", camera.zone), ("site", camera.site))), shown)


def _are(these: Sequence[object], those: Sequence[object]) -> bool:
    """Say whether these are those very objects."""
    return len(these) == len(those) and all(map(is_, these, those))


def _standing(one: Measured, states: Column, healths: Column) -> Column:
    """Say of each camera whether a measurement stands; old values vanish rather than stand."""
    reason = one.reason
    return [
        state is not State.UNKNOWN
        and ((outcome := health.outcome) is Outcome.OK or (outcome is Outcome.FAIL and health.reason is reason))
        for state, health in zip(states, healths, strict=True)
    ]


def _expiries(places: Sequence[Place], values: Mapping[Measured, Column]) -> Column:
    """Return when the certificate of each expires that expires first."""
    shown = [[values[one][number] for one in place.certificates] for number, place in enumerate(places)]
    return [min((at for at in found if isinstance(at, (int, float))), default=None) for found in shown]


# What they look like -------------------------------------------------------------------------------------------------

Write = Callable[[Inventory, Sequence[Place], Column], Iterable[str]]


def _working(_: Inventory, places: Sequence[Place], states: Sequence[State]) -> Iterable[str]:
    for place, state in zip(places, states, strict=True):
        if (working := state.working) is not None:
            yield f"{catalogue.WORKING.name}{{{place.labels}}} {working:d}\n"


def _states(_: Inventory, places: Sequence[Place], states: Sequence[State]) -> Iterable[str]:
    for place, state in zip(places, states, strict=True):
        yield f'{catalogue.STATE.name}{{{place.labels},state="{state.value}"}} 1\n'


def _rungs(_: Inventory, places: Sequence[Place], outcomes: Sequence[Column]) -> Iterable[str]:
    for place, *of in zip(places, *outcomes, strict=True):
        for rung, outcome in zip(RUNGS, of, strict=True):
            if outcome in _VALUE:
                yield f'{catalogue.RUNG_OK.name}{{{place.labels},rung="{rung.label}"}} {_VALUE[outcome]}\n'


def _sample(metric: catalogue.Metric) -> Write:
    """Return the writer of numbers: a line for each, nothing where there is no finite one."""
    name = metric.name

    def write(_: Inventory, places: Sequence[Place], values: Sequence[Any]) -> Iterable[str]:
        return [
            f"{name}{{{place.labels}}} {value:.3f}\n"
            for place, value in zip(places, values, strict=True)
            if isinstance(value, (int, float)) and isfinite(value)
        ]

    return write


def _infos(inventory: Inventory, places: Sequence[Place], said: Sequence[Column]) -> Iterable[str]:
    for place, *words in zip(places, *said, strict=True):
        about = labels(_about(inventory, place.camera))
        told = ",".join([f'{name}="{escape(bounded(word))}"' for name, word in zip(SAID, words, strict=True)])
        yield f"{catalogue.INFO.name}{{{place.labels},{about},{told}}} 1\n"


def _about(inventory: Inventory, camera: Camera) -> Iterable[tuple[str, str]]:
    device = inventory.devices[camera.device]
    site = inventory.sites.get(camera.site)
    return {
        "name": camera.name,
        "device": device.id,
        "vantage": device.vantage,
        "uplink": ",".join(site.uplinks) if site else "",
        "feeder": site.feeder if site else "",
        "make": device.make,
    }.items()


#: How each of ``catalogue.CAMERA`` is written.
_WRITE: tuple[Write, ...] = (
    _working,
    _states,
    _rungs,
    _sample(catalogue.CHANGED),
    _sample(catalogue.LAST_PROBE),
    _sample(catalogue.BOOT),
    _sample(catalogue.CLOCK_OFFSET),
    _sample(catalogue.CERTIFICATE),
    _infos,
)
