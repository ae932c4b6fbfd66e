"""Figures, times and names of a statement, as a reader of a language has them. Nothing is computed here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from monitor.paper.blocks import Column
from monitor.paper.words import Words

Plain = Mapping[str, Any]
_HOUR_MS = 3_600_000
#: The units that a length of time is told in, the two largest that it has.
_UNITS = (("d", 86_400_000), ("h", _HOUR_MS), ("min", 60_000), ("s", 1000))
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Telling:
    """A language's words and a statement's time zone: all that telling a figure needs."""

    def __init__(self, words: Words, time_zone: str) -> None:
        self.words = words
        self.say = words.say
        self.count = words.count
        self.apart = words.apart
        self._zone = ZoneInfo(time_zone)

    def percent(self, share: str | None) -> str:
        """Return a share as it stands in a statement; a dash where there is none."""
        return self.apart(f"{share} %") if share else "–"

    def bounds(self, figure: Plain) -> str:
        """Return between which shares a figure lies."""
        if not figure.get("low") or not figure.get("high"):
            return "–"
        return self.apart(f"{figure['low']} – {figure['high']} %")

    def number(self, number: int) -> str:
        return self.apart(f"{number:,}")

    def hours(self, ms: int) -> str:
        """Return whole hours, cut."""
        return self.say("hours", n=f"{ms // _HOUR_MS:,}")

    def length(self, ms: int | None) -> str:
        """Return a length of time by its two largest units, cut."""
        if ms is None:
            return "–"
        parts: list[str] = []
        left = ms
        for unit, size in _UNITS:
            whole, left = divmod(left, size)
            if whole or (parts and len(parts) < 2):
                parts.append(self.say(f"unit {unit}", n=whole))
            if len(parts) == 2:
                break
        return " ".join(parts) or self.say("unit s", n=0)

    def lengths(self, least_most: Sequence[int | None] | None) -> str:
        """Return the least and the greatest length that something had; one where both are told alike."""
        if least_most is None or None in least_most:
            return "–"
        least, most = (self.length(one) for one in least_most)
        return least if least == most else self.say("from to", start=least, end=most)

    def moment(self, ms: int | None) -> str:
        """Return a moment in the statement's time zone, by the minute."""
        if ms is None:
            return "–"
        return self.apart(f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone):%Y-%m-%d %H:%M}")

    def day(self, ms: int) -> str:
        return self.apart(f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone):%Y-%m-%d}")

    def period(self, asked: str) -> str:
        """Return a period's name: a month by its own, others as they were asked for."""
        month = _MONTH.fullmatch(asked)
        if month is None or not 1 <= int(month[2]) <= 12:
            return self.apart(asked)
        return f"{self.words.months[int(month[2]) - 1]} {self.apart(month[1])}"

    def money(self, amount: str) -> str:
        whole, _, rest = amount.partition(".")
        return self.apart(f"{int(whole):,}.{rest}")

    def word(self, group: str, name: str) -> str:
        """Return the word for one of a closed set of things: ("kind", "power")."""
        return self.say(f"{group} {name}")

    def camera(self, row: Plain) -> str:
        """Return a camera: its id, and its name where that is another."""
        name = row.get("name", "")
        return self.apart(row["camera"] if name in ("", row["camera"]) else f"{row['camera']} {name}")

    def place(self, row: Plain) -> str:
        """Return where something is, by the names that people have for it."""
        names = (row.get("site_name") or row.get("site", ""), row.get("zone_name") or row.get("zone", ""))
        return self.say("and").join(self.apart(name) for name in names if name)

    def whose(self, row: Plain) -> str:
        """Return who answers for something: the party, or the role where no party is named."""
        role = self.word("role", row["role"])
        return self.say("party of role", party=row["party"], role=role) if row["party"] else role


def columns(telling: Telling, *names: str, numbers: tuple[str, ...] = (), wide: str = "") -> tuple[Column, ...]:
    """Return columns by their words' names."""
    return tuple(Column(telling.say(f"column {name}"), name in numbers, name == wide) for name in names)


def fraction(share: str | None) -> Fraction | None:
    """Return the share behind a percentage of a statement."""
    return None if share is None else Fraction(share) / 100
