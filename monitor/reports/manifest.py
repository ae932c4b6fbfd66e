"""The manifest of a pack: its files with their SHA-256 digests, signed as checkpoints are (C2SP signed-note).

Its lines are those of sha256sum, so that `sha256sum --check manifest.txt` tells of altered files, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from monitor.core.checkpoint import Note, NoteError, SigningKey

HEAD = "camfleet evidence pack 1"
STATEMENT, CAMERAS, OUTAGES, EXCLUSIONS = "statement.json", "cameras.csv", "outages.csv", "exclusions.csv"
TERMS, EVENTS, CHECKPOINT, KEY, MANIFEST = "terms.json", "events.jsonl.gz", "checkpoint.txt", "key.txt", "manifest.txt"
VERIFIER = "verify.pyz"
#: What every pack holds beside its manifest and its papers.
FILES = (STATEMENT, CAMERAS, OUTAGES, EXCLUSIONS, TERMS, EVENTS, CHECKPOINT, KEY, VERIFIER)
#: What a paper is called: its language, and its form.
PAPER = re.compile(r"report\.([a-z]{2,3})\.(html|pdf)")
#: Those that are made of the events, and can be made again.
COMPUTED = (STATEMENT, CAMERAS, OUTAGES, EXCLUSIONS, TERMS)
_LINE = re.compile(r"([0-9a-f]{64})  ([a-z0-9.-]{1,100})")
_AT_ONCE = 1 << 20


class Manifest(NamedTuple):
    """The digests of a pack's files by name, and the signed text that says so."""

    digests: Mapping[str, str]
    note: Note

    @classmethod
    def parse(cls, text: str) -> Manifest:
        """Return a manifest that somebody handed over; NoteError says what is wrong with it."""
        note = Note.parse(text)
        head, *lines = note.text.removesuffix("\n").split("\n")
        found = [_LINE.fullmatch(line) for line in lines]
        digests = {line[2]: line[1] for line in found if line}
        if head != HEAD or len(digests) < len(found):
            raise NoteError(f"a manifest is {HEAD!r}, and lines of a digest and a name, each name once")
        return cls(digests, note)


def signed(digests: Mapping[str, str], key: SigningKey) -> str:
    """Return the manifest of files."""
    return key.sign("\n".join([HEAD, *(f"{digest}  {name}" for name, digest in sorted(digests.items()))]) + "\n")


def digest(path: Path) -> str:
    """Return SHA-256 of a file, in hexadecimal."""
    found = sha256()
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            found.update(part)
    return found.hexdigest()
