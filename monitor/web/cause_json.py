"""Causes as JSON, for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.diagnosis.cause import CONFIDENCES, NATURES, Cause
from monitor.core.diagnosis.naming import is_shared, owner_of
from monitor.core.planned import Work
from monitor.web.board import Json
from monitor.web.listing import works_json
from monitor.web.words import stamp


def as_json(
    cause: Cause,
    note: Acknowledgement | None = None,
    owners: Mapping[str, str] | None = None,
    works: Iterable[Work] = (),
) -> Json:
    """Return all that is known of a cause.

    ``owners`` are the inventory's parties by role, ``works`` what is planned now for its cameras.
    """
    return {
        "id": cause.id,
        "kind": str(cause.kind),
        "meaning": NATURES[cause.kind].meaning,
        "layer": str(cause.scope.layer),
        "scope": cause.scope.name,
        "shared": is_shared(cause),
        "role": cause.owner,
        "owner": owner_of(cause, note, owners or {}),
        "cameras": len(cause.members),
        "members": sorted(cause.members),
        "left": sorted(cause.left),
        "onset_after": stamp(cause.after),
        "onset_by": stamp(cause.by),
        "opened": stamp(cause.opened),
        "evidence": list(cause.evidence),
        "confidence": str(cause.confidence),
        "confidence_meaning": CONFIDENCES[cause.confidence],
        "rivals": list(cause.rivals),
        "contradicted": list(cause.contradicted),
        "split_from": cause.split_from or None,
        "planned": works_json(works),
        "acknowledgement": None if note is None else noted(note),
    }


def noted(note: Acknowledgement) -> Json:
    """Return an acknowledgement."""
    return {
        "at": stamp(note.at),
        "by": note.who,
        "owner": note.owner or None,
        "reason": note.why,
        "until": stamp(note.until),
    }
