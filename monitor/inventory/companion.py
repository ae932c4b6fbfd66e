"""A file that stands beside an inventory and need not be there: entries by their ids, and what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from monitor.inventory import yaml_file
from monitor.inventory.bounded import NotAFile, read_bounded
from monitor.inventory.document import Document, Flaw, Origin, Unreadable
from monitor.inventory.entries import WHOLE, Entry, check, keyed
from monitor.inventory.files import NOWHERE, shown_path
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import likely
from monitor.inventory.schema import DEFAULTS, Section

BYTES_MAX = 4 * 2**20
D = TypeVar("D", bound=Section)
W = TypeVar("W", bound=Section)


class Kind(NamedTuple, Generic[D, W]):
    """What such a file is: its name, what messages call it, its section, and what stands in it."""

    file: str
    noun: str
    section: str
    defaults: type[D]
    entry: type[W]
    most: int
    common: str = DEFAULTS
    """The section of what all entries have in common."""

    def beside(self, inventory: Path) -> Path:
        """Return where it stands unless it is named: in the inventory's folder."""
        return (inventory if inventory.is_dir() else inventory.parent) / self.file


class Written(NamedTuple, Generic[D, W]):
    """What is written there. ``maimed`` is what is left of entries with mistakes."""

    defaults: D | None
    has_defaults: bool
    """Whether there is a section for them, be it a wrong one."""
    entries: list[Entry[W]]
    maimed: list[Entry[Any]]
    document: Document


def load(kind: Kind[D, W], path: Path, findings: Findings) -> Written[D, W] | None:
    """Read a file; None where it gives no values, and why stands in ``findings``."""
    try:
        data = read_bounded(path, BYTES_MAX + 1)
    except NotAFile:
        findings.add_file(shown_path(path), Flaw(NOWHERE, "is not a file"))
    except OSError as error:
        findings.add_file(shown_path(path), Flaw(NOWHERE, f"cannot be read: {error.strerror}"))
    else:
        return parse(kind, shown_path(path), data, findings)
    return None


def parse(kind: Kind[D, W], name: str, data: bytes, findings: Findings) -> Written[D, W] | None:
    """Read a file's bytes, as ``load`` does."""
    document = _document(kind, name, data, findings)
    if document is None or document.broken:
        return None
    defaults: list[Entry[D]] = []
    written: Written[D, W] = Written(None, kind.common in document.sections, [], [], document)
    for section, value in document.sections.items():
        origin = Origin(document, (section,))
        if section == kind.common:
            check(defaults, [], kind.defaults, origin, [(WHOLE, value)], findings)
        elif section != kind.section:
            known = (kind.section, kind.common)
            hint = likely(section, known) or f"one of {', '.join(known)}"
            findings.add(origin._replace(at_key=True), "unknown section", hint)
        elif not isinstance(value, dict):
            findings.add(origin, "must be a mapping from names to entries", "write name: {key: value}")
        elif len(value) > kind.most:
            findings.add(origin, f"has more than {kind.most:,} entries")
        else:
            items = keyed(origin, section, value, findings)
            check(written.entries, written.maimed, kind.entry, origin, items, findings)
    return written._replace(defaults=defaults[0].written if defaults else None)


def _document(kind: Kind[D, W], name: str, data: bytes, findings: Findings) -> Document | None:
    try:
        if len(data) > BYTES_MAX:
            raise Unreadable(Flaw(NOWHERE, f"more than {BYTES_MAX // 2**20} MB"))
        document = yaml_file.read(name, "", data, kind.noun, kind.section)
    except Unreadable as unreadable:
        findings.add_file(name, unreadable.flaw)
        return None
    findings.add_flaws(document)
    return document
