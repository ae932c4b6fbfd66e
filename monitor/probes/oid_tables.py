"""Which objects of a make's MIB say what, as data: one YAML file a make beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from monitor.core.verdict import Rung

_NUMBER = re.compile(r"\s*(-?\d{1,12}(?:\.\d{1,6})?)")


class Row(NamedTuple):
    """One object: a number to keep, or a status, in digits or in words, that judges a rung."""

    oid: str
    name: str
    number: bool = False
    ok: tuple[float | str, ...] = ()
    bad: tuple[float | str, ...] = ()
    rung: Rung | None = None


class OidTable(NamedTuple):
    make: str
    object_id: str
    rows: tuple[Row, ...]


@cache
def tables() -> Mapping[str, OidTable]:
    """Return the tables by make."""
    found = (
        _table(path.read_text())
        for path in files(__package__).joinpath("oids").iterdir()
        if path.name.endswith(".yaml")
    )
    return {table.make: table for table in found}


def _table(text: str) -> OidTable:
    data = yaml.safe_load(text)
    return OidTable(data["make"], data["object_id"], tuple(_row(row) for row in data["rows"]))


def _row(data: Mapping[str, object]) -> Row:
    values = dict(data)
    rung = values.pop("rung", None)
    row = Row(**values, rung=Rung[str(rung).upper()] if rung else None)  # type: ignore[arg-type]  # the files are ours
    return row._replace(ok=tuple(map(status, row.ok)), bad=tuple(map(status, row.bad)))


def table_of(make: str, object_id: str) -> OidTable | None:
    """Return the table of the object id that a device names, or else of the make that the inventory names."""
    for table in tables().values():
        if object_id == table.object_id or object_id.startswith(table.object_id + "."):
            return table
    return tables().get(make.lower())


def status(value: object) -> float | str:
    """Return a status to compare: its number, or its word in small letters."""
    found = number(value)
    return text(value).lower() if found is None else found


def text(value: object) -> str:
    """Return a value as a bounded text."""
    plain = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return plain.strip()[:200]


def number(value: object) -> float | None:
    """Return the number at the start of a value: cameras send "15 PERCENT"."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.match(text(value))
    return float(match[1]) if match else None
