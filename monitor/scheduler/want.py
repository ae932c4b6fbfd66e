"""What a timetable may want of a device: which probe, which questions, and how many requests must be there for them."""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.model import Camera
from monitor.core.survey import SURVEY
from monitor.core.verdict import Rung
from monitor.probes.registry import RUNGS

LIGHT = {
    "onvif": frozenset({Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK}),
    "rtsp": frozenset({Rung.REACHABLE, Rung.STREAM}),
    "snmp": frozenset({Rung.DEVICE, Rung.RECORDING}),
}
LOGIN = frozenset({Rung.CREDENTIALS, Rung.IDENTITY})
MEDIA = frozenset({Rung.STREAM, Rung.MEDIA})
#: Requests that a conversation needs at the least, so that it is not begun without them.
NEED_LIGHT = {"onvif": 1.0, "rtsp": 2.0, "snmp": 0.0}
NEED_LOGIN = {"onvif": 4.0, "rtsp": 2.0}
NEED_SURVEY = 3.0
NEED_MEDIA = 5.0
NEED_LOOK = {"onvif": NEED_LOGIN["onvif"], "rtsp": NEED_MEDIA, "snmp": 0.0}
#: Requests of the HTTP bucket that only a re-check may take, and the first contact, which has much to learn.
KEPT_FOR_RECHECKS = {"onvif": 1.0}
#: What a survey leaves to the light checks.
KEPT_FROM_SURVEYS = 2.0


class Want(NamedTuple):
    """What is to be asked. ``cameras``: none of them means all; ``look``: the camera that a person looks at."""

    probe: str
    rungs: frozenset[Rung]
    cameras: tuple[Camera, ...] = ()
    need: float = 0.0
    kept: float = 0.0
    """What has to be left of the budget beside what is needed."""
    look: str = ""


#: Something wanted, and from when on.
Due = tuple[float, Want]


def moment(due: Due) -> float:
    return due[0]


def moment_and_probe(due: Due) -> tuple[float, str]:
    return due[0], due[1].probe


# What is wanted of every device alike is there once: a timetable is gone through at each check.

#: The first contact of each probe, and its light checks after that.
FIRST = {probe: Want(probe, rungs, need=NEED_LIGHT[probe]) for probe, rungs in LIGHT.items()}
LATER = {probe: want._replace(kept=KEPT_FOR_RECHECKS.get(probe, 0.0)) for probe, want in FIRST.items()}
FIRST_LOGIN = FIRST["onvif"]._replace(rungs=LIGHT["onvif"] | LOGIN, need=NEED_LOGIN["onvif"])
LATER_LOGIN = FIRST_LOGIN._replace(kept=LATER["onvif"].kept)
#: A stream and its video, of a device with one channel.
STREAM_AND_VIDEO = Want("rtsp", LIGHT["rtsp"] | MEDIA, need=NEED_MEDIA)
PORTION = Want(SURVEY, frozenset(), need=NEED_SURVEY, kept=KEPT_FROM_SURVEYS)


def light(probe: str, is_first: bool, with_login: bool) -> Want:
    """Return a light check of all of a device."""
    if with_login:
        return FIRST_LOGIN if is_first else LATER_LOGIN
    return (FIRST if is_first else LATER)[probe]


def turn(cameras: tuple[Camera, ...]) -> Want:
    """Return the light check of these of a device's many channels."""
    return Want("rtsp", LIGHT["rtsp"], cameras, NEED_LIGHT["rtsp"] * len(cameras))


def video(camera: Camera) -> Want:
    """Return the media check of one of a device's many channels: a conversation of its own."""
    return Want("rtsp", MEDIA, (camera,), NEED_MEDIA)


def recheck(probe: str, rung: Rung, cameras: tuple[Camera, ...]) -> Want:
    """Return what asks a rung again, and no more."""
    if rung is Rung.REACHABLE:
        return Want(probe, frozenset({rung}), cameras)
    if rung is Rung.MEDIA:
        return Want(probe, MEDIA, cameras, NEED_MEDIA)
    if rung in LOGIN:
        return Want(probe, LOGIN, cameras, NEED_LOGIN.get(probe, 0.0))
    return Want(probe, LIGHT[probe], cameras, NEED_LIGHT[probe])


def look(probe: str, cameras: tuple[Camera, ...], camera: str) -> Want:
    """Return what a person's look at a camera asks over one probe."""
    return Want(probe, RUNGS[probe], cameras, NEED_LOOK[probe], look=camera)
