"""Causes as JSON: the list with filter and paging, and one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from monitor.core.acknowledgement import Acknowledgement, Acknowledgements
from monitor.core.diagnosis.cause import CONFIDENCES, NATURES, Cause, Causes, Kind
from monitor.core.topology import Layer
from monitor.web.board import Json
from monitor.web.listing import MOST_ROWS, MOST_TEXT, PAGE_ROWS, QueryError, number, some
from monitor.web.words import stamp

MOST_PAGE = 1_000_000
#: Layers of one device, or one camera.
ALONE = (Layer.CAMERA, Layer.DEVICE)
_WORDS: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Query:
    """What of the list is asked for; None and "": all."""

    kind: str = ""
    acknowledged: bool | None = None
    shared: bool | None = None
    page: int = 1
    per_page: int = PAGE_ROWS


FIELDS = tuple(Query.__dataclass_fields__)


class CauseList(NamedTuple):
    """One page of the list, and how much there is."""

    causes: tuple[Cause, ...]
    total: int
    page: int
    pages: int


def parse(given: Mapping[str, str]) -> Query:
    """Return the query of an address. Raises QueryError, which names every mistake."""
    mistakes = [
        f"{name[:MOST_TEXT]}: not a parameter; there are {', '.join(FIELDS)}." for name in given if name not in FIELDS
    ]
    texts = {name: given.get(name, "").strip()[:MOST_TEXT] for name in FIELDS}
    choices = (("kind", [str(kind) for kind in Kind]), ("acknowledged", ["yes", "no"]), ("shared", ["yes", "no"]))
    for name, known in choices:
        if texts[name] not in ("", *known):
            mistakes.append(f"{name}: there is no {texts[name]!r}; there are {some(known)}.")
    page = number("page", texts["page"], 1, MOST_PAGE, mistakes)
    per_page = number("per_page", texts["per_page"], PAGE_ROWS, MOST_ROWS, mistakes)
    if mistakes:
        raise QueryError(mistakes)
    return Query(texts["kind"], _WORDS[texts["acknowledged"]], _WORDS[texts["shared"]], page, per_page)


def select(causes: Causes, known: Acknowledgements, query: Query) -> CauseList:
    """Return the page that a query asks for; a page beyond the last is the last."""
    rows = ordered({id_: cause for id_, cause in causes.items() if _wanted(cause, known, query)})
    pages = max(1, -(-len(rows) // query.per_page))
    page = min(query.page, pages)
    first = (page - 1) * query.per_page
    return CauseList(tuple(rows[first : first + query.per_page]), len(rows), page, pages)


def _wanted(cause: Cause, known: Acknowledgements, query: Query) -> bool:
    asked = (
        (query.kind or None, str(cause.kind)),
        (query.acknowledged, cause.id in known),
        (query.shared, shared(cause)),
    )
    return all(wanted is None or wanted == found for wanted, found in asked)


def ordered(causes: Causes) -> list[Cause]:
    """Return causes: what several devices share first, the largest first, then the oldest."""
    return sorted(causes.values(), key=lambda one: (not shared(one), -len(one.members), one.by, one.id))


def shared(cause: Cause) -> bool:
    """Say whether a cause lies in something that several devices can share."""
    return cause.scope.layer not in ALONE


def owner(cause: Cause, note: Acknowledgement | None, owners: Mapping[str, str]) -> str:
    """Return whose a cause is: by its acknowledgement, by the inventory, or else by its role."""
    return (note.owner if note else "") or owners.get(cause.owner, cause.owner)


def as_json(cause: Cause, note: Acknowledgement | None = None, owners: Mapping[str, str] | None = None) -> Json:
    """Return all that is known of a cause; ``owners`` are the inventory's parties by role."""
    return {
        "id": cause.id,
        "kind": str(cause.kind),
        "meaning": NATURES[cause.kind].meaning,
        "layer": str(cause.scope.layer),
        "scope": cause.scope.name,
        "shared": shared(cause),
        "role": cause.owner,
        "owner": owner(cause, note, owners or {}),
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
