"""The hand-over sheet: what the shift that comes has to know of the one that ends. Pure.

What happened comes from the events of the shift, how things stand from the fleet; ``ledger.shift`` reads both from a
ledger. Terminal and pages show this one value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

from monitor.core.acknowledgement import Acknowledgement, Acknowledgements
from monitor.core.diagnosis.cause import CLOSING, OPENING, Cause, CauseEvent, Causes, Kind, Turn
from monitor.core.event import Event
from monitor.core.health import Rungs
from monitor.core.planned import Work
from monitor.core.state import Standing, State, last_good
from monitor.core.topology import Scope


class Shift(NamedTuple):
    """The shift that ends: it began at ``since``, it is ``at``, and the next one lasts until ``ahead``."""

    since: float
    at: float
    ahead: float


@dataclass(frozen=True, slots=True)
class Story:
    """What a shift saw of a cause. It began within (``after``, ``by``]."""

    cause: str
    kind: Kind
    scope: Scope
    after: float
    by: float
    opened: float = -inf
    """When it opened, within the shift; -inf: before it."""
    ended: float = inf
    """When it closed or merged; inf: it is open."""
    into: str = ""
    """The cause that it merged into."""
    cameras: frozenset[str] = frozenset()
    """Those that it held within the shift; while it is open, those that it has."""


class Contradiction(NamedTuple):
    """A row of the inventory that evidence speaks against, in a sentence, and the cause that shows it."""

    row: str
    cause: str


#: What is planned for cameras of a cause, by its id: now where it is open, when it began where it is over.
Marks = Mapping[str, Sequence[Work]]


@dataclass(frozen=True, slots=True)
class Handover:
    """The sheet. Causes and stories stand oldest first, cameras by name.

    Of cameras it tells the difference between the beginning of the shift and its end: one that stopped and works again,
    or the other way round, is not among them.
    """

    shift: Shift
    opened: tuple[Story, ...]
    """Causes that opened within the shift and are open."""
    ended: tuple[Story, ...]
    """Causes that closed within the shift, also those that opened in it; of those that merged the largest, once."""
    merged: tuple[Story, ...]
    """The other ones that merged within the shift: no end of anything by itself."""
    down: tuple[str, ...]
    """Cameras that do not work and at the beginning of the shift did, or stopped later, as far as anybody saw."""
    found: tuple[str, ...]
    """Cameras that do not work, of which nobody knew it at the beginning of the shift: they may have stopped before it,
    as those that were dead at our first look.
    """
    up: tuple[str, ...]
    """Cameras that work and at the beginning of the shift did not."""
    unknown: tuple[str, ...]
    """Cameras of which nobody can say whether they work, and could at the beginning of the shift."""
    unanswered: tuple[Cause, ...]
    """Open causes that nobody has acknowledged."""
    expiring: tuple[Acknowledgement, ...]
    """Acknowledgements that end within the next shift, the first to end first."""
    contradicted: tuple[Contradiction, ...]
    planned: tuple[Work, ...]
    """What the calendar has from now until the end of the next shift, by when it begins."""
    oldest: tuple[Cause, ...]
    """All open causes, the one known for longest first."""
    marks: Marks = field(default_factory=dict)


def handover(
    shift: Shift,
    events: Iterable[Event],
    before: Mapping[str, State],
    cameras: Mapping[str, Rungs],
    standings: Mapping[str, Standing],
    causes: Causes,
    acknowledgements: Acknowledgements,
    planned: Iterable[Work] = (),
) -> Handover:
    """Return the sheet of a shift.

    ``events`` are the ledger's since ``shift.since``, oldest first (those that are no cause's are passed over).
    ``before`` is the state at ``shift.since`` of each camera that may have changed since; ``cameras``, ``standings``,
    ``causes`` and ``acknowledgements`` are the fleet's now; ``planned`` is what the calendar has until ``shift.ahead``.
    """
    stories = _stories(events, causes)
    stay = sorted(id_ for id_ in before if id_ in standings)
    net = [_Net(id_, before[id_].working, cameras[id_], standings[id_]) for id_ in stay]
    ended, merged = _over(stories)
    oldest = tuple(sorted(causes.values(), key=_age))
    ending = (one for one in acknowledgements.values() if one.until <= shift.ahead)
    return Handover(
        shift,
        opened=tuple(one for one in stories if one.ended == inf and one.opened > -inf),
        ended=ended,
        merged=merged,
        down=tuple(one.camera for one in net if one.stopped and one.within(shift)),
        found=tuple(one.camera for one in net if one.stopped and not one.within(shift)),
        up=tuple(one.camera for one in net if one.works is True and one.worked is False),
        unknown=tuple(one.camera for one in net if one.works is None and one.worked is not None),
        unanswered=tuple(cause for cause in oldest if cause.id not in acknowledgements),
        expiring=tuple(sorted(ending, key=lambda one: (one.until, one.cause))),
        contradicted=tuple(Contradiction(row, cause.id) for cause in oldest for row in cause.contradicted),
        planned=tuple(sorted(planned, key=lambda one: (one.active.start, one.active.end, one.active.entry.id))),
        oldest=oldest,
    )


class _Net(NamedTuple):
    """A camera as it was at the beginning of a shift, and as it is."""

    camera: str
    worked: bool | None
    rungs: Rungs
    now: Standing

    @property
    def works(self) -> bool | None:
        return self.now.state.working

    @property
    def stopped(self) -> bool:
        return self.works is False and self.worked is not False

    def within(self, shift: Shift) -> bool:
        """Say whether it was seen to work in the shift, or when that began."""
        return self.worked is True or last_good(self.now, self.rungs) >= shift.since


def _age(cause: Cause) -> tuple[float, float, str]:
    """Order causes by how long they are known; the same moment: as they were judged."""
    return cause.onset[1], cause.opened, cause.id


def _over(stories: Sequence[Story]) -> tuple[tuple[Story, ...], tuple[Story, ...]]:
    """Return what is over, and what merged into that or into what is open.

    Causes that merged are one outage, under several names while it came or went: the sites that were a feeder, the
    line of which one site was the last to come back.
    """
    by_id = {one.cause: one for one in stories}
    families: defaultdict[Story, list[Story]] = defaultdict(list)
    for one in stories:
        if one.ended < inf:
            families[_became(one, by_id)].append(one)
    over, merged = [], []
    for last, family in families.items():
        if last.ended == inf or last.into:
            merged += family
            continue
        # of two that were as large the newest judgement counts: what was told as a line turned out to be power
        largest = max(family, key=lambda one: (len(one.cameras), one is last, -one.by))
        over.append(replace(largest, ended=last.ended, into=""))
        merged += [one for one in family if one is not largest]
    return tuple(sorted(over, key=_by_onset)), tuple(sorted(merged, key=_by_onset))


def _became(one: Story, by_id: Mapping[str, Story]) -> Story:
    """Return what a story became in the end, over all merges."""
    met = {one.cause}
    while one.into in by_id and one.into not in met:
        met.add(one.into)
        one = by_id[one.into]
    return one


def _by_onset(one: Story) -> tuple[float, float, str]:
    return one.by, one.opened, one.cause


def _stories(events: Iterable[Event], causes: Causes) -> list[Story]:
    """Return what the events tell of each cause; the onset of one that was never seen to begin ends as it opened."""
    found: dict[tuple[str, float], Story] = {}
    open_ones: dict[str, tuple[str, float]] = {}
    for event in events:
        if not isinstance(event, CauseEvent):
            continue
        if event.turn in OPENING or event.cause not in open_ones:
            opened = event.at if event.turn in OPENING else -inf
            key = open_ones[event.cause] = event.cause, opened
            by = event.by if event.by > -inf else event.at
            found[key] = Story(event.cause, event.kind, event.scope, event.after, by, opened)
        key = open_ones[event.cause]
        found[key] = replace(found[key], cameras=found[key].cameras | {*event.left})
        if event.turn in CLOSING:
            del open_ones[event.cause]
            into = event.other if event.turn is Turn.MERGED else ""
            found[key] = replace(found[key], ended=event.at, into=into)
    for id_, key in open_ones.items():
        if id_ in causes:
            found[key] = replace(found[key], cameras=causes[id_].members)
    return sorted(found.values(), key=_by_onset)
