"""Verifying a pack, of which nothing is believed: what was signed, what the events prove, every figure computed again.

Rules:
1. Each file is the one that was signed, and there is no other.
2. The events are hashed anew: they give the root of the pack's checkpoint, and of those that somebody kept elsewhere.
3. The statement and its tables are made again from these events, and have to be the same to the byte.
"""

from __future__ import annotations

import json
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from monitor.core.audit import Audit, Show
from monitor.core.audit import audit as audited
from monitor.core.checkpoint import Checkpoint, Note, NoteError, Sealed, VerifierKey
from monitor.core.collector import collector_paused
from monitor.core.counting import counted
from monitor.core.event import Event
from monitor.core.leaf import Row
from monitor.core.sla.facts import gathered
from monitor.core.statement.statement import FORMAT, Ledger, Statement
from monitor.ledger.codec import decode_event
from monitor.reports import making
from monitor.reports.manifest import (
    CHECKPOINT,
    COMPUTED,
    EVENTS,
    FILES,
    KEY,
    MANIFEST,
    PAPER,
    STATEMENT,
    VERIFIER,
    Manifest,
    digest,
)
from monitor.reports.source import OfPack

#: No small file of ours is longer; no statement is.
SMALL_BYTES, STATEMENT_BYTES = 65_536, 512 * 1024 * 1024
#: So many differences of one file are told.
MOST_DIFFERENCES = 5
#: What reading, and computing from, something hostile may raise.
HOSTILE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError, sqlite3.Error)


#: Says why a paper, by its name and bytes, is not what a statement gives: "" where it is, None where that is not known.
Differs = Callable[[Mapping[str, Any], str, bytes], str | None]


class NoPackError(Exception):
    """What was named is no pack; a sentence."""


@dataclass
class Verified:
    """What was found of a pack."""

    contract: str = ""
    period: str = ""
    files: int = 0
    signer: str = ""
    signer_known: bool = False
    """Whether that is a key which whoever verifies gave, not only the pack's own."""
    audit: Audit | None = None
    computed: list[str] = field(default_factory=list)
    """The files that came out the same."""
    papers: list[str] = field(default_factory=list)
    """The papers that came out the same."""
    notes: list[str] = field(default_factory=list)
    """What could not be told here, a sentence each."""
    flaws: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.flaws and self.audit is not None and self.audit.is_whole


class _Flawed(Exception):
    """What is wrong, where going on makes no sense."""


def verify(
    folder: Path,
    held: Iterable[tuple[str, str]] = (),
    keys: Collection[VerifierKey] = (),
    show: Show = lambda number: None,
    differs: Differs | None = None,
    verifier: bytes | None = None,
) -> Verified:
    """Verify a pack, also against checkpoints kept elsewhere, as (place, note), and by keys that are known.

    ``differs`` makes papers again; without it they are held against their digests alone. ``verifier`` is the single
    file that verifies, as it is known here.

    Raises NoPackError where there is none; whatever is wrong with one is in what is found.
    """
    if not _is_file(folder / MANIFEST):
        raise NoPackError(f"{folder}: this is no evidence pack: there is no {MANIFEST} in it")
    found = Verified()
    with _noting(found):
        _check_files(folder, found, keys)
    with _noting(found):
        _check_events(folder, found, held, keys, show)
    with _noting(found):
        _check_papers(folder, found, differs)
    if verifier is not None and _is_file(folder / VERIFIER) and (folder / VERIFIER).read_bytes() != verifier:
        found.notes.append(f"{VERIFIER} is not the one of this camfleet: do not run it unless you trust who signed it")
    return found


@contextmanager
def _noting(found: Verified) -> Iterator[None]:
    try:
        yield
    except _Flawed as error:
        found.flaws.append(str(error))


def _check_files(folder: Path, found: Verified, keys: Collection[VerifierKey]) -> None:
    """Hold each file against what was signed."""
    own = _own_key(folder)
    try:
        manifest = Manifest.parse(_small(folder / MANIFEST))
        signers = manifest.note.signers({*keys} or {own})
    except NoteError as error:
        raise _Flawed(f"{MANIFEST}: {error}") from error
    if len(manifest.note.signatures) != 1:
        found.flaws.append(f"{MANIFEST} has more than one signature")
    if signers:
        found.signer, found.signer_known = signers[0].name, bool(keys)
    else:
        found.flaws.append(f"{MANIFEST} is not signed by {_names(keys or [own])}")
    there = {place.name for place in folder.iterdir()} - {MANIFEST}
    found.flaws += [f"{name} is not there" for name in sorted({*FILES, *manifest.digests} - there)]
    found.flaws += [f"{name} was not signed" for name in sorted(there - {*manifest.digests})]
    for name in sorted(there & {*manifest.digests}):
        if not _is_file(folder / name):
            found.flaws.append(f"{name} is no file")
        elif digest(folder / name) != manifest.digests[name]:
            found.flaws.append(f"{name} was altered since it was signed")
        else:
            found.files += 1


def _check_events(
    folder: Path, found: Verified, held: Iterable[tuple[str, str]], keys: Collection[VerifierKey], show: Show
) -> None:
    """Hash the events, hold them against checkpoints, and compute everything from them again."""
    note = _small(folder / CHECKPOINT)
    try:
        parsed = Note.parse(note)
        checkpoint = Checkpoint.parse(parsed.text)
    except NoteError as error:
        raise _Flawed(f"{CHECKPOINT}: {error}") from error
    if parsed.text != checkpoint.text or len(parsed.signatures) != 1:
        found.flaws.append(f"{CHECKPOINT} says more than an origin, a size, a root and one signature")
    told = [(place, kept) for place, kept in held if not _is_newer(place, kept, checkpoint, found)]
    sealed = Sealed(checkpoint.size, 0.0, str(_own_key(folder)), note)
    if not _is_file(folder / EVENTS):
        raise _Flawed(f"{EVENTS} cannot be read")
    with closing(OfPack(folder / EVENTS)) as source, collector_paused():
        events = _Events(source)
        try:
            found.audit = audited(events.rows(), told, [sealed], keys, None, show)
        except HOSTILE as error:
            raise _Flawed(f"{EVENTS} cannot be read: {error}") from error
        if found.audit.walk.frontier.size > checkpoint.size:
            found.flaws.append(f"{EVENTS} has events that the checkpoint does not cover")
        if events.flaw:
            raise _Flawed(f"no figure can be computed: {events.flaw}")
        ledger = Ledger(checkpoint.origin, checkpoint.size, found.audit.walk.last.seq, checkpoint.text.split("\n")[2])
        try:
            _compute(folder, found, source, events.told, ledger)
        except HOSTILE as error:
            raise _Flawed(f"the figures cannot be computed again: {error}") from error


def _is_newer(place: str, kept: str, own: Checkpoint, found: Verified) -> bool:
    """Say whether somebody's checkpoint is of a later moment than the pack: it is over events that came after it."""
    try:
        size = Checkpoint.parse(Note.parse(kept).text).size
    except NoteError:
        return False
    if size > own.size:
        found.notes.append(
            f"{place}: a checkpoint over {counted(size, 'event')} is newer than this pack, which has {own.size:,}: it"
            " says nothing of it. Give one that is as old or older; the ledger itself can be held against both."
        )
    return size > own.size


def _check_papers(folder: Path, found: Verified, differs: Differs | None) -> None:
    """Make the papers again of the statement, once that is known to be what the events give."""
    names = sorted(place.name for place in folder.iterdir() if PAPER.fullmatch(place.name) and _is_file(place))
    if not names:
        return
    if differs is None:
        found.notes.append(f"{', '.join(names)}: not made again; read statement.json, or use `camfleet verify`")
        return
    if STATEMENT not in found.computed:
        return
    statement = _statement(folder)
    for name in names:
        try:
            flaw = differs(statement, name, (folder / name).read_bytes())
        except Exception as error:  # noqa: BLE001 - whatever keeps a paper from being made says nothing against it
            found.notes.append(f"{name}: not made again: {error}")
            continue
        if flaw is None:
            found.notes.append(f"{name}: set by another typesetter or font, so its bytes cannot be compared")
        elif flaw:
            found.flaws.append(flaw)
        else:
            found.papers.append(name)


class _Events:
    """The events of a pack on their way through an audit; what a statement needs of them is put aside."""

    def __init__(self, source: OfPack) -> None:
        self.told: list[Event] = []
        self.flaw = ""
        self._source = source

    def rows(self) -> Iterator[Row]:
        for row in self._source.rows():
            if row.kind != "rung" and not self.flaw:
                try:
                    self.told.append(decode_event(row.kind, row.body))
                except HOSTILE as error:
                    self.flaw = f"event {row.seq:,}: {error}"
            yield row


def _compute(folder: Path, found: Verified, source: OfPack, told: Sequence[Event], ledger: Ledger) -> None:
    """Make the statement and its tables again, and hold them against those of the pack."""
    signed = _statement(folder)
    found.contract, found.period = str(signed["contract"]["id"]), str(signed["period"]["asked"])
    statement = Statement(gathered(told), found.contract, found.period, ledger)
    with tempfile.TemporaryDirectory() as place:
        making.write(statement, source.rungs(), Path(place))
        for name in COMPUTED:
            flaw = _difference(Path(place) / name, folder / name)
            if flaw:
                found.flaws.append(flaw)
            else:
                found.computed.append(name)


def _statement(folder: Path) -> dict[str, Any]:
    path = folder / STATEMENT
    if not _is_file(path) or path.stat().st_size > STATEMENT_BYTES:
        raise _Flawed(f"{STATEMENT} cannot be read")
    signed = json.loads(path.read_bytes())
    if not isinstance(signed, dict) or signed.get("format") != FORMAT:
        raise _Flawed(
            f"{STATEMENT} is not of this camfleet, which writes {FORMAT!r}: verify it with the one that made it"
        )
    return signed


def _difference(made: Path, signed: Path) -> str:
    """Return what differs between what was computed and what the pack says; nothing where it is the same."""
    if not _is_file(signed):
        return f"{signed.name} cannot be read"
    if made.stat().st_size == signed.stat().st_size and made.read_bytes() == signed.read_bytes():
        return ""
    if signed.name == STATEMENT:
        paths = differing(json.loads(made.read_bytes()), json.loads(signed.read_bytes()))
        told = [f"{path} is {_short(other)}, and the events give {_short(one)}" for path, one, other in paths]
        more = f", and {len(told) - MOST_DIFFERENCES:,} more" if len(told) > MOST_DIFFERENCES else ""
        return f"{signed.name}: {'; '.join(told[:MOST_DIFFERENCES]) or 'it is written in another way'}{more}"
    with made.open("rb") as one, signed.open("rb") as other:
        line = next((n for n, (a, b) in enumerate(zip_longest(one, other), 1) if a != b), 0)
    return f"{signed.name}: line {line:,} is not what the events give"


def differing(made: Any, signed: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return where two plain values differ: the path, what was computed, what is signed."""
    if isinstance(made, dict) and isinstance(signed, dict):
        keys = [*made, *(key for key in signed if key not in made)]
        return [one for key in keys for one in differing(made.get(key), signed.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(made, list) and isinstance(signed, list):
        pairs = enumerate(zip_longest(made, signed))
        return [one for n, (a, b) in pairs for one in differing(a, b, f"{path}[{n}]")]
    return [] if type(made) is type(signed) and made == signed else [(path, made, signed)]


def _short(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=True)
    return told if len(told) <= 60 else f"{told[:57]}..."


def _own_key(folder: Path) -> VerifierKey:
    try:
        return VerifierKey.parse(_small(folder / KEY).strip())
    except NoteError as error:
        raise _Flawed(f"{KEY}: {error}") from error


def _names(keys: Iterable[VerifierKey]) -> str:
    return " or ".join(sorted(f"{key.name}+{key.id.hex()}" for key in keys))


def _is_file(path: Path) -> bool:
    """Say whether there is a plain file: a link could lead anywhere, a pipe never ends."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _small(path: Path) -> str:
    """Return the text of a small file."""
    try:
        if not _is_file(path) or path.stat().st_size > SMALL_BYTES:
            raise ValueError("no small file")
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise _Flawed(f"{path.name} cannot be read") from error
