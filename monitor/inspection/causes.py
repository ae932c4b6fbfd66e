"""The open causes: as a ledger has them, or as a running monitor tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from monitor.core.acknowledgement import Acknowledgement, Acknowledgements
from monitor.core.diagnosis.cause import Cause, Causes, Confidence, Kind
from monitor.core.topology import Layer, Scope
from monitor.inspection import through
from monitor.inspection.errors import LookError
from monitor.ledger import acknowledgements, causes
from monitor.ledger.reader import Reader
from monitor.web.listing import MOST_ROWS

PATIENCE_S = 30.0
#: A page of causes: 500, each with its members.
MOST_BYTES = 64 << 20
MOST_PAGES = 1000


class Known(NamedTuple):
    """The open causes, the acknowledgements that hold, and who repairs what by role."""

    causes: Causes
    acknowledgements: Acknowledgements
    owners: Mapping[str, str]
    looked_at: float | None = None
    """The ledger's last heartbeat; None where a monitor told."""


def read(ledger: Path) -> Known:
    """Return what a ledger knows, also beside a running monitor. Raises LedgerError."""
    with Reader.open(ledger) as reader:
        restored = reader.restore()
    notes = acknowledgements.restored(restored.memory)
    return Known(causes.restored(restored.memory), notes, causes.owners(restored.memory), restored.last_heartbeat)


async def ask(url: str, token: str) -> Known:
    """Return what a running monitor knows. Raises LookError."""
    found: list[Any] = []
    page, pages = 0, 1
    try:
        async with through.client(PATIENCE_S) as session:
            while page < pages:
                page += 1
                place = f"{url.rstrip('/')}/api/v1/causes?per_page={MOST_ROWS}&page={page}"
                async with session.get(place, headers=through.authorization(token)) as response:
                    if response.status != 200:
                        raise LookError(await through.refusal(response, url))
                    told = json.loads(await through.whole(response, MOST_BYTES))
                found += told["causes"]
                pages = min(int(told["pages"]), MOST_PAGES)
        listed = [_cause(one) for one in found]
        notes = [note(one["id"], one["acknowledgement"]) for one in found if one["acknowledgement"]]
        owners = {
            str(one["role"]): str(one["owner"]) for one in found if not (one["acknowledgement"] or {}).get("owner")
        }
    except (TimeoutError, ValueError, KeyError, TypeError, OSError, aiohttp.ClientError):
        raise LookError(through.silence(url)) from None
    return Known({one.id: one for one in listed}, {one.cause: one for one in notes}, owners)


def _cause(told: Any) -> Cause:
    scope = Scope(Layer(told["layer"]), str(told["scope"]))
    onset = _at(told["onset_after"]), _at(told["onset_by"])
    members, left, evidence, rivals, rows = (
        tuple(map(str, told[name])) for name in ("members", "left", "evidence", "rivals", "contradicted")
    )
    return Cause(
        str(told["id"]), Kind(told["kind"]), scope, *onset, _at(told["opened"]), frozenset(members), frozenset(left),
        evidence, Confidence(told["confidence"]), rivals, rows, str(told["split_from"] or ""),
    )  # fmt: skip


def note(cause: str, told: Any) -> Acknowledgement:
    """Return an acknowledgement as the API tells it."""
    who, owner, why = str(told["by"]), str(told["owner"] or ""), str(told["reason"])
    return Acknowledgement(cause, _at(told["at"]), who, owner, why, _at(told["until"]))


def _at(text: str | None) -> float:
    return -inf if text is None else datetime.fromisoformat(text).timestamp()
