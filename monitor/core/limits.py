"""What protects a device from us: its token buckets and its login lock. Pure; the moment is always an argument."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

#: Two refused logins within this window are the most that a device ever sees from us.
LOCK_WINDOW_S = 1800.0
MOST_FAILURES = 2
#: Without new evidence the second login waits this long; a success younger than this makes a refusal "busy".
SECOND_LOGIN_S = 600.0
#: How long the next login waits after so many refusals in a row. A device that never forgets one locks at the fifth,
#: so there are four; a repair that nothing tells of is noticed within the wait that runs.
WAITS_S = (SECOND_LOGIN_S, 1_800.0, 86_400.0, 30 * 86_400.0)


class Bucket(NamedTuple):
    """A token bucket: ``tokens`` at the moment ``at``."""

    tokens: float
    at: float

    def level(self, now: float, per_minute: float, burst: float) -> float:
        return min(burst, self.tokens + max(0.0, now - self.at) * per_minute / 60.0)

    def take(self, count: float, now: float, per_minute: float, burst: float) -> Bucket:
        """Return the bucket after ``count`` requests; it may go below zero, which the next ones wait off."""
        return Bucket(self.level(now, per_minute, burst) - count, now)

    def ready_at(self, count: float, now: float, per_minute: float, burst: float) -> float:
        """Return the moment from which ``count`` requests may be sent."""
        missing = min(count, burst) - self.level(now, per_minute, burst)
        return now if missing <= 0 else now + missing * 60.0 / per_minute


class Login(NamedTuple):
    """What is known of our logins at one device with one account; kept over restarts."""

    failures: tuple[float, ...] = ()
    """When logins were refused: those of the last window, and of a row the last few."""
    succeeded_at: float | None = None
    evidence: str = ""
    """What stood when the last one was refused: another password or a reboot is a reason to try once more."""

    def allowed(self, now: float, evidence: str) -> bool:
        """Say whether a login may be tried now."""
        return now >= self.next_at(evidence)

    def next_at(self, evidence: str) -> float:
        """Return the moment from which a login may be tried."""
        earliest = -inf
        if len(self.failures) >= MOST_FAILURES:
            earliest = self.failures[-MOST_FAILURES] + LOCK_WINDOW_S
        if self.doubted and evidence == self.evidence:
            earliest = max(earliest, self.failures[-1] + WAITS_S[len(self.in_a_row) - 1])
        return earliest

    def refused(self, now: float, evidence: str) -> Login:
        kept = tuple(at for at in self.failures if now - at < LOCK_WINDOW_S or at in self.in_a_row)
        return Login((*kept, now)[-len(WAITS_S) :], self.succeeded_at, evidence)

    def accepted(self, now: float) -> Login:
        return Login(self.recent(now), now, self.evidence)

    def cleared(self) -> Login:
        """Return it after a person's word that it is right: the refusals are forgotten but for the newest."""
        return Login(self.failures[-1:], self.succeeded_at)

    def encouraged(self) -> Login:
        """Return it with a reason to be tried once more; the refusals still count."""
        return self._replace(evidence="")

    @property
    def in_a_row(self) -> tuple[float, ...]:
        """When it was refused since it last worked; of many, the last few."""
        return tuple(at for at in self.failures if (self.succeeded_at or -inf) <= at)

    @property
    def doubted(self) -> bool:
        """Whether it was refused since it last worked: the next one that is shown has to tell whether it is right."""
        return bool(self.in_a_row)

    def trusted(self, now: float) -> bool:
        """Say whether it worked, however long ago, and was not refused since within the last window."""
        last = max((at for at in self.failures if now - at < LOCK_WINDOW_S), default=-inf)
        return self.succeeded_at is not None and self.succeeded_at > last

    def proven(self, now: float) -> bool:
        """Say whether this login worked so recently that a refusal means that the device is full."""
        return self.succeeded_at is not None and now - self.succeeded_at <= SECOND_LOGIN_S

    def recent(self, now: float) -> tuple[float, ...]:
        """Return when logins were refused within the last window."""
        return tuple(at for at in self.failures if now - at < LOCK_WINDOW_S)
