"""The hand-over sheet as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.acknowledgement import Acknowledgements
from monitor.core.handover import Handover, Marks, Story
from monitor.web.board import Json
from monitor.web.cause_json import as_json, noted
from monitor.web.listing import works_json
from monitor.web.words import stamp


def sheet(one: Handover, known: Acknowledgements, owners: Mapping[str, str]) -> Json:
    """Return the whole sheet; a cause as ``/api/v1/causes`` tells it."""
    return {
        "since": stamp(one.shift.since),
        "at": stamp(one.shift.at),
        "ahead": stamp(one.shift.ahead),
        "opened": [_story(story, one.marks) for story in one.opened],
        "ended": [_story(story, one.marks) for story in one.ended],
        "merged": [_story(story, one.marks) for story in one.merged],
        "down": list(one.down),
        "found": list(one.found),
        "up": list(one.up),
        "unknown": list(one.unknown),
        "unanswered": [cause.id for cause in one.unanswered],
        "expiring": [{"cause": note.cause, **noted(note)} for note in one.expiring],
        "contradicted": [{"row": row, "cause": cause} for row, cause in one.contradicted],
        "planned": works_json(one.planned),
        "causes": [as_json(cause, known.get(cause.id), owners, one.marks.get(cause.id, ())) for cause in one.oldest],
    }


def _story(story: Story, marks: Marks) -> Json:
    return {
        "id": story.cause,
        "kind": str(story.kind),
        "layer": str(story.scope.layer),
        "scope": story.scope.name,
        "onset_after": stamp(story.after),
        "onset_by": stamp(story.by),
        "opened": stamp(story.opened),
        "ended": stamp(story.ended),
        "into": story.into or None,
        "members": sorted(story.cameras),
        "planned": works_json(marks.get(story.cause, ())),
    }
