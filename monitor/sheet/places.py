"""Where it was: the plan of the city, its zones, and the sites that lost most."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from monitor.paper.blocks import Block, Heading, Picture, Table
from monitor.paper.plan import Mark, Spot, legend, plan
from monitor.sheet.telling import Plain, Telling, columns, fraction

MOST_ZONES = 100
MOST_SITES = 25
#: Plans show sites in one mark each, up to so many; beyond, those that lost most.
MOST_SPOTS = 5000
HALF = Fraction(1, 2)
_NUMBERS = ("cameras", "availability", "bounds", "lost", "outages", "not working")


def places(statement: Plain, telling: Telling) -> Iterator[Block]:
    yield Heading(telling.say("places"))
    yield from _plan(statement, telling)
    zones = sorted(statement["zones"], key=_lost)
    yield Table(
        telling.say("zones caption"),
        columns(telling, "zone", *_NUMBERS, numbers=_NUMBERS, wide="zone"),
        tuple((telling.apart(one["name"] or "–"), *_figures(one, telling)) for one in zones[:MOST_ZONES]),
    )
    sites = [one for one in sorted(statement["sites"], key=_lost) if one["site"] and one["time"]["down_ms"]]
    if sites:
        shown = sites[:MOST_SITES]
        yield Table(
            telling.say("sites caption", n=telling.number(len(shown)), all=telling.number(len(sites))),
            columns(telling, "site", *_NUMBERS, numbers=_NUMBERS, wide="site"),
            tuple((telling.apart(one["name"]), *_figures(one, telling)) for one in shown),
        )


def _lost(place: Plain) -> tuple[int, str]:
    return -place["time"]["down_ms"], place["name"]


def _figures(place: Plain, telling: Telling) -> tuple[str, ...]:
    return (
        telling.number(place["cameras"]),
        telling.percent(place["availability"]["value"]),
        telling.bounds(place["availability"]),
        telling.hours(place["time"]["down_ms"]),
        telling.number(place["outages"]),
        telling.number(place["at_end"]["not_working"]),
    )


def _plan(statement: Plain, telling: Telling) -> Iterator[Block]:
    target = fraction(statement["contract"]["terms"].get("target"))
    placed = [one for one in sorted(statement["sites"], key=_lost) if one["position"]][:MOST_SPOTS]
    spots = [Spot(one["position"][0], one["position"][1], _mark(one, target)) for one in placed]
    if not spots:
        return
    caption = telling.say("plan caption", sites=telling.count("sites", len(spots)))
    yield Picture(plan(spots, telling.words), caption, caption)
    entries = [(mark, telling.say(f"mark {mark.name.lower()}")) for mark in Mark]
    yield Picture(legend(entries, telling.words), telling.say("marks"), telling.say("marks"))


def _mark(site: Plain, target: Fraction | None) -> Mark:
    """Say how a site is drawn: black where most of what was seen was bad, hollow where it is below the target."""
    reached = fraction(site["availability"]["value"])
    if reached is None:
        return Mark.UNSEEN
    if reached < HALF:
        return Mark.BAD
    return Mark.POOR if target is not None and reached < target else Mark.GOOD
