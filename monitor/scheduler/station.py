"""One device's timetable: what is due next, whether its budget allows it, and what follows from a verdict. No I/O.

Rules (design §6): one TCP conversation at a time; ONVIF, RTSP and SNMP staggered over the interval; a re-check repeats
what failed and no more; nothing is sent that the token buckets do not hold; the first contact is ONVIF, which learns
where the streams are, then RTSP with media. Times are of the monotonic clock, in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from monitor.core.fleet import Rungs
from monitor.core.health import RungHealth, is_doubtful
from monitor.core.limits import SECOND_LOGIN_S, Bucket
from monitor.core.model import Camera, Device
from monitor.core.recheck import Wishes
from monitor.core.schedule import Rates, phase
from monitor.core.survey import SURVEY, Draft
from monitor.core.verdict import Outcome, Reason, Rung, Verdict
from monitor.probes.base import Ask
from monitor.probes.memory import Memory
from monitor.probes.registry import RUNGS
from monitor.scheduler.budget import Buckets

#: Where in its interval each probe stands, as a share of it.
STAGGER = {"onvif": 0.0, "rtsp": 1 / 3, "snmp": 2 / 3}
LIGHT = {
    "onvif": frozenset({Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK}),
    "rtsp": frozenset({Rung.REACHABLE, Rung.STREAM}),
    "snmp": frozenset({Rung.DEVICE, Rung.RECORDING}),
}
LOGIN = frozenset({Rung.CREDENTIALS, Rung.IDENTITY})
MEDIA = frozenset({Rung.STREAM, Rung.MEDIA})
#: Requests that a conversation needs at the least, so that it is not begun without them.
NEED_LIGHT = {"onvif": 1, "rtsp": 2, "snmp": 0}
NEED_LOGIN = 4
NEED_SURVEY = 3
NEED_MEDIA = 5
LOOK_ORDER = ("onvif", "rtsp", "snmp")
#: Requests of the HTTP bucket that only a re-check may take, and the first contact, which has much to learn.
KEPT_FOR_RECHECKS = 1
#: What a survey leaves to the light checks.
KEPT_FROM_SURVEYS = 2
#: What shares the HTTP bucket.
OVER_HTTP = ("onvif", SURVEY)
#: Re-checks of one probe are at least this far apart, whatever is wished.
RECHECK_SPACING_S = 10.0
#: Between two connections: the device has to see the end of the first, or it counts two.
BREATH_S = 0.1
#: First surveys are spread over so many times the wait before them.
SURVEYS_SPREAD = 5


class Job(NamedTuple):
    """A conversation to hold now; ``due`` is since when it could have been held, ``look`` for whose look it is."""

    probe: str
    ask: Ask
    due: float
    look: str = ""


class _Want(NamedTuple):
    """Something due: when, what, and how many requests must be there for it."""

    at: float
    probe: str
    rungs: frozenset[Rung]
    cameras: tuple[Camera, ...]
    need: float
    kept: float = 0.0
    look: str = ""


class _Turn(NamedTuple):
    """A person's look at a camera: since when, and the probes that are still to be held."""

    at: float
    left: tuple[str, ...]


@dataclass(slots=True)
class Station:
    """The timetable of one device. ``cameras`` by rising channel."""

    device: Device
    cameras: tuple[Camera, ...]
    rates: Rates
    memory: Memory
    begins_at: float
    due: dict[str, float] = field(default_factory=dict)
    media_due: dict[str, float] = field(default_factory=dict)
    login_due: float = 0.0
    wishes: dict[tuple[str, Rung, str], float] = field(default_factory=dict)
    busy_now: set[str] = field(default_factory=set)
    """The transports in use: "tcp" for ONVIF and RTSP, "udp" for SNMP."""
    free_since: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    unlearnt: int = 0
    """How often in a row a login worked and a stream's path stayed unknown."""
    dead_since: float | None = None
    earlier: Buckets | None = None
    """What an earlier timetable of this device left of its budgets."""
    ahead_s: float = 0.0
    """By how much the time that login locks live by is ahead of this timetable's clock."""
    _http: Bucket = field(init=False)
    _rtsp: Bucket = field(init=False)
    _looks: dict[str, _Turn] = field(default_factory=dict)
    _busy: dict[str, int] = field(default_factory=dict)
    _played: set[str] = field(default_factory=set)
    """Cameras whose video was asked for and judged at least once."""
    _rotation: int = 0
    survey: Draft = field(default_factory=Draft)
    """What the survey under way has found out."""
    survey_due: float = inf
    """When the next portion of a survey is due; a timetable has none until one is asked for."""
    _survey_asked: bool = False
    _mute: bool = False
    """Whether its ONVIF service fails."""
    _surveys: bool = True
    """Whether a survey may go on: the device answers, and is the right one."""
    _own: Memory = field(init=False)
    """What was known when it was last known who answers."""

    def __post_init__(self) -> None:
        self.due = dict.fromkeys(self.device.probes, self.begins_at)
        self.media_due = dict.fromkeys((camera.id for camera in self.cameras), self.begins_at)
        self.login_due = self.begins_at
        self._own = self.memory
        full = Buckets(Bucket(self.rates.http_burst, -inf), Bucket(self.rates.rtsp_burst, -inf))
        self._http, self._rtsp = self.earlier or full

    @property
    def buckets(self) -> Buckets:
        return Buckets(self._http, self._rtsp)

    # A person's look -----------------------------------------------------------------------------

    def look(self, camera: str, now: float) -> None:
        """Ask all about this camera as soon as the budgets allow: ONVIF first, which tells where its stream is."""
        self._looks[camera] = _Turn(now, tuple(probe for probe in LOOK_ORDER if probe in self.device.probes))

    def look_waits(self, camera: str, now: float) -> tuple[str, float]:
        """Return the probe that a look holds next, and for how many seconds the device's budget keeps it from that."""
        at, probe = min((self._ready_at(want), want.probe) for want in self._look_wants() if want.look == camera)
        return probe, max(0.0, at - now)

    def looking(self, camera: str) -> bool:
        return camera in self._looks

    def _look_wants(self) -> list[_Want]:
        wants = []
        for camera, turn in self._looks.items():
            wants += [self._look_want(camera, turn.at, probe) for probe in turn.left if probe == "snmp"]
            wants += [self._look_want(camera, turn.at, probe) for probe in turn.left if probe != "snmp"][:1]
        return wants

    def _look_want(self, camera: str, at: float, probe: str) -> _Want:
        """Return a probe of a look. ONVIF speaks of all channels, and first learns the stream of the one looked at."""
        own = tuple(one for one in self.cameras if one.id == camera)
        others = () if probe == "rtsp" else tuple(one for one in self.cameras if one.id != camera)
        need = {"onvif": float(NEED_LOGIN), "rtsp": float(NEED_MEDIA), "snmp": 0.0}[probe]
        return _Want(at, probe, RUNGS[probe], own + others, need, 0.0, camera)

    def _looked(self, job: Job) -> None:
        """Take a conversation off a look; a look with none left is over."""
        if job.look in self._looks:
            turn = self._looks.pop(job.look)
            left = tuple(probe for probe in turn.left if probe != job.probe)
            if left:
                self._looks[job.look] = turn._replace(left=left)

    # What comes next -----------------------------------------------------------------------------

    def next_at(self) -> float:
        """Return when something can be done next; infinity while the transports that could do it are in use."""
        return min(map(self._ready_at, self._wants()), default=inf)

    def take(self, now: float) -> Job | None:
        """Return the conversation to begin now, and mark its transport as in use; None where nothing is due."""
        ready = [(self._ready_at(want), want) for want in self._wants()]
        ready = [pair for pair in ready if pair[0] <= now]
        if not ready:
            return None
        at, want = min(ready, key=lambda pair: (pair[1].at, pair[1].probe))
        self.busy_now.add(_transport(want.probe))
        self._settle(want, now)
        level = self._level(want.probe, now)
        requests = int(max(level - want.kept, want.need)) if want.probe != "snmp" else 1 << 30
        if want.probe == "onvif" and Rung.CREDENTIALS in want.rungs:
            requests = max(requests, int(self.rates.http_login))
        first = want.probe not in self.ended_at or bool(want.look)
        since = max(at, self.free_since.get(_transport(want.probe), -inf))
        survey = self.survey if want.probe == SURVEY else None
        ask = Ask(want.rungs, want.cameras or self.cameras, requests, first, survey)
        return Job(want.probe, ask, since, want.look)

    def _free(self, probe: str) -> bool:
        if _transport(probe) in self.busy_now:
            return False
        return not (probe == "rtsp" and self._first_onvif_is_ahead())

    def _first_onvif_is_ahead(self) -> bool:
        return "onvif" in self.device.probes and "onvif" not in self.ended_at

    def _wants(self) -> list[_Want]:
        """Return what is due of those probes whose transport is free."""
        free = [probe for probe in self.device.probes if self._free(probe)]
        wants = [self._regular(probe) for probe in free]
        if "rtsp" in free:
            wants += self._media_wants()
        if "onvif" in free:
            wants += self._survey_wants()
        if self._looks:
            wants += [want for want in self._look_wants() if want.probe in free]
        for (probe, rung, camera), at in self.wishes.items():
            if probe in free:
                earliest = max(at, self.ended_at.get(probe, -inf) + RECHECK_SPACING_S)
                wants.append(self._recheck(probe, rung, camera, earliest))
        return wants

    def _regular(self, probe: str) -> _Want:
        """Return the next light check, with a login where that is due by then."""
        at = self.due[probe]
        rungs, need = LIGHT[probe], float(NEED_LIGHT[probe])
        if probe == "onvif" and self.login_due <= at:
            rungs, need = rungs | LOGIN, float(NEED_LOGIN)
        if probe == "rtsp":
            cameras = self._next_cameras()
            if len(self.cameras) == 1 and self.media_due[cameras[0].id] <= at:
                rungs, need = rungs | MEDIA, float(NEED_MEDIA)
            else:
                need *= len(cameras)
            return _Want(at, probe, rungs, cameras, need)
        kept = KEPT_FOR_RECHECKS if probe == "onvif" and probe in self.ended_at else 0.0
        return _Want(at, probe, rungs, (), need, kept)

    def _next_cameras(self) -> tuple[Camera, ...]:
        """Return the channels whose turn it is."""
        count = min(len(self.cameras), self.rates.channels_at_once)
        doubled = self.cameras + self.cameras
        return doubled[self._rotation : self._rotation + count]

    def _media_wants(self) -> list[_Want]:
        """Return media checks that are conversations of their own: those of a device with several channels."""
        if len(self.cameras) == 1:
            return []
        camera = min(self.cameras, key=lambda one: self.media_due[one.id])
        return [_Want(self.media_due[camera.id], "rtsp", MEDIA, (camera,), NEED_MEDIA)]

    def _survey_wants(self) -> list[_Want]:
        """Return the next portion of the survey; never of a device that is dead, or another one's."""
        known = self._survey_asked or "onvif" in self.ended_at
        if not known or not self._surveys or self.dead_since is not None:
            return []
        return [_Want(self.survey_due, SURVEY, frozenset(), (), NEED_SURVEY, KEPT_FROM_SURVEYS)]

    @property
    def survey_obstacle(self) -> str:
        """Say in a sentence, of "it", why no survey can go on; nothing where one can."""
        if "onvif" not in self.device.probes:
            return "It is not asked over ONVIF, by the inventory's word: a survey has nothing to ask."
        if self.dead_since is not None:
            return "It does not answer: it is surveyed once it does."
        if self._mute:
            return "Its ONVIF service does not answer: it is surveyed once that does."
        if not self._surveys:
            return "Another device may be answering for it: it is surveyed once that is known."
        return ""

    def plan_survey(self) -> None:
        """Plan the first survey: later than the first checks, and well spread."""
        spread_s = SURVEYS_SPREAD * self.rates.survey_after_s
        self.survey_due = self.begins_at + self.rates.survey_after_s + phase(f"{SURVEY}/{self.device.id}", spread_s)

    def begin_survey(self, now: float) -> None:
        """Have the next portion of a survey, or the first one, as soon as the budget allows."""
        self.survey_due, self._survey_asked = now, True

    def surveyed(self, draft: Draft | None, now: float) -> None:
        """Take a portion of the survey in; the next follows in a minute, the next survey in a day."""
        if draft is None:
            return
        if draft.is_over:
            self.survey, self.survey_due = Draft(), now + self.rates.survey_s
        else:
            self.survey, self.survey_due = draft, now + self.rates.light_s

    def _recheck(self, probe: str, rung: Rung, camera: str, at: float) -> _Want:
        cameras = tuple(one for one in self.cameras if one.id == camera)
        if rung is Rung.REACHABLE:
            return _Want(at, probe, frozenset({rung}), cameras, 0.0)
        if rung is Rung.MEDIA:
            return _Want(at, probe, MEDIA, cameras, NEED_MEDIA)
        if rung in LOGIN:
            return _Want(at, probe, LOGIN, cameras, NEED_LOGIN if probe == "onvif" else 2.0)
        return _Want(at, probe, LIGHT[probe], cameras, float(NEED_LIGHT[probe]))

    def _ready_at(self, want: _Want) -> float:
        """Return when its budget allows what is due, and the last connection is seen to be closed."""
        if want.probe == "snmp":
            return want.at
        at = max(want.at, self.free_since.get("tcp", -inf) + BREATH_S)
        if want.need == 0.0:
            return at
        bucket, per_minute, burst = self._bucket(want.probe)
        return bucket.ready_at(want.need + want.kept, max(at, bucket.at), per_minute, burst)

    def _bucket(self, probe: str) -> tuple[Bucket, float, float]:
        if probe in OVER_HTTP:
            return self._http, self.rates.http_per_minute, self.rates.http_burst
        return self._rtsp, self.rates.rtsp_per_minute, self.rates.rtsp_burst

    def _level(self, probe: str, now: float) -> float:
        bucket, per_minute, burst = self._bucket(probe)
        return bucket.level(now, per_minute, burst)

    def _settle(self, want: _Want, now: float) -> None:
        """Take what is about to be asked off the timetable."""
        if want.probe == SURVEY:
            return
        if want == self._regular(want.probe) or self._stands_for_the_regular(want, now):
            self._rotation = (self._rotation + len(want.cameras)) % max(1, len(self.cameras))
            self.due[want.probe] = self._following(want.probe, now)
        if Rung.MEDIA in want.rungs:
            for camera in want.cameras:
                self.media_due[camera.id] = now + self.rates.interval_s(Rung.MEDIA, len(self.cameras))
        asked = {camera.id for camera in want.cameras} | {""}
        self.wishes = {
            key: at
            for key, at in self.wishes.items()
            if not (key[0] == want.probe and key[1] in want.rungs and key[2] in asked)
        }

    def _stands_for_the_regular(self, want: _Want, now: float) -> bool:
        """Whether a look asks all that the regular check would ask now."""
        of_all = want.probe != "rtsp" or len(self.cameras) == 1
        return bool(want.look) and of_all and self.due[want.probe] <= now

    def _following(self, probe: str, now: float) -> float:
        """Return the next turn of a probe: its place in the interval, strictly later than now."""
        dead = self.dead_since is not None and now - self.dead_since > self.rates.dead_after_s
        interval = self.rates.dead_s if dead else self.rates.light_s
        anchor = self.begins_at + STAGGER[probe] * interval
        turns = max(0.0, (now - anchor) // interval + 1)
        following = anchor + turns * interval
        return following if following > now + interval / 6 else following + interval

    def hurry(self, now: float) -> None:
        """Have the regular checks now rather than at their next turn; budgets hold, and so does what is under way."""
        self.due = {probe: min(at, now) for probe, at in self.due.items()}

    def clear_lock(self, now: float) -> bool:
        """Let a login be tried at once, by a person's word; False: none was locked. Raises ClearedAlready."""
        before, self.memory = self.memory, self.memory.cleared(now + self.ahead_s)
        return self.memory != before

    def encourage(self, now: float) -> None:
        """Let a refused login be tried once more: the same one works again elsewhere."""
        self.memory = self.memory._replace(login=self.memory.login.encouraged())
        self.login_due = now
        self.due["onvif"] = min(now, self.due.get("onvif", now))

    def accept(self) -> None:
        """Begin anew with the device that has replaced the one that was known."""
        self.memory = self._own = self.memory.of_another()

    # What follows from a verdict -----------------------------------------------------------------

    def ended(self, job: Job, verdict: Verdict, learnt: Mapping[str, Any], now: float) -> None:
        """Take a finished conversation in: budgets, memory, and when its questions are due again."""
        boots, known = self.memory.boots, len(self.memory.streams)
        if learnt:
            self.memory = self.memory._replace(**learnt)
        self._free_transport(job.probe, now)
        self._looked(job)
        self.ended_at[job.probe] = now
        self._spend(job.probe, verdict.requests, now)
        if job.probe == "onvif" and Rung.CREDENTIALS in job.ask.rungs:
            self.login_due = now + self._login_wait_s(verdict, now, learning=len(self.memory.streams) > known)
        elif any(f.rung is Rung.CREDENTIALS and f.outcome is not Outcome.OK for f in verdict.findings):
            self.login_due = min(self.login_due, now + self._lock_s(now))  # RTSP was refused: ONVIF tells why
        if self.memory.boots != boots or (job.probe == "rtsp" and "lost" in learnt):
            self.login_due = now  # after a reboot, or when a stream is not where it was, the device is asked anew
        if "streams" in learnt and "rtsp" in self.due:
            self._ask_new_streams(now)
        for finding in verdict.findings:
            if finding.rung is Rung.MEDIA and finding.outcome is Outcome.UNSEEN:
                self.media_due[finding.camera] = now + self.rates.light_s
            elif finding.rung is Rung.MEDIA:
                self._played.add(finding.camera)

    def _ask_new_streams(self, now: float) -> None:
        """A stream's path has become known: ask for it now, not at the next turn."""
        self.due["rtsp"] = now
        for camera in self.cameras:
            if camera.id not in self._played:
                self.media_due[camera.id] = now

    def lost(self, job: Job, now: float) -> None:
        """Take a cancelled conversation off the timetable. What it asked is not known, so all of it is spent."""
        self._free_transport(job.probe, now)
        self._looks.pop(job.look, None)
        self._spend(job.probe, job.ask.requests, now)
        self.ended_at.setdefault(job.probe, now)

    def _free_transport(self, probe: str, now: float) -> None:
        self.busy_now.discard(_transport(probe))
        self.free_since[_transport(probe)] = now

    def _spend(self, probe: str, requests: int, now: float) -> None:
        if probe == "snmp":
            return
        bucket, per_minute, burst = self._bucket(probe)
        spent = bucket.take(requests, now, per_minute, burst)
        if probe in OVER_HTTP:
            self._http = spent
        else:
            self._rtsp = spent

    def _login_wait_s(self, verdict: Verdict, now: float, *, learning: bool) -> float:
        """Return when to log in again: hourly when it worked and all is learnt, later after a refusal."""
        outcome, reason = next(
            ((f.outcome, f.reason) for f in verdict.findings if f.rung is Rung.CREDENTIALS), (Outcome.UNSEEN, None)
        )
        if outcome is Outcome.FAIL or reason in (Reason.BUSY, Reason.LOCKED, Reason.CREDENTIALS):
            return self._lock_s(now)
        if outcome is Outcome.UNSEEN:
            return self.rates.light_s
        if self._knows_streams() or "rtsp" not in self.device.probes:
            self.unlearnt = 0
            return self.rates.login_s
        if learning:
            self.unlearnt = 0  # a recorder's many channels take several conversations
            return self.rates.light_s
        self.unlearnt += 1
        return min(self.rates.light_s * 2.0 ** (self.unlearnt - 1), self.rates.login_s)

    def _lock_s(self, now: float) -> float:
        """Return when to ask again where logins are withheld: when that ends, or hourly whether one is needed still."""
        login = self.memory.login
        wait_s = login.next_at(login.evidence) - now - self.ahead_s
        return min(wait_s, self.rates.login_s) if wait_s > 0.0 else SECOND_LOGIN_S

    def _knows_streams(self) -> bool:
        return all(camera.stream or str(camera.channel) in self.memory.streams for camera in self.cameras)

    def told(self, rungs: Mapping[str, Rungs], wishes: Wishes, wall_now: float, now: float) -> None:
        """Take in what the reducer made of the verdicts: what it wishes to be asked again, and who is full or dead."""
        self.wishes = {key: now + (at - wall_now) for key, at in wishes.items()}
        for id_, of_camera in rungs.items():
            busy = max(of_camera[Rung.MEDIA].busy, of_camera[Rung.STREAM].busy)
            if busy > self._busy.get(id_, 0):
                self.media_due[id_] = now + self.rates.busy_wait_s(busy)
            self._busy[id_] = busy
        self.dead_since = (self.dead_since or now) if _all_fail(rungs, Rung.REACHABLE) else None
        self._mute = _all_fail(rungs, Rung.CONTROL)
        self._mind_stranger([of_camera[Rung.IDENTITY] for of_camera in rungs.values()], now)

    def _mind_stranger(self, identities: list[RungHealth], now: float) -> None:
        """Where another device answers, ask often who it is, and keep nothing that it taught: its logins, its paths."""
        doubtful = any(map(is_doubtful, identities))
        if any(identity.outcome is Outcome.FAIL for identity in identities):
            self.login_due = min(self.login_due, now + self.rates.stranger_s)
            self.memory = self._own.beside(self.memory)
        elif doubtful:
            self.memory = self.memory.asking_as(self._own)
        else:
            self._own = self.memory
        self._surveys = not doubtful


def _all_fail(rungs: Mapping[str, Rungs], rung: Rung) -> bool:
    """Say whether a rung fails for all cameras of a device."""
    return bool(rungs) and all(of_camera[rung].outcome is Outcome.FAIL for of_camera in rungs.values())


def _transport(probe: str) -> str:
    return "udp" if probe == "snmp" else "tcp"


def make(
    device: Device,
    cameras: Iterable[Camera],
    rates: Rates,
    memory: Memory,
    now: float,
    spread_s: float,
    earlier: Buckets | None = None,
    ahead_s: float = 0.0,
) -> Station:
    """Return the timetable of a device whose first contact falls within ``spread_s`` from now."""
    return Station(
        device, tuple(cameras), rates, memory, now + phase(device.id, spread_s), earlier=earlier, ahead_s=ahead_s
    )
