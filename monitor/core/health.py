"""Hysteresis of one rung: when an observation becomes a confirmed outcome.

Rules:
1. Two counters, failures in a row and successes in a row; what kind of failure it was never resets one.
2. An observation counts only if its probe began ``spacing_s`` after the end of the last one counted; others only say
   that the rung was seen. Re-checks are placed so that they count.
3. From ``unseen`` or ``n/a`` the first success confirms. A failure is confirmed by ``failures`` in a row, a recovery
   by ``successes`` in a row.
4. Unseen is neither: it touches no counter. A rung stays what it was until ``expire`` says that it was unseen too long.
5. A failure that the device's silence implies, or that was found during it, says nothing of the rung itself: when it
   was seen failing since is kept beside it (``again``), and is confirmed like any other failure. So is a silence that
   follows an answer which did not confirm a recovery.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from monitor.core.verdict import REASONS, Outcome, Reason, Rung

#: Timers are not exact: an observation this much early still counts as spaced.
SLACK_S = 0.5


class Confirmation(NamedTuple):
    """How many observations in a row confirm, and how far apart they must be."""

    failures: int = 3
    successes: int = 2
    spacing_s: float = 10.0


DEFAULT = Confirmation()
#: One refused login is sure, and a second would risk the account; a serial number does not err either.
AT_ONCE = Confirmation(failures=1)
CONFIRMATIONS: tuple[Confirmation, ...] = tuple(
    AT_ONCE if rung in (Rung.CREDENTIALS, Rung.IDENTITY) else DEFAULT for rung in Rung
)


class RungHealth(NamedTuple):
    """One rung of one camera: the confirmed fact (first five fields) and the counters that lead to the next one.

    The confirmed outcome began within (``after``, ``by``]; ``after`` is -inf where nothing was known before. Times are
    seconds since the epoch.
    """

    outcome: Outcome = Outcome.UNSEEN
    reason: Reason | None = None
    detail: str = ""
    after: float = -inf
    by: float = -inf
    last_ok: float = -inf
    last_fail: float = -inf
    failures: int = 0
    successes: int = 0
    streak_from: float = -inf
    """End of the first observation of the running streak against the confirmed outcome, or its reason."""
    counted_at: float = -inf
    busy: int = 0
    """Attempts in a row that found the device full."""
    rival: Reason | None = None
    """A failing rung's newest other reason, and how often in a row it was seen."""
    rival_count: int = 0
    again: float = -inf
    """When it was first seen failing since the device's last silence, or for its newest reason; inf: not yet."""

    @property
    def failing_since(self) -> float:
        """Since when a failing rung was seen failing itself, while the device could be reached; inf: not confirmed."""
        return inf if self.failures else max(self.by, self.again)

    @property
    def last_seen(self) -> float:
        return max(self.last_ok, self.last_fail)

    @property
    def pending(self) -> bool:
        """Whether a streak against the confirmed outcome is running."""
        if self.outcome is Outcome.FAIL:
            return self.successes > 0
        return self.failures > 0

    @property
    def unsettled(self) -> bool:
        """Whether a streak against the confirmed outcome or its reason, or one that confirms anew what failed before a
        silence, is running, so that a re-check is due."""
        return self.pending or self.rival_count > 0 or self.failures > 0

    def fact(self) -> tuple[Outcome, Reason | None, float, float]:
        return (self.outcome, self.reason, self.after, self.by)


def is_news(before: RungHealth, now: RungHealth) -> bool:
    """Say whether a rung's confirmed fact is another one."""
    return (
        before.outcome is not now.outcome
        or before.reason is not now.reason
        or before.after != now.after
        or before.by != now.by
    )


UNSEEN = RungHealth()
_made = tuple.__new__

#: What is known of one camera: its rungs by their index.
Rungs = tuple[RungHealth, ...]
NEVER_SEEN: Rungs = (UNSEEN,) * len(Rung)
NOT_ASKED = RungHealth(Outcome.NA)


def observe(
    health: RungHealth,
    outcome: Outcome,
    reason: Reason | None,
    detail: str,
    began: float,
    at: float,
    rule: Confirmation = DEFAULT,
) -> RungHealth:
    """Return the rung after one observation that began and ended at these times."""
    if outcome is Outcome.OK:
        return _success(health, detail, began, at, rule)
    if outcome is Outcome.FAIL:
        return _failure(health, reason, detail, began, at, rule)
    if outcome is Outcome.NA:
        if health.outcome is Outcome.NA:
            return health
        return RungHealth(Outcome.NA, reason, detail, health.last_seen, at)
    return _unseen(health, reason, detail, at)


def seen_well(health: RungHealth, detail: str, good_at: float, at: float) -> RungHealth:
    """Return a rung that is well, and was so once more: at ``good_at``, by an observation that ended at ``at``.

    Written out: nearly every observation is one of these.
    """
    outcome, reason, _, after, by, _, last_fail, _, successes, streak, _, _, rival, count, again = health
    now = (outcome, reason, detail, after, by, good_at, last_fail, 0, successes, streak, at, 0, rival, count, again)
    return _made(RungHealth, now)


def good_until(health: RungHealth, before: RungHealth, good_at: float) -> RungHealth:
    """Return a rung after an observation, last seen well at ``good_at`` where it was just now: the device may have died
    right after that. ``before``: what it was."""
    if health.last_ok <= good_at:
        return health
    return health._replace(last_ok=max(before.last_ok, good_at))


def _success(health: RungHealth, detail: str, began: float, at: float, rule: Confirmation) -> RungHealth:
    if health.outcome is Outcome.OK:
        return seen_well(health, detail, at, at)
    if health.outcome is not Outcome.FAIL:
        return RungHealth(Outcome.OK, None, detail, health.last_seen, at, at, health.last_fail, counted_at=at)
    if health.successes and began < health.counted_at + rule.spacing_s - SLACK_S:
        return health._replace(last_ok=at)
    streak_from = health.streak_from if health.successes else at
    if health.successes + 1 >= rule.successes:
        return RungHealth(Outcome.OK, None, detail, health.last_fail, streak_from, at, health.last_fail, counted_at=at)
    back = health._replace(last_ok=at, counted_at=at, successes=health.successes + 1, streak_from=streak_from, busy=0)
    return back._replace(failures=0, again=inf) if health.failures else back


def _failure(
    health: RungHealth, reason: Reason | None, detail: str, began: float, at: float, rule: Confirmation
) -> RungHealth:
    if health.outcome is Outcome.FAIL:
        return _still_failing(health, reason, detail, began, at, rule)
    if health.failures and began < health.counted_at + rule.spacing_s - SLACK_S:
        return health._replace(last_fail=at)
    streak_from = health.streak_from if health.failures else at
    if health.failures + 1 >= rule.failures:
        return RungHealth(Outcome.FAIL, reason, detail, health.last_ok, streak_from, health.last_ok, at, counted_at=at)
    return health._replace(last_fail=at, counted_at=at, failures=health.failures + 1, streak_from=streak_from, busy=0)


def _still_failing(
    health: RungHealth, reason: Reason | None, detail: str, began: float, at: float, rule: Confirmation
) -> RungHealth:
    """A failing rung fails again; another reason replaces the confirmed one when it was seen as often in a row."""
    same = _seen_again(health, began, at, rule)._replace(last_fail=at, successes=0, busy=0)
    if reason is health.reason:
        return same._replace(detail=detail, rival=None, rival_count=0)
    if health.rival_count and began < health.counted_at + rule.spacing_s - SLACK_S:
        return same._replace(counted_at=health.counted_at)
    count, since = (health.rival_count + 1, health.streak_from) if reason is health.rival else (1, at)
    if count >= rule.failures:
        return same._replace(reason=reason, detail=detail, rival=None, rival_count=0, again=since)
    return same._replace(rival=reason, rival_count=count, streak_from=since)


def _seen_again(health: RungHealth, began: float, at: float, rule: Confirmation) -> RungHealth:
    """Count a failure after the device's silence, until as many in a row have confirmed it as any other."""
    if health.again == inf:
        return health._replace(counted_at=at, again=at, failures=1 % rule.failures)
    if health.failures and began < health.counted_at + rule.spacing_s - SLACK_S:
        return health
    return health._replace(counted_at=at, failures=(health.failures + 1) % rule.failures if health.failures else 0)


def _unseen(health: RungHealth, reason: Reason | None, detail: str, at: float) -> RungHealth:
    if reason is Reason.BUSY:
        health = health._replace(busy=health.busy + 1)
    if health.outcome is not Outcome.UNSEEN or reason is None or reason is health.reason:
        return health
    kept = reason is Reason.BUDGET if health.reason is Reason.BACK else REASONS[reason].ours
    if kept and health.reason is not None:
        return health
    return health._replace(reason=reason, detail=detail)


def withheld(health: RungHealth, detail: str, at: float) -> RungHealth:
    """Return the rung ``credentials`` where no login is tried, because it was refused: what failed last stands."""
    if health.outcome is Outcome.FAIL and health.reason is Reason.CREDENTIALS:
        return health._replace(counted_at=at)
    if health.outcome is Outcome.FAIL:
        return health._replace(reason=Reason.CREDENTIALS, detail=detail, counted_at=at)
    if health.outcome is Outcome.UNSEEN and health.last_fail > health.last_ok:
        fact = RungHealth(Outcome.FAIL, Reason.CREDENTIALS, detail, health.last_seen, at)
        return fact._replace(last_ok=health.last_ok, last_fail=health.last_fail, counted_at=at)
    return _unseen(health, Reason.LOCKED, detail, at)


def hide(health: RungHealth, reason: Reason, at: float) -> RungHealth:
    """Return the rung as unseen from ``at`` on, because another rung's failure hides it."""
    if health.outcome in (Outcome.NA, Outcome.UNSEEN):
        return _unseen(health, reason, "", at)
    return RungHealth(
        Outcome.UNSEEN, reason, "", health.last_seen, at, health.last_ok, health.last_fail, busy=health.busy
    )


def disown(health: RungHealth, sure_until: float, at: float) -> RungHealth:
    """Return the rung as unseen since ``sure_until``: what was found later was another device's."""
    if health.outcome is Outcome.NA or (health.outcome is Outcome.UNSEEN and health.last_ok <= sure_until):
        return _unseen(health, Reason.IDENTITY, "", at)
    last_ok, last_fail = min(health.last_ok, sure_until), min(health.last_fail, sure_until)
    return RungHealth(Outcome.UNSEEN, Reason.IDENTITY, "", sure_until, at, last_ok, last_fail)


def doubt(health: RungHealth, detail: str, at: float) -> RungHealth:
    """Return the rung ``identity`` where a hint changed: who answers is to be asked soon."""
    if health.outcome is Outcome.FAIL:
        return health._replace(rival=Reason.IDENTITY, rival_count=1)
    return RungHealth(
        Outcome.UNSEEN,
        Reason.IDENTITY,
        detail,
        health.last_ok,
        at,
        health.last_ok,
        health.last_fail,
        counted_at=at - DEFAULT.spacing_s,  # it is asked at once
        rival=Reason.IDENTITY,
        rival_count=1,
    )


def is_doubtful(health: RungHealth) -> bool:
    """Whether it is open who answers, or known that it is another device: the rung ``identity``."""
    return health.reason is Reason.IDENTITY


def is_unanswered(health: RungHealth) -> bool:
    """Whether who answers was asked because of a doubt, and stayed open."""
    return health.outcome is Outcome.UNSEEN and health.reason is Reason.IDENTITY and not health.rival_count


def asked(health: RungHealth) -> RungHealth:
    """Return a rung about which nothing was found out when it was asked again: the next regular question will tell."""
    return health._replace(rival=None, rival_count=0) if health.rival_count else health


def forgiven(health: RungHealth) -> RungHealth:
    """Return a rung without the failures that are not confirmed: it turned out that the monitor could not look."""
    if not health.failures:
        return health
    if health.outcome is Outcome.FAIL:
        return silenced(health)
    return health._replace(last_fail=min(health.last_fail, health.last_ok), failures=0, streak_from=-inf)


def imply_failure(health: RungHealth, cause: RungHealth) -> RungHealth:
    """Return the rung as failed because ``cause``, a rung it depends on, is a confirmed failure.

    One that failed already goes on failing since it began, but for the cause's reason: whoever repairs the rung alone
    repairs nothing. When the cause is well again, a reason of its own is confirmed like any other. Successes before
    the cause failed once more are none in a row; those since stand, so that both recover together.
    """
    if health.outcome is Outcome.NA:
        return health
    if health.outcome is Outcome.FAIL:
        return health._replace(
            reason=cause.reason,
            detail=cause.detail,
            last_fail=max(health.last_fail, cause.last_fail),
            successes=0 if cause.last_fail >= health.streak_from else health.successes,
            rival=None,
            rival_count=0,
            failures=0,
            again=inf,
        )
    after = health.last_ok if health.last_ok < cause.by else cause.after
    return RungHealth(
        Outcome.FAIL,
        cause.reason,
        cause.detail,
        after,
        cause.by,
        health.last_ok,
        cause.last_fail,
        counted_at=cause.counted_at,
        again=inf,
    )


def outlived(health: RungHealth, network: RungHealth) -> bool:
    """Whether a failure is older than the reachability of now (``network``): it says nothing about how it is now."""
    return health.outcome is Outcome.FAIL and network.outcome is Outcome.OK and health.last_fail < network.by


def is_awaited(health: RungHealth, network: RungHealth) -> bool:
    """Whether a rung failed when its device was last silent, and nobody has looked since the device is back."""
    if _is_put_off(health):
        return network.outcome is Outcome.OK and health.last_seen < network.by
    return outlived(health, network)


def _is_put_off(health: RungHealth) -> bool:
    return health.outcome is Outcome.UNSEEN and health.reason is Reason.BACK


def put_off(health: RungHealth, at: float) -> RungHealth:
    """Return a rung that failed with its device, which is back at ``at``: it is unseen until it is asked; where it was
    asked meanwhile and found well, that is enough, as it is from unseen.
    """
    if health.outcome is not Outcome.FAIL or health.again < inf:
        return health
    if health.successes:
        fact = RungHealth(Outcome.OK, None, "", health.last_fail, health.streak_from, health.last_ok, health.last_fail)
        return fact._replace(counted_at=health.counted_at)
    return hide(health, Reason.BACK, at)


def silenced(health: RungHealth) -> RungHealth:
    """Return a rung that the device's silence does not imply, but may explain: it is to be seen failing again."""
    return health._replace(failures=0, again=inf) if health.outcome is Outcome.FAIL else health


def is_of_before(health: RungHealth, network: RungHealth) -> bool:
    """Whether a rung's reason is of a silence that is over: its device answers again, or answers it otherwise."""
    return (
        _is_put_off(health)
        or outlived(health, network)
        or (health.outcome is Outcome.FAIL and health.reason is Reason.TIMEOUT and health.rival_count > 0)
    )


def lasts_until(health: RungHealth, limit_s: float) -> float:
    """Return until when the rung stands if nobody sees it again: ``limit_s`` after it was seen last; inf: for ever.

    Another device stays one until it is gone, and a refused login stands for as long as that is why none is tried.
    """
    if health.reason is Reason.IDENTITY or health.outcome > Outcome.FAIL:
        return inf
    return max(health.last_ok, health.last_fail, health.counted_at) + limit_s


def expire(health: RungHealth, limit_s: float, now: float) -> RungHealth:
    """Return the rung as unseen if it has expired: not seen lately, or asked for in vain because the device is full."""
    if now <= lasts_until(health, limit_s):
        return health
    return hide(health, Reason.BUSY if health.busy else Reason.STALE, health.last_seen + limit_s)
