"""The open causes: as a ledger has them, or as a running monitor tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from monitor.core.acknowledgement import Acknowledgement, Acknowledgements
from monitor.core.calendar import Calendar, Entry
from monitor.core.calendar import Kind as PlanKind
from monitor.core.diagnosis.cause import Cause, Causes, Confidence, Kind
from monitor.core.handover import Marks
from monitor.core.planned import Active, Work, for_cameras
from monitor.core.topology import Layer, Scope
from monitor.inspection import through
from monitor.inspection.errors import LookError
from monitor.ledger import acknowledgements, calendars, causes, places
from monitor.ledger.reader import Reader
from monitor.web.cause_json import as_json
from monitor.web.paging import MOST_ROWS

PATIENCE_S = 30.0
#: A page of causes: 500, each with its members.
MOST_BYTES = 64 << 20
MOST_PAGES = 1000


class Known(NamedTuple):
    """The open causes, the acknowledgements that hold, and who repairs what by role."""

    causes: Causes
    acknowledgements: Acknowledgements
    owners: Mapping[str, str]
    marks: Marks
    """What is planned now for the cameras of a cause."""
    looked_at: float | None = None
    """The ledger's last heartbeat; None where a monitor told."""

    def as_json(self, cause: Cause) -> dict[str, Any]:
        """Return all that is known of a cause."""
        note, works = self.acknowledgements.get(cause.id), self.marks.get(cause.id, ())
        return as_json(cause, note, self.owners, works)


def read(ledger: Path, now: float) -> Known:
    """Return what a ledger knows, also beside a running monitor. Raises LedgerError."""
    with Reader.of_fleet(ledger) as reader:
        restored = reader.restore()
    memory = restored.memory
    found, calendar, inventory = causes.restored(memory), Calendar(calendars.restored(memory)), places.restored(memory)
    marks = {id_: for_cameras(cause.members, calendar, inventory, now) for id_, cause in found.items()}
    notes = acknowledgements.restored(memory)
    return Known(found, notes, causes.owners(memory), marks, restored.last_heartbeat)


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
        marks = {str(one["id"]): [_work(work) for work in one["planned"]] for one in found}
        owners = {
            str(one["role"]): str(one["owner"]) for one in found if not (one["acknowledgement"] or {}).get("owner")
        }
    except (TimeoutError, ValueError, KeyError, TypeError, OSError, aiohttp.ClientError):
        raise LookError(through.silence(url)) from None
    return Known({one.id: one for one in listed}, {one.cause: one for one in notes}, owners, marks)


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


def _work(told: Any) -> Work:
    """Return what is planned as the API tells it: an occurrence by itself, in UTC."""
    moments = (datetime.fromisoformat(told[name]) for name in ("start", "end", "approved_at"))
    start, end, approved = (at.astimezone(UTC).replace(tzinfo=None) for at in moments)
    id_, approver, reason = str(told["entry"]), str(told["approver"]), str(told["plan_reason"])
    entry = Entry(id_, PlanKind(told["kind"]), (), "UTC", start, end, approver, approved, reason)
    return Work(Active(entry, _at(told["start"]), _at(told["end"])), int(told["cameras"]))


def note(cause: str, told: Any) -> Acknowledgement:
    """Return an acknowledgement as the API tells it."""
    who, owner, why = str(told["by"]), str(told["owner"] or ""), str(told["reason"])
    return Acknowledgement(cause, _at(told["at"]), who, owner, why, _at(told["until"]))


def _at(text: str | None) -> float:
    return -inf if text is None else datetime.fromisoformat(text).timestamp()
