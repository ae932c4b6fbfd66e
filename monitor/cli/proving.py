"""The commands that prove and keep: an audit of a ledger, its copies, its leaves, its checkpoints and their key."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.frame import FINE, PROBLEMS, app, fail, ledger_at, messages
from monitor.core.audit import Audit, Show
from monitor.core.audit_words import as_json as audit_json
from monitor.core.audit_words import told
from monitor.core.checkpoint import NoteError, VerifierKey, notes_in
from monitor.core.times import Clock
from monitor.ledger import audit as audits
from monitor.ledger.errors import LedgerError
from monitor.ledger.plain import printable
from monitor.progress import Counting

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
    " camfleet verify copy.sqlite --checkpoint kept.txt --key camfleet/1f…+c0ffee00+AQ…"
)
def verify(
    ledger: Annotated[Path, typer.Argument(help="The ledger, in use or a copy.")],
    checkpoint: CheckpointOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that nothing in a ledger was altered since a checkpoint that somebody kept.

    Every event is hashed anew. Exit code 1: something is not what it should be,
    and it is said what. docs/transparency.md tells how to check with other tools.
    """
    held = [one for given in checkpoint or [] for one in _held(given)]
    keys = [_key(text) for text in key or []]
    found = _counted(ledger_at(ledger), lambda show: audits.audit(ledger, held, keys, show))
    if as_json:
        typer.echo(json.dumps(audit_json(found)))
    else:
        for line in told(found, str(ledger), Clock(time.time(), None)):
            typer.echo(printable(line))
    raise SystemExit(FINE if found.is_whole else PROBLEMS)


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
