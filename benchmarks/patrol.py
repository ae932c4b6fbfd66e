"""A city of paper under watch: the light checks and re-checks of a monitor at its default intervals, without a socket.

Verdicts go through the whole of a monitor's step, once a second. A check that meets silence ends when its time is out,
as a real one does; any other ends when its device has answered. A device that falls silent in the middle of a check was
reached by it, and answers nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count
from math import ceil, inf
from typing import NamedTuple

from monitor.core import fleet as fleets
from monitor.core.canary import NO_CANARIES, Canaries
from monitor.core.diagnosis.watch import Watch
from monitor.core.event import Event
from monitor.core.health import Rungs
from monitor.core.model import Device, Inventory
from monitor.core.recheck import OF_A_CHANNEL, wishes
from monitor.core.schedule import Rates, phase
from monitor.core.verdict import NETWORK_RUNGS, Finding, Outcome, Reason, Rung, Verdict
from monitor.scheduler.station import RECHECK_SPACING_S

#: What a light check finds out, by its probe, in the order in which the three follow each other.
LIGHT: Mapping[str, tuple[Rung, ...]] = {
    "onvif": (Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK),
    "rtsp": (Rung.REACHABLE, Rung.STREAM),
    "snmp": (Rung.DEVICE, Rung.RECORDING),
}
#: What is asked beside that, at longer intervals, and over what.
SELDOM: Mapping[str, tuple[Rung, ...]] = {"onvif": (Rung.CREDENTIALS, Rung.IDENTITY), "rtsp": (Rung.MEDIA,)}
#: What is asked where one rung is asked again, if not all of a light check.
AGAIN: Mapping[Rung, tuple[Rung, ...]] = {
    Rung.REACHABLE: (Rung.REACHABLE,),
    Rung.MEDIA: (Rung.REACHABLE, Rung.STREAM, Rung.MEDIA),
    Rung.CREDENTIALS: (Rung.REACHABLE, Rung.CREDENTIALS),
    Rung.IDENTITY: (Rung.REACHABLE, Rung.IDENTITY),
}
#: How long an answer takes: each device has its own pace. Video is waited for.
ANSWER_S = 0.1
SLOWEST_S = 2.0
VIDEO_S = 1.0
ALL = tuple(Rung)

#: What rungs of a device show, those that are well aside; None: it does not answer at all.
Shown = Mapping[Rung, tuple[Outcome, Reason]] | None
WELL: Shown = {}


class Check(NamedTuple):
    """A question that is due: ``again`` holds the one rung that is asked again, and is empty for a light check, which
    follows its timetable."""

    at: float
    device: str
    probe: str
    again: tuple[Rung, ...] = ()
    camera: str = ""


class Patrol:
    """A watched city. ``shown(device, at)`` is what a device shows to who asks it then."""

    def __init__(
        self, inventory: Inventory, rates: Rates, start: float, shown: Callable[[str, float], Shown] = lambda *_: WELL
    ) -> None:
        """Begin when everything that answers has been seen well once."""
        self.inventory, self.rates, self.now, self.shown = inventory, rates, start, shown
        self.watch = Watch()
        self.fleet, _ = self.watch.begin(fleets.start(inventory, rates), start)
        self.canaries: Canaries = NO_CANARIES
        self._due: list[Check] = []
        self._ended: list[tuple[float, int, Verdict]] = []
        self._again: dict[tuple[str, tuple[str, Rung, str]], None] = {}
        self._followed: dict[tuple[str, str], None] = {}
        self._last: dict[tuple[str, str], float] = {}
        self._numbers = count()
        well = tuple(Finding(rung, Outcome.OK) for rung in ALL)
        answering = [one for one in inventory.devices.values() if shown(one.id, start) is not None]
        self._step([Verdict(one.id, one.vantage, one.probes[0], start, ANSWER_S, well) for one in answering])

    def follow(self, device: str, since: float) -> None:
        """Put the light checks of a device onto the timetable, from a moment on."""
        every_s = self.rates.light_s
        for number, probe in enumerate(LIGHT):
            if (device, probe) in self._followed:
                continue
            self._followed[device, probe] = None
            first = phase(device, every_s) + number * every_s / len(LIGHT)
            heappush(self._due, Check(first + ceil((since - first) / every_s) * every_s, device, probe))

    def goes_on(self, check: Check) -> bool:
        """Say whether the timetable of this light check goes on."""
        return True

    @property
    def idle_until(self) -> float:
        """Until when nothing is asked and no answer is awaited."""
        return min(self._due[0].at if self._due else inf, self._ended[0][0] if self._ended else inf)

    def second(self) -> list[Event]:
        """Let a second pass."""
        self.now += 1.0
        while self._due and self._due[0].at <= self.now:
            self._ask(heappop(self._due))
        heard = []
        while self._ended and self._ended[0][0] <= self.now:
            heard.append(heappop(self._ended)[2])
        return self._step(heard)

    def _step(self, verdicts: list[Verdict]) -> list[Event]:
        self.fleet, events = self.watch.step(self.fleet, verdicts, self.now, self.canaries)
        for id_ in {verdict.device for verdict in verdicts}:
            for wish, at in wishes(self.inventory.devices[id_], self.fleet.cameras).items():
                if (id_, wish) not in self._again:
                    self._again[id_, wish] = None
                    probe, rung, camera = wish
                    spaced = self._last.get((id_, probe), -inf) + RECHECK_SPACING_S
                    heappush(self._due, Check(max(at, spaced, self.now), id_, probe, (rung,), camera))
        return events

    def _ask(self, check: Check) -> None:
        device = self.inventory.devices[check.device]
        if check.again:
            (rung,) = check.again
            rungs = AGAIN.get(rung, LIGHT[check.probe])
            del self._again[check.device, (check.probe, rung, check.camera)]
        else:
            rungs = LIGHT[check.probe] + self._seldom(check, device)
            if self.goes_on(check):
                heappush(self._due, check._replace(at=check.at + self.rates.light_s))
            else:
                del self._followed[check.device, check.probe]
        findings, lasted_s, silent_s = self._found(check, rungs)
        self._last[check.device, check.probe] = check.at + lasted_s
        self.tell(check.device, check.at + lasted_s, findings, check.probe, lasted_s, silent_s)

    def tell(
        self,
        device: str,
        at: float,
        findings: tuple[Finding, ...],
        probe: str = "rtsp",
        lasted_s: float = ANSWER_S,
        silent_s: float = 0.0,
    ) -> None:
        """Let a verdict on a device arrive at a moment."""
        vantage = self.inventory.devices[device].vantage
        verdict = Verdict(device, vantage, probe, at, lasted_s, findings, silent_s=silent_s)
        heappush(self._ended, (at, next(self._numbers), verdict))

    def rungs(self, camera: str) -> Rungs:
        return self.fleet.cameras[camera]

    def _found(self, check: Check, rungs: tuple[Rung, ...]) -> tuple[tuple[Finding, ...], float, float]:
        """Return what a check finds, how long it takes, and for how long at its end nothing more is found well."""
        shown, deadlines = self.shown(check.device, check.at), self.rates.deadlines
        if shown is None and check.probe == "snmp":
            return (Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT),), deadlines.reply_s, 0.0
        if shown is None:
            return (Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),), deadlines.connect_s, 0.0
        lasts_s = self._pace(check.device)
        in_vain_s = deadlines.first_packet_s if Rung.MEDIA in rungs and Rung.MEDIA in shown else 0.0
        lasts_s += in_vain_s or (VIDEO_S if Rung.MEDIA in rungs else 0.0)
        if Rung.REACHABLE in rungs and self.shown(check.device, check.at + lasts_s) is None:
            return (
                tuple(_broken_off(rungs, self._cameras(check))),
                lasts_s + deadlines.reply_s,
                lasts_s + deadlines.reply_s,
            )
        return tuple(_findings(rungs, shown, self._cameras(check))), lasts_s, in_vain_s

    def _cameras(self, check: Check) -> tuple[str, ...]:
        """Return the cameras that a check asks about."""
        return (check.camera,) if check.camera else self.inventory.devices[check.device].cameras

    def _pace(self, device: str) -> float:
        return ANSWER_S + phase(f"{device} answers", 1.0) ** 4 * (SLOWEST_S - ANSWER_S)

    def _seldom(self, check: Check, device: Device) -> tuple[Rung, ...]:
        """Return what this light check asks beside: what has its turn in this minute."""
        minute = int(check.at // self.rates.light_s)
        return tuple(
            rung
            for rung in SELDOM.get(check.probe, ())
            if (minute - int(phase(f"{device.id} {rung}", 1e6))) % (self.rates.interval_s(rung) // self.rates.light_s)
            == 0
        )


def _findings(
    rungs: tuple[Rung, ...], shown: Mapping[Rung, tuple[Outcome, Reason | None]], cameras: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield what is found: of a device once, of its channels for each that was asked about."""
    for rung in rungs:
        outcome, reason = shown.get(rung, (Outcome.OK, None))
        for camera in cameras if rung in OF_A_CHANNEL else ("",):
            yield Finding(rung, outcome, reason, "", camera)


def _broken_off(rungs: tuple[Rung, ...], cameras: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is found of a device that takes a connection and falls silent: it was there, and then timed out."""
    mute = dict.fromkeys(rungs, (Outcome.FAIL, Reason.TIMEOUT)) | {Rung.REACHABLE: (Outcome.OK, None)}
    return _findings(tuple(rung for rung in rungs if rung in (Rung.REACHABLE, *NETWORK_RUNGS)), mute, cameras)
