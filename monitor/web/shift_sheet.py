"""The hand-over sheet as a page tells it: a few lines of each part, so that one page of paper holds it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.diagnosis.cause import Cause
from monitor.core.diagnosis.naming import headline
from monitor.core.handover import Handover, Marks, Story
from monitor.core.snapshot import Snapshot
from monitor.web.board import Json
from monitor.web.cause_board import owner
from monitor.web.listing import works_json

#: Lines of the parts about causes, and of the others.
MOST_LINES = 7
MOST_FEW = 4


def sheet(snapshot: Snapshot, found: Handover) -> Json:
    """Return the parts of the sheet as plain values; of causes the largest first."""
    return {
        "since": found.shift.since,
        "at": found.shift.at,
        "ahead": found.shift.ahead,
        "cameras": len(snapshot.views),
        "not_working": snapshot.not_working,
        "down": len(found.down),
        "found": len(found.found),
        "up": len(found.up),
        "unknown": len(found.unknown),
        "opened": _causes(snapshot, found.opened, found.marks, MOST_LINES),
        "ended": _causes(snapshot, found.ended, found.marks, MOST_FEW),
        "merged": len(found.merged),
        "unanswered": _causes(snapshot, found.unanswered, found.marks, MOST_LINES),
        "planned": works_json(found.planned[:MOST_FEW]),
        "planned_more": max(0, len(found.planned) - MOST_FEW),
        "oldest": [_line(snapshot, cause, found.marks) for cause in found.oldest[:MOST_FEW]],
        "expiring": [_note(snapshot, note) for note in found.expiring[:MOST_FEW]],
        "expiring_more": max(0, len(found.expiring) - MOST_FEW),
        "contradicted": [one._asdict() for one in found.contradicted[:MOST_FEW]],
        "contradicted_more": max(0, len(found.contradicted) - MOST_FEW),
    }


def _causes(snapshot: Snapshot, found: Sequence[Cause | Story], marks: Marks, most: int) -> Json:
    """Return the largest causes in a line each, and the others counted by kind."""
    ranked = sorted(found, key=lambda one: -_size(one))
    left = Counter(one.kind.value for one in ranked[most:])
    return {
        "total": len(ranked),
        "lines": [_line(snapshot, one, marks) for one in ranked[:most]],
        "left": [{"kind": kind, "causes": number} for kind, number in left.most_common()],
    }


def _size(one: Cause | Story) -> int:
    return len(one.members if isinstance(one, Cause) else one.cameras)


def _line(snapshot: Snapshot, one: Cause | Story, marks: Marks) -> Json:
    id_ = one.id if isinstance(one, Cause) else one.cause
    cause = snapshot.causes.get(id_)
    return {
        "id": id_,
        "kind": one.kind.value,
        "headline": headline(one.kind, one.scope, snapshot.inventory),
        "cameras": _size(one),
        "after": one.after if isfinite(one.after) else None,
        "by": one.by,
        "planned": works_json(marks.get(id_, ())[:1]),
        "owner": owner(snapshot, cause) if cause else "",
        "ended": one.ended if isinstance(one, Story) and isfinite(one.ended) else None,
    }


def _note(snapshot: Snapshot, note: Acknowledgement) -> Json:
    cause = snapshot.causes.get(note.cause)
    named = headline(cause.kind, cause.scope, snapshot.inventory) if cause else note.cause
    return {"id": note.cause, "headline": named, "until": note.until, "who": note.who, "why": note.why}
