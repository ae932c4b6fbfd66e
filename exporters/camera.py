"""The lines of a few cameras that are written together: a piece of text for each family, kept until a value changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from operator import attrgetter, is_, itemgetter
from typing import Any, NamedTuple

from exporters import catalogue
from exporters.text import bounded, escape, labels
from monitor.core.fleet import Rungs
from monitor.core.model import Camera, Inventory
from monitor.core.revision import whole
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, View
from monitor.core.verdict import Outcome, Reason, Rung

RUNGS = (Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA)
SAID = ("manufacturer", "model", "firmware", "serial")
"""What a device says of itself, by the name of the measurement and of the label."""

#: An enumeration's members take an index several times as long.
_told = itemgetter(*map(int, RUNGS))
_outcome = attrgetter("outcome")
_VALUE = {Outcome.OK: "1", Outcome.FAIL: "0"}
_NOTHING: Mapping[str, float | str] = {}


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

#: What a snapshot has of one camera that its lines are made of: rungs, view, and what was measured at its device.
Sight = tuple[Rungs, View, Mapping[str, float | str]]


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
        self._seen: list[object] = []
        self._values: list[list[Any]] = [[] for _ in _FAMILIES]
        self._pieces = (b"",) * len(_FAMILIES)

    def pieces(self, snapshot: Snapshot) -> tuple[bytes, ...]:
        """Return the text of each family in the order of ``catalogue.CAMERA``; what is as it was is not made again."""
        fleet = snapshot.fleet
        cameras, views, devices = whole(fleet.cameras), whole(snapshot.views), whole(fleet.devices)
        records = [devices.get(place.camera.device) for place in self._places]
        measured = [record.measurements if record else _NOTHING for record in records]
        rungs, told = [cameras[id_] for id_ in self._ids], [views[id_] for id_ in self._ids]
        seen: list[object] = [*rungs, *told, *measured]
        if not (len(seen) == len(self._seen) and all(map(is_, seen, self._seen))):
            sights = list(zip(rungs, told, measured, strict=True))
            values = [read(self._places, sights) for read, _ in _FAMILIES]
            self._pieces = tuple(
                [
                    piece if new == old else "".join(write(self._inventory, self._places, new)).encode()
                    for piece, new, old, (_, write) in zip(self._pieces, values, self._values, _FAMILIES, strict=True)
                ]
            )
            self._seen, self._values = seen, values
        return self._pieces


def _place(inventory: Inventory, camera: Camera) -> Place:
    device = inventory.devices[camera.device]
    shown = tuple(certificate for probe, certificate in _CERTIFICATES.items() if device.encrypts(probe))
    return Place(camera, labels((("camera", camera.id), ("zone", camera.zone), ("site", camera.site))), shown)


# What a family's values are, camera by camera ------------------------------------------------------------------------

Read = Callable[[Sequence[Place], Sequence[Sight]], list[Any]]


def _of_view(name: str) -> Read:
    read = attrgetter(name)
    return lambda _, sights: [read(view) for _, view, _ in sights]


def _outcomes(_: Sequence[Place], sights: Sequence[Sight]) -> list[Any]:
    return [tuple(map(_outcome, _told(rungs))) for rungs, _, _ in sights]


def _measured(one: Measured) -> Read:
    name, place, reason = one

    def read(_: Sequence[Place], sights: Sequence[Sight]) -> list[Any]:
        """Return a measurement of each; old values vanish rather than stand."""
        return [
            measured.get(name)
            if view.state is not State.UNKNOWN
            and ((health := rungs[place]).outcome is Outcome.OK or _is_for(health.outcome, health.reason, reason))
            else None
            for rungs, view, measured in sights
        ]

    return read


def _is_for(outcome: Outcome, why: Reason | None, reason: Reason) -> bool:
    """Say whether a rung fails for what was measured, which then is no old value."""
    return outcome is Outcome.FAIL and why is reason


_READ_CERTIFICATE = {one: _measured(one) for one in _CERTIFICATES.values()}


def _expiries(places: Sequence[Place], sights: Sequence[Sight]) -> list[Any]:
    """Return when the certificate of each expires that expires first."""
    return [_expiry(place, sight) if place.certificates else None for place, sight in zip(places, sights, strict=True)]


def _expiry(place: Place, sight: Sight) -> float | None:
    found = [_READ_CERTIFICATE[one]((place,), (sight,))[0] for one in place.certificates]
    return min((at for at in found if isinstance(at, (int, float))), default=None)


def _said(_: Sequence[Place], sights: Sequence[Sight]) -> list[Any]:
    return [tuple(map(measured.get, SAID)) for _, _, measured in sights]


# What they look like -------------------------------------------------------------------------------------------------

Write = Callable[[Inventory, Sequence[Place], Sequence[Any]], Iterable[str]]


def _working(_: Inventory, places: Sequence[Place], states: Sequence[State]) -> Iterable[str]:
    for place, state in zip(places, states, strict=True):
        if (working := state.working) is not None:
            yield f"{catalogue.WORKING.name}{{{place.labels}}} {working:d}\n"


def _states(_: Inventory, places: Sequence[Place], states: Sequence[State]) -> Iterable[str]:
    for place, state in zip(places, states, strict=True):
        yield f'{catalogue.STATE.name}{{{place.labels},state="{state.value}"}} 1\n'


def _rungs(_: Inventory, places: Sequence[Place], outcomes: Sequence[Sequence[Outcome]]) -> Iterable[str]:
    for place, of in zip(places, outcomes, strict=True):
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


def _infos(inventory: Inventory, places: Sequence[Place], said: Sequence[Sequence[object]]) -> Iterable[str]:
    for place, words in zip(places, said, strict=True):
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


#: One for each of ``catalogue.CAMERA``: what it reads, and how that is written.
_FAMILIES: tuple[tuple[Read, Write], ...] = (
    (_of_view("state"), _working),
    (_of_view("state"), _states),
    (_outcomes, _rungs),
    (_of_view("by"), _sample(catalogue.CHANGED)),
    (_of_view("last_probe"), _sample(catalogue.LAST_PROBE)),
    (_measured(_BOOT), _sample(catalogue.BOOT)),
    (_measured(_CLOCK_OFFSET), _sample(catalogue.CLOCK_OFFSET)),
    (_expiries, _sample(catalogue.CERTIFICATE)),
    (_said, _infos),
)
