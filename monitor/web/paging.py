"""Lists on pages: what an address asks of one, filter, sort and page, with every mistake in it named. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

PAGE_ROWS = 50
MOST_ROWS = 500
MOST_TEXT = 100
#: Choices that a sentence about a mistake names.
MOST_CHOICES = 30
MOST_PAGE = 1_000_000
#: What of a query narrows nothing.
ORDERING = ("sort", "page", "per_page")


class QueryError(ValueError):
    """A query that cannot be answered; ``mistakes`` says why, a sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes


class Paged:
    """What of a list is asked for: a dataclass of texts, with ``sort``, ``page`` and ``per_page`` among its fields."""

    __slots__ = ()

    def but(self, **other: Any) -> str:
        """Return this query with something else, as the part of an address after its question mark."""
        query: Any = replace(self, **{"page": 1, **other})  # type: ignore[type-var]  # every kind is a dataclass
        standard = type(self)()
        said = {name: getattr(query, name) for name in names(type(self))}
        return urlencode({name: value for name, value in said.items() if value != getattr(standard, name)})

    @property
    def narrowed(self) -> bool:
        return any(getattr(self, name) for name in names(type(self)) if name not in ORDERING)


Asked = TypeVar("Asked", bound=Paged)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list, and how much there is."""

    rows: tuple[Row, ...]
    total: int
    number: int
    pages: int


def page_of(found: Sequence[Row], number: int, per_page: int = PAGE_ROWS) -> Page[Row]:
    """Return a page of what was found; a page beyond the last is the last."""
    pages = max(1, -(-len(found) // per_page))
    number = min(number, pages)
    return Page(tuple(found[(number - 1) * per_page : number * per_page]), len(found), number, pages)


def names(kind: type[Paged]) -> tuple[str, ...]:
    """Return the parameters of a query."""
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # every kind is a dataclass


def read(kind: type[Asked], given: Mapping[str, str], choices: Mapping[str, Collection[str]], strict: bool) -> Asked:
    """Return the query of an address; ``choices`` are the words that a parameter may have.

    ``strict`` refuses parameters that it does not know. Raises QueryError.
    """
    known = names(kind)
    mistakes = [
        f"{name[:MOST_TEXT]}: not a parameter; there are {', '.join(known)}."
        for name in given
        if strict and name not in known
    ]
    texts = {name: given.get(name, "").strip()[:MOST_TEXT] for name in known}
    for name, words in choices.items():
        if texts[name].removeprefix("-" if name == "sort" else "") not in ("", *words):
            mistakes.append(f"{name}: there is no {texts[name]!r}; there are {some(words)}.")
    page = number("page", texts.pop("page"), 1, MOST_PAGE, mistakes)
    per_page = number("per_page", texts.pop("per_page"), PAGE_ROWS, MOST_ROWS, mistakes)
    if mistakes:
        raise QueryError(mistakes)
    said: dict[str, Any] = {name: text for name, text in texts.items() if text}
    said |= {"page": page, "per_page": per_page}
    return kind(**said)


def some(choices: Iterable[str]) -> str:
    """Return choices in a sentence; of very many the first."""
    named = list(choices)
    return ", ".join(named[:MOST_CHOICES]) + (", …" if len(named) > MOST_CHOICES else "")


def number(name: str, text: str, standard: int, most: int, mistakes: list[str]) -> int:
    """Return a parameter that is a whole number, or the ``standard``; a mistake in it joins the others."""
    if not text:
        return standard
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    mistakes.append(f"{name}: a whole number from 1 to {most}.")
    return standard
