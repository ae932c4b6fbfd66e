"""The worst cameras, those that fail again and again, and some to go and look at. Pure.

Whom to look at is drawn by a seed that nobody can choose: the root of the ledger's tree. The cameras whose SHA-256 over
the root, a new line and their id is least are drawn; anybody can draw them again.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from monitor.core.sla.account import Account
from monitor.core.sla.chronic import Again
from monitor.core.sla.measures import of_tally
from monitor.core.statement.most import Most
from monitor.core.statement.plain import Plain, figure, place, time

WORST = 50
CHRONIC = 100
ON_FOOT = 30


class Lists:
    """Cameras by name."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._worst: Most[Plain] = Most(WORST)
        self._chronic: Most[Plain] = Most(CHRONIC)
        self._drawn: Most[Plain] = Most(ON_FOOT)

    def take(self, account: Account) -> None:
        score = account.scores[0]
        if score.tally.down:
            self._worst.take((score.tally.down, account.camera), partial(_worst, account))
        for again in account.again:
            self._chronic.take((again.times, again.newest, account.camera), partial(_chronic, account, again))
        drawn = sha256(f"{self._seed}\n{account.camera}".encode(errors="surrogateescape")).digest()
        self._drawn.take(-int.from_bytes(drawn), partial(_drawn, account))

    def add(self, later: Lists) -> None:
        """Add cameras that come after these by their ids."""
        self._worst.add(later._worst)
        self._chronic.add(later._chronic)
        self._drawn.add(later._drawn)

    def plain(self) -> Plain:
        return {
            "worst": {"number": self._worst.seen, "cameras": self._worst.items()},
            "chronic": {"number": self._chronic.seen, "cameras": self._chronic.items()},
            "check_on_foot": {"seed": self._seed, "of": self._drawn.seen, "cameras": self._drawn.items()},
        }


def _worst(account: Account) -> Plain:
    score = account.scores[0]
    return {
        "camera": account.camera,
        **place(account.listed),
        "availability": figure(of_tally(score.tally)),
        "time": time(score.tally),
        "outages": len(account.outages),
        "kind": _main_kind(account),
        "at_end": score.end.value,
    }


def _chronic(account: Account, again: Again) -> Plain:
    told = {"kind": again.kind.value, "times": again.times, "newest": again.newest}
    return {"camera": account.camera, **place(account.listed), **told}


def _drawn(account: Account) -> Plain:
    return {"camera": account.camera, **place(account.listed), "at_end": account.scores[0].end.value}


def _main_kind(account: Account) -> str:
    """Return the kind of cause that most of a camera's bad time is laid to."""
    (_, kind), _ = max(account.shares.items(), key=lambda one: (one[1], one[0]))
    return kind.value
