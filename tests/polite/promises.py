"""What was promised (design §6), each promise a line: what broke it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from polite.course import FULL, MISDATED, REFUSING, WELL, Course, Glance

from monitor.core.limits import MOST_FAILURES
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.core.verdict import Reason

MINUTE_S = 60.0
#: How long after a device has power again it may still be called down.
BACK_S = 4 * MINUTE_S
#: How long after a password is right again a camera may still be called down: as long as a login lock holds, and a bit.
ALLOWED_S = 33 * MINUTE_S
#: How long a camera that is well may be called anything but working; one that was full is left alone for up to 30 min.
FOUND_WELL_S = 34 * MINUTE_S
#: How long a wrong password may go unnoticed: where two logins were refused just before, no third one is tried.
FOUND_REFUSING_S = ALLOWED_S

RATES = Rates()
#: A token bucket gives no more than this within a minute, whatever happened before.
MOST_HTTP = RATES.http_burst + RATES.http_per_minute
MOST_RTSP = RATES.rtsp_burst + RATES.rtsp_per_minute
#: What no device may see a single one of.
NEVER = ("locks", "logins while locked", "hung up", "second connections", "second sessions", "without TEARDOWN")


def broken(course: Course) -> list[str]:
    """Return a sentence for each promise that a course broke."""
    return [*_of_devices(course), *_of_states(course)]


def _of_devices(course: Course) -> Iterator[str]:
    most = {"most in 30 min": MOST_FAILURES, "most HTTP a minute": MOST_HTTP, "most RTSP a minute": MOST_RTSP}
    for name, device in course.street.devices.items():
        seen = device.seen()
        for what, bound in (most | dict.fromkeys(NEVER, 0)).items():
            if seen[what] > bound:
                yield f"{name}: {what}: {seen[what]}, promised: {bound:g}"


def _of_states(course: Course) -> Iterator[str]:
    """Yield the first glance of each camera at which something wrong was said, by what it was."""
    told = set()
    for glance in course.glances:
        wrong = _wrong(glance)
        if wrong and (glance.camera, wrong) not in told:
            told.add((glance.camera, wrong))
            yield f"{wrong}: {glance}"


def _wrong(glance: Glance) -> str:
    """Return what is wrong about what was said of a camera; empty where nothing is."""
    if glance.state is State.DOWN:
        if glance.reason is Reason.CREDENTIALS and glance.refusing_s > ALLOWED_S:
            return "called down for its login, which is right"
        if glance.reason is not Reason.CREDENTIALS and glance.off_s > BACK_S:
            return "called down, and has power"
    elif glance.truth == REFUSING and glance.for_s > FOUND_REFUSING_S:
        return "refuses our login, and is not called down"
    if glance.truth in (WELL, MISDATED) and glance.for_s > FOUND_WELL_S and not _working(glance):
        return "well, and not called so"
    if glance.truth == FULL and glance.for_s > FOUND_WELL_S and glance.state is State.DOWN:
        return "full, and called down"
    return ""


def _working(glance: Glance) -> bool:
    """Whether a camera is said to work; degraded only where its clock is to blame."""
    return glance.state is State.UP or (glance.state is State.DEGRADED and glance.reason is Reason.CLOCK)
