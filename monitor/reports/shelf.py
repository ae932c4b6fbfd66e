"""The packs of a depot: ``FOLDER/CONTRACT/PERIOD``, and of each the first page, as far as its signature bears it out.

A folder is read with care: others may write there, too. What is shown of a pack is what its signed manifest has, and
only where the ledger's own key signed it; that all of it is true is for ``camfleet verify``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from monitor.core.checkpoint import NoteError, VerifierKey
from monitor.core.statement.heading import Heading, HeadingError, read
from monitor.core.statement.packs import File, Pack
from monitor.reports.manifest import FILES, MANIFEST, PAPER, STATEMENT, Manifest, digest

#: More than these are not looked at.
MOST_PACKS = 5000
MANIFEST_BYTES = 65536
STATEMENT_BYTES = 64 * 1024 * 1024
_PLAIN = "._-"


def place(folder: Path, contract: str, period: str) -> Path:
    """Return where the pack of a contract's period is kept."""
    return folder / _safe(contract) / _safe(period)


def _safe(name: str) -> str:
    """Return a name that leads nowhere else."""
    quoted = quote(name, safe=_PLAIN)
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted or "%"


def _files(folder: Path) -> tuple[File, ...]:
    """Return the files of a pack that can be given away, in their order; nothing of what should not be there."""
    known = [place for place in sorted(folder.iterdir()) if _is_known(place.name) and _is_file(place)]
    return tuple(File(place.name, place.stat().st_size) for place in known)


def _is_known(name: str) -> bool:
    return name in (*FILES, MANIFEST) or PAPER.fullmatch(name) is not None


def _is_file(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()


class Shelf:
    """What was read of packs before, so that each is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, int, int, str], Pack] = {}

    def packs(self, folders: Iterable[Path], key: VerifierKey | None) -> list[Pack]:
        """Return the packs of depots, the newest period first; of one that several have the first. Reads the disk."""
        known, found = dict[tuple[Path, int, int, str], Pack](), dict[tuple[str, str], Pack]()
        for folder in folders:
            for place in _places(folder):
                if len(known) >= MOST_PACKS:
                    break
                state = (place / MANIFEST).lstat()
                mark = place, state.st_mtime_ns, state.st_size, str(key)
                pack = known[mark] = self._known.get(mark) or _pack(place, key)
                found.setdefault((pack.contract, pack.period), pack)
        self._known = known
        return sorted(found.values(), key=lambda one: (_end(one), one.contract, one.period), reverse=True)


def _end(pack: Pack) -> int:
    return pack.heading.end if pack.heading else 0


def _places(folder: Path) -> Iterator[Path]:
    """Yield the folders that have a manifest; drafts begin with a point, and are none yet."""
    try:
        for contract in sorted(folder.iterdir()):
            if contract.is_dir() and not contract.name.startswith("."):
                for place in sorted(contract.iterdir()):
                    if not place.name.startswith(".") and _is_file(place / MANIFEST):
                        yield place
    except OSError:
        return


def _pack(place: Path, key: VerifierKey | None) -> Pack:
    named = Pack(place.parent.name, place.name, place, None, (), "")
    try:
        heading, files = _heading(place, key), _files(place)
    except (NoteError, HeadingError, OSError, ValueError, RecursionError) as error:
        return named._replace(flaw=str(error))
    return Pack(heading.contract, heading.asked, place, heading, files, "")


def _heading(folder: Path, key: VerifierKey | None) -> Heading:
    """Return the first page of a pack, as it was signed."""
    if key is None:
        raise ValueError("the ledger has no key to hold its signature against")
    manifest = Manifest.parse(_text(folder / MANIFEST, MANIFEST_BYTES))
    if not manifest.note.signers({key}):
        raise ValueError(f"it is not signed by {key.name}, the ledger's key")
    statement = folder / STATEMENT
    text = _text(statement, STATEMENT_BYTES)
    if manifest.digests.get(STATEMENT) != digest(statement):
        raise ValueError(f"{STATEMENT} is not the one that was signed")
    heading = read(json.loads(text))
    if place(folder.parent.parent, heading.contract, heading.asked) != folder:
        raise ValueError(f"it is the pack of {heading.contract}, {heading.asked}")
    return heading


def _text(path: Path, most: int) -> str:
    if not _is_file(path):
        raise ValueError(f"{path.name} is not there")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path.name} is larger than {most:,} bytes")
    return data.decode()
