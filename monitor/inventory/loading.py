"""Load an inventory: files, documents, entries, fleet; all mistakes at once, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.core.calendar import Calendar
from monitor.core.collector import collector_paused
from monitor.core.model import Inventory
from monitor.inventory.assembly import assemble
from monitor.inventory.calendar_file import calendar_of
from monitor.inventory.contracts_file import Contracts, contracts_of
from monitor.inventory.document import Flaw
from monitor.inventory.entries import collect
from monitor.inventory.files import NOWHERE, digest, read_documents, read_files, shown_path
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import InventoryError
from monitor.inventory.secret import Vault


def load(path: Path, environ: Mapping[str, str] | None) -> Inventory:
    """The fleet described by a YAML, CSV or JSONL file, or by a folder of them.

    ``environ`` is where ``env:`` references are looked up; None: no secret is fetched at all, and every one is empty.
    Raises ``InventoryError`` with every mistake; nothing else.
    """
    with collector_paused():
        return _load(path, environ)


def load_beside(
    path: Path, inventory: Inventory, calendar: Path | None = None, contracts: Path | None = None
) -> tuple[Calendar, Contracts]:
    """Return calendar and contracts of an inventory: those that are named, or those beside it, which need not be there.

    Raises ``InventoryError`` with every mistake of both.
    """
    planned, terms = Calendar(), Contracts()
    wrong: list[InventoryError] = []
    try:
        planned = calendar_of(path, inventory, calendar)
    except InventoryError as error:
        wrong.append(error)
    try:
        terms = contracts_of(path, inventory, contracts)
    except InventoryError as error:
        wrong.append(error)
    if wrong:
        raise InventoryError((one for error in wrong for one in error.mistakes), sum(error.omitted for error in wrong))
    return planned, terms


def _load(path: Path, environ: Mapping[str, str] | None) -> Inventory:
    findings = Findings()
    files = read_files(path, findings)
    documents = read_documents(files, findings)
    entries = collect(documents, findings)
    is_whole = len(documents) == len(files) > 0 and not any(document.broken for document in documents)
    if not is_whole:
        findings.done()  # what is missing would look like wrong names everywhere else
    if not (entries.cameras or findings):
        findings.add_file(shown_path(path), Flaw(NOWHERE, "there is no camera in it", "write one under cameras:"))
    inventory = assemble(entries, Vault(environ), findings, digest(files))
    findings.done()
    return inventory
