"""Zones and sites: the time of their cameras together, never the mean of percentages; and every rung side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from monitor.core.sla.account import Account
from monitor.core.sla.measures import End, of_tally
from monitor.core.sla.tally import Tally
from monitor.core.statement.plain import Plain, figure, time
from monitor.core.verdict import QUESTIONS, Rung

ENDS = {End.WORKS: "working", End.DOWN: "not_working", End.UNSEEN: "not_seen", End.EXCUSED: "excused"}


class Place:
    """The cameras of one place."""

    def __init__(self) -> None:
        self.cameras = 0
        self.outages = 0
        self.tally = Tally()
        self.ends: Counter[End] = Counter()
        self.listed: Mapping[str, Any] = {}

    def take(self, account: Account) -> None:
        score = account.scores[0]
        self.cameras += 1
        self.outages += len(account.outages)
        self.tally = self.tally.plus(score.tally)
        self.ends[score.end] += 1
        self.listed = account.listed

    def add(self, later: Place) -> None:
        self.cameras += later.cameras
        self.outages += later.outages
        self.tally = self.tally.plus(later.tally)
        self.ends.update(later.ends)
        self.listed = later.listed

    def plain(self) -> Plain:
        return {
            "cameras": self.cameras,
            "outages": self.outages,
            "availability": figure(of_tally(self.tally)),
            "time": time(self.tally),
            "at_end": {word: self.ends[end] for end, word in ENDS.items()},
        }


class Places:
    """The zones and sites of a contract's cameras, each camera where it was listed last in the period."""

    def __init__(self) -> None:
        self._zones: defaultdict[str, Place] = defaultdict(Place)
        self._sites: defaultdict[tuple[str, str], Place] = defaultdict(Place)
        self._rungs: defaultdict[Rung, Tally] = defaultdict(Tally)
        self._asked: Counter[Rung] = Counter()

    def take(self, account: Account) -> None:
        zone, site = _text(account.listed, "zone"), _text(account.listed, "site")
        self._zones[zone].take(account)
        self._sites[zone, site].take(account)
        for rung, tally in account.rungs.items():
            self._rungs[rung] = self._rungs[rung].plus(tally)
            self._asked[rung] += 1

    def add(self, later: Places) -> None:
        """Add cameras that come after these by their ids."""
        for zone, place in later._zones.items():
            self._zones[zone].add(place)
        for site, place in later._sites.items():
            self._sites[site].add(place)
        for rung, tally in later._rungs.items():
            self._rungs[rung] = self._rungs[rung].plus(tally)
        self._asked.update(later._asked)

    def plain(self) -> Plain:
        return {
            "zones": [
                {"zone": zone, "name": _text(one.listed, "zone_name") or zone, **one.plain()}
                for zone, one in sorted(self._zones.items())
            ],
            "sites": [
                {
                    "site": site,
                    "name": _text(one.listed, "site_name") or site,
                    "zone": zone,
                    "position": _position(one.listed),
                    **one.plain(),
                }
                for (zone, site), one in sorted(self._sites.items())
            ],
            "rungs": [
                {
                    "rung": rung.label,
                    "question": QUESTIONS[rung],
                    "cameras": self._asked[rung],
                    "time": time(self._rungs[rung]),
                    "availability": figure(of_tally(self._rungs[rung])),
                }
                for rung in Rung
                if rung in self._rungs
            ],
        }


def _text(listed: Mapping[str, Any], key: str) -> str:
    value = listed.get(key, "")
    return value if isinstance(value, str) else ""


def _position(listed: Mapping[str, Any]) -> list[float] | None:
    """Return degrees of latitude and longitude, of one of a site's cameras."""
    value = listed.get("position")
    if not isinstance(value, list) or len(value) != 2 or any(type(part) not in (int, float) for part in value):
        return None
    return [float(part) for part in value]
