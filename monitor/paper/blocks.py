"""What a document is made of. Every text in it is plain: nothing in it is markup, wherever it came from."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    PLAIN = "plain"
    QUIET = "quiet"
    LOUD = "loud"

    def __str__(self) -> str:
        return self.value


class Heading(NamedTuple):
    text: str
    level: int = 2


class Paragraph(NamedTuple):
    text: str
    tone: Tone = Tone.PLAIN


class Items(NamedTuple):
    """Sentences, one below the other."""

    texts: tuple[str, ...]


class Tile(NamedTuple):
    """A figure to be seen from afar: what it is, the figure, and what belongs to it in small."""

    label: str
    figure: str
    below: tuple[str, ...] = ()


class Tiles(NamedTuple):
    tiles: tuple[Tile, ...]


class Column(NamedTuple):
    """A column's title; ``number`` ones stand flush with their ends, ``wide`` ones take what room is left."""

    title: str
    number: bool = False
    wide: bool = False


class Table(NamedTuple):
    """Rows under columns; ``caption`` says what they are, for whoever cannot see them too."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


class Picture(NamedTuple):
    """A drawing of our own (``monitor.paper.svg``); ``alt`` says in words what it shows."""

    svg: str
    alt: str
    caption: str


class Code(NamedTuple):
    """What is typed, or kept, letter by letter."""

    text: str


class Link(NamedTuple):
    """An address of ours, what it leads to, and what is said of that in small."""

    text: str
    address: str
    note: str = ""


class Links(NamedTuple):
    """Where a page leads; ``label`` says what these are. Nothing for paper."""

    label: str
    links: tuple[Link, ...]


class NewPage(NamedTuple):
    """What follows begins on a page of its own, on paper."""


Block = Heading | Paragraph | Items | Tiles | Table | Picture | Code | Links | NewPage


class Document(NamedTuple):
    """A document. ``at`` is its moment, in seconds since the epoch: the same document gives the same bytes."""

    language: str
    right_to_left: bool
    title: str
    subtitle: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: str
    """What stands at the foot of every page of paper, before its number."""
    at: int
