"""A camera's state and since when it holds, told as stories."""

from __future__ import annotations

from math import inf

import pytest
from fleets import inventory, verdict

from monitor.core import fleet as fleets
from monitor.core.fleet import Fleet, step
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.state import State, View, stand
from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung, Verdict, advise

OK, FAIL, UNSEEN = Outcome.OK, Outcome.FAIL, Outcome.UNSEEN

CHANNEL = (Rung.STREAM, Rung.MEDIA)


def ok(*rungs: Rung, at: float) -> list[Verdict]:
    """Return a probe that finds these in order."""
    return [verdict(at, *(Finding(rung, OK, camera="d0c1" if rung in CHANNEL else "") for rung in rungs))]


def back(*rungs: Rung, at: float) -> list[Verdict]:
    """Return two probes, from ``at`` on, that find these in order: a recovery."""
    return [*ok(*rungs, at=at), *ok(*rungs, at=at + 10.0)]


def bad(rung: Rung, reason: Reason, at: float) -> list[Verdict]:
    """Return three probes, from ``at`` on, that find a failure: its confirmation."""
    camera = "d0c1" if rung in CHANNEL else ""
    return [verdict(at + 10.0 * n, Finding(rung, FAIL, reason, "", camera)) for n in range(3)]


def told(*story: list[Verdict], now: float | None = None, fleet: Fleet | None = None) -> View:
    """Return what is told of the camera after a story."""
    fleet = fleet or fleets.start(inventory(), Rates())
    for one in sorted((one for part in story for one in part), key=lambda one: one.at):
        fleet, _ = step(fleet, [one], one.at)
    if now is not None:
        fleet, _ = step(fleet, [], now)
    return publish(fleet, 0).views["d0c1"]


def began(seen: View) -> tuple[State, Reason | None, float, float]:
    return (seen.state, seen.reason, seen.after, seen.by)


REACHABLE, CONTROL, LOGIN, STREAM, MEDIA, CLOCK, DEVICE = (
    Rung.REACHABLE,
    Rung.CONTROL,
    Rung.CREDENTIALS,
    Rung.STREAM,
    Rung.MEDIA,
    Rung.CLOCK,
    Rung.DEVICE,
)
UP = ok(REACHABLE, CONTROL, LOGIN, STREAM, MEDIA, CLOCK, at=50)
HUNG = [*bad(CONTROL, Reason.NO_REPLY, 100), *bad(STREAM, Reason.NO_REPLY, 101)]
CUT = bad(REACHABLE, Reason.TIMEOUT, 1000)
REFUSED = [verdict(1000, Finding(LOGIN, FAIL, Reason.CREDENTIALS))]

STORIES = {
    "never seen": ([], State.UNKNOWN, None, -inf, -inf),
    "up at the first look": ([UP], State.UP, None, -inf, 50),
    "a second protocol that answers later moves nothing": ([UP, ok(DEVICE, at=70)], State.UP, None, -inf, 50),
    "hung": ([UP, HUNG], State.DOWN, Reason.NO_REPLY, 50, 101),
    "hung, and later cut off": ([UP, HUNG, CUT], State.DOWN, Reason.TIMEOUT, 50, 101),
    "hung, cut off, and reachable again but still hung": (
        [UP, HUNG, CUT, back(REACHABLE, at=2000), bad(STREAM, Reason.NO_REPLY, 2030)],
        State.DOWN,
        Reason.NO_REPLY,
        50,
        101,
    ),
    "without video, and later its password is changed": (
        [UP, bad(MEDIA, Reason.NO_VIDEO, 100), REFUSED],
        State.DOWN,
        Reason.CREDENTIALS,
        50,
        100,
    ),
    "its password is changed, and later it is cut off": (
        [
            UP,
            [one._replace(at=500) if hasattr(one, "_replace") else verdict(500, *one.findings) for one in REFUSED],
            CUT,
        ],
        State.DOWN,
        Reason.TIMEOUT,
        50,
        500,
    ),
    "the password is right again, and the video has not been asked for yet": (
        [UP, REFUSED, back(LOGIN, at=1500)],
        State.UNKNOWN,
        Reason.CREDENTIALS,
        1000,
        1500,
    ),
    "the password is right again": (
        [UP, REFUSED, back(LOGIN, at=1500), ok(STREAM, MEDIA, at=1520)],
        State.UP,
        None,
        1500,
        1520,
    ),
    "up again after an outage": (
        [UP, HUNG, back(CONTROL, STREAM, at=600), back(MEDIA, at=620)],
        State.UP,
        None,
        121,
        620,
    ),
    "degraded": ([UP, bad(CLOCK, Reason.CLOCK, 100)], State.DEGRADED, Reason.CLOCK, 50, 100),
    "degraded by a second fault as well": (
        [UP, bad(CLOCK, Reason.CLOCK, 100), bad(CONTROL, Reason.UNSUPPORTED, 300)],
        State.DEGRADED,
        Reason.UNSUPPORTED,
        50,
        100,
    ),
    "degraded still, by the second fault alone": (
        [UP, bad(CLOCK, Reason.CLOCK, 100), bad(CONTROL, Reason.UNSUPPORTED, 300), back(CLOCK, at=500)],
        State.DEGRADED,
        Reason.UNSUPPORTED,
        50,
        100,
    ),
    "degraded, then in order": (
        [UP, bad(CLOCK, Reason.CLOCK, 100), back(CLOCK, at=300)],
        State.UP,
        None,
        120,
        300,
    ),
    "degraded after an outage, by what failed long before": (
        [UP, bad(CLOCK, Reason.CLOCK, 60), bad(MEDIA, Reason.NO_VIDEO, 100), back(MEDIA, at=300)],
        State.DEGRADED,
        Reason.CLOCK,
        120,
        300,
    ),
    "silent from the first look on": ([bad(REACHABLE, Reason.TIMEOUT, 100)], State.DOWN, Reason.TIMEOUT, -inf, 100),
}


@pytest.mark.parametrize(("story", "state", "reason", "after", "by"), STORIES.values(), ids=STORIES.keys())
def test_since_when(story: list[list[Verdict]], state: State, reason: Reason | None, after: float, by: float) -> None:
    """A state is told with the interval in which it began, and keeps it while it lasts."""
    assert began(told(*story)) == (state, reason, after, by)


def test_unknown_begins_where_patience_ends() -> None:
    """What nobody saw for three of its intervals is unknown from that moment on, not from when it was noticed."""
    assert began(told(UP, now=2000.0)) == (State.UNKNOWN, Reason.STALE, 1850, 1850)


def test_up_after_unknown_begins_when_it_was_seen() -> None:
    """Between the end of unknown and the first answer; not before our first look, which was long ago."""
    fleet = fleets.start(inventory(), Rates())
    for one in UP:
        fleet, _ = step(fleet, [one], one.at)
    fleet, _ = step(fleet, [], 2000.0)
    assert began(told(ok(STREAM, MEDIA, at=3000), fleet=fleet)) == (State.UP, None, 1850, 3000)


def test_an_inventory_that_asks_less_ends_a_state_when_it_comes_into_force() -> None:
    """Without ONVIF nobody asks for the clock any more: the camera is up since then, not since its video came."""
    fleet = fleets.start(inventory(), Rates())
    for one in [*UP, *bad(CLOCK, Reason.CLOCK, 100)]:
        fleet, _ = step(fleet, [one], one.at)
    fleet, _ = step(fleet, [], 500.0)
    fleet = fleets.reload(fleet, inventory(probes=("rtsp", "snmp")))
    assert began(publish(fleet, 0).views["d0c1"]) == (State.UP, None, 500, 500)


@pytest.mark.parametrize("rung", [STREAM, LOGIN])
def test_a_camera_that_is_full_says_so(rung: Rung) -> None:
    """Where DESCRIBE or the login found it full, media was never asked; busy is the reason all the same."""
    busy = verdict(100, Finding(REACHABLE, OK), Finding(rung, UNSEEN, Reason.BUSY, "453", "d0c1"))
    seen = told([busy])
    assert (seen.state, seen.reason, seen.rung) == (State.UNKNOWN, Reason.BUSY, rung)


def test_full_is_told_before_stale() -> None:
    """A camera that streamed and is full now is unknown for that, not for our not having looked."""
    busy = [verdict(at, Finding(STREAM, UNSEEN, Reason.BUSY, "453", "d0c1")) for at in (1900.0, 2000.0)]
    assert told(UP, busy, now=2010.0).reason is Reason.BUSY


def test_when_somebody_last_heard_of_it() -> None:
    """A probe that found nothing came to a finding, and is no answer; one that we could not carry out is neither."""
    seen = told(UP, bad(REACHABLE, Reason.TIMEOUT, 100), [verdict(200, Finding(REACHABLE, UNSEEN, Reason.ABORTED))])
    assert (seen.last_probe, seen.last_answer) == (120, 50)
    assert (told().last_probe, told().last_answer) == (-inf, -inf)


def test_a_camera_without_video_whose_line_is_cut_is_cut_off_since_the_cut() -> None:
    """It did not work before; that something above holds it began with its silence."""
    fleet = fleets.start(inventory(), Rates())
    story = [*bad(MEDIA, Reason.NO_VIDEO, 100), *bad(REACHABLE, Reason.TIMEOUT, 500)]
    for one in story:
        fleet, _ = step(fleet, [one], one.at)
    rungs = fleet.cameras["d0c1"]
    before = fleet.standings["d0c1"]
    assert (before.state, before.by) == (State.DOWN, 100)
    cut_off = stand(before, rungs, rungs, 530.0, {State.UNREACHABLE: (480.0, 500.0)})
    assert (cut_off.state, cut_off.by) == (State.UNREACHABLE, 500)


def test_a_camera_whose_line_is_cut_again_before_its_video_was_asked_for_is_cut_off_since_the_second_cut() -> None:
    """When its video was seen last says nothing of when the line fell: that was seen to be up in between."""
    fleet = fleets.start(inventory(), Rates())
    cut = bad(REACHABLE, Reason.TIMEOUT, 100), back(REACHABLE, at=200), bad(REACHABLE, Reason.TIMEOUT, 300)
    for one in [*ok(REACHABLE, STREAM, MEDIA, at=50), *(one for part in cut for one in part)]:
        fleet, _ = step(fleet, [one], one.at)
    rungs = fleet.cameras["d0c1"]
    cut_off = stand(fleet.standings["d0c1"], rungs, rungs, 330.0, {State.UNREACHABLE: (210.0, 300.0)})
    assert cut_off == (State.UNREACHABLE, 210, 300)


def test_what_a_silence_left_behind_is_no_reason_once_the_device_answers() -> None:
    """Until what failed with it is asked anew and confirmed, no service of it is called silent."""
    well = ok(REACHABLE, STREAM, MEDIA, at=50)
    cut = bad(REACHABLE, Reason.TIMEOUT, 100)
    again = back(REACHABLE, at=200)
    seen = told(well, cut)
    assert (seen.state, seen.is_back, advise(Reason.TIMEOUT, seen.rung, seen.is_back)) == (
        State.DOWN, False, REASONS[Reason.TIMEOUT]
    )  # fmt: skip
    assert advise(Reason.TIMEOUT, STREAM).title == "no RTSP answer"
    seen = told(well, cut, again)
    assert (seen.state, seen.rung, seen.is_back) == (State.UNKNOWN, MEDIA, True)
    assert seen.reason is Reason.BACK
    silent = [verdict(at, Finding(STREAM, OK, camera="d0c1"), _no_video()) for at in (215.0, 225.1)]
    seen = told(well, cut, again, silent)
    assert (seen.state, seen.rung, seen.is_back) == (State.UNKNOWN, MEDIA, True)
    seen = told(well, cut, again, silent, [verdict(235.2, _no_video())])
    assert (seen.reason, seen.is_back) == (Reason.NO_VIDEO, False)


def _no_video() -> Finding:
    return Finding(MEDIA, FAIL, Reason.NO_VIDEO, "", "d0c1")
