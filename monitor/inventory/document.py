"""One file of an inventory as plain values, and the way back from a value to its line and column.

Reading keeps no positions: most files are right, and a position for each of a million values is dear. Only when there
is a mistake is the file gone through a second time, for the places of exactly the values that are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from monitor.inventory.mistake import shown

#: From the root of a document to a value: ("cameras", 3, "ports", "onvif").
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


class Visit(NamedTuple):
    """One value of a document with the places of its key (or list item) and of itself."""

    path: Path
    key: Place
    value: Place


class Flaw(NamedTuple):
    """What a reader found wrong at a place; ``where`` is "" if the visits shall say it."""

    place: Place
    message: str
    hint: str = ""
    where: str = ""


class Unreadable(Exception):
    """A file that gives no values at all, or none after this place."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class Ambiguous:
    """A word that one reader takes for text and another for a number, a date or yes and no: ``text`` is as written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Refused(Ambiguous):
    """Stands where the reader found a flaw already: no second mistake is made of it."""

    __slots__ = ()


class Document(Protocol):
    """A file that was read: its values by section, what was wrong already then, and its places."""

    @property
    def name(self) -> str:
        """As messages print it."""

    @property
    def folder(self) -> str:
        """Where its relative secret files are."""

    @property
    def sections(self) -> Mapping[str, Any]: ...

    @property
    def flaws(self) -> Iterable[Flaw]: ...

    @property
    def broken(self) -> bool:
        """Whether values are missing because the file could not be read to its end."""

    def visits(self) -> Iterator[Visit]:
        """Go through all its values once more, in their order."""


class Origin(NamedTuple):
    """Where a value stands. ``at_key`` means its key rather than what is written there."""

    document: Document
    path: Path
    at_key: bool = False

    def child(self, *more: str | int) -> Origin:
        return Origin(self.document, self.path + more)


def where(path: Path) -> str:
    """The path in words: "cameras[3].ports.onvif"."""
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{shown(step)}"
    return words.removeprefix(".")
