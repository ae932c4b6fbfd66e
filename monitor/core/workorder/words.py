"""What a person says about an order: on my way, what was found, false alarm. It closes nothing: evidence does."""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.acknowledgement import line
from monitor.core.workorder.order import WORDS, Act, OrderEvent, Orders

#: What can have been found.
FOUND = (
    "power",
    "fuse",
    "cable",
    "fibre",
    "switch",
    "injector",
    "camera",
    "moved",
    "dirty",
    "stolen",
    "settings",
    "water",
    "works",
    "other",
)
#: So many words are taken about one order.
MOST_WORDS = 100


class Said(NamedTuple):
    """Who says what. ``found`` is one of ``FOUND`` where something was; ``note`` goes with it."""

    order: str
    act: Act
    who: str = ""
    found: str = ""
    note: str = ""


class NotTaken(Exception):
    """A word that cannot be taken; the text says why, and ``key`` how the catalogues say it, if they do."""

    def __init__(self, why: str, key: str = "") -> None:
        super().__init__(why)
        self.key = key


def said(orders: Orders, word: Said, at: float) -> OrderEvent:
    """Return the event of a person's word. Raises NotTaken."""
    order = orders.get(word.order)
    if order is None:
        raise NotTaken(f"There is no work order {word.order[:20]!r}.")
    if word.act not in WORDS:
        raise NotTaken(f"{word.act} is nobody's to say.")
    if not order.is_open:
        raise NotTaken("The order is closed.", "order is over")
    if sum(event.act in WORDS for event in order.events) >= MOST_WORDS:
        raise NotTaken("There are too many words in this order already.", "order too many words")
    return OrderEvent(at, order.id, word.act, who=line(word.who), why=_why(word))


def _why(word: Said) -> str:
    note = line(word.note)
    if word.act is not Act.FOUND:
        return note
    if word.found not in FOUND:
        raise NotTaken(f"What was found is one of {', '.join(FOUND)}.", "order choose")
    return f"{word.found}: {note}" if note else word.found
