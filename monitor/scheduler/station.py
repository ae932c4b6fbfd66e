"""One device's timetable: what is due next, whether its budget allows it, and what follows from a verdict. No I/O.

Rules (design §6): one TCP conversation at a time; ONVIF, RTSP and SNMP staggered over the interval; a re-check repeats
what failed and no more, and none follows where something that lasts keeps us from asking; nothing is sent that the
token buckets do not hold; the first contact is ONVIF, which learns where the streams are, then RTSP with media. Times
are of the monotonic clock, in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from monitor.core.limits import SECOND_LOGIN_S, Bucket
from monitor.core.model import Camera, Device
from monitor.core.schedule import Rates, phase
from monitor.core.survey import SURVEY, Draft
from monitor.core.verdict import Outcome, Reason, Rung, Verdict
from monitor.probes import trust
from monitor.probes.base import Ask
from monitor.probes.memory import Memory
from monitor.scheduler import want
from monitor.scheduler.assignment import Assignment
from monitor.scheduler.barred import Barred, barred
from monitor.scheduler.budget import Buckets
from monitor.scheduler.told import Told
from monitor.scheduler.want import LATER, PORTION, STREAM_AND_VIDEO, Due, Want, moment, moment_and_probe

#: Where in its interval each probe stands, as a share of it.
STAGGER = {"onvif": 0.0, "rtsp": 1 / 3, "snmp": 2 / 3}
#: What a probe occupies while it is held.
TRANSPORTS = {"onvif": "tcp", SURVEY: "tcp", "rtsp": "tcp", "snmp": "udp"}
#: What shares the HTTP bucket.
OVER_HTTP = ("onvif", SURVEY)
LOOK_ORDER = ("onvif", "rtsp", "snmp")
#: Re-checks of one probe are at least this far apart, whatever is wished.
RECHECK_SPACING_S = 10.0
#: Between two connections: the device has to see the end of the first, or it counts two.
BREATH_S = 0.1
#: First surveys are spread over so many times the wait before them.
SURVEYS_SPREAD = 5


class Job(NamedTuple):
    """A conversation to hold now; ``look`` says for whose look it is."""

    probe: str
    ask: Ask
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
    _busy: Mapping[str, int] = field(default_factory=dict)
    _played: set[str] = field(default_factory=set)
    """Cameras whose video was asked for and judged at least once."""
    _barred: Barred = frozenset()
    _failing: set[str] = field(default_factory=set)
    """Probes whose newest look found something failing."""
    _rotation: int = 0
    survey: Draft = field(default_factory=Draft)
    """What the survey under way has found out."""
    survey_due: float = inf
    """When the next portion of a survey is due; a timetable has none until one is asked for."""
    _survey_asked: bool = False
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
        at, probe = min((self._ready_at(one), one[1].probe) for one in self._look_wants() if one[1].look == camera)
        return probe, max(0.0, at - now)

    def looking(self, camera: str) -> bool:
        return camera in self._looks

    def _look_wants(self) -> list[Due]:
        wants = []
        for camera, turn in self._looks.items():
            wants += [self._look_want(camera, turn.at, probe) for probe in turn.left if probe == "snmp"]
            wants += [self._look_want(camera, turn.at, probe) for probe in turn.left if probe != "snmp"][:1]
        return wants

    def _look_want(self, camera: str, at: float, probe: str) -> Due:
        """Return a probe of a look. ONVIF speaks of all channels, and first learns the stream of the one looked at."""
        own = tuple(one for one in self.cameras if one.id == camera)
        others = () if probe == "rtsp" else tuple(one for one in self.cameras if one.id != camera)
        return at, want.look(probe, own + others, camera)

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
        earliest = inf
        for due in sorted(self._wants(), key=moment):
            if due[0] >= earliest:
                break
            earliest = min(earliest, self._ready_at(due))
        return earliest

    def take(self, now: float) -> Job | None:
        """Return the conversation to begin now, and mark its transport as in use; None where nothing is due."""
        ready = [one for one in self._wants() if one[0] <= now and self._ready_at(one) <= now]
        if not ready:
            return None
        due = min(ready, key=moment_and_probe)
        probe, rungs, cameras, _, _, look = wanted = due[1]
        self._settle(due, now)
        self.busy_now.add(TRANSPORTS[probe])
        first = probe not in self.ended_at or bool(look)
        survey = self.survey if probe == SURVEY else None
        ask = Ask(rungs, cameras or self.cameras, self._requests(wanted, now), first, survey)
        return Job(probe, ask, look)

    def _requests(self, wanted: Want, now: float) -> int:
        """Return how many requests a conversation may send."""
        if wanted.probe == "snmp":
            return 1 << 30
        left = int(max(self._level(wanted.probe, now) - wanted.kept, wanted.need))
        logs_in = wanted.probe == "onvif" and Rung.CREDENTIALS in wanted.rungs
        return max(left, int(self.rates.http_login)) if logs_in else left

    def _free(self) -> list[str]:
        """Return the probes that could be held now."""
        free = [probe for probe in self.device.probes if TRANSPORTS[probe] not in self.busy_now]
        if "rtsp" in free and self._first_onvif_is_ahead():
            free.remove("rtsp")
        return free

    def _first_onvif_is_ahead(self) -> bool:
        return "onvif" in self.device.probes and "onvif" not in self.ended_at

    def _wants(self) -> list[Due]:
        """Return what is due, and when, of those probes whose transport is free."""
        free = self._free()
        wants = [self._regular(probe) for probe in free]
        if "rtsp" in free and len(self.cameras) > 1:
            wants.append(self._media_want())
        if "onvif" in free and self._may_survey():
            wants.append((self.survey_due, PORTION))
        if self._looks:
            wants += [one for one in self._look_wants() if one[1].probe in free]
        for (probe, rung, camera), at in self.wishes.items():
            if probe in free:
                cameras = tuple(one for one in self.cameras if one.id == camera)
                earliest = max(at, self.ended_at.get(probe, -inf) + RECHECK_SPACING_S)
                wants.append((earliest, want.recheck(probe, rung, cameras)))
        return wants

    def _regular(self, probe: str) -> Due:
        """Return the next light check, with a login where that is due by then, or with the video.

        After a look that found something failing it lets a re-check go first: it would take that one's place, and being
        too soon count for nothing.
        """
        at = self.due[probe]
        if probe in self._failing:
            at = max(at, self.ended_at[probe] + min(RECHECK_SPACING_S + BREATH_S, self.rates.light_s))
        if probe != "rtsp":
            return at, want.light(probe, probe not in self.ended_at, probe == "onvif" and self.login_due <= at)
        if len(self.cameras) == 1:
            return at, STREAM_AND_VIDEO if self.media_due[self.cameras[0].id] <= at + BREATH_S else LATER[probe]
        return at, want.turn(self._next_cameras())

    def _next_cameras(self) -> tuple[Camera, ...]:
        """Return the channels whose turn it is."""
        count = min(len(self.cameras), self.rates.channels_at_once)
        doubled = self.cameras + self.cameras
        return doubled[self._rotation : self._rotation + count]

    def _media_want(self) -> Due:
        """Return the next media check of a device with several channels."""
        camera = min(self.cameras, key=lambda one: self.media_due[one.id])
        return self.media_due[camera.id], want.video(camera)

    def _may_survey(self) -> bool:
        """Whether a portion of a survey may be due: never of a device that is dead, or another one's."""
        known = self._survey_asked or "onvif" in self.ended_at
        return known and self._surveys and self.dead_since is None

    def plan_survey(self, surveyed_at: float = -inf) -> None:
        """Plan the first survey: later than the first checks, well spread, and a day after the last one."""
        spread_s = SURVEYS_SPREAD * self.rates.survey_after_s
        first = self.begins_at + self.rates.survey_after_s + phase(f"{SURVEY}/{self.device.id}", spread_s)
        self.survey_due = max(first, surveyed_at + self.rates.survey_s)

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

    def _ready_at(self, due: Due) -> float:
        """Return when its budget allows what is due, and the last connection is seen to be closed."""
        at, (probe, _, _, need, kept, _) = due
        if probe == "snmp":
            return at
        at = max(at, self.free_since.get("tcp", -inf) + BREATH_S)
        if need == 0.0:
            return at
        bucket, per_minute, burst = self._bucket(probe)
        return bucket.ready_at(need + kept, max(at, bucket.at), per_minute, burst)

    def _bucket(self, probe: str) -> tuple[Bucket, float, float]:
        if probe in OVER_HTTP:
            return self._http, self.rates.http_per_minute, self.rates.http_burst
        return self._rtsp, self.rates.rtsp_per_minute, self.rates.rtsp_burst

    def _level(self, probe: str, now: float) -> float:
        bucket, per_minute, burst = self._bucket(probe)
        return bucket.level(now, per_minute, burst)

    def _settle(self, due: Due, now: float) -> None:
        """Take what is about to be asked off the timetable."""
        wanted = due[1]
        if wanted.probe == SURVEY:
            return
        if due == self._regular(wanted.probe) or self._stands_for_the_regular(wanted, now):
            self._rotation = (self._rotation + len(wanted.cameras)) % max(1, len(self.cameras))
            self.due[wanted.probe] = self._following(wanted.probe, now)
        if Rung.MEDIA in wanted.rungs:
            turn = max(due[0], now - self.rates.light_s)  # from when it came on, each would be a light check later
            for camera in wanted.cameras or self.cameras:
                self.media_due[camera.id] = turn + self.rates.interval_s(Rung.MEDIA, len(self.cameras))
        if self.wishes:
            asked = {camera.id for camera in wanted.cameras or self.cameras} | {""}
            self.wishes = {
                key: at
                for key, at in self.wishes.items()
                if not (key[0] == wanted.probe and key[1] in wanted.rungs and key[2] in asked)
            }

    def _stands_for_the_regular(self, wanted: Want, now: float) -> bool:
        """Whether a look asks all that the regular check would ask now."""
        of_all = wanted.probe != "rtsp" or len(self.cameras) == 1
        return bool(wanted.look) and of_all and self.due[wanted.probe] <= now

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

    def accept(self, now: float) -> None:
        """Begin anew, and soon, with the device that has replaced the one that was known."""
        self.memory = self._own = self.memory.of_another()
        self.login_due = now
        self.hurry(now)

    def trust(self, by: str, at: float) -> None:
        """Take the certificate and the login that the device shows now as right, by a person's word."""
        self.memory, _ = trust.accepted(self.device, self.memory, by, at)

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
        self._failing.discard(job.probe)
        self._barred = barred(self._barred, job.probe, verdict.findings)
        for finding in verdict.findings:
            if finding.outcome is Outcome.FAIL:
                self._failing.add(job.probe)
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
        self.busy_now.discard(TRANSPORTS[probe])
        self.free_since[TRANSPORTS[probe]] = now

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

    def told(self, told: Told, wall_now: float, now: float) -> None:
        """Take in what the reducer made of the verdicts: what it wishes to be asked again, and who is full or dead."""
        self.wishes = {key: now + (at - wall_now) for key, at in told.wishes.items() if key not in self._barred}
        for id_, busy in told.busy.items():
            if busy > self._busy.get(id_, 0):
                self.media_due[id_] = now + self.rates.busy_wait_s(busy)
        self._busy = told.busy
        self.dead_since = (self.dead_since or now) if told.is_dead else None
        self._mind_stranger(told, now)
        if told.ask_mac and not self.memory.ask_mac:
            self.memory = self.memory._replace(ask_mac=True)

    def _mind_stranger(self, told: Told, now: float) -> None:
        """Where another device answers, ask often who it is, and keep nothing that it taught: its logins, its paths."""
        if told.is_stranger:
            self.login_due = min(self.login_due, now + self.rates.stranger_s)
            self.memory = self._own.beside(self.memory)
        elif told.is_doubtful:
            self.memory = self.memory.asking_as(self._own)
        else:
            self._own = self.memory
        self._surveys = not told.is_doubtful


def make(assigned: Assignment, rates: Rates, now: float, ahead_s: float = 0.0) -> Station:
    """Return the timetable of a device whose first contact falls within the rates' ``spread_s`` from now."""
    device, cameras, memory, buckets, _ = assigned
    begins_at = now + phase(device.id, rates.spread_s)
    return Station(device, cameras, rates, memory, begins_at, earlier=buckets, ahead_s=ahead_s)
