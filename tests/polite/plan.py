"""What happens in a street in a year, drawn from a seed: troubled hours, and quiet weeks between them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
#: What comes to each device in turn, in an order of its own.
DECK = ("reboot", "power", "full", "changed", "rotated", "quiet")
#: What comes to all of them.
WHOLE = ("restart", "reload", "crash", "")
#: How often an operator looks at a device in a trouble.
LOOKS = 8
#: How long a troubled time goes on behind its last event.
AFTER_S = 35 * MINUTE_S
#: How long it runs before its first one.
BEFORE_S = 5 * MINUTE_S
#: When the password is changed that stays wrong for days.
WRONG_AFTER_S = 5 * MINUTE_S
YEAR_1970, YEAR_2000 = 0.0, 946_684_800.0


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something happens at a moment, in seconds since the course began; ``device`` "" means all of them."""

    at: float
    device: str
    what: str
    clock_says: float | None = None

    def __str__(self) -> str:
        return f"{self.at:.0f} s: {self.device} {self.what}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time that is run at full rates."""

    begin: float
    end: float
    events: tuple[Event, ...]


def year(seed: int, devices: Sequence[str], days: float, troubles: int) -> list[Trouble]:
    """Return the troubled times of so many days; the first begins with the first contact."""
    rng = random.Random(seed)
    decks = {device: cycle(rng.sample(DECK, len(DECK))) for device in devices}
    whole = cycle(rng.sample(WHOLE, len(WHOLE)))
    left: list[tuple[str, str]] = []
    times: list[Trouble] = []
    for number in range(troubles):
        begin = 0.0 if number == 0 else (number + rng.uniform(0.1, 0.9)) * days * DAY_S / troubles
        events = list(_mended(rng, begin, left))
        left = []
        for device in devices:
            events += _dealt(rng, device, next(decks[device]), begin + 15 * MINUTE_S, left)
        events += _dealt(rng, "", next(whole), begin + 15 * MINUTE_S, left)
        events += _looks(rng, devices, begin, at_once=number == 0)
        events.sort()
        times.append(Trouble(begin, events[-1].at + AFTER_S, tuple(events)))
    return times


def days_of_a_wrong_password(device: str, days: int) -> list[Trouble]:
    """Return forty minutes of every third of so many days: on the first the password is changed, on the last repaired."""
    times = []
    for day in (0, 1, *range(2, days, 3)):
        begin = day * DAY_S
        happens = [Event(begin + 20 * MINUTE_S, device, "look"), Event(begin + 25 * MINUTE_S, "", WHOLE[day % 3])]
        if day == 0:
            happens = [Event(WRONG_AFTER_S, device, "password changed on the camera")]
        elif day == days - 1:
            happens.append(Event(begin + 30 * MINUTE_S, device, "camera repaired"))
        elif day % 2 == 0:
            happens += [Event(begin + MINUTE_S, device, "off"), Event(begin + 2 * MINUTE_S, device, "on")]
        times.append(Trouble(begin, begin + 40 * MINUTE_S, tuple(sorted(happens))))
    return times


def _mended(rng: random.Random, begin: float, left: Sequence[tuple[str, str]]) -> Iterator[Event]:
    """What the trouble before left behind comes to its end days later."""
    for device, what in left:
        yield Event(begin + BEFORE_S + rng.uniform(0, 5 * MINUTE_S), device, what)


def _dealt(rng: random.Random, device: str, what: str, begin: float, left: list[tuple[str, str]]) -> Iterator[Event]:
    at = begin + rng.uniform(0, 20 * MINUTE_S)
    if what == "reboot":
        yield Event(at, device, "off")
        yield Event(at + rng.uniform(30, 120), device, "on")
    elif what == "power":
        on = at + rng.uniform(60, 15 * MINUTE_S)
        yield Event(at, device, "off")
        yield Event(on, device, "on", rng.choice((YEAR_1970, YEAR_2000)))
        yield Event(on + rng.uniform(2 * MINUTE_S, 20 * MINUTE_S), device, "clock set")
    elif what == "full":
        yield Event(at, device, "full")
        if rng.random() < 0.5:
            left.append((device, "free"))
        else:
            yield Event(at + rng.uniform(15, 75) * MINUTE_S, device, "free")
    elif what == "changed":
        yield Event(at, device, "password changed on the camera")
        left.append((device, rng.choice(("inventory repaired", "camera repaired"))))
    elif what == "rotated":
        yield Event(at, device, "password changed in the inventory")
        follows = at + rng.uniform(1, 40) * MINUTE_S
        yield Event(follows, device, "camera follows")
        yield Event(follows + rng.uniform(0, 5) * MINUTE_S, device, "inventory loaded anew")
    elif what in WHOLE and what:
        yield Event(at, device, what)


def _looks(rng: random.Random, devices: Sequence[str], begin: float, at_once: bool) -> Iterator[Event]:
    """An operator looks at some devices again and again, in any trouble; at the beginning without waiting at all."""
    for device in devices if at_once else rng.sample(devices, 2):
        at = begin + (5.0 if at_once else BEFORE_S + rng.uniform(0, 40 * MINUTE_S))
        for _ in range(LOOKS):
            at += rng.uniform(5, 30 if at_once else 150)
            yield Event(at, device, "look")
