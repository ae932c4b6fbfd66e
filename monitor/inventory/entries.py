"""From documents to checked entries by section: each by itself, names not yet looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from monitor.inventory.document import Document, Origin
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import likely
from monitor.inventory.schema import (
    DEFAULTS,
    KEYED,
    SECTIONS,
    SHORT,
    CameraEntry,
    CanaryEntry,
    CredentialEntry,
    Defaults,
    DepotEntry,
    DeviceEntry,
    HolderEntry,
    MakeEntry,
    OidsEntry,
    OwnerEntry,
    Section,
    SiteEntry,
    SnmpEntry,
    ZoneEntry,
)
from monitor.inventory.sentences import sentences

Written = TypeVar("Written", covariant=True)


#: The key of what is a section by itself, such as ``defaults``.
WHOLE = ""


class Entry(NamedTuple, Generic[Written]):
    """What is written, and where: the document, the section, and the entry's key or number in it."""

    document: Document
    section: str
    key: str | int
    written: Written

    def at(self, *keys: str) -> Origin:
        """The place of the whole entry, or of a key in it."""
        if self.key == WHOLE:
            return Origin(self.document, (self.section, *keys), at_key=not keys)
        return Origin(self.document, (self.section, self.key, *keys), at_key=not keys and isinstance(self.key, str))

    @property
    def at_id(self) -> Origin:
        """The place of its id."""
        return self.at() if isinstance(self.key, str) else self.at("id")


@dataclass(slots=True)
class Entries:
    """All valid entries of an inventory by section, in the order of the files."""

    defaults: list[Entry[Defaults]] = field(default_factory=list)
    credentials: list[Entry[CredentialEntry]] = field(default_factory=list)
    oids: list[Entry[OidsEntry]] = field(default_factory=list)
    snmp: list[Entry[SnmpEntry]] = field(default_factory=list)
    makes: list[Entry[MakeEntry]] = field(default_factory=list)
    zones: list[Entry[ZoneEntry]] = field(default_factory=list)
    sites: list[Entry[SiteEntry]] = field(default_factory=list)
    devices: list[Entry[DeviceEntry]] = field(default_factory=list)
    cameras: list[Entry[CameraEntry]] = field(default_factory=list)
    owners: list[Entry[OwnerEntry]] = field(default_factory=list)
    canaries: list[Entry[CanaryEntry]] = field(default_factory=list)
    checkpoints: list[Entry[HolderEntry]] = field(default_factory=list)
    packs: list[Entry[DepotEntry]] = field(default_factory=list)
    maimed: dict[str, list[Entry[Any]]] = field(default_factory=lambda: {section: [] for section in SECTIONS})
    """What is left of entries with mistakes, as it was read: their ids are known, their references are looked up."""


def collect(documents: Iterable[Document], findings: Findings) -> Entries:
    """Check every entry of the documents by itself."""
    entries = Entries()
    for document in documents:
        for section, value in document.sections.items():
            origin = Origin(document, (section,))
            if section == DEFAULTS:
                given = {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value
                check(entries.defaults, [], Defaults, origin, [("", given)], findings)
            elif section in SECTIONS:
                items = _items(origin, section, value, findings)
                valid, maimed = getattr(entries, section), entries.maimed[section]
                check(valid, maimed, SECTIONS[section], origin, items, findings)
            else:
                hint = likely(section, [*SECTIONS, DEFAULTS])
                findings.add(origin._replace(at_key=True), "unknown section", hint)
    return entries


#: What a section looks like, by whether its entries have their ids as keys.
SHAPES = {
    True: ("must be a mapping from names to entries", "write name: {key: value}"),
    False: ("must be a list of entries", "begin each with a dash"),
}


def _items(origin: Origin, section: str, value: Any, findings: Findings) -> Iterable[tuple[str | int, Any]]:
    """The entries of a section with their keys or numbers. Rows of a table are a tuple, and have their ids inside."""
    if isinstance(value, tuple) or (isinstance(value, list) and section not in KEYED):
        return enumerate(value)
    if isinstance(value, dict) and section in KEYED:
        return keyed(origin, section, value, findings)
    findings.add(origin, *SHAPES[section in KEYED])
    return ()


def keyed(origin: Origin, section: str, entries: dict[str, Any], findings: Findings) -> Iterator[tuple[str, Any]]:
    """Entries that have their ids as keys, with the id put inside."""
    for name, written in entries.items():
        item = {} if written is None else written
        if section in SHORT and not isinstance(item, dict):
            item = {SHORT[section]: item}
        if isinstance(item, dict):
            if "id" in item:
                findings.add(origin.child(name, "id")._replace(at_key=True), "unknown key", "the id is the key above")
            yield name, {**item, "id": name}
        else:
            yield name, item


def check(
    valid: list[Any],
    maimed: list[Entry[Any]],
    model: type[Section],
    origin: Origin,
    items: Iterable[tuple[str | int, Any]],
    findings: Findings,
) -> None:
    """Check each item against the model of its section."""
    validate = TypeAdapter(model).validator.validate_python  # the adapter's own costs a fifth of it
    document, section = origin.document, str(origin.path[0])
    for key, item in items:
        try:
            valid.append(Entry(document, section, key, validate(item)))
        except ValidationError as error:
            _explain(error, Entry(document, section, key, model), findings)
            if isinstance(item, dict):
                wrong = {detail["loc"][:1] for detail in error.errors(include_url=False)}
                rest = {name: value for name, value in item.items() if (name,) not in wrong}
                maimed.append(Entry(document, section, key, rest))


def _explain(error: ValidationError, entry: Entry[Any], findings: Findings) -> None:
    for path, at_key, message, hint in sentences(error.errors(include_url=False), entry.written):
        whole = entry.at_id if path == ("id",) and isinstance(entry.key, str) else entry.at()
        if (path and path != ("id",)) or not isinstance(entry.key, str):
            whole = Origin(entry.document, whole.path + path, at_key)
        findings.add(whole, message, hint)
