"""JSONL: a JSON object (RFC 8259) on each line, an entry of the file's section. ``null`` is a key that is not given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.inventory.document import Ambiguous, Flaw, Place, Unreadable, Visit
from monitor.inventory.mistake import shown
from monitor.inventory.text import decode
from monitor.inventory.yaml_file import visits

FLAWS_MAX = 1_000
LINE_MAX = 65_536


@dataclass(frozen=True, slots=True)
class LinesFile:
    """A JSONL file that was read; see ``Document``."""

    name: str
    folder: str
    section: str
    text: str
    lines: tuple[int, ...]
    """The line of each row."""
    rows: tuple[Any, ...]
    flaws: tuple[Flaw, ...]
    broken: bool

    @property
    def sections(self) -> Mapping[str, Any]:
        return {self.section: self.rows}

    def visits(self) -> Iterator[Visit]:
        """A line of JSON is a line of YAML, as far as places go."""
        texts = self.text.split("\n")
        for number, line in enumerate(self.lines):
            for path, key, value in visits(texts[line - 1]):
                yield Visit((self.section, number, *path), key._replace(line=line), value._replace(line=line))


def read(name: str, folder: str, data: bytes, section: str) -> LinesFile:
    """Read a JSONL file of one section; what is wrong stands in ``flaws``. Raises ``Unreadable`` if it is no text."""
    text = decode(data)
    flaws: list[Flaw] = []
    lines: list[int] = []
    rows: list[Any] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(_row(line, number, f"{section}[{len(rows)}]"))
            lines.append(number)
        except Unreadable as unreadable:
            flaws.append(unreadable.flaw)
        if len(flaws) > FLAWS_MAX:
            break
    return LinesFile(name, folder, section, text, tuple(lines), tuple(rows), tuple(flaws), bool(flaws))


def _row(line: str, number: int, entry: str) -> Any:
    if len(line) > LINE_MAX:
        raise Unreadable(Flaw(Place(number, 1), f"a line of more than {LINE_MAX:,} characters"))
    try:
        return json.loads(line, object_pairs_hook=_object, parse_constant=Ambiguous)
    except _Twice as twice:
        where = f"{entry}.{shown(str(twice))}"
        raise Unreadable(Flaw(Place(number, 1), "written twice", "keep one of them", where)) from None
    except json.JSONDecodeError as error:  # its words are fixed sentences without anything from the file
        place = Place(number, error.colno)
        raise Unreadable(Flaw(place, f"cannot be read as JSON: {error.msg}", "one object a line")) from None
    except (ValueError, RecursionError):
        raise Unreadable(Flaw(Place(number, 1), "a number is too long, or the line too deeply nested")) from None


class _Twice(Exception):
    """A key, the argument, is twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = {key: _value(value) for key, value in pairs if value is not None}
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return result


def _value(value: Any) -> Any:
    """``true`` is no number, as it would be to Python."""
    if isinstance(value, bool):
        return Ambiguous("true" if value else "false")
    return value
