"""What an agent's objects mean: tables as data, and the reading of values by them.

Rules: a table names objects and says which figures to keep and which states are bad; no code knows a make. Values come
as devices send them: numbers, words, words with units. A value that cannot be read judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from monitor.core.identity import SNMP_ENGINE, SNMP_MAC, SNMP_NAME, SNMP_SERIAL
from monitor.core.verdict import Rung

KINDS = ("number", "text", "status", "counter", "counter64", "serial", "mac")
#: What an object of such a kind says of who answers, by the name of the mark (``monitor.core.identity``).
MARKS: Mapping[str, str] = {"serial": SNMP_SERIAL, "mac": SNMP_MAC, "engine": SNMP_ENGINE, "name": SNMP_NAME}
#: What several instances of an object (sensors, disks, ports) become: one figure, or one each.
KEEPS = ("max", "min", "sum", "each")
#: When a bad state counts: always, or only of an instance that was seen in order before (a slot that never had a card).
COUNTS = ("always", "after_ok")
#: Instances of one table that are asked for in a check, where the table does not say otherwise.
MOST_OBJECTS = 15
TEXT_CHARACTERS = 200
COUNTER_BITS = {"counter": 32, "counter64": 64}

Scalar = int | float | bytes | str | None
Figure = float | str
_NUMBER = re.compile(r"\s*([-+]?\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]{0,8})")
_HARDWARE_ADDRESS = re.compile(r"(?:[0-9a-fA-F]{1,2}[:-]){5}[0-9a-fA-F]{1,2}|[0-9a-fA-F]{12}")
_BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}


class Row(NamedTuple):
    """One object: a figure to keep, or a status, in digits or in words, that may judge a rung."""

    oid: str
    name: str
    kind: str = "number"
    ok: tuple[float | str, ...] = ()
    bad: tuple[float | str, ...] = ()
    rung: Rung | None = None
    words: tuple[tuple[float, str], ...] = ()
    """What the numbers of a status mean."""
    keep: str = "max"
    counts: str = "always"
    scale: float = 1.0
    """What one of the device's units is in ours (0.1 for tenths)."""
    unit: str = ""
    """The unit that we keep, one of bytes; a value that names another one of bytes is converted."""


class OidTable(NamedTuple):
    """The objects of one make. ``object_id`` is what its devices' sysObjectID begins with; ``detect`` an object that
    only they have, for those that do not say what they are."""

    make: str
    rows: tuple[Row, ...]
    object_id: str = ""
    detect: str = ""
    most: int = MOST_OBJECTS

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All tables, the user's before ours. ``digest`` tells one set from another; in a process there is one of each."""

    tables: tuple[OidTable, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digest = blake2b(repr(self.tables).encode(), digest_size=4).hexdigest()
        object.__setattr__(self, "digest", digest)

    def of(self, make: str, object_id: str, detected: Iterable[str] = ()) -> OidTable | None:
        """Return the table of a device: the one that is for a kind of device rather than a make, where the inventory
        names it; else by the object id that the device gives, by an object that it has, by the inventory's make."""
        named = self.named(make)
        if named is not None and not named.object_id and not named.detect:
            return named
        for table in self.tables:
            if table.object_id and (object_id + ".").startswith(table.object_id + "."):
                return table
        return next((self.detecting[oid] for oid in detected if oid in self.detecting), named)

    def named(self, make: str) -> OidTable | None:
        return next((table for table in self.tables if table.make == make.lower()), None)

    @property
    def detecting(self) -> Mapping[str, OidTable]:
        """The tables of makes that are told by an object."""
        return {table.detect: table for table in reversed(self.tables) if table.detect}


class Asked(NamedTuple):
    """One instance of an object: its row, which one it is, and whether it was seen in order."""

    row: Row
    instance: str
    seen_ok: bool
    name: str
    """What its figure is called."""


def instance(row: Row, oid: str, seen_ok: bool) -> Asked:
    """Return what is asked for by this object id, which is below the row's."""
    which = oid[len(row.oid) + 1 :]
    name = f"{row.name}_{which.replace('.', '_')}" if row.keep == "each" else row.name
    return Asked(row, which, seen_ok, name)


@dataclass(slots=True)
class Reading:
    """What the values of one check say: figures by name, the worst of each rung that was judged, what is now known
    to have been in order."""

    figures: dict[str, Figure] = field(default_factory=dict)
    judged: dict[Rung, str] = field(default_factory=dict)
    """Rung to what is bad about it; "" where all is in order."""
    seen_ok: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    """What the device says of who it is."""


def read(asked: Mapping[str, Asked], values: Mapping[str, Scalar]) -> Reading:
    """Read the values of these objects, which are asked for by their ids. Counters are read by ``increase``."""
    reading = Reading()
    for oid, one in asked.items():
        value, kind = values.get(oid), one.row.kind
        if value is None or kind in COUNTER_BITS:
            continue
        if kind in MARKS:
            name = MARKS[kind]
            reading.marks[name] = reading.marks.get(name) or _mark(kind, value)
        elif kind == "status":
            _status(reading, oid, one, status(value))
        elif kind == "text":
            reading.figures[one.name] = text(value)
        elif (figure := number(value, one.row.unit)) is not None:
            _keep(reading.figures, one, figure * one.row.scale)
    return reading


def _mark(kind: str, value: Scalar) -> str:
    """Return what a value says of who answers, in characters that can be shown; "" for what says nothing."""
    if kind == "mac":
        return hardware_address(value)
    if kind == "engine":
        return value.hex() if isinstance(value, bytes) else ""
    return "".join(character for character in text(value) if character.isprintable())


def _status(reading: Reading, oid: str, one: Asked, found: float | str) -> None:
    row = one.row
    is_ok, is_bad = found in row.ok, found in row.bad
    if is_ok:
        reading.seen_ok.add(oid)
    if is_bad and row.counts == "after_ok" and not one.seen_ok:
        return
    word = next((word for number, word in row.words if number == found), None) or shown(found)
    if row.keep == "each" or is_bad or row.name not in reading.figures:
        reading.figures[one.name] = word
    if row.rung is not None and (is_ok or is_bad):
        bad = f"{row.name.replace('_', ' ')} is {word}" if is_bad else ""
        reading.judged[row.rung] = reading.judged.get(row.rung) or bad


def _keep(figures: dict[str, Figure], one: Asked, figure: float) -> None:
    known = figures.get(one.name)
    if isinstance(known, int | float):
        figure = {"min": min(known, figure), "sum": known + figure}.get(one.row.keep, max(known, figure))
    figures[one.name] = figure


def increase(before: int, after: int, bits: int = 32) -> int:
    """Return how far a counter went on; it begins anew at 2^bits (RFC 2578 §7.1.6), at 100 Mbit/s every six minutes."""
    return (after - before) % (1 << bits)


def per_second(one: Asked, before: int, after: int, seconds: float) -> tuple[str, float]:
    """Return the name and the pace of a counter between two looks."""
    steps = increase(before, after, COUNTER_BITS[one.row.kind])
    return f"{one.name}_per_second", steps * one.row.scale / seconds


# Values ----------------------------------------------------------------------------------------------


def status(value: Scalar) -> float | str:
    """Return a status to compare: its number, or its word in small letters."""
    found = number(value)
    return text(value).lower() if found is None else found


def shown(found: float | str) -> str:
    return found if isinstance(found, str) else f"{found:g}"


def text(value: Scalar) -> str:
    """Return a value as a bounded text."""
    plain = value.decode("utf-8", "replace") if isinstance(value, bytes) else str("" if value is None else value)
    return plain.strip(" \t\r\n\0")[:TEXT_CHARACTERS]


def hardware_address(value: Scalar) -> str:
    """Return a hardware address in the usual way of writing it, from its six bytes or from digits; else ""."""
    if isinstance(value, bytes) and len(value) == 6:
        return value.hex(":")
    plain = text(value)
    if not _HARDWARE_ADDRESS.fullmatch(plain):
        return ""
    digits = "".join(part.zfill(2) for part in re.split("[:-]", plain))
    return bytes.fromhex(digits).hex(":")


def number(value: Scalar, unit: str = "") -> float | None:
    """Return the number at the start of a value: cameras send "15 PERCENT", "45 C", "12.3 MB/s".

    Where ``unit`` is one of bytes and the value names another, it is converted: 1.5 TB is 1500 GB.
    """
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.match(text(value))
    if match is None:
        return None
    given, wanted = _BYTES.get(match[2].lower()), _BYTES.get(unit.lower())
    return float(match[1]) * (given / wanted if given and wanted else 1.0)


def table(data: Mapping[str, object]) -> OidTable:
    """Return a table from plain values, as our own files hold them. Raises LookupError, TypeError, ValueError."""
    given = dict(data)
    rows = given.pop("rows")
    if not isinstance(rows, list):
        raise TypeError("rows must be a list")
    return OidTable(rows=tuple(row(one) for one in rows), **given)  # type: ignore[arg-type]  # a wrong key is a TypeError


def row(data: Mapping[str, object]) -> Row:
    """Return a row from plain values; one with states is a status, without being told."""
    given = dict(data)
    states: dict[str, Iterable[Scalar]] = {key: given.pop(key, ()) for key in ("ok", "bad")}  # type: ignore[misc]
    words: Mapping[str | int, str] = given.pop("words", {})  # type: ignore[assignment]
    rung = given.pop("rung", None)
    found = Row(**given)  # type: ignore[arg-type]  # a wrong key is a TypeError
    return found._replace(
        kind="status" if words or any(states.values()) else found.kind,
        ok=tuple(map(status, states["ok"])),
        bad=tuple(map(status, states["bad"])),
        rung=Rung[str(rung).upper()] if rung else None,
        words=tuple((float(number), word) for number, word in words.items()),
    )
