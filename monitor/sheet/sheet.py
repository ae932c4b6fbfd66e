"""The whole document: its sections in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.paper.blocks import Block, Document
from monitor.paper.words import Words
from monitor.sheet.behind import causes, repairs, rungs
from monitor.sheet.cameras import cameras, listing, on_foot
from monitor.sheet.first import first
from monitor.sheet.grounds import contract, exclusions, monitor, not_computed, verify
from monitor.sheet.places import places
from monitor.sheet.telling import Plain, Telling

Section = Callable[[Plain, Telling], Iterator[Block]]
SECTIONS: tuple[Section, ...] = (
    first,
    rungs,
    causes,
    repairs,
    places,
    cameras,
    exclusions,
    contract,
    listing,
    monitor,
    not_computed,
    on_foot,
    verify,
)


def sheet(statement: Plain, words: Words) -> Document:
    """Return a statement as a document in a language."""
    period, named, ledger = statement["period"], statement["contract"], statement["ledger"]
    telling = Telling(words, period["time_zone"])
    name = telling.apart(named["name"] or named["id"])
    dates = telling.say(
        "dates", start=telling.moment(period["start"]), end=telling.moment(period["end"]), zone=period["time_zone"]
    )
    blocks = tuple(block for section in SECTIONS for block in section(statement, telling))
    return Document(
        language=words.language,
        right_to_left=words.right_to_left,
        title=telling.say("title", name=name, period=telling.period(period["asked"])),
        subtitle=(telling.say("subtitle"), dates),
        blocks=blocks,
        foot=telling.apart(f"{ledger['origin']} · {ledger['leaves']:,} · {ledger['root']}"),
        at=period["until"] // 1000,
    )
