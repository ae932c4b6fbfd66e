"""Cameras by name: those that lost most, those that fail again and again, and those to go and look at."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.paper.blocks import Block, Heading, Paragraph, Table
from monitor.sheet.telling import Plain, Telling, columns

MOST_WORST = 30
MOST_CHRONIC = 25
MOST_LISTED = 30


def cameras(statement: Plain, telling: Telling) -> Iterator[Block]:
    worst, chronic = statement["worst"], statement["chronic"]
    if worst["cameras"]:
        yield Heading(telling.say("worst"))
        shown = worst["cameras"][:MOST_WORST]
        numbers = ("availability", "bounds", "lost", "outages")
        yield Table(
            telling.say("worst caption", n=telling.number(len(shown)), all=telling.number(worst["number"])),
            columns(telling, "camera", "place", "cause", *numbers, numbers=numbers, wide="place"),
            tuple(
                (
                    telling.camera(one),
                    telling.place(one),
                    telling.word("kind", one["kind"]),
                    telling.percent(one["availability"]["value"]),
                    telling.bounds(one["availability"]),
                    telling.hours(one["time"]["down_ms"]),
                    telling.number(one["outages"]),
                )
                for one in shown
            ),
        )
    if chronic["cameras"]:
        yield Heading(telling.say("chronic"))
        shown = chronic["cameras"][:MOST_CHRONIC]
        yield Table(
            telling.say("chronic caption", n=telling.number(len(shown)), all=telling.number(chronic["number"])),
            columns(telling, "camera", "place", "cause", "times", "newest", numbers=("times",), wide="place"),
            tuple(
                (
                    telling.camera(one),
                    telling.place(one),
                    telling.word("kind", one["kind"]),
                    telling.number(one["times"]),
                    telling.moment(one["newest"]),
                )
                for one in shown
            ),
        )


def listing(statement: Plain, telling: Telling) -> Iterator[Block]:
    """Yield who came to the list of cameras, left it, or stands in it otherwise, within the period."""
    found = statement["listing"]
    if not found["number"]:
        return
    shown = found["first"][:MOST_LISTED]
    yield Heading(telling.say("listing"))
    yield Table(
        telling.say("listing caption", n=telling.number(len(shown)), all=telling.number(found["number"])),
        columns(telling, "camera", "recorded", "what", wide="what"),
        tuple(
            (
                telling.apart(one["camera"]),
                telling.moment(one["at"]),
                telling.say(f"listing {one['what']}", keys=telling.apart(", ".join(one["of"]))),
            )
            for one in shown
        ),
    )


def on_foot(statement: Plain, telling: Telling) -> Iterator[Block]:
    drawn = statement["check_on_foot"]
    if not drawn["cameras"]:
        return
    yield Heading(telling.say("on foot"))
    yield Paragraph(telling.say("on foot explained"))
    yield Table(
        telling.say("on foot caption", n=telling.number(len(drawn["cameras"])), all=telling.number(drawn["of"])),
        columns(telling, "camera", "place", "at the end", "found", wide="found"),
        tuple(
            (telling.camera(one), telling.place(one), telling.word("end", one["at_end"]), "")
            for one in drawn["cameras"]
        ),
    )
