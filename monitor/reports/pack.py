"""Writing an evidence pack: a folder that is there whole, on the disk, or not at all.

Rules:
1. It is made of the first leaves of a ledger, all of which are hashed again: they have to give the ledger's own root.
2. The same leaves, contract and period give the same bytes, file by file.
3. Nothing is overwritten.
"""

from __future__ import annotations

import shutil
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from monitor.core.audit import Show
from monitor.core.checkpoint import Checkpoint, SigningKey
from monitor.core.collector import collector_paused
from monitor.ledger import keys
from monitor.ledger.errors import LedgerError
from monitor.ledger.settling import settle
from monitor.reports import half, making, papers
from monitor.reports.events import Beside
from monitor.reports.manifest import CHECKPOINT, EVENTS, KEY, MANIFEST, VERIFIER, digest, signed
from monitor.reports.papers import NotMade
from monitor.reports.single import single
from monitor.reports.source import OfLedger


class PackError(Exception):
    """Why there is no pack; a sentence."""


class Asked(NamedTuple):
    """Which statement: of the first so many events of a ledger (None: all), a contract by its name, and a period.

    ``refused`` is the id of what was planned and is to excuse nothing; no pack is made of that.
    """

    ledger: Path
    contract: str
    period: str
    leaves: int | None = None
    refused: str = ""


def _nobody(number: int) -> None:
    pass


def statement(asked: Asked, show: Show = _nobody) -> dict[str, Any]:
    """Return a statement alone; ``show`` is told of each camera. LedgerError and ValueError say why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        return _made(asked, Path(folder), _origin(asked.ledger), None, show)[0]


def _unheard(sentence: str) -> None:
    pass


def pack(
    asked: Asked,
    folder: Path,
    show: Show = _nobody,
    languages: Iterable[str] = (),
    tell: Callable[[str], None] = _unheard,
) -> dict[str, Any]:
    """Write a pack, and return its statement; LedgerError, ValueError or PackError say why there is none.

    Papers are written in these ``languages``; without any, in all that there are, and ``tell`` hears which cannot be.
    """
    key = keys.load(asked.ledger)
    if folder.exists():
        raise PackError(f"{folder}: this is there already, and is not overwritten")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            plain, checkpoint = _made(asked, draft, key.name, draft / EVENTS, show)
            for sentence in papers.write(plain, draft, languages):
                tell(sentence)
            (draft / VERIFIER).write_bytes(single())
            _seal(draft, checkpoint, key)
            draft.chmod(0o755)
            settle(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except NotMade as error:
        raise PackError(str(error)) from error
    except OSError as error:
        raise PackError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return plain


def _made(
    asked: Asked, folder: Path, origin: str, events: Path | None, show: Show
) -> tuple[dict[str, Any], Checkpoint]:
    """Write the statement, its tables and, where a file is named, its events; all leaves are hashed beside that."""
    with OfLedger.open(asked.ledger, asked.leaves) as source, Beside(asked.ledger, source.size, events) as beside:
        whole = source.size == source.frontier.size
        root = source.frontier.root if whole else beside.root()[1]
        of = half.Asked(
            asked.ledger, source.size, asked.contract, asked.period, b64encode(root).decode(), asked.refused
        )
        with collector_paused():
            plain = (_by_two if half.is_worth_it(source.size) else _by_one)(of, source, origin, folder, show)
        if whole and beside.root() != (source.size, root):
            raise LedgerError(
                f"{asked.ledger}: the ledger is not what it should be; `camfleet verify` says what is wrong"
            )
    return plain, Checkpoint(origin, source.size, root)


def _by_one(of: half.Asked, source: OfLedger, origin: str, folder: Path, show: Show) -> dict[str, Any]:
    return making.write(of.begun(source, origin), source.rungs(), folder, show)


def _by_two(of: half.Asked, source: OfLedger, origin: str, folder: Path, show: Show) -> dict[str, Any]:
    """Write the same with the later half of the cameras stated by another process meanwhile."""
    with half.Half(of) as beside:
        begun = of.begun(source, origin)
        number = half.middle(begun)
        cameras = begun.cameras
        rungs = source.rungs(before=cameras[number] if number < len(cameras) else None)
        making.tables(begun, begun.accounts(rungs, cameras[:number]), folder, show)
        beside.add_to(begun, folder)
    show(len(cameras))
    return making.finish(begun, folder)


def _seal(draft: Path, checkpoint: Checkpoint, key: SigningKey) -> None:
    """Sign how far the ledger had grown, and what was made of it."""
    (draft / CHECKPOINT).write_text(key.sign(checkpoint.text), encoding="utf-8")
    (draft / KEY).write_text(f"{key.verifier}\n", encoding="utf-8")
    digests = {place.name: digest(place) for place in draft.iterdir()}
    (draft / MANIFEST).write_text(signed(digests, key), encoding="utf-8")


def _origin(ledger: Path) -> str:
    """Return the name of a ledger's key; nothing where it has none: a statement alone needs no signature."""
    try:
        return keys.load(ledger).name
    except LedgerError:
        return ""
