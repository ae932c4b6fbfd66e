"""Whether a log is what it was: every leaf recomputed, in order, and held against checkpoints that somebody kept.

Rules:
1. A log proves nothing about itself: whoever can write it can write all of it anew, its own checkpoints too. Only a
   checkpoint that was kept elsewhere shows that what came before it is as it was.
2. Numbers rise. Those that are missing are counted by a gap behind them, or somebody took them away.
3. The columns of a row say what its body says, which alone is in the leaf.
4. Everything here may have been made to deceive: memory is bounded, and a row that is none is a flaw, no exception.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import inf, isfinite
from typing import Any, NamedTuple

from monitor.core.checkpoint import Checkpoint, Note, NoteError, Sealed, VerifierKey
from monitor.core.counting import are, counted
from monitor.core.leaf import Index, Row, index_of
from monitor.core.merkle import EMPTY, Frontier, leaf_hash

#: So many flaws are told one by one.
MOST_FLAWS = 20
#: How often whoever waits is told how far it has come.
TOLD_EVERY = 4096

Show = Callable[[int], None]


class Unreadable(Exception):
    """The rows cannot be read any further. The message says why."""


class Seen(NamedTuple):
    """A log up to one of its leaves: the root over it, and that leaf's number and moment (−∞ where it tells none)."""

    root: bytes = EMPTY
    seq: int = 0
    at: float = -inf


class Walk(NamedTuple):
    """What one walk over all leaves found."""

    frontier: Frontier
    first_at: float
    last: Seen
    seen: dict[int, Seen]
    """How it stood at each size that was asked for and is there."""
    flaws: Sequence[str]
    """What is wrong with the rows by themselves: the first of them."""
    flaw_count: int


class Claim(NamedTuple):
    """A checkpoint that somebody shows: where it is from, what it says, and why it is not to be believed, or ""."""

    place: str
    checkpoint: Checkpoint | None
    flaw: str = ""


class Judged(NamedTuple):
    """A claim, how the log stood at its size where it is as large, and what does not agree, or ""."""

    claim: Claim
    seen: Seen | None
    flaw: str

    @property
    def size(self) -> int:
        return self.claim.checkpoint.size if self.claim.checkpoint else 0


@dataclass(frozen=True, slots=True)
class Audit:
    """All that is found of a log."""

    walk: Walk
    held: Sequence[Judged]
    """The checkpoints that were kept elsewhere."""
    own: Sequence[Judged]
    """Those that the log keeps itself."""
    flaws: Sequence[str]
    """What else is wrong."""
    renewals: Sequence[Judged]
    """Those of its own that another key signed than the one before them."""
    signature_known: bool
    """Whether any key was there to check signatures with."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all is wrong."""
        return not (self.walk.flaw_count or self.flaws or any(one.flaw for one in (*self.held, *self.own)))

    @property
    def proved(self) -> Judged | None:
        """The largest checkpoint kept elsewhere that agrees: nothing before it was altered."""
        return max((one for one in self.held if not one.flaw), key=lambda one: one.size, default=None)

    def sound_before(self, size: int) -> Judged | None:
        """The largest checkpoint of any kind that agrees and is smaller."""
        agreeing = (one for one in (*self.held, *self.own) if not one.flaw and one.size < size)
        return max(agreeing, key=lambda one: one.size, default=None)


def audit(
    rows: Iterable[Row],
    held: Iterable[tuple[str, str]],
    own: Sequence[Sealed] = (),
    keys: Collection[VerifierKey] = (),
    kept: Frontier | None = None,
    show: Show = lambda number: None,
) -> Audit:
    """Hold a log's rows against the checkpoints kept elsewhere, as (place, note), and against its own, by size.

    ``keys`` are those that are trusted; without any, the keys that the log itself names. ``kept`` is how far the log
    believes to have grown.
    """
    known = set(keys) or {key for sealed in own if (key := _key(sealed.key))}
    claims = [claim(place, note, known) for place, note in held]
    ours = [_own(sealed, keys) for sealed in own]
    found = walk(rows, {one.checkpoint.size for one in (*claims, *ours) if one.checkpoint}, show)
    flaws = []
    if kept is not None and kept != found.frontier:
        flaws.append(
            f"the ledger's own tree has {counted(kept.size, 'event')}, its rows make {found.frontier.size:,}"
            if kept.size != found.frontier.size
            else "the ledger's own tree is not the tree of its rows"
        )
    judged = [_judged(one, found) for one in ours]
    renewals = [one for (old, new), one in zip(pairwise(own), judged[1:], strict=False) if old.key != new.key]
    return Audit(found, [_judged(one, found) for one in claims], judged, flaws, renewals, bool(known))


def claim(place: str, note: str, keys: Collection[VerifierKey]) -> Claim:
    """Read a checkpoint that somebody shows. Where no key is known nothing is said about its signature."""
    checkpoint = None
    try:
        parsed = Note.parse(note)
        checkpoint = Checkpoint.parse(parsed.text)
        if keys and not parsed.signers(keys):
            return Claim(place, checkpoint, f"it is not signed by {_names(keys)}")
    except NoteError as error:
        return Claim(place, checkpoint, str(error))
    return Claim(place, checkpoint)


def _names(keys: Collection[VerifierKey]) -> str:
    return " or ".join(sorted(f"{key.name}+{key.id.hex()}" for key in keys))


def _key(text: object) -> VerifierKey | None:
    try:
        return VerifierKey.parse(text) if isinstance(text, str) else None
    except NoteError:
        return None


def _own(sealed: Sealed, keys: Collection[VerifierKey]) -> Claim:
    place, key = "the ledger", _key(sealed.key)
    if key is None or not isinstance(sealed.note, str):
        return Claim(place, None, "one of its checkpoints cannot be read")
    found = claim(place, sealed.note, {key})
    if not found.flaw and found.checkpoint and found.checkpoint.size != sealed.size:
        return found._replace(flaw="it stands in the place of another")
    return claim(place, sealed.note, keys) if keys and not found.flaw else found


def _judged(claim: Claim, walk: Walk) -> Judged:
    if claim.checkpoint is None:
        return Judged(claim, None, claim.flaw)
    size, seen = claim.checkpoint.size, walk.seen.get(claim.checkpoint.size)
    if claim.flaw:
        return Judged(claim, seen, claim.flaw)
    if seen is None:
        has, gone = counted(walk.frontier.size, "event"), are(size - walk.frontier.size, "event")
        return Judged(claim, None, f"the ledger has only {has}: {gone} gone")
    return Judged(claim, seen, "" if seen.root == claim.checkpoint.root else "the ledger's events give another root")


def walk(rows: Iterable[Row], sizes: Collection[int] = (), show: Show = lambda number: None) -> Walk:
    """Recompute every leaf, and note how the log stood at each of ``sizes``. ``show`` is told how far it has come."""
    reading = _Reading(show)
    hashes = reading.hashes(rows)
    frontier, seen = Frontier(), {}
    for size in sorted(sizes):
        frontier = frontier.extended(islice(hashes, size - frontier.size))
        if frontier.size < size:
            break
        seen[size] = Seen(frontier.root, reading.seq, reading.at)
    frontier = frontier.extended(hashes)
    last = Seen(frontier.root, reading.seq, reading.at)
    return Walk(frontier, reading.first_at, last, seen, reading.flaws, reading.flaw_count)


class _Reading:
    """Where a walk has come to."""

    def __init__(self, show: Show) -> None:
        self.seq = 0
        self.at = -inf
        self.first_at = inf
        self.flaws: list[str] = []
        self.flaw_count = 0
        self._missing = 0
        self._missing_before = 0
        self._show = show

    def hashes(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """Yield each leaf's hash, as far as there are rows with rising numbers."""
        try:
            for number, row in enumerate(rows):
                if number % TOLD_EVERY == 0:
                    self._show(number)
                if not self._follows(row):
                    return
                yield leaf_hash(row.leaf)
        except Unreadable as error:
            self._flaw(f"behind event {self.seq:,} the ledger cannot be read: {error}")
        self._settle()

    def _follows(self, row: Row) -> bool:
        """Take one row in; False where going on makes no sense."""
        types = (type(row.seq), type(row.source), type(row.fence), type(row.kind), type(row.body))
        if types != (int, str, int, str, str):
            self._flaw(f"behind event {self.seq:,} stands what is no event")
            return False
        if row.seq <= self.seq:
            self._flaw(f"event {row.seq:,} stands behind event {self.seq:,}")
            return False
        if row.seq > self.seq + 1:
            self._missing += row.seq - self.seq - 1
            self._missing_before = row.seq
        self.seq = row.seq
        self._check(row)
        return True

    def _check(self, row: Row) -> None:
        try:
            body = json.loads(row.body)
            index = index_of(body)
            at = float(index.at)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            self._flaw(f"event {row.seq:,} cannot be read")
            return
        if index != Index(row.at, row.camera, row.device, row.vantage):
            self._flaw(f"the columns of event {row.seq:,} do not say what its body says")
        if isfinite(at):
            self.at = at
            self.first_at = min(self.first_at, at)
        if row.kind == "gap" and body.get("lost"):
            self._settle(body["lost"])

    def _settle(self, lost: Any = 0) -> None:
        """Hold the numbers that are missing since the last gap against what it says."""
        if self._missing and self._missing != lost:
            place = f"before event {self._missing_before:,} {are(self._missing, 'event')} missing"
            self._flaw(f"{place}, and no gap tells of them")
        elif not self._missing and lost:
            self._flaw(f"event {self.seq:,} tells of lost events, and no number is missing")
        self._missing = 0

    def _flaw(self, words: str) -> None:
        self.flaw_count += 1
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(words)
