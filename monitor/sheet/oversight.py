"""The oversight page as a document: each contract's figures with their bounds in words, its trend, what proves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple
from urllib.parse import quote

from monitor.core.checkpoint import Sealed
from monitor.core.statement.heading import FIGURES, Bill, Figure, Heading, Reading, Target
from monitor.core.statement.packs import Pack
from monitor.core.statement.so_far import SoFar, State
from monitor.paper.blocks import (
    Block,
    Code,
    Document,
    Items,
    Link,
    Links,
    Paragraph,
    Picture,
    Table,
    Tile,
    Tiles,
    Tone,
)
from monitor.paper.blocks import (
    Heading as Title,
)
from monitor.paper.charts import Reach, reaches
from monitor.paper.words import Words
from monitor.sheet.first import promise, verdict
from monitor.sheet.telling import Telling, columns, fraction

ADDRESS = "/oversight"
#: So many periods of a contract are drawn, and so many packs of it listed; the newest.
MOST_PERIODS = 24
MOST_PACKS = 60
#: What a pack is called where none is there to name.
EXAMPLE = "safe-city-2026-10"


class Known(NamedTuple):
    """What the page shows. ``failing`` says why the newest figures are missing, ``key`` is the verifier key."""

    standings: Sequence[SoFar]
    packs: Sequence[Pack]
    checkpoints: Sequence[Sealed]
    key: str
    failing: str | None
    at: float


def oversight(known: Known, words: Words, others: Sequence[tuple[str, str]]) -> Document:
    """Return the page in a language; ``others`` are all languages, as their codes and names."""
    telling = Telling(words, "UTC")
    return Document(
        language=words.language,
        right_to_left=words.right_to_left,
        title=telling.say("oversight"),
        subtitle=(
            telling.say("oversight subtitle"),
            telling.say("oversight moment", moment=telling.moment(int(known.at * 1000)), zone="UTC"),
        ),
        blocks=tuple(_blocks(known, telling, others)),
        foot=telling.apart(known.key),
        at=int(known.at),
    )


def _blocks(known: Known, telling: Telling, others: Sequence[tuple[str, str]]) -> Iterator[Block]:
    languages = tuple(Link(name, f"{ADDRESS}?language={code}") for code, name in others)
    yield Links(telling.say("oversight languages"), languages)
    yield Links(telling.say("oversight elsewhere"), (Link(telling.say("oversight wallboard"), "/"),))
    if known.failing:
        yield Paragraph(telling.say("oversight failing", why=known.failing), Tone.LOUD)
    by_contract: dict[str, list[Pack]] = {one.contract: [] for one in known.standings}
    for pack in known.packs:
        by_contract.setdefault(pack.contract, []).append(pack)
    if not by_contract:
        yield Paragraph(telling.say("oversight nothing"))
    standings = {one.contract: one for one in known.standings}
    for contract in sorted(by_contract):
        yield from _contract(contract, standings.get(contract), by_contract[contract], telling.words)
    yield from _checkpoints(known, telling)
    yield from _verify(known, telling)


def _contract(id_: str, standing: SoFar | None, packs: list[Pack], words: Words) -> Iterator[Block]:
    heading = standing.heading if standing is not None else None
    newest = heading or next((pack.heading for pack in packs if pack.heading), None)
    telling = Telling(words, newest.time_zone if newest else "UTC")
    yield Title(telling.apart(f"{newest.name} ({id_})" if newest and newest.name != id_ else id_))
    if standing is not None and heading is None:
        keys = {State.WAITING: "waiting", State.REMOVED: "removed", State.FAILED: "unreadable"}
        yield Paragraph(telling.say(f"oversight {keys[standing.state]}", why=standing.why), Tone.LOUD)
    if heading is not None:
        yield from _standing(heading, telling)
    yield from _trend(heading, packs, telling)
    yield from _packs(packs, telling)


def _standing(heading: Heading, telling: Telling) -> Iterator[Block]:
    written = heading.as_written
    named = {"period": telling.period(heading.asked), "until": telling.moment(heading.until), "zone": heading.time_zone}
    told = [telling.say("oversight over" if heading.is_over else "oversight so far", **named)]
    numbers = {"counted": telling.number(heading.counted), "listed": telling.number(heading.listed)}
    told.append(telling.say("counted", **numbers))
    if heading.never_seen:
        told.append(telling.count("oversight never seen", heading.never_seen))
    yield Paragraph(" ".join(told))
    yield Paragraph(_verdict(written.target, heading.is_over, telling), Tone.LOUD)
    yield Items(tuple(_sentences(written, telling)))
    yield Tiles(tuple(_tile(name, written.figures.get(key), telling) for key, name in FIGURES.items()))
    if len(heading.readings) > 1:
        yield _readings(heading, telling)


def _verdict(target: Target | None, is_over: bool, telling: Telling) -> str:
    """Return whether what was promised is kept; of a period that goes on, so far."""
    if target is None or target.met is None or is_over:
        return verdict(_promise(target), telling)
    (promised, by), reached = promise(_promise(target) or {}, telling), telling.percent(target.reached)
    key = "oversight kept so far" if target.met else "oversight missed so far"
    words = telling.say(key, promised=promised, reached=reached, by=by)
    return words if target.met_if_bad == target.met_if_good else f"{words} {telling.say('target unsure')}"


def _promise(target: Target | None) -> dict[str, object] | None:
    """Return a target as a statement has it."""
    if target is None:
        return None
    return {
        "promised": target.of_each or target.promised, "figure": target.reached, "weighting": target.weighting,
        "met": target.met,
        "met_if_unseen_was_bad": target.met_if_bad, "met_if_unseen_was_good": target.met_if_good,
    }  # fmt: skip


def _held(reading: Reading) -> str:
    """Return which figure is held against the target; camera-hours where there is none."""
    return reading.target.figure if reading.target else "camera_hours"


def _sentences(reading: Reading, telling: Telling) -> Iterator[str]:
    """Yield the figure that counts with its bounds, who is below the target, and what it costs."""
    key = _held(reading)
    figure = reading.figures.get(key)
    if figure is not None and figure.value is not None:
        told = {name: telling.percent(share) for name, share in figure._asdict().items()}
        yield telling.say("oversight bounds", by=telling.word("weighting", FIGURES[key]), **told)
    if reading.below is not None:
        yield telling.count("oversight below", reading.below)
    if reading.bill is not None:
        yield _bill(reading.bill, telling)


def _bill(bill: Bill, telling: Telling) -> str:
    amounts = {key: telling.money(getattr(bill, key)) for key in ("paid", "least", "most")}
    key = "oversight bill" if bill.least == bill.most else "oversight bill between"
    return telling.say(key, currency=bill.currency, **amounts)


def _tile(name: str, figure: Figure | None, telling: Telling) -> Tile:
    label = telling.word("weighting", name)
    if figure is None or figure.value is None:
        return Tile(label, "–", (telling.say("no figure"),))
    coverage = telling.say("coverage", share=telling.percent(figure.coverage))
    return Tile(label, telling.percent(figure.value), (telling.bounds(figure._asdict()), coverage))


def _readings(heading: Heading, telling: Telling) -> Table:
    numbers = ("camera-hours", "bounds")
    rows = []
    for one in heading.readings:
        hours = one.figures["camera_hours"]
        met = one.target.met if one.target else None
        rows.append(
            (
                telling.word("reading", one.name),
                telling.percent(hours.value),
                telling.bounds(hours._asdict()),
                "–" if met is None else telling.say("met" if met else "missed"),
                f"{one.bill.currency} {telling.money(one.bill.paid)}" if one.bill else "–",
            )
        )
    titles = columns(telling, "reading", *numbers, "target", "bill", numbers=(*numbers, "bill"), wide="reading")
    return Table(telling.say("readings caption"), titles, tuple(rows))


def _trend(heading: Heading | None, packs: list[Pack], telling: Telling) -> Iterator[Block]:
    """Draw the periods that are over, and the one that is not, from the oldest on."""
    headings = {one.heading.asked: one.heading for one in packs if one.heading is not None}
    if heading is not None:
        headings[heading.asked] = heading
    known = sorted(headings.values(), key=lambda one: one.end)[-MOST_PERIODS:]
    if len(known) < 2:
        return
    rows = [_reach(one, telling) for one in known]
    target = known[-1].as_written.target
    mark = Fraction(target.promised) / 100 if target is not None else None
    caption = telling.say("oversight trend caption")
    yield Title(telling.say("oversight trend"), 3)
    yield Picture(reaches(rows, telling.words, mark), caption, caption)


def _reach(heading: Heading, telling: Telling) -> Reach:
    key = _held(heading.as_written)
    figure = heading.as_written.figures.get(key, Figure(None, None, None, None))
    value, low, high = (fraction(share) for share in (figure.value, figure.low, figure.high))
    return Reach(telling.period(heading.asked), value, low, high, telling.percent(figure.value))


def _packs(packs: list[Pack], telling: Telling) -> Iterator[Block]:
    yield Title(telling.say("oversight packs"), 3)
    if not packs:
        yield Paragraph(telling.say("oversight no pack"), Tone.QUIET)
    for pack in packs[:MOST_PACKS]:
        if pack.flaw:
            named = telling.period(pack.period)
            yield Paragraph(telling.say("oversight flawed", period=named, why=pack.flaw), Tone.LOUD)
        else:
            yield Links(telling.period(pack.period), tuple(_files(pack, telling)))


def _files(pack: Pack, telling: Telling) -> Iterator[Link]:
    """Yield the whole pack and its papers, then what else is in it."""
    at = f"{ADDRESS}/packs/{quote(pack.contract, safe='')}/{quote(pack.period, safe='')}"
    size = sum(file.size for file in pack.files)
    yield Link(telling.say("oversight whole"), f"{at}.tar", telling.say("oversight megabytes", n=_megabytes(size)))
    papers = [file for file in pack.files if file.name.endswith((".pdf", ".html"))]
    for file in papers:
        yield Link(file.name, f"{at}/{file.name}")


def _megabytes(size: int) -> str:
    return f"{-(-size // 100_000) / 10:,.1f}"


def _checkpoints(known: Known, telling: Telling) -> Iterator[Block]:
    yield Title(telling.say("oversight checkpoints"))
    yield Paragraph(telling.say("oversight checkpoints explained"))
    if not known.checkpoints:
        yield Paragraph(telling.say("oversight no checkpoint"), Tone.QUIET)
    for one in known.checkpoints:
        moment = telling.moment(int(one.at * 1000))
        yield Paragraph(telling.say("oversight signed", moment=moment, n=telling.number(one.size)), Tone.QUIET)
        yield Code(one.note.strip("\n"))
    if known.key:
        yield Paragraph(telling.say("oversight key"), Tone.QUIET)
        yield Code(known.key)


def _verify(known: Known, telling: Telling) -> Iterator[Block]:
    newest = next((pack.label for pack in known.packs if not pack.flaw), EXAMPLE)
    held = f"--key '{known.key or 'camfleet/…'}'"
    yield Title(telling.say("oversight verify"))
    yield Paragraph(telling.say("oversight step download"))
    yield Code(f"tar xf {newest}.tar")
    yield Paragraph(telling.say("oversight step alone"))
    yield Code(f"python3 {newest}/verify.pyz {newest} --checkpoint kept.txt {held}")
    yield Paragraph(telling.say("oversight step camfleet"))
    yield Code(f"camfleet verify {newest} --checkpoint kept.txt {held}")
    yield Paragraph(telling.say("oversight step result"))
