"""Which files make an inventory: one, or a folder's; read whole, within bounds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from monitor.inventory import lines_file, table_file, yaml_file
from monitor.inventory.bounded import NotAFile, read_bounded
from monitor.inventory.document import Document, Flaw, Place, Unreadable
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import likely, shown
from monitor.inventory.schema import LISTS, SECTIONS, keys, required
from monitor.inventory.table_file import Column

FILES_MAX = 1_000
BYTES_MAX = 64 * 2**20
YAML = frozenset({".yaml", ".yml"})
BY_SECTION = frozenset({".csv", ".jsonl"})


class File(NamedTuple):
    """A file's name as messages print it, its place, and all of it."""

    name: str
    path: Path
    data: bytes


def read_files(path: Path, findings: Findings) -> list[File]:
    """Read the file at this path, or every inventory file of the folder there."""
    files: list[File] = []
    room = BYTES_MAX
    try:
        paths = _paths(path)
        for one in paths:
            files.append(File(shown_path(one), one, _data(one, room)))
            room -= len(files[-1].data)
    except OSError as error:
        place = Path(error.filename) if error.filename else path
        findings.add_file(shown_path(place), Flaw(NOWHERE, f"cannot be read: {os.strerror(error.errno or 0)}"))
    except Unreadable as unreadable:
        findings.add_file(shown_path(path), unreadable.flaw)
    return files


#: In a folder, these files are no part of the inventory: what is planned (``calendar_file``), and by which terms its
#: cameras are counted (``contracts_file``), and whom its work orders are told (``orders_file``).
CALENDAR = "calendar.yaml"
CONTRACTS = "contracts.yaml"
ORDERS = "orders.yaml"
#: The whole file is meant.
NOWHERE = Place(0, 0)


def shown_path(path: Path) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(path))


def _paths(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        one
        for one in path.iterdir()
        if one.suffix.lower() in YAML | BY_SECTION
        and not one.name.startswith(".")
        and one.name not in (CALENDAR, CONTRACTS, ORDERS)
    )
    if not found:
        raise Unreadable(Flaw(NOWHERE, "a folder without any inventory", "put *.yaml, *.csv or *.jsonl files there"))
    if len(found) > FILES_MAX:
        raise Unreadable(Flaw(NOWHERE, f"a folder of more than {FILES_MAX:,} files"))
    return found


def _data(path: Path, room: int) -> bytes:
    try:
        data = read_bounded(path, room + 1)
    except NotAFile:
        raise Unreadable(Flaw(NOWHERE, f"{shown(path.name)} is not a file")) from None
    if len(data) > room:
        raise Unreadable(Flaw(NOWHERE, f"more than {BYTES_MAX // 2**20} MB"))
    return data


def digest(files: Iterable[File]) -> str:
    """SHA-256 over the names and contents of what was read, in hexadecimal."""
    result = hashlib.sha256()
    for file in files:
        for part in (os.fsencode(file.path.name), file.data):
            result.update(len(part).to_bytes(8, "big"))
            result.update(part)
    return result.hexdigest()


def read_documents(files: Iterable[File], findings: Findings) -> list[Document]:
    """The values of all files that can be read; what is wrong with the others is noted."""
    documents: list[Document] = []
    for file in files:
        try:
            document = _document(file)
        except Unreadable as unreadable:
            findings.add_file(file.name, unreadable.flaw)
            continue
        findings.add_flaws(document)
        documents.append(document)
    return documents


def _document(file: File) -> Document:
    name, folder, suffix = file.name, str(file.path.parent), file.path.suffix.lower()
    if suffix in YAML:
        return yaml_file.read(name, folder, file.data)
    if suffix not in BY_SECTION:
        raise Unreadable(Flaw(NOWHERE, "not the name of an inventory", "it ends in .yaml, .yml, .csv or .jsonl"))
    section = file.path.stem.partition("-")[0].lower()
    if section not in SECTIONS:
        hint = likely(section, SECTIONS) or "one of " + ", ".join(SECTIONS)
        raise Unreadable(Flaw(NOWHERE, "the file is named after no section", hint))
    if suffix == ".csv":
        return table_file.read(name, folder, file.data, section, _columns(section), required(SECTIONS[section]))
    return lines_file.read(name, folder, file.data, section)


def _columns(section: str) -> dict[str, Column]:
    """The columns that a section knows, by their titles."""
    paths = {title: tuple(title.split(".")) for title in keys(SECTIONS[section])}
    return {title: Column(path, path[-1] in LISTS) for title, path in paths.items()}
