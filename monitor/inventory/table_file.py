"""CSV (RFC 4180): a header of keys, a row an entry. An empty cell is a key that is not given; every other cell is text,
whatever a spreadsheet would make of it. Separated by commas, semicolons or tabs, as spreadsheets save it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.inventory.document import Flaw, Path, Place, Unreadable, Visit
from monitor.inventory.mistake import nearest, shown
from monitor.inventory.text import decode

FLAWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a section knows: the path of its key, and whether its cells are lists separated by spaces."""

    path: tuple[str, ...]
    is_list: bool

    @property
    def is_simple(self) -> bool:
        """Whether a cell is the value as it stands."""
        return len(self.path) == 1 and not self.is_list


@dataclass(frozen=True, slots=True)
class TableFile:
    """A CSV file that was read; see ``Document``."""

    name: str
    folder: str
    section: str
    header: tuple[tuple[int, Column], ...]
    """Index of the cell, counted from 0, and its column."""
    lines: tuple[int, ...]
    """The line that each row begins on."""
    rows: tuple[dict[str, Any], ...]
    flaws: tuple[Flaw, ...]
    broken: bool

    @property
    def sections(self) -> Mapping[str, Any]:
        return {self.section: self.rows}

    def visits(self) -> Iterator[Visit]:
        """Columns are counted in cells, as a spreadsheet shows them."""
        for number, (line, row) in enumerate(zip(self.lines, self.rows, strict=True)):
            entry: Path = (self.section, number)
            yield Visit(entry, Place(line, 1), Place(line, 1))
            for index, column in self.header:
                if column.path[0] in row:
                    place = Place(line, index + 1)
                    yield Visit(entry + column.path, place, place)


def read(
    name: str, folder: str, data: bytes, section: str, columns: Mapping[str, Column], required: Iterable[str]
) -> TableFile:
    """Read a CSV file of one section; what is wrong stands in ``flaws``. Raises ``Unreadable`` if it is no text."""
    reader = _Reader(decode(data), section, columns, required)
    broken = False
    try:
        reader.run()
    except Unreadable as unreadable:
        reader.flaws.append(unreadable.flaw)
        broken = True
    return TableFile(
        name,
        folder,
        section,
        tuple(reader.header),
        tuple(reader.lines),
        tuple(reader.rows),
        tuple(reader.flaws),
        broken,
    )


class _Reader:
    """One pass over the rows; grows ``header``, ``rows``, ``lines`` and ``flaws``."""

    def __init__(self, text: str, section: str, columns: Mapping[str, Column], required: Iterable[str]) -> None:
        first = text[: (text + "\n").index("\n")]
        self._cells = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t", key=first.count))
        self._section = section
        self._columns = columns
        self._required = required
        self._line = 1
        self._titles: list[str] = []
        self.header: list[tuple[int, Column]] = []
        self.rows: list[dict[str, Any]] = []
        self.lines: list[int] = []
        self.flaws: list[Flaw] = []

    def run(self) -> None:
        """Read all; raises ``Unreadable`` where there is no going on."""
        try:
            self._read_header(next(self._cells, []))
            self._read_rows()
        except csv.Error as error:  # its words are fixed sentences without anything from the file
            raise Unreadable(
                Flaw(Place(self._line, 1), f"cannot be read as CSV: {error}", "check the quotes of this row")
            ) from None

    def _read_header(self, cells: list[str]) -> None:
        titles = [cell.strip() for cell in cells]
        if not any(titles):
            raise Unreadable(Flaw(Place(1, 1), "the first row is the header, and it is empty", "name the columns"))
        self._titles = titles
        for index, title in enumerate(titles):
            column = self._columns.get(title)
            if title and title in titles[:index]:
                self._flaw(1, index, "this column is there twice", "keep one of them")
            elif column is not None:
                self.header.append((index, column))
            elif title:
                self._guess(index, title)
        for title in self._required:
            if title not in {".".join(column.path) for _, column in self.header}:
                words = f"there is no column {title}"
                raise Unreadable(Flaw(Place(1, 1), words, "the first row is the header", self._section))

    def _guess(self, index: int, title: str) -> None:
        """An unknown column is taken for the one it is like, so that the mistakes in its cells are found as well."""
        free = self._columns.keys() - set(self._titles) - {".".join(column.path) for _, column in self.header}
        near = nearest(title, free)
        self._flaw(1, index, "unknown column", f"did you mean {near}?" if near else "")
        if near:
            self.header.append((index, self._columns[near]))

    def _read_rows(self) -> None:
        simple = {index: column.path[0] for index, column in self.header if column.is_simple}
        special = {index: column for index, column in self.header if not column.is_simple}
        untitled = [index for index, title in enumerate(self._titles) if not title]
        width = len(self._titles)
        self._line = self._cells.line_num + 1
        for cells in self._cells:
            cells = [cell.strip() for cell in cells]
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            if len(cells) > width or untitled:
                self._check_untitled(cells, [*untitled, *range(width, len(cells))])
            if any(cells):
                row: dict[str, Any] = {key: cells[index] for index, key in simple.items() if cells[index]}
                for index, column in special.items():
                    if cells[index]:
                        _set(row, column, cells[index])
                self.rows.append(row)
                self.lines.append(self._line)
            self._line = self._cells.line_num + 1

    def _check_untitled(self, cells: list[str], untitled: list[int]) -> None:
        """A spreadsheet may leave empty cells at the end of its rows; one with something in it is a slip."""
        filled = [index for index in untitled if cells[index]]
        if filled:
            self._flaw(self._line, filled[0], "a cell without a title above it", "quote cells that hold the separator")

    def _flaw(self, line: int, index: int, message: str, hint: str) -> None:
        title = self._titles[index] if index < len(self._titles) else ""
        words = f"{self._section}[{len(self.rows)}]" if line > 1 else f"{self._section}.{shown(title)}"
        self.flaws.append(Flaw(Place(line, index + 1), message, hint, words))
        if len(self.flaws) > FLAWS_MAX:
            raise Unreadable(Flaw(Place(line, index + 1), "so much is wrong that reading ends here"))


def _set(row: dict[str, Any], column: Column, cell: str) -> None:
    target = row
    for step in column.path[:-1]:
        target = target.setdefault(step, {})
    target[column.path[-1]] = cell.split() if column.is_list else cell
