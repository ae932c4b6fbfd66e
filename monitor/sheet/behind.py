"""Behind the first page: what each rung did, what the lost time is laid to, and how long repairs took."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.paper.blocks import Block, Heading, Paragraph, Picture, Table
from monitor.paper.charts import Amount, Reach, amounts, reaches
from monitor.sheet.telling import Plain, Telling, columns, fraction

MOST_CAUSES = 20
MOST_OPEN = 25


def rungs(statement: Plain, telling: Telling) -> Iterator[Block]:
    found = statement["rungs"]
    if not found:
        return
    yield Heading(telling.say("rungs"))
    terms = statement["contract"]["terms"]
    yield Paragraph(telling.say("rungs explained", working=telling.word("rung", terms.get("working", "media"))))
    rows = [_reach(one, telling) for one in found]
    caption = telling.say("rungs caption")
    target = fraction(terms.get("target"))
    yield Picture(reaches(rows, telling.words, target), caption, caption)
    numbers = ("up", "down", "unobserved", "excused", "availability", "bounds")
    yield Table(
        telling.say("rungs table"),
        columns(telling, "rung", *numbers, numbers=numbers, wide="rung"),
        tuple(
            (
                telling.word("question", one["rung"]),
                *(telling.hours(one["time"][f"{part}_ms"]) for part in ("up", "down", "unobserved", "excused")),
                telling.percent(one["availability"]["value"]),
                telling.bounds(one["availability"]),
            )
            for one in found
        ),
    )


def _reach(rung: Plain, telling: Telling) -> Reach:
    value, low, high = (rung["availability"][part] for part in ("value", "low", "high"))
    label = telling.word("rung", rung["rung"])
    return Reach(label, fraction(value), fraction(low), fraction(high), telling.percent(value))


def causes(statement: Plain, telling: Telling) -> Iterator[Block]:
    blame = statement["blame"]
    yield Heading(telling.say("causes"))
    outages = statement["outages"]
    yield Paragraph(
        telling.count("outages", outages["number"], cameras=telling.count("cameras", outages["cameras"]))
        + " "
        + telling.count("outages open", outages["open"])
    )
    kinds = [one for one in blame["kinds"] if one["down_ms"]]
    if not kinds:
        yield Paragraph(telling.say("no outage"))
        return
    caption = telling.say("kinds caption")
    rows = [Amount(telling.word("kind", one["kind"]), one["down_ms"], telling.hours(one["down_ms"])) for one in kinds]
    yield Picture(amounts(rows, telling.words), caption, caption)
    numbers = ("lost", "cameras", "outages")
    yield Table(
        telling.say("parties caption"),
        columns(telling, "whose", *numbers, numbers=numbers, wide="whose"),
        tuple((telling.whose(one), *_amounts(one, telling)) for one in blame["parties"]),
    )
    most = blame["causes"]["most"][:MOST_CAUSES]
    if most:
        yield Table(
            telling.say("causes caption", n=telling.number(len(most)), all=telling.number(blame["causes"]["number"])),
            columns(telling, "cause", "of", "whose", *numbers, numbers=numbers, wide="of"),
            tuple(
                (
                    telling.word("kind", one["kind"]),
                    telling.apart(one["of"]),
                    telling.whose(one),
                    *_amounts(one, telling),
                )
                for one in most
            ),
        )


def _amounts(part: Plain, telling: Telling) -> tuple[str, str, str]:
    return telling.hours(part["down_ms"]), telling.number(part["cameras"]), telling.number(part["outages"])


def repairs(statement: Plain, telling: Telling) -> Iterator[Block]:
    outages, found = statement["outages"], statement["repairs"]
    if not outages["number"]:
        return
    yield Heading(telling.say("repairs"))
    yield Paragraph(
        telling.say(
            "repairs explained",
            median=telling.lengths(outages["median_ms"]),
            longest=telling.lengths(outages["longest_ms"]),
        )
    )
    if found["classes"]:
        yield _classes(found["classes"], telling)
    yield from _open(found["open"], telling)


def _classes(classes: list[Plain], telling: Telling) -> Table:
    numbers = ("outages", "in time", "perhaps late", "late", "open")
    return Table(
        telling.say("classes caption"),
        columns(telling, "class", "limit", *numbers, "median", numbers=numbers, wide="class"),
        tuple(
            (
                telling.apart(one["class"]),
                telling.say("business hours", limit=one["limit"])
                if one["business_hours"]
                else telling.apart(one["limit"]),
                *(telling.number(one[key]) for key in ("outages", "in_time", "perhaps_late", "late", "open")),
                telling.lengths(one["median_ms"]),
            )
            for one in classes
        ),
    )


def _open(found: Plain, telling: Telling) -> Iterator[Block]:
    oldest = found["oldest"][:MOST_OPEN]
    if not oldest:
        return
    yield Table(
        telling.say("open caption", n=telling.number(len(oldest)), all=telling.number(found["number"])),
        columns(telling, "camera", "place", "cause", "whose", "since", wide="place"),
        tuple(
            (
                telling.camera(one),
                telling.place(one),
                telling.word("kind", one["kind"]),
                telling.whose(one),
                telling.moment(one["start"]),
            )
            for one in oldest
        ),
    )
