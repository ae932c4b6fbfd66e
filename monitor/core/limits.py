"""What protects a device from us: its token buckets and its login lock. Pure; the moment is always an argument."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, NamedTuple

from monitor.core.times import Clock

#: Two refused logins within this window are the most that a device ever sees from us.
LOCK_WINDOW_S = 1800.0
MOST_FAILURES = 2
#: Without new evidence the second login waits this long; a success younger than this makes a refusal "busy".
SECOND_LOGIN_S = 600.0
#: How long the next login waits after so many refusals in a row. A device that never forgets one locks at the fifth,
#: so there are four; a repair that nothing tells of is noticed within the wait that runs.
WAITS_S = (SECOND_LOGIN_S, 1_800.0, 86_400.0, 30 * 86_400.0)


#: A person's word clears the lock of a device once in so long: who says it again and again, with a password that is
#: wrong, would lock an account that bears five wrong logins in an hour.
CLEAR_S = 3600.0


class ClearedAlready(Exception):
    """The lock of a login was cleared not long ago; it may be cleared again ``at`` that moment."""

    def __init__(self, cleared_at: float, at: float) -> None:
        super().__init__()
        self.cleared_at, self.at = cleared_at, at


class Doubt(NamedTuple):
    """A login that was refused and has not worked since: when it was shown last, and when it may be shown next."""

    refused_at: float
    next_at: float

    def told(self, clock: Clock) -> str:
        """Return it in words where one more login has to decide."""
        due = "is due" if self.next_at <= clock.now else f"at {clock.time(self.next_at)[:-3]}"
        return f"login refused at {clock.time(self.refused_at)}, not confirmed; next try {due}"


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
    cleared_at: float | None = None
    """When a person last said that it is right."""
    since: float = 0.0
    """What was refused before this moment counts as refused then, for nobody knows how long before it that was."""

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Login:
        """Return a login as the ledger keeps it; fields that it does not know are left out."""
        known = {name: value for name, value in data.items() if name in cls._fields}
        return cls(tuple(known.pop("failures", None) or ()), **known)

    def allowed(self, now: float, evidence: str) -> bool:
        """Say whether a login may be tried now."""
        return now >= self.next_at(evidence)

    def next_at(self, evidence: str) -> float:
        """Return the moment from which a login may be tried."""
        earliest = -inf
        if len(self.failures) >= MOST_FAILURES:
            earliest = max(self.failures[-MOST_FAILURES], self.since) + LOCK_WINDOW_S
        if self.doubted and evidence == self.evidence:
            earliest = max(earliest, self.failures[-1] + WAITS_S[len(self.in_a_row) - 1])
        return earliest

    def refused(self, now: float, evidence: str) -> Login:
        recent = self.recent(now)
        kept = tuple(at for at in self.failures if at in recent or at in self.in_a_row)
        return self._replace(failures=(*kept, now)[-len(WAITS_S) :], evidence=evidence)

    def accepted(self, now: float) -> Login:
        recent = self.recent(now) if self.failures else ()
        return Login(recent, now, self.evidence, self.cleared_at, self.since)  # written out: it is every login's

    def cleared(self, now: float) -> Login:
        """Return it after a person's word that it is right: the refusals are forgotten but for the newest.

        Raises ClearedAlready. Where nothing is locked there is nothing to clear, and no word is used up.
        """
        if self.next_at(self.evidence or "anything") <= now:  # none: there is a reason to try it already
            return self
        if self.cleared_at is not None and now < self.cleared_at + CLEAR_S:
            raise ClearedAlready(self.cleared_at, self.cleared_at + CLEAR_S)
        return self._replace(failures=self.failures[-1:], evidence="", cleared_at=now)

    def moved(self, by_s: float) -> Login:
        """Return it as another clock tells its moments, which is ahead by so much."""
        succeeded_at = None if self.succeeded_at is None else self.succeeded_at + by_s
        cleared_at = None if self.cleared_at is None else self.cleared_at + by_s
        failures = tuple(at + by_s for at in self.failures)
        return self._replace(failures=failures, succeeded_at=succeeded_at, cleared_at=cleared_at)

    def after_another_boot(self, by_s: float, now: float) -> Login:
        """Return what holds of it where nobody knows how long the machine was off; moments move by ``by_s``, and none
        of them is later than now.
        """
        login = self.moved(by_s)
        newest = max([*login.failures, login.succeeded_at or -inf, login.cleared_at or -inf], default=-inf)
        return login.moved(min(0.0, now - newest))._replace(since=now)

    def encouraged(self) -> Login:
        """Return it with a reason to be tried once more; the refusals still count."""
        return self._replace(evidence="")

    @property
    def in_a_row(self) -> tuple[float, ...]:
        """When it was refused since it last worked; of many, the last few."""
        return tuple(at for at in self.failures if (self.succeeded_at or -inf) <= at)

    def doubt(self, set_s: float) -> Doubt | None:
        """Return what is open about it, as a clock tells it that is ``set_s`` ahead; None where nothing is."""
        if not self.doubted:
            return None
        return Doubt(self.failures[-1] + set_s, self.next_at(self.evidence) + set_s)

    @property
    def doubted(self) -> bool:
        """Whether it was refused since it last worked: the next one that is shown has to tell whether it is right."""
        return bool(self.in_a_row)

    def trusted(self, now: float) -> bool:
        """Say whether it worked, however long ago, and was not refused since within the last window."""
        last = max(self.recent(now), default=-inf)
        return self.succeeded_at is not None and self.succeeded_at > last

    def proven(self, now: float) -> bool:
        """Say whether this login worked so recently that a refusal means that the device is full."""
        return self.succeeded_at is not None and now - self.succeeded_at <= SECOND_LOGIN_S

    def recent(self, now: float) -> tuple[float, ...]:
        """Return when logins were refused within the last window."""
        return tuple(at for at in self.failures if now - max(at, self.since) < LOCK_WINDOW_S)
