"""The commands that prove and keep: an audit of a ledger, its copies, its leaves, its checkpoints and their key."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.frame import DEFAULT_LEDGER, FINE, PROBLEMS, LedgerOption, app, fail, ledger_at, messages
from monitor.core.audit import Audit, Show
from monitor.core.audit_words import as_json as audit_json
from monitor.core.audit_words import root, told
from monitor.core.checkpoint import NoteError, VerifierKey, notes_in
from monitor.core.counting import counted
from monitor.core.times import Clock
from monitor.inspection import moments
from monitor.ledger import audit as audits
from monitor.ledger import copies, keys, sealing
from monitor.ledger.errors import LedgerError
from monitor.ledger.plain import printable
from monitor.progress import Counting
from monitor.reports import papers, verifying
from monitor.reports import words as pack_words
from monitor.reports.single import single
from monitor.reports.verifying import NoPackError, Verified

#: A file of checkpoints may hold so much: sixty years of hours.
CHECKPOINTS_BYTES_MAX = 128 * 1024 * 1024

CheckpointOption = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE|TEXT", help="Checkpoints that somebody else kept: a file, - or the text; repeatable."),
]
KeyOption = Annotated[
    list[str] | None,
    typer.Option(metavar="VKEY", help="The key that signs them, name+id+base64, kept by somebody else; repeatable."),
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="Print it as JSON.")]


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet verify camfleet.sqlite --checkpoint /mnt/auditor/checkpoints.txt\n\n"
    " camfleet verify reports/2026-10 --checkpoint kept.txt --key camfleet/1f…+c0ffee00+AQ…"
)
def verify(
    place: Annotated[
        Path, typer.Argument(metavar="LEDGER|PACK", help="A ledger, in use or a copy, or a pack's folder.")
    ],
    checkpoint: CheckpointOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that nothing in a ledger or an evidence pack was altered since a checkpoint that somebody kept.

    Every event is hashed anew; of a pack every figure is computed again. Exit code 1:
    something is not what it should be, and it is said what. docs/transparency.md
    tells how to check with other tools.
    """
    held = [one for given in checkpoint or [] for one in _held(given)]
    known = [_key(text) for text in key or []]
    clock = Clock(time.time(), None)
    if place.is_dir():
        pack = _verified(place, held, known)
        whole, lines = pack.is_whole, pack_words.told(pack, str(place), clock)
        plain: Mapping[str, Any] = pack_words.as_json(pack)
    else:
        found = _counted(place, lambda show: audits.audit(place, held, known, show))
        whole, plain, lines = found.is_whole, audit_json(found), iter(told(found, str(place), clock))
    if as_json:
        typer.echo(json.dumps(plain))
    else:
        for line in lines:
            typer.echo(printable(line))
    raise SystemExit(FINE if whole else PROBLEMS)


def _verified(folder: Path, held: list[tuple[str, str]], known: list[VerifierKey]) -> Verified:
    try:
        with Counting(messages, "events", None) as counting:
            return verifying.verify(folder, held, known, counting.show, papers.differs, single())
    except NoPackError as error:
        fail(str(error))


def _counted(ledger: Path, work: Callable[[Show], Audit]) -> Audit:
    """Do something with all events of a ledger, behind a bar on a terminal."""
    try:
        with Counting(messages, "events", audits.count(ledger) if messages.is_terminal else 0) as counting:
            return work(counting.show)
    except LedgerError as error:
        fail(str(error))


def _held(given: str) -> list[tuple[str, str]]:
    """Return the checkpoints of a file, of standard input, or of the text itself, with where they are from."""
    if "\n" in given:
        return [("the text", note) for note in notes_in(given)]
    try:
        with typer.get_binary_stream("stdin") if given == "-" else open(given, "rb") as stream:
            data = stream.read(CHECKPOINTS_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        fail(f"--checkpoint {given}: {getattr(error, 'strerror', None) or 'this is no file'}")
    if len(data) > CHECKPOINTS_BYTES_MAX:
        fail(f"--checkpoint {given}: there is more in it than checkpoints")
    notes = notes_in(data.decode("utf-8-sig", errors="surrogateescape"))
    return [(given, note) for note in notes] or fail(f"--checkpoint {given}: there is no checkpoint in it")


def _key(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text.strip())
    except NoteError as error:
        fail(f"--key {text}: {error}")


ledger_app = typer.Typer(help="Copies of a ledger, its leaves, its checkpoints and their key.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")


@ledger_app.command(epilog="[bold]Example[/bold]\n\n camfleet ledger backup /mnt/backup/camfleet-2026-11-27.sqlite")
def backup(
    target: Annotated[Path, typer.Argument(help="The copy; nothing is overwritten.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
) -> None:
    """Copy a ledger, also while a monitor writes it, and audit the copy.

    The key that signs checkpoints is not copied: keep it elsewhere.
    """
    _copy(ledger_at(ledger), ledger_at(target))


@ledger_app.command(epilog="[bold]Example[/bold]\n\n camfleet ledger restore /mnt/backup/camfleet-2026-11-27.sqlite")
def restore(
    source: Annotated[Path, typer.Argument(help="The copy to take.")], ledger: LedgerOption = DEFAULT_LEDGER
) -> None:
    """Put a copy in the place of a ledger that is gone, once it is audited. Nothing is overwritten."""
    _copy(ledger_at(source), ledger_at(ledger))


def _copy(source: Path, target: Path) -> None:
    found = _counted(source, lambda show: copies.copied(source, target, show))
    typer.echo(f"{target}: {counted(found.walk.frontier.size, 'event')}, audited, root {root(found.walk.last.root)}")


@ledger_app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet ledger export > leaves.jsonl\n\n"
    " camfleet ledger export --since 2026-10-01T00:00+05:00 --until 2026-11-01T00:00+05:00 > october.jsonl"
)
def export(
    ledger: LedgerOption = DEFAULT_LEDGER,
    since: Annotated[str, typer.Option(metavar="TIME", help="From this moment on.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before this moment.")] = "",
) -> None:
    """Print the events as JSON, one a line; each line without its end is a leaf of the hash tree."""
    first, last = (_moment(option, text) for option, text in (("--since", since), ("--until", until)))
    out = typer.get_binary_stream("stdout")
    try:
        for leaf in copies.leaves(ledger_at(ledger), first, last):
            out.write(leaf + b"\n")
    except LedgerError as error:
        fail(str(error), PROBLEMS)


def _moment(option: str, text: str) -> float | None:
    try:
        return moments.moment(text, time.time(), False) if text else None
    except ValueError as error:
        fail(f"{option} {text}: {error}")


@ledger_app.command(epilog="[bold]Example[/bold]\n\n camfleet ledger checkpoint | mail auditor@city.example")
def checkpoint(ledger: LedgerOption = DEFAULT_LEDGER) -> None:
    """Sign how a ledger stands now, for somebody to keep. Nothing is written."""
    try:
        typer.echo(sealing.on_demand(ledger_at(ledger), time.time()).note, nl=False)
    except LedgerError as error:
        fail(str(error))


@ledger_app.command(epilog="[bold]Example[/bold]\n\n camfleet ledger key > verifier-key.txt")
def key(
    ledger: LedgerOption = DEFAULT_LEDGER,
    new: Annotated[bool, typer.Option("--new", help="Make another key, where the one before is lost.")] = False,
) -> None:
    """Print the key with which checkpoints are verified. It is no secret; whoever verifies keeps it."""
    try:
        if new:
            keys.make(ledger_at(ledger))
        typer.echo(str(keys.load(ledger_at(ledger)).verifier))
    except (LedgerError, OSError) as error:
        fail(str(error))
