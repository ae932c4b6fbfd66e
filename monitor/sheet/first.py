"""The first page: what was promised, what was reached under each reading, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.paper.blocks import Block, Column, Paragraph, Table, Tile, Tiles, Tone
from monitor.sheet.telling import Plain, Telling


def first(statement: Plain, telling: Telling) -> Iterator[Block]:
    written = statement["readings"][0]
    yield Paragraph(counted(statement["cameras"], telling))
    if not statement["period"]["is_over"]:
        yield Paragraph(telling.say("so far", until=telling.moment(statement["period"]["until"])), Tone.LOUD)
    yield Paragraph(verdict(written["target"], telling), Tone.LOUD)
    yield Tiles(tuple(_tiles(written, telling)))
    yield Paragraph(telling.say("bounds explained"), Tone.QUIET)
    yield _readings(statement, telling)
    if statement["contract"]["others"]:
        yield _versions(statement, telling)


def counted(cameras: Plain, telling: Telling) -> str:
    """Return the denominator in words."""
    sentences = [
        telling.say("counted", counted=telling.number(cameras["counted"]), listed=telling.number(cameras["listed"]))
    ]
    for key in ("not_meant", "not_in_service", "part_of_it", "never_seen", "never_listed"):
        if cameras[key]:
            sentences.append(telling.count(f"cameras {key}", cameras[key]))
    return " ".join(sentences)


def verdict(target: Plain | None, telling: Telling) -> str:
    """Return whether what was promised was kept, and whether that hangs on what nobody saw."""
    if target is None:
        return telling.say("no target")
    promised, reached = telling.percent(target["promised"]), telling.percent(target["figure"])
    if target["met"] is None:
        return telling.say("target unknown", promised=promised)
    key = "target met" if target["met"] else "target missed"
    sure = target["met_if_unseen_was_bad"] == target["met_if_unseen_was_good"]
    words = telling.say(key, promised=promised, reached=reached, by=telling.word("weighting", target["weighting"]))
    return words if sure else f"{words} {telling.say('target unsure')}"


def _tiles(reading: Plain, telling: Telling) -> Iterator[Tile]:
    figures = (("camera_hours", "camera-hours"), ("mean", "mean"), ("share_at_target", "share at target"))
    for key, name in figures:
        yield _tile(name, reading[key], telling)
    ends = reading["working_at_end"]
    works = ends["cameras"].get("works", 0)
    lines = [telling.say("of cameras", n=telling.number(works), all=telling.number(sum(ends["cameras"].values())))]
    yield _tile("working at the end", ends, telling, lines)


def _tile(name: str, figure: Plain | None, telling: Telling, lines: list[str] | None = None) -> Tile:
    label = telling.word("weighting", name)
    if not figure or not figure.get("value"):
        return Tile(label, "–", (telling.say("no figure"),))
    below = [*(lines or []), telling.bounds(figure), telling.say("coverage", share=telling.percent(figure["coverage"]))]
    return Tile(label, telling.percent(figure["value"]), tuple(below))


def _readings(statement: Plain, telling: Telling) -> Table:
    money = statement["readings"][0]["money"] is not None
    names = (
        "reading",
        "camera-hours",
        "bounds",
        "coverage",
        "share at target",
        "target",
        *(("to pay",) if money else ()),
    )
    columns = tuple(
        Column(telling.say(f"column {name}"), number=place > 0 and name != "target", wide=place == 0)
        for place, name in enumerate(names)
    )
    rows = []
    for one in statement["readings"]:
        figure = one["camera_hours"]
        row = [
            telling.word("reading", one["reading"]),
            telling.percent(figure["value"]),
            telling.bounds(figure),
            telling.percent(figure["coverage"]),
            telling.percent((one["share_at_target"] or {}).get("value")),
            _met(one["target"], telling),
        ]
        rows.append((*row, *(to_pay(one["money"], telling) for _ in range(money))))
    return Table(telling.say("readings caption"), columns, tuple(rows))


def _met(target: Plain | None, telling: Telling) -> str:
    if target is None or target["met"] is None:
        return "–"
    return telling.say("met" if target["met"] else "missed")


def to_pay(money: Plain, telling: Telling) -> str:
    """Return what is to be paid, with its bounds where they differ."""
    value, low, high = (telling.money(money["total"][part], money["currency"]) for part in ("paid", "least", "most"))
    return value if value == low == high else telling.say("money bounds", value=value, low=low, high=high)


def _versions(statement: Plain, telling: Telling) -> Table:
    """Return the figures under terms that were written down later."""
    columns = ("terms since", "camera-hours", "bounds", "target")
    rows = [
        (
            telling.moment(other["since"]),
            telling.percent(other["as_written"]["camera_hours"]["value"]),
            telling.bounds(other["as_written"]["camera_hours"]),
            _met(other["as_written"]["target"], telling),
        )
        for other in statement["contract"]["others"]
    ]
    return Table(
        telling.say("versions caption"),
        tuple(
            Column(telling.say(f"column {name}"), number=0 < place < 3, wide=not place)
            for place, name in enumerate(columns)
        ),
        tuple(rows),
    )
