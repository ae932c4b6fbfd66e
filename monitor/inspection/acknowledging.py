"""``camfleet acknowledge``: a word about a cause, through the monitor that runs, or in the ledger where none does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from monitor.core.acknowledgement import Acknowledgement, NotAcknowledged, NotOpen, acknowledged, after, withdrawn
from monitor.core.diagnosis.succession import fate
from monitor.inspection import through
from monitor.inspection.causes import PATIENCE_S, note
from monitor.inspection.errors import LookError
from monitor.inspection.notebook import Notebook
from monitor.inspection.whom import Event, monitor_of
from monitor.ledger import acknowledgements, causes, history
from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import Reader
from monitor.web.acknowledging import Word
from monitor.web.words import stamp


async def say(
    word: Word, withdraw: bool, ledger: Path, monitor: str, token: str, tell: Callable[[Event], None]
) -> Acknowledgement:
    """Acknowledge a cause, or withdraw that; return what holds, or held. Raises LookError."""
    address = monitor or await monitor_of(ledger, tell)
    while not address:
        notebook = _open(ledger)
        if notebook is not None:
            try:
                return _alone(word, withdraw, notebook)
            except NotOpen as refusal:
                raise LookError(f"{refusal} {_fate(word.cause, ledger)}".rstrip()) from None
            except NotAcknowledged as refusal:
                raise LookError(str(refusal)) from None
            finally:
                notebook.close()
        address = await monitor_of(ledger, tell)
    return await _through(address, token, word, withdraw)


def _open(ledger: Path) -> Notebook | None:
    if not ledger.exists():  # none is made: no cause would be open in it
        raise LookError(
            f"{ledger}: there is no ledger here. Name it with --ledger, or a running monitor with --monitor URL."
        )
    return Notebook.open(ledger)


def _alone(word: Word, withdraw: bool, notebook: Notebook) -> Acknowledgement:
    """Write it into the ledger; the next monitor starts with that. Raises NotAcknowledged."""
    now = time.time()
    before = acknowledgements.restored(notebook.restored.memory)
    if withdraw:
        event = withdrawn(before, word.cause, word.by, word.reason, now)
    else:
        until = word.until if word.until is not None else now + word.hours * 3600
        known = causes.restored(notebook.restored.memory)
        event = acknowledged(known, word.cause, word.by, word.owner, word.reason, until, now)
    following = after(before, [event])
    notebook.write([event], {}, {}, acknowledgements.changes(before, following))
    return (before if withdraw else following)[word.cause]


def _fate(cause: str, ledger: Path) -> str:
    """Return what became of a cause, as far as the ledger tells."""
    try:
        with Reader.open(ledger) as reader:
            return fate(cause, partial(history.of_cause, reader))
    except LedgerError:
        return ""


async def _through(url: str, token: str, word: Word, withdraw: bool) -> Acknowledgement:
    place = f"{url.rstrip('/')}/api/v1/causes/{quote(word.cause, safe='')}/acknowledgement"
    body: dict[str, Any] = {"by": word.by, "reason": word.reason}
    if not withdraw:
        end = {"hours": word.hours} if word.until is None else {"until": stamp(word.until)}
        body |= {"owner": word.owner, **end}
    try:
        async with (
            through.client(PATIENCE_S) as session,
            session.request(
                "DELETE" if withdraw else "POST", place, json=body, headers=through.authorization(token)
            ) as answer,
        ):
            if answer.status != 200:
                raise LookError(await through.refusal(answer, url))
            return note(word.cause, json.loads(await through.whole(answer, through.MOST_EVENT_BYTES)))
    except (TimeoutError, ValueError, KeyError, TypeError, OSError, aiohttp.ClientError):
        raise LookError(through.silence(url)) from None
