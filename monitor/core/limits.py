"""What protects a device from us: its token buckets and its login lock. Pure; the moment is always an argument."""

from __future__ import annotations

from typing import NamedTuple

#: Two refused logins within this window are the most that a device ever sees from us.
LOCK_WINDOW_S = 1800.0
#: Without new evidence the second login waits this long; a success younger than this makes a refusal "busy".
SECOND_LOGIN_S = 600.0
MOST_FAILURES = 2


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
    """When logins were refused, within the last window."""
    succeeded_at: float | None = None
    evidence: str = ""
    """What stood when the last one was refused: another password or a reboot is new evidence."""

    def allowed(self, now: float, evidence: str) -> bool:
        """Say whether a login may be tried now."""
        recent = self._recent(now)
        if len(recent) >= MOST_FAILURES:
            return False
        if not recent or evidence != self.evidence or now >= recent[-1] + SECOND_LOGIN_S:
            return True
        return self.succeeded_at is not None and self.succeeded_at > recent[-1]

    def refused(self, now: float, evidence: str) -> Login:
        return Login((*self._recent(now), now), self.succeeded_at, evidence)

    def accepted(self, now: float) -> Login:
        return Login(self._recent(now), now, self.evidence)

    def proven(self, now: float) -> bool:
        """Say whether this login worked so recently that a refusal means that the device is full."""
        return self.succeeded_at is not None and now - self.succeeded_at <= SECOND_LOGIN_S

    def _recent(self, now: float) -> tuple[float, ...]:
        return tuple(at for at in self.failures if now - at < LOCK_WINDOW_S)
