"""CSV (RFC 4180): a header of keys, a row an entry. An empty cell is a key that is not given; every other cell is text,
whatever a spreadsheet would make of it. Separated by commas, semicolons or tabs, as spreadsheets save it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.inventory.document import Flaw, Path, Place, Unreadable, Visit
from monitor.inventory.mistake import likely, shown
from monitor.inventory.text import decode

FLAWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a section knows: the path of its key, and whether its cells are lists separated by spaces."""

    path: tuple[str, ...]
    is_list: bool


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


def read(name: str, folder: str, data: bytes, section: str, columns: Mapping[str, Column]) -> TableFile:
    """Read a CSV file of one section; what is wrong stands in ``flaws``. Raises ``Unreadable`` if it is no text."""
    reader = _Reader(decode(data), section, columns)
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

    def __init__(self, text: str, section: str, columns: Mapping[str, Column]) -> None:
        first = text[: (text + "\n").index("\n")]
        self._cells = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t", key=first.count))
        self._section = section
        self._columns = columns
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
            raise Unreadable(Flaw(Place(self._cells.line_num, 1), f"cannot be read as CSV: {error}")) from None

    def _read_header(self, cells: list[str]) -> None:
        if not any(cells):
            raise Unreadable(Flaw(Place(1, 1), "the first row is the header, and it is empty", "name the columns"))
        seen: set[str] = set()
        for index, cell in enumerate(cells):
            title = cell.strip()
            column = self._columns.get(title)
            if title in seen and title:
                self._flaw(1, index, "this column is there twice", "keep one of them", title)
            elif column is not None:
                self.header.append((index, column))
            elif title:
                self._flaw(1, index, "unknown column", likely(title, self._columns), title)
            seen.add(title)

    def _read_rows(self) -> None:
        width = max((index for index, _ in self.header), default=-1) + 1
        simple = [
            (index, column.path[0]) for index, column in self.header if len(column.path) == 1 and not column.is_list
        ]
        special = [(index, column) for index, column in self.header if len(column.path) > 1 or column.is_list]
        line = self._cells.line_num + 1
        for cells in self._cells:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                size = len(cells)
                row: dict[str, Any] = {key: cells[i] for i, key in simple if i < size and cells[i]}
                for i, column in special:
                    if i < size and cells[i]:
                        _set(row, column, cells[i])
                self.rows.append(row)
                self.lines.append(line)
                if size > width:
                    self._check_surplus(line, cells, width)
            line = self._cells.line_num + 1

    def _check_surplus(self, line: int, cells: list[str], width: int) -> None:
        pass

    def _flaw(self, line: int, index: int, message: str, hint: str, title: str) -> None:
        self.flaws.append(Flaw(Place(line, index + 1), message, hint, f"{self._section}.{shown(title)}"))
        if len(self.flaws) > FLAWS_MAX:
            raise Unreadable(Flaw(Place(line, index + 1), "so much is wrong that reading ends here"))


def _set(row: dict[str, Any], column: Column, cell: str) -> None:
    target = row
    for step in column.path[:-1]:
        target = target.setdefault(step, {})
    target[column.path[-1]] = cell.split() if column.is_list else cell
