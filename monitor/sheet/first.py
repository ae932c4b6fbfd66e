"""The first page: what was promised, what was reached under each reading, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.statement.heading import EACH
from monitor.paper.blocks import Block, Column, Paragraph, Table, Tile, Tiles, Tone
from monitor.sheet.telling import Plain, Telling, columns


def first(statement: Plain, telling: Telling) -> Iterator[Block]:
    written = statement["readings"][0]
    yield Paragraph(counted(statement["cameras"], telling))
    if not statement["period"]["is_over"]:
        yield Paragraph(telling.say("so far", until=telling.moment(statement["period"]["until"])), Tone.LOUD)
    yield Paragraph(verdict(written["target"], telling), Tone.LOUD)
    yield Tiles(tuple(_tiles(written, telling)))
    yield Paragraph(bounds(written, telling), Tone.QUIET)
    yield _readings(statement, telling)
    if is_cut(statement):
        yield Paragraph(telling.say("value whole"), Tone.QUIET)
    if statement["contract"]["others"]:
        yield _versions(statement, telling)


def bounds(reading: Plain, telling: Telling) -> str:
    """Return what the bounds are, and how wide those of most cameras."""
    explained = telling.say("bounds explained")
    width = reading["median_width"]
    return f"{explained} {telling.say('median width', width=telling.percent(width))}" if width else explained


def is_cut(statement: Plain) -> bool:
    """Say whether there are slabs, and the contract or a camera counts only for a part of what they are of."""
    versions, start = statement["contract"]["versions"], statement["period"]["start"]
    began_later = bool(versions) and versions[0]["since"] > start
    return bool(statement["contract"]["terms"].get("slabs")) and bool(began_later or statement["cameras"]["part_of_it"])


def counted(cameras: Plain, telling: Telling) -> str:
    """Return the denominator in words."""
    sentences = [
        telling.say("counted", counted=telling.number(cameras["counted"]), listed=telling.number(cameras["listed"]))
    ]
    for key in ("not_meant", "not_in_service", "part_of_it", "never_seen", "never_listed", "before_listings"):
        if cameras[key]:
            sentences.append(telling.count(f"cameras {key}", cameras[key]))
    return " ".join(sentences)


def verdict(target: Plain | None, telling: Telling) -> str:
    """Return whether what was promised was kept, and whether that hangs on what nobody saw."""
    if target is None:
        return telling.say("no target")
    (promised, by), reached = promise(target, telling), telling.percent(target["figure"])
    if target["met"] is None:
        return telling.say("target unknown", promised=promised)
    key = "target met" if target["met"] else "target missed"
    sure = target["met_if_unseen_was_bad"] == target["met_if_unseen_was_good"]
    words = telling.say(key, promised=promised, reached=reached, by=by)
    return words if sure else f"{words} {telling.say('target unsure')}"


def promise(target: Plain, telling: Telling) -> tuple[str, str]:
    """Return what was promised, and of which figure: where each camera has to reach it, how many do."""
    promised, weighting = telling.percent(target["promised"]), target["weighting"]
    if weighting == EACH:
        return telling.say("of each camera", promised=promised), telling.word("weighting", "share at target")
    return promised, telling.word("weighting", weighting)


def _tiles(reading: Plain, telling: Telling) -> Iterator[Tile]:
    figures = (("camera_hours", "camera-hours"), ("mean", "mean"), ("share_at_target", "share at target"))
    for key, name in figures:
        yield _tile(name, reading[key], telling)
    ends = reading["working_at_end"]
    told = (telling.number(ends["cameras"].get(end, 0)) for end in ("works", "does not work", "not seen"))
    lines = [telling.say("at the end", **dict(zip(("works", "down", "unseen"), told, strict=True)))]
    yield _tile("working at the end", ends, telling, lines)


def _tile(name: str, figure: Plain | None, telling: Telling, lines: list[str] | None = None) -> Tile:
    label = telling.word("weighting", name)
    if not figure or not figure.get("value"):
        return Tile(label, "–", (telling.say("no figure"),))
    below = [*(lines or []), telling.bounds(figure), telling.say("coverage", share=telling.percent(figure["coverage"]))]
    return Tile(label, telling.percent(figure["value"]), tuple(below))


def _readings(statement: Plain, telling: Telling) -> Table:
    money = statement["readings"][0]["money"]
    numbers = ("camera-hours", "bounds", "share at target")
    titles = columns(telling, "reading", *numbers, "target", numbers=numbers, wide="reading")
    if money is not None:
        to_pay = telling.say("column to pay", currency=money["currency"])
        titles += (Column(to_pay, number=True), Column(telling.say("column bounds"), number=True))
    return Table(
        telling.say("readings caption"),
        titles,
        tuple((*_row(one, telling), *_to_pay(one["money"], telling)) for one in statement["readings"]),
    )


def _row(reading: Plain, telling: Telling) -> tuple[str, ...]:
    return (
        telling.word("reading", reading["reading"]),
        telling.percent(reading["camera_hours"]["value"]),
        telling.bounds(reading["camera_hours"]),
        telling.percent((reading["share_at_target"] or {}).get("value")),
        _met(reading["target"], telling),
    )


def _to_pay(money: Plain | None, telling: Telling) -> tuple[str, ...]:
    if money is None:
        return ()
    paid, least, most = (telling.money(money["total"][part]) for part in ("paid", "least", "most"))
    return paid, "–" if least == most else telling.say("from to", start=least, end=most)


def _met(target: Plain | None, telling: Telling) -> str:
    if target is None or target["met"] is None:
        return "–"
    return telling.say("met" if target["met"] else "missed")


def _versions(statement: Plain, telling: Telling) -> Table:
    """Return the figures under terms that were written down later."""
    rows = [
        (
            telling.moment(other["since"]),
            telling.percent(other["as_written"]["camera_hours"]["value"]),
            telling.bounds(other["as_written"]["camera_hours"]),
            _met(other["as_written"]["target"], telling),
        )
        for other in statement["contract"]["others"]
    ]
    titles = columns(
        telling,
        *("terms since", "camera-hours", "bounds", "target"),
        numbers=("camera-hours", "bounds"),
        wide="terms since",
    )
    return Table(telling.say("versions caption"), titles, tuple(rows))
