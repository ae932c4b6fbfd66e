"""Who gets the ledger's checkpoints: entries of ``checkpoints`` with their tokens fetched."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from monitor.core.model import Holder, Secret
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import HolderEntry
from monitor.inventory.secret import SecretError, Vault
from monitor.inventory.web_address import is_here

#: Each has a thread of its own.
MOST_HOLDERS = 16


def holders(entries: Entries, vault: Vault, findings: Findings) -> tuple[Holder, ...]:
    """Every holder of checkpoints, in the order of the files."""
    names: Names[Holder] = Names("holder", findings, entries.maimed["checkpoints"])
    for entry in entries.checkpoints:
        if names.claim(entry.written.id, entry):
            names.values[entry.written.id] = _holder(entry, vault, findings)
    for entry in entries.checkpoints[MOST_HOLDERS:][:1]:
        findings.add(
            entry.at(), f"there are more than {MOST_HOLDERS} holders of checkpoints", "two or three are enough"
        )
    return tuple(names.values.values())


def _holder(entry: Entry[HolderEntry], vault: Vault, findings: Findings) -> Holder:
    written = entry.written
    if (written.file is None) is (written.url is None):
        findings.add(
            entry.at(), "needs a file or a URL, and not both", "write file: /mnt/audit/checkpoints.txt, or url:"
        )
    if written.file is not None and not Path(written.file).is_absolute():
        findings.add(entry.at("file"), "must be an absolute path", "write /mnt/audit/checkpoints.txt")
    if written.token is not None and written.url is None:
        findings.add(entry.at("token"), "is for a URL", "leave it out")
    if written.url is not None:
        _check_url(entry, written.url, findings)
    return Holder(written.id, written.file or "", written.url or "", _token(entry, vault, findings))


def _check_url(entry: Entry[HolderEntry], text: str, findings: Findings) -> None:
    try:
        url = urlsplit(text)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0 and text.isascii()
    except ValueError:
        sound = False
    if not sound or " " in text or url.fragment:
        findings.add(entry.at("url"), "must be a URL", "write https://audit.example/checkpoints")
    elif url.username is not None or url.password is not None:
        findings.add(
            entry.at("url"), "a login does not stand in a URL", "write token: env:NAME, file:PATH or cred:NAME"
        )
    elif entry.written.token is not None and url.scheme == "http" and not is_here(url):
        findings.add(entry.at("url"), "would send the token for all to read", "write https://")


def _token(entry: Entry[HolderEntry], vault: Vault, findings: Findings) -> Secret | None:
    if entry.written.token is None:
        return None
    try:
        return vault.secret(entry.written.token, entry.document.folder)
    except SecretError as error:
        findings.add(entry.at("token"), error.message, error.hint)
        return None
