"""From documents to checked entries by section: each by itself, names not yet looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from monitor.inventory.document import Document, Origin
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import likely
from monitor.inventory.schema import (
    DEFAULTS,
    KEYED,
    SECTIONS,
    CameraEntry,
    CredentialEntry,
    DeviceEntry,
    MakeEntry,
    Section,
    Settings,
    SiteEntry,
    SnmpEntry,
    ZoneEntry,
)
from monitor.inventory.sentences import sentences

Model = TypeVar("Model", bound=Section)


class Entry(NamedTuple, Generic[Model]):
    """What is written, and where."""

    origin: Origin
    written: Model


@dataclass(slots=True)
class Entries:
    """All valid entries of an inventory by section, in the order of the files."""

    defaults: list[Entry[Settings]] = field(default_factory=list)
    credentials: list[Entry[CredentialEntry]] = field(default_factory=list)
    snmp: list[Entry[SnmpEntry]] = field(default_factory=list)
    makes: list[Entry[MakeEntry]] = field(default_factory=list)
    zones: list[Entry[ZoneEntry]] = field(default_factory=list)
    sites: list[Entry[SiteEntry]] = field(default_factory=list)
    devices: list[Entry[DeviceEntry]] = field(default_factory=list)
    cameras: list[Entry[CameraEntry]] = field(default_factory=list)
    broken: dict[str, set[str]] = field(default_factory=lambda: {section: set() for section in SECTIONS})
    """Ids of entries with mistakes: who refers to them makes no second mistake."""


def collect(documents: Iterable[Document], findings: Findings) -> Entries:
    """Check every entry of the documents by itself."""
    entries = Entries()
    for document in documents:
        for section, value in document.sections.items():
            origin = Origin(document, (section,))
            if section == DEFAULTS:
                _collect(entries.defaults, Settings, [(origin, value)], set(), findings)
            elif section in SECTIONS:
                items = _items(origin, section, value, findings)
                _collect(getattr(entries, section), SECTIONS[section], items, entries.broken[section], findings)
            else:
                hint = likely(section, [*SECTIONS, DEFAULTS])
                findings.add(origin._replace(at_key=True), "unknown section", hint)
    return entries


def _items(origin: Origin, section: str, value: Any, findings: Findings) -> Iterator[tuple[Origin, Any]]:
    """The entries of a section with their places, an id that is written as a key put inside."""
    if isinstance(value, dict) and section in KEYED:
        for name, item in value.items():
            place = Origin(origin.document, (section, name), at_key=True)
            if isinstance(item, dict) and "id" in item:
                findings.add(place.child("id"), "unknown key", "the id is the key above")
            yield place, {**item, "id": name} if isinstance(item, dict) else item
    elif isinstance(value, list | tuple) and (section not in KEYED or isinstance(value, tuple)):
        for number, item in enumerate(value):
            yield Origin(origin.document, (section, number)), item
    else:
        findings.add(origin, *_SHAPES[section in KEYED])


#: What a section looks like, by whether its entries have their ids as keys.
_SHAPES = {
    True: ("must be a mapping from names to entries", "write name: {key: value}"),
    False: ("must be a list of entries", "begin each with a dash"),
}


def _collect(
    target: list[Any], model: type[Model], items: Iterable[tuple[Origin, Any]], broken: set[str], findings: Findings
) -> None:
    validate = model.model_validate
    for origin, item in items:
        try:
            target.append(Entry(origin, validate(item)))
        except ValidationError as error:
            _explain(error, model, origin, findings)
            if isinstance(item, dict):
                broken.add(str(item.get("id")))


def _explain(error: ValidationError, model: type[Section], origin: Origin, findings: Findings) -> None:
    for path, at_key, message, hint in sentences(error.errors(include_url=False), model):
        if origin.at_key and path == ("id",):
            findings.add(origin, message, hint)
        else:
            findings.add(Origin(origin.document, origin.path + path, at_key), message, hint)
